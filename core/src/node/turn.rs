//! The end of a turn, in the order of Redis's own event loop.

use super::Effect;
use super::Event;
use super::Node;
use super::timer::EXPIRY_MS;
use crate::limits;
use crate::time::Now;

impl Node {
    /// Ends the turn: call it once after the inputs and before the outputs are drained. Its work
    /// is bounded; what is left over is asked for by [`Node::poll_timeout`].
    pub fn finish_turn(&mut self, now: Now) {
        self.now = now;
        if !self.waits.is_empty() {
            self.serve_waits();
        }
        self.time_out_blocked();
        let expires_more = self.expire_actively();
        if self.store.awaited.has_ready() {
            self.serve_blocked();
        }
        self.ask_for_acknowledgements();
        self.begin_sync_job();
        let saves_more = self.advance_job();
        let frees_more = self.store.free_some(limits::FREED_BUCKETS_PER_TURN);
        self.timers.job = expires_more || saves_more || frees_more;
        if !self.replicas.is_empty() || self.feed.is_open() {
            self.feed_replicas();
        }
        self.advance_shutdown();
        self.set_timers();
        for id in std::mem::take(&mut self.closing) {
            if self.conns.find(id).is_some() {
                self.effects.push_back(Effect::Close { conn: id });
            }
        }
    }

    /// Removes keys whose time has passed, a bounded number; whether so many were found that it
    /// should go on at once.
    fn expire_actively(&mut self) -> bool {
        let due = self.timers.expiry.is_some_and(|at| at <= self.now.mono);
        if !due {
            return false;
        }
        let mut expired = 0;
        let mut looked_at = 0;
        for db in 0..self.store.databases() {
            let left = limits::EXPIRE_KEYS_PER_TURN_MAX.saturating_sub(looked_at);
            if left == 0 {
                break;
            }
            let mut keys: Vec<Vec<u8>> = Vec::new();
            let now_ms = self.now.wall_ms();
            looked_at += self.store.expire_some(db, now_ms, left, |key| keys.push(key.to_vec()));
            expired += keys.len();
            keys.into_iter().for_each(|key| self.expired(db, key));
        }
        let goes_on = expired * 4 > looked_at && looked_at >= limits::EXPIRE_KEYS_PER_TURN_MAX;
        if !goes_on {
            self.timers.expiry = Some(self.now.mono.plus_ms(EXPIRY_MS));
        }
        goes_on
    }

    /// Tells replicas and observers of a key that expired by itself.
    fn expired(&mut self, db: usize, key: Vec<u8>) {
        let Self { propagation, feed, .. } = self;
        propagation.set_enabled(feed.is_open());
        propagation.push(db, [b"DEL".as_slice(), &key].into_iter());
        propagation.drain(|db, command| feed.append_command(db, command));
        self.saves.count(1);
        self.events.observe(|| Event::Expired { db, key });
    }
}
