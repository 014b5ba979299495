//! The hash that places keys: seeded, so that nobody outside can aim at one
//! bucket, and the same on every machine, so that a simulated world repeats.

use std::fmt;

use rapidhash::v3::RapidSecrets;
use rapidhash::v3::rapidhash_v3_seeded;

use super::Entry;

#[derive(Clone, Copy)]
pub(super) struct KeyHasher(RapidSecrets);

impl KeyHasher {
    pub fn new(seed: u64) -> Self {
        Self(RapidSecrets::seed(seed))
    }

    pub fn hash(&self, key: &[u8]) -> u64 {
        rapidhash_v3_seeded(key, &self.0)
    }

    pub fn of(&self, entry: &Entry) -> u64 {
        self.hash(entry.key())
    }
}

impl fmt::Debug for KeyHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHasher")
    }
}
