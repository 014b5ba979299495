//! A listpack: a sequence of short strings and integers in one buffer, byte for byte as Redis lays
//! it out, so that it travels in RDB files as it is.
//!
//! ```text
//! u32 bytes   u16 elements, 65535 for "count them"   element* FF
//! element: encoding [payload] back-length
//!   0vvvvvvv                        an integer of 7 bits
//!   10llllll bytes                  a string of up to 63 bytes
//!   110vvvvv v                      an integer of 13 bits
//!   1110llll l bytes                a string of up to 4095 bytes
//!   F0 u32 bytes                    a longer string
//!   F1 i16   F2 i24   F3 i32   F4 i64
//! ```
//!
//! The back-length is the size of what comes before it, in groups of seven bits, readable from its
//! end: so the sequence can be walked both ways. A string that is the canonical form of an integer
//! is kept as one.
//!
//! Invariant: the bytes are those of a well-formed listpack. An [`At`] is the place of an element;
//! it is good until the next change, and a stale one yields wrong elements or none, never a panic.

mod collect;
mod join;
mod view;

use super::text::StrRef;
use crate::data::number::parse_i64;
use view::COUNT_BYTES;

pub use collect::Collector;
pub use view::{Iter, PackRef};

/// A listpack in a buffer of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Listpack(Vec<u8>);

/// The place of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(u32);

impl Listpack {
    #[must_use]
    pub fn new() -> Self {
        Self::with_room(0)
    }

    /// An empty listpack with room for elements of so many bytes.
    #[must_use]
    pub fn with_room(elements_bytes: usize) -> Self {
        let mut pack = Self(Vec::with_capacity(EMPTY_BYTES + elements_bytes));
        pack.0.extend_from_slice(&(EMPTY_BYTES as u32).to_le_bytes());
        pack.0.extend_from_slice(&[0, 0, END]);
        pack
    }

