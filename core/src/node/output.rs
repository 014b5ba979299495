//! `client-output-buffer-limit`: a client that does not read what it is sent is closed.
//!
//! As in Redis a hard limit closes at once and a soft one when it has been passed all the time
//! for so many seconds. What had not been sent is dropped, and its memory is free at once. Replicas share
//! the stream's blocks: what counts is how far they are behind, and the backlog is always allowed.

use super::Conn;
use super::ConnId;
use super::LogLevel;
use super::Node;
use super::client::ClientType;
use crate::config::BufferLimit;
use crate::time::Mono;

impl Node {
    /// Something was written to a connection: closes it if it now has to be.
    pub(super) fn check_output(&mut self, id: ConnId) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        let limits = &self.config.client_output_buffer_limit;
        let limit = match ClientType::of(conn) {
            ClientType::Normal => limits.normal,
            ClientType::PubSub => limits.pubsub,
            ClientType::Replica | ClientType::Master => return,
        };
        let (was_over, now) = (conn.over_soft_since.is_some(), self.now.mono);
        if conn.is_over(conn.outbox.own_bytes() as u64, limit, now) {
            return self.close_overfull(id);
        }
        if conn.over_soft_since.is_some() && !was_over {
            self.overfull.push(id);
        }
    }

    /// A replica is so many bytes behind the stream: closes it if that is too far; whether it did.
    pub(super) fn check_replica(&mut self, id: ConnId, behind: u64) -> bool {
        let mut limit = self.config.client_output_buffer_limit.replica;
        if limit.hard_bytes > 0 {
            limit.hard_bytes = limit.hard_bytes.max(self.config.repl_backlog_size);
        }
        let now = self.now.mono;
        let is_over = self.conns.find_mut(id).is_some_and(|conn| conn.is_over(behind, limit, now));
        if is_over {
            self.close_overfull(id);
        }
        is_over
    }

    /// Each second: closes those that have been over their soft limits for too long.
    pub(super) fn check_overfull(&mut self) {
        for id in std::mem::take(&mut self.overfull) {
            self.check_output(id);
            if self.conns.find(id).is_some_and(|conn| conn.over_soft_since.is_some()) {
                self.overfull.push(id);
            }
        }
    }

    fn close_overfull(&mut self, id: ConnId) {
        let open = self.conns.find(id).filter(|conn| !conn.closing);
        let Some(client) = open.map(|conn| self.client_line(conn)) else { return };
        let Some(conn) = self.conns.find_mut(id) else { return };
        conn.over_soft_since = None;
        conn.outbox.drop_unsent();
        self.note_client(id);
        self.stats.output_limit_closed += 1;
        self.log(
            LogLevel::Warning,
            format!(
                "Client {client} scheduled to be closed ASAP for overcoming of output buffer limits."
            ),
        );
        self.close(id);
    }
}

impl Conn {
    /// Whether its output has grown, or stood, beyond what is allowed; notes since when it does.
    fn is_over(&mut self, bytes: u64, limit: BufferLimit, now: Mono) -> bool {
        if limit.soft_bytes == 0 || bytes < limit.soft_bytes {
            self.over_soft_since = None;
        }
        if limit.hard_bytes > 0 && bytes >= limit.hard_bytes {
            return true;
        }
        if limit.soft_bytes == 0 || bytes < limit.soft_bytes {
            return false;
        }
        let since = *self.over_soft_since.get_or_insert(now);
        now.since_us(since) / 1_000_000 > limit.soft_seconds
    }
}
