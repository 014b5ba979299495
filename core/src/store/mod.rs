//! The keyspace: numbered databases of keys, their values and their expiry.

mod access;
mod audience;
mod awaited;
mod begun;
mod changes;
mod deadlines;
mod edit;
pub mod entry;
mod evict;
mod exchange;
mod expected;
mod expire;
mod field_deadlines;
mod garbage;
mod key_event;
mod keyspace;
mod notices;
mod snapshot;
mod tally;
#[cfg(test)]
mod tests;

pub use access::AccessClock;
pub use access::PastUse;
pub use audience::Audience;
pub use awaited::Awaited;
pub use changes::Change;
pub use changes::ChangeKind;
pub use changes::Changes;
pub use edit::Booked;
pub use edit::Edit;
pub use entry::Entry;
pub use entry::Value;
pub use evict::Choice;
pub use evict::Conditions;
pub use evict::Criterion;
pub use evict::EvictionPool;
pub use expire::Swept;
pub use key_event::KeyEvent;
pub use keyspace::DbSize;
pub use keyspace::Expiry;
pub use keyspace::Found;
pub use keyspace::Policy;
pub use keyspace::Stats;
pub use keyspace::Store;
pub use keyspace::Ttl;
pub use notices::Notice;
pub use notices::Notices;

pub use crate::data::Encoding;
pub use crate::data::StrRef;
