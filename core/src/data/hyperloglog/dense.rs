//! The dense form: 16384 registers of 6 bits, packed from the low end of each byte on.

use super::REGISTERS;
use super::estimate::Histogram;

const REGISTER_BITS: usize = 6;
const RANK_MAX: u8 = (1 << REGISTER_BITS) - 1;

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

/// Calls `each` with every register in turn: four at a time, of three bytes.
fn for_each(registers: &[u8], mut each: impl FnMut(u8)) {
    for [a, b, c] in registers.as_chunks::<3>().0 {
        let four = u32::from_le_bytes([*a, *b, *c, 0]);
        for shift in [0, 6, 12, 18] {
            each((four >> shift) as u8 & RANK_MAX);
        }
    }
}

pub(super) fn histogram(registers: &[u8]) -> Histogram {
    let mut histogram = Histogram::default();
    for_each(registers, |rank| histogram.add(rank, 1));
    histogram
}

/// Raises each of `greatest` to the register of the same number.
pub(super) fn merge(greatest: &mut [u8; REGISTERS], registers: &[u8]) {
    let mut greatest = greatest.iter_mut();
    for_each(registers, |rank| {
        if let Some(greatest) = greatest.next() {
            *greatest = rank.max(*greatest);
        }
    });
}

pub(super) fn pack(ranks: &[u8; REGISTERS]) -> Vec<u8> {
    let four = ranks.as_chunks::<4>().0.iter();
    let packed = four.map(|ranks| {
        let bits =
            ranks.iter().rev().fold(0, |bits, rank| bits << REGISTER_BITS | u32::from(*rank));
        bits.to_le_bytes()
    });
    packed.flat_map(|[a, b, c, _]| [a, b, c]).collect()
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
    }
}
