//! The replica's side of replication: finding the master, the handshake, the
//! full synchronisation, and following the stream.
//!
//! Invariant: our data and `feed.position()` belong together at every end of a
//! request. A full synchronisation is loaded beside the old data and takes its
//! place only when all of it is there, so a master that vanishes on the way
//! costs nothing.

mod handshake;
mod payload;

use bytes::BytesMut;

use super::ConnId;
use super::DialId;
use super::Effect;
use super::Event;
use super::LogLevel;
use super::Node;
use super::conn::ConnRole;
use crate::command::Outcome;
use crate::command::integer;
use crate::config::MasterAddress;
use crate::error;
use crate::limits;
use crate::replication::Handshake;
use crate::replication::ReplicationId;
use crate::resp::Args;
use crate::time::Mono;

pub(super) use handshake::take_line;
pub(super) use payload::Payload;

/// Whom we follow and how far that has come.
#[derive(Debug)]
pub(super) struct MasterLink {
    pub host: String,
    pub port: u16,
    pub state: LinkState,
    /// When the master was last heard of.
    pub last_io: Mono,
    pub down_since: Option<Mono>,
    /// Our data is some history's at some offset: the master may let us continue.
    resumable: bool,
    /// The database its stream stands at, kept while the link is down.
    stream_db: usize,
    /// Bytes of the master's stream whose transaction is not complete: not yet passed on.
    unapplied: BytesMut,
}

#[derive(Debug)]
pub(super) enum LinkState {
    /// Dial when the time comes.
    Idle {
        retry_at: Mono,
    },
    Dialing {
        dial: DialId,
    },
    Talking {
        conn: ConnId,
        handshake: Handshake,
    },
    /// `+FULLRESYNC` came; the payload's announcement has not.
    Awaiting {
        conn: ConnId,
        id: ReplicationId,
        position: u64,
    },
    Loading {
        conn: ConnId,
        id: ReplicationId,
        position: u64,
        payload: Box<Payload>,
    },
    Connected {
        conn: ConnId,
    },
}

impl LinkState {
    pub fn conn(&self) -> Option<ConnId> {
        match self {
            Self::Idle { .. } | Self::Dialing { .. } => None,
            Self::Talking { conn, .. }
            | Self::Awaiting { conn, .. }
            | Self::Loading { conn, .. }
            | Self::Connected { conn } => Some(*conn),
        }
    }

    /// As ROLE prints it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Idle { .. } => "connect",
            Self::Dialing { .. } => "connecting",
            Self::Talking { .. } => "handshake",
            Self::Awaiting { .. } | Self::Loading { .. } => "sync",
            Self::Connected { .. } => "connected",
        }
    }
}

