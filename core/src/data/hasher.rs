//! The hash that places keys, fields and members: seeded, so that nobody outside can aim at one
//! bucket, and the same on every machine, so that a simulated world repeats.

use std::fmt;
use std::sync::Arc;

use rapidhash::v3::RapidSecrets;
use rapidhash::v3::rapidhash_v3_seeded;

/// A node's hash function. Cheap to clone: each large collection has one.
#[derive(Clone)]
pub struct Hasher(Arc<RapidSecrets>);

impl Hasher {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(RapidSecrets::seed(seed)))
    }

    #[must_use]
    #[inline]
    pub fn hash(&self, bytes: &[u8]) -> u64 {
        rapidhash_v3_seeded(bytes, &self.0)
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}
