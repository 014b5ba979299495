//! Databases of keys. Knows nothing of commands, clients or replication: what
//! an expired key means is decided by the caller.

use std::collections::BTreeMap;

use super::Entry;
use crate::limits;
use crate::time::Now;

/// All databases of a node.
#[derive(Debug)]
pub struct Store {
    dbs: Vec<BTreeMap<Vec<u8>, Entry>>,
    pub stats: Stats,
}

/// Counters INFO shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub hits: u64,
    pub misses: u64,
    pub expired: u64,
}

impl Store {
    pub fn new(_seed: u64) -> Self {
        Self { dbs: vec![BTreeMap::new(); limits::DATABASES], stats: Stats::default() }
    }

    pub fn databases(&self) -> usize {
        self.dbs.len()
    }

    /// Keys in a database, expired ones that nobody met yet included.
    pub fn len(&self, db: usize) -> usize {
        self.dbs.get(db).map_or(0, BTreeMap::len)
    }

    pub fn find(&self, db: usize, key: &[u8]) -> Option<&Entry> {
        self.dbs.get(db)?.get(key)
    }

    /// The key's expiry in milliseconds since the Unix epoch: `None` when there is no such key.
    pub fn find_expiry(&self, db: usize, key: &[u8]) -> Option<Option<i64>> {
        self.find(db, key).map(Entry::expire_at)
    }

    pub fn edit(&mut self, db: usize, key: &[u8]) -> Option<&mut Entry> {
        self.dbs.get_mut(db)?.get_mut(key)
    }

    /// Sets a string; `expiry` is what becomes of the key's expiry, kept when `None`.
    pub fn set_string(
        &mut self,
        db: usize,
        key: &[u8],
        value: &[u8],
        expiry: Option<Option<i64>>,
        _now: Now,
    ) {
        match self.edit(db, key) {
            Some(entry) => {
                entry.set_string(value);
                if let Some(expire_at) = expiry {
                    entry.set_expire_at(expire_at);
                }
            }
            None => self.insert(db, Entry::new(key, value, expiry.flatten())),
        }
    }

    pub fn set_integer(
        &mut self,
        db: usize,
        key: &[u8],
        value: i64,
        expiry: Option<Option<i64>>,
        now: Now,
    ) {
        self.set_string(db, key, value.to_string().as_bytes(), expiry, now);
    }

    /// Puts an entry under its own key, replacing what was there.
    pub fn insert(&mut self, db: usize, entry: Entry) {
        if let Some(db) = self.dbs.get_mut(db) {
            db.insert(entry.key().to_vec(), entry);
        }
    }

    pub fn remove(&mut self, db: usize, key: &[u8]) -> Option<Entry> {
        self.dbs.get_mut(db)?.remove(key)
    }

    /// Removes a key whose time has passed.
    pub fn expire(&mut self, db: usize, key: &[u8]) {
        if self.remove(db, key).is_some() {
            self.stats.expired += 1;
        }
    }

    /// Sets or clears the expiry; whether the key is there.
    pub fn set_expiry(&mut self, db: usize, key: &[u8], expire_at: Option<i64>) -> bool {
        self.edit(db, key).map(|entry| entry.set_expire_at(expire_at)).is_some()
    }

    /// Marks an access, for eviction and OBJECT IDLETIME.
    pub fn touch(&mut self, _db: usize, _key: &[u8], _now: Now) {}

    pub fn count_lookup(&mut self, found: bool) {
        match found {
            true => self.stats.hits += 1,
            false => self.stats.misses += 1,
        }
    }

    /// One step of SCAN: emits some entries and returns the next cursor, 0 at the end.
    pub fn scan(&self, db: usize, cursor: u64, mut emit: impl FnMut(&Entry)) -> u64 {
        let Some(db) = self.dbs.get(db) else { return 0 };
        let at = cursor as usize;
        db.values().skip(at).take(1).for_each(&mut emit);
        if at + 1 >= db.len() { 0 } else { cursor + 1 }
    }

    /// Every entry of a database, in no particular order.
    pub fn iter(&self, db: usize) -> impl Iterator<Item = &Entry> {
        self.dbs.get(db).into_iter().flat_map(BTreeMap::values)
    }

    /// A random entry; `below(n)` is a uniform number below `n`.
    pub fn random(&self, db: usize, mut below: impl FnMut(u64) -> u64) -> Option<&Entry> {
        let db = self.dbs.get(db)?;
        db.values().nth(below(db.len() as u64) as usize)
    }

    /// Empties one database; returns how many keys it held.
    pub fn flush(&mut self, db: usize) -> usize {
        self.dbs.get_mut(db).map_or(0, |db| std::mem::take(db).len())
    }

    /// Exchanges two databases, both of which exist.
    pub fn swap(&mut self, a: usize, b: usize) {
        self.dbs.swap(a, b);
    }
}
