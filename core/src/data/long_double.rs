//! The 80-bit extended numbers of x86, in software: what INCRBYFLOAT computes
//! with where Redis runs most.
//!
//! Reading, adding and printing round once each, to the nearest and ties to
//! even, as glibc and the processor do: 64 bits of precision, exponents up to
//! 16383. Seventeen digits behind the point are printed, without trailing zeros.

use super::big::Big;
use super::float_text::Base;
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
        let Magnitude::Digits { base, whole, fraction, exponent } = magnitude else {
            return Some(Self::Infinite { negative });
        };
        let mut digits = Big::default();
        for digit in whole.iter().chain(fraction) {
            let value = (*digit as char).to_digit(16)?;
            digits.multiply_add(if base == Base::Ten { 10 } else { 16 }, value);
        }
        if digits.is_zero() {
            return Some(Self::Finite { negative, mantissa: 0, exponent: EXPONENT_MIN });
        }
        let value = match base {
            Base::Ten => from_decimal(digits, exponent - fraction.len() as i64),
            Base::Sixteen => from_binary(digits, exponent - 4 * fraction.len() as i64),
        };
        value.and_then(|value| value.with_sign(negative))
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
                Some(round(sum, scale, false).signed(negative))
            }
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
        let digits = format!("{:0>width$}", scaled.to_decimal(), width = FRACTION_DIGITS + 1);
        let (whole, fraction) = digits.split_at(digits.len() - FRACTION_DIGITS);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        let sign = if negative { "-" } else { "" };
        format!("{sign}{whole}{point}{fraction}")
    }

    const fn signed(self, negative: bool) -> Self {
        match self {
            Self::Finite { mantissa, exponent, .. } => {
                Self::Finite { negative, mantissa, exponent }
            }
            Self::Infinite { .. } => Self::Infinite { negative },
        }
    }

    /// A number that was read: one that became infinite or zero by rounding was out of range.
    fn with_sign(self, negative: bool) -> Option<Self> {
        match self {
            Self::Infinite { .. } | Self::Finite { mantissa: 0, .. } => None,
            finite @ Self::Finite { .. } => Some(finite.signed(negative)),
        }
    }
}

/// `digits`, which are not zero, times ten to `exponent`; `None` far beyond the range.
fn from_decimal(mut digits: Big, exponent: i64) -> Option<LongDouble> {
    // 3 and 4 bound the bits of a decimal digit from below and above.
    let decimals_max = i64::from(digits.bits()) / 3 + exponent;
    let decimals_min = i64::from(digits.bits()) / 4 + exponent;
    if decimals_max < DECIMALS_MIN || decimals_min > DECIMALS_MAX {
        return None;
    }
    let power = u32::try_from(exponent.unsigned_abs()).ok()?;
    if exponent >= 0 {
        digits.multiply_power_of_ten(power);
        return Some(round(digits, 0, false));
    }
    // Enough bits for the quotient to have more than the 64 it is rounded to.
    let shift = (4 * power + PRECISION + 2).saturating_sub(digits.bits());
    digits.shift_left(shift);
    let inexact = digits.divide_power_of_ten(power);
    Some(round(digits, -i32::try_from(shift).ok()?, inexact))
}

/// `digits`, which are not zero, times two to `exponent`; `None` far beyond the range.
fn from_binary(digits: Big, exponent: i64) -> Option<LongDouble> {
    let top = i64::from(digits.bits()) + exponent;
    if top > i64::from(EXPONENT_MAX) + 100 || top < i64::from(EXPONENT_MIN) - 100 {
        return None;
    }
    Some(round(digits, i32::try_from(exponent).ok()?, false))
}

/// The nearest number to `value` times two to `exponent`; `sticky` says that it is really a little
/// more.
fn round(mut value: Big, exponent: i32, sticky: bool) -> LongDouble {
    let bits = i64::from(value.bits());
    let excess = bits - i64::from(PRECISION);
    let shift = excess.max(i64::from(EXPONENT_MIN) - i64::from(exponent));
    let count = u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX);
    match shift {
        1.. => value.shift_right_rounded(count, sticky),
        _ if value.is_zero() => {}
        _ => value.shift_left(count),
    }
    let mut exponent = i64::from(exponent) + shift;
    let mut mantissa = value.low_u64();
    if value.bits() > PRECISION {
        // Rounded up to the next power of two.
        mantissa = 1 << (PRECISION - 1);
        exponent += 1;
    }
    match i32::try_from(exponent) {
        _ if mantissa == 0 => {
            LongDouble::Finite { negative: false, mantissa: 0, exponent: EXPONENT_MIN }
        }
        Ok(exponent) if exponent <= EXPONENT_MAX => {
            LongDouble::Finite { negative: false, mantissa, exponent }
        }
        _ => LongDouble::Infinite { negative: false },
    }
}

/// Bits of a mantissa.
const PRECISION: u32 = 64;

/// Exponents of a mantissa's lowest bit.
const EXPONENT_MAX: i32 = 16_383 - 63;
const EXPONENT_MIN: i32 = -16_382 - 63;

/// Decimal exponents beyond which nothing is representable, with room to spare.
const DECIMALS_MAX: i64 = 5_000;
const DECIMALS_MIN: i64 = -5_000;

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
