//! The sparse form: runs of equal registers, in Redis's three kinds of instructions.
//!
//! `00xxxxxx` is a run of up to 64 zeros, `01xxxxxx xxxxxxxx` one of up to 16384, and `1vvvvvxx` up to 4
//! registers of a rank up to 32. Raising a register splits a run in up to three and joins
//! neighbours of one rank afterwards, exactly as far as Redis does: the bytes are the same.

use super::Corrupt;
use super::HEADER_BYTES;
use super::REGISTERS;
use super::estimate::Histogram;

/// One instruction. Lengths are from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    Zero { len: usize },
    LongZero { len: usize },
    Rank { rank: u8, len: usize },
}

const ZERO_LEN_MAX: usize = 64;
const RANK_LEN_MAX: usize = 4;
const RANK_MAX: u8 = 32;

impl Run {
    /// The instruction at the start of `bytes`; where its second byte is cut off, that is 0.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let first = *bytes.first()?;
        Some(match first {
            0x00..=0x3f => Self::Zero { len: usize::from(first) + 1 },
            0x40..=0x7f => {
                let second = bytes.get(1).copied().unwrap_or(0);
                Self::LongZero { len: usize::from(u16::from_be_bytes([first & 0x3f, second])) + 1 }
            }
            0x80.. => Self::Rank { rank: (first >> 2 & 0x1f) + 1, len: usize::from(first & 3) + 1 },
        })
    }

    fn encode(self, out: &mut Vec<u8>) {
        match self {
            Self::Zero { len } => out.push(len.saturating_sub(1) as u8),
            Self::LongZero { len } => {
                let len = len.saturating_sub(1) as u16 & 0x3fff;
                out.extend_from_slice(&(len | 0x4000).to_be_bytes());
            }
            Self::Rank { rank, len } => {
                out.push(0x80 | rank.saturating_sub(1) << 2 | len.saturating_sub(1) as u8);
            }
        }
    }

    /// The same registers, fewer of them, in the shortest instruction; none if there are none.
    fn resized(self, len: usize) -> Option<Self> {
        match self {
            _ if len == 0 => None,
            Self::Rank { rank, .. } => Some(Self::Rank { rank, len }),
            _ if len > ZERO_LEN_MAX => Some(Self::LongZero { len }),
            _ => Some(Self::Zero { len }),
        }
    }

    /// Bytes of the instruction.
    fn bytes(self) -> usize {
        if matches!(self, Self::LongZero { .. }) { 2 } else { 1 }
    }

    fn registers(self) -> usize {
        let (Self::Zero { len } | Self::LongZero { len } | Self::Rank { len, .. }) = self;
        len
    }

    fn rank(self) -> u8 {
        match self {
            Self::Zero { .. } | Self::LongZero { .. } => 0,
            Self::Rank { rank, .. } => rank,
        }
    }
}

/// The runs of a sparse value, header included.
pub fn runs(value: &[u8]) -> impl Iterator<Item = Run> {
    decode(value.get(HEADER_BYTES..).unwrap_or_default())
}

fn decode(mut bytes: &[u8]) -> impl Iterator<Item = Run> {
    std::iter::from_fn(move || {
        let run = Run::decode(bytes)?;
        bytes = bytes.get(run.bytes()..).unwrap_or_default();
        Some(run)
    })
}

pub(super) fn histogram(runs: &[u8]) -> Result<Histogram, Corrupt> {
    let (mut histogram, mut registers) = (Histogram::default(), 0);
    for run in decode(runs) {
        registers += run.registers();
        histogram.add(run.rank(), run.registers() as u32);
    }
    if registers == REGISTERS { Ok(histogram) } else { Err(Corrupt) }
}

/// Raises each of `greatest` to the register of the same number.
pub(super) fn merge(greatest: &mut [u8; REGISTERS], runs: &[u8]) -> Result<(), Corrupt> {
    let mut at = 0;
    for run in decode(runs) {
        let end = at + run.registers();
        if let Run::Rank { rank, .. } = run {
            let places = greatest.get_mut(at..end).ok_or(Corrupt)?;
            places.iter_mut().for_each(|place| *place = rank.max(*place));
        }
        at = end;
    }
    if at == REGISTERS { Ok(()) } else { Err(Corrupt) }
}

/// What raising a register came to.
pub(super) enum Raised {
    /// The register was as high already.
    Kept,
    Changed,
    /// The sparse form can't hold the rank, or not in so few bytes. Nothing has changed.
    DoesNotFit,
}

