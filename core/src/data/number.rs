//! Numbers as Redis reads and prints them.

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

/// Prints a double in the fewest digits that read back equal, laid out as Redis 7.2 and later do:
/// plain up to seven zeros of padding, else with an exponent (`1e+21`, `1e-7`).
pub fn format_double(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let shortest = format!("{:e}", value.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits = mantissa.replace('.', "");
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{sign}{}", lay_out(&digits, exponent))
}

/// `digits` with the decimal point after the first one, times ten to `exponent`.
fn lay_out(digits: &str, exponent: i32) -> String {
    let count = digits.len() as i32;
    let zeros = exponent - (count - 1);
    if zeros >= 0 && exponent < count + 7 {
        return format!("{digits}{}", "0".repeat(zeros.unsigned_abs() as usize));
    }
    if zeros < 0 && (zeros > -7 || exponent.abs() < 4) {
        let (whole, fraction) = match usize::try_from(exponent + 1) {
            Ok(at @ 1..) => (&digits[..at], digits[at..].to_owned()),
            _ => ("0", "0".repeat((-exponent - 1) as usize) + digits),
        };
        return format!("{whole}.{fraction}");
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{}", exponent.abs())
}

const I64_DIGITS_MAX: usize = 19;

#[cfg(test)]
mod tests {
    use super::*;

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
            (1e8, "1e+8"),
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
}
