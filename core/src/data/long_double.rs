//! The 80-bit extended numbers of x86, in software: what INCRBYFLOAT computes
//! with where Redis runs most.
//!
//! Reading, adding and printing round once each, to the nearest and ties to
//! even, as glibc and the processor do: 64 bits of precision, exponents up to
//! 16383. Seventeen digits behind the point are printed, without trailing zeros.

use super::big::Big;
use super::binary;
use super::binary::Format;
use super::float_text::FloatText;
use super::float_text::Magnitude;

/// A number or an infinity; never "not a number".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LongDouble {
    /// `mantissa` times two to `exponent`. The mantissa's top bit is set unless the exponent is the
    /// least there is.
    Finite {
        negative: bool,
        mantissa: u64,
        exponent: i32,
    },
    Infinite {
        negative: bool,
    },
}

impl LongDouble {
    /// Reads a number as Redis does; `None` when it is none or beyond the range.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let FloatText { negative, magnitude } = FloatText::parse(text)?;
        if magnitude == Magnitude::Infinity {
            return Some(Self::Infinite { negative });
        }
        let (mantissa, exponent) = binary::nearest(magnitude, EXTENDED)?;
        Some(Self::Finite { negative, mantissa, exponent })
    }

    /// The sum, an infinity beyond the range; `None` when infinities cancel out.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Infinite { negative }, Self::Infinite { negative: other }) => {
                (negative == other).then(|| self.clone())
            }
            (Self::Infinite { .. }, _) => Some(self.clone()),
            (_, Self::Infinite { .. }) => Some(other.clone()),
            (
                Self::Finite { negative, mantissa, exponent },
                Self::Finite { negative: negative2, mantissa: mantissa2, exponent: exponent2 },
            ) => {
                let scale = *exponent.min(exponent2);
                let scaled = |mantissa: u64, exponent: i32| {
                    let mut big = Big::from(mantissa);
                    big.shift_left(exponent.abs_diff(scale));
                    big
                };
                let mut sum = scaled(*mantissa, *exponent);
                let addend = scaled(*mantissa2, *exponent2);
                let negative = if negative == negative2 {
                    sum.add(&addend);
                    *negative
                } else {
                    let (distance, flipped) = sum.distance(addend);
                    sum = distance;
                    *negative != flipped && !sum.is_zero()
                };
                Some(match binary::round(sum, scale, false, EXTENDED) {
                    Some((mantissa, exponent)) => Self::Finite { negative, mantissa, exponent },
                    None => Self::Infinite { negative },
                })
            }
        }
    }

    /// The product, rounded to this type and then up to a whole number; `None` above an `i64`'s
    /// range, its least value below.
    pub fn times_rounded_up(&self, factor: u32) -> Option<i64> {
        let (negative, mantissa, exponent) = match self {
            Self::Infinite { negative } => return negative.then_some(i64::MIN),
            Self::Finite { negative, mantissa, exponent } => (*negative, *mantissa, *exponent),
        };
        let mut product = Big::from(mantissa);
        product.multiply_add(factor, 0);
        let Some((mantissa, exponent)) = binary::round(product, exponent, false, EXTENDED) else {
            return negative.then_some(i64::MIN);
        };
        let mantissa = u128::from(mantissa);
        let magnitude = match exponent {
            // 64 bits beyond the least are out of range already.
            0.. => mantissa << exponent.min(63),
            _ => mantissa.checked_shr(exponent.unsigned_abs()).unwrap_or(0),
        };
        let is_whole = exponent >= 0
            || magnitude.checked_shl(exponent.unsigned_abs()).unwrap_or(0) == mantissa;
        match (negative, i64::try_from(magnitude + u128::from(!negative && !is_whole))) {
            (false, magnitude) => magnitude.ok(),
            (true, magnitude) => Some(magnitude.map_or(i64::MIN, |magnitude| -magnitude)),
        }
    }

    pub const fn is_infinite(&self) -> bool {
        matches!(self, Self::Infinite { .. })
    }

    /// Prints as INCRBYFLOAT does: never with an exponent, seventeen digits behind the point at
    /// most.
    pub fn format(&self) -> String {
        let (negative, mantissa, exponent) = match self {
            Self::Infinite { negative: false } => return "inf".to_owned(),
            Self::Infinite { negative: true } => return "-inf".to_owned(),
            Self::Finite { negative, mantissa, exponent } => (*negative, *mantissa, *exponent),
        };
        let mut scaled = Big::from(mantissa);
        scaled.multiply_power_of_ten(FRACTION_DIGITS as u32);
        match exponent {
            0.. => scaled.shift_left(exponent.unsigned_abs()),
            _ => scaled.shift_right_rounded(exponent.unsigned_abs(), false),
        }
        if scaled.is_zero() {
            return "0".to_owned();
        }
        let digits = format!("{:0>width$}", scaled.into_decimal(), width = FRACTION_DIGITS + 1);
        let (whole, fraction) = digits.split_at(digits.len() - FRACTION_DIGITS);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        let sign = if negative { "-" } else { "" };
        format!("{sign}{whole}{point}{fraction}")
    }
}

