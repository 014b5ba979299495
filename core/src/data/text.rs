//! A string value as it is read: an integer that prints as one, or bytes.

use std::borrow::Cow;

use itoa::Buffer;

use super::number::parse_i64;

/// A borrowed string value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrRef<'a> {
    Int(i64),
    Bytes(&'a [u8]),
}

impl<'a> StrRef<'a> {
    /// Bytes of the text, as STRLEN counts.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Int(value) => decimal_len(value),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The text; `buffer` holds it if it is an integer's.
    #[must_use]
    pub fn as_bytes<'b>(self, buffer: &'b mut Buffer) -> &'b [u8]
    where
        'a: 'b,
    {
        match self {
            Self::Int(value) => buffer.format(value).as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    #[must_use]
    pub fn to_cow(self) -> Cow<'a, [u8]> {
        match self {
            Self::Int(_) => Cow::Owned(self.to_vec()),
            Self::Bytes(bytes) => Cow::Borrowed(bytes),
        }
    }

    #[must_use]
    pub fn to_vec(self) -> Vec<u8> {
        self.as_bytes(&mut Buffer::new()).to_vec()
    }

    /// The integer this string is the canonical form of, however it is encoded: what INCR accepts.
    #[must_use]
    pub fn to_int(self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(value),
            Self::Bytes(bytes) => parse_i64(bytes),
        }
    }
}

/// Bytes in the decimal form of `value`.
fn decimal_len(value: i64) -> usize {
    let digits = value.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
    digits + usize::from(value < 0)
}
