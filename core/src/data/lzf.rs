//! LZF, the compression of strings in RDB files and of a list's inner nodes: fast, byte-oriented, a window of 8 KiB.
//!
//! ```text
//! 000LLLLL                      L + 1 literal bytes follow                        (1 ..= 32)
//! LLLooooo oooooooo             copy L + 2 bytes from o + 1 bytes back            (3 ..= 8)
//! 111ooooo LLLLLLLL oooooooo    copy L + 9 bytes from o + 1 bytes back            (9 ..= 264)
//! ```
//!
//! Own code, because the crate of that name clears a table of 512 KiB for each string it
//! compresses, and allocates whatever a forged length asks for before it looks at the data.

/// Finds repetitions. It keeps its table from string to string, so that a short one does not pay
/// for clearing it; the output depends on the input alone all the same.
pub(crate) struct Compressor {
    /// For a hash of three bytes, the mark of where they were last seen: `base + index + 1`.
    marks: Box<[u32; SLOTS]>,
    /// Marks up to this one were made by earlier strings.
    base: u32,
    /// The base of the next string.
    next_base: u32,
}

impl Compressor {
    pub(crate) fn new() -> Self {
        Self { marks: Box::new([0; SLOTS]), base: 0, next_base: 0 }
    }

    /// `input` in at most `room` bytes, or `None` when it does not fit.
    pub(crate) fn compress(&mut self, input: &[u8], room: usize) -> Option<Vec<u8>> {
        self.forget(input.len())?;
        let mut out = Vec::with_capacity(room.min(input.len()));
        let (mut at, mut literals) = (0, 0);
        while let Some(three) = input.get(at..).and_then(<[u8]>::first_chunk) {
            let Some(earlier) = self.earlier(input, *three, at) else {
                // The longer nothing repeats, the fewer places are tried: noise costs little time.
                at += 1 + ((at - literals) >> 6);
                continue;
            };
            let length = repeated(input, earlier, at);
            push_literals(&mut out, input.get(literals..at)?);
            push_reference(&mut out, at - earlier, length);
            if out.len() > room {
                return None;
            }
            at += length;
            literals = at;
            self.mark_before(input, at);
        }
        let last = input.get(literals..)?;
        if out.len() + last.len() > room {
            return None;
        }
        push_literals(&mut out, last);
        (out.len() <= room).then_some(out)
    }

    /// Makes the marks of earlier strings invalid. `None` when the input is longer than marks can
    /// count.
    fn forget(&mut self, length: usize) -> Option<()> {
        let length = u32::try_from(length).ok()?;
        self.base = self.next_base;
        self.next_base = match self.base.checked_add(length) {
            Some(next_base) => next_base,
            None => {
                self.marks.fill(0);
                self.base = 0;
                length
            }
        };
        Some(())
    }

    /// Where these three bytes stood before, if that is within reach. Marks this place in any case.
    fn earlier(&mut self, input: &[u8], three: [u8; 3], at: usize) -> Option<usize> {
        let mark = self.swap_mark(three, at);
        let earlier = mark.checked_sub(self.base + 1)? as usize;
        let near = at - earlier <= REACH;
        (near && *input.get(earlier..)?.first_chunk()? == three).then_some(earlier)
    }

    /// The end of one repetition is often where the next begins.
    fn mark_before(&mut self, input: &[u8], end: usize) {
        for at in end.saturating_sub(2)..end {
            if let Some(three) = input.get(at..).and_then(<[u8]>::first_chunk) {
                self.swap_mark(*three, at);
            }
        }
    }

    /// `at` is a place in a string no longer than marks can count.
    fn swap_mark(&mut self, [a, b, c]: [u8; 3], at: usize) -> u32 {
        let hash = u32::from_be_bytes([0, a, b, c]).wrapping_mul(0x9e37_79b1) >> (32 - SLOTS_LOG2);
        let mark = self.base + at as u32 + 1;
        match self.marks.get_mut(hash as usize) {
            Some(slot) => std::mem::replace(slot, mark),
            None => 0,
        }
    }
}

