//! Worlds by the seed, and what must hold in them.
//!
//! ```text
//!  seed -> plan (a script: topology, commands, faults, quiet)
//!            -> play (each event, then every claim) -> Outcome
//!                 -> shrink (fewer steps that still fail)
//! ```
//!
//! A plan is a script like any other: what fails here is replayed in a page or from a file. While it
//! is played, each node is looked at whenever it had a turn; faults come first, then quiet, and in the end
//! all nodes are connected, hold the same, and every client has its answer.
//!
//! Some keys belong to claims, and nothing else touches them (`plan`): `ledger:N` counts the writes of
//! one client, `pair:a` and `pair:b` only change together, `once:N` is written once, with a time to live,
//! and `queue` hands out rising numbers.

mod claim;
mod look;
mod plan;
mod play;
mod replay;
mod replies;
mod shrink;
mod words;

pub use claim::Claim;
pub use claim::Failure;
pub use plan::Plan;
pub use play::Outcome;
pub use play::play;
pub use shrink::shrink;
