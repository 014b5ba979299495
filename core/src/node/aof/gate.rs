//! `appendfsync always`: no byte of a reply leaves before what it tells of is on disk.
//!
//! At the end of a turn the replies it wrote are held, together with the log's length at that
//! moment; they go out once so much of the log is written. That includes replies of commands that
//! only read, since they may have read what is not on disk yet. The stream to replicas is held
//! likewise.

use std::collections::VecDeque;

use crate::node::ConnId;
use crate::node::Effect;
use crate::node::Node;

/// Replies held back, oldest first.
#[derive(Debug, Default)]
pub(in crate::node) struct Gates(VecDeque<Gate>);

#[derive(Debug)]
struct Gate {
    /// It opens when the log is written up to here.
    end: u64,
    /// Connections and so many bytes of their outboxes.
    held: Vec<(ConnId, usize)>,
}

impl Node {
    /// Holds what this turn wrote to connections until the log has caught up.
    pub(in crate::node) fn hold_replies(&mut self) {
        let Self { feed, aof, conns, dirty, .. } = self;
        let end = feed.log.gathered();
        let must_wait = !feed.log.is_written();
        // What is not under way yet will be so together.
        let gates = &mut aof.gates.0;
        match gates.back_mut() {
            Some(last) if last.end == end || last.end > feed.log.taken() => last.end = end,
            _ if must_wait => gates.push_back(Gate { end, held: Vec::new() }),
            _ => {}
        }
        dirty.retain(|id| {
            let Some(conn) = conns.find_mut(*id) else { return false };
            let bytes = conn.outbox.hold();
            match gates.back_mut() {
                Some(gate) if must_wait && bytes > 0 => gate.held.push((*id, bytes)),
                _ => conn.outbox.release(bytes),
            }
            conn.dirty = conn.outbox.can_send();
            conn.dirty
        });
    }

    /// More of the log is written: lets go what waited for no more than that.
    pub(in crate::node) fn release_replies(&mut self) {
        let written = self.feed.log.written();
        while let Some(gate) = self.aof.gates.0.pop_front_if(|gate| gate.end <= written) {
            for (id, bytes) in gate.held {
                let Some(conn) = self.conns.find_mut(id) else { continue };
                conn.outbox.release(bytes);
                let closes = conn.closing && !conn.outbox.is_held();
                self.mark_dirty(id);
                if closes {
                    self.effects.push_back(Effect::Close { conn: id });
                }
            }
        }
    }

    /// Replies wait for the log no more.
    pub(in crate::node) fn open_gates(&mut self) {
        self.aof.gates.0.clear();
        let ids: Vec<ConnId> = self.conns.iter().map(|conn| conn.id).collect();
        for id in ids {
            let Some(conn) = self.conns.find_mut(id) else { continue };
            let closes = conn.closing && conn.outbox.is_held();
            conn.outbox.release_all();
            if conn.outbox.has_own_bytes() {
                self.mark_dirty(id);
            }
            if closes {
                self.effects.push_back(Effect::Close { conn: id });
            }
        }
    }

    /// The stream may be sent to replicas up to here.
    pub(in crate::node) fn sendable_position(&self) -> u64 {
        let log = &self.feed.log;
        match self.aof.holds_replies && !log.is_written() {
            true => log.written_position(),
            false => u64::MAX,
        }
    }
}
