//! The state of the keyspace at one instant, read while it goes on changing.
//!
//! A cursor walks the databases. A key that is changed before the cursor has
//! reached it is copied first, and flagged so that the cursor passes it over; a
//! key made after the instant is flagged from the start. So each key of the
//! instant is emitted exactly once with its value of then, and memory is needed
//! only for the copies of one turn. No fork, which a browser tab could not do.

use std::collections::VecDeque;

use super::Entry;
use super::garbage::Garbage;
use super::garbage::Keys;
use super::keyspace::hash_of;
use crate::data::Dict;
use crate::data::Hasher;
use crate::data::dict::WalkPosition;

/// Which dict a database is, through SWAPDB and FLUSHDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DictId(pub u64);

/// Walk over all databases as they were when it began.
pub(super) struct Snapshot {
    /// Databases still to walk, by their number at the instant; the first is being walked.
    left: VecDeque<(usize, DictId)>,
    position: WalkPosition,
    /// Old values, copied because they were about to change.
    ahead: Vec<(usize, Entry)>,
    ahead_bytes: usize,
    /// Databases that were flushed before they were walked.
    detached: Vec<(DictId, Keys)>,
}

impl Snapshot {
    pub fn new(databases: impl Iterator<Item = (usize, DictId)>) -> Self {
        Self {
            left: databases.collect(),
            position: WalkPosition::default(),
            ahead: Vec::new(),
            ahead_bytes: 0,
            detached: Vec::new(),
        }
    }

    /// Called before `entry` changes or moves: copies it unless it is written already.
    pub fn preserve(&mut self, dict: DictId, hash: u64, entry: &mut Entry) {
        if entry.snapshot_parity() {
            return;
        }
        if let Some(db) = self.db_ahead(dict, hash) {
            self.push_ahead(db, entry.duplicate(entry.key()));
            entry.set_snapshot_parity(true);
        }
    }

    /// Called with an entry that left the keyspace: hands it back if it is not needed, else keeps
    /// it, without a copy.
    pub fn keep(&mut self, dict: DictId, hash: u64, entry: Entry) -> Option<Entry> {
        if entry.snapshot_parity() {
            return Some(entry);
        }
        match self.db_ahead(dict, hash) {
            Some(db) => self.push_ahead(db, entry),
            None => return Some(entry),
        }
        None
    }

    /// Called for an entry that did not exist at the instant.
    pub fn exclude(&self, dict: DictId, hash: u64, entry: &mut Entry) {
        entry.set_snapshot_parity(self.db_ahead(dict, hash).is_some());
    }

    /// Called when a whole dict goes; keeps it if it is not walked yet, else hands it back.
    pub fn detach(&mut self, id: DictId, keys: Keys) -> Option<Keys> {
        if !self.left.iter().any(|(_, left)| *left == id) {
            return Some(keys);
        }
        self.detached.push((id, keys));
        None
    }

    /// Emits the entries kept so far, and hands them on.
    pub fn emit_ahead(
        &mut self,
        emit: &mut impl FnMut(usize, &Entry),
        mut free: impl FnMut(Entry),
    ) {
        self.ahead_bytes = 0;
        for (db, entry) in self.ahead.drain(..) {
            emit(db, &entry);
            free(entry);
        }
    }

    /// Bytes of what is kept for this snapshot alone.
    pub fn heap_bytes(&self) -> usize {
        self.ahead_bytes + self.detached.iter().map(|(_, keys)| keys.heap_bytes()).sum::<usize>()
    }

    pub fn current(&self) -> Option<(usize, DictId)> {
        self.left.front().copied()
    }

    pub fn detached_mut(&mut self, id: DictId) -> Option<&mut Dict<Entry>> {
        self.detached
            .iter_mut()
            .find(|(detached, _)| *detached == id)
            .map(|(_, keys)| &mut keys.dict)
    }

    /// Emits the next bucket of `dict`, the current one; whether its walk is over.
    pub fn walk(
        position: &mut WalkPosition,
        db: usize,
        dict: &mut Dict<Entry>,
        hasher: &Hasher,
        emit: &mut impl FnMut(usize, &Entry),
    ) -> bool {
        dict.warm_walk(position, Entry::prefetch);
        dict.walk_next_mut(
            position,
            |entry| hash_of(hasher, entry),
            |entry| match entry.snapshot_parity() {
                true => entry.set_snapshot_parity(false),
                false => emit(db, entry),
            },
        );
        position.is_done()
    }

    pub fn position_mut(&mut self) -> &mut WalkPosition {
        &mut self.position
    }

    /// Goes on to the next database; hands it back if it was detached.
    pub fn next_database(&mut self) -> Option<Keys> {
        let (_, id) = self.left.pop_front()?;
        self.position = WalkPosition::default();
        let at = self.detached.iter().position(|(detached, _)| *detached == id)?;
        Some(self.detached.swap_remove(at).1)
    }

    /// Throws away what was kept. The marks on entries stay, so the databases have to go as well.
    pub fn into_garbage(self, garbage: &mut Garbage) {
        self.ahead.into_iter().for_each(|(_, entry)| garbage.add(entry));
        self.detached.into_iter().for_each(|(_, keys)| garbage.add_keys(keys));
    }

    fn push_ahead(&mut self, db: usize, entry: Entry) {
        self.ahead_bytes += entry.heap_bytes();
        self.ahead.push((db, entry));
    }

    /// The database's number at the instant, if the walk has still to come to this hash.
    fn db_ahead(&self, dict: DictId, hash: u64) -> Option<usize> {
        let at = self.left.iter().position(|(_, left)| *left == dict)?;
        if at == 0 && self.position.has_passed(hash) {
            return None;
        }
        self.left.get(at).map(|(db, _)| *db)
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Snapshot({} databases left)", self.left.len())
    }
}
