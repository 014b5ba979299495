//! The state of the keyspace at one instant, read while it goes on changing.
//!
//! A cursor walks the databases. A key that is changed before the cursor has
//! reached it is copied first, and flagged so that the cursor passes it over; a
//! key made after the instant is flagged from the start. So each key of the
//! instant is emitted exactly once with its value of then, and memory is needed
//! only for the copies of one turn. No fork, which a browser tab could not do.

use std::collections::VecDeque;

use super::Entry;
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
    /// Dicts that were flushed before they were walked.
    detached: Vec<(DictId, Dict<Entry>)>,
}

impl Snapshot {
    pub fn new(databases: impl Iterator<Item = (usize, DictId)>) -> Self {
        Self {
            left: databases.collect(),
            position: WalkPosition::default(),
            ahead: Vec::new(),
            detached: Vec::new(),
        }
    }

    /// Called before `entry` changes or goes: keeps its value unless that is written already.
    pub fn preserve(&mut self, dict: DictId, hash: u64, entry: &mut Entry) {
        if entry.snapshot_parity() {
            return;
        }
        if let Some(db) = self.db_ahead(dict, hash) {
            self.ahead.push((db, entry.duplicate(entry.key())));
            entry.set_snapshot_parity(true);
        }
    }

    /// Called for an entry that did not exist at the instant.
    pub fn exclude(&self, dict: DictId, hash: u64, entry: &mut Entry) {
        entry.set_snapshot_parity(self.db_ahead(dict, hash).is_some());
    }

    /// Called when a whole dict goes; keeps it if it is not walked yet, else hands it back.
    pub fn detach(&mut self, id: DictId, dict: Dict<Entry>) -> Option<Dict<Entry>> {
        if !self.left.iter().any(|(_, left)| *left == id) {
            return Some(dict);
        }
        self.detached.push((id, dict));
        None
    }

    /// Emits the copies made so far.
    pub fn emit_ahead(&mut self, emit: &mut impl FnMut(usize, &Entry)) {
        for (db, entry) in self.ahead.drain(..) {
            emit(db, &entry);
        }
    }

    pub fn current(&self) -> Option<(usize, DictId)> {
        self.left.front().copied()
    }

    pub fn detached_mut(&mut self, id: DictId) -> Option<&mut Dict<Entry>> {
        self.detached.iter_mut().find(|(detached, _)| *detached == id).map(|(_, dict)| dict)
    }

    /// Emits the next bucket of `dict`, the current one; whether its walk is over.
    pub fn walk(
        position: &mut WalkPosition,
        db: usize,
        dict: &mut Dict<Entry>,
        hasher: &Hasher,
        emit: &mut impl FnMut(usize, &Entry),
    ) -> bool {
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

    /// Goes on to the next database; hands back the dict if it was detached.
    pub fn next_database(&mut self) -> Option<Dict<Entry>> {
        let (_, id) = self.left.pop_front()?;
        self.position = WalkPosition::default();
        let at = self.detached.iter().position(|(detached, _)| *detached == id)?;
        Some(self.detached.swap_remove(at).1)
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
