//! Active expiry: removing keys, and fields of hashes, whose time has passed though nobody asks for
//! them.
//!
//! Redis samples keys and goes on while many of them are due. Here a sweep passes the regions of
//! the keyspace that may hold keys that are due ([`super::deadlines`]), in turn, so that every such
//! key is met, and where none is due nothing is looked at.

use super::Edit;
use super::KeyEvent;
use super::keyspace::Store;
use super::keyspace::hash_of;
use crate::data::Hash;
use crate::data::Kind;

/// What a piece of a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Buckets and keys with an expiry that were looked at.
    pub looks: usize,
    pub expired: usize,
    /// Whether some more keys may be due.
    pub has_more: bool,
}

/// Fields taken out of a hash.
struct DueFields {
    key: Box<[u8]>,
    fields: Vec<Vec<u8>>,
    /// Whether the hash has none left.
    is_all: bool,
}

impl Store {
    /// Removes keys of a database whose time has passed, looking at about `looks_max` of those that
    /// have an expiry; emits their names.
    pub fn expire_some(
        &mut self,
        db: usize,
        now_ms: i64,
        looks_max: usize,
        mut emit: impl FnMut(&[u8]),
    ) -> Swept {
        let mut swept = Swept::default();
        let mut due = Vec::new();
        while let Some(looks) = self.sweep_bucket(db, now_ms, &mut due) {
            swept.looks += looks;
            for (hash, name) in due.drain(..) {
                if self.remove_hashed(db, hash, &name) {
                    swept.expired += 1;
                    self.notices.add(KeyEvent::EXPIRED, db, &name);
                    emit(&name);
                }
            }
            if swept.looks >= looks_max {
                swept.has_more = true;
                break;
            }
        }
        self.stats.expired += swept.expired as u64;
        swept
    }

    /// Removes fields of a database's hashes whose time has passed, the earliest ahead and at most
    /// `fields_max` of them, and each hash with its last field. Emits for each hash its key and the
    /// fields that went.
    pub fn expire_fields(
        &mut self,
        db: usize,
        now_ms: i64,
        fields_max: usize,
        mut emit: impl FnMut(&[u8], &[Vec<u8>]),
    ) -> Swept {
        let mut swept = Swept::default();
        while let Some(hash) = self.dbs.get(db).and_then(|db| db.fields.due(now_ms)) {
            if swept.expired >= fields_max {
                swept.has_more = true;
                break;
            }
            let left = fields_max - swept.expired;
            let Some(due) = self.take_due_fields(db, hash, now_ms, left) else { break };
            swept.expired += due.fields.len();
            self.changes.replaced(db, &due.key);
            self.notices.add(KeyEvent::HEXPIRED, db, &due.key);
            if due.is_all {
                self.notices.add(KeyEvent::DEL, db, &due.key);
                self.remove_hashed(db, hash, &due.key);
            }
            emit(&due.key, &due.fields);
        }
        swept.looks = swept.expired;
        self.stats.expired_fields += swept.expired as u64;
        swept
    }

    /// Takes due fields out of the hash whose key has this hash.
    fn take_due_fields(
        &mut self,
        db: usize,
        hash: u64,
        now_ms: i64,
        fields_max: usize,
    ) -> Option<DueFields> {
        let (entry, books) = self.edit_hashed(db, hash, |entry| {
            entry.first_field_expiry().is_some_and(|at| at <= now_ms)
        })?;
        let key = entry.key().into();
        let mut value = Edit::new(Hash::of_mut(entry.whole_mut()?)?, books);
        let due = std::iter::from_fn(|| value.take_due(now_ms));
        let fields = due.take(fields_max).collect();
        let is_all = value.is_empty();
        Some(DueFields { key, fields, is_all })
    }

    /// Looks at one bucket: collects the keys that are due. How many it looked at; `None` if none
    /// can be due.
    fn sweep_bucket(
        &mut self,
        db: usize,
        now_ms: i64,
        due: &mut Vec<(u64, Box<[u8]>)>,
    ) -> Option<usize> {
        let Self { hasher, dbs, .. } = self;
        let db = dbs.get_mut(db)?;
        let from = db.deadlines.sweep_position(now_ms, db.keys.len())?;
        let mut to = from;
        let mut looks = 1;
        let mut earliest_ms = None;
        db.keys.walk_next(
            &mut to,
            |entry| hash_of(hasher, entry),
            |entry| {
                let Some(at) = entry.expire_at() else { return };
                looks += 1;
                if at <= now_ms {
                    due.push((hash_of(hasher, entry), entry.key().into()));
                } else {
                    earliest_ms = Some(at.min(earliest_ms.unwrap_or(at)));
                }
            },
        );
        db.deadlines.swept(from, to, earliest_ms);
        Some(looks)
    }
}
