//! Up to which size a value is kept in its compact form, and how a larger one is hashed.

use super::Hasher;

/// What the settings say about encodings, for the structures to follow. The fields are the settings
/// of the same names; counts are elements, values and nodes bytes.
#[derive(Clone, Debug)]
pub struct Limits {
    pub hasher: Hasher,
    pub hash_max_listpack_entries: usize,
    pub hash_max_listpack_value: usize,
    pub list_max_listpack_size: i32,
    pub list_compress_depth: u32,
    pub set_max_intset_entries: usize,
    pub set_max_listpack_entries: usize,
    pub set_max_listpack_value: usize,
    pub zset_max_listpack_entries: usize,
    pub zset_max_listpack_value: usize,
    pub stream_node_max_bytes: usize,
    pub stream_node_max_entries: usize,
}

impl Default for Limits {
    /// Redis's limits, and a hasher whose seed everybody knows: for tools that look at a payload.
    fn default() -> Self {
        Self {
            hasher: Hasher::new(0),
            hash_max_listpack_entries: 512,
            hash_max_listpack_value: 64,
            list_max_listpack_size: -2,
            list_compress_depth: 0,
            set_max_intset_entries: 512,
            set_max_listpack_entries: 128,
            set_max_listpack_value: 64,
            zset_max_listpack_entries: 128,
            zset_max_listpack_value: 64,
            stream_node_max_bytes: 4096,
            stream_node_max_entries: 100,
        }
    }
}
