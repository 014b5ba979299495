//! Numbers as Redis reads and prints them.

use super::binary;
use super::binary::Format;
use super::float_text::Base;
use super::float_text::FloatText;
use super::float_text::Magnitude;
use super::grisu;

/// Reads a decimal `i64` exactly as Redis does: no spaces, no `+`, no leading zeros, no `-0`.
/// What this accepts, printing gives back byte for byte; that makes it the test for the integer
/// encoding too.
pub fn parse_i64(digits: &[u8]) -> Option<i64> {
    let (negative, magnitude) = match digits {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    match magnitude {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] if magnitude.len() <= I64_DIGITS_MAX => {}
        _ => return None,
    }
    let mut value: i64 = 0;
    for digit in magnitude {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        // Downwards, since i64::MIN has no positive counterpart.
        value = value.checked_mul(10)?.checked_sub(i64::from(digit))?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// Reads a plain decimal number as a count of millionths, exactly; digits after the sixth of the
/// fraction are dropped. For settings and durations, which need no floating point.
pub fn parse_millionths(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] | rest => (1, rest),
    };
    let mut parts = digits.splitn(2, |byte| *byte == b'.');
    let (whole, fraction) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let all = whole.iter().chain(fraction);
    if all.clone().next().is_none() || !all.clone().all(u8::is_ascii_digit) {
        return None;
    }
    let places = fraction.iter().chain(std::iter::repeat(&b'0')).take(6);
    let value = whole.iter().chain(places).try_fold(0_i64, |value, digit| {
        value.checked_mul(10)?.checked_add(i64::from(*digit - b'0'))
    })?;
    Some(sign * value)
}

