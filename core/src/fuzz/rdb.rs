//! RDB payloads: from a file anybody may have written, or from whoever plays the master.

use std::iter;

use bytes::{Bytes, BytesMut};

use super::pieces;
use crate::persist::rdb::{
    Checksum, Decoder, Encoder, Entry, Error, Item, ReadOptions, StringValue, Value, WriteOptions,
};
use crate::store::StrRef;

/// The first byte says how the rest is cut, and whether checksums count.
pub fn rdb(data: &[u8]) {
    let Some((&seed, payload)) = data.split_first() else { return };
    let options = ReadOptions {
        string_bytes_max: STRING_BYTES_MAX,
        checksum: seed % 4 == 0,
        skips_modules: seed % 8 < 4,
        ..Default::default()
    };
    let whole = decode(iter::once(payload), options.clone());
    assert_eq!(
        decode(pieces(payload, seed), options),
        whole,
        "depends on where the bytes were cut"
    );
    assert!(whole.bytes() <= payload.len() * EXPANSION_MAX, "more came out than can be inside");
    written_items_are_read_again(&whole.items);
    compressed_bytes_come_back(payload);
}

#[derive(Debug, PartialEq)]
struct Outcome {
    items: Vec<Item>,
    consumed: u64,
    error: Option<Error>,
}

impl Outcome {
    fn bytes(&self) -> usize {
        let strings = self.items.iter().map(|item| match item {
            Item::Aux { key, value } => key.len() + value.len(),
            Item::Function(source) => source.len(),
            Item::Entry(Entry { key, value: Value::String(value), .. }) => {
                key.len() + value.clone().into_bytes().len()
            }
            _ => 0,
        });
        strings.sum()
    }
}

fn decode<'b>(pieces: impl Iterator<Item = &'b [u8]>, options: ReadOptions) -> Outcome {
    let mut decoder = Decoder::new(options);
    let mut buf = BytesMut::new();
    let mut items = Vec::new();
    let mut error = None;
    for piece in pieces {
        buf.extend_from_slice(piece);
        match drain(&mut decoder, &mut buf, &mut items) {
            Ok(()) if decoder.is_finished() => break,
            Ok(()) => assert!(decoder.needed() > buf.len(), "stopped though it had enough"),
            Err(first) => {
                assert_eq!(decoder.next(&mut buf), Err(first), "an error is final");
                error = Some(first);
                break;
            }
        }
    }
    let error = error.or(decoder.handle_end_of_input(buf.len()).err());
    Outcome { items, consumed: decoder.consumed(), error }
}

fn drain(decoder: &mut Decoder, buf: &mut BytesMut, items: &mut Vec<Item>) -> Result<(), Error> {
    while let Some(item) = decoder.next(buf)? {
        items.push(item);
    }
    Ok(())
}

/// What the encoder writes of these items is what the decoder reads.
fn written_items_are_read_again(items: &[Item]) {
    let mut encoder = Encoder::new(WriteOptions::default());
    let mut payload = Vec::new();
    let mut expect = Vec::new();
    for item in items {
        if let Some(written) = write(&mut encoder, item) {
            expect.push(written);
            payload.extend_from_slice(&encoder.take());
        }
    }
    payload.extend_from_slice(&encoder.finish());
    let again = decode(iter::once(&payload[..]), ReadOptions::default());
    let [Item::Version(9), again_items @ .., Item::End(Checksum::Verified(_))] = &again.items[..]
    else {
        panic!("our own payload is refused: {again:?}")
    };
    assert!(again_items.iter().cloned().map(plain).eq(expect), "not what was written");
    assert_eq!(again.error, None);
}