/// The string of `length` bytes that `input` holds, or `None` when it holds another length or none
/// at all. Allocates only after [`plausible`] agreed.
pub(crate) fn decompress(input: &[u8], length: usize) -> Option<Vec<u8>> {
    if !plausible(input.len(), length) {
        return None;
    }
    let mut out = Output { bytes: vec![0; length], at: 0 };
    let mut rest = input;
    while let Some((&control, tail)) = rest.split_first() {
        rest = match control >> 5 {
            0 => out.copy_literals(usize::from(control) + 1, tail)?,
            short => out.copy_earlier(short, control & 0x1f, tail)?,
        };
    }
    (out.at == length).then_some(out.bytes)
}

/// Whether so few bytes can become so many: the best an encoder can do is 264 for 3.
pub(crate) fn plausible(packed: usize, length: usize) -> bool {
    length <= packed.saturating_mul(LENGTH_MAX / 3)
}

/// A string of known length that is being put together. It is copied in whole steps, the last of which
/// may reach beyond what is meant: what is there is overwritten later.
struct Output {
    bytes: Vec<u8>,
    at: usize,
}

impl Output {
    fn copy_literals<'i>(&mut self, count: usize, input: &'i [u8]) -> Option<&'i [u8]> {
        let (literals, rest) = input.split_at_checked(count)?;
        let place = self.bytes.get_mut(self.at..)?;
        match (place.first_chunk_mut(), input.first_chunk::<LITERALS_MAX>()) {
            (Some(place), Some(step)) => *place = *step,
            _ => place.get_mut(..count)?.copy_from_slice(literals),
        }
        self.at += count;
        Some(rest)
    }

    fn copy_earlier<'i>(&mut self, short: u8, high: u8, input: &'i [u8]) -> Option<&'i [u8]> {
        let (more, input) = match short {
            7 => input.split_first()?,
            _ => (&0, input),
        };
        let (&low, rest) = input.split_first()?;
        let count = usize::from(short) + usize::from(*more) + 2;
        let distance = usize::from(u16::from_be_bytes([high, low])) + 1;
        let start = self.at.checked_sub(distance)?;
        if distance >= STEP && self.bytes.len() - self.at >= count + STEP {
            for done in (0..count).step_by(STEP) {
                let step = *self.bytes.get(start + done..)?.first_chunk::<STEP>()?;
                *self.bytes.get_mut(self.at + done..)?.first_chunk_mut()? = step;
            }
        } else {
            // What was just copied may be copied again: it repeats with the distance as its period.
            for done in 0..count {
                *self.bytes.get_mut(self.at + done)? = *self.bytes.get(start + done)?;
            }
        }
        self.at += count;
        Some(rest)
    }
}

/// How many bytes at `at` repeat those at `earlier`.
fn repeated(input: &[u8], earlier: usize, at: usize) -> usize {
    let (Some(before), Some(here)) = (input.get(earlier..), input.get(at..)) else {
        return 0;
    };
    let here = here.get(..LENGTH_MAX).unwrap_or(here);
    let (eights, _) = here.as_chunks::<8>();
    for (index, (eight, other)) in eights.iter().zip(before.as_chunks::<8>().0).enumerate() {
        let differing = u64::from_le_bytes(*eight) ^ u64::from_le_bytes(*other);
        if differing != 0 {
            return index * 8 + differing.trailing_zeros() as usize / 8;
        }
    }
    let rest = eights.len() * 8;
    let tail = before.iter().zip(here).skip(rest).take_while(|(a, b)| a == b);
    rest + tail.count()
}

fn push_literals(out: &mut Vec<u8>, literals: &[u8]) {
    for run in literals.chunks(LITERALS_MAX) {
        out.push(run.len() as u8 - 1);
        out.extend_from_slice(run);
    }
}

