//! One connection: who it is, what it has chosen, and what it waits for.

use bytes::BytesMut;

use super::effect::ConnId;
use super::outbox::Outbox;
use super::primary::ReplicaState;
use super::pubsub::Subscriptions;
use super::tracking::Tracking;
use super::transaction::Transaction;
use super::watch::Watching;
use crate::acl::UserId;
use crate::command::table::Entry;
use crate::resp::Protocol;
use crate::resp::Splitter;
use crate::time::Mono;

pub(super) struct Conn {
    pub id: ConnId,
    /// CLIENT ID: never used twice by a node.
    pub client_id: u64,
    pub peer: String,
    pub local: String,
    /// The peer is on this machine.
    pub loopback: bool,
    /// It came by a socket in the file system.
    pub unix_socket: bool,
    pub opened: Mono,
    /// When bytes came or went last.
    pub last_input: Mono,
    /// When it is next asked whether it is idle.
    pub idle_at: Option<Mono>,
    pub role: ConnRole,
    pub db: usize,
    pub protocol: Protocol,
    /// Who it is; the default user until it says otherwise.
    pub user: UserId,
    /// It said who it is, or the default user needed no password when it came.
    pub authenticated: bool,
    pub name: Vec<u8>,
    pub lib_name: Vec<u8>,
    pub lib_version: Vec<u8>,
    /// The last command, for CLIENT LIST.
    pub last_command: Option<&'static Entry>,
    pub reply_mode: ReplyMode,
    pub no_evict: bool,
    pub no_touch: bool,
    pub splitter: Splitter,
    pub outbox: Outbox,
    pub transaction: Option<Transaction>,
    /// What it listens to, if to anything.
    pub subscriptions: Option<Box<Subscriptions>>,
    /// Since when more waits to be sent to it than the soft limit of its output allows.
    pub over_soft_since: Option<Mono>,
    pub watching: Watching,
    /// What it has asked to be told of keys it has copies of, if it ever did.
    pub tracking: Option<Box<Tracking>>,
    /// The stream's position after this client's last write: what WAIT waits for.
    pub written: u64,
    pub waiting: Waiting,
    /// It has been queued for `poll_dirty` and not been polled yet.
    pub dirty: bool,
    pub closing: bool,
    /// Bytes of a request that has not arrived as a whole.
    pub query_bytes: usize,
    /// The room behind them in the buffer they lie in.
    pub query_free: usize,
    /// Since when the outbox counts how full it was at most.
    pub peak_since: Mono,
    /// What the node's count of memory holds for this connection.
    pub counted_bytes: u64,
    pub bytes_in: u64,
    pub commands: u64,
}

/// What the peer is to us.
#[derive(Debug)]
pub(super) enum ConnRole {
    Client,
    /// It follows our stream.
    Replica(super::primary::Replica),
    /// We follow its stream.
    Master,
    /// We hand keys over to it.
    Target,
    /// Nobody: it runs what the append-only file says.
    Replay,
}

/// CLIENT REPLY.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ReplyMode {
    #[default]
    On,
    Off,
    /// The next command's reply is left out.
    SkipNext,
}

/// Why a connection's requests are not run now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Waiting {
    #[default]
    No,
    /// WAIT: for replicas to acknowledge.
    Acknowledgements,
    /// DEBUG SLEEP, until then.
    Sleep,
    /// SAVE: for the file to be on disk.
    Save,
    /// ACL LOAD and ACL SAVE: for the ACL file.
    AclFile,
    /// For keys to become ready, under this ticket.
    Keys(u64),
    /// MIGRATE: its own, or another's that takes along a key it would write to.
    Migration,
    /// CLIENT PAUSE holds the request at the head of its buffer.
    Paused,
    /// The disk has to catch up before the request at the head of its buffer runs.
    Disk,
    /// CONFIG SET: for the shell to try the settings.
    Settings,
    /// DEBUG LOADAOF: for the data.
    Load,
}

