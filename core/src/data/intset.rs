//! A set of integers in one sorted buffer, byte for byte as Redis lays it out, so that it travels in
//! RDB files as it is.
//!
//! ```text
//! u32 width: 2, 4 or 8   u32 count   count integers of that width, ascending; all little-endian
//! ```
//!
//! Invariant: the bytes are those of a well-formed intset. Its width is the least that holds every
//! integer ever added; like Redis's, it never shrinks.

/// An intset in a buffer of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Intset(Vec<u8>);

impl Intset {
    #[must_use]
    pub fn new() -> Self {
        Self::with_room(Width::Two, 0)
    }

    /// Takes on foreign bytes, if they are a well-formed intset of at least one integer.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let (width, rest) = bytes.split_first_chunk()?;
        let (count, integers) = rest.split_first_chunk()?;
        let width = Width::of_mark(u32::from_le_bytes(*width))?;
        let claimed = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        if claimed == 0 || claimed.checked_mul(width.bytes())? != integers.len() {
            return None;
        }
        let set = Self(bytes);
        set.iter().is_sorted_by(|a, b| a < b).then_some(set)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        super::allocated_bytes(self.0.capacity())
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.integers().len() / self.width().bytes()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.len() <= HEADER_BYTES
    }

    /// The integer of this rank, from 0 for the least.
    #[must_use]
    pub fn at(&self, rank: usize) -> Option<i64> {
        let width = self.width();
        width.read(self.integers().get(rank.checked_mul(width.bytes())?..)?)
    }

    #[must_use]
    pub fn contains(&self, value: i64) -> bool {
        self.search(value).is_ok()
    }

    /// The rank of the least integer that is not below `value`, sought from `rank` on in steps that
    /// double: cheap for whoever asks for ascending integers.
    #[must_use]
    pub fn gallop(&self, value: i64, rank: usize) -> usize {
        let mut step = 1;
        let mut low = rank;
        while self.at(low + step - 1).is_some_and(|other| other < value) {
            low += step;
            step *= 2;
        }
        self.partition(low, (low + step - 1).min(self.len()), value)
    }

    /// Adds an integer; whether it is new.
    pub fn insert(&mut self, value: i64) -> bool {
        let needed = Width::holding(value);
        if needed > self.width() {
            self.widen(needed, value);
            return true;
        }
        let rank = match self.search(value) {
            Ok(_) => return false,
            Err(rank) => rank,
        };
        let width = self.width();
        let at = HEADER_BYTES + rank * width.bytes();
        let len = self.0.len();
        self.grow(width.bytes());
        self.0.resize(len + width.bytes(), 0);
        self.0.copy_within(at..len, at + width.bytes());
        if let Some(room) = self.0.get_mut(at..) {
            width.write(room, value);
        }
        self.write_count();
        true
    }

    /// Takes an integer out; whether it was there.
    pub fn remove(&mut self, value: i64) -> bool {
        let Ok(rank) = self.search(value) else { return false };
        let at = HEADER_BYTES + rank * self.width().bytes();
        self.0.drain(at..at + self.width().bytes());
        if self.0.len() * 2 + SHRINK_SLACK < self.0.capacity() {
            self.0.shrink_to_fit();
        }
        self.write_count();
        true
    }

    /// All integers, ascending.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter { integers: self.integers(), width: self.width() }
    }

    /// The rank of `value`, or the one that it would take.
    fn search(&self, value: i64) -> Result<usize, usize> {
        let rank = self.partition(0, self.len(), value);
        if self.at(rank) == Some(value) { Ok(rank) } else { Err(rank) }
    }

    /// The first rank in `low..high` whose integer is not below `value`, else `high`.
    fn partition(&self, mut low: usize, mut high: usize, value: i64) -> usize {
        while low < high {
            let middle = low.midpoint(high);
            if self.at(middle).is_some_and(|other| other < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Re-encodes every integer for one that needs more room: it is below or above all others.
    fn widen(&mut self, width: Width, value: i64) {
        let mut wider = Self::with_room(width, self.len() + 1);
        if value < 0 {
            wider.push(width, value);
        }
        self.iter().for_each(|old| wider.push(width, old));
        if value >= 0 {
            wider.push(width, value);
        }
        wider.write_count();
        *self = wider;
    }

    fn push(&mut self, width: Width, value: i64) {
        let bytes = value.to_le_bytes();
        self.0.extend_from_slice(bytes.get(..width.bytes()).unwrap_or_default());
    }

    fn with_room(width: Width, integers: usize) -> Self {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + integers * width.bytes());
        bytes.extend_from_slice(&(width.bytes() as u32).to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        Self(bytes)
    }

    /// Makes room a little at a time: an intset is small, and most of them never change again.
    fn grow(&mut self, more: usize) {
        let needed = self.0.len() + more;
        if needed > self.0.capacity() {
            let room = needed + needed / GROWTH_PART;
            self.0.reserve_exact(room.next_multiple_of(GROWTH_STEP) - self.0.len());
        }
    }

    fn write_count(&mut self) {
        // Whoever fills an intset keeps it below 2^30 integers.
        let count = (self.len() as u32).to_le_bytes();
        if let Some(place) = self.0.get_mut(4..HEADER_BYTES) {
            place.copy_from_slice(&count);
        }
    }

    #[inline]
    fn width(&self) -> Width {
        match self.0.first() {
            Some(8) => Width::Eight,
            Some(4) => Width::Four,
            _ => Width::Two,
        }
    }

    #[inline]
    fn integers(&self) -> &[u8] {
        self.0.get(HEADER_BYTES..).unwrap_or_default()
    }
}

impl Default for Intset {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Intset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for &'a Intset {
    type Item = i64;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// The integers of an intset, ascending.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    integers: &'a [u8],
    width: Width,
}

impl Iterator for Iter<'_> {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        let value = self.width.read(self.integers)?;
        self.integers = self.integers.get(self.width.bytes()..).unwrap_or_default();
        Some(value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.integers.len() / self.width.bytes();
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// Bytes that each integer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    Two,
    Four,
    Eight,
}

impl Width {
    fn of_mark(mark: u32) -> Option<Self> {
        match mark {
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    fn holding(value: i64) -> Self {
        if i16::try_from(value).is_ok() {
            Self::Two
        } else if i32::try_from(value).is_ok() {
            Self::Four
        } else {
            Self::Eight
        }
    }

    #[inline]
    const fn bytes(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// The integer that `bytes` begins with.
    #[inline]
    fn read(self, bytes: &[u8]) -> Option<i64> {
        Some(match self {
            Self::Two => i16::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::Four => i32::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::Eight => i64::from_le_bytes(*bytes.first_chunk()?),
        })
    }

    /// Writes an integer that fits at the beginning of `room`.
    fn write(self, room: &mut [u8], value: i64) {
        for (place, byte) in room.iter_mut().zip(value.to_le_bytes()).take(self.bytes()) {
            *place = byte;
        }
    }
}

const HEADER_BYTES: usize = 8;

/// A full buffer grows by an eighth, to a size allocators have.
const GROWTH_PART: usize = 8;
const GROWTH_STEP: usize = 16;

/// Room that is not given back.
const SHRINK_SLACK: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Intset;
    use crate::rng::Rng;

    fn set_of(values: &[i64]) -> Intset {
        let mut set = Intset::new();
        values.iter().for_each(|value| assert!(set.insert(*value)));
        set
    }

    #[test]
    fn bytes_are_those_of_redis() {
        let cases: [(&[i64], &[u8]); 5] = [
            (&[], b"\x02\0\0\0\0\0\0\0"),
            (&[3, -1], b"\x02\0\0\0\x02\0\0\0\xff\xff\x03\0"),
            (&[1, 40_000], b"\x04\0\0\0\x02\0\0\0\x01\0\0\0\x40\x9c\0\0"),
            (&[1, -40_000], b"\x04\0\0\0\x02\0\0\0\xc0\x63\xff\xff\x01\0\0\0"),
            (&[1 << 33], b"\x08\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0"),
        ];
        for (values, expect) in cases {
            assert_eq!(set_of(values).as_bytes(), expect, "{values:?}");
        }
    }

    #[test]
    fn changes_follow_a_tree() {
        for bits in [8, 20, 40, 64] {
            let mut rng = Rng::new(bits);
            let (mut set, mut model) = (Intset::new(), BTreeSet::new());
            for _ in 0..3000 {
                let value = rng.next_u64() as i64 >> (64 - bits) >> rng.below(bits);
                if rng.below(3) == 0 {
                    assert_eq!(set.remove(value), model.remove(&value));
                } else {
                    assert_eq!(set.insert(value), model.insert(value));
                }
                assert_eq!((set.len(), set.is_empty()), (model.len(), model.is_empty()));
                assert_eq!(set.contains(value), model.contains(&value));
            }
            assert!(set.iter().eq(model.iter().copied()));
            assert_eq!(Intset::from_bytes(set.as_bytes().to_vec()), Some(set.clone()));
            for rank in 0..=model.len() {
                assert_eq!(set.at(rank), model.iter().nth(rank).copied());
            }
        }
    }

    #[test]
    fn galloping_finds_what_searching_finds() {
        let set = set_of(&(0..500).map(|value| value * 3).collect::<Vec<_>>());
        for value in -2..1502 {
            let expect = set.search(value).unwrap_or_else(|rank| rank);
            for from in [0, expect / 2, expect.saturating_sub(1), expect] {
                assert_eq!(set.gallop(value, from), expect, "{value} from {from}");
            }
        }
        assert_eq!(Intset::new().gallop(1, 0), 0);
    }

    #[test]
    fn refuses_what_is_malformed() {
        let bytes: [&[u8]; 8] = [
            b"",
            b"\x02\0\0\0\x01\0\0",
            b"\x02\0\0\0\0\0\0\0",
            b"\x03\0\0\0\x01\0\0\0\x01\0\0",
            b"\x02\0\0\0\x02\0\0\0\x01\0",
            b"\x02\0\0\0\x01\0\0\0\x01\0\x02\0",
            b"\x02\0\0\0\x02\0\0\0\x02\0\x01\0",
            b"\x02\0\0\0\x02\0\0\0\x01\0\x01\0",
        ];
        for bytes in bytes {
            assert_eq!(Intset::from_bytes(bytes.to_vec()), None, "{}", bytes.escape_ascii());
        }
    }
}
