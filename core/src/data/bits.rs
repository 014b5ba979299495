//! A string as an array of bits: bit 0 is the highest of the first byte, and an integer field has
//! its highest bit first, as Redis numbers them.
//!
//! Bits beyond the end of a string read as 0. Whole words are counted and searched at a time.

/// The bit at `offset`.
#[must_use]
pub fn bit(bytes: &[u8], offset: u64) -> bool {
    byte_at(bytes, offset) & mask_of(offset) != 0
}

/// Sets the bit at `offset`; one beyond the end is left alone.
pub fn set_bit(bytes: &mut [u8], offset: u64, on: bool) {
    let Ok(at) = usize::try_from(offset / 8) else { return };
    let Some(byte) = bytes.get_mut(at) else { return };
    *byte = if on { *byte | mask_of(offset) } else { *byte & !mask_of(offset) };
}

/// How many bits are 1.
#[must_use]
pub fn count(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<WORD_BYTES>();
    let in_words: u64 = words.iter().map(|word| ones(u64::from_ne_bytes(*word))).sum();
    in_words + rest.iter().map(|byte| ones(u64::from(*byte))).sum::<u64>()
}

/// How many of the bits from `first` to `last`, both included and both there, are 1.
#[must_use]
pub fn count_between(bytes: &[u8], first: u64, last: u64) -> u64 {
    let Some(Ends { start, end }) = Ends::of(bytes, first, last) else { return 0 };
    let whole = bytes.get(start..=end).map_or(0, count);
    let before = byte_at(bytes, first) & !from_bit(first);
    let after = byte_at(bytes, last) & !up_to_bit(last);
    whole - ones(u64::from(before)) - ones(u64::from(after))
}

/// The first bit that is `on`.
#[must_use]
pub fn position(bytes: &[u8], on: bool) -> Option<u64> {
    let skipped = if on { 0 } else { u64::MAX };
    let blocks = bytes.as_chunks::<BLOCK_BYTES>().0.iter();
    let is_skipped = |block: &&[u8; BLOCK_BYTES]| {
        let words = block.as_chunks::<WORD_BYTES>().0.iter();
        words.fold(0, |other, word| other | u64::from_ne_bytes(*word) ^ skipped) == 0
    };
    let before = blocks.take_while(is_skipped).count() * BLOCK_BYTES;
    let within = position_by_words(bytes.get(before..)?, skipped)?;
    Some(before as u64 * 8 + within)
}

/// The first bit that is other than in `skipped`, which are bits all alike.
fn position_by_words(bytes: &[u8], skipped: u64) -> Option<u64> {
    let (words, rest) = bytes.as_chunks::<WORD_BYTES>();
    let found = words.iter().map(|word| u64::from_be_bytes(*word)).position(|w| w != skipped);
    if let Some(at) = found {
        let word = u64::from_be_bytes(*words.get(at)?) ^ skipped;
        return Some(at as u64 * u64::from(u64::BITS) + u64::from(word.leading_zeros()));
    }
    let at = rest.iter().position(|byte| *byte != skipped as u8)?;
    let byte = rest.get(at)? ^ skipped as u8;
    Some(((words.len() * WORD_BYTES + at) * 8) as u64 + u64::from(byte.leading_zeros()))
}

/// The first bit that is `on` among those from `first` to `last`, both included and both there.
#[must_use]
pub fn position_between(bytes: &[u8], on: bool, first: u64, last: u64) -> Option<u64> {
    let Ends { start, end } = Ends::of(bytes, first, last)?;
    let flip = if on { 0 } else { u8::MAX };
    let in_byte = |at: usize, mask: u8| {
        let byte = (byte_at(bytes, at as u64 * 8) ^ flip) & mask;
        (byte != 0).then(|| at as u64 * 8 + u64::from(byte.leading_zeros()))
    };
    if start == end {
        return in_byte(start, from_bit(first) & up_to_bit(last));
    }
    let between = || {
        let within = position(bytes.get(start + 1..end)?, on)?;
        Some(within + (start as u64 + 1) * 8)
    };
    in_byte(start, from_bit(first)).or_else(between).or_else(|| in_byte(end, up_to_bit(last)))
}

/// The unsigned number in the `width` bits, at most 64, from `offset` on.
#[must_use]
pub fn field(bytes: &[u8], offset: u64, width: u32) -> u64 {
    let (window, shift) = window(bytes, offset, width);
    (window >> shift) as u64 & low_bits(width)
}

/// Stores the low `width` bits of `value`, at most 64, from `offset` on; what is beyond the end is
/// dropped.
pub fn set_field(bytes: &mut [u8], offset: u64, width: u32, value: u64) {
    let (window, shift) = window(bytes, offset, width);
    let mask = u128::from(low_bits(width)) << shift;
    let changed = window & !mask | (u128::from(value) << shift) & mask;
    let at = usize::try_from(offset / 8).unwrap_or(usize::MAX);
    let place = bytes.get_mut(at..).unwrap_or_default();
    place.iter_mut().zip(changed.to_be_bytes()).for_each(|(byte, new)| *byte = new);
}