fn push_reference(out: &mut Vec<u8>, distance: usize, length: usize) {
    debug_assert!((1..=REACH).contains(&distance) && (3..=LENGTH_MAX).contains(&length));
    let [high, low] = ((distance - 1) as u16).to_be_bytes();
    match length - 2 {
        short @ ..7 => out.push((short as u8) << 5 | high),
        long => out.extend([7 << 5 | high, (long - 7) as u8]),
    }
    out.push(low);
}

const SLOTS_LOG2: u32 = 13;
const SLOTS: usize = 1 << SLOTS_LOG2;
const REACH: usize = 1 << 13;
const LITERALS_MAX: usize = 32;
/// Bytes copied at once where nothing they come from is among where they go to.
const STEP: usize = 16;
const LENGTH_MAX: usize = 264;

#[cfg(test)]
mod tests {
    use super::{Compressor, LENGTH_MAX, decompress};

    /// Text with repetitions near and far, from a fixed seed.
    fn sample(length: usize, alphabet: u64, seed: u64) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            b'a'.wrapping_add(((state >> 33) % alphabet) as u8)
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn round_trips_at_every_length_and_redundancy() {
        let mut compressor = Compressor::new();
        for alphabet in [1, 2, 3, 26, 150] {
            for length in (0..600).chain([8_191, 8_192, 8_193, 70_000]) {
                let input = sample(length, alphabet, length as u64);
                let Some(packed) = compressor.compress(&input, length * 2) else {
                    panic!("twice the room is always enough: {length} of {alphabet}")
                };
                assert_eq!(
                    decompress(&packed, length).as_deref(),
                    Some(&input[..]),
                    "{length} of {alphabet}"
                );
                assert_eq!(
                    Compressor::new().compress(&input, length * 2),
                    Some(packed),
                    "depends on the input alone"
                );
            }
        }
    }

    #[test]
    fn room_is_a_bound() {
        let mut compressor = Compressor::new();
        let input = sample(5_000, 3, 1);
        let size = compressor.compress(&input, input.len()).expect("three letters compress").len();
        assert!(compressor.compress(&input, size).is_some());
        for room in [0, 1, size / 2, size - 1] {
            assert_eq!(compressor.compress(&input, room), None, "{room}");
        }
        let noise = sample(5_000, 255, 1);
        assert_eq!(compressor.compress(&noise, noise.len() - 4), None);
    }

    #[test]
    fn marks_survive_the_end_of_their_number_range() {
        let input = sample(3_000, 2, 7);
        let expect = Compressor::new().compress(&input, 3_000);
        for next_base in [u32::MAX - 3_001, u32::MAX - 3_000, u32::MAX - 2_999, u32::MAX] {
            let mut compressor = Compressor::new();
            compressor.next_base = next_base;
            for _ in 0..3 {
                assert_eq!(compressor.compress(&input, 3_000), expect, "{next_base}");
            }
        }
    }

    #[test]
    fn forged_input_is_refused() {
        let table: [(&[u8], usize); 12] = [
            (b"", 1),
            (b"\x00", 1),
            (b"\x00a", 2),
            (b"\x01ab", 1),
            (b"\x20", 3),
            (b"\x20\x00", 3),
            (b"\x00a\x20\x01", 4),
            (b"\x00a\x20\x00", 3),
            (b"\x00a\x20\x00", 5),
            (b"\x00a\xe0\x00", 10),
            (b"\x00a\xe0\xff\x00", 264),
            (b"\x00a\xe0\xff\x00", usize::MAX),
        ];
        for (input, length) in table {
            assert_eq!(decompress(input, length), None, "{input:x?} as {length}");
        }
        assert_eq!(decompress(b"\x00a\xe0\xff\x00", 1 + LENGTH_MAX), Some(vec![b'a'; 265]));
    }
}
