//! The keyspace: numbered databases of keys, their values and their expiry.

pub mod dict;
pub mod entry;
mod hash;
mod keyspace;
mod prefetch;
mod snapshot;

pub use entry::Entry;
pub use entry::StrRef;
pub use entry::Value;
pub use keyspace::Expiry;
pub use keyspace::Found;
pub use keyspace::Policy;
pub use keyspace::Stats;
pub use keyspace::Store;
pub use keyspace::Ttl;

pub use crate::data::Encoding;