    /// Takes on foreign bytes, if they are a well-formed listpack.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let claimed = u32::from_le_bytes(*bytes.first_chunk()?);
        if claimed as usize != bytes.len() || bytes.len() < EMPTY_BYTES {
            return None;
        }
        let pack = Self(bytes);
        pack.view().is_well_formed().then_some(pack)
    }

    /// A copy of what lies elsewhere.
    #[must_use]
    pub fn copied(pack: PackRef<'_>) -> Self {
        let mut copy = Self(Vec::with_capacity(TOTAL_BYTES + pack.as_bytes().len()));
        copy.copy(pack);
        copy
    }

    /// Becomes a copy of what lies elsewhere; room that it had stays.
    pub fn copy(&mut self, pack: PackRef<'_>) {
        self.0.clear();
        self.0.extend_from_slice(&[0; TOTAL_BYTES]);
        self.0.extend_from_slice(pack.as_bytes());
        self.write_total();
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Bytes of the listpack, header and end included.
    #[must_use]
    pub fn total_bytes(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        super::allocated_bytes(self.0.capacity())
    }

    pub fn push_back(&mut self, text: &[u8]) {
        self.insert_at(self.view().end_offset(), &Encoded::of(text));
    }

    pub fn push_back_int(&mut self, value: i64) {
        self.insert_at(self.view().end_offset(), &Encoded::of_int(value));
    }

    pub fn push_front(&mut self, text: &[u8]) {
        self.insert_at(COUNT_BYTES, &Encoded::of(text));
    }

    /// Puts an element before the one at `at`, whose place it takes.
    pub fn insert_before(&mut self, at: At, text: &[u8]) {
        self.insert_at(at.offset(), &Encoded::of(text));
    }

    /// Puts an element after the one at `at`.
    pub fn insert_after(&mut self, at: At, text: &[u8]) {
        self.insert_at(at.offset() + self.view().size(at.offset()), &Encoded::of(text));
    }

    /// Puts an integer after the element at `at`.
    pub fn insert_int_after(&mut self, at: At, value: i64) {
        self.insert_at(at.offset() + self.view().size(at.offset()), &Encoded::of_int(value));
    }

    /// Replaces the element at `at`, which stays its place.
    pub fn replace(&mut self, at: At, text: &[u8]) {
        self.splice(at.offset(), self.view().size(at.offset()), &Encoded::of(text));
        self.write_total();
    }

    /// Replaces the element at `at` by an integer.
    pub fn replace_int(&mut self, at: At, value: i64) {
        self.splice(at.offset(), self.view().size(at.offset()), &Encoded::of_int(value));
        self.write_total();
    }

    /// Takes `count` elements out, or as many as there are from `at` on; the place is then that of
    /// the element that followed them, if [`Self::at_is_element`] says so. Returns how many went.
    pub fn remove(&mut self, at: At, count: usize) -> usize {
        let start = at.offset().min(self.view().end_offset());
        let (mut end, mut removed) = (start, 0);
        while removed < count && end < self.view().end_offset() {
            end += self.view().size(end);
            removed += 1;
        }
        let before = self.view().stored_count();
        let end = end.min(self.view().end_offset());
        self.0.drain(TOTAL_BYTES + start..TOTAL_BYTES + end);
        self.shrink();
        self.write_total();
        let left = match before {
            COUNT_UNKNOWN => self.iter().count(),
            count => usize::from(count).saturating_sub(removed),
        };
        self.write_count(left);
        removed
    }

    /// Bytes that an element of this text adds.
    #[must_use]
    pub fn element_bytes(text: &[u8]) -> usize {
        Encoded::of(text).total_bytes()
    }

    /// Gives back room that is not needed.
    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    fn insert_at(&mut self, offset: usize, element: &Encoded<'_>) {
        let offset = offset.min(self.view().end_offset());
        let count = self.view().stored_count();
        self.splice(offset, 0, element);
        self.write_total();
        if count != COUNT_UNKNOWN {
            self.write_count(usize::from(count) + 1);
        }
    }

    /// Puts an element in place of `removed` bytes.
    fn splice(&mut self, offset: usize, removed: usize, element: &Encoded<'_>) {
        let end = (offset + removed).min(self.view().end_offset());
        let offset = offset.min(end);
        let (old, new) = (end - offset, element.total_bytes());
        let (offset, end, len) = (TOTAL_BYTES + offset, TOTAL_BYTES + end, self.0.len());
        if new > old {
            self.grow(new - old);
            self.0.resize(len + new - old, 0);
        }
        self.0.copy_within(end..len, offset + new);
        self.0.truncate(len + new - old);
        if let Some(room) = self.0.get_mut(offset..offset + new) {
            element.write(room);
        }
        // Not after it grew: a new listpack may have room for all that is to come.
        if new < old {
            self.shrink();
        }
    }

    /// Makes room a little at a time: a listpack is small, and most of them never change again.
    fn grow(&mut self, more: usize) {
        let needed = self.0.len() + more;
        if needed > self.0.capacity() {
            let room = needed + (needed / GROWTH_PART).min(GROWTH_BYTES_MAX);
            self.0.reserve_exact(room.next_multiple_of(GROWTH_STEP) - self.0.len());
        }
    }

    fn shrink(&mut self) {
        if self.0.len() * 2 + SHRINK_SLACK < self.0.capacity() {
            self.0.shrink_to_fit();
        }
    }

    fn write_total(&mut self) {
        // A listpack is kept far below 4 GiB by those who fill it.
        let total = (self.0.len() as u32).to_le_bytes();
        if let Some(place) = self.0.first_chunk_mut() {
            *place = total;
        }
    }

    fn write_count(&mut self, count: usize) {
        let count = u16::try_from(count).unwrap_or(COUNT_UNKNOWN).to_le_bytes();
        if let Some(place) = self.0.get_mut(TOTAL_BYTES..HEADER_BYTES) {
            place.copy_from_slice(&count);
        }
    }
}

impl At {
    const fn offset(self) -> usize {
        self.0 as usize
    }
}

impl Default for Listpack {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Listpack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for &'a Listpack {
    type Item = StrRef<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// An element as it is laid out, but for its back-length.
struct Encoded<'a> {
    head: [u8; 9],
    head_len: usize,
    bytes: &'a [u8],
}

