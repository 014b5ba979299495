//! Sets as they are written: an intset as its own bytes, any other form member by member.

use bytes::BytesMut;

use crate::data::dict::WalkPosition;
use crate::data::{Place, Set};
use crate::persist::rdb::lzf::Compressor;
use crate::persist::rdb::{length, opcode, string};

pub(super) fn type_of(set: &Set) -> u8 {
    if set.as_intset().is_some() { opcode::TYPE_SET_INTSET } else { opcode::TYPE_SET }
}

pub(super) fn write_from(
    out: &mut BytesMut,
    set: &Set,
    place: Place,
    until: usize,
    mut compressor: Option<&mut Compressor>,
) -> Option<Place> {
    if let Some(ints) = set.as_intset() {
        string::write(out, ints.as_bytes(), compressor);
        return None;
    }
    let mut walk = match place {
        Place::Walk(walk) => walk,
        _ => {
            length::write(out, set.len() as u64);
            WalkPosition::default()
        }
    };
    while !walk.is_done() && out.len() < until {
        set.walk(&mut walk, |member| string::write_ref(out, member, compressor.as_deref_mut()));
    }
    (!walk.is_done()).then_some(Place::Walk(walk))
}
