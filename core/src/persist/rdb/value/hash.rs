//! How a hash is written: as a number of fields, and each with its value.

use bytes::BytesMut;

use crate::data::Hash;
use crate::persist::rdb::lzf::Compressor;
use crate::persist::rdb::{length, opcode, string};

pub(super) fn type_of(_hash: &Hash) -> u8 {
    opcode::TYPE_HASH
}

pub(super) fn write(out: &mut BytesMut, hash: &Hash, mut compressor: Option<&mut Compressor>) {
    length::write(out, hash.len() as u64);
    for pair in hash {
        string::write_ref(out, pair.field, compressor.as_deref_mut());
        string::write_ref(out, pair.value, compressor.as_deref_mut());
    }
}
