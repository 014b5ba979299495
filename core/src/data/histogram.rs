//! Counts of durations, in buckets that widen as the durations grow.
//!
//! Up to 255 each number of nanoseconds has a bucket of its own; from there on each doubling has 128,
//! so that a duration is known to two digits. These are the buckets Redis counts in, and a percentile
//! is, as there, the greatest duration of its bucket. Buckets exist up to the longest duration seen.

#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// Counts a duration so many times; shorter ones than a nanosecond as one, longer ones than a second
    /// as that.
    #[inline]
    pub fn record(&mut self, nanoseconds: u64, times: u64) {
        let bucket = bucket_of(nanoseconds.clamp(1, LONGEST_NS));
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += times;
            self.total += times;
        }
    }

    pub fn total(&self) -> u64 {
        self.total
    }

    /// The duration that so many per cent, in millionths of them, do not exceed.
    pub fn percentile(&self, millionths: u64) -> u64 {
        const WHOLE: u128 = 100_000_000;
        let wanted = (u128::from(self.total) * u128::from(millionths) + WHOLE / 2) / WHOLE;
        let mut seen = 0;
        let place = self.counts.iter().position(|count| {
            seen += u128::from(*count);
            seen >= wanted.max(1)
        });
        place.map_or(0, longest_of)
    }

    /// How many durations there are up to about a microsecond, two, four and so on: microseconds and
    /// counts, of those steps that add to the count.
    pub fn doublings(&self) -> Vec<(u64, u64)> {
        let mut steps = Vec::new();
        let (mut next, mut seen) = (0, 0);
        for power in 0.. {
            let last = bucket_of(FIRST_STEP_NS << power);
            let before = seen;
            seen += self.counts.iter().take(last + 1).skip(next).sum::<u64>();
            if seen > before {
                steps.push((longest_of(last) / 1000, seen));
            }
            next = last + 1;
            if next >= self.counts.len() {
                break;
            }
        }
        steps
    }
}

#[inline]
fn bucket_of(nanoseconds: u64) -> usize {
    let bits = u64::BITS - nanoseconds.leading_zeros();
    // How much is dropped for eight binary digits to be left.
    let shift = bits.saturating_sub(8);
    (u64::from(shift) * DOUBLING + (nanoseconds >> shift)) as usize
}

/// The longest duration that is counted in a bucket.
fn longest_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket / DOUBLING).saturating_sub(1);
    ((bucket - shift * DOUBLING + 1) << shift) - 1
}

/// Buckets of a doubling.
const DOUBLING: u64 = 128;
const LONGEST_NS: u64 = 1_000_000_000;
const FIRST_STEP_NS: u64 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_without_gaps() {
        let mut bucket = 0;
        let mut nanoseconds = 1;
        while nanoseconds < 100_000 {
            let next = bucket_of(nanoseconds);
            assert!(next == bucket || next == bucket + 1, "{nanoseconds}");
            assert!(longest_of(next) >= nanoseconds && bucket_of(longest_of(next)) == next);
            bucket = next;
            nanoseconds += 1;
        }
        assert_eq!(bucket_of(LONGEST_NS), bucket_of(longest_of(bucket_of(LONGEST_NS))));
    }

    /// As redis-server 7.0 shows durations of so many microseconds.
    #[test]
    fn percentiles_are_redis_ones() {
        for (us, shown) in [
            (0, 1),
            (1, 1003),
            (6, 6015),
            (10, 10_047),
            (26, 26_111),
            (700, 700_415),
            (20_107, 20_185_087),
        ] {
            let mut histogram = Histogram::default();
            histogram.record(us * 1000, 1);
            for percent in [0, 50, 99, 100] {
                assert_eq!(histogram.percentile(percent * 1_000_000), shown, "{us} us");
            }
        }
        let mut two = Histogram::default();
        two.record(6_000, 1);
        two.record(10_000, 1);
        let shown = [50_000_000, 99_000_000].map(|millionths| two.percentile(millionths));
        assert_eq!(shown, [6_015, 10_047]);
        assert_eq!(Histogram::default().percentile(50_000_000), 0);
    }

    #[test]
    fn doublings_add_up() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.doublings(), []);
        for us in [0, 1, 2, 6, 7, 30, 900, 5_000_000] {
            histogram.record(us * 1000, 1);
        }
        let expect = [(1, 2), (2, 3), (8, 5), (33, 6), (1056, 7), (1_082_130, 8)];
        assert_eq!((histogram.doublings(), histogram.total()), (expect.to_vec(), 8));
    }
}
