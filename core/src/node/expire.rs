//! Active expiry: keys and fields whose time has passed go though nobody asks for them.
//!
//! Rounds come ten times a second, as with Redis's default `hz`, while some key may be due, and not
//! before. A round looks at a tenth of the keys that expire, so that keys are gone about a second
//! after their time whatever the rest of them do; it goes on beyond that while more than a tenth of
//! what it looks at is due, which is Redis's measure too. All of it is done in short pieces. Fields
//! are known in the order of their time: all that are due go, a piece each turn.

use super::Event;
use super::Node;
use crate::limits;
use crate::store::Swept;
use crate::time::Mono;

/// Where active expiry stands.
#[derive(Debug, Default)]
pub(super) struct ExpiryRound {
    /// The database to look at next.
    db: usize,
    /// Looks since the round began.
    looks: usize,
    /// When the last round ended.
    ended: Mono,
}

impl Node {
    /// Does a piece of a round, if one is due; whether the round is to go on at once.
    pub(super) fn expire_actively(&mut self) -> bool {
        // It may have become a replica since the round was planned.
        let may = !self.pause.is_active() && self.master.is_none();
        if !may || self.timers.expiry.is_none_or(|at| at > self.now.mono) {
            return false;
        }
        self.timed("expire-cycle", Self::expire_piece)
    }

    fn expire_piece(&mut self) -> bool {
        let (mut looks, mut expired, mut has_more) = (0, 0, false);
        let databases = self.store.databases();
        for _ in 0..databases {
            let db = self.expiry_round.db % databases;
            let left = limits::EXPIRE_LOOKS_PER_TURN_MAX - looks;
            let mut keys: Vec<Vec<u8>> = Vec::new();
            let now_ms = self.now.wall_ms();
            let swept = self.store.expire_some(db, now_ms, left, |key| keys.push(key.to_vec()));
            keys.into_iter().for_each(|key| self.expired(db, key));
            looks += swept.looks;
            expired += swept.expired;
            let left = limits::EXPIRE_LOOKS_PER_TURN_MAX.saturating_sub(looks);
            let fields = self.expire_fields(db, left);
            looks += fields.looks;
            expired += fields.expired;
            if swept.has_more || fields.has_more || looks >= limits::EXPIRE_LOOKS_PER_TURN_MAX {
                has_more = true;
                break;
            }
            self.expiry_round.db = db + 1;
        }
        self.expiry_round.looks += looks;
        let goes_on =
            has_more && (self.expiry_round.looks < self.round_looks_max() || expired * 10 > looks);
        if !goes_on {
            let db = self.expiry_round.db + 1;
            self.expiry_round = ExpiryRound { db, looks: 0, ended: self.now.mono };
        }
        goes_on
    }

    /// Removes fields that are due, and tells replicas.
    fn expire_fields(&mut self, db: usize, fields_max: usize) -> Swept {
        let mut removed = Vec::new();
        let now_ms = self.now.wall_ms();
        let swept = self.store.expire_fields(db, now_ms, fields_max, |key, fields| {
            let words = [b"HDEL".to_vec(), key.to_vec()].into_iter().chain(fields.iter().cloned());
            removed.push(words.collect::<Vec<_>>());
        });
        for words in removed {
            self.propagate_alone(db, words.iter().map(Vec::as_slice));
        }
        swept
    }

    /// When the next round is to begin: when the first key is due, but at most ten times a second;
    /// and once a second in any case, for the wall clock may jump.
    pub(super) fn next_expiry(&self) -> Option<Mono> {
        let paused = self.pause.is_active() || self.timers.paused;
        if self.master.is_some() || self.timers.expiry_off || paused {
            return None;
        }
        let due_ms = self.store.soonest_expiry_ms()?;
        let wait_ms = due_ms.saturating_sub(self.now.wall_ms()).clamp(0, WAIT_MS_MAX);
        let next_round = self.expiry_round.ended.plus_ms(ROUND_MS);
        Some(self.now.mono.plus_ms(wait_ms.unsigned_abs()).max(next_round))
    }

    fn round_looks_max(&self) -> usize {
        let volatile: usize = self.store.sizes().map(|size| size.volatile).sum();
        (volatile / ROUNDS_PER_SECOND)
            .clamp(limits::EXPIRE_LOOKS_PER_TURN_MAX, limits::EXPIRE_LOOKS_PER_ROUND_MAX)
    }

    /// Tells replicas and observers of a key that expired by itself.
    fn expired(&mut self, db: usize, key: Vec<u8>) {
        self.removed(db, &key);
        self.events.observe(|| Event::Expired { db, key });
    }

    /// Sends on that a key was removed, by no command of a client's.
    pub(super) fn removed(&mut self, db: usize, key: &[u8]) {
        self.propagate_alone(db, [b"DEL".as_slice(), key].into_iter());
    }

    fn propagate_alone<'a>(&mut self, db: usize, words: impl ExactSizeIterator<Item = &'a [u8]>) {
        self.propagation.set_enabled(self.is_heard());
        self.propagation.count(1);
        self.propagation.push(db, words);
        self.drain_propagation();
    }
}

const ROUND_MS: u64 = 100;
const ROUNDS_PER_SECOND: usize = 10;
const WAIT_MS_MAX: i64 = 1000;
