//! What an observer may ask: getters, free of effects.

use super::ConnId;
use super::Node;
use super::aof::AofState;
use super::conn::Waiting;
use super::primary;
use super::replica::LinkState;
use crate::replication::ReplicationId;
use crate::store::Entry;

/// One node at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The master's address as configured; `None` for a master.
    pub master: Option<(String, u16)>,
    pub master_link: Option<MasterLinkState>,
    pub id: ReplicationId,
    pub previous_id: ReplicationId,
    /// `master_repl_offset`.
    pub offset: u64,
    /// Position of the first byte kept, bytes kept, bytes to keep.
    pub backlog: Option<(u64, u64, usize)>,
    pub replicas: Vec<ReplicaView>,
    /// Keys of all databases.
    pub keys: usize,
    pub clients: usize,
    pub blocked: usize,
}

/// Where a replica's link to its master stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MasterLinkState {
    Connect,
    Connecting,
    Handshake,
    Sync,
    Connected,
}

/// What a master knows of a replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaView {
    pub ip: String,
    pub port: u16,
    /// As INFO prints it: `wait_bgsave`, `send_bulk`, `online`.
    pub state: &'static str,
    pub ack: u64,
}

impl Node {
    /// All keys with their databases, in no particular order; those whose time has passed and that
    /// nobody met yet are among them.
    pub fn entries(&self) -> impl Iterator<Item = (usize, &Entry)> {
        (0..self.store.databases()).flat_map(|db| self.store.iter(db).map(move |entry| (db, entry)))
    }

    /// One key, if it is there; reading it is no access.
    pub fn entry(&self, db: usize, key: &[u8]) -> Option<&Entry> {
        (db < self.store.databases()).then(|| self.store.find(db, key)).flatten()
    }

    /// Every connection as CLIENT LIST shows it, and what each waits for; in no particular order.
    pub fn connections(&self) -> impl Iterator<Item = (String, Option<String>)> {
        self.conns.iter().map(|conn| (self.client_line(conn), self.waits_for(conn.id)))
    }

    /// What a connection waits for: the command, and its keys if it is those.
    fn waits_for(&self, id: ConnId) -> Option<String> {
        let mut waits_for = self.blocked_on(id)?;
        if let Some(Waiting::Keys(ticket)) = self.conns.find(id).map(|conn| conn.waiting) {
            for key in self.blocked.keys(ticket) {
                waits_for.push(' ');
                waits_for += &String::from_utf8_lossy(key);
            }
        }
        Some(waits_for)
    }

    pub fn view(&self) -> View {
        let replicas = self.replicas.iter().filter_map(|id| {
            let conn = self.conns.find(*id)?;
            let replica = conn.replica()?;
            let (ip, port) = primary::address(conn, replica);
            Some(ReplicaView { ip, port, state: replica.state.name(), ack: replica.ack })
        });
        View {
            master: self.master.as_ref().map(|master| (master.host.clone(), master.port)),
            master_link: self.master.as_ref().map(|master| match &master.state {
                LinkState::Idle { .. } => MasterLinkState::Connect,
                LinkState::Dialing { .. } => MasterLinkState::Connecting,
                LinkState::Talking { .. } => MasterLinkState::Handshake,
                LinkState::Awaiting { .. } | LinkState::Loading { .. } => MasterLinkState::Sync,
                LinkState::Connected { .. } => MasterLinkState::Connected,
            }),
            id: self.feed.history.id,
            previous_id: self.feed.history.previous,
            offset: self.feed.position(),
            backlog: self.feed.backlog().map(|b| (b.start(), b.len(), b.size_bytes())),
            replicas: replicas.collect(),
            keys: self.store.sizes().map(|size| size.keys).sum(),
            clients: self.clients(),
            blocked: self.waits.len() + self.blocked.len(),
        }
    }

    /// The history this node is in, its offset there, and whether it keeps the stream.
    pub fn stream(&self) -> (ReplicationId, u64, bool) {
        (self.feed.history.id, self.feed.position(), self.feed.is_open())
    }

    /// Whether the append-only file is there and is written to: one that only begins says nothing yet.
    pub fn is_logging(&self) -> bool {
        self.aof.state == AofState::On
    }

    pub fn is_replica(&self) -> bool {
        self.master.is_some()
    }

    /// The database a connection has selected.
    pub fn selected_db(&self, id: ConnId) -> Option<usize> {
        self.conns.find(id).map(|conn| conn.db)
    }

    /// Whether a connection is inside MULTI.
    pub fn in_transaction(&self, id: ConnId) -> bool {
        self.conns.find(id).is_some_and(|conn| conn.transaction.is_some())
    }

    /// The command a connection is blocked by.
    pub fn blocked_on(&self, id: ConnId) -> Option<String> {
        let conn = self.conns.find(id)?;
        let name = match conn.waiting {
            Waiting::No => None,
            Waiting::Acknowledgements => Some("WAIT"),
            Waiting::Sleep => Some("DEBUG SLEEP"),
            Waiting::Save => Some("SAVE"),
            Waiting::AclFile => Some("ACL"),
            Waiting::Keys(ticket) => self.blocked.command(ticket),
            Waiting::Migration => Some("MIGRATE"),
            Waiting::Paused => Some("CLIENT PAUSE"),
            Waiting::Disk => Some("APPENDONLY"),
            Waiting::Settings => Some("CONFIG"),
            Waiting::Load => Some("DEBUG LOADAOF"),
        };
        name.map(str::to_ascii_uppercase)
    }

    /// Connections that are neither replicas nor our master.
    pub(super) fn clients(&self) -> usize {
        let master = usize::from(self.master.as_ref().is_some_and(|m| m.state.conn().is_some()));
        let replay = usize::from(self.is_replaying());
        self.conns.len() - self.replicas.len().min(self.conns.len()) - master - replay
    }
}
