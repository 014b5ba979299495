//! Commands: what they are (`spec`), all of them (`table`), and the families
//! that carry them out, each file with its table entries, handlers and tests.

mod context;
mod propagation;
pub mod spec;

pub use context::Context;
pub use context::integer;
pub use propagation::Propagation;

/// What a handler returns: its reply is written, or here is the error to write.
pub type Outcome = Result<(), crate::error::CommandError>;
