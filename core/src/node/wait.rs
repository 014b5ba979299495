//! WAIT: a client waits until replicas hold what it wrote.

use super::ConnId;
use super::Event;
use super::Node;
use super::conn::Waiting;
use super::primary::ReplicaState;
use crate::command::Outcome;
use crate::command::integer;
use crate::data::number;
use crate::error;
use crate::resp::Args;
use crate::time::Mono;

/// Clients blocked by WAIT, oldest first.
#[derive(Debug, Default)]
pub(super) struct Waits {
    waits: Vec<Wait>,
    /// Replicas are to be asked for acknowledgements at the end of this turn.
    asks: bool,
}

#[derive(Clone, Copy, Debug)]
struct Wait {
    conn: ConnId,
    /// Offset the replicas must have acknowledged.
    position: u64,
    replicas: usize,
    deadline: Option<Mono>,
}

impl Waits {
    pub fn len(&self) -> usize {
        self.waits.len()
    }

    /// How many of them give up some time.
    pub fn timed_len(&self) -> usize {
        self.waits.iter().filter(|wait| wait.deadline.is_some()).count()
    }

    pub fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }

    pub fn forget(&mut self, id: ConnId) {
        self.waits.retain(|wait| wait.conn != id);
    }

    pub fn next_deadline(&self) -> Option<Mono> {
        self.waits.iter().filter_map(|wait| wait.deadline).min()
    }
}

impl Node {
    pub(super) fn wait(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if self.master.is_some() {
            return Err(error::NO_REPLICA_OF_WAIT);
        }
        let replicas = integer(args.at(1))?;
        let timeout = number::parse_i64(args.at(2)).ok_or(error::TIMEOUT_NOT_INTEGER)?;
        let timeout = u64::try_from(timeout).map_err(|_| error::TIMEOUT_NEGATIVE)?;
        let replicas = usize::try_from(replicas).unwrap_or(0);
        let Some(conn) = self.conns.find_mut(id) else { return Ok(()) };
        let position = conn.written;
        let may_block = self.executing != Some(id);
        let acknowledged = self.acknowledged(position);
        if acknowledged >= replicas || !may_block {
            self.reply(id, |reply| reply.count(acknowledged));
            return Ok(());
        }
        let deadline = (timeout > 0).then(|| self.now.mono.plus_ms(timeout));
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Acknowledgements;
        }
        self.waits.waits.push(Wait { conn: id, position, replicas, deadline });
        self.waits.asks = true;
        self.events.observe(|| Event::Blocked { conn: id, command: "wait" });
        Ok(())
    }

    /// Answers those whose replicas have acknowledged, or whose time is over.
    pub(super) fn serve_waits(&mut self) {
        let now = self.now.mono;
        let mut at = 0;
        while let Some(wait) = self.waits.waits.get(at).copied() {
            let acknowledged = self.acknowledged(wait.position);
            let is_over = wait.deadline.is_some_and(|deadline| deadline <= now);
            if acknowledged >= wait.replicas || is_over {
                self.waits.waits.remove(at);
                self.end_wait(wait.conn, acknowledged);
            } else {
                at += 1;
            }
        }
    }

    /// Asks the replicas where they are, once a turn, if somebody began to wait.
    pub(super) fn ask_for_acknowledgements(&mut self) {
        // The offset that a failover waits for has to stay where it is.
        if self.failover.is_some() {
            return;
        }
        let asks = std::mem::take(&mut self.waits.asks) && !self.waits.is_empty();
        // Without a replica there is no stream, and the offset stays where it is.
        if asks && self.feed.is_open() {
            self.feed.append_raw(GETACK);
        }
    }

    /// CLIENT UNBLOCK: ends a wait early, as its timeout would or with an error.
    pub(super) fn unblock_wait(&mut self, id: ConnId, with_error: bool) {
        let Some(at) = self.waits.waits.iter().position(|wait| wait.conn == id) else { return };
        let wait = self.waits.waits.remove(at);
        if with_error {
            self.reply(id, |reply| reply.error(&error::UNBLOCKED));
            self.events.observe(|| Event::Unblocked { conn: id });
            self.resume(id);
        } else {
            self.end_wait(id, self.acknowledged(wait.position));
        }
    }

    /// The node becomes a replica: nobody can wait for replicas any more.
    pub(super) fn disconnect_waits(&mut self) {
        for wait in std::mem::take(&mut self.waits.waits) {
            self.reply(wait.conn, |reply| reply.error(&error::UNBLOCKED_BY_ROLE));
            self.events.observe(|| Event::Unblocked { conn: wait.conn });
            self.resume(wait.conn);
            self.close(wait.conn);
        }
    }

    fn end_wait(&mut self, id: ConnId, acknowledged: usize) {
        self.reply(id, |reply| reply.count(acknowledged));
        self.events.observe(|| Event::Unblocked { conn: id });
        self.resume(id);
    }

    /// Replicas that have acknowledged the stream up to `position`.
    fn acknowledged(&self, position: u64) -> usize {
        let replicas = self.replicas.iter().filter_map(|id| self.conns.find(*id)?.replica());
        replicas.filter(|r| r.state == ReplicaState::Online && r.ack >= position).count()
    }
}

const GETACK: &[u8] = b"*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n";
