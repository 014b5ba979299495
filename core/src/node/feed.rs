//! The stream this node sends to its replicas: its history, its offset and the
//! backlog.
//!
//! A master appends the commands it ran; a replica appends its master's bytes
//! as they are, so that a chain of replicas has one stream and one offset.

use crate::replication::Backlog;
use crate::replication::History;
use crate::replication::ReplicationId;
use crate::resp::write_request;
use crate::rng::Rng;
use crate::time::Mono;

#[derive(Debug)]
pub(super) struct Feed {
    pub history: History,
    backlog: Option<Backlog>,
    /// The offset while there is no backlog.
    position: u64,
    /// The database the stream stands at; `None` when the next command has to name its own.
    selected_db: Option<usize>,
    /// Since when no replica follows; for `repl-backlog-ttl`.
    pub unused_since: Option<Mono>,
}

impl Feed {
    pub fn new(rng: &mut Rng) -> Self {
        Self {
            history: History::new(ReplicationId::random(rng)),
            backlog: None,
            position: 0,
            selected_db: None,
            unused_since: None,
        }
    }

    /// `master_repl_offset`: bytes of the stream so far.
    pub fn position(&self) -> u64 {
        self.backlog.as_ref().map_or(self.position, Backlog::end)
    }

    pub fn backlog(&self) -> Option<&Backlog> {
        self.backlog.as_ref()
    }

    /// Whether anything that is appended is kept.
    pub fn is_open(&self) -> bool {
        self.backlog.is_some()
    }

    /// Begins to keep the stream, from where it stands.
    pub fn open(&mut self, size_bytes: usize) {
        if self.backlog.is_none() {
            self.backlog = Some(Backlog::new(self.position, size_bytes));
        }
    }

    /// Stops keeping the stream; replicas have to start afresh, under a new id.
    pub fn close(&mut self, rng: &mut Rng) {
        self.position = self.position();
        self.backlog = None;
        self.history.restart(ReplicationId::random(rng));
    }

    /// Takes on the master's history at `position`, after a full synchronisation with it.
    pub fn adopt(&mut self, id: ReplicationId, position: u64, size_bytes: usize) {
        self.history.restart(id);
        self.position = position;
        self.backlog = Some(Backlog::new(position, size_bytes));
        self.selected_db = None;
    }

    pub fn set_size_bytes(&mut self, size_bytes: usize) {
        if let Some(backlog) = &mut self.backlog {
            backlog.set_size_bytes(size_bytes);
        }
    }

    /// The next command names its database again: a snapshot taken now knows of none.
    pub fn reselect(&mut self) {
        self.selected_db = None;
    }

    /// The database the stream stands at; 0 if it has named none.
    pub fn selected_db(&self) -> usize {
        self.selected_db.unwrap_or(0)
    }

    /// Appends one encoded command that ran in `db`.
    pub fn append_command(&mut self, db: usize, command: &[u8]) {
        let Some(backlog) = &mut self.backlog else { return };
        if self.selected_db != Some(db) {
            self.selected_db = Some(db);
            let mut digits = itoa::Buffer::new();
            let mut select = bytes::BytesMut::new();
            let words: [&[u8]; 2] = [b"SELECT", digits.format(db).as_bytes()];
            write_request(&mut select, words.into_iter());
            backlog.append(&select);
        }
        backlog.append(command);
    }

    /// Appends bytes that belong to no database: PING, GETACK, or a master's own stream.
    pub fn append_raw(&mut self, bytes: &[u8]) {
        match &mut self.backlog {
            Some(backlog) => backlog.append(bytes),
            None => self.position += bytes.len() as u64,
        }
    }

    /// Lets go of what neither the backlog's size nor any replica needs; `needed` is the position
    /// of the replica furthest behind.
    pub fn trim(&mut self, needed: u64) {
        if let Some(backlog) = &mut self.backlog {
            backlog.trim(needed);
        }
    }
}
