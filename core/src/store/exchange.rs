//! When whole databases are emptied, exchanged or replaced: what that means for those who wait for
//! keys or watch them.

use super::Entry;
use super::keyspace::Store;

/// The keys that matter to somebody, as they were before the exchange.
pub(super) struct Before {
    awaited: Vec<Awaited>,
    /// Keys watched, and whether they were there.
    watched: Vec<(usize, Box<[u8]>, bool)>,
}

/// A key waited for, with its database and the type of its value, if it has one.
type Awaited = (usize, Box<[u8]>, Option<&'static str>);

impl Store {
    /// Call it ahead of a change of these databases as a whole.
    pub(super) fn before_exchange(&self, dbs: impl IntoIterator<Item = usize> + Clone) -> Before {
        let awaited = || {
            let keys = dbs.clone().into_iter();
            keys.flat_map(|db| self.awaited.keys(db).map(move |key| (db, key)))
        };
        let watched = || {
            let keys = dbs.clone().into_iter();
            keys.flat_map(|db| self.changes.watched().keys_of(db).map(move |key| (db, key)))
        };
        let type_of = |db, key| self.find(db, key).map(Entry::type_name);
        let exists = |db, key| self.find(db, key).is_some();
        Before {
            awaited: match self.awaited.is_empty() {
                true => Vec::new(),
                false => awaited().map(|(db, key)| (db, key.into(), type_of(db, key))).collect(),
            },
            watched: match self.changes.watched().is_empty() {
                true => Vec::new(),
                false => watched().map(|(db, key)| (db, key.into(), exists(db, key))).collect(),
            },
        }
    }

    /// And this behind it.
    pub(super) fn after_exchange(&mut self, before: Before) {
        for (db, key, old) in before.awaited {
            let entry = self.find(db, &key);
            let new = entry.map(Entry::type_name);
            let is_made = entry.is_some_and(Entry::can_be_awaited);
            if old.is_some() && old != new {
                self.awaited.lost(db, &key);
            }
            if is_made {
                self.awaited.made(db, &key);
            }
        }
        for (db, key, existed) in before.watched {
            if existed || self.find(db, &key).is_some() {
                self.changes.moved(db, &key, existed);
            }
        }
    }
}
