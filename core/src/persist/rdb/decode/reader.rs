//! A cursor over the bytes at hand: every read is whole, or says how many bytes it would take.

use std::borrow::Cow;

use bytes::Bytes;

use super::ErrorKind;
use crate::data::lzf;
use crate::persist::rdb::length::Prefix;
use crate::persist::rdb::{StringValue, string};

/// Why a read gave nothing.
#[derive(Debug)]
pub(super) enum Stop {
    /// The buffer must hold at least so many bytes, counted from where the reader began.
    Short { needed: usize },
    /// No further bytes can help.
    Wrong(ErrorKind),
}

pub(super) struct Reader<'b> {
    rest: &'b [u8],
    used: usize,
    string_bytes_max: usize,
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8], string_bytes_max: usize) -> Self {
        Self { rest: bytes, used: 0, string_bytes_max }
    }

    pub(super) fn used(&self) -> usize {
        self.used
    }

    pub(super) fn byte(&mut self) -> Result<u8, Stop> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(self.short(N))?;
        self.rest = rest;
        self.used += N;
        Ok(*array)
    }

    pub(super) fn slice(&mut self, length: usize) -> Result<&'b [u8], Stop> {
        let (slice, rest) = self.rest.split_at_checked(length).ok_or(self.short(length))?;
        self.rest = rest;
        self.used += length;
        Ok(slice)
    }

    /// A length that must be one, and no string encoding.
    pub(super) fn length(&mut self) -> Result<u64, Stop> {
        let first = self.byte()?;
        self.length_after(first)
    }

    /// A string, as bytes.
    pub(super) fn bytes(&mut self) -> Result<Bytes, Stop> {
        self.string().map(StringValue::into_bytes)
    }

    /// As [`Self::bytes`], where they lie if they are there as they are.
    pub(super) fn text(&mut self) -> Result<Cow<'b, [u8]>, Stop> {
        if let Some(Prefix::Six(_) | Prefix::Fourteen(_) | Prefix::ThirtyTwo) = self.first_prefix()
        {
            let length = self.length()?;
            let length = self.checked(length)?;
            return self.slice(length).map(Cow::Borrowed);
        }
        match self.first_prefix() {
            Some(Prefix::Encoding(string::LZF)) => {
                self.byte()?;
                self.unpacked().map(Cow::Owned)
            }
            _ => Ok(Cow::Owned(self.bytes()?.into())),
        }
    }

    /// A string, an integer if it was encoded as one.
    pub(super) fn string(&mut self) -> Result<StringValue, Stop> {
        let first = self.byte()?;
        let int = match Prefix::parse(first) {
            Prefix::Encoding(string::INT8) => i8::from_le_bytes(self.array()?).into(),
            Prefix::Encoding(string::INT16) => i16::from_le_bytes(self.array()?).into(),
            Prefix::Encoding(string::INT32) => i32::from_le_bytes(self.array()?).into(),
            Prefix::Encoding(string::LZF) => {
                return self.unpacked().map(|bytes| StringValue::Bytes(bytes.into()));
            }
            Prefix::Encoding(other) => {
                return Err(Stop::Wrong(ErrorKind::UnknownStringEncoding(other)));
            }
            _ => {
                let length = self.length_after(first)?;
                return self.plain_string(length);
            }
        };
        Ok(StringValue::Int(int))
    }

    fn plain_string(&mut self, length: u64) -> Result<StringValue, Stop> {
        let length = self.checked(length)?;
        let bytes = self.slice(length)?;
        Ok(StringValue::Bytes(Bytes::copy_from_slice(bytes)))
    }

    /// A compressed string. Refuses an impossible claim before it waits for the bytes.
    fn unpacked(&mut self) -> Result<Vec<u8>, Stop> {
        let (packed, length) = (self.length()?, self.length()?);
        let (packed, length) = (self.checked(packed)?, self.checked(length)?);
        if !lzf::plausible(packed, length) {
            return Err(Stop::Wrong(ErrorKind::InvalidLzf));
        }
        lzf::decompress(self.slice(packed)?, length).ok_or(Stop::Wrong(ErrorKind::InvalidLzf))
    }

    fn first_prefix(&self) -> Option<Prefix> {
        self.rest.first().map(|first| Prefix::parse(*first))
    }

    fn length_after(&mut self, first: u8) -> Result<u64, Stop> {
        Ok(match Prefix::parse(first) {
            Prefix::Six(length) => length.into(),
            Prefix::Fourteen(high) => u16::from_be_bytes([high, self.byte()?]).into(),
            Prefix::ThirtyTwo => u32::from_be_bytes(self.array()?).into(),
            Prefix::SixtyFour => u64::from_be_bytes(self.array()?),
            Prefix::Encoding(_) | Prefix::Unknown => {
                return Err(Stop::Wrong(ErrorKind::UnknownLength(first)));
            }
        })
    }

    /// The length of a string, if that is within the limit.
    fn checked(&self, length: u64) -> Result<usize, Stop> {
        match usize::try_from(length) {
            Ok(length) if length <= self.string_bytes_max => Ok(length),
            _ => Err(Stop::Wrong(ErrorKind::StringTooLong(length))),
        }
    }

    fn short(&self, more: usize) -> Stop {
        Stop::Short { needed: self.used.saturating_add(more) }
    }
}
