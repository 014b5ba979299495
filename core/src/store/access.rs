//! The access clock: 24 bits in each entry that say when it was last used, or how often, by the
//! eviction policy.
//!
//! As in Redis these are seconds, for LRU policies and where nothing is evicted, or sixteen bits of
//! minutes and an eight-bit counter for LFU. The counter grows with a probability that falls as it
//! rises, so that it is about the logarithm of the uses, and falls with time.

use crate::rng::Rng;

/// What the access clocks measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessClock {
    /// The second of the latest use.
    #[default]
    Seconds,
    /// The number of uses. The counter's growth is set by `lfu-log-factor`, its decay by
    /// `lfu-decay-time`, in minutes.
    Frequency { log_factor: u32, decay_minutes: u32 },
}

/// What is known of a key's uses before it came here: RESTORE's options, and what an RDB file says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PastUse {
    pub idle_s: Option<u64>,
    pub frequency: Option<u8>,
}

impl AccessClock {
    /// The clock of a key that has just been made.
    #[must_use]
    pub fn fresh(self, now_ms: i64) -> u32 {
        match self {
            Self::Seconds => seconds(now_ms),
            Self::Frequency { .. } => minutes(now_ms) << COUNTER_BITS | COUNTER_AT_START,
        }
    }

    /// The clock of a key that comes from elsewhere; what was said in the other measure is of no
    /// use.
    #[must_use]
    pub fn restored(self, past: PastUse, now_ms: i64) -> u32 {
        match (self, past) {
            (Self::Seconds, PastUse { idle_s: Some(idle_s), .. }) => {
                // The clock goes round: what was longer ago than that counts as longest ago.
                let idle_s = idle_s.min(u64::from(CLOCK_MASK)) as u32;
                seconds(now_ms).wrapping_sub(idle_s) & CLOCK_MASK
            }
            (Self::Frequency { .. }, PastUse { frequency: Some(frequency), .. }) => {
                minutes(now_ms) << COUNTER_BITS | u32::from(frequency)
            }
            _ => self.fresh(now_ms),
        }
    }

    /// The clock of a key that is being used.
    pub(super) fn touched(self, clock: u32, now_ms: i64, rng: &mut Rng) -> u32 {
        let Self::Frequency { log_factor, .. } = self else { return seconds(now_ms) };
        let counter = self.frequency(clock, now_ms);
        let above = u64::from(u32::from(counter).saturating_sub(COUNTER_AT_START));
        let grows = counter < u8::MAX && rng.below(above * u64::from(log_factor) + 1) == 0;
        let counter = u32::from(counter) + u32::from(grows);
        minutes(now_ms) << COUNTER_BITS | counter
    }

    /// Seconds since the latest use.
    #[must_use]
    pub fn idle_s(self, clock: u32, now_ms: i64) -> u32 {
        seconds(now_ms).wrapping_sub(clock) & CLOCK_MASK
    }

    /// The counter of uses, as it has fallen by now.
    #[must_use]
    pub fn frequency(self, clock: u32, now_ms: i64) -> u8 {
        let [counter, ..] = clock.to_le_bytes();
        let Self::Frequency { decay_minutes, .. } = self else { return counter };
        let then = clock >> COUNTER_BITS;
        let elapsed = minutes(now_ms).wrapping_sub(then) & MINUTES_MASK;
        let fallen = elapsed.checked_div(decay_minutes).unwrap_or(0);
        u32::from(counter).saturating_sub(fallen).to_le_bytes()[0]
    }
}

fn seconds(now_ms: i64) -> u32 {
    (now_ms.div_euclid(1000) & i64::from(CLOCK_MASK)) as u32
}

fn minutes(now_ms: i64) -> u32 {
    (now_ms.div_euclid(60_000) & i64::from(MINUTES_MASK)) as u32
}

const CLOCK_MASK: u32 = 0xff_ffff;
const MINUTES_MASK: u32 = 0xffff;
const COUNTER_BITS: u32 = 8;

/// A new key's counter: it has to be given a chance.
const COUNTER_AT_START: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;

    #[test]
    fn idle_time_goes_round_with_the_clock() {
        let clock = AccessClock::Seconds;
        for (used_s, now_s, idle_s) in
            [(0, 0, 0), (10, 25, 15), (CLOCK_MASK.into(), 1 << 24, 1), (5, (1 << 24) + 5, 0)]
        {
            let used = clock.fresh(used_s * 1000);
            assert_eq!(clock.idle_s(used, now_s * 1000 + 999), idle_s);
        }
        let past = PastUse { idle_s: Some(100), frequency: Some(9) };
        assert_eq!(clock.idle_s(clock.restored(past, 1_000_000), 1_000_000), 100);
    }

    #[test]
    fn a_counter_falls_by_one_in_each_period() {
        let check = |decay_minutes, elapsed_minutes: i64, expect| {
            let clock = AccessClock::Frequency { log_factor: 10, decay_minutes };
            let past = PastUse { frequency: Some(100), idle_s: None };
            let used = clock.restored(past, 65_530 * MINUTE_MS);
            let now_ms = (65_530 + elapsed_minutes) * MINUTE_MS;
            assert_eq!(clock.frequency(used, now_ms), expect);
        };
        check(1, 0, 100);
        check(1, 10, 90);
        check(3, 10, 97);
        check(1, 500, 0);
        check(0, 500, 100);
    }

    /// The figures stand in redis.conf: a factor of 10 gives about 10 after 100 hits and 18 after
    /// 1,000, 142 after 100,000.
    #[test]
    fn a_counter_grows_as_the_logarithm_of_the_uses() {
        let mut rng = Rng::new(3);
        for (log_factor, hits, expect) in [
            (0, 100, 100..=106),
            (1, 1_000, 40..=60),
            (10, 100, 7..=13),
            (10, 1_000, 14..=23),
            (10, 100_000, 125..=160),
            (100, 1_000, 7..=14),
        ] {
            let clock = AccessClock::Frequency { log_factor, decay_minutes: 1 };
            let mut used = clock.fresh(0);
            for _ in 0..hits {
                used = clock.touched(used, 0, &mut rng);
            }
            let counter = clock.frequency(used, 0);
            assert!(expect.contains(&counter), "{log_factor}: {hits} hits give {counter}");
        }
    }
}
