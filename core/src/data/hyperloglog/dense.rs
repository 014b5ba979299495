//! The dense form: 16384 registers of 6 bits, packed from the low end of each byte on.

use super::REGISTERS;
use super::estimate::Histogram;

const REGISTER_BITS: usize = 6;
const RANK_MAX: u8 = (1 << REGISTER_BITS) - 1;

/// Registers taken at a time.
const BLOCK: usize = 64;

/// How eight registers are moved apart: which bits stay, and how far left the others go.
const STEPS: [(u64, u32); 3] =
    [(0x0000_0000_00ff_ffff, 8), (0x0000_0fff_0000_0fff, 4), (0x003f_003f_003f_003f, 2)];

/// Bytes of all registers.
pub(super) const BYTES: usize = REGISTERS * REGISTER_BITS / 8;

/// Raises a register to `rank`, unless it is there already; whether it changed.
pub(super) fn raise(registers: &mut [u8], index: usize, rank: u8) -> bool {
    let (at, shift) = (index * REGISTER_BITS / 8, index * REGISTER_BITS % 8);
    let low = registers.get(at).copied().unwrap_or(0);
    let high = registers.get(at + 1).copied().unwrap_or(0);
    let word = u16::from_le_bytes([low, high]);
    if (word >> shift) as u8 & RANK_MAX >= rank {
        return false;
    }
    let cleared = word & !(u16::from(RANK_MAX) << shift);
    let [low, high] = (cleared | u16::from(rank & RANK_MAX) << shift).to_le_bytes();
    let place = registers.iter_mut().skip(at).take(2);
    place.zip([low, high]).for_each(|(byte, new)| *byte = new);
    true
}

pub(super) fn histogram(registers: &[u8]) -> Histogram {
    let mut ranks = [0; REGISTERS];
    merge(&mut ranks, registers);
    Histogram::of(&ranks)
}

/// Raises each of `greatest` to the register of the same number: some at a time, so that the
/// comparisons become those of a vector.
pub(super) fn merge(greatest: &mut [u8; REGISTERS], registers: &[u8]) {
    let blocks = registers.as_chunks::<{ BLOCK * REGISTER_BITS / 8 }>().0;
    let mut ranks = [0; BLOCK];
    for (greatest, packed) in greatest.as_chunks_mut::<BLOCK>().0.iter_mut().zip(blocks) {
        let eights = ranks.as_chunks_mut::<8>().0.iter_mut();
        eights.zip(packed.as_chunks().0).for_each(|(eight, packed)| *eight = unpacked(*packed));
        greatest.iter_mut().zip(ranks).for_each(|(most, rank)| *most = rank.max(*most));
    }
}

pub(super) fn pack(ranks: &[u8; REGISTERS]) -> Vec<u8> {
    ranks.as_chunks::<8>().0.iter().copied().flat_map(packed).collect()
}

/// Eight registers, a byte each. Halves are moved apart, then quarters, then eighths.
fn unpacked([a, b, c, d, e, f]: [u8; 6]) -> [u8; 8] {
    let mut eight = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]);
    for (low, shift) in STEPS {
        eight = eight & low | (eight & !low) << shift;
    }
    eight.to_le_bytes()
}

/// The inverse of [`unpacked`].
fn packed(ranks: [u8; 8]) -> [u8; 6] {
    let mut eight = u64::from_le_bytes(ranks) & u64::from_le_bytes([RANK_MAX; 8]);
    for (low, shift) in STEPS.into_iter().rev() {
        eight = eight & low | (eight & !low) >> shift;
    }
    let [a, b, c, d, e, f, ..] = eight.to_le_bytes();
    [a, b, c, d, e, f]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn registers_keep_the_greatest_rank_and_to_themselves() {
        let mut rng = Rng::new(1);
        let (mut packed, mut plain) = (vec![0; BYTES], [0; REGISTERS]);
        for _ in 0..100_000 {
            let (index, rank) = (rng.below(REGISTERS as u64) as usize, rng.below(64) as u8);
            assert_eq!(raise(&mut packed, index, rank), rank > plain[index]);
            plain[index] = rank.max(plain[index]);
        }
        assert_eq!(pack(&plain), packed);
        let mut merged = [9; REGISTERS];
        merge(&mut merged, &packed);
        assert!(merged.iter().zip(&plain).all(|(merged, rank)| *merged == *rank.max(&9)));
        let counted = histogram(&packed);
        assert_eq!(counted.estimate(), Histogram::of(&plain).estimate());
    }
}