impl<'a> Encoded<'a> {
    fn of(text: &'a [u8]) -> Self {
        match parse_i64(text) {
            Some(value) => Self::of_int(value),
            None => Self::of_bytes(text),
        }
    }

    fn of_bytes(bytes: &'a [u8]) -> Self {
        let len = bytes.len();
        let mut head = [0; 9];
        let [first, second, ..] = &mut head;
        let head_len = match len {
            0..=0x3f => {
                *first = 0x80 | len as u8;
                1
            }
            0x40..=0xfff => {
                (*first, *second) = (0xe0 | (len >> 8) as u8, len as u8);
                2
            }
            _ => {
                let [a, b, c, d] = (len as u32).to_le_bytes();
                head = [STRING_32, a, b, c, d, 0, 0, 0, 0];
                5
            }
        };
        Self { head, head_len, bytes }
    }

    fn of_int(value: i64) -> Self {
        let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
        let (head, head_len) = match value {
            0..=0x7f => ([a, 0, 0, 0, 0, 0, 0, 0, 0], 1),
            -0x1000..=0xfff => ([0xc0 | b & 0x1f, a, 0, 0, 0, 0, 0, 0, 0], 2),
            -0x8000..=0x7fff => ([INT_16, a, b, 0, 0, 0, 0, 0, 0], 3),
            -0x80_0000..=0x7f_ffff => ([INT_24, a, b, c, 0, 0, 0, 0, 0], 4),
            -0x8000_0000..=0x7fff_ffff => ([INT_32, a, b, c, d, 0, 0, 0, 0], 5),
            _ => ([INT_64, a, b, c, d, e, f, g, h], 9),
        };
        Self { head, head_len, bytes: b"" }
    }

    fn body_bytes(&self) -> usize {
        self.head_len + self.bytes.len()
    }

    fn total_bytes(&self) -> usize {
        self.body_bytes() + back_bytes(self.body_bytes())
    }

    fn append(&self, out: &mut Vec<u8>) {
        match self.head {
            [first, ..] if self.head_len == 1 => out.push(first),
            _ => out.extend_from_slice(self.head.get(..self.head_len).unwrap_or_default()),
        }
        out.extend_from_slice(self.bytes);
        let (body, start) = (self.body_bytes(), out.len());
        if let Ok(short @ ..0x80) = u8::try_from(body) {
            return out.push(short);
        }
        out.resize(start + back_bytes(body), 0);
        write_back(out.get_mut(start..).unwrap_or_default(), body);
    }

    /// Fills `room`, which has [`Self::total_bytes`] bytes.
    fn write(&self, room: &mut [u8]) {
        let head = self.head.get(..self.head_len).unwrap_or_default();
        let (head_room, rest) = room.split_at_mut(self.head_len);
        head_room.copy_from_slice(head);
        let (bytes_room, back_room) = rest.split_at_mut(self.bytes.len());
        bytes_room.copy_from_slice(self.bytes);
        write_back(back_room, self.body_bytes());
    }
}

/// Bytes of the back-length of an element whose body has `body` bytes. The bounds are Redis's,
/// which leave the last value of each size to the next.
const fn back_bytes(body: usize) -> usize {
    match body {
        0..=0x7f => 1,
        0x80..=0x3ffe => 2,
        0x3fff..=0x1f_fffe => 3,
        0x1f_ffff..=0xfff_fffe => 4,
        _ => 5,
    }
}

/// The most significant group first; every group but that one has its high bit set.
fn write_back(room: &mut [u8], body: usize) {
    let mut rest = body;
    for byte in room.iter_mut().rev() {
        *byte = (rest & 0x7f) as u8 | 0x80;
        rest >>= 7;
    }
    if let Some(first) = room.first_mut() {
        *first &= 0x7f;
    }
}

