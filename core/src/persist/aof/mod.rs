//! The append-only file, as Redis 7 keeps it: a folder with a manifest, a base and increments.
//!
//! ```text
//! appendonly.aof.manifest      file appendonly.aof.1.base.rdb seq 1 type b
//!                              file appendonly.aof.1.incr.aof seq 1 type i
//! appendonly.aof.1.base.rdb    the data when the increment began: an RDB payload, or commands
//! appendonly.aof.1.incr.aof    every change since, as the requests that make it
//! ```
//!
//! Replaying the base and then each increment in the manifest's order gives the data back. What
//! the manifest does not name does not count, so replacing it is the moment a rewrite takes effect.

mod manifest;
mod reader;
mod rewriter;
mod writer;

pub use manifest::FileKind;
pub use manifest::LogFile;
pub use manifest::Manifest;
pub use manifest::ManifestError;
pub use manifest::Names;
pub use reader::End;
pub use reader::Item;
pub use reader::ReadError;
pub use reader::Reader;
pub use rewriter::Rewriter;
pub use writer::Writer;
pub use writer::write_select;
