//! Ranges of scores and of members, as ZRANGEBYSCORE and ZRANGEBYLEX spell them.

use crate::data::number;

/// From one score to another; either may be left out itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreRange {
    min: ScoreBound,
    max: ScoreBound,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct ScoreBound {
    score: f64,
    is_exclusive: bool,
}

/// From one member to another, by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LexRange<'a> {
    min: LexBound<'a>,
    max: LexBound<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LexBound<'a> {
    Lowest,
    Highest,
    Inclusive(&'a [u8]),
    Exclusive(&'a [u8]),
}

impl ScoreRange {
    /// Reads two bounds such as `1.5`, `(1.5` and `-inf`.
    #[must_use]
    pub fn parse(min: &[u8], max: &[u8]) -> Option<Self> {
        Some(Self { min: ScoreBound::parse(min)?, max: ScoreBound::parse(max)? })
    }

    /// From one score on, up to another that is not part of the range.
    #[must_use]
    pub const fn from_to(min: f64, max: f64) -> Self {
        Self {
            min: ScoreBound { score: min, is_exclusive: false },
            max: ScoreBound { score: max, is_exclusive: true },
        }
    }

    /// Whether a score comes before the range.
    #[must_use]
    pub fn is_above(&self, score: f64) -> bool {
        score < self.min.score || (self.min.is_exclusive && score == self.min.score)
    }

    /// Whether a score comes after the range.
    #[must_use]
    pub fn is_below(&self, score: f64) -> bool {
        score > self.max.score || (self.max.is_exclusive && score == self.max.score)
    }
}

impl ScoreBound {
    fn parse(text: &[u8]) -> Option<Self> {
        let (is_exclusive, digits) = match text {
            [b'(', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        Some(Self { score: number::parse_f64_prefix(digits)?, is_exclusive })
    }
}

impl<'a> LexRange<'a> {
    /// Reads two bounds such as `[a`, `(a`, `-` and `+`.
    #[must_use]
    pub fn parse(min: &'a [u8], max: &'a [u8]) -> Option<Self> {
        Some(Self { min: LexBound::parse(min)?, max: LexBound::parse(max)? })
    }

    /// Whether a member comes before the range.
    #[must_use]
    pub fn is_above(&self, member: &[u8]) -> bool {
        match self.min {
            LexBound::Lowest => false,
            LexBound::Highest => true,
            LexBound::Inclusive(min) => member < min,
            LexBound::Exclusive(min) => member <= min,
        }
    }

    /// Whether a member comes after the range.
    #[must_use]
    pub fn is_below(&self, member: &[u8]) -> bool {
        match self.max {
            LexBound::Lowest => true,
            LexBound::Highest => false,
            LexBound::Inclusive(max) => member > max,
            LexBound::Exclusive(max) => member >= max,
        }
    }
}

impl<'a> LexBound<'a> {
    /// A NUL ends the text of `-` and `+`, as it does in Redis.
    fn parse(text: &'a [u8]) -> Option<Self> {
        match text {
            [b'-'] | [b'-', 0, ..] => Some(Self::Lowest),
            [b'+'] | [b'+', 0, ..] => Some(Self::Highest),
            [b'[', member @ ..] => Some(Self::Inclusive(member)),
            [b'(', member @ ..] => Some(Self::Exclusive(member)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LexRange, ScoreRange};

    #[test]
    fn scores_are_in_or_out() {
        for (min, max, score, expect) in [
            ("1", "2", 1.0, true),
            ("(1", "2", 1.0, false),
            ("1", "(2", 2.0, false),
            ("-inf", "+inf", f64::INFINITY, true),
            ("(-inf", "(inf", f64::NEG_INFINITY, false),
            ("", "(", 0.0, false),
            ("", " 0", 0.0, true),
            ("2", "1", 1.5, false),
        ] {
            let range = ScoreRange::parse(min.as_bytes(), max.as_bytes()).unwrap();
            let is_in = !range.is_above(score) && !range.is_below(score);
            assert_eq!(is_in, expect, "{min:?} {score} {max:?}");
        }
        for text in ["x", "((1", "1 ", "nan", "[1", "1(", "-"] {
            assert_eq!(ScoreRange::parse(text.as_bytes(), b"1"), None, "{text:?}");
        }
    }

    #[test]
    fn members_are_in_or_out() {
        for (min, max, member, expect) in [
            ("-", "+", "", true),
            ("[b", "(d", "b", true),
            ("(b", "[d", "b", false),
            ("(b", "[d", "d", true),
            ("[b", "(d", "d", false),
            ("+", "-", "b", false),
            ("+", "+", "b", false),
            ("[", "[", "", true),
            ("(", "+", "", false),
        ] {
            let range = LexRange::parse(min.as_bytes(), max.as_bytes()).unwrap();
            let member = member.as_bytes();
            let is_in = !range.is_above(member) && !range.is_below(member);
            assert_eq!(is_in, expect, "{min:?} {member:?} {max:?}");
        }
        for text in ["", "a", "-a", "+1", "inf"] {
            assert_eq!(LexRange::parse(text.as_bytes(), b"+"), None, "{text:?}");
        }
    }
}
