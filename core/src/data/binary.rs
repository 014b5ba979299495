//! Rounding to binary floating point of any precision, to the nearest and ties
//! to even, from exact integers.

use super::big::Big;
use super::float_text::Base;
use super::float_text::Magnitude;

/// A format of numbers: a mantissa of `precision` bits times two to an exponent of its lowest bit.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// At most 64.
    pub precision: u32,
    pub exponent_min: i32,
    pub exponent_max: i32,
}

/// The mantissa and exponent nearest to a number as it is written. `None` when it is an infinity,
/// or becomes infinite or zero by rounding.
pub fn nearest(magnitude: Magnitude<'_>, format: Format) -> Option<(u64, i32)> {
    let Magnitude::Digits { base, whole, fraction, exponent } = magnitude else { return None };
    let mut digits = Big::default();
    for digit in whole.iter().chain(fraction) {
        let value = (*digit as char).to_digit(16)?;
        digits.multiply_add(if base == Base::Ten { 10 } else { 16 }, value);
    }
    if digits.is_zero() {
        return Some((0, format.exponent_min));
    }
    let rounded = match base {
        Base::Ten => from_decimal(digits, exponent - fraction.len() as i64, format),
        Base::Sixteen => from_binary(digits, exponent - 4 * fraction.len() as i64, format),
    };
    rounded.filter(|(mantissa, _)| *mantissa != 0)
}

/// The nearest to `value` times two to `exponent`; `sticky` says that it is really a little more.
/// `None` when that is beyond the range. The mantissa's top bit is set unless the exponent is the
/// least there is.
pub fn round(mut value: Big, exponent: i32, sticky: bool, format: Format) -> Option<(u64, i32)> {
    let excess = i64::from(value.bits()) - i64::from(format.precision);
    let shift = excess.max(i64::from(format.exponent_min) - i64::from(exponent));
    let count = u32::try_from(shift.unsigned_abs()).unwrap_or(u32::MAX);
    match shift {
        _ if value.is_zero() => return Some((0, format.exponent_min)),
        1.. => value.shift_right_rounded(count, sticky),
        _ => value.shift_left(count),
    }
    let mut exponent = i64::from(exponent) + shift;
    let mut mantissa = value.low_u64();
    if value.bits() > format.precision {
        // Rounded up to the next power of two.
        mantissa = 1 << (format.precision - 1);
        exponent += 1;
    }
    let exponent = i32::try_from(exponent).ok().filter(|it| *it <= format.exponent_max)?;
    Some((mantissa, exponent))
}

/// `digits`, which are not zero, times ten to `exponent`.
fn from_decimal(mut digits: Big, exponent: i64, format: Format) -> Option<(u64, i32)> {
    // 3 and 4 bound the bits of a decimal digit from below and above.
    let decimals_max = i64::from(digits.bits()) / 3 + exponent;
    let decimals_min = i64::from(digits.bits()) / 4 + exponent;
    if decimals_max < -DECIMALS_MAX || decimals_min > DECIMALS_MAX {
        return None;
    }
    let power = u32::try_from(exponent.unsigned_abs()).ok()?;
    if exponent >= 0 {
        digits.multiply_power_of_ten(power);
        return round(digits, 0, false, format);
    }
    // Enough bits for the quotient to have more than it is rounded to.
    let shift = (4 * power + format.precision + 2).saturating_sub(digits.bits());
    digits.shift_left(shift);
    let inexact = digits.divide_power_of_ten(power);
    round(digits, -i32::try_from(shift).ok()?, inexact, format)
}

/// `digits`, which are not zero, times two to `exponent`.
fn from_binary(digits: Big, exponent: i64, format: Format) -> Option<(u64, i32)> {
    let top = i64::from(digits.bits()) + exponent;
    if top < i64::from(format.exponent_min) {
        return None;
    }
    round(digits, i32::try_from(exponent).ok()?, false, format)
}

/// Decimal exponents beyond which no format has numbers, with room to spare.
const DECIMALS_MAX: i64 = 5_000;

#[cfg(test)]
mod tests {
    use super::super::float_text::FloatText;
    use super::*;

    /// Eight bits of precision: 255 is exact, 257 is a tie.
    const SMALL: Format = Format { precision: 8, exponent_min: -10, exponent_max: 10 };

    #[test]
    fn rounds_once_to_the_nearest() {
        for (text, expect) in [
            ("0", Some((0, -10))),
            ("1", Some((128, -7))),
            ("255", Some((255, 0))),
            ("257", Some((128, 1))),
            ("259", Some((130, 1))),
            ("511.9", Some((128, 2))),
            ("0.5e1", Some((160, -5))),
            ("0x1.01p0", Some((128, -7))),
            ("0x1.03p0", Some((130, -7))),
            ("0x1p-10", Some((1, -10))),
            ("0x1p-11", None),
            ("0x1.8p-11", Some((1, -10))),
            ("261120", Some((255, 10))),
            ("261632", None),
            ("1e9999", None),
            ("1e-9999", None),
            ("0x1p999999999", None),
            ("inf", None),
        ] {
            let magnitude = FloatText::parse(text.as_bytes()).unwrap().magnitude;
            assert_eq!(nearest(magnitude, SMALL), expect, "{text}");
        }
    }
}
