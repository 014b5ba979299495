//! Active expiry: removing keys whose time has passed though nobody asks for them.
//!
//! Redis samples keys and goes on while many of them are due. Here a sweep passes the regions of
//! the keyspace that may hold keys that are due ([`super::deadlines`]), in turn, so that every such
//! key is met, and where none is due nothing is looked at.

use super::keyspace::Store;
use super::keyspace::hash_of;

/// What a piece of a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Buckets and keys with an expiry that were looked at.
    pub looks: usize,
    pub expired: usize,
    /// Whether some more keys may be due.
    pub has_more: bool,
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
