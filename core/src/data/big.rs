//! Integers of any size, as far as exact decimal conversion needs them.
//!
//! Limbs of 32 bits, the lowest first, without leading zeros: equal numbers are
//! equal values, and zero has no limbs.

/// An unsigned integer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd)]
pub struct Big(Vec<u32>);

impl Big {
    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// Bits without leading zeros.
    pub fn bits(&self) -> u32 {
        let top = self.0.last().map_or(0, |limb| u32::BITS - limb.leading_zeros());
        (self.0.len() as u32).saturating_sub(1) * u32::BITS + top
    }

    /// The low 64 bits.
    pub fn low_u64(&self) -> u64 {
        let limb = |at| u64::from(self.0.get(at).copied().unwrap_or(0));
        limb(0) | limb(1) << u32::BITS
    }

    /// Times `factor`, plus `addend`.
    pub fn multiply_add(&mut self, factor: u32, addend: u32) {
        let mut carry = u64::from(addend);
        for limb in &mut self.0 {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = carry as u32;
            carry >>= u32::BITS;
        }
        self.0.push(carry as u32);
        self.trim();
    }

    /// Times ten to `exponent`.
    pub fn multiply_power_of_ten(&mut self, exponent: u32) {
        for _ in 0..exponent / 9 {
            self.multiply_add(1_000_000_000, 0);
        }
        self.multiply_add(10_u32.pow(exponent % 9), 0);
    }

    /// Divided by ten to `exponent`, rounded down; whether anything was lost.
    pub fn divide_power_of_ten(&mut self, exponent: u32) -> bool {
        let mut inexact = false;
        for _ in 0..exponent / 9 {
            inexact |= self.divide(1_000_000_000) != 0;
        }
        inexact | (self.divide(10_u32.pow(exponent % 9)) != 0)
    }

    /// Divides by `divisor`, which is not 0; returns the remainder.
    pub fn divide(&mut self, divisor: u32) -> u32 {
        let mut remainder = 0;
        for limb in self.0.iter_mut().rev() {
            let dividend = remainder << u32::BITS | u64::from(*limb);
            *limb = (dividend / u64::from(divisor)) as u32;
            remainder = dividend % u64::from(divisor);
        }
        self.trim();
        remainder as u32
    }

    pub fn shift_left(&mut self, bits: u32) {
        let (limbs, bits) = ((bits / u32::BITS) as usize, bits % u32::BITS);
        self.multiply_add(1 << bits, 0);
        if !self.is_zero() {
            self.0.splice(0..0, std::iter::repeat_n(0, limbs));
        }
    }

    /// Shifts right, rounding to the nearest and ties to even; `sticky` says that the number is
    /// really a little greater than it is.
    pub fn shift_right_rounded(&mut self, bits: u32, sticky: bool) {
        if bits == 0 {
            return;
        }
        let half = self.bit(bits - 1);
        let below_half = sticky || (self.trailing_zeros() < bits - 1);
        self.shift_right(bits);
        if half && (below_half || self.bit(0)) {
            self.multiply_add(1, 1);
        }
    }

    fn shift_right(&mut self, bits: u32) {
        let (limbs, bits) = ((bits / u32::BITS) as usize, bits % u32::BITS);
        self.0.drain(..limbs.min(self.0.len()));
        let mut carry = 0;
        for limb in self.0.iter_mut().rev() {
            let shifted = u64::from(*limb) << u32::BITS >> bits;
            *limb = carry | (shifted >> u32::BITS) as u32;
            carry = shifted as u32;
        }
        self.trim();
    }

    fn bit(&self, at: u32) -> bool {
        let limb = self.0.get((at / u32::BITS) as usize).copied().unwrap_or(0);
        limb >> (at % u32::BITS) & 1 == 1
    }

    /// The number of the lowest bit set; of zero there is none.
    fn trailing_zeros(&self) -> u32 {
        let low = self.0.iter().position(|limb| *limb != 0);
        low.map_or(u32::MAX, |at| {
            let limb = self.0.get(at).copied().unwrap_or(0);
            at as u32 * u32::BITS + limb.trailing_zeros()
        })
    }

