//! Large values that a snapshot has come to and not written to the end: they are written in pieces.
//!
//! Such a value stays where it is, and is found again by its key for each piece. When it is about to
//! change, it is copied once, or kept if it leaves the keyspace; a place in it is as good in the copy.
//! So point in time costs at most one copy of a value that is written to meanwhile, whenever that is.

use std::collections::VecDeque;

use super::Entry;
use super::garbage::Garbage;
use super::garbage::Keys;
use super::snapshot::DictId;
use crate::data::Dict;
use crate::data::Place;

/// Values to be written before the walk goes on. The first one may be written in part.
#[derive(Default)]
pub(super) struct Begun {
    values: VecDeque<Value>,
    /// Bytes of those that are kept here.
    bytes: usize,
}

struct Value {
    /// The database's number at the instant of the snapshot.
    db: usize,
    place: Place,
    whereabouts: Whereabouts,
}

enum Whereabouts {
    /// In its dict, as it was.
    At {
        dict: DictId,
        hash: u64,
        key: Box<[u8]>,
    },
    Here(Entry),
}

impl Begun {
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Bytes of what is kept here alone.
    pub fn heap_bytes(&self) -> usize {
        self.bytes
    }

    /// Notes a value that the walk has come to.
    pub fn add(&mut self, db: usize, dict: DictId, hash: u64, key: &[u8]) {
        let whereabouts = Whereabouts::At { dict, hash, key: key.into() };
        self.values.push_back(Value { db, place: Place::Start, whereabouts });
    }

    /// Takes a value that has left the keyspace, or a copy of one.
    pub fn add_kept(&mut self, db: usize, entry: Entry) {
        self.bytes += entry.heap_bytes();
        let whereabouts = Whereabouts::Here(entry);
        self.values.push_back(Value { db, place: Place::Start, whereabouts });
    }

    /// Called before an entry changes: copies it if it is one of these.
    pub fn preserve(&mut self, dict: DictId, hash: u64, entry: &Entry) {
        if let Some(at) = self.position(dict, hash, entry.key()) {
            self.keep_at(at, entry.duplicate(entry.key()));
        }
    }

    /// Called with an entry that left the keyspace: hands it back if it is none of these.
    pub fn keep(&mut self, dict: DictId, hash: u64, entry: Entry) -> Option<Entry> {
        match self.position(dict, hash, entry.key()) {
            Some(at) => self.keep_at(at, entry),
            None => return Some(entry),
        }
        None
    }

    /// Called with a dict that is about to be freed: takes out of it what is one of these.
    pub fn rescue(&mut self, id: DictId, keys: &mut Keys) {
        for value in &mut self.values {
            let Whereabouts::At { dict, hash, key } = &value.whereabouts else { continue };
            if *dict != id {
                continue;
            }
            if let Some(entry) = keys.dict.remove(*hash, |entry| entry.key() == &**key) {
                keys.bytes = keys.bytes.saturating_sub(entry.heap_bytes());
                self.bytes += entry.heap_bytes();
                value.whereabouts = Whereabouts::Here(entry);
            }
        }
    }

    /// The dict in which the first value is, unless it is kept here.
    pub fn first_dict(&self) -> Option<DictId> {
        match self.values.front()?.whereabouts {
            Whereabouts::At { dict, .. } => Some(dict),
            Whereabouts::Here(_) => None,
        }
    }

    /// Emits a piece of the first value, which is in `dict` if it is not here. `emit` says where to go
    /// on.
    pub fn emit(
        &mut self,
        dict: Option<&Dict<Entry>>,
        emit: impl FnOnce(usize, &Entry, Option<Place>) -> Option<Place>,
        garbage: &mut Garbage,
    ) {
        let Some(value) = self.values.front_mut() else { return };
        let entry = match &value.whereabouts {
            Whereabouts::At { hash, key, .. } => {
                dict.and_then(|dict| dict.find(*hash, |entry| entry.key() == &**key))
            }
            Whereabouts::Here(entry) => Some(entry),
        };
        match entry.and_then(|entry| emit(value.db, entry, Some(value.place))) {
            Some(place) => value.place = place,
            None => self.drop_first(garbage),
        }
    }

    /// Throws away what is kept here.
    pub fn into_garbage(self, garbage: &mut Garbage) {
        for value in self.values {
            if let Whereabouts::Here(entry) = value.whereabouts {
                garbage.add(entry);
            }
        }
    }

    fn drop_first(&mut self, garbage: &mut Garbage) {
        if let Some(Value { whereabouts: Whereabouts::Here(entry), .. }) = self.values.pop_front() {
            self.bytes = self.bytes.saturating_sub(entry.heap_bytes());
            garbage.add(entry);
        }
    }

    fn position(&self, dict: DictId, hash: u64, key: &[u8]) -> Option<usize> {
        self.values.iter().position(|value| match &value.whereabouts {
            Whereabouts::At { dict: known, hash: known_hash, key: known_key } => {
                (*known, *known_hash) == (dict, hash) && **known_key == *key
            }
            Whereabouts::Here(_) => false,
        })
    }

    fn keep_at(&mut self, at: usize, entry: Entry) {
        if let Some(value) = self.values.get_mut(at) {
            self.bytes += entry.heap_bytes();
            value.whereabouts = Whereabouts::Here(entry);
        }
    }
}