/// 64 bits of precision, all of them stored.
const EXTENDED: Format =
    Format { precision: 64, exponent_min: -16_382 - 63, exponent_max: 16_383 - 63 };

/// Digits behind the point that are printed.
const FRACTION_DIGITS: usize = 17;

/// The longest text Redis reads as a number.
const TEXT_BYTES_MAX: usize = 5 * 1024 - 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> LongDouble {
        LongDouble::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text} is no number"))
    }

    /// Sums as a Redis on x86-64 prints them.
    #[test]
    fn adds_and_prints_as_the_processor_does() {
        for (a, b, expect) in [
            ("10.5", "0.1", "10.6"),
            ("5.0e3", "2.0e2", "5200"),
            ("0", "0.1", "0.1"),
            ("0.1", "0.2", "0.3"),
            ("-0", "-0", "0"),
            ("1", "-1", "0"),
            ("1.5", "-3", "-1.5"),
            ("3", "1.1e-17", "3.00000000000000001"),
            ("9007199254740993", "0.5", "9007199254740993.5"),
            ("18446744073709551615", "1", "18446744073709551616"),
            ("0x10", "0x.8p1", "17"),
            ("1e-4950", "0", "0"),
            ("123456789.123456789", "0.000000001", "123456789.12345678999554366"),
        ] {
            assert_eq!(parse(a).plus(&parse(b)).unwrap().format(), expect, "{a} + {b}");
        }
    }

    #[test]
    fn products_are_rounded_up() {
        for (text, expect) in [
            ("0", Some(0)),
            ("0.1", Some(100)),
            ("1.001", Some(1001)),
            ("0.0001", Some(1)),
            ("-0.0001", Some(0)),
            ("-0.0011", Some(-1)),
            ("1e-4950", Some(1)),
            ("0x1.8", Some(1500)),
            ("9223372036854775.807", Some(i64::MAX)),
            ("9223372036854775.808", None),
            ("1e4932", None),
            ("-1e4932", Some(i64::MIN)),
            ("inf", None),
            ("-inf", Some(i64::MIN)),
        ] {
            assert_eq!(parse(text).times_rounded_up(1000), expect, "{text}");
        }
    }

    #[test]
    fn infinities_absorb_or_cancel() {
        let sum = |a, b| parse(a).plus(&parse(b)).map(|sum| sum.format());
        assert_eq!(sum("inf", "-1e4932").as_deref(), Some("inf"));
        assert_eq!(sum("1", "-inf").as_deref(), Some("-inf"));
        assert_eq!(sum("1.1e4932", "1.1e4932").as_deref(), Some("inf"));
        assert_eq!(sum("inf", "-inf"), None);
    }

    #[test]
    fn refuses_what_is_out_of_range() {
        for text in ["1e4933", "-1e4933", "1e-4966", "1e999999999999", "1e-999999999999"] {
            assert_eq!(LongDouble::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(LongDouble::parse("1".repeat(TEXT_BYTES_MAX + 1).as_bytes()), None);
        assert_eq!(parse("0e999999999999").format(), "0");
        assert_eq!(parse("1.18973149535723176502e4932").format().len(), 4933);
        assert_ne!(parse("1e-4950"), parse("0"));
    }
}
