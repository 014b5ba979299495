//! The texts that C's `strtod` and `strtold` read in full, which is what Redis
//! takes for a number: decimal or hexadecimal, with or without an exponent, or
//! an infinity in words. No space may stand anywhere, and "nan" is no number.

/// A number as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloatText<'a> {
    pub negative: bool,
    pub magnitude: Magnitude<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Magnitude<'a> {
    Infinity,
    /// `whole` and `fraction` side by side, in digits of `base`, times the base's power (2 for base
    /// 16) to `exponent`. The fraction's length is not yet taken off the exponent.
    Digits {
        base: Base,
        whole: &'a [u8],
        fraction: &'a [u8],
        exponent: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    Ten,
    Sixteen,
}

impl<'a> FloatText<'a> {
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] | rest => (false, rest),
        };
        let magnitude = match text {
            [b'0', b'x' | b'X', rest @ ..] => parse_digits(rest, Base::Sixteen)?,
            _ if text.eq_ignore_ascii_case(b"inf") => Magnitude::Infinity,
            _ if text.eq_ignore_ascii_case(b"infinity") => Magnitude::Infinity,
            _ => parse_digits(text, Base::Ten)?,
        };
        Some(Self { negative, magnitude })
    }
}

impl Magnitude<'_> {
    pub fn is_zero(self) -> bool {
        match self {
            Self::Infinity => false,
            Self::Digits { whole, fraction, .. } => {
                whole.iter().chain(fraction).all(|digit| *digit == b'0')
            }
        }
    }
}

fn parse_digits(text: &[u8], base: Base) -> Option<Magnitude<'_>> {
    let (whole, rest) = take_digits(text, base);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => take_digits(rest, base),
        rest => (&[][..], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let exponent = match (base, rest) {
        (_, []) => 0,
        (Base::Ten, [b'e' | b'E', rest @ ..]) => parse_exponent(rest)?,
        (Base::Sixteen, [b'p' | b'P', rest @ ..]) => parse_exponent(rest)?,
        _ => return None,
    };
    Some(Magnitude::Digits { base, whole, fraction, exponent })
}

fn take_digits(text: &[u8], base: Base) -> (&[u8], &[u8]) {
    let is_digit = |byte: &&u8| match base {
        Base::Ten => byte.is_ascii_digit(),
        Base::Sixteen => byte.is_ascii_hexdigit(),
    };
    let len = text.iter().take_while(is_digit).count();
    text.split_at_checked(len).unwrap_or((text, b""))
}

/// Saturates far beyond any number's range.
fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let magnitude = digits
        .iter()
        .fold(0_i64, |value, digit| (value * 10 + i64::from(digit - b'0')).min(EXPONENT_MAX));
    Some(if negative { -magnitude } else { magnitude })
}

const EXPONENT_MAX: i64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_strtod_reads() {
        for (text, whole, fraction, exponent) in [
            ("1", "1", "", 0),
            ("+1.5", "1", "5", 0),
            ("-.5e3", "", "5", 3),
            ("5.E-07", "5", "", -7),
            ("0xAb.8p+2", "Ab", "8", 2),
            ("1e99999999999999999999", "1", "", EXPONENT_MAX),
        ] {
            let parsed = FloatText::parse(text.as_bytes()).unwrap();
            assert_eq!(parsed.negative, text.starts_with('-'));
            let base = if text.contains('x') { Base::Sixteen } else { Base::Ten };
            let (whole, fraction) = (whole.as_bytes(), fraction.as_bytes());
            assert_eq!(parsed.magnitude, Magnitude::Digits { base, whole, fraction, exponent });
        }
        for text in ["inf", "-INFINITY", "+Inf"] {
            assert_eq!(FloatText::parse(text.as_bytes()).unwrap().magnitude, Magnitude::Infinity);
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "", " 1", "1 ", "+", "--1", ".", "e5", "1e", "1e+", "1e5x", "0x", "0x.", "0x1p", "nan",
            "infin", "1_0", "0xg", "1f",
        ] {
            assert_eq!(FloatText::parse(text.as_bytes()), None, "{text:?}");
        }
    }
}
