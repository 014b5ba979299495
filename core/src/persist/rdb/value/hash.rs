//! How a hash is written: a compact one as a ziplist, any other as a number of fields, and each with
//! its value. Where fields expire it takes the forms of Redis 7.4, which begin with the first expiry of
//! all.

use bytes::{BufMut, BytesMut};

use super::ziplist;
use crate::data::dict::WalkPosition;
use crate::data::{HashRef, Pair, Place};
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

pub(super) fn write_from(
    out: &mut BytesMut,
    hash: HashRef<'_>,
    place: Place,
    until: usize,
    mut compressor: Option<&mut Compressor>,
) -> Option<Place> {
    let first_expiry = hash.first_expiry();
    let mut walk = match place {
        Place::Walk(walk) => walk,
        _ => {
            if let Some(at) = first_expiry {
                out.put_i64_le(at);
            }
            if write_compact(out, hash, compressor.as_deref_mut()) {
                return None;
            }
            length::write(out, hash.len() as u64);
            WalkPosition::default()
        }
    };
    while !walk.is_done() && out.len() < until {
        hash.walk(&mut walk, |pair| write_pair(out, pair, first_expiry, compressor.as_deref_mut()));
    }
    (!walk.is_done()).then_some(Place::Walk(walk))
}

/// Whether the hash is compact; then it has been written.
fn write_compact(
    out: &mut BytesMut,
    hash: HashRef<'_>,
    compressor: Option<&mut Compressor>,
) -> bool {
    match (hash.pairs(), hash.triples()) {
        (Some(pairs), _) => string::write(out, &ziplist::of(pairs), compressor),
        (None, Some(triples)) if hash.first_expiry().is_some() => {
            string::write(out, triples.as_bytes(), compressor);
        }
        _ => return false,
    }
    true
}

fn write_pair(
    out: &mut BytesMut,
    pair: Pair<'_>,
    first_expiry: Option<i64>,
    mut compressor: Option<&mut Compressor>,
) {
    if let Some(first) = first_expiry {
        // One more than what it is later than the first; 0 for a field that never expires.
        let later = pair.expire_at.map_or(0, |at| at.abs_diff(first).saturating_add(1));
        length::write(out, later);
    }
    string::write_ref(out, pair.field, compressor.as_deref_mut());
    string::write_ref(out, pair.value, compressor);
}
