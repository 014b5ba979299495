//! WATCH: a transaction that runs only if certain keys have not changed.
//!
//! As in Redis a connection's transaction is off as soon as one key it watches changes, by whatever
//! and whoever, itself included; it then watches nothing any more. A key whose time had passed when it
//! was watched was as good as gone: that it is removed is no change. One whose time passes
//! later calls the transaction off, whether or not it is still there when EXEC comes.

use super::ConnId;
use super::Node;
use crate::command::Outcome;
use crate::error;
use crate::resp::Args;
use crate::store::Change;
use crate::store::ChangeKind;
use crate::store::Entry;

/// What a connection watches.
#[derive(Debug, Default)]
pub(super) struct Watching {
    keys: Vec<Watched>,
    /// A watched key has changed: EXEC is to do nothing.
    is_broken: bool,
    /// What the names take.
    bytes: usize,
}

#[derive(Debug)]
struct Watched {
    db: usize,
    key: Box<[u8]>,
    /// Its time had passed already when it came to be watched.
    was_expired: bool,
}

impl Watching {
    /// Keys watched.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Node {
    pub(super) fn watch(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let Some(conn) = self.conns.find(id) else { return Ok(()) };
        if conn.transaction.is_some() {
            return Err(error::WATCH_IN_MULTI);
        }
        if !conn.watching.is_broken {
            args.from(1).iter().for_each(|key| self.watch_key(id, key));
        }
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    pub(super) fn unwatch(&mut self, id: ConnId) -> Outcome {
        self.end_watch(id);
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    /// Forgets what a connection watches; whether a transaction may run that relied on it.
    pub(super) fn end_watch(&mut self, id: ConnId) -> bool {
        let Some(conn) = self.conns.find_mut(id) else { return true };
        if conn.watching.keys.is_empty() {
            return !std::mem::take(&mut conn.watching.is_broken);
        }
        let mut is_whole = true;
        for Watched { db, key, was_expired } in std::mem::take(&mut conn.watching).keys {
            is_whole &= was_expired || !self.is_expired(db, &key);
            self.store.changes.unwatch(db, &key, id.to_bits());
        }
        is_whole
    }

    /// Calls off the transactions that rely on a key's staying as it was.
    pub(super) fn tell_watchers(&mut self, change: &Change) {
        let watched = self.store.changes.watched();
        for member in watched.members(Some(change.db), &change.key) {
            let id = ConnId::from_bits(member);
            if self.concerns(id, change) {
                self.end_watch(id);
                if let Some(conn) = self.conns.find_mut(id) {
                    conn.watching.is_broken = true;
                }
            }
        }
    }

    /// Whether a change of a key is one to those who watch it. Where it is not, that may be because
    /// the key was as good as gone before, or is now.
    fn concerns(&mut self, id: ConnId, change: &Change) -> bool {
        let Change { db, key, kind } = change;
        let exists = self.store.find(*db, key).is_some();
        let is_expired = exists && self.is_expired(*db, key);
        let Some(conn) = self.conns.find_mut(id) else { return false };
        let mut watched = conn.watching.keys.iter_mut();
        let Some(watched) = watched.find(|other| other.db == *db && other.key == *key) else {
            return false;
        };
        let is_moved = matches!(kind, ChangeKind::Moved { .. });
        let is_new = *kind == ChangeKind::Moved { existed: false };
        if watched.was_expired && !exists {
            watched.was_expired = false;
            return false;
        }
        if !watched.was_expired && is_new && is_expired {
            watched.was_expired = true;
            return false;
        }
        !(watched.was_expired && is_moved && is_expired)
    }

    fn watch_key(&mut self, id: ConnId, key: &[u8]) {
        let Some(db) = self.conns.find(id).map(|conn| conn.db) else { return };
        if !self.store.changes.watch(db, key, id.to_bits()) {
            return;
        }
        let was_expired = self.is_expired(db, key);
        let Some(conn) = self.conns.find_mut(id) else { return };
        conn.watching.bytes += key.len() + size_of::<Watched>();
        conn.watching.keys.push(Watched { db, key: key.into(), was_expired });
    }

    /// Whether a key is there though its time has passed.
    fn is_expired(&self, db: usize, key: &[u8]) -> bool {
        let expire_at = self.store.find(db, key).and_then(Entry::expire_at);
        expire_at.is_some_and(|at| at <= self.now.wall_ms())
    }
}
