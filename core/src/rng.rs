//! Seeded randomness: the engine's only source of it.
//!
//! One seed gives one sequence on every machine and in wasm, which is what
//! makes a simulated world repeatable. Not for secrets: the native shell seeds
//! it from the operating system, and nothing derived from it guards access.

/// SplitMix64 (Steele, Lea and Flood, 2014): 64 bits of state, full period.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// An independent stream: the same parent and `stream` give the same child.
    pub fn fork(&self, stream: u64) -> Self {
        let mut child = Self(self.0 ^ stream.wrapping_mul(0xd6e8_feb8_6659_fd93));
        child.next_u64();
        child
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `0..bound` (Lemire's multiplication); 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// `N` lower-case hexadecimal digits, as replication ids and run ids are made of.
    pub fn hex<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| b"0123456789abcdef"[(self.next_u64() >> 60) as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let mut rng = Rng::new(0);
        assert_eq!(rng.next_u64(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(rng.next_u64(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn below_stays_below() {
        let mut rng = Rng::new(7);
        assert!((0..1000).all(|_| rng.below(3) < 3));
        assert_eq!(rng.below(0), 0);
    }

    #[test]
    fn forks_differ_from_each_other_and_repeat() {
        let parent = Rng::new(1);
        assert_ne!(parent.fork(1).next_u64(), parent.fork(2).next_u64());
        assert_eq!(parent.fork(1).next_u64(), parent.fork(1).next_u64());
    }
}