/// The sixteen bytes from that of `offset` on, and how far right the field's lowest bit has to go.
fn window(bytes: &[u8], offset: u64, width: u32) -> (u128, u32) {
    let mut window = [0; size_of::<u128>()];
    let at = usize::try_from(offset / 8).unwrap_or(usize::MAX);
    let there = bytes.get(at..).unwrap_or_default();
    window.iter_mut().zip(there).for_each(|(to, from)| *to = *from);
    (u128::from_be_bytes(window), u128::BITS - (offset % 8) as u32 - width.min(u64::BITS))
}

/// What BITOP computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    And,
    Or,
    Xor,
    Not,
    /// In the first source and in no other.
    Diff,
    /// In another source and not in the first.
    Diff1,
    /// In the first source and in another.
    AndOr,
    /// In exactly one source.
    One,
}

/// A BITOP under way: its sources are added one by one.
#[derive(Debug)]
pub struct Combination {
    operation: Operation,
    sources: usize,
    /// The first source, where the operation tells it from the others.
    first: Vec<u8>,
    result: Vec<u8>,
    /// Of ONE: bits met more than once.
    repeated: Vec<u8>,
}

impl Combination {
    #[must_use]
    pub fn new(operation: Operation) -> Self {
        let (first, result, repeated) = (Vec::new(), Vec::new(), Vec::new());
        Self { operation, sources: 0, first, result, repeated }
    }

    /// Adds a source; one that is shorter than another counts as padded with zero bytes.
    pub fn add(&mut self, source: &[u8]) {
        let is_first = self.sources == 0;
        self.sources += 1;
        match self.operation {
            Operation::Diff | Operation::Diff1 | Operation::AndOr if is_first => {
                self.first.extend_from_slice(source);
            }
            _ if is_first => self.result.extend_from_slice(source),
            Operation::And => {
                let shared = self.result.len().min(source.len());
                pad(&mut self.result, source.len());
                zip(&mut self.result, source, |a, b| a & b);
                self.result.get_mut(shared..).unwrap_or_default().fill(0);
            }
            Operation::Xor => self.merge(source, |a, b| a ^ b),
            Operation::One => {
                let mut met_before = self.result.clone();
                met_before.truncate(source.len());
                zip(&mut met_before, source, |a, b| a & b);
                pad(&mut self.repeated, met_before.len());
                zip(&mut self.repeated, &met_before, |a, b| a | b);
                self.merge(source, |a, b| a | b);
            }
            Operation::Or
            | Operation::Not
            | Operation::Diff
            | Operation::Diff1
            | Operation::AndOr => self.merge(source, |a, b| a | b),
        }
    }

    /// As long as the longest source.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let Self { operation, mut first, mut result, repeated, .. } = self;
        pad(&mut first, result.len());
        match operation {
            Operation::And | Operation::Or | Operation::Xor => {}
            Operation::Not => result.iter_mut().for_each(|byte| *byte = !*byte),
            Operation::One => zip(&mut result, &repeated, |once, more| once & !more),
            Operation::Diff => {
                zip(&mut first, &result, |a, b| a & !b);
                return first;
            }
            Operation::Diff1 => {
                pad(&mut result, first.len());
                zip(&mut first, &result, |a, b| !a & b);
                return first;
            }
            Operation::AndOr => {
                pad(&mut result, first.len());
                zip(&mut first, &result, |a, b| a & b);
                return first;
            }
        }
        result
    }

    fn merge(&mut self, source: &[u8], join: impl Fn(u8, u8) -> u8) {
        pad(&mut self.result, source.len());
        zip(&mut self.result, source, join);
    }
}

/// Makes it at least `len` bytes long.
fn pad(bytes: &mut Vec<u8>, len: usize) {
    if bytes.len() < len {
        bytes.resize(len, 0);
    }
}

/// Changes the bytes that have one beside them in `other`: a loop without branches, which the
/// compiler makes one over whole registers.
fn zip(bytes: &mut [u8], other: &[u8], join: impl Fn(u8, u8) -> u8) {
    for (byte, other) in bytes.iter_mut().zip(other) {
        *byte = join(*byte, *other);
    }
}

/// The bytes in which a range of bits begins and ends.
struct Ends {
    start: usize,
    end: usize,
}

impl Ends {
    fn of(bytes: &[u8], first: u64, last: u64) -> Option<Self> {
        let (start, end) = (usize::try_from(first / 8).ok()?, usize::try_from(last / 8).ok()?);
        (first <= last && end < bytes.len()).then_some(Self { start, end })
    }
}

fn byte_at(bytes: &[u8], offset: u64) -> u8 {
    let at = usize::try_from(offset / 8).unwrap_or(usize::MAX);
    bytes.get(at).copied().unwrap_or(0)
}

fn mask_of(offset: u64) -> u8 {
    0x80 >> (offset % 8)
}

/// The bits of a byte from that of `offset` on.
fn from_bit(offset: u64) -> u8 {
    u8::MAX >> (offset % 8)
}

