//! `maxmemory`: keys go before a command runs that finds memory short, and a command that needs
//! more is refused when none may go.
//!
//! What counts is what `used_memory` counts, less what goes away by itself: garbage that is still
//! to be freed, and what replicas hold up beyond the backlog's size. A command evicts no more than
//! `maxmemory-eviction-tenacity` allows; the turns after it go on. Redis limits the time this takes,
//! here it is the number of keys, for the engine has no clock.

use super::LogLevel;
use super::Node;
use crate::config::Config;
use crate::config::EvictionPolicy;
use crate::store::AccessClock;
use crate::store::Choice;
use crate::store::Conditions;
use crate::store::Criterion;
use crate::store::EvictionPool;
use crate::store::KeyEvent;

/// Where eviction stands.
#[derive(Debug, Default)]
pub(super) struct Eviction {
    pool: EvictionPool,
    /// Memory is short and keys are left to evict: the next turns do.
    pending: bool,
}

/// How the memory stands after some eviction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Enough,
    /// There will be: eviction goes on.
    InSight,
    /// There is nothing that may be evicted.
    None,
}

impl Node {
    /// Makes room for a command, as far as that can be done in short time; whether there is none to
    /// be had.
    #[inline]
    pub(super) fn lacks_memory(&mut self) -> bool {
        self.config.maxmemory > 0 && self.evict_some() == Room::None
    }

    /// Goes on with what a command, or a new setting, has begun; whether there is more to do.
    pub(super) fn evict_on(&mut self) -> bool {
        self.eviction.pending && self.evict_some() == Room::InSight
    }

    /// The settings have changed.
    pub(super) fn apply_memory_settings(&mut self) {
        self.store.access_clock = access_clock(&self.config);
        // The candidates were rated by what may be another policy.
        self.eviction.pool.clear();
        self.eviction.pending = self.config.maxmemory > 0;
    }

    /// Says so if a new `maxmemory` is less than what is used already.
    pub(super) fn warn_of_short_memory(&mut self) {
        let (maxmemory, excess) = (self.config.maxmemory, self.excess_bytes());
        if maxmemory > 0 && excess > 0 {
            self.log(
                LogLevel::Warning,
                format!(
                    "maxmemory is now {maxmemory}, {excess} bytes less than what is in use: keys are evicted or writes refused, as maxmemory-policy says."
                ),
            );
        }
    }

    /// Bytes that do not count against `maxmemory`: of the stream's blocks what only replicas need,
    /// and what replicas have still to be sent besides.
    pub(super) fn uncounted_bytes(&self) -> u64 {
        let kept = self.backlog_bytes().saturating_sub(self.config.repl_backlog_size);
        kept + self.replica_bytes()
    }

    fn evict_some(&mut self) -> Room {
        self.eviction.pending = false;
        let room = match self.may_evict() {
            true if self.excess_bytes() > 0 => {
                self.timed("eviction-cycle", Self::evict_until_enough)
            }
            _ => Room::Enough,
        };
        self.eviction.pending = room == Room::InSight;
        room
    }

    fn evict_until_enough(&mut self) -> Room {
        let keys_max = keys_max(self.config.maxmemory_eviction_tenacity);
        let mut evicted = 0;
        while self.excess_bytes() > 0 {
            if evicted >= keys_max {
                return Room::InSight;
            }
            let Some(choice) = choice(self.config.maxmemory_policy) else { return Room::None };
            if !self.evict_one(choice) {
                return Room::None;
            }
            evicted += 1;
        }
        Room::Enough
    }

    /// A replica leaves eviction to its master; and while clients are paused, nothing changes.
    fn may_evict(&self) -> bool {
        let is_obedient = self.master.is_some() && self.config.replica_ignore_maxmemory;
        !is_obedient && !self.pause.is_active()
    }

    fn evict_one(&mut self, choice: Choice) -> bool {
        let conditions = Conditions {
            choice,
            samples: usize::try_from(self.config.maxmemory_samples).unwrap_or(usize::MAX),
            now_ms: self.now.wall_ms(),
        };
        let Self { store, eviction, rng, .. } = self;
        let Some((db, key)) = store.choose_victim(conditions, &mut eviction.pool, rng) else {
            return false;
        };
        self.timed("eviction-del", |node| node.store.remove(db, &key));
        self.stats.evicted += 1;
        self.settle_changes(None);
        self.store.notices.add(KeyEvent::EVICTED, db, &key);
        self.notify();
        self.removed(db, &key);
        true
    }

    /// Bytes above `maxmemory`.
    fn excess_bytes(&self) -> u64 {
        let garbage = self.store.garbage_bytes() as u64;
        let counted = self.used_bytes().saturating_sub(garbage + self.uncounted_bytes());
        counted.saturating_sub(self.config.maxmemory)
    }
}

/// What the entries' access clocks measure under a configuration.
pub(super) fn access_clock(config: &Config) -> AccessClock {
    match choice(config.maxmemory_policy) {
        Some(Choice { by: Criterion::Frequency, .. }) => AccessClock::Frequency {
            log_factor: config.lfu_log_factor,
            decay_minutes: config.lfu_decay_time,
        },
        _ => AccessClock::Seconds,
    }
}

/// What a snapshot tells of the keys' uses: what the policy goes by.
pub(super) fn saved_clock(config: &Config) -> Option<AccessClock> {
    match choice(config.maxmemory_policy)?.by {
        Criterion::Idle | Criterion::Frequency => Some(access_clock(config)),
        Criterion::Expiry | Criterion::Random => None,
    }
}

fn choice(policy: EvictionPolicy) -> Option<Choice> {
    let (volatile_only, by) = match policy {
        EvictionPolicy::NoEviction => return None,
        EvictionPolicy::AllKeysLru => (false, Criterion::Idle),
        EvictionPolicy::AllKeysLfu => (false, Criterion::Frequency),
        EvictionPolicy::AllKeysRandom => (false, Criterion::Random),
        EvictionPolicy::VolatileLru => (true, Criterion::Idle),
        EvictionPolicy::VolatileLfu => (true, Criterion::Frequency),
        EvictionPolicy::VolatileRandom => (true, Criterion::Random),
        EvictionPolicy::VolatileTtl => (true, Criterion::Expiry),
    };
    Some(Choice { volatile_only, by })
}

/// Keys evicted at a time. Redis has 50 microseconds for each step of tenacity up to 10, from there
/// on half a millisecond times 1.15 for each further step, and at 100 no limit; about a microsecond
/// goes into one key. It looks at the time after every 16 keys.
fn keys_max(tenacity: u32) -> u64 {
    match tenacity {
        0..=10 => (u64::from(tenacity) * 50).max(16),
        11..100 => (10..tenacity).fold(500, |keys, _| keys * 115 / 100),
        _ => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::keys_max;

    #[test]
    fn tenacity_is_a_number_of_keys() {
        for (tenacity, keys) in [(0, 16), (1, 50), (10, 500), (11, 575), (50, 133_464)] {
            assert_eq!(keys_max(tenacity), keys);
        }
        assert!(keys_max(99) > 100_000_000 && keys_max(100) == u64::MAX);
    }
}
