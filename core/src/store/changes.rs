//! Which keys have changed, for those who want to know: transactions that watch keys, and clients
//! that keep copies of what they read.
//!
//! Every change of the keyspace is said here, once, by the method of the store that makes it. With
//! nobody listening that is one comparison. Access for changing a value is no change yet: the node
//! takes what was noted after each command and knows whether that changed anything.

use super::Audience;
use crate::data::Hasher;

/// Who listens, and what they have still to be told.
#[derive(Debug)]
pub struct Changes {
    /// Keys watched by transactions.
    watched: Audience,
    /// Keys that clients have copies of, whatever their database.
    tracked: Audience,
    /// Somebody wants to know of keys by their beginnings.
    by_prefix: bool,
    /// Whether any of the above is so.
    listens: bool,
    noted: Vec<Change>,
}

/// Something that happened to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub db: usize,
    pub key: Box<[u8]>,
    pub kind: ChangeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The value was accessed for being changed.
    Edited,
    /// There is another value or expiry under the key, or none any more.
    Replaced,
    /// The key's whole database is another; says whether the key was in the old one.
    Moved { existed: bool },
    /// Not one key, but a whole database was emptied, or all of them.
    Flushed,
}

impl Changes {
    pub(super) fn new(hasher: Hasher) -> Self {
        Self {
            watched: Audience::new(hasher.clone()),
            tracked: Audience::new(hasher),
            by_prefix: false,
            listens: false,
            noted: Vec::new(),
        }
    }

    pub fn heap_bytes(&self) -> usize {
        self.watched.heap_bytes() + self.tracked.heap_bytes()
    }

    pub fn watched(&self) -> &Audience {
        &self.watched
    }

    pub fn tracked(&self) -> &Audience {
        &self.tracked
    }

    /// A connection watches a key; whether it did not yet.
    pub fn watch(&mut self, db: usize, key: &[u8], member: u64) -> bool {
        let is_new = self.watched.add(Some(db), key, member, usize::MAX, |_| true);
        self.listen();
        is_new
    }

    pub fn unwatch(&mut self, db: usize, key: &[u8], member: u64) {
        self.watched.remove(Some(db), key, member);
        self.listen();
    }

    /// A connection has a copy of a key. Once more than `crowd` have, those that are not `alive`
    /// are forgotten.
    pub fn track(&mut self, key: &[u8], member: u64, crowd: usize, alive: impl Fn(u64) -> bool) {
        self.tracked.add(None, key, member, crowd, alive);
        self.listen();
    }

    /// Forgets a key; who has copies of it.
    pub fn untrack(&mut self, key: &[u8]) -> Vec<u64> {
        let members = self.tracked.take(None, key);
        self.listen();
        members
    }

    pub fn untrack_all(&mut self) {
        self.tracked.clear();
        self.listen();
    }

    /// Whether somebody wants to know of keys by their beginnings.
    pub fn set_by_prefix(&mut self, by_prefix: bool) {
        self.by_prefix = by_prefix;
        self.listen();
    }

    #[inline]
    pub fn has_noted(&self) -> bool {
        !self.noted.is_empty()
    }

    /// What happened since this was last asked.
    pub fn take_noted(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.noted)
    }

    /// What was edited since this was last asked has changed nothing that readers see.
    pub fn drop_edits(&mut self) {
        self.noted.retain(|change| change.kind != ChangeKind::Edited);
    }

    #[inline]
    pub(super) fn edited(&mut self, db: usize, key: &[u8]) {
        if self.listens {
            self.note(db, key, ChangeKind::Edited);
        }
    }

    #[inline]
    pub fn replaced(&mut self, db: usize, key: &[u8]) {
        if self.listens {
            self.note(db, key, ChangeKind::Replaced);
        }
    }

    /// A watched key's database is another now.
    pub(super) fn moved(&mut self, db: usize, key: &[u8], existed: bool) {
        self.note(db, key, ChangeKind::Moved { existed });
    }

    pub(super) fn flushed(&mut self) {
        if !self.noted.iter().any(|change| change.kind == ChangeKind::Flushed) {
            self.noted.push(Change { db: 0, key: Box::default(), kind: ChangeKind::Flushed });
        }
    }

    #[cold]
    fn note(&mut self, db: usize, key: &[u8], kind: ChangeKind) {
        let is_wanted =
            self.by_prefix || self.watched.has(Some(db), key) || self.tracked.has(None, key);
        let is_known = |last: &Change| last.kind == kind && last.db == db && *last.key == *key;
        if is_wanted && !self.noted.last().is_some_and(is_known) {
            self.noted.push(Change { db, key: key.into(), kind });
        }
    }

    fn listen(&mut self) {
        self.listens = self.by_prefix || !self.watched.is_empty() || !self.tracked.is_empty();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(changes: &mut Changes) -> String {
        let line = |change: Change| format!("{}{}", change.db, change.key.escape_ascii());
        changes.take_noted().into_iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_what_somebody_wants_to_know_is_noted() {
        let mut changes = Changes::new(Hasher::new(1));
        let happen = |changes: &mut Changes| {
            for (db, key) in [(0, "a"), (0, "a"), (1, "a"), (0, "b"), (2, "c")] {
                changes.replaced(db, key.as_bytes());
            }
            noted(changes)
        };
        assert_eq!(happen(&mut changes), "");
        changes.watch(0, b"a", 5);
        assert_eq!(happen(&mut changes), "0a");
        changes.track(b"a", 6, 8, |_| true);
        assert_eq!(happen(&mut changes), "0a 1a");
        changes.set_by_prefix(true);
        assert_eq!(happen(&mut changes), "0a 1a 0b 2c");
        changes.set_by_prefix(false);
        changes.unwatch(0, b"a", 5);
        assert_eq!((changes.untrack(b"a"), changes.listens), (vec![6], false));
        assert_eq!(happen(&mut changes), "");
    }

    #[test]
    fn edits_may_turn_out_to_be_none() {
        let mut changes = Changes::new(Hasher::new(1));
        changes.set_by_prefix(true);
        changes.edited(0, b"a");
        changes.replaced(0, b"b");
        changes.flushed();
        changes.flushed();
        changes.drop_edits();
        assert_eq!(noted(&mut changes), "0b 0");
    }
}
