//! The master's side of replication: who follows, from where, and what they
//! have acknowledged.

use super::Conn;
use super::ConnId;
use super::LogLevel;
use super::Node;
use super::sync_file::Source;
use crate::command::Outcome;
use crate::error;
use crate::replication::Decision;
use crate::replication::Refusal;
use crate::replication::ReplicationId;
use crate::replication::SyncRequest;
use crate::replication::decide;
use crate::resp::Args;
use crate::time::Mono;

/// A peer that follows our stream or has said that it will.
#[derive(Clone, Debug)]
pub(super) struct Replica {
    pub state: ReplicaState,
    pub listening_port: u16,
    pub announce_ip: Option<String>,
    /// It knows PSYNC's second id: `+CONTINUE` may name one.
    pub psync2: bool,
    /// It takes payloads of unknown length, as Redis since 2.8.18 does.
    pub eof: bool,
    /// It asked by SYNC: no `+FULLRESYNC` is expected.
    pub legacy: bool,
    /// It wants a snapshot and no stream.
    pub rdb_only: bool,
    /// It wants no data in its snapshot.
    pub without_data: bool,
    /// Its payload ends with a mark: only the replica knows when it has read, and loaded, all of it.
    pub is_marked: bool,
    /// The file that its snapshot is in, or will be.
    pub source: Option<Source>,
    /// The stream is to follow from here once the snapshot has been sent, or loaded.
    pub stream_from: Option<u64>,
    /// The stream up to here is applied there.
    pub ack: u64,
    /// The stream up to here is on its disk.
    pub disk_ack: u64,
    /// When it last acknowledged, or was put online.
    pub ack_at: Mono,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplicaState {
    /// It has sent REPLCONF and not yet PSYNC.
    Introducing,
    WaitingForSnapshot,
    ReceivingSnapshot,
    Online,
}

impl ReplicaState {
    /// As INFO prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Introducing | Self::WaitingForSnapshot => "wait_bgsave",
            Self::ReceivingSnapshot => "send_bulk",
            Self::Online => "online",
        }
    }
}

impl Replica {
    pub fn new(now: Mono) -> Self {
        Self {
            state: ReplicaState::Introducing,
            listening_port: 0,
            announce_ip: None,
            psync2: false,
            eof: false,
            legacy: false,
            rdb_only: false,
            without_data: false,
            is_marked: false,
            source: None,
            stream_from: None,
            ack: 0,
            disk_ack: 0,
            ack_at: now,
        }
    }

    /// Whole seconds since it was last heard of, as INFO's `lag`.
    pub fn lag_s(&self, now: Mono) -> u64 {
        now.since_us(self.ack_at) / 1_000_000
    }
}

/// A replica's address as it is known to others: the one it announced, else its peer's, with the
/// port it listens on.
pub(super) fn address(conn: &Conn, replica: &Replica) -> (String, u16) {
    let peer = conn.peer.rsplit_once(':').map_or(conn.peer.as_str(), |(ip, _)| ip);
    (replica.announce_ip.clone().unwrap_or_else(|| peer.to_owned()), replica.listening_port)
}

impl Node {
    pub(super) fn psync(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if args.is(3, "failover") {
            self.take_over(args.at(1))?;
        }
        let request = SyncRequest::parse(args.at(1), args.at(2)).ok_or(error::NOT_AN_INTEGER)?;
        self.begin_sync(id, request, false)
    }

    pub(super) fn sync(&mut self, id: ConnId) -> Outcome {
        self.begin_sync(id, SyncRequest::FULL, true)
    }

    /// A replica's connection is gone.
    pub(super) fn replica_lost(&mut self, id: ConnId, conn: &Conn) {
        let Some(replica) = conn.replica().filter(|r| r.state != ReplicaState::Introducing) else {
            return;
        };
        self.replicas.retain(|other| *other != id);
        self.sync_forget(id);
        let (ip, port) = address(conn, replica);
        self.log(LogLevel::Notice, format!("Connection with replica {ip}:{port} lost."));
        if self.replicas.is_empty() {
            self.feed.unused_since = Some(self.now.mono);
        }
    }

    /// Closes all replicas' connections, so that they synchronise again. What this turn still appends to the stream
    /// belongs to a history they know nothing of: they would count it as the one they follow.
    pub(super) fn drop_replicas(&mut self) {
        for id in self.replicas.clone() {
            if let Some(conn) = self.conns.find_mut(id) {
                conn.outbox.leave_stream();
                if let Some(replica) = conn.replica_mut() {
                    replica.stream_from = None;
                }
            }
            self.close(id);
        }
    }

