//! Chances, and choices among things, all by one seed.

use redarium_core::rng::Rng;

/// A source of randomness that repeats with its seed.
#[derive(Clone, Debug)]
pub struct Dice {
    rng: Rng,
    count: i64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed), count: 0 }
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.below(bound as u64)).expect("below a usize")
    }

    /// A number from `least` to `most`.
    pub fn within(&mut self, least: i64, most: i64) -> i64 {
        least + i64::try_from(self.rng.below(most.abs_diff(least) + 1)).expect("a range of i64")
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn byte(&mut self) -> u8 {
        self.rng.next_u64().to_le_bytes()[0]
    }

    /// The next of ever larger numbers, for what has to grow.
    pub fn grow(&mut self) -> i64 {
        self.count += 1;
        self.count
    }

    /// The largest number so far.
    pub fn grown(&self) -> i64 {
        self.count
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
