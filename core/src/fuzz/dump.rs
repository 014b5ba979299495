//! Payloads of RESTORE: any client may send one, with a checksum that is right.

use bytes::BytesMut;

use crate::persist::rdb::{self, DumpError, ReadOptions, StringValue};
use crate::store::{Entry, Value};

/// The data is a payload without its version and checksum.
pub fn dump(data: &[u8]) {
    let options = ReadOptions { string_bytes_max: STRING_BYTES_MAX, ..Default::default() };
    let refused = rdb::restore(data, &options);
    assert!(refused.is_err() || data.len() > FOOTER_BYTES, "a value without a checksum");
    let mut payload = BytesMut::from(data);
    rdb::seal(&mut payload, 9);
    let Ok(value) = rdb::restore(&payload, &options) else {
        return assert_eq!(rdb::restore(&payload, &options), Err(DumpError::Format));
    };
    let first = entry(value);
    let second = rdb::restore(&rdb::dump(&first, true), &ReadOptions::default());
    let second = entry(second.expect("our own payload is refused"));
    let same = first.string().map(|text| text.to_vec())
        == second.string().map(|text| text.to_vec())
        && first.data() == second.data();
    assert!(same, "not what was dumped: {first:?} and {second:?}");
    // A payload may say of a small element that it is a node of its own; what we write does not.
    let encodings = [&first, &second].map(|entry| entry.encoding().name());
    let is_same = encodings[0] == encodings[1] || encodings == ["quicklist", "listpack"];
    assert!(is_same, "{first:?} is not {second:?}");
}

fn entry(value: rdb::Value) -> Entry {
    match value {
        rdb::Value::String(StringValue::Int(value)) => Entry::new(b"k", Value::Int(value), None),
        rdb::Value::String(StringValue::Bytes(bytes)) => {
            Entry::new(b"k", Value::Text(&bytes), None)
        }
        rdb::Value::Data(data) => Entry::new(b"k", Value::Data(data), None),
    }
}

/// Small, so that forged lengths fall on both sides of it.
const STRING_BYTES_MAX: usize = 1 << 16;

const FOOTER_BYTES: usize = 10;

#[cfg(test)]
mod tests {
    use super::dump;
    use crate::fuzz::mutate::mutations;

    #[test]
    fn mutations_of_good_payloads_keep_every_promise() {
        let seeds: [&[u8]; 7] = [
            b"\x00\x03abc",
            b"\x00\xc3\x09\x28\x01aa\xe0\x1b\x00\x01aa",
            b"\x02\x03\x01a\xc0\x05\x02bc",
            b"\x0b\x0c\x02\x00\x00\x00\x02\x00\x00\x00\x01\x00\x02\x00",
            b"\x14\x0d\x0d\x00\x00\x00\x02\x00\x01\x01\x81a\x02\xff",
            b"\x0f\x00\x00\x00\x00\x00",
            b"\x12\x01\x01\x02\x05\x12",
        ];
        mutations(&seeds, 20_000, 5, dump);
    }
}
