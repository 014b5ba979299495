//! The stream this node sends to its replicas: its history, its offset and the
//! backlog.
//!
//! The append-only file is fed from here too: it gets the same commands, though it may get them where
//! no replica does, and the other way round.
//!
//! A master appends the commands it ran; a replica appends its master's bytes
//! as they are, so that a chain of replicas has one stream and one offset.

use super::aof::Log;
use crate::command::Propagated;
use crate::persist::aof::write_select;
use crate::replication::Backlog;
use crate::replication::History;
use crate::replication::ReplicationId;
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
    /// The append-only file.
    pub log: Log,
    /// It makes the mistake that simulations have to find.
    #[cfg(test)]
    pub is_canary: bool,
}

impl Feed {
    pub fn new(rng: &mut Rng) -> Self {
        Self {
            history: History::new(ReplicationId::random(rng)),
            backlog: None,
            position: 0,
            selected_db: None,
            unused_since: None,
            log: Log::default(),
            #[cfg(test)]
            is_canary: false,
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

    /// Whether anybody wants to know what commands change.
    pub fn is_heard(&self) -> bool {
        self.is_open() || self.log.is_on()
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

    /// The stream stands at this database.
    pub fn select(&mut self, db: usize) {
        self.selected_db = Some(db);
    }

    /// The database the stream stands at; 0 if it has named none.
    pub fn selected_db(&self) -> usize {
        self.selected_db.unwrap_or(0)
    }

    /// Appends one encoded command that ran in `db`.
    pub fn append_command(&mut self, Propagated { db, request, logged }: Propagated<'_>) {
        if self.log.is_on() {
            if logged {
                self.log.append(db, request);
            }
            // WAITAOF goes by the stream's offset, so that moves even while nobody follows.
            self.position += u64::from(self.backlog.is_none());
        }
        let Some(backlog) = &mut self.backlog else { return };
        if self.selected_db != Some(db) {
            self.selected_db = Some(db);
            let mut select = bytes::BytesMut::new();
            write_select(&mut select, db);
            backlog.append(&select);
        }
        backlog.append(request);
    }

    /// As [`Feed::append_command`] on a replica, whose stream is its master's: only the append-only
    /// file gets the command.
    pub fn append_to_log(&mut self, effect: Propagated<'_>) {
        if self.log.is_on() && effect.logged {
            self.log.append(effect.db, effect.request);
        }
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
