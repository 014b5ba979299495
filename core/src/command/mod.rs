//! Commands: what they are (`spec`), all of them (`table`), and the families
//! that carry them out, each file with its table entries, handlers and tests.

mod acl;
mod bitfield;
mod bitmap;
mod block;
mod client;
mod config;
mod connection;
mod context;
mod docs;
mod dump;
mod expire;
mod geo;
mod geo_options;
mod geo_search;
mod hash;
mod hash_expire;
mod hash_field;
mod hash_field_args;
mod hash_number;
mod hash_once;
mod hash_random;
mod hash_ttl;
mod hash_walk;
mod help;
mod hyperloglog;
mod introspect;
pub mod key_search;
mod keys;
mod latency;
mod lcs;
mod list;
mod list_element;
mod list_move;
mod lolwut;
mod memory;
pub mod migrate;
mod module;
mod object;
mod proof;
mod propagation;
mod pubsub;
mod replication;
mod scan;
mod scan_options;
mod server;
mod set;
mod set_algebra;
mod set_options;
mod set_random;
mod slowlog;
mod sort;
pub mod spec;
mod stream;
mod stream_claim;
mod stream_delete;
mod stream_group;
mod stream_info;
mod stream_options;
mod stream_pending;
mod stream_range;
mod stream_read;
mod string;
mod string_many;
mod string_number;
mod string_part;
pub mod table;
#[cfg(test)]
mod testing;
mod time_form;
mod transaction;
mod transfer;
mod zset;
mod zset_add;
mod zset_combine;
mod zset_pop;
mod zset_range;
mod zset_remove;
mod zset_walk;

pub use block::Block;
pub use block::BlockKind;
pub use block::Blocking;
pub use block::timeout_ms;
pub use block::timeout_s;
pub use context::Context;
pub use context::digits;
pub use context::integer;
pub use context::integer_i32;
pub use propagation::Propagation;

/// The version of Redis whose behaviour this is.
pub const REDIS_VERSION: &str = "7.4.0";

/// What a handler returns: its reply is written, or here is the error to write.
pub type Outcome = Result<(), crate::error::CommandError>;