impl Node {
    pub(super) fn replicaof(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        if self.failover.is_some() {
            return Err(error::REPLICAOF_DURING_FAILOVER);
        }
        if args.is(1, "no") && args.is(2, "one") {
            if self.master.is_some() {
                self.become_master();
            }
            self.reply(id, |reply| reply.ok());
            return Ok(());
        }
        let port = integer(args.at(2)).ok().and_then(|port| u16::try_from(port).ok());
        let port = port.ok_or(error::INVALID_MASTER_PORT)?;
        let host = String::from_utf8_lossy(args.at(1)).into_owned();
        if self.master.as_ref().is_some_and(|m| m.port == port && m.host == host) {
            self.reply(id, |reply| reply.simple("OK Already connected to specified master"));
            return Ok(());
        }
        self.follow(host, port);
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    /// Follows a master from now on, beginning with a dial.
    pub(super) fn follow(&mut self, host: String, port: u16) {
        self.leave_master_link();
        let was_replica = self.master.is_some();
        // A master that becomes a replica knows its own history; its new master may share it.
        let resumable = match &self.master {
            Some(master) => master.resumable,
            None => self.feed.is_open(),
        };
        let stream_db = match &self.master {
            Some(master) => master.stream_db,
            None => self.feed.selected_db(),
        };
        self.log(
            LogLevel::Notice,
            format!("Before turning into a replica, connecting to MASTER {host}:{port}"),
        );
        self.config.replicaof = Some(MasterAddress { host: host.clone(), port });
        self.master = Some(MasterLink {
            host,
            port,
            state: LinkState::Idle { retry_at: self.now.mono },
            last_io: self.now.mono,
            down_since: Some(self.now.mono),
            resumable,
            stream_db,
            unapplied: BytesMut::new(),
        });
        self.drop_replicas();
        self.disconnect_blocked();
        self.disconnect_waits();
        self.abandon_migrations();
        if !was_replica {
            self.events.observe(|| Event::Role { replica: true });
        }
        self.dial_master();
    }

    pub(super) fn master_is_connected(&self) -> bool {
        matches!(&self.master, Some(MasterLink { state: LinkState::Connected { .. }, .. }))
    }

    pub(super) fn is_master_link(&self, id: ConnId) -> bool {
        match &self.master {
            None => false,
            Some(master) => master.state.conn() == Some(id),
        }
    }

    /// The connection to the master is there: begins the handshake.
    pub(super) fn handle_dialed(&mut self, dial: DialId, id: ConnId) {
        if self.migration_dialed(dial, id) {
            return;
        }
        let introduction = self.introduction();
        let request = self.sync_request();
        let Some(master) = &mut self.master else { return self.close(id) };
        if !matches!(master.state, LinkState::Dialing { dial: ours } if ours == dial) {
            return self.close(id);
        }
        let Some(conn) = self.conns.find_mut(id) else { return };
        conn.role = ConnRole::Master;
        let handshake = Handshake::begin(introduction, request, conn.outbox.replies());
        master.state = LinkState::Talking { conn: id, handshake };
        master.last_io = self.now.mono;
        self.mark_dirty(id);
        self.log(LogLevel::Notice, "Non blocking connect for SYNC fired the event.");
    }

    pub(super) fn master_unreachable(&mut self, dial: DialId) {
        let Some(master) = &mut self.master else { return };
        if matches!(master.state, LinkState::Dialing { dial: ours } if ours == dial) {
            master.state = LinkState::Idle { retry_at: self.now.mono.plus_ms(RETRY_MS) };
            let address = format!("{}:{}", master.host, master.port);
            self.log(LogLevel::Warning, format!("Error condition on socket for SYNC: {address}"));
        }
    }

    /// Bytes from the master. True when what is left in `buffer` is the stream.
    pub(super) fn handle_master_bytes(&mut self, id: ConnId, buffer: &mut BytesMut) -> bool {
        let now = self.now.mono;
        loop {
            let Some(master) = &mut self.master else { return false };
            master.last_io = now;
            match &mut master.state {
                LinkState::Connected { .. } => return true,
                LinkState::Talking { .. } => {
                    let Some(line) = take_line(buffer) else {
                        if buffer.len() > limits::INLINE_BYTES_MAX {
                            self.abandon_sync("The master's reply to the handshake is too long");
                        }
                        return false;
                    };
                    self.handle_handshake_line(id, &line);
                }
                LinkState::Awaiting { .. } => {
                    if !self.handle_announcement(buffer) {
                        return false;
                    }
                }
                LinkState::Loading { .. } => {
                    if !self.handle_payload(buffer) {
                        return false;
                    }
                }
                LinkState::Idle { .. } | LinkState::Dialing { .. } => return false,
            }
        }
    }

    /// A request of the master's stream was run, or skipped: its bytes now count, and travel on to
    /// our own replicas, except that a transaction counts as a whole.
    pub(super) fn applied(&mut self, id: ConnId, bytes: &[u8]) {
        if self.master.is_none() || !self.is_master_link(id) {
            return;
        }
        let in_transaction = self.conns.find(id).is_some_and(|conn| conn.transaction.is_some());
        let Some(master) = &mut self.master else { return };
        if in_transaction {
            master.unapplied.extend_from_slice(bytes);
        } else if master.unapplied.is_empty() {
            self.feed.append_raw(bytes);
        } else {
            self.feed.append_raw(&master.unapplied);
            self.feed.append_raw(bytes);
            master.unapplied.clear();
        }
    }

    /// The database that the master's stream stands at.
    pub(super) fn stream_db_of(&self, master: &MasterLink) -> usize {
        match &master.state {
            LinkState::Connected { conn } => self.conns.find(*conn).map_or(0, |conn| conn.db),
            _ => master.stream_db,
        }
    }

    /// The data were loaded that belong to this state of a history. A replica asks its master to go on
    /// from there; a master goes a way of its own, and lets others go on that come from there.
    pub(super) fn resume_history(&mut self, (id, position): (ReplicationId, u64), db: usize) {
        let size = usize::try_from(self.config.repl_backlog_size).unwrap_or(usize::MAX);
        let own = self.feed.history.id;
        self.feed.adopt(id, position, size);
        if self.config.replicaof.is_some() {
            self.feed.select(db);
        } else {
            self.feed.history.branch(own, position);
            self.feed.unused_since = Some(self.now.mono);
        }
    }

    /// REPLCONF ACK: how far our data has come.
    pub(super) fn send_acknowledgement(&mut self) {
        let Some(LinkState::Connected { conn }) = self.master.as_ref().map(|m| &m.state) else {
            return;
        };
        let (id, position) = (*conn, self.feed.position());
        let on_disk = self.synced_position();
        self.send(id, |out| {
            let (mut digits, mut disk_digits) = (itoa::Buffer::new(), itoa::Buffer::new());
            let on_disk_text = disk_digits.format(on_disk.unwrap_or(0)).as_bytes();
            let position = digits.format(position).as_bytes();
            let words: [&[u8]; 5] = [b"REPLCONF", b"ACK", position, b"FACK", on_disk_text];
            let len = if on_disk.is_some() { words.len() } else { 3 };
            crate::resp::write_request(out, words.into_iter().take(len));
        });
    }

    /// The link to the master is gone; our data stays and is served.
    pub(super) fn master_lost(&mut self, id: ConnId, stream_db: usize) {
        if !self.is_master_link(id) {
            return;
        }
        let now = self.now.mono;
        let Some(master) = &mut self.master else { return };
        let was_connected = matches!(master.state, LinkState::Connected { .. });
        let was_loading = matches!(master.state, LinkState::Loading { .. });
        let wait_ms = if was_connected { 0 } else { RETRY_MS };
        master.state = LinkState::Idle { retry_at: now.plus_ms(wait_ms) };
        master.down_since.get_or_insert(now);
        master.unapplied.clear();
        if was_connected {
            master.stream_db = stream_db;
            self.log(LogLevel::Notice, "Connection with master lost.");
            self.log(LogLevel::Notice, "Caching the disconnected master state.");
            self.dial_master();
        } else if was_loading {
            self.log(LogLevel::Warning, "I/O error trying to sync with MASTER: connection lost");
        }
    }

    /// Each second: dial again, say that we live, and give a silent master up.
    pub(super) fn tend_master(&mut self) {
        let now = self.now.mono;
        let timeout_ms = u64::from(self.config.repl_timeout) * 1000;
        let Some(master) = &self.master else { return };
        let silent = now > master.last_io.plus_ms(timeout_ms);
        match &master.state {
            LinkState::Idle { retry_at } if *retry_at <= now => self.dial_master(),
            LinkState::Idle { .. } => {}
            LinkState::Dialing { .. } if silent => {
                self.log(LogLevel::Warning, "Timeout connecting to the MASTER...");
                self.retry_later();
            }
            LinkState::Dialing { .. } => {}
            LinkState::Connected { conn } if silent => {
                let id = *conn;
                self.log(LogLevel::Warning, "MASTER timeout: no data nor PING received...");
                self.close(id);
            }
            LinkState::Connected { .. } => self.send_acknowledgement(),
            _ if silent => self.abandon_sync(
                "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' parameter in redis.conf to a larger value.",
            ),
            // A sign of life while the payload is on its way.
            LinkState::Loading { conn, .. } => {
                let id = *conn;
                self.send(id, |out| out.extend_from_slice(b"\n"));
            }
            _ => {}
        }
    }

    /// Ends following: our history branches off the master's here.
    pub(super) fn become_master(&mut self) {
        let position = self.feed.position();
        self.leave_master_link();
        self.master = None;
        self.config.replicaof = None;
        let id = ReplicationId::random(&mut self.rng);
        if self.feed.is_open() {
            self.feed.history.branch(id, position);
            self.feed.unused_since = Some(self.now.mono);
        } else {
            self.feed.history.restart(id);
        }
        self.feed.reselect();
        self.drop_replicas();
        let history = self.feed.history;
        self.log(
            LogLevel::Notice,
            format!(
                "Setting secondary replication ID to {}, valid up to offset: {}. New replication ID is {}",
                history.previous,
                position + 1,
                history.id
            ),
        );
        self.log(LogLevel::Notice, "MASTER MODE enabled (user request)");
        self.events.observe(|| Event::Role { replica: false });
    }

    /// Closes the connection to the master, if there is one, without regard for what it was doing.
    fn leave_master_link(&mut self) {
        let now = self.now.mono;
        let Some(master) = &mut self.master else { return };
        let conn = master.state.conn();
        let was_connected = matches!(master.state, LinkState::Connected { .. });
        if let LinkState::Dialing { dial } = master.state {
            self.effects.push_back(Effect::AbandonDial { dial });
        }
        master.state = LinkState::Idle { retry_at: now };
        master.unapplied.clear();
        if let Some(id) = conn {
            if let Some(conn) = self.conns.find_mut(id) {
                if was_connected {
                    master.stream_db = conn.db;
                }
                conn.role = ConnRole::Client;
                conn.transaction = None;
            }
            self.close(id);
        }
    }

    fn dial_master(&mut self) {
        self.dials += 1;
        let dial = DialId(self.dials);
        let now = self.now.mono;
        let Some(master) = &mut self.master else { return };
        master.state = LinkState::Dialing { dial };
        master.last_io = now;
        let (host, port) = (master.host.clone(), master.port);
        self.log(LogLevel::Notice, format!("Connecting to MASTER {host}:{port}"));
        self.log(LogLevel::Notice, "MASTER <-> REPLICA sync started");
        let tls = self.config.tls_replication;
        self.effects.push_back(Effect::Dial { dial, host, port, tls });
    }

    fn retry_later(&mut self) {
        let now = self.now.mono;
        if let Some(master) = &mut self.master {
            if let LinkState::Dialing { dial } = master.state {
                self.effects.push_back(Effect::AbandonDial { dial });
            }
            master.state = LinkState::Idle { retry_at: now.plus_ms(RETRY_MS) };
            master.down_since.get_or_insert(now);
        }
    }

    /// Gives this attempt up: closes the connection and tries again later.
    fn abandon_sync(&mut self, reason: &str) {
        let conn = self.master.as_ref().and_then(|master| master.state.conn());
        self.log(LogLevel::Warning, reason);
        self.retry_later();
        if let Some(id) = conn {
            self.close(id);
        }
    }

    fn link_state(&self) -> Option<&LinkState> {
        self.master.as_ref().map(|master| &master.state)
    }

    /// The stream follows from here.
    fn connected(&mut self, id: ConnId, db: Option<usize>) {
        if let Some(master) = &mut self.master {
            if let Some(conn) = self.conns.find_mut(id) {
                // After a partial resynchronisation the stream goes on in the database it was in.
                conn.db = db.unwrap_or(master.stream_db);
            }
            master.state = LinkState::Connected { conn: id };
            master.down_since = None;
            master.resumable = true;
        }
    }
}

/// How long after a failed attempt the next one is made.
const RETRY_MS: u64 = 1000;
