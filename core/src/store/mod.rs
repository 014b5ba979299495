//! The keyspace: numbered databases of keys, their values and their expiry.

pub mod dict;
pub mod entry;
mod interim;
mod keyspace;

pub use interim::Encoding;
pub use interim::Entry;
pub use interim::StrRef;
pub use keyspace::Store;