const TOTAL_BYTES: usize = 4;
const HEADER_BYTES: usize = TOTAL_BYTES + COUNT_BYTES;
const EMPTY_BYTES: usize = HEADER_BYTES + 1;
const END: u8 = 0xff;
const COUNT_UNKNOWN: u16 = u16::MAX;
const BACK_BYTES_MAX: usize = 5;

const STRING_32: u8 = 0xf0;
const INT_16: u8 = 0xf1;
const INT_24: u8 = 0xf2;
const INT_32: u8 = 0xf3;
const INT_64: u8 = 0xf4;

/// A full buffer grows by an eighth, at most by a page, to a size allocators have.
const GROWTH_PART: usize = 8;
const GROWTH_BYTES_MAX: usize = 4096;
const GROWTH_STEP: usize = 16;

/// Room that is not given back.
const SHRINK_SLACK: usize = 64;

#[cfg(test)]
mod tests {
    use super::{At, Encoded, Listpack, StrRef};

    fn pack_of(texts: &[&[u8]]) -> Listpack {
        let mut pack = Listpack::new();
        texts.iter().for_each(|text| pack.push_back(text));
        pack
    }

    fn texts_of(pack: &Listpack) -> Vec<Vec<u8>> {
        pack.iter().map(StrRef::to_vec).collect()
    }

    #[test]
    fn room_made_ahead_is_there_until_it_is_used() {
        let texts = [b"field".as_slice(), b"a value of its own", b"12345"].repeat(8);
        let bytes = texts.iter().map(|text| Listpack::element_bytes(text)).sum();
        let mut pack = Listpack::with_room(bytes);
        let room = pack.0.capacity();
        texts.iter().for_each(|text| pack.push_back(text));
        assert_eq!((pack.0.capacity(), pack.total_bytes()), (room, room));
    }

    #[test]
    fn bytes_are_those_of_redis() {
        let cases: [(&[u8], &[u8]); 13] = [
            (b"", b"\x80\x01"),
            (b"a", b"\x81a\x02"),
            (b"0", b"\x00\x01"),
            (b"127", b"\x7f\x01"),
            (b"128", b"\xc0\x80\x02"),
            (b"-1", b"\xdf\xff\x02"),
            (b"-4096", b"\xd0\x00\x02"),
            (b"4096", b"\xf1\x00\x10\x03"),
            (b"-32769", b"\xf2\xff\x7f\xff\x04"),
            (b"8388608", b"\xf3\x00\x00\x80\x00\x05"),
            (b"2147483648", b"\xf4\x00\x00\x00\x80\x00\x00\x00\x00\x09"),
            (b"007", b"\x83007\x04"),
            (b"-0", b"\x82-0\x03"),
        ];
        for (text, expect) in cases {
            let pack = pack_of(&[text]);
            let (head, rest) = pack.as_bytes().split_at(6);
            assert_eq!(head, [expect.len() as u8 + 7, 0, 0, 0, 1, 0], "{}", text.escape_ascii());
            assert_eq!(rest, [expect, b"\xff"].concat(), "{}", text.escape_ascii());
            assert_eq!(texts_of(&pack), [text]);
        }
    }

    #[test]
    fn every_length_reads_back_from_both_ends() {
        let edges = [0, 1, 63, 64, 126, 127, 4095, 4096, 16_380, 16_381, 16_382, 70_000, 2_097_146];
        for len in edges {
            let text = vec![b'x'; len];
            let pack = pack_of(&[b"a", &text, b"12345"]);
            let last = pack.last().unwrap();
            let middle = pack.prev(last).unwrap();
            assert_eq!(pack.get(middle), StrRef::Bytes(&text), "{len}");
            assert_eq!(pack.prev(middle), pack.first());
            assert_eq!(pack.prev(pack.first().unwrap()), None);
            assert_eq!(pack.total_bytes() - pack_of(&[b"a", b"12345"]).total_bytes(), {
                Listpack::element_bytes(&text)
            });
            assert_eq!(Listpack::from_bytes(pack.as_bytes().to_vec()), Some(pack));
        }
    }

