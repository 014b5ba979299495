//! How a sorted set is written: a small one as a ziplist, any other as a number of members, and each
//! with its score as eight bytes, from the highest to the lowest, which is the order Redis fills its
//! skiplist in.

use bytes::{BufMut, BytesMut};

use super::ziplist;
use crate::data::{Place, ZSet};
use crate::persist::rdb::lzf::Compressor;
use crate::persist::rdb::{length, opcode, string};

pub(super) fn type_of(zset: &ZSet) -> u8 {
    if zset.pack().is_some() { opcode::TYPE_ZSET_ZIPLIST } else { opcode::TYPE_ZSET_2 }
}

pub(super) fn write_from(
    out: &mut BytesMut,
    zset: &ZSet,
    place: Place,
    until: usize,
    mut compressor: Option<&mut Compressor>,
) -> Option<Place> {
    if let Some(pack) = zset.pack() {
        string::write(out, &ziplist::of(pack), compressor);
        return None;
    }
    let written = match place {
        Place::Index(written) => written,
        _ => {
            length::write(out, zset.len() as u64);
            0
        }
    };
    let left = zset.range_back(0..zset.len().saturating_sub(written));
    for (index, (member, score)) in (written..).zip(left) {
        if out.len() >= until {
            return Some(Place::Index(index));
        }
        string::write_ref(out, member, compressor.as_deref_mut());
        out.put_f64_le(score);
    }
    None
}
