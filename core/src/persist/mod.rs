//! What outlives the process: the formats of RDB files and of the append-only file.
//!
//! Everything here is a pure transformation of byte buffers. It knows nothing of files, sockets or
//! the keyspace: a snapshot job asks the [`rdb::Encoder`] for bytes and puts them where it likes,
//! and a loader, whether it reads a file or a master's socket, pushes bytes into the
//! [`rdb::Decoder`] and gets entries back.

pub mod aof;
pub mod check;
pub mod json;
pub mod outline;
#[cfg(test)]
mod pieces_tests;
pub mod rdb;
mod span;

pub use span::Span;
pub use span::SpanKind;
