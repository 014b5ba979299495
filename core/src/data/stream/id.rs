//! Entry ids: milliseconds and a sequence number.

use std::fmt;

/// The id of an entry, ordered in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId {
    pub ms: u64,
    pub seq: u64,
}

impl StreamId {
    pub const MIN: Self = Self { ms: 0, seq: 0 };
    pub const MAX: Self = Self { ms: u64::MAX, seq: u64::MAX };

    #[must_use]
    pub const fn new(ms: u64, seq: u64) -> Self {
        Self { ms, seq }
    }

    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::MIN
    }

    /// The id that follows, if this is not the last one.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match (self.seq.checked_add(1), self.ms.checked_add(1)) {
            (Some(seq), _) => Some(Self { ms: self.ms, seq }),
            (None, Some(ms)) => Some(Self { ms, seq: 0 }),
            (None, None) => None,
        }
    }

    /// The id before, if this is not the first one.
    #[must_use]
    pub const fn prev(self) -> Option<Self> {
        match (self.seq.checked_sub(1), self.ms.checked_sub(1)) {
            (Some(seq), _) => Some(Self { ms: self.ms, seq }),
            (None, Some(ms)) => Some(Self { ms, seq: u64::MAX }),
            (None, None) => None,
        }
    }

    /// `ms-seq`, or `ms` alone, whose sequence number is then `missing_seq`.
    #[must_use]
    pub fn parse(text: &[u8], missing_seq: u64) -> Option<Self> {
        let (ms, seq) = halves(text)?;
        let seq = seq.map_or(Some(missing_seq), parse_u64)?;
        Some(Self { ms: parse_u64(ms)?, seq })
    }

    /// The milliseconds of `ms-*`, which leaves the sequence number to the stream.
    #[must_use]
    pub fn parse_open(text: &[u8]) -> Option<u64> {
        match halves(text)? {
            (ms, Some(b"*")) => parse_u64(ms),
            _ => None,
        }
    }

    /// 16 bytes, most significant first: the key of a stream's node in Redis's tree and in RDB
    /// files.
    #[must_use]
    pub fn to_be_bytes(self) -> [u8; 16] {
        (u128::from(self.ms) << 64 | u128::from(self.seq)).to_be_bytes()
    }

    #[must_use]
    pub const fn from_be_bytes(bytes: [u8; 16]) -> Self {
        let both = u128::from_be_bytes(bytes);
        Self { ms: (both >> 64) as u64, seq: both as u64 }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

/// What is before the first hyphen and what is after it. Redis reads an id as a C string of at most
/// 127 bytes.
fn halves(text: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut halves = text.splitn(2, |byte| *byte == b'-');
    Some((halves.next()?, halves.next()))
}

/// A number as C's `strtoull` reads one that fills its text: white space, a sign and zeros may come
/// first. A plain negative number is refused.
fn parse_u64(text: &[u8]) -> Option<u64> {
    let from_sign = text.trim_ascii_start();
    let (is_negative, digits) = match from_sign.split_first()? {
        (b'+', digits) => (false, digits),
        (b'-', digits) if from_sign.len() < text.len() => (true, digits),
        _ => (false, from_sign),
    };
    if digits.is_empty() {
        return None;
    }
    let value = digits.iter().try_fold(0_u64, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })?;
    Some(if is_negative { value.wrapping_neg() } else { value })
}

const TEXT_BYTES_MAX: usize = 127;

#[cfg(test)]
mod tests {
    use super::StreamId;

    #[test]
    fn reads_what_redis_reads() {
        let max = u64::MAX;
        for (text, expect) in [
            ("1-2", Some((1, 2))),
            ("5", Some((5, 9))),
            ("0-0", Some((0, 0))),
            ("007-08", Some((7, 8))),
            ("18446744073709551615-18446744073709551615", Some((max, max))),
            ("+5-1", Some((5, 1))),
            (" 5-1", Some((5, 1))),
            ("1-\t-5", Some((1, max - 4))),
            ("18446744073709551616", None),
            ("1-", None),
            ("-1", None),
            ("1--5", None),
            ("1-2-3", None),
            ("", None),
            ("a-1", None),
            ("1-*", None),
            ("5 ", None),
        ] {
            let expect = expect.map(|(ms, seq)| StreamId { ms, seq });
            assert_eq!(StreamId::parse(text.as_bytes(), 9), expect, "{text:?}");
        }
        assert_eq!(StreamId::parse(&[b'0'; 128], 0), None);
        assert_eq!(StreamId::parse(b"3\x00x", 1), Some(StreamId::new(3, 1)));
        assert_eq!(StreamId::parse_open(b"3-*"), Some(3));
        assert_eq!(StreamId::parse_open(b"3-1"), None);
    }

    #[test]
    fn neighbours_cross_the_milliseconds() {
        let id = StreamId::new(7, u64::MAX);
        assert_eq!(id.next(), Some(StreamId::new(8, 0)));
        assert_eq!(id.next().and_then(StreamId::prev), Some(id));
        assert_eq!((StreamId::MAX.next(), StreamId::MIN.prev()), (None, None));
        assert_eq!(StreamId::from_be_bytes(id.to_be_bytes()), id);
        assert_eq!(id.to_string(), "7-18446744073709551615");
    }
}