impl Conn {
    pub fn new(id: ConnId, client_id: u64, peer: String, local: String, opened: Mono) -> Self {
        Self {
            id,
            client_id,
            peer,
            local,
            loopback: false,
            unix_socket: false,
            opened,
            last_input: opened,
            idle_at: None,
            role: ConnRole::Client,
            db: 0,
            protocol: Protocol::default(),
            user: UserId::DEFAULT,
            authenticated: true,
            name: Vec::new(),
            lib_name: Vec::new(),
            lib_version: Vec::new(),
            last_command: None,
            reply_mode: ReplyMode::default(),
            no_evict: false,
            no_touch: false,
            splitter: Splitter::default(),
            outbox: Outbox::default(),
            transaction: None,
            subscriptions: None,
            over_soft_since: None,
            watching: Watching::default(),
            tracking: None,
            written: 0,
            waiting: Waiting::No,
            dirty: false,
            closing: false,
            query_bytes: 0,
            query_free: 0,
            peak_since: opened,
            counted_bytes: 0,
            bytes_in: 0,
            commands: 0,
        }
    }

    pub fn is_replay(&self) -> bool {
        matches!(self.role, ConnRole::Replay)
    }

    pub fn is_master(&self) -> bool {
        matches!(self.role, ConnRole::Master)
    }

    /// Whether it is in the subscribed mode of RESP2, in which a connection does little else.
    pub fn only_listens(&self) -> bool {
        self.subscriptions.is_some() && self.protocol == Protocol::Resp2
    }

    /// Whether replies are left out: the client asked for that, or they would tear a stream apart.
    pub fn is_silent(&self) -> bool {
        self.reply_mode != ReplyMode::On || self.carries_stream()
    }

    /// Whether this is one end of a replication stream, or of the snapshot before it.
    pub fn carries_stream(&self) -> bool {
        self.is_master()
            || self.follows_stream()
            || self.replica().is_some_and(|r| r.state == ReplicaState::ReceivingSnapshot)
    }

    pub fn follows_stream(&self) -> bool {
        self.outbox.stream_position().is_some()
    }

    /// From where on the stream is still to be sent, if it is.
    pub fn stream_begin(&self) -> Option<u64> {
        self.outbox.stream_position().or(self.replica()?.stream_from)
    }

    /// A command's reply has been given, or left out because CLIENT REPLY SKIP asked for that.
    pub fn end_skip(&mut self) {
        if self.reply_mode == ReplyMode::SkipNext {
            self.reply_mode = ReplyMode::On;
        }
    }

    /// Takes note of what is unread.
    pub fn hold_query(&mut self, buffer: &BytesMut) {
        self.query_bytes = buffer.len();
        // An empty buffer is the shell's, for whoever is next.
        self.query_free =
            if buffer.is_empty() { 0 } else { buffer.capacity().saturating_sub(buffer.len()) };
    }

    /// Begins anew to see how full the outbox gets, if it is time to.
    pub fn forget_peak(&mut self, now: Mono) {
        if now.since_us(self.peak_since) >= PEAK_KEPT_US {
            self.peak_since = now;
            self.outbox.forget_peak();
        }
    }

    /// How full the outbox was at most lately.
    pub fn peak_bytes(&self, now: Mono) -> usize {
        match now.since_us(self.peak_since) {
            ..PEAK_KEPT_US => self.outbox.peak_bytes(),
            _ => self.outbox.reply_bytes(),
        }
    }

    pub fn replica(&self) -> Option<&super::primary::Replica> {
        match &self.role {
            ConnRole::Replica(replica) => Some(replica),
            _ => None,
        }
    }

    pub fn replica_mut(&mut self) -> Option<&mut super::primary::Replica> {
        match &mut self.role {
            ConnRole::Replica(replica) => Some(replica),
            _ => None,
        }
    }
}

/// How long CLIENT LIST remembers how full an outbox was.
const PEAK_KEPT_US: u64 = 5_000_000;

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Conn({} {} {:?})", self.client_id, self.peer, self.role)
    }
}
