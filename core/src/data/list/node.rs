//! One node of a list: a listpack, the same compressed, or a single large element.
//!
//! Invariant: `count` is the number of elements, at least 1 in a list; a compressed node's bytes are
//! those of a listpack.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::End;
use super::Fill;
use crate::data::Listpack;
use crate::data::StrRef;
use crate::data::allocated_bytes;
use crate::data::lzf;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    body: Body,
    count: u32,
    /// Bytes of the listpack while it is compressed.
    unpacked_bytes: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum Body {
    Pack(Listpack),
    Compressed(Box<[u8]>),
    /// One element too large for a listpack.
    Plain(Box<[u8]>),
}

impl Node {
    /// A node of one element.
    pub fn new(text: &[u8], fill: Fill) -> Self {
        if fill.is_large(text.len()) {
            return Self::plain(text.into());
        }
        let mut pack = Listpack::new();
        pack.push_back(text);
        Self { body: Body::Pack(pack), count: 1, unpacked_bytes: 0 }
    }

    pub fn plain(text: Box<[u8]>) -> Self {
        Self { body: Body::Plain(text), count: 1, unpacked_bytes: 0 }
    }

    pub fn of_pack(pack: Listpack) -> Self {
        let count = pack.len() as u32;
        Self { body: Body::Pack(pack), count, unpacked_bytes: 0 }
    }

    pub fn len(&self) -> usize {
        self.count as usize
    }

    pub fn is_plain(&self) -> bool {
        matches!(self.body, Body::Plain(_))
    }

    /// Bytes of the elements as they are laid out uncompressed.
    pub fn bytes(&self) -> usize {
        match &self.body {
            Body::Pack(pack) => pack.total_bytes(),
            Body::Compressed(_) => self.unpacked_bytes as usize,
            Body::Plain(text) => text.len(),
        }
    }

    pub fn heap_bytes(&self) -> usize {
        match &self.body {
            Body::Pack(pack) => pack.heap_bytes(),
            Body::Compressed(bytes) => allocated_bytes(bytes.len()),
            Body::Plain(text) => allocated_bytes(text.len()),
        }
    }

    /// Whether an element of so many bytes may join.
    pub fn has_room(&self, bytes: usize, fill: Fill) -> bool {
        !self.is_plain()
            && !fill.is_large(bytes)
            && !fill.is_exceeded_by(self.bytes() + bytes + ELEMENT_OVERHEAD_BYTES, self.len() + 1)
    }

    /// Whether the elements of another node may join.
    pub fn has_room_for(&self, other: &Self, fill: Fill) -> bool {
        let bytes = (self.bytes() + other.bytes()).saturating_sub(EMPTY_BYTES);
        !self.is_plain()
            && !other.is_plain()
            && !fill.is_exceeded_by(bytes, self.len() + other.len())
    }

