//! `timeout`: clients that have been silent for too long are closed.
//!
//! Each client stands in one ordered set, at the second at which it will have been silent for long
//! enough if nothing moves until then. Traffic does not touch the set: a client whose time has come is
//! asked since when it is silent, and put back if that is not long enough. So ten thousand clients
//! cost one step each in every `timeout`, and nothing at all without that setting.
//!
//! As in Redis, who waits for something is not idle: blocked and subscribed clients, replicas, masters.

use super::Conn;
use super::ConnId;
use super::LogLevel;
use super::Node;
use super::conn::ConnRole;
use super::conn::Waiting;
use super::timer::SECOND_MS;
use crate::data::Due;
use crate::limits;
use crate::time::Mono;

#[derive(Debug, Default)]
pub(super) struct IdleClients {
    /// The setting that the set below was made by, in seconds.
    timeout_s: u32,
    due: Due,
}

impl IdleClients {
    pub fn next_deadline(&self) -> Option<Mono> {
        self.due.first().map(|(at, _)| Mono::from_signed_us(at))
    }

    fn watch(&mut self, conn: &mut Conn, since: Mono) {
        let at = full_second(since.plus_ms(u64::from(self.timeout_s) * SECOND_MS));
        conn.idle_at = Some(at);
        self.due.insert(at.as_signed_us(), conn.id.to_bits());
    }

    pub fn forget(&mut self, conn: &Conn) {
        if let Some(at) = conn.idle_at {
            self.due.remove(at.as_signed_us(), conn.id.to_bits());
        }
    }
}

impl Node {
    /// A client came.
    pub(super) fn watch_idle(&mut self, id: ConnId) {
        let Self { conns, idle, now, .. } = self;
        if idle.timeout_s > 0
            && let Some(conn) = conns.find_mut(id)
        {
            idle.watch(conn, now.mono);
        }
    }

    /// The setting may have changed.
    pub(super) fn follow_timeout(&mut self) {
        let Self { conns, idle, config, .. } = self;
        if idle.timeout_s == config.timeout {
            return;
        }
        *idle = IdleClients { timeout_s: config.timeout, due: Due::new() };
        for conn in conns.iter_mut() {
            conn.idle_at = None;
            if idle.timeout_s > 0 {
                idle.watch(conn, conn.last_input);
            }
        }
    }

    /// Closes those that are idle, of those whose time has come. Bounded; who is left over has the next
    /// turn.
    pub(super) fn time_out_idle(&mut self) {
        for _ in 0..limits::IDLE_CLIENTS_PER_TURN_MAX {
            let Some((at, id)) = self.idle.due.first() else { return };
            if at > self.now.mono.as_signed_us() {
                return;
            }
            self.idle.due.pop_first();
            self.judge_idle(ConnId::from_bits(id));
        }
    }

    fn judge_idle(&mut self, id: ConnId) {
        let now = self.now.mono;
        let Some(conn) = self.conns.find_mut(id) else { return };
        conn.idle_at = None;
        let silent_ms = now.since_us(conn.last_input) / 1000;
        if !conn.may_time_out() {
            self.idle.watch(conn, now);
        } else if silent_ms < u64::from(self.idle.timeout_s) * SECOND_MS {
            let since = conn.last_input;
            self.idle.watch(conn, since);
        } else {
            self.log(LogLevel::Verbose, "Closing idle client");
            self.close(id);
        }
    }
}

impl Conn {
    fn may_time_out(&self) -> bool {
        matches!(self.role, ConnRole::Client)
            && self.waiting == Waiting::No
            && self.subscriptions.is_none()
    }
}

/// All clients that are due within a second are due at its end, so that a node wakes once for them.
fn full_second(at: Mono) -> Mono {
    const SECOND_US: u64 = SECOND_MS * 1000;
    Mono::from_us(at.as_us().div_ceil(SECOND_US).saturating_mul(SECOND_US))
}
