//! When fields of hashes expire: for each hash of a database that has any such field, when the
//! first of them does.
//!
//! Unlike keys with an expiry, such hashes are few as a rule, and each may hold very many fields: so
//! here is an exact, ordered index. A hash whose fields live for ever is not in it.
//!
//! Invariant: holds the instant and the key's hash of each entry that has
//! [`Entry::first_field_expiry`], and no other.
//!
//! [`Entry::first_field_expiry`]: super::Entry::first_field_expiry

use crate::data::Due;

#[derive(Debug, Default)]
pub(super) struct FieldDeadlines(Due);

impl FieldDeadlines {
    /// Hashes in which a field expires.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// When the first field of all expires, in milliseconds since the Unix epoch.
    pub fn soonest_ms(&self) -> Option<i64> {
        self.0.first().map(|(at, _)| at)
    }

    /// The key's hash of a hash with a field that is due.
    pub fn due(&self, now_ms: i64) -> Option<u64> {
        self.0.first().filter(|(at, _)| *at <= now_ms).map(|(_, hash)| hash)
    }

    /// Follows a change of an entry's first field expiry.
    pub fn update(&mut self, hash: u64, old: Option<i64>, new: Option<i64>) {
        if old == new {
            return;
        }
        if let Some(at) = old {
            self.0.remove(at, hash);
        }
        if let Some(at) = new {
            self.0.insert(at, hash);
        }
    }

    pub fn heap_bytes(&self) -> usize {
        self.0.len() * PLACE_BYTES
    }
}

/// A place in the tree, of which a node has room for eleven and fills most.
const PLACE_BYTES: usize = 25;
