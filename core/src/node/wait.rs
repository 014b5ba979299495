//! WAIT and WAITAOF: a client waits until replicas hold what it wrote, or disks do.

use super::ConnId;
use super::Event;
use super::Node;
use super::conn::Waiting;
use super::primary::Replica;
use super::primary::ReplicaState;
use crate::command::Outcome;
use crate::command::integer;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::time::Mono;

/// Clients blocked by WAIT and WAITAOF, oldest first.
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
    /// WAITAOF: acknowledged are what disks hold, and whether this server's own must.
    disks: Option<bool>,
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
        let timeout_ms = timeout_ms(args.at(2))?;
        let replicas = usize::try_from(replicas).unwrap_or(0);
        self.begin_wait(id, replicas, None, timeout_ms);
        Ok(())
    }

    pub(super) fn wait_aof(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let local = match integer(args.at(1))? {
            local @ 0..=1 => local == 1,
            _ => return Err(error::LOCAL_OUT_OF_RANGE),
        };
        let replicas = number::parse_i64(args.at(2)).and_then(|n| usize::try_from(n).ok());
        let replicas = replicas.ok_or(error::NOT_POSITIVE)?;
        let timeout_ms = timeout_ms(args.at(3))?;
        if self.master.is_some() {
            return Err(error::NO_REPLICA_OF_WAITAOF);
        }
        if local && !self.config.appendonly {
            return Err(error::LOG_IS_OFF);
        }
        self.begin_wait(id, replicas, Some(local), timeout_ms);
        Ok(())
    }

    fn begin_wait(&mut self, id: ConnId, replicas: usize, disks: Option<bool>, timeout_ms: u64) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        let position = conn.written;
        let deadline = (timeout_ms > 0).then(|| self.now.mono.plus_ms(timeout_ms));
        let wait = Wait { conn: id, position, replicas, disks, deadline };
        let may_block = self.executing != Some(id);
        if !may_block || self.is_satisfied(&wait) {
            return self.answer_wait(&wait);
        }
        if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Acknowledgements;
        }
        self.waits.waits.push(wait);
        self.waits.asks = true;
        let command = if disks.is_some() { "waitaof" } else { "wait" };
        self.events.observe(|| Event::Blocked { conn: id, command });
    }

    /// The append-only file was turned off: nobody can wait for it any more.
    pub(super) fn end_local_waits(&mut self) {
        let (ended, kept): (Vec<Wait>, _) = std::mem::take(&mut self.waits.waits)
            .into_iter()
            .partition(|wait| wait.disks == Some(true));
        self.waits.waits = kept;
        for wait in ended {
            self.reply(wait.conn, |reply| reply.error(&error::LOG_IS_OFF));
            self.events.observe(|| Event::Unblocked { conn: wait.conn });
            self.resume(wait.conn);
        }
    }

    /// Answers those whose replicas have acknowledged, or whose time is over.
    pub(super) fn serve_waits(&mut self) {
        let now = self.now.mono;
        let mut at = 0;
        while let Some(wait) = self.waits.waits.get(at).copied() {
            let is_over = wait.deadline.is_some_and(|deadline| deadline <= now);
            if is_over || self.is_satisfied(&wait) {
                self.waits.waits.remove(at);
                self.end_wait(&wait);
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
            self.end_wait(&wait);
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

    fn end_wait(&mut self, wait: &Wait) {
        self.answer_wait(wait);
        self.events.observe(|| Event::Unblocked { conn: wait.conn });
        self.resume(wait.conn);
    }

    fn answer_wait(&mut self, wait: &Wait) {
        let acknowledged = self.acknowledged(wait);
        let is_synced = self.is_synced(wait.position);
        self.reply(wait.conn, |reply| {
            if wait.disks.is_some() {
                reply.array(2);
                reply.integer(i64::from(is_synced));
            }
            reply.count(acknowledged);
        });
    }

    fn is_satisfied(&self, wait: &Wait) -> bool {
        let lacks_own = wait.disks == Some(true) && !self.is_synced(wait.position);
        !lacks_own && self.acknowledged(wait) >= wait.replicas
    }

    /// Whether this server's own disk holds the stream up to `position`.
    fn is_synced(&self, position: u64) -> bool {
        self.synced_position().is_some_and(|synced| synced >= position)
    }

    /// Replicas that have acknowledged what a client waits for.
    fn acknowledged(&self, wait: &Wait) -> usize {
        let replicas = self.replicas.iter().filter_map(|id| self.conns.find(*id)?.replica());
        let has_it = |replica: &&Replica| {
            let ack = if wait.disks.is_some() { replica.disk_ack } else { replica.ack };
            replica.state == ReplicaState::Online && ack >= wait.position
        };
        replicas.filter(has_it).count()
    }
}

fn timeout_ms(text: &[u8]) -> Result<u64, CommandError> {
    let timeout = number::parse_i64(text).ok_or(error::TIMEOUT_NOT_INTEGER)?;
    u64::try_from(timeout).map_err(|_| error::TIMEOUT_NEGATIVE)
}

const GETACK: &[u8] = b"*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n";