    #[test]
    fn changes_follow_a_vector() {
        let mut rng = crate::rng::Rng::new(5);
        let mut pack = Listpack::new();
        let mut model: Vec<Vec<u8>> = Vec::new();
        for round in 0..3000_u64 {
            let text = match rng.below(3) {
                0 => (rng.next_u64() as i64 >> rng.below(64)).to_string().into_bytes(),
                1 => vec![b'v'; rng.below(200) as usize],
                _ => format!("text {round}").into_bytes(),
            };
            let index = rng.below(model.len() as u64 + 1) as usize;
            let at = pack.seek(index as i64);
            assert_eq!(at.is_some(), index < model.len());
            match (rng.below(7), at) {
                (0, _) => {
                    pack.push_front(&text);
                    model.insert(0, text);
                }
                (1 | 2, Some(at)) => {
                    pack.insert_before(at, &text);
                    model.insert(index, text);
                }
                (3, Some(at)) => {
                    pack.insert_after(at, &text);
                    model.insert(index + 1, text);
                }
                (4, Some(at)) => {
                    pack.replace(at, &text);
                    model[index] = text;
                }
                (5, Some(at)) => {
                    let count = rng.below(4) as usize;
                    let removed = pack.remove(at, count);
                    assert_eq!(removed, count.min(model.len() - index));
                    model.drain(index..index + removed);
                    assert_eq!(pack.at_is_element(at), index < model.len());
                }
                _ => {
                    pack.push_back(&text);
                    model.push(text);
                }
            }
            assert_eq!(pack.len(), model.len());
            if round % 50 == 0 {
                assert_eq!(texts_of(&pack), model);
                assert_eq!(Listpack::from_bytes(pack.as_bytes().to_vec()), Some(pack.clone()));
            }
            let index = rng.below(model.len() as u64 * 2 + 1) as i64 - model.len() as i64;
            let expect = if index < 0 { index + model.len() as i64 } else { index };
            let got = pack.seek(index).map(|at| pack.get(at).to_vec());
            assert_eq!(got.as_ref(), model.get(expect as usize));
        }
    }

    #[test]
    fn finds_by_value_and_stride() {
        let pack = pack_of(&[b"a", b"1", b"1", b"a", b"01", b"x"]);
        let index =
            |at: Option<At>| at.map(|at| (0..).find(|i| pack.seek(*i) == Some(at)).unwrap());
        assert_eq!(index(pack.find(b"1", pack.first(), 1)), Some(1));
        assert_eq!(index(pack.find(b"1", pack.first(), 2)), Some(2));
        assert_eq!(index(pack.find(b"01", pack.first(), 1)), Some(4));
        assert_eq!(index(pack.find(b"x", pack.first(), 2)), None);
        assert_eq!(pack.find(b"x", None, 1), None);
    }

    #[test]
    fn counts_beyond_what_the_header_holds() {
        let mut pack = Listpack::new();
        (0..70_000).for_each(|_| pack.push_back(b"1"));
        assert_eq!(pack.len(), 70_000);
        assert_eq!(pack.seek(69_999), pack.last());
        assert_eq!(pack.seek(-70_000), pack.first());
        assert_eq!(pack.seek(70_000), None);
        assert_eq!(pack.remove(pack.seek(10).unwrap(), 69_000), 69_000);
        assert_eq!((pack.len(), &pack.as_bytes()[4..6]), (1000, &[0xe8, 3][..]));
    }

    #[test]
    fn refuses_what_is_malformed() {
        let good = pack_of(&[b"hello", b"1", &[b'x'; 5000]]).as_bytes().to_vec();
        for at in 0..good.len() {
            assert_eq!(Listpack::from_bytes(good[..at].to_vec()), None);
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                // Whatever is accepted can be walked to its end, both ways.
                if let Some(pack) = Listpack::from_bytes(bad) {
                    let mut backwards = std::iter::successors(pack.last(), |at| pack.prev(*at));
                    assert_eq!(pack.iter().count(), pack.len());
                    assert_eq!(backwards.by_ref().count(), pack.len());
                }
            }
        }
        assert_eq!(Encoded::of(b"x").total_bytes(), 3);
    }
}
