//! Sets as they are written: an intset as its own bytes, any other form member by member.

use bytes::BytesMut;

use crate::data::{Set, StrRef};
use crate::persist::rdb::lzf::Compressor;
use crate::persist::rdb::{length, opcode, string};

pub(super) fn type_of(set: &Set) -> u8 {
    if set.as_intset().is_some() { opcode::TYPE_SET_INTSET } else { opcode::TYPE_SET }
}

pub(super) fn write(out: &mut BytesMut, set: &Set, mut compressor: Option<&mut Compressor>) {
    if let Some(ints) = set.as_intset() {
        return string::write(out, ints.as_bytes(), compressor);
    }
    length::write(out, set.len() as u64);
    for member in set.iter() {
        match member {
            StrRef::Int(int) => string::write_int(out, int),
            StrRef::Bytes(text) => string::write(out, text, compressor.as_deref_mut()),
        }
    }
}
