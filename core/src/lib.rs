//! The Redarium engine: Redis as a pure state machine over byte buffers.
//!
//! ```text
//!  handle_open  handle_bytes  handle_sent  handle_close      poll_dirty + outbox   bytes to write
//!  handle_dial_failed  handle_storage  handle_timeout   ->   poll_effect           dial, close, disk
//!                 finish_turn                           Node poll_event            what happened
//!                                                            poll_timeout          when to wake me
//! ```
//!
//! A node has four kinds of methods and no others: constructors,
//! getters, `handle_*` inputs that never fail, and `poll_*` outputs. It does no
//! I/O, reads no clock and starts no thread, so the same configuration, seed
//! and inputs give the same outputs in a server, in a browser and in a test.

#![deny(clippy::unwrap_used, clippy::expect_used)]

pub mod acl;
pub mod client;
pub mod command;
pub mod config;
pub mod data;
pub mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod limits;
pub mod node;
pub mod persist;
pub mod replication;
pub mod resp;
pub mod rng;
pub mod sim;
pub mod stage;
pub mod store;
pub mod time;
pub mod transcript;
