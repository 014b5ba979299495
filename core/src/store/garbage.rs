//! What has left the keyspace and is still to be freed: values of many elements and flushed
//! databases. It is freed piece by piece at the end of each turn, so that nobody waits for it,
//! whichever command threw it away.

use super::Entry;
use crate::data::Dict;

#[derive(Default)]
pub(super) struct Garbage {
    keys: Vec<Keys>,
    values: Vec<Entry>,
    /// Of both, as far as they are not freed yet.
    bytes: usize,
    /// Entries in `keys`.
    key_count: usize,
    /// Objects that were freed here: values of `values`, entries of `keys`.
    freed: u64,
}

/// The keys of a database that is gone, and the heap bytes of their entries.
#[derive(Default)]
pub(super) struct Keys {
    pub dict: Dict<Entry>,
    pub bytes: usize,
}

impl Keys {
    pub fn heap_bytes(&self) -> usize {
        self.dict.table_bytes() + self.bytes
    }
}

impl Garbage {
    /// Takes an entry that nobody needs any more; one that is little work is freed at once.
    pub fn add(&mut self, entry: Entry) {
        if is_large(&entry) {
            self.bytes += entry.heap_bytes();
            self.values.push(entry);
        }
    }

    pub fn add_keys(&mut self, keys: Keys) {
        if !keys.dict.is_empty() {
            self.bytes += keys.heap_bytes();
            self.key_count += keys.dict.len();
            self.keys.push(keys);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.keys.is_empty()
    }

    /// Objects that wait: INFO's `lazyfree_pending_objects`.
    pub fn pending(&self) -> usize {
        self.values.len() + self.key_count
    }

    /// Objects freed: INFO's `lazyfreed_objects`.
    pub fn freed(&self) -> u64 {
        self.freed
    }

    pub fn reset_freed(&mut self) {
        self.freed = 0;
    }

    pub fn heap_bytes(&self) -> usize {
        self.bytes
    }

    /// Frees at least so many elements and so many bytes, if there are as many; whether anything is
    /// left.
    pub fn free_some(&mut self, elements: usize, bytes: usize) -> bool {
        let goal = self.heap_bytes().saturating_sub(bytes);
        let mut left = elements;
        while !self.is_empty() && (left > 0 || self.heap_bytes() > goal) {
            if self.values.is_empty() {
                self.free_keys();
            } else {
                self.free_value();
            }
            left = left.saturating_sub(PIECE_ELEMENTS);
        }
        !self.is_empty()
    }

    fn free_value(&mut self) {
        let Some(entry) = self.values.last_mut() else { return };
        let before = entry.heap_bytes();
        let has_more = entry.free_some(PIECE_ELEMENTS);
        let after = if has_more { entry.heap_bytes() } else { 0 };
        if !has_more {
            self.values.pop();
            self.freed += 1;
        }
        self.bytes = self.bytes.saturating_sub(before.saturating_sub(after));
    }

    fn free_keys(&mut self) {
        let Some(mut keys) = self.keys.pop() else { return };
        let (len, bytes) = (keys.dict.len(), keys.heap_bytes());
        let mut large = Vec::new();
        let has_more = keys.dict.drain_buckets(PIECE_BUCKETS, |entry| {
            keys.bytes = keys.bytes.saturating_sub(entry.heap_bytes());
            if is_large(&entry) {
                large.push(entry);
            }
        });
        let drained = len - keys.dict.len();
        self.key_count -= drained;
        self.freed += (drained - large.len()) as u64;
        let left = if has_more { keys.heap_bytes() } else { 0 };
        self.bytes = self.bytes.saturating_sub(bytes.saturating_sub(left));
        large.into_iter().for_each(|entry| self.add(entry));
        if has_more {
            self.keys.push(keys);
        }
    }
}

impl std::fmt::Debug for Garbage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Garbage({} objects)", self.pending())
    }
}

/// Whether freeing the entry would hold up a command: Redis's measure for what it hands to its
/// background threads.
pub(super) fn is_large(entry: &Entry) -> bool {
    entry.free_effort() > EFFORT_MAX
}

const EFFORT_MAX: usize = 64;

/// Elements freed before anybody asks whether it is enough, and buckets of as many.
const PIECE_ELEMENTS: usize = 128;
const PIECE_BUCKETS: usize = PIECE_ELEMENTS / 7;