/// Prints millionths as a decimal number without trailing zeros: `99.9`.
pub fn format_millionths(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, rest) = (value.unsigned_abs() / 1_000_000, value.unsigned_abs() % 1_000_000);
    let text = format!("{sign}{whole}.{rest:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads a double as Redis does: all of the text has to be what C's `strtod` reads, and a number
/// that has one. Beyond the range, above or below, there is none.
pub fn parse_f64(text: &[u8]) -> Option<f64> {
    let FloatText { negative, magnitude } = FloatText::parse(text)?;
    let value = match magnitude {
        Magnitude::Infinity => f64::INFINITY,
        Magnitude::Digits { base: Base::Ten, .. } => {
            let unsigned = text.strip_prefix(b"-").unwrap_or(text);
            let value: f64 = std::str::from_utf8(unsigned).ok()?.parse().ok()?;
            let vanished = value == 0.0 && !magnitude.is_zero();
            Some(value).filter(|value| value.is_finite() && !vanished)?
        }
        Magnitude::Digits { base: Base::Sixteen, .. } => hexadecimal(magnitude)?,
    };
    Some(if negative { -value } else { value })
}

/// Reads a double as Redis reads the bounds of a range, which is what `strtod` makes of a C string:
/// spaces may stand before it, nothing at all is 0, a NUL ends it, and what is beyond the range is
/// infinite or 0.
pub fn parse_f64_prefix(text: &[u8]) -> Option<f64> {
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    if text.is_empty() {
        return Some(0.0);
    }
    let start = text.iter().position(|byte| !matches!(byte, b' ' | b'\t'..=b'\r'))?;
    let (_, text) = text.split_at_checked(start)?;
    if let Some(value) = parse_f64(text) {
        return Some(value);
    }
    let FloatText { negative, magnitude } = FloatText::parse(text)?;
    let Magnitude::Digits { base, exponent, whole, .. } = magnitude else { return None };
    let digits = i64::try_from(whole.len()).unwrap_or(i64::MAX);
    let (digits, least) = if base == Base::Ten { (digits, 300) } else { (digits * 4, 1_000) };
    let value = if exponent.saturating_add(digits) > least { f64::INFINITY } else { 0.0 };
    Some(if negative { -value } else { value })
}

fn hexadecimal(magnitude: Magnitude<'_>) -> Option<f64> {
    let (mantissa, exponent) = binary::nearest(magnitude, DOUBLE)?;
    let fraction = mantissa & ((1 << (f64::MANTISSA_DIGITS - 1)) - 1);
    // Without the top bit the number is subnormal, whose exponent field is 0.
    let field = if fraction == mantissa { 0 } else { exponent - DOUBLE.exponent_min + 1 };
    Some(f64::from_bits(u64::from(field.unsigned_abs()) << (f64::MANTISSA_DIGITS - 1) | fraction))
}

/// Prints a double in digits that read back equal, mostly the fewest, as Redis 7.2 and later do:
/// integers up to 2^62 as such, else plain up to seven zeros of padding, else with an exponent
/// (`1e+21`, `1e-7`).
pub fn format_double(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let magnitude = value.abs();
    if magnitude <= INTEGER_MAX && magnitude.fract() == 0.0 {
        return format!("{sign}{}", magnitude as u64);
    }
    let (digits, power) = grisu::digits(magnitude);
    let digits = String::from_utf8_lossy(&digits);
    format!("{sign}{}", lay_out(&digits, power))
}

/// Prints a double with up to 17 digits, as C's `%.17g` does: how Redis shows what goes through its
/// long doubles.
pub fn format_double_17(value: f64) -> String {
    if !value.is_finite() {
        return format_double(value);
    }
    let scientific = format!("{value:.16e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !(-4..17).contains(&exponent) {
        let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    let places = usize::try_from(16 - exponent).unwrap_or_default();
    let text = format!("{value:.places$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// `digits`, the last of which counts ten to `power`.
fn lay_out(digits: &str, power: i32) -> String {
    let count = digits.len() as i32;
    let exponent = power + count - 1;
    if power >= 0 && exponent < count + 7 {
        return format!("{digits}{}", "0".repeat(power.unsigned_abs() as usize));
    }
    if power < 0 && (power > -7 || exponent.abs() < 4) {
        let places = power.unsigned_abs() as usize;
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        return format!("{whole}.{fraction}");
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{first}{point}{rest}e{exponent:+}")
}

const I64_DIGITS_MAX: usize = 19;

/// Double precision, by the exponents of a mantissa's lowest bit.
const DOUBLE: Format =
    Format { precision: 53, exponent_min: -1_022 - 52, exponent_max: 1_023 - 52 };

/// 2^62: up to here doubles that are integers are printed as integers, digit by digit.
const INTEGER_MAX: f64 = 4_611_686_018_427_387_904.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn millionths_are_exact() {
        for (text, value) in [
            ("0", 0),
            ("99.9", 99_900_000),
            ("-1.5", -1_500_000),
            (".25", 250_000),
            ("3.", 3_000_000),
            ("0.00000099", 0),
        ] {
            assert_eq!(parse_millionths(text.as_bytes()), Some(value), "{text}");
        }
        for text in ["", ".", "-", "1e3", "1.2.3", " 1", "9223372036855"] {
            assert_eq!(parse_millionths(text.as_bytes()), None, "{text}");
        }
        for text in ["0", "50", "99.99", "-0.5", "10.000001"] {
            let value = parse_millionths(text.as_bytes()).unwrap();
            assert_eq!(format_millionths(value), text);
        }
    }

    #[test]
    fn reads_only_canonical_integers() {
        for value in [0, 1, -1, 9, 10, i64::MAX, i64::MIN, i64::MIN + 1] {
            assert_eq!(parse_i64(value.to_string().as_bytes()), Some(value));
        }
        for text in [
            "",
            "-",
            "+1",
            "01",
            "-0",
            "-01",
            " 1",
            "1 ",
            "1a",
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999",
        ] {
            assert_eq!(parse_i64(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn prints_doubles_as_redis_does() {
        for (value, expect) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (1.5, "1.5"),
            (-3.25, "-3.25"),
            (0.1, "0.1"),
            (100.0, "100"),
            (1e7, "10000000"),
            (1e8, "100000000"),
            (4503599627370496.0, "4503599627370496"),
            (-775431884405662720.0, "-775431884405662720"),
            (4611686018427387904.0, "4611686018427387904"),
            (4611686018427388928.0, "4611686018427389000"),
            (1e21, "1e+21"),
            (123456789012345680.0, "123456789012345680"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.5e-7, "1.5e-7"),
            (3.0e-4, "0.0003"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (17179869184.5, "17179869184.5"),
        ] {
            assert_eq!(format_double(value), expect);
        }
    }

    #[test]
    fn reads_bounds_as_strtod_does() {
        for (text, expect) in [
            ("1.5", Some(1.5)),
            (" \t\n1.5", Some(1.5)),
            ("", Some(0.0)),
            ("\x001", Some(0.0)),
            ("1\0x", Some(1.0)),
            ("1e400", Some(f64::INFINITY)),
            ("-1e400", Some(f64::NEG_INFINITY)),
            ("1e-400", Some(0.0)),
            ("0.0001e-330", Some(0.0)),
            ("0x1p2000", Some(f64::INFINITY)),
            ("0x1p-2000", Some(0.0)),
            ("-inf", Some(f64::NEG_INFINITY)),
            (" ", None),
            ("1 ", None),
            ("x", None),
            ("nan", None),
        ] {
            assert_eq!(parse_f64_prefix(text.as_bytes()), expect, "{text:?}");
        }
    }

    #[test]
    fn prints_seventeen_digits() {
        for (value, expect) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (0.1, "0.10000000000000001"),
            (3.3, "3.2999999999999998"),
            (-100.0, "-100"),
            (1e16, "10000000000000000"),
            (1e17, "1e+17"),
            (0.0001, "0.0001"),
            (0.00001, "1.0000000000000001e-05"),
            (1e300, "1.0000000000000001e+300"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(format_double_17(value), expect);
        }
    }

    #[test]
    fn reads_doubles_as_redis_does() {
        for (text, expect) in [
            ("1.5", Some(1.5)),
            ("-0", Some(-0.0)),
            ("+3", Some(3.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("1E3", Some(1000.0)),
            ("inf", Some(f64::INFINITY)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("0x1.8p1", Some(3.0)),
            ("-0x10", Some(-16.0)),
            ("0x1p-1074", Some(f64::from_bits(1))),
            ("1e308", Some(1e308)),
            ("4.9e-324", Some(f64::from_bits(1))),
            ("0e999", Some(0.0)),
            ("1e309", None),
            ("1e-400", None),
            ("0x1p1024", None),
            ("0x1p-1080", None),
            ("nan", None),
            (" 1", None),
            ("1 ", None),
            ("", None),
            ("1_0", None),
        ] {
            let got = parse_f64(text.as_bytes());
            assert_eq!(got.map(f64::to_bits), expect.map(f64::to_bits), "{text:?}");
        }
    }
}
