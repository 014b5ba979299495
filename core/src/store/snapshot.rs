//! The state of the keyspace at one instant, read while it goes on changing.
//!
//! A cursor walks the databases. A key that is changed before the cursor has
//! reached it is copied first, and flagged so that the cursor passes it over; a
//! key made after the instant is flagged from the start. So each key of the
//! instant is emitted exactly once with its value of then, and memory is needed
//! only for the copies of one turn. No fork, which a browser tab could not do.
//! A value of many elements is emitted in pieces (`store/begun.rs`); copies made
//! meanwhile wait for its end.

use std::collections::VecDeque;

use super::Entry;
use super::Store;
use super::begun::Begun;
use super::garbage::Garbage;
use super::garbage::Keys;
use super::garbage::is_large;
use super::keyspace::hash_of;
use crate::data::Dict;
use crate::data::Hasher;
use crate::data::Place;
use crate::data::dict::WalkPosition;

/// Which dict a database is, through SWAPDB and FLUSHDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DictId(pub u64);

/// Walk over all databases as they were when it began.
pub(super) struct Snapshot {
    /// Databases still to walk, by their number at the instant; the first is being walked.
    left: VecDeque<(usize, DictId)>,
    position: WalkPosition,
    /// Values that are being written.
    begun: Begun,
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
            begun: Begun::default(),
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
        if !self.begun.is_empty() {
            self.begun.preserve(dict, hash, entry);
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
            None if self.begun.is_empty() => return Some(entry),
            None => return self.begun.keep(dict, hash, entry),
        }
        None
    }

    /// Called for an entry that did not exist at the instant.
    pub fn exclude(&self, dict: DictId, hash: u64, entry: &mut Entry) {
        entry.set_snapshot_parity(self.db_ahead(dict, hash).is_some());
    }

    /// Called when a whole dict goes; keeps it if it is not walked yet, else hands it back.
    pub fn detach(&mut self, id: DictId, mut keys: Keys) -> Option<Keys> {
        self.begun.rescue(id, &mut keys);
        if !self.left.iter().any(|(_, left)| *left == id) {
            return Some(keys);
        }
        self.detached.push((id, keys));
        None
    }

    /// The dict of the value that is being written; none if it is kept here.
    pub fn begun_dict(&self) -> Option<DictId> {
        self.begun.first_dict()
    }

    /// Emits a piece of a value that is being written; whether there was one.
    pub fn emit_begun(
        &mut self,
        dict: Option<&Dict<Entry>>,
        emit: &mut impl FnMut(usize, &Entry, Option<Place>) -> Option<Place>,
        garbage: &mut Garbage,
    ) -> bool {
        let was_begun = !self.begun.is_empty();
        // What is detached is walked where it is, and its large values with it.
        let detached = self.begun.first_dict().and_then(|id| find_detached(&self.detached, id));
        self.begun.emit(dict.or(detached), emit, garbage);
        was_begun
    }

    /// Emits the entries kept so far; those that are large will be.
    pub fn emit_ahead(
        &mut self,
        emit: &mut impl FnMut(usize, &Entry, Option<Place>) -> Option<Place>,
        garbage: &mut Garbage,
    ) {
        self.ahead_bytes = 0;
        for (db, entry) in self.ahead.drain(..) {
            if takes_pieces(&entry) {
                self.begun.add_kept(db, entry);
            } else {
                emit(db, &entry, None);
                garbage.add(entry);
            }
        }
    }

    /// Bytes of what is kept for this snapshot alone.
    pub fn heap_bytes(&self) -> usize {
        self.ahead_bytes
            + self.begun.heap_bytes()
            + self.detached.iter().map(|(_, keys)| keys.heap_bytes()).sum::<usize>()
    }

    /// Whether nothing is left of what the walk has come to.
    pub fn is_written(&self) -> bool {
        self.begun.is_empty()
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

    /// Emits the next bucket of `dict`, the current one, but for its large values, which are noted in
    /// `begun`; whether the walk is over.
    pub fn walk(
        (position, begun): (&mut WalkPosition, &mut Begun),
        (db, id): (usize, DictId),
        dict: &mut Dict<Entry>,
        hasher: &Hasher,
        emit: &mut impl FnMut(usize, &Entry, Option<Place>) -> Option<Place>,
    ) -> bool {
        dict.warm_walk(position, Entry::prefetch);
        dict.walk_next_mut(
            position,
            |entry| hash_of(hasher, entry),
            |entry| match entry.snapshot_parity() {
                true => entry.set_snapshot_parity(false),
                false if takes_pieces(entry) => {
                    begun.add(db, id, hash_of(hasher, entry), entry.key());
                }
                false => {
                    emit(db, entry, None);
                }
            },
        );
        position.is_done()
    }

    /// What [`Self::walk`] changes, to be put back with [`Self::set_progress`].
    pub fn take_progress(&mut self) -> (WalkPosition, Begun) {
        (self.position, std::mem::take(&mut self.begun))
    }

    pub fn set_progress(&mut self, (position, begun): (WalkPosition, Begun)) {
        (self.position, self.begun) = (position, begun);
    }

    /// Goes on to the next database; hands it back if it was detached.
    pub fn next_database(&mut self) -> Option<Keys> {
        let (_, id) = self.left.pop_front()?;
        self.position = WalkPosition::default();
        let at = self.detached.iter().position(|(detached, _)| *detached == id)?;
        let (_, mut keys) = self.detached.swap_remove(at);
        self.begun.rescue(id, &mut keys);
        Some(keys)
    }

    /// Throws away what was kept. The marks on entries stay, so the databases have to go as well.
    pub fn into_garbage(self, garbage: &mut Garbage) {
        self.begun.into_garbage(garbage);
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

impl Store {
    /// Begins a snapshot of the instant. One at a time: a running one is forgotten.
    pub fn snapshot_begin(&mut self) {
        self.snapshot_end();
        let full = self.dbs.iter().enumerate().filter(|(_, db)| !db.keys.is_empty());
        self.snapshot = Some(Snapshot::new(full.map(|(number, db)| (number, db.id))));
    }

    /// Emits a few entries of the snapshot, each with its database's number at the instant, or a
    /// piece of a large one from a place on: `emit` says where that is to go on. The work is one bucket and what has
    /// changed since the last step, or a piece; whether there is more.
    pub fn snapshot_step(
        &mut self,
        mut emit: impl FnMut(usize, &Entry, Option<Place>) -> Option<Place>,
    ) -> bool {
        let Self { snapshot: Some(snapshot), dbs, hasher, garbage, .. } = self else {
            return false;
        };
        let begun = snapshot.begun_dict();
        let dict = dbs.iter().find(|db| Some(db.id) == begun).map(|db| &db.keys);
        if snapshot.emit_begun(dict, &mut emit, garbage) {
            return true;
        }
        snapshot.emit_ahead(&mut emit, garbage);
        let Some((number, id)) = snapshot.current() else {
            return self.end_walk();
        };
        let (mut position, mut begun) = snapshot.take_progress();
        let dict = match dbs.iter_mut().find(|db| db.id == id) {
            Some(db) => Some(&mut db.keys),
            None => snapshot.detached_mut(id),
        };
        let over = dict.is_none_or(|dict| {
            let progress = (&mut position, &mut begun);
            Snapshot::walk(progress, (number, id), dict, hasher, &mut emit)
        });
        snapshot.set_progress((position, begun));
        if over {
            snapshot.next_database().into_iter().for_each(|keys| garbage.add_keys(keys));
        }
        true
    }

    /// Gives a snapshot up. The marks it left on entries it had not come to are taken off.
    pub fn snapshot_end(&mut self) {
        while self.snapshot_step(|_, _, _| None) {}
    }

    /// The walk is over, and with it the snapshot unless something is still to be written; whether
    /// there is.
    fn end_walk(&mut self) -> bool {
        let has_more = self.snapshot.as_ref().is_some_and(|snapshot| !snapshot.is_written());
        if !has_more {
            self.snapshot = None;
        }
        has_more
    }
}

/// Whether the entry is written in pieces: it has many elements, or is no small part of a turn's.
fn takes_pieces(entry: &Entry) -> bool {
    is_large(entry) || entry.heap_bytes() > WHOLE_BYTES_MAX
}

fn find_detached(detached: &[(DictId, Keys)], id: DictId) -> Option<&Dict<Entry>> {
    detached.iter().find(|(known, _)| *known == id).map(|(_, keys)| &keys.dict)
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Snapshot({} databases left)", self.left.len())
    }
}

/// An entry of more bytes is not written along with others.
const WHOLE_BYTES_MAX: usize = 64 * 1024;
