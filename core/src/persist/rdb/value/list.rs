//! Lists, element by element, as every Redis reads them.

use bytes::BytesMut;

use super::write_element;
use crate::data::List;
use crate::data::lzf::Compressor;
use crate::persist::rdb::length;

pub(super) fn write(out: &mut BytesMut, list: &List, mut compressor: Option<&mut Compressor>) {
    length::write(out, list.len() as u64);
    list.for_each(0, list.len(), |element| {
        write_element(out, element, compressor.as_deref_mut());
    });
}
