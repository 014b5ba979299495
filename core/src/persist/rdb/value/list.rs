//! Lists, element by element, as every Redis reads them.

use std::ops::ControlFlow;

use bytes::BytesMut;

use crate::data::list::End;
use crate::data::lzf::Compressor;
use crate::data::{List, Place};
use crate::persist::rdb::{length, string};

pub(super) fn write_from(
    out: &mut BytesMut,
    list: &List,
    place: Place,
    until: usize,
    mut compressor: Option<&mut Compressor>,
) -> Option<Place> {
    let mut index = match place {
        Place::Index(index) => index,
        _ => {
            length::write(out, list.len() as u64);
            0
        }
    };
    list.visit(index, usize::MAX, End::Head, |element| {
        string::write_ref(out, element, compressor.as_deref_mut());
        index += 1;
        if out.len() < until { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    (index < list.len()).then_some(Place::Index(index))
}
