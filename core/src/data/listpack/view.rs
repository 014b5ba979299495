//! A listpack that is read where it lies.

use super::{
    At, BACK_BYTES_MAX, COUNT_UNKNOWN, END, Listpack, TOTAL_BYTES, back_bytes, write_back,
};
use super::{INT_16, INT_24, INT_32, INT_64, STRING_32};
use crate::data::StrRef;
use crate::data::number::parse_i64;

/// The bytes of a listpack from the number of its elements on: who holds them knows how many they
/// are, so that what a listpack begins with says nothing new.
///
/// Invariant: they are what [`Listpack::view`] gave, or a copy; other bytes yield wrong elements or
/// none, never a panic.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PackRef<'a>(&'a [u8]);

impl<'a> PackRef<'a> {
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Elements; counted one by one from 65,535 on, as Redis does.
    #[must_use]
    pub fn len(self) -> usize {
        match self.stored_count() {
            COUNT_UNKNOWN => self.iter().count(),
            count => count.into(),
        }
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.first().is_none()
    }

    #[must_use]
    pub fn first(self) -> Option<At> {
        self.at(COUNT_BYTES)
    }

    #[must_use]
    pub fn last(self) -> Option<At> {
        self.before(self.end_offset())
    }

    #[must_use]
    pub fn next(self, at: At) -> Option<At> {
        self.at(at.offset() + self.size(at.offset()))
    }

    #[must_use]
    pub fn prev(self, at: At) -> Option<At> {
        self.before(at.offset())
    }

    /// The element of this index, from the end if negative; sought from the nearer end.
    #[must_use]
    pub fn seek(self, index: i64) -> Option<At> {
        let mut steps = index.unsigned_abs();
        let count = self.stored_count();
        let (mut from_end, mut back_steps) = (index < 0, steps.saturating_sub(1));
        if count != COUNT_UNKNOWN {
            let count = u64::from(count);
            let forward = if index < 0 { count.checked_sub(steps)? } else { steps };
            back_steps = count.checked_sub(forward.checked_add(1)?)?;
            from_end = back_steps < forward;
            steps = forward;
        }
        let mut at = if from_end { self.last()? } else { self.first()? };
        for _ in 0..if from_end { back_steps } else { steps } {
            at = if from_end { self.prev(at)? } else { self.next(at)? };
        }
        Some(at)
    }

    /// The element at a place; the empty string for a place that is none any more.
    #[must_use]
    pub fn get(self, at: At) -> StrRef<'a> {
        self.decode(at.offset()).unwrap_or(StrRef::Bytes(b""))
    }

    /// All elements in order.
    #[must_use]
    pub fn iter(self) -> Iter<'a> {
        self.iter_from(self.first())
    }

    /// The elements from a place on.
    #[must_use]
    pub fn iter_from(self, at: Option<At>) -> Iter<'a> {
        Iter { pack: self, at }
    }

    /// The first element from `from` on that equals `text`, looking at every `stride`-th one.
    #[must_use]
    pub fn find(self, text: &[u8], from: Option<At>, stride: usize) -> Option<At> {
        let as_int = parse_i64(text);
        let mut at = from?;
        loop {
            let is_equal = match self.get(at) {
                StrRef::Int(value) => as_int == Some(value),
                StrRef::Bytes(bytes) => bytes == text,
            };
            if is_equal {
                return Some(at);
            }
            for _ in 0..stride {
                at = self.next(at)?;
            }
        }
    }

    /// Whether there is an element at the place, after [`Self::remove`] took away what stood there.
    #[must_use]
    pub fn at_is_element(self, at: At) -> bool {
        self.at(at.offset()).is_some()
    }

    /// Whether elements, each as long as it says from both ends, fill the bytes, and are as many as
    /// is said.
    pub(super) fn is_well_formed(self) -> bool {
        let (mut offset, mut count) = (COUNT_BYTES, 0);
        while self.0.get(offset).is_some_and(|first| *first != END) {
            let Some(size) = self.checked_size(offset) else { return false };
            offset += size;
            count += 1;
        }
        let counted = self.stored_count();
        offset + 1 == self.0.len() && (counted == COUNT_UNKNOWN || usize::from(counted) == count)
    }

    pub(super) fn stored_count(self) -> u16 {
        match self.0.get(..COUNT_BYTES) {
            Some(&[low, high]) => u16::from_le_bytes([low, high]),
            _ => 0,
        }
    }

    pub(super) fn end_offset(self) -> usize {
        self.0.len().saturating_sub(1)
    }

    /// The place at this offset, unless it is the end.
    pub(super) fn at(self, offset: usize) -> Option<At> {
        (offset < self.end_offset()).then_some(At(offset as u32))
    }

    /// The element that ends where the one at `offset` begins.
    fn before(self, offset: usize) -> Option<At> {
        if offset <= COUNT_BYTES {
            return None;
        }
        let (mut length, mut at) = (0_usize, offset - 1);
        for shift in (0..BACK_BYTES_MAX).map(|group| group * 7) {
            let byte = *self.0.get(at)?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
            at = at.checked_sub(1)?;
        }
        at.checked_sub(length).filter(|at| *at >= COUNT_BYTES).and_then(|at| self.at(at))
    }

    /// Bytes of the element at this offset, its back-length included; at least 1, so that a walk
    /// always ends.
    #[inline]
    pub(super) fn size(self, offset: usize) -> usize {
        let body = self.body_bytes(offset).unwrap_or(1);
        body + back_bytes(body)
    }

    /// Bytes of the element's encoding and payload.
    #[inline]
    fn body_bytes(self, offset: usize) -> Option<usize> {
        let first = *self.0.get(offset)?;
        Some(match first {
            0x00..=0x7f => 1,
            0x80..=0xbf => 1 + usize::from(first & 0x3f),
            0xc0..=0xdf => 2,
            0xe0..=0xef => {
                2 + (usize::from(first & 0x0f) << 8 | usize::from(*self.0.get(offset + 1)?))
            }
            STRING_32 => 5 + self.long_len(offset)?,
            INT_16 => 3,
            INT_24 => 4,
            INT_32 => 5,
            INT_64 => 9,
            _ => return None,
        })
    }

    fn long_len(self, offset: usize) -> Option<usize> {
        let bytes = self.0.get(offset + 1..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes) as usize)
    }

    /// As [`Self::size`], of an element that may be malformed.
    pub(super) fn checked_size(self, offset: usize) -> Option<usize> {
        let body = self.body_bytes(offset)?;
        let back = back_bytes(body);
        let end = offset.checked_add(body)?.checked_add(back)?;
        let stored = self.0.get(offset + body..end).filter(|_| end < self.0.len())?;
        let mut expected = [0; BACK_BYTES_MAX];
        write_back(expected.get_mut(..back)?, body);
        (expected.get(..back)? == stored).then_some(end - offset)
    }

    #[inline]
    fn decode(self, offset: usize) -> Option<StrRef<'a>> {
        let bytes = self.0.get(offset..)?;
        let (&first, rest) = bytes.split_first()?;
        Some(match first {
            0x00..=0x7f => StrRef::Int(first.into()),
            0x80..=0xbf => StrRef::Bytes(rest.get(..usize::from(first & 0x3f))?),
            0xc0..=0xdf => {
                let value = i64::from(first & 0x1f) << 8 | i64::from(*rest.first()?);
                StrRef::Int(value << 51 >> 51)
            }
            0xe0..=0xef => {
                let len = usize::from(first & 0x0f) << 8 | usize::from(*rest.first()?);
                StrRef::Bytes(rest.get(1..1 + len)?)
            }
            STRING_32 => StrRef::Bytes(rest.get(4..4 + self.long_len(offset)?)?),
            INT_16 => StrRef::Int(i16::from_le_bytes(*rest.first_chunk()?).into()),
            INT_24 => {
                let [a, b, c] = *rest.first_chunk()?;
                StrRef::Int((i32::from_le_bytes([0, a, b, c]) >> 8).into())
            }
            INT_32 => StrRef::Int(i32::from_le_bytes(*rest.first_chunk()?).into()),
            INT_64 => StrRef::Int(i64::from_le_bytes(*rest.first_chunk()?)),
            _ => return None,
        })
    }
}

