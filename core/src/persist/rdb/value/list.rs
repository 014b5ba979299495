//! Lists, element by element, as every Redis reads them.

use bytes::BytesMut;

use crate::data::List;
use crate::data::lzf::Compressor;
use crate::persist::rdb::{length, string};

pub(super) fn write(out: &mut BytesMut, list: &List, mut compressor: Option<&mut Compressor>) {
    length::write(out, list.len() as u64);
    list.for_each(0, list.len(), |element| {
        string::write_ref(out, element, compressor.as_deref_mut());
    });
}
