//! How a hash is written: a compact one as a ziplist, any other as a number of fields, and each with
//! its value. Where fields expire it takes the forms of Redis 7.4, which begin with the first expiry of
//! all.

use bytes::{BufMut, BytesMut};

use super::ziplist;
use crate::data::HashRef;
use crate::persist::rdb::lzf::Compressor;
use crate::persist::rdb::{length, opcode, string};

pub(super) fn type_of(hash: HashRef<'_>) -> u8 {
    match (hash.first_expiry(), hash.triples()) {
        (None, _) if hash.pairs().is_some() => opcode::TYPE_HASH_ZIPLIST,
        (None, _) => opcode::TYPE_HASH,
        (Some(_), Some(_)) => opcode::TYPE_HASH_LISTPACK_EX,
        (Some(_), None) => opcode::TYPE_HASH_METADATA,
    }
}

pub(super) fn write(
    out: &mut BytesMut,
    hash: HashRef<'_>,
    mut compressor: Option<&mut Compressor>,
) {
    let first_expiry = hash.first_expiry();
    if let Some(at) = first_expiry {
        out.put_i64_le(at);
        if let Some(triples) = hash.triples() {
            return string::write(out, triples.as_bytes(), compressor);
        }
    }
    if let Some(pairs) = hash.pairs() {
        return string::write(out, &ziplist::of(pairs), compressor);
    }
    length::write(out, hash.len() as u64);
    for pair in hash {
        if let Some(first) = first_expiry {
            // One more than what it is later than the first; 0 for a field that never expires.
            let later = pair.expire_at.map_or(0, |at| at.abs_diff(first).saturating_add(1));
            length::write(out, later);
        }
        string::write_ref(out, pair.field, compressor.as_deref_mut());
        string::write_ref(out, pair.value, compressor.as_deref_mut());
    }
}
