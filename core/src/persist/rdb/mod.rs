//! The RDB format: Redis's snapshot file, and the payload of a full synchronisation.
//!
//! ```text
//! "REDIS" "0009"                    signature and format version, four decimal digits
//! FA key value                      auxiliary fields: redis-ver, ctime, repl-id ...
//! FE db   FB keys expires           one database: its number, then how large its tables will get
//!   [FC ms | FD s] [F8 idle] [F9 freq]  type key value       an entry and what is known about it
//! FF crc64                          the end; eight bytes, least significant first, 0 when not computed
//! ```
//!
//! Invariant: encoding then decoding gives the same items, however the bytes were cut on the way;
//! and no input, true or forged, makes the decoder panic, hang, or allocate more than a fixed
//! multiple of the bytes it was given.

mod annotate;
mod crc64;
mod decode;
mod dump;
mod encode;
mod length;
mod opcode;
mod string;
mod value;

#[cfg(test)]
mod tests;

use crate::data::lzf;

pub use annotate::annotate;
pub use decode::{
    Checksum, Decoder, Entry, Error, ErrorKind, Item, ModuleName, ReadOptions, Value,
};
#[cfg(any(test, fuzzing))]
pub(crate) use dump::seal;
pub use dump::{DumpError, dump, restore};
pub use encode::{Encoder, Version, WriteOptions};
pub use string::StringValue;
