//! How each type is written. The form is the oldest that can hold the value, so that old servers read
//! it: for what is one listpack here, a hash or a sorted set that is small, a ziplist; else elements one
//! by one, where those let the reader choose its own encoding.

mod hash;
mod list;
mod set;
mod stream;
mod ziplist;
mod zset;

use bytes::BytesMut;

use super::opcode;
use crate::data::lzf::Compressor;
use crate::data::{DataRef, Place};

pub(super) use stream::ENTRIES_READ_UNKNOWN;

/// The number of the type that [`write`] writes.
pub(super) fn type_of(data: DataRef<'_>) -> u8 {
    match data {
        DataRef::List(_) => opcode::TYPE_LIST,
        DataRef::Set(set) => set::type_of(set),
        DataRef::Hash(hash) => hash::type_of(hash),
        DataRef::ZSet(zset) => zset::type_of(zset),
        DataRef::Stream(_) => opcode::TYPE_STREAM_LISTPACKS_2,
    }
}

/// Appends a value without its type.
pub(super) fn write(out: &mut BytesMut, data: DataRef<'_>, compressor: Option<&mut Compressor>) {
    write_from(out, data, Place::Start, usize::MAX, compressor);
}

/// Appends a value without its type from a place on, until there are `until` bytes or somewhat more;
/// where to go on, if that was not all.
pub(super) fn write_from(
    out: &mut BytesMut,
    data: DataRef<'_>,
    place: Place,
    until: usize,
    compressor: Option<&mut Compressor>,
) -> Option<Place> {
    match data {
        DataRef::List(list) => list::write_from(out, list, place, until, compressor),
        DataRef::Set(set) => set::write_from(out, set, place, until, compressor),
        DataRef::Hash(hash) => hash::write_from(out, hash, place, until, compressor),
        DataRef::ZSet(zset) => zset::write_from(out, zset, place, until, compressor),
        DataRef::Stream(stream) => stream::write_from(out, stream, place, until, compressor),
    }
}
