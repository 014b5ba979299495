//! The end of a turn, in the order of Redis's own event loop.

use super::Effect;
use super::Node;
use crate::limits;
use crate::time::Now;

impl Node {
    /// Ends the turn: call it once after the inputs and before the outputs are drained. Its work
    /// is bounded; what is left over is asked for by [`Node::poll_timeout`].
    pub fn finish_turn(&mut self, now: Now) {
        self.now = now;
        self.reply_room = limits::REPLY_BYTES_PER_TURN;
        if !self.waits.is_empty() {
            self.serve_waits();
        }
        self.time_out_blocked();
        let loads_more = self.is_loading && self.advance_load();
        let expires_more = self.expire_actively();
        self.settle_changes(None);
        self.notify();
        if self.store.awaited.has_ready() {
            self.serve_blocked();
        }
        self.ask_for_acknowledgements();
        self.advance_failover();
        self.begin_sync_job();
        self.begin_waiting_save();
        self.begin_scheduled_rewrite();
        self.save_flushed();
        let saves_more = self.advance_job();
        let evicts_more = self.evict_on();
        self.broadcast_changes();
        let frees_more = self.store.free_some(limits::FREED_ELEMENTS_PER_TURN);
        self.timers.job = loads_more || expires_more || saves_more || evicts_more || frees_more;
        if !self.replicas.is_empty() || self.feed.is_open() {
            self.feed_replicas();
        }
        if self.config.maxmemory_clients != 0 {
            self.evict_clients();
        }
        self.note_peak();
        self.advance_shutdown();
        self.flush_log();
        self.set_timers();
        for id in std::mem::take(&mut self.closing) {
            // What is held back is let go before the connection is.
            if self.conns.find(id).is_some_and(|conn| !conn.outbox.is_held()) {
                self.effects.push_back(Effect::Close { conn: id });
            }
        }
    }
}