    /// The listpack, unless the node is one large element.
    pub fn pack(&self) -> Option<Cow<'_, Listpack>> {
        match &self.body {
            Body::Pack(pack) => Some(Cow::Borrowed(pack)),
            Body::Compressed(bytes) => Some(Cow::Owned(unpack(bytes, self.unpacked_bytes))),
            Body::Plain(_) => None,
        }
    }

    pub fn into_pack(mut self) -> Option<Listpack> {
        self.expand();
        match self.body {
            Body::Pack(pack) => Some(pack),
            Body::Compressed(_) | Body::Plain(_) => None,
        }
    }

    /// The first or last element of a node that is not compressed.
    pub fn end(&self, end: End) -> Option<StrRef<'_>> {
        match &self.body {
            Body::Pack(pack) => match end {
                End::Head => pack.first().map(|at| pack.get(at)),
                End::Tail => pack.last().map(|at| pack.get(at)),
            },
            Body::Plain(text) => Some(StrRef::Bytes(text)),
            Body::Compressed(_) => None,
        }
    }

    /// Shows `count` elements from the one of this index on, forwards or backwards.
    pub fn visit(
        &self,
        index: usize,
        count: usize,
        end: End,
        visit: &mut impl FnMut(StrRef<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(pack) = self.pack() else {
            return match &self.body {
                Body::Plain(text) if count > 0 => visit(StrRef::Bytes(text)),
                _ => ControlFlow::Continue(()),
            };
        };
        let from = pack.seek(signed(index));
        match end {
            End::Head => pack.iter_from(from).take(count).try_for_each(visit),
            End::Tail => {
                let back = std::iter::successors(from, |at| pack.prev(*at));
                back.take(count).try_for_each(|at| visit(pack.get(at)))
            }
        }
    }

    /// Puts an element at an end of a node that has room.
    pub fn push(&mut self, end: End, text: &[u8]) {
        self.change(|pack| match end {
            End::Head => pack.push_front(text),
            End::Tail => pack.push_back(text),
        });
        self.count += 1;
    }

    /// Puts an element before the one of this index, or behind all.
    pub fn insert(&mut self, index: usize, text: &[u8]) {
        self.change(|pack| match pack.seek(signed(index)) {
            Some(at) => pack.insert_before(at, text),
            None => pack.push_back(text),
        });
        self.count += 1;
    }

    pub fn replace(&mut self, index: usize, text: &[u8]) {
        if let Body::Plain(old) = &mut self.body {
            *old = text.into();
        }
        self.change(|pack| {
            if let Some(at) = pack.seek(signed(index)) {
                pack.replace(at, text);
            }
        });
    }

    /// Takes `count` elements out, fewer than there are.
    pub fn remove(&mut self, index: usize, count: usize) {
        let removed = self.change(|pack| match pack.seek(signed(index)) {
            Some(at) => pack.remove(at, count),
            None => 0,
        });
        self.count -= removed as u32;
    }

    /// Takes elements out that equal `text`: `skip` are left alone, then as many as `count_max` go.
    /// Returns how many went.
    pub fn remove_equal(&mut self, text: &[u8], mut skip: usize, mut count_max: usize) -> usize {
        if let Body::Plain(own) = &self.body {
            let goes = **own == *text && skip == 0 && count_max > 0;
            self.count -= u32::from(goes);
            return usize::from(goes);
        }
        let as_int = crate::data::number::parse_i64(text);
        let removed = self.change(|pack| {
            pack.retain(|element| {
                let goes = count_max > 0 && equals(element, text, as_int);
                if goes && skip == 0 {
                    count_max -= 1;
                    return false;
                }
                skip -= usize::from(goes);
                true
            })
        });
        self.count -= removed as u32;
        removed
    }

    /// How many elements equal `text`.
    pub fn count_equal(&self, text: &[u8]) -> usize {
        let as_int = crate::data::number::parse_i64(text);
        let mut count = 0;
        let counted = self.visit(0, usize::MAX, End::Head, &mut |element| {
            count += usize::from(equals(element, text, as_int));
            ControlFlow::Continue(())
        });
        debug_assert!(counted.is_continue());
        count
    }

    /// Takes the elements from this index on into a node of their own.
    pub fn split_off(&mut self, index: usize) -> Self {
        let tail = self.change(|pack| match pack.seek(signed(index)) {
            Some(at) => pack.split_off(at),
            None => Listpack::new(),
        });
        let tail = Self::of_pack(tail);
        self.count -= tail.count;
        tail
    }

    /// Takes on the elements of the node that follows.
    pub fn append(&mut self, next: Self) {
        let count = next.count;
        if let Some(other) = next.into_pack() {
            self.change(|pack| pack.append(&other));
            self.count += count;
        }
    }

    /// Compresses the node if that saves anything worth while.
    pub fn compress(&mut self) {
        let Body::Pack(pack) = &self.body else { return };
        let bytes = pack.total_bytes();
        let Ok(unpacked_bytes) = u32::try_from(bytes) else { return };
        if bytes < COMPRESS_BYTES_MIN {
            return;
        }
        let room = bytes - COMPRESS_SAVES_MIN - 1;
        if let Some(packed) = lzf::Compressor::new().compress(pack.as_bytes(), room) {
            self.body = Body::Compressed(packed.into());
            self.unpacked_bytes = unpacked_bytes;
        }
    }

    /// Undoes [`Self::compress`].
    pub fn expand(&mut self) {
        if let Body::Compressed(bytes) = &self.body {
            self.body = Body::Pack(unpack(bytes, self.unpacked_bytes));
        }
    }

    /// Gives back room kept for growing.
    pub fn shrink_to_fit(&mut self) {
        if let Body::Pack(pack) = &mut self.body {
            pack.shrink_to_fit();
        }
    }

    fn change<R: Default>(&mut self, change: impl FnOnce(&mut Listpack) -> R) -> R {
        self.expand();
        match &mut self.body {
            Body::Pack(pack) => change(pack),
            Body::Compressed(_) | Body::Plain(_) => R::default(),
        }
    }
}

/// Whether an element is this text, which spells this integer if any.
#[inline]
pub(super) fn equals(element: StrRef<'_>, text: &[u8], as_int: Option<i64>) -> bool {
    match element {
        StrRef::Int(value) => as_int == Some(value),
        StrRef::Bytes(bytes) => bytes == text,
    }
}

fn unpack(bytes: &[u8], unpacked_bytes: u32) -> Listpack {
    let bytes = lzf::decompress(bytes, unpacked_bytes as usize);
    bytes.and_then(Listpack::from_bytes).unwrap_or_default()
}

fn signed(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// What Redis reckons an element takes beside its bytes, and an empty listpack.
const ELEMENT_OVERHEAD_BYTES: usize = 8;
const EMPTY_BYTES: usize = 7;

/// Redis compresses nodes of at least 48 bytes, if that saves more than 8 of them.
const COMPRESS_BYTES_MIN: usize = 48;
const COMPRESS_SAVES_MIN: usize = 8;

#[cfg(test)]
impl Node {
    pub fn is_compressed(&self) -> bool {
        matches!(self.body, Body::Compressed(_))
    }
}