impl Listpack {
    #[must_use]
    #[inline]
    pub fn view(&self) -> PackRef<'_> {
        PackRef(self.0.get(TOTAL_BYTES..).unwrap_or_default())
    }

    /// As [`PackRef::len`].
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.view().len()
    }

    /// As [`PackRef::is_empty`].
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.view().is_empty()
    }

    /// As [`PackRef::first`].
    #[must_use]
    #[inline]
    pub fn first(&self) -> Option<At> {
        self.view().first()
    }

    /// As [`PackRef::last`].
    #[must_use]
    #[inline]
    pub fn last(&self) -> Option<At> {
        self.view().last()
    }

    /// As [`PackRef::next`].
    #[must_use]
    #[inline]
    pub fn next(&self, at: At) -> Option<At> {
        self.view().next(at)
    }

    /// As [`PackRef::prev`].
    #[must_use]
    #[inline]
    pub fn prev(&self, at: At) -> Option<At> {
        self.view().prev(at)
    }

    /// As [`PackRef::seek`].
    #[must_use]
    #[inline]
    pub fn seek(&self, index: i64) -> Option<At> {
        self.view().seek(index)
    }

    /// As [`PackRef::get`].
    #[must_use]
    #[inline]
    pub fn get(&self, at: At) -> StrRef<'_> {
        self.view().get(at)
    }

    /// As [`PackRef::iter`].
    #[must_use]
    #[inline]
    pub fn iter(&self) -> Iter<'_> {
        self.view().iter()
    }

    /// As [`PackRef::iter_from`].
    #[must_use]
    #[inline]
    pub fn iter_from(&self, at: Option<At>) -> Iter<'_> {
        self.view().iter_from(at)
    }

    /// As [`PackRef::find`].
    #[must_use]
    #[inline]
    pub fn find(&self, text: &[u8], from: Option<At>, stride: usize) -> Option<At> {
        self.view().find(text, from, stride)
    }

    /// As [`PackRef::at_is_element`].
    #[must_use]
    #[inline]
    pub fn at_is_element(&self, at: At) -> bool {
        self.view().at_is_element(at)
    }
}

impl std::fmt::Debug for PackRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The elements of a listpack in order.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    pack: PackRef<'a>,
    at: Option<At>,
}

impl<'a> Iterator for Iter<'a> {
    type Item = StrRef<'a>;

    fn next(&mut self) -> Option<StrRef<'a>> {
        let at = self.at?;
        self.at = self.pack.next(at);
        Some(self.pack.get(at))
    }
}

/// What the number of elements takes.
pub(super) const COUNT_BYTES: usize = 2;
