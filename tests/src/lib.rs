//! What the tests that span crates share: servers to test, clients to test them with, and the
//! drivers that run stages and transcripts against them.
//!
//! Everything here blocks, on purpose: a test reads as a conversation, one line after another.

pub mod campaign;
pub mod certificates;
pub mod client;
pub mod compare;
pub mod coverage;
pub mod deviations;
pub mod generator;
pub mod named;
pub mod pair;
pub mod payloads;
pub mod ports;
pub mod program;
pub mod proxy;
pub mod rdb_file;
pub mod server;
pub mod sessions;
pub mod snapshot;
pub mod stage;
pub mod theme;
pub mod transcript;
pub mod value;
pub mod version;
pub mod walk;
pub mod web;
