//! From registers to a number: Otmar Ertl's improved estimator ("New cardinality estimation algorithms for
//! HyperLogLog sketches", 2017), in the order of operations that Redis has, so that the results are
//! the same to the last digit.

use super::RANK_BITS;
use super::REGISTERS;

/// How many registers there are of each rank.
pub(super) struct Histogram([u32; RANKS]);

/// More ranks than a hash can have, since six bits can say as many.
const RANKS: usize = 64;

const LANES: usize = 4;

/// 1 / (2 ln 2).
const ALPHA: f64 = 0.721_347_520_444_481_7;

impl Default for Histogram {
    fn default() -> Self {
        Self([0; RANKS])
    }
}

impl Histogram {
    /// Of ranks below 64. They are counted in turn in several places: the next one need not wait
    /// for the last, which most often is the same.
    pub(super) fn of(ranks: &[u8; REGISTERS]) -> Self {
        let mut lanes = [[0; RANKS]; LANES];
        for ranks in ranks.as_chunks::<LANES>().0 {
            for (lane, rank) in lanes.iter_mut().zip(ranks) {
                if let Some(count) = lane.get_mut(usize::from(*rank) % RANKS) {
                    *count += 1;
                }
            }
        }
        let mut all = Self::default();
        for lane in lanes {
            all.0.iter_mut().zip(lane).for_each(|(all, count): (&mut u32, u32)| *all += count);
        }
        all
    }

    pub(super) fn add(&mut self, rank: u8, registers: u32) {
        if let Some(count) = self.0.get_mut(usize::from(rank)) {
            *count = count.saturating_add(registers);
        }
    }

    pub(super) fn estimate(&self) -> u64 {
        let registers = REGISTERS as f64;
        let (full, below) = (self.count_of(RANK_BITS as usize + 1), 1..=RANK_BITS as usize);
        let mut z = registers * tau((registers - full) / registers);
        for rank in below.rev() {
            z += self.count_of(rank);
            z *= 0.5;
        }
        z += registers * sigma(self.count_of(0) / registers);
        (ALPHA * registers * registers / z).round() as u64
    }

    fn count_of(&self, rank: usize) -> f64 {
        f64::from(self.0.get(rank).copied().unwrap_or(0))
    }
}

/// The sum over registers that are full; `x` is from 0 to 1.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

/// The sum over registers that are empty; `x` is from 0 to 1.
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}