/// Writes an item, if it is one the encoder writes, and says how it should come back.
fn write(encoder: &mut Encoder, item: &Item) -> Option<Item> {
    match item {
        Item::Aux { key, value } => encoder.aux(key, value),
        Item::SelectDb(index) => encoder.select_db(*index),
        Item::ResizeDb { keys, expires } => encoder.resize_db(*keys, *expires),
        Item::Entry(Entry { key, value: Value::String(value), expire_at_ms, .. }) => {
            let value = match value {
                StringValue::Int(int) => StrRef::Int(*int),
                StringValue::Bytes(bytes) => StrRef::Bytes(bytes),
            };
            encoder.string_entry(key, value, *expire_at_ms);
        }
        Item::Entry(Entry { key, value: Value::Data(data), expire_at_ms, .. }) => {
            encoder.data_entry(key, data.view(), *expire_at_ms);
        }
        Item::Version(_) | Item::Function(_) | Item::Module { .. } | Item::End(_) => return None,
    }
    Some(plain(item.clone()))
}

/// The item without what the encoder does not write, and with its string as bytes.
fn plain(item: Item) -> Item {
    let Item::Entry(entry) = item else { return item };
    let value = match entry.value {
        Value::String(value) => Value::String(StringValue::Bytes(value.into_bytes())),
        data @ Value::Data(_) => data,
    };
    Item::Entry(Entry { value, idle_s: None, freq: None, ..entry })
}

/// Any bytes survive compression, whatever the compressor has seen before.
fn compressed_bytes_come_back(bytes: &[u8]) {
    let mut encoder = Encoder::new(WriteOptions::default());
    let (head, tail) = bytes.split_at(bytes.len() / 2);
    for value in [bytes, head, tail, bytes] {
        encoder.string_entry(b"", StrRef::Bytes(value), None);
    }
    let outcome = decode(iter::once(&encoder.finish()[..]), ReadOptions::default());
    let values = outcome.items.into_iter().filter_map(|item| match item {
        Item::Entry(Entry { value: Value::String(value), .. }) => Some(value.into_bytes()),
        _ => None,
    });
    assert!(values.eq([bytes, head, tail, bytes].map(Bytes::copy_from_slice)));
}

/// Small, so that forged lengths fall on both sides of it.
const STRING_BYTES_MAX: usize = 1 << 16;

/// 264 bytes for 3.
const EXPANSION_MAX: usize = 88;

#[cfg(test)]
mod tests {
    use super::rdb;
    use crate::fuzz::mutate::mutations;
    use crate::persist::rdb::{Encoder, WriteOptions};
    use crate::store::StrRef;

    #[test]
    fn mutations_of_good_payloads_keep_every_promise() {
        let mut encoder = Encoder::new(WriteOptions::default());
        encoder.aux(b"redis-ver", b"7.4.0");
        encoder.select_db(3);
        encoder.resize_db(3, 1);
        encoder.string_entry(b"a key", StrRef::Bytes(b"a value"), Some(1_700_000_000_000));
        encoder.string_entry(b"12", StrRef::Int(-70_000), None);
        encoder.string_entry(b"long", StrRef::Bytes(&b"abcabcd".repeat(100)), None);
        let ours = [b"\x01", &encoder.finish()[..]].concat();
        let seeds: [&[u8]; 4] = [
            &ours,
            b"\x04REDIS0009\xf7\x0a\x02\x01\x05\x01a\x00\x07\x01m\x0a\x01\x05\x03abcd\x04abcdefgh\x00\xff\0\0\0\0\0\0\0\0",
            b"\x02REDIS0004\xf5\x01f\xf8\x40\x80\xf9\x07\xfd\x01\0\0\0\x00\x01k\xc3\x06\x18\x01ab\xe0\x0d\x01\xff",
            b"\x03REDIS0012\xf4\x01\x02\x03\xfb\x81\0\0\0\0\0\0\0\x01\x80\0\0\0\x01\x00\xc1\x01\x02\xc0\xff\xff\0\0\0\0\0\0\0\0",
        ];
        mutations(&seeds, 20_000, 2, rdb);
    }
}
