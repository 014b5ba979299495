//! Many keys that are about to come: a table that has its size already need not be rearranged, key by
//! key, while it fills, and what several keys wait for in memory they wait for at once.

use super::Entry;
use super::Store;
use super::keyspace::hash_of;

impl Store {
    /// Makes room for so many keys in a database that has none yet.
    pub fn expect_keys(&mut self, db: usize, keys: usize) {
        if let Some(db) = self.dbs.get_mut(db) {
            db.keys.reserve(keys);
        }
    }

    /// As [`Store::insert`], of several entries, whose places are loaded together.
    pub fn insert_all(&mut self, db: usize, entries: &mut Vec<Entry>) {
        let Some(place) = self.dbs.get(db) else { return entries.clear() };
        let hashes: Vec<u64> = entries.iter().map(|entry| hash_of(&self.hasher, entry)).collect();
        hashes.iter().for_each(|hash| place.keys.prefetch(*hash));
        for (entry, hash) in entries.drain(..).zip(hashes) {
            self.insert_hashed(db, hash, entry);
        }
    }

    /// Gives back what room was made in vain.
    pub fn settle(&mut self) {
        self.dbs.iter_mut().for_each(|db| db.keys.release_spare());
    }
}

#[cfg(test)]
mod tests {
    use crate::data::Hasher;
    use crate::store::{Entry, Store, Value};

    #[test]
    fn keys_find_their_place_however_many_were_expected() {
        for (expected, come) in [(0, 100), (100, 0), (1, 1), (10_000, 50), (5000, 5000), (7, 900)] {
            let mut store = Store::new(Hasher::new(1), 2);
            store.expect_keys(1, expected);
            (0..come).for_each(|key: u32| {
                store.insert(1, Entry::new(&key.to_le_bytes(), Value::Int(key.into()), None));
            });
            store.settle();
            store.expect_keys(1, expected);
            assert_eq!(store.len(1), come as usize, "{expected}");
            let is_there = |key: &u32| store.find(1, &key.to_le_bytes()).is_some();
            assert!((0..come).all(|key| is_there(&key)) && !is_there(&come), "{expected}");
            assert!(store.table_bytes() <= 4096 + come as usize * 48, "{expected}");
            let (mut cursor, mut met) = (0, 0);
            loop {
                cursor = store.scan(1, cursor, |_| met += 1);
                if cursor == 0 {
                    break;
                }
            }
            assert_eq!(met, come, "{expected}");
            (0..come).for_each(|key| assert!(store.remove(1, &key.to_le_bytes())));
            store.audit();
            assert!(store.is_empty());
        }
    }
}
