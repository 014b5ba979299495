//! How each type is written. The form is the oldest that can hold the value, so that old servers read
//! it: elements one by one, which take on their reader's own encodings.

use bytes::BytesMut;

use super::lzf::Compressor;
use crate::data::Data;

/// The number of the type that [`write`] writes.
pub(super) fn type_of(data: &Data) -> u8 {
    match *data {}
}

/// Appends a value without its type.
pub(super) fn write(_out: &mut BytesMut, data: &Data, _compressor: Option<&mut Compressor>) {
    match *data {}
}
