//! What the tests of all types share: a payload of one value, and reading it.

use bytes::BytesMut;

use super::{Decoder, Entry, Error, Item, ReadOptions, Value};
use crate::data::{Data, Limits};

/// The only entry's value of a payload that arrives byte by byte; `None` if it was passed over.
pub(super) fn read(payload: &[u8], limits: &Limits) -> Result<Option<Data>, Error> {
    let options = ReadOptions { limits: limits.clone(), ..ReadOptions::default() };
    let (mut decoder, mut buf, mut found) = (Decoder::new(options), BytesMut::new(), None);
    for byte in payload {
        buf.extend_from_slice(&[*byte]);
        while let Some(item) = decoder.next(&mut buf)? {
            if let Item::Entry(Entry { value: Value::Data(data), .. }) = item {
                found = Some(*data);
            }
        }
    }
    decoder.handle_end_of_input(buf.len())?;
    Ok(found)
}

/// A payload of this type and value under the key `k`.
pub(super) fn payload(value: &[u8]) -> Vec<u8> {
    let (value_type, value) = value.split_first().unwrap();
    [b"REDIS0011", &[*value_type][..], b"\x01k", value, b"\xff", &[0; 8]].concat()
}
