//! Numbers of twice a double's precision: the unevaluated sum of two doubles, of which the second is
//! at most half a unit in the last place of the first.

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wide {
    pub(super) high: f64,
    pub(super) low: f64,
}

impl Wide {
    pub(super) const fn new(value: f64) -> Self {
        Self { high: value, low: 0.0 }
    }

    /// The sum, with the error that rounding it makes (Knuth).
    pub(super) const fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let b_part = high - a;
        let low = (a - (high - b_part)) + (b - b_part);
        Self { high, low }
    }

    /// The product, with the error that rounding it makes (Dekker).
    pub(super) const fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        let ((a, a_low), (b, b_low)) = (halves(a), halves(b));
        let low = ((a * b - high) + a * b_low + a_low * b) + a_low * b_low;
        Self { high, low }
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        let sum = Self::sum(self.high, other.high);
        Self::sum(sum.high, sum.low + self.low + other.low)
    }

    pub(super) const fn minus(self, other: Self) -> Self {
        self.plus(Self { high: -other.high, low: -other.low })
    }

    pub(super) const fn times(self, other: Self) -> Self {
        let product = Self::product(self.high, other.high);
        Self::sum(product.high, product.low + self.high * other.low + self.low * other.high)
    }

    pub(super) const fn over(self, divisor: f64) -> Self {
        let high = self.high / divisor;
        let product = Self::product(high, divisor);
        let low = (self.high - product.high - product.low + self.low) / divisor;
        Self::sum(high, low)
    }

    /// The square root of a number that is not negative.
    pub(super) fn root(self) -> Self {
        let high = self.high.max(0.0).sqrt();
        if high == 0.0 {
            return Self::new(0.0);
        }
        let square = Self::product(high, high);
        Self::sum(high, (self.high - square.high - square.low + self.low) / (2.0 * high))
    }

    /// The nearest double to the sum of this and something small.
    pub(super) const fn rounded_with(self, small: f64) -> f64 {
        self.high + (self.low + small)
    }
}

/// Two numbers of half a double's precision whose sum this is (Veltkamp).
const fn halves(value: f64) -> (f64, f64) {
    let scaled = value * 134_217_729.0;
    let high = scaled - (scaled - value);
    (high, value - high)
}

#[cfg(test)]
mod tests {
    use super::Wide;

    #[test]
    fn nothing_is_lost() {
        let tiny = 2_f64.powi(-60);
        assert_eq!(Wide::sum(1.0, tiny), Wide { high: 1.0, low: tiny });
        let next = 1.0 + f64::EPSILON;
        let square = Wide::product(next, next);
        assert_eq!(square.high, 1.0 + 2.0 * f64::EPSILON);
        assert_eq!(square.low, f64::EPSILON * f64::EPSILON);
    }

    #[test]
    fn operations_undo_one_another() {
        let third = Wide::new(1.0).over(3.0);
        assert_eq!(third.times(Wide::new(3.0)), Wide::new(1.0));
        let root = Wide::new(2.0).root();
        let error = root.times(root).minus(Wide::new(2.0));
        assert!(error.high.abs() < 1e-30, "{error:?}");
        assert_eq!(Wide::new(0.0).root(), Wide::new(0.0));
        assert_eq!(third.plus(third).minus(third).high, third.high);
    }
}