/// Raises one register of a sparse value to `rank`, in no more than `bytes_max` bytes.
pub(super) fn raise(
    value: &mut Vec<u8>,
    index: usize,
    rank: u8,
    bytes_max: usize,
) -> Result<Raised, Corrupt> {
    if rank > RANK_MAX {
        return Ok(Raised::DoesNotFit);
    }
    let Place { at, before, first, run } = Place::find(value, index).ok_or(Corrupt)?;
    if run.rank() >= rank {
        return Ok(Raised::Kept);
    }
    let mut split = Vec::with_capacity(SPLIT_BYTES_MAX);
    let ahead = run.resized(index - first);
    let behind = run.resized(first + run.registers() - index - 1);
    let parts = [ahead, Some(Run::Rank { rank, len: 1 }), behind];
    parts.into_iter().flatten().for_each(|part| part.encode(&mut split));
    let end = at + run.bytes();
    let grown_bytes = (value.len() + split.len()).saturating_sub(run.bytes());
    if split.len() > run.bytes() && grown_bytes > bytes_max {
        return Ok(Raised::DoesNotFit);
    }
    value.splice(at..end.min(value.len()), split);
    // An instruction whose second byte was cut off stays cut off.
    value.truncate(grown_bytes);
    join(value, before.unwrap_or(HEADER_BYTES));
    Ok(Raised::Changed)
}

/// Two long runs of zeros and a register between them.
const SPLIT_BYTES_MAX: usize = 5;

/// Where a register stands among the runs of a value.
struct Place {
    /// The byte at which its run's instruction begins, and that of the run before.
    at: usize,
    before: Option<usize>,
    /// The run's first register.
    first: usize,
    run: Run,
}

impl Place {
    fn find(value: &[u8], index: usize) -> Option<Self> {
        let (mut at, mut before, mut first) = (HEADER_BYTES, None, 0);
        loop {
            let run = Run::decode(value.get(at..)?)?;
            if index < first + run.registers() {
                return Some(Self { at, before, first, run });
            }
            before = Some(at);
            at += run.bytes();
            first += run.registers();
        }
    }
}

/// Joins neighbours of one rank among the few instructions from `at` on.
fn join(value: &mut Vec<u8>, mut at: usize) {
    for _ in 0..JOINS_MAX {
        let Some(run) = value.get(at..).and_then(Run::decode) else { return };
        let next = value.get(at + 1..).and_then(Run::decode);
        match (run, next) {
            (Run::Rank { rank, len }, Some(Run::Rank { rank: same, len: more }))
                if rank == same && len + more <= RANK_LEN_MAX =>
            {
                let mut joined = Vec::with_capacity(1);
                Run::Rank { rank, len: len + more }.encode(&mut joined);
                value.splice(at..at + 2, joined);
            }
            _ => at += run.bytes(),
        }
    }
}

/// Instructions that Redis looks at for neighbours to join.
const JOINS_MAX: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::hyperloglog::EMPTY;
    use crate::rng::Rng;

    fn text(value: &[u8]) -> String {
        let runs = runs(value).map(|run| match run {
            Run::Zero { len } => format!("z{len}"),
            Run::LongZero { len } => format!("Z{len}"),
            Run::Rank { rank, len } => format!("{rank}x{len}"),
        });
        runs.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn runs_are_split_and_joined() {
        let mut value = EMPTY.to_vec();
        for (index, rank, expect) in [
            (100, 3, "Z100 3x1 Z16283"),
            (101, 3, "Z100 3x2 Z16282"),
            (103, 3, "Z100 3x2 z1 3x1 Z16280"),
            (102, 3, "Z100 3x4 Z16280"),
            (102, 2, "Z100 3x4 Z16280"),
            (104, 3, "Z100 3x4 3x1 Z16279"),
            (102, 7, "Z100 3x2 7x1 3x2 Z16279"),
            (0, 1, "1x1 Z99 3x2 7x1 3x2 Z16279"),
            (16383, 32, "1x1 Z99 3x2 7x1 3x2 Z16278 32x1"),
            (64, 1, "1x1 z63 1x1 z35 3x2 7x1 3x2 Z16278 32x1"),
        ] {
            let changed = matches!(raise(&mut value, index, rank, 3000), Ok(Raised::Changed));
            assert_eq!((text(&value).as_str(), changed), (expect, rank != 2));
        }
        let before = value.clone();
        assert!(matches!(raise(&mut value, 5, 33, 3000), Ok(Raised::DoesNotFit)));
        assert!(matches!(raise(&mut value, 5, 3, before.len()), Ok(Raised::DoesNotFit)));
        assert_eq!(value, before);
        assert!(matches!(raise(&mut value, 0, 3, before.len()), Ok(Raised::Changed)));
    }

    #[test]
    fn any_bytes_are_harmless() {
        let mut rng = Rng::new(3);
        for _ in 0..3000 {
            let len = rng.below(40) as usize;
            let mut value = EMPTY[..HEADER_BYTES].to_vec();
            value.extend((0..len).map(|_| rng.next_u64() as u8));
            let whole = runs(&value).map(Run::registers).sum::<usize>();
            assert_eq!(histogram(&value[HEADER_BYTES..]).is_ok(), whole == REGISTERS);
            for _ in 0..20 {
                let whole = runs(&value).map(Run::registers).sum::<usize>();
                let (index, rank) = (rng.below(REGISTERS as u64) as usize, rng.below(34) as u8);
                let found = raise(&mut value, index, rank, 3000).is_ok();
                assert_eq!(found, index < whole || rank > RANK_MAX);
            }
        }
    }
}