/// The bits of a byte up to that of `offset`.
fn up_to_bit(offset: u64) -> u8 {
    u8::MAX << (7 - offset % 8)
}

/// A mask of the `width` lowest bits of a word.
fn low_bits(width: u32) -> u64 {
    u64::MAX.checked_shr(u64::BITS.saturating_sub(width)).unwrap_or(0)
}

fn ones(word: u64) -> u64 {
    u64::from(word.count_ones())
}

const WORD_BYTES: usize = size_of::<u64>();
/// What is searched at once: a processor loads a cache line as a whole.
const BLOCK_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn random(rng: &mut Rng, len: usize) -> Vec<u8> {
        let dense = rng.below(2) == 0;
        (0..len)
            .map(|_| if dense || rng.below(9) == 0 { rng.next_u64() as u8 } else { 0 })
            .collect()
    }

    #[test]
    fn ranges_count_and_find_what_single_bits_say() {
        let mut rng = Rng::new(7);
        for _ in 0..300 {
            let len = rng.below(40) + 1;
            let bytes = random(&mut rng, len as usize);
            let (a, b) = (rng.below(len * 8), rng.below(len * 8));
            let (first, last) = (a.min(b), a.max(b));
            let ones = (first..=last).filter(|at| bit(&bytes, *at)).count() as u64;
            assert_eq!(count_between(&bytes, first, last), ones);
            assert_eq!(count(&bytes), count_between(&bytes, 0, len * 8 - 1));
            for on in [false, true] {
                let expect = (first..=last).find(|at| bit(&bytes, *at) == on);
                assert_eq!(position_between(&bytes, on, first, last), expect);
                let expect = (0..len * 8).find(|at| bit(&bytes, *at) == on);
                assert_eq!(position(&bytes, on), expect);
            }
        }
    }

    #[test]
    fn fields_are_read_as_written_and_touch_nothing_else() {
        let mut rng = Rng::new(8);
        for _ in 0..1000 {
            let mut bytes = random(&mut rng, 24);
            let before = bytes.clone();
            let (offset, width) = (rng.below(128), rng.below(64) as u32 + 1);
            let value = rng.next_u64();
            set_field(&mut bytes, offset, width, value);
            assert_eq!(field(&bytes, offset, width), value & low_bits(width));
            for at in (0..24 * 8).filter(|at| !(offset..offset + u64::from(width)).contains(at)) {
                assert_eq!(bit(&bytes, at), bit(&before, at));
            }
        }
    }

    #[test]
    fn nothing_reaches_beyond_the_end() {
        let mut bytes = [0xff; 2];
        assert_eq!(field(&bytes, 12, 8), 0xf0);
        assert_eq!(field(&bytes, u64::MAX, 64), 0);
        set_field(&mut bytes, 12, 8, 0);
        set_field(&mut bytes, u64::MAX, 64, 1);
        set_bit(&mut bytes, 16, true);
        set_bit(&mut bytes, 0, false);
        assert_eq!(bytes, [0x7f, 0xf0]);
        assert!(!bit(&bytes, u64::MAX));
        assert_eq!((count_between(&bytes, 0, 16), count_between(&bytes, 3, 2)), (0, 0));
        assert_eq!(position_between(&bytes, true, 0, 16), None);
        assert_eq!((position(b"", true), position(b"", false), count(b"")), (None, None, 0));
    }

    #[test]
    fn combines_bit_by_bit() {
        let mut rng = Rng::new(9);
        for round in 0..200 {
            let mut source = |_| {
                let len = rng.below(20) as usize;
                random(&mut rng, len)
            };
            let sources: Vec<Vec<u8>> = (0..round % 4 + 1).map(&mut source).collect();
            for (operation, rule) in RULES {
                if *operation == Operation::Not && sources.len() > 1 {
                    continue;
                }
                let mut combination = Combination::new(*operation);
                sources.iter().for_each(|source| combination.add(source));
                let result = combination.finish();
                assert_eq!(result.len(), sources.iter().map(Vec::len).max().unwrap_or(0));
                for at in 0..result.len() as u64 * 8 {
                    let bits: Vec<bool> = sources.iter().map(|source| bit(source, at)).collect();
                    assert_eq!(bit(&result, at), rule(&bits), "{operation:?} {bits:?}");
                }
            }
        }
    }

    type BitRule = fn(&[bool]) -> bool;

    const RULES: &[(Operation, BitRule)] = &[
        (Operation::And, |bits| bits.iter().all(|bit| *bit)),
        (Operation::Or, |bits| bits.contains(&true)),
        (Operation::Xor, |bits| bits.iter().filter(|bit| **bit).count() % 2 == 1),
        (Operation::Not, |bits| !bits[0]),
        (Operation::Diff, |bits| bits[0] && !bits[1..].contains(&true)),
        (Operation::Diff1, |bits| !bits[0] && bits[1..].contains(&true)),
        (Operation::AndOr, |bits| bits[0] && bits[1..].contains(&true)),
        (Operation::One, |bits| bits.iter().filter(|bit| **bit).count() == 1),
    ];
}
