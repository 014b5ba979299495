//! How each type is written. The form is the oldest that can hold the value, so that old servers read
//! it: elements one by one where those let the reader choose its own encoding.

mod hash;
mod list;
mod set;
mod stream;
mod zset;

use bytes::BytesMut;

use super::opcode;
use crate::data::Data;
use crate::data::lzf::Compressor;

pub(super) use stream::ENTRIES_READ_UNKNOWN;

/// The number of the type that [`write`] writes.
pub(super) fn type_of(data: &Data) -> u8 {
    match data {
        Data::List(_) => opcode::TYPE_LIST,
        Data::Set(set) => set::type_of(set),
        Data::Hash(hash) => hash::type_of(hash),
        Data::ZSet(zset) => zset::type_of(zset),
        Data::Stream(_) => opcode::TYPE_STREAM_LISTPACKS_2,
    }
}

/// Appends a value without its type.
pub(super) fn write(out: &mut BytesMut, data: &Data, compressor: Option<&mut Compressor>) {
    match data {
        Data::List(list) => list::write(out, list, compressor),
        Data::Set(set) => set::write(out, set, compressor),
        Data::Hash(hash) => hash::write(out, hash, compressor),
        Data::ZSet(zset) => zset::write(out, zset, compressor),
        Data::Stream(stream) => stream::write(out, stream, compressor),
    }
}
