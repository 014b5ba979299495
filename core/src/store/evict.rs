//! Which key goes when memory is short: Redis's approximation of LRU, LFU and nearest expiry.
//!
//! Each choice looks at a few random keys and keeps the best of them, over several choices, in a
//! small pool; the best of the pool goes. Keys are picked a bucket at a time, since a bucket's keys
//! are as random as any and their memory loads together.

use super::Entry;
use super::access::AccessClock;
use super::keyspace::Db;
use super::keyspace::Store;
use super::keyspace::hash_of;
use crate::data::Hasher;
use crate::rng::Rng;

/// What an eviction policy evicts, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Only keys that have an expiry.
    pub volatile_only: bool,
    pub by: Criterion,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// The longest unused first: LRU.
    Idle,
    /// The least often used first: LFU.
    Frequency,
    /// The next to expire first.
    Expiry,
    Random,
}

/// Candidates remembered from one choice to the next.
#[derive(Debug, Default)]
pub struct EvictionPool {
    /// The worst first.
    candidates: Vec<Candidate>,
    /// Where a random choice looks next.
    next_db: usize,
}

#[derive(Debug)]
struct Candidate {
    /// The higher, the better it is to evict this one.
    score: u64,
    db: usize,
    key: Box<[u8]>,
}

/// What choosing needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    pub choice: Choice,
    /// Keys to look at in each database: `maxmemory-samples`.
    pub samples: usize,
    pub now_ms: i64,
}

impl EvictionPool {
    /// Forgets all candidates: they were rated by another criterion.
    pub fn clear(&mut self) {
        self.candidates.clear();
    }

    fn offer(&mut self, score: u64, db: usize, entry: &Entry) {
        let full = self.candidates.len() >= POOL_CANDIDATES_MAX;
        let is_worst = self.candidates.first().is_none_or(|worst| score <= worst.score);
        let is_known = || {
            let mut known = self.candidates.iter();
            known.any(|candidate| candidate.db == db && *candidate.key == *entry.key())
        };
        if (full && is_worst) || is_known() {
            return;
        }
        let at = self.candidates.partition_point(|candidate| candidate.score < score);
        self.candidates.insert(at, Candidate { score, db, key: entry.key().into() });
        if full {
            self.candidates.remove(0);
        }
    }
}

impl Store {
    /// The key to evict next and its database; `None` if there is none that may be evicted.
    pub fn choose_victim(
        &mut self,
        conditions: Conditions,
        pool: &mut EvictionPool,
        rng: &mut Rng,
    ) -> Option<(usize, Box<[u8]>)> {
        if conditions.choice.by == Criterion::Random {
            return self.choose_at_random(conditions.choice.volatile_only, pool, rng);
        }
        loop {
            if !self.fill_pool(conditions, pool, rng) {
                return None;
            }
            while let Some(Candidate { db, key, .. }) = pool.candidates.pop() {
                let is_there = self
                    .find(db, &key)
                    .is_some_and(|entry| !conditions.choice.volatile_only || entry.is_volatile());
                if is_there {
                    return Some((db, key));
                }
            }
        }
    }

    /// Offers some keys of each database to the pool; whether there was any to offer.
    fn fill_pool(
        &mut self,
        conditions: Conditions,
        pool: &mut EvictionPool,
        rng: &mut Rng,
    ) -> bool {
        let Self { hasher, dbs, access_clock, .. } = self;
        let Conditions { choice, samples, now_ms } = conditions;
        let mut is_any = false;
        for (number, db) in dbs.iter_mut().enumerate() {
            for entry in db.sample(choice.volatile_only, samples, hasher, rng) {
                is_any = true;
                pool.offer(score(entry, choice.by, *access_clock, now_ms), number, entry);
            }
        }
        is_any
    }

    /// The databases take turns.
    fn choose_at_random(
        &mut self,
        volatile_only: bool,
        pool: &mut EvictionPool,
        rng: &mut Rng,
    ) -> Option<(usize, Box<[u8]>)> {
        let Self { hasher, dbs, .. } = self;
        let databases = dbs.len();
        for number in (0..databases).map(|step| (pool.next_db + step) % databases) {
            let db = dbs.get_mut(number)?;
            let chosen = if volatile_only {
                let found = db.sample(true, 1, hasher, rng);
                let at = rng.below(found.len() as u64);
                usize::try_from(at).ok().and_then(|at| found.get(at).copied())
            } else {
                db.keys.random(|bound| rng.below(bound))
            };
            if let Some(entry) = chosen {
                pool.next_db = number + 1;
                return Some((number, entry.key().into()));
            }
        }
        None
    }
}

impl Db {
    /// At least so many random keys, or all there are; of those that expire, perhaps fewer, but one
    /// if there is any.
    fn sample(
        &mut self,
        volatile_only: bool,
        samples: usize,
        hasher: &Hasher,
        rng: &mut Rng,
    ) -> Vec<&Entry> {
        let Self { keys, deadlines, .. } = self;
        let len = if volatile_only { deadlines.len() } else { keys.len() };
        let wanted = samples.max(1).min(len);
        let mut found = Vec::new();
        let is_meant = |entry: &&Entry| !volatile_only || entry.is_volatile();
        for _ in 0..PROBES_MAX {
            if found.len() >= wanted {
                return found;
            }
            let bucket = keys.sample(|bound| rng.below(bound));
            found.extend(bucket.filter(is_meant));
        }
        while found.is_empty() {
            // Few keys among many expire: the deadlines know where.
            let Some(region) = deadlines.region_with_keys(|bound| rng.below(bound)) else { break };
            let mut position = region.start;
            while found.is_empty() && !region.is_behind(position) {
                let emit = |entry| found.extend(Some(entry).filter(is_meant));
                keys.walk_next(&mut position, |entry| hash_of(hasher, entry), emit);
            }
            if found.is_empty() {
                deadlines.clear(region);
            }
        }
        found
    }
}

/// How good it is to evict an entry.
fn score(entry: &Entry, by: Criterion, clock: AccessClock, now_ms: i64) -> u64 {
    match by {
        Criterion::Idle => clock.idle_s(entry.lru(), now_ms).into(),
        Criterion::Frequency => (u8::MAX - clock.frequency(entry.lru(), now_ms)).into(),
        // The earlier the better, in the order of unsigned numbers.
        Criterion::Expiry => entry.expire_at().map_or(0, |at| !(at.cast_unsigned() ^ 1 << 63)),
        Criterion::Random => 0,
    }
}

/// As in Redis.
const POOL_CANDIDATES_MAX: usize = 16;

/// Buckets picked at random in one database before its deadlines are asked.
const PROBES_MAX: usize = 64;
