//! Commands: what they are (`spec`), all of them (`table`), and the families
//! that carry them out, each file with its table entries, handlers and tests.

mod client;
mod config;
mod connection;
mod context;
mod help;
mod propagation;
mod replication;
mod server;
pub mod spec;
mod string;
pub mod table;
#[cfg(test)]
mod testing;
mod time_form;
mod transaction;

pub use context::Context;
pub use context::digits;
pub use context::integer;
pub use propagation::Propagation;

/// What a handler returns: its reply is written, or here is the error to write.
pub type Outcome = Result<(), crate::error::CommandError>;