    pub fn add(&mut self, other: &Self) {
        let len = self.0.len().max(other.0.len());
        self.0.resize(len, 0);
        let mut carry = 0;
        for (at, limb) in self.0.iter_mut().enumerate() {
            carry += u64::from(*limb) + u64::from(other.0.get(at).copied().unwrap_or(0));
            *limb = carry as u32;
            carry >>= u32::BITS;
        }
        self.0.push(carry as u32);
        self.trim();
    }

    /// The distance between the two, and whether `other` is the greater.
    pub fn distance(mut self, mut other: Self) -> (Self, bool) {
        let is_less = self.compare(&other).is_lt();
        if is_less {
            std::mem::swap(&mut self, &mut other);
        }
        let mut borrow = 0;
        for (at, limb) in self.0.iter_mut().enumerate() {
            let take = i64::from(other.0.get(at).copied().unwrap_or(0)) + borrow;
            let left = i64::from(*limb) - take;
            borrow = i64::from(left < 0);
            *limb = left as u32;
        }
        self.trim();
        (self, is_less)
    }

    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let by_len = self.0.len().cmp(&other.0.len());
        by_len.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// Decimal digits, at least one.
    pub fn into_decimal(mut self) -> String {
        let mut groups = Vec::new();
        while !self.is_zero() {
            groups.push(self.divide(1_000_000_000));
        }
        let Some(first) = groups.pop() else { return "0".to_owned() };
        let mut digits = first.to_string();
        for group in groups.iter().rev() {
            digits.push_str(&format!("{group:09}"));
        }
        digits
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

impl From<u64> for Big {
    fn from(value: u64) -> Self {
        let mut big = Self(vec![value as u32, (value >> u32::BITS) as u32]);
        big.trim();
        big
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big(value: u128) -> Big {
        let mut high = Big::from((value >> 64) as u64);
        high.shift_left(64);
        high.add(&Big::from(value as u64));
        high
    }

    #[test]
    fn computes_as_machine_integers_do() {
        let values = [0, 1, 9, u128::from(u32::MAX), 1 << 32, u128::from(u64::MAX), 3 << 90];
        for a in values {
            assert_eq!(big(a).into_decimal(), a.to_string());
            assert_eq!(big(a).bits(), u128::BITS - a.leading_zeros());
            for b in values {
                let mut sum = big(a);
                sum.add(&big(b));
                assert_eq!(sum.into_decimal(), (a + b).to_string());
                assert_eq!(big(a).distance(big(b)), (big(a.abs_diff(b)), a < b));
            }
            for bits in [0, 1, 31, 32, 33, 64] {
                let mut right = big(a);
                right.shift_right(bits);
                assert_eq!(right, big(a >> bits), "{a} >> {bits}");
                let mut left = right;
                left.shift_left(bits);
                assert_eq!(left, big(a >> bits << bits), "{a} << {bits}");
            }
            let mut ten = big(a % 1_000_000);
            ten.multiply_power_of_ten(12);
            assert_eq!(ten, big(a % 1_000_000 * 1_000_000_000_000));
            assert!(!ten.divide_power_of_ten(12));
            assert_eq!(ten.divide_power_of_ten(1), a % 10 != 0);
        }
    }

    #[test]
    fn rounds_to_the_nearest_and_ties_to_even() {
        for (value, bits, sticky, expect) in [
            (0b1010, 2, false, 0b10),
            (0b1110, 2, false, 0b100),
            (0b1010, 2, true, 0b11),
            (0b1011, 2, false, 0b11),
            (0b1001, 2, true, 0b10),
            (0b1, 1, false, 0),
            (0b1, 1, true, 1),
            (0b1, 40, true, 0),
            (u128::from(u64::MAX), 1, false, 1 << 63),
            (7, 0, true, 7),
        ] {
            let mut rounded = big(value);
            rounded.shift_right_rounded(bits, sticky);
            assert_eq!(rounded, big(expect), "{value:b} >> {bits} {sticky}");
        }
    }
}