    /// Bytes of the outbox went out: more may be read of the file that the snapshot is in. A replica
    /// that will not say when it has loaded it counts as online once it is wholly sent.
    pub(super) fn replica_was_sent(&mut self, id: ConnId) {
        let now = self.now.mono;
        let Some(conn) = self.conns.find_mut(id) else { return };
        let is_sent = !conn.outbox.has_own_bytes();
        let Some(replica) = conn.replica_mut() else { return };
        if replica.state != ReplicaState::ReceivingSnapshot {
            return;
        }
        // It is alive as long as it takes bytes.
        replica.ack_at = now;
        let (is_marked, rdb_only) = (replica.is_marked, replica.rdb_only);
        if replica.source.is_some() {
            self.read_on(id);
        } else if is_sent && rdb_only && !self.is_snapshot_for(id) {
            self.log(LogLevel::Notice, "RDB transfer completed, rdb only replica is disconnected");
            self.close(id);
        } else if is_sent && !is_marked {
            self.put_online(id);
        }
    }

    /// The stream follows what the replica has been sent.
    pub(super) fn follow_stream(&mut self, id: ConnId) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        if let Some(position) = conn.replica_mut().and_then(|replica| replica.stream_from.take()) {
            conn.outbox.follow_stream(position);
            self.mark_dirty(id);
        }
    }

    pub(super) fn put_online(&mut self, id: ConnId) {
        let now = self.now.mono;
        let Some(conn) = self.conns.find_mut(id) else { return };
        let Some(replica) = conn.replica_mut() else { return };
        replica.state = ReplicaState::Online;
        replica.ack_at = now;
        let replica = replica.clone();
        let (ip, port) = address(conn, &replica);
        self.log(LogLevel::Notice, format!("Synchronization with replica {ip}:{port} succeeded"));
    }

    /// Lets replicas be written to that the stream has left behind, and lets go of what none of
    /// them needs. Replicas too far behind are closed.
    pub(super) fn feed_replicas(&mut self) {
        let position = self.feed.position();
        let mut needed = u64::MAX;
        // The last one marked is written to first: that is to be the oldest.
        for at in (0..self.replicas.len()).rev() {
            let Some(id) = self.replicas.get(at).copied() else { break };
            let Some(sent) = self.conns.find(id).and_then(Conn::stream_begin) else { continue };
            let behind = position.saturating_sub(sent);
            if self.check_replica(id, behind) || behind == 0 {
                continue;
            }
            needed = needed.min(sent);
            if self.conns.find(id).is_some_and(Conn::follows_stream) {
                self.mark_dirty(id);
            }
        }
        self.feed.trim(needed);
    }

    /// Whether `min-replicas-to-write` asks for more good replicas than there are.
    pub(super) fn lacks_replicas(&self) -> bool {
        let wanted = self.config.min_replicas_to_write as usize;
        let max_lag = u64::from(self.config.min_replicas_max_lag);
        if wanted == 0 || max_lag == 0 || self.master.is_some() {
            return false;
        }
        let replicas = self.replicas.iter().filter_map(|id| self.conns.find(*id)?.replica());
        let good = replicas
            .filter(|r| r.state == ReplicaState::Online && r.lag_s(self.now.mono) <= max_lag);
        good.count() < wanted
    }

    /// Each second: signs of life to those who wait, PING to those who follow, and an end to those
    /// who are silent.
    pub(super) fn tend_replicas(&mut self, seconds: u64) {
        let period = u64::from(self.config.repl_ping_replica_period).max(1);
        let pings = self.master.is_none() && self.failover.is_none();
        if pings && seconds.is_multiple_of(period) && !self.replicas.is_empty() {
            self.feed.append_raw(PING);
        }
        let timeout_s = u64::from(self.config.repl_timeout);
        for id in self.replicas.clone() {
            let Some(conn) = self.conns.find(id) else { continue };
            let Some(replica) = conn.replica() else { continue };
            let (ip, port) = address(conn, replica);
            match replica.state {
                ReplicaState::WaitingForSnapshot => {
                    self.send(id, |out| out.extend_from_slice(b"\n"));
                }
                // Others, or the disk, may be what the snapshot waits for.
                ReplicaState::ReceivingSnapshot
                    if (self.is_snapshot_for(id) || replica.source.is_some())
                        && !conn.outbox.has_own_bytes() => {}
                ReplicaState::Online | ReplicaState::ReceivingSnapshot
                    if replica.lag_s(self.now.mono) > timeout_s =>
                {
                    let phase = match replica.state {
                        ReplicaState::Online => "streaming sync",
                        _ => "full sync",
                    };
                    self.log(
                        LogLevel::Warning,
                        format!("Disconnecting timedout replica ({phase}): {ip}:{port}"),
                    );
                    self.close(id);
                }
                _ => {}
            }
        }
        self.retire_backlog();
    }

    /// Gives the backlog up that no replica has used for `repl-backlog-ttl`.
    fn retire_backlog(&mut self) {
        let ttl_s = self.config.repl_backlog_ttl;
        let Some(since) = self.feed.unused_since else { return };
        let unused_s = self.now.mono.since_us(since) / 1_000_000;
        let unneeded = self.replicas.is_empty() && self.master.is_none() && self.feed.is_open();
        if ttl_s > 0 && unneeded && unused_s > ttl_s {
            self.feed.close(&mut self.rng);
            self.feed.unused_since = None;
            self.log(
                LogLevel::Notice,
                format!(
                    "Replication backlog freed after {ttl_s} seconds without connected replicas."
                ),
            );
        }
    }

    fn begin_sync(&mut self, id: ConnId, request: SyncRequest, legacy: bool) -> Outcome {
        let known = self.conns.find(id).and_then(Conn::replica);
        if known.is_some_and(|replica| replica.state != ReplicaState::Introducing) {
            return Ok(());
        }
        if known.is_some_and(|replica| replica.without_data && !replica.eof) {
            return Err(error::FILTER_NEEDS_EOF);
        }
        let takes_stream = known.is_none_or(|replica| !replica.rdb_only && !replica.without_data);
        let request = if takes_stream { request } else { SyncRequest::FULL };
        if self.master.is_some() && !self.master_is_connected() {
            return Err(error::NO_MASTER_LINK);
        }
        let now = self.now.mono;
        self.introduce(id, |replica| {
            replica.ack_at = now;
            replica.legacy = legacy;
        });
        let Some(conn) = self.conns.find(id) else { return Ok(()) };
        let Some((ip, port)) = conn.replica().map(|replica| address(conn, replica)) else {
            // Our master can't be our replica.
            return Ok(());
        };
        let address = format!("{ip}:{port}");
        self.replicas.push(id);
        self.feed.unused_since = None;
        let decision = decide(request, &self.feed.history, self.feed.backlog());
        #[cfg(test)]
        let decision = self.mistaken(request, decision);
        match decision {
            Decision::Continue { position } => self.continue_sync(id, position, &address),
            Decision::Full(refusal) => self.full_sync(id, refusal, &address),
        }
        Ok(())
    }

    /// Has this node make a mistake that simulations have to find.
    #[cfg(test)]
    pub(crate) fn set_canary(&mut self, is_canary: bool) {
        self.feed.is_canary = is_canary;
    }

    /// The canary's mistake: a replica goes on that was ahead of ours when we left our old master.
    #[cfg(test)]
    fn mistaken(&self, request: SyncRequest, decision: Decision) -> Decision {
        let held = request.position.zip(self.feed.backlog());
        match (decision, held) {
            (Decision::Full(Refusal::BeyondBranch), Some((position, backlog)))
                if self.feed.is_canary && backlog.holds(position) =>
            {
                Decision::Continue { position }
            }
            _ => decision,
        }
    }

    fn continue_sync(&mut self, id: ConnId, position: u64, address: &str) {
        self.stats.sync_partial_ok += 1;
        let history = self.feed.history.id;
        let missing = self.feed.position() - position;
        let Some(conn) = self.conns.find_mut(id) else { return };
        conn.outbox.follow_stream(position);
        let Some(replica) = conn.replica_mut() else { return };
        replica.state = ReplicaState::Online;
        replica.ack = position;
        let names_id = replica.psync2;
        self.send(id, |out| match names_id {
            true => out.extend_from_slice(format!("+CONTINUE {history}\r\n").as_bytes()),
            false => out.extend_from_slice(b"+CONTINUE\r\n"),
        });
        self.log(
            LogLevel::Notice,
            format!(
                "Partial resynchronization request from {address} accepted. Sending {missing} bytes of backlog starting from offset {}.",
                position + 1
            ),
        );
    }

    fn full_sync(&mut self, id: ConnId, refusal: Refusal, address: &str) {
        self.stats.sync_full += 1;
        let asked = refusal == Refusal::Asked;
        self.stats.sync_partial_err += u64::from(!asked);
        if !asked {
            self.log(
                LogLevel::Notice,
                format!("Partial resynchronization not accepted: {}", explain(refusal)),
            );
        }
        self.log(LogLevel::Notice, format!("Full resync requested by replica {address}"));
        if !self.feed.is_open() {
            self.feed.history.restart(ReplicationId::random(&mut self.rng));
            self.feed.open(usize::try_from(self.config.repl_backlog_size).unwrap_or(usize::MAX));
            let id = self.feed.history.id;
            self.log(
                LogLevel::Notice,
                format!(
                    "Replication backlog created, my new replication IDs are '{id}' and '{}'",
                    ReplicationId::NONE
                ),
            );
        }
        if let Some(replica) = self.conns.find_mut(id).and_then(Conn::replica_mut) {
            replica.state = ReplicaState::WaitingForSnapshot;
        }
        match self.conns.find(id).and_then(Conn::replica).is_some_and(|own| own.without_data) {
            true => self.send_without_data(id),
            false => self.share_snapshot(id),
        }
    }
}

fn explain(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Asked => "the replica asked for a full synchronisation",
        Refusal::OtherHistory => "Replication ID mismatch",
        Refusal::BeyondBranch => "Requested offset is beyond the second replication ID's",
        Refusal::NoBacklog => "there is no backlog",
        Refusal::OutsideBacklog => "Unable to partial resync for lack of backlog",
    }
}

const PING: &[u8] = b"*1\r\n$4\r\nPING\r\n";
