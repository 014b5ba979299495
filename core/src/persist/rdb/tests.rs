//! The encoder and the decoder against each other, against bytes written down by hand, and against
//! damage.

use bytes::{Bytes, BytesMut};

use super::{
    Checksum, Decoder, Encoder, Entry, Error, ErrorKind, Item, ReadOptions, StringValue, Value,
    WriteOptions,
};
use crate::data::{Hash, Kind};
use crate::store::StrRef;

/// All items of a payload that arrives in pieces of this length, and what it leaves in the buffer.
fn decode_in(
    piece: usize,
    options: ReadOptions,
    payload: &[u8],
) -> Result<(Vec<Item>, Vec<u8>), Error> {
    let mut decoder = Decoder::new(options);
    let mut buf = BytesMut::new();
    let mut items = Vec::new();
    for piece in payload.chunks(piece) {
        buf.extend_from_slice(piece);
        while let Some(item) = decoder.next(&mut buf)? {
            items.push(item);
        }
        assert_eq!(decoder.is_finished(), matches!(items.last(), Some(Item::End(_))));
        assert!(decoder.is_finished() || decoder.needed() > buf.len(), "progress was possible");
    }
    decoder.handle_end_of_input(buf.len())?;
    assert_eq!(decoder.consumed(), (payload.len() - buf.len()) as u64);
    Ok((items, buf.to_vec()))
}

fn decode(payload: &[u8]) -> Result<Vec<Item>, Error> {
    decode_in(payload.len().max(1), ReadOptions::default(), payload).map(|(items, _)| items)
}

fn entry(key: &str, value: impl Into<StringValue>, expire_at_ms: Option<i64>) -> Item {
    let (key, value) = (Bytes::copy_from_slice(key.as_bytes()), Value::String(value.into()));
    Item::Entry(Entry { key, value, expire_at_ms, idle_s: None, freq: None })
}

fn aux(key: &'static str, value: &'static str) -> Item {
    Item::Aux { key: key.into(), value: value.into() }
}

impl From<i64> for StringValue {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl<'s> From<&'s [u8]> for StringValue {
    fn from(bytes: &'s [u8]) -> Self {
        Self::Bytes(Bytes::copy_from_slice(bytes))
    }
}

impl<'s> From<&'s str> for StringValue {
    fn from(text: &'s str) -> Self {
        text.as_bytes().into()
    }
}

/// A payload with one of each record the encoder can write, taken from it after each, and its
/// items.
fn small_payload(options: WriteOptions) -> (Vec<Bytes>, Vec<Item>) {
    let mut encoder = Encoder::new(options);
    let mut pieces = vec![encoder.take()];
    encoder.aux(b"redis-ver", b"7.4.0");
    encoder.aux(b"redis-bits", b"64");
    pieces.push(encoder.take());
    encoder.select_db(0);
    encoder.resize_db(4, 1);
    pieces.push(encoder.take());
    encoder.string_entry(b"greeting", StrRef::Bytes(b"hello"), None);
    encoder.string_entry(b"42", StrRef::Int(-300), Some(1_700_000_000_123));
    pieces.push(encoder.take());
    encoder.string_entry(b"long", StrRef::Bytes(&[b'x'; 100]), None);
    encoder.string_entry(b"", StrRef::Int(i64::MIN), None);
    pieces.push(encoder.take());
    encoder.select_db(15);
    encoder.string_entry(b"greeting", StrRef::Bytes(b""), Some(-1));
    let written = encoder.written();
    pieces.push(encoder.finish());
    assert_eq!(pieces.iter().map(Bytes::len).sum::<usize>() as u64, written + 9);

    let checksum =
        u64::from_le_bytes(pieces.last().and_then(|last| last.last_chunk().copied()).unwrap());
    let items = vec![
        Item::Version(9),
        aux("redis-ver", "7.4.0"),
        aux("redis-bits", "64"),
        Item::SelectDb(0),
        Item::ResizeDb { keys: 4, expires: 1 },
        entry("greeting", "hello", None),
        entry("42", -300, Some(1_700_000_000_123)),
        entry("long", &[b'x'; 100][..], None),
        entry("", "-9223372036854775808", None),
        Item::SelectDb(15),
        entry("greeting", "", Some(-1)),
        Item::End(if options.checksum { Checksum::Verified(checksum) } else { Checksum::Disabled }),
    ];
    (pieces, items)
}

#[test]
fn what_is_written_is_read_however_it_is_cut() {
    for options in [
        WriteOptions::default(),
        WriteOptions { checksum: false, ..Default::default() },
        WriteOptions { compression: false, ..Default::default() },
    ] {
        let (pieces, items) = small_payload(options);
        let mut payload = pieces.concat();
        payload.extend_from_slice(b"*1\r\n$4\r\nPING\r\n");
        for piece in 1..=payload.len() {
            let (decoded, rest) =
                decode_in(piece, ReadOptions::default(), &payload).expect("a whole payload");
            assert_eq!(decoded, items, "in pieces of {piece}");
            assert!(b"*1\r\n$4\r\nPING\r\n".ends_with(&rest), "nothing after the end is touched");
        }
    }
}

#[test]
fn taking_pieces_changes_no_byte() {
    let (pieces, _) = small_payload(WriteOptions::default());
    let mut encoder = Encoder::new(WriteOptions::default());
    encoder.aux(b"redis-ver", b"7.4.0");
    assert_eq!(encoder.pending() as u64, encoder.written());
    let whole = encoder.take();
    assert!(pieces.concat().starts_with(&whole));
    assert_eq!((encoder.pending(), encoder.written()), (0, whole.len() as u64));
}

#[test]
fn strings_of_every_length_class_come_back() {
    for length in [0, 1, 20, 21, 63, 64, 65, 16_383, 16_384, 16_385, 70_000, (4 << 20) + 1] {
        let same = vec![b'a'; length];
        let mixed: Vec<u8> = (0..length).map(|i| ((i * i) >> 3) as u8).collect();
        for compression in [false, true] {
            let mut encoder = Encoder::new(WriteOptions { compression, ..Default::default() });
            encoder.string_entry(&same, StrRef::Bytes(&mixed), None);
            encoder.string_entry(&mixed, StrRef::Bytes(&same), None);
            let items = decode(&encoder.finish()).expect("a whole payload");
            let entries = items.iter().filter_map(|item| match item {
                Item::Entry(Entry {
                    key, value: Value::String(StringValue::Bytes(value)), ..
                }) => Some((key, value)),
                _ => None,
            });
            let expect = [(&same, &mixed), (&mixed, &same)];
            assert!(
                entries.eq(expect
                    .map(|(k, v)| (Bytes::from(k.clone()), Bytes::from(v.clone())))
                    .iter()
                    .map(|(k, v)| (k, v))),
                "{length}"
            );
        }
    }
}

#[test]
fn every_record_is_understood() {
    let table: [(&[u8], Vec<Item>); 12] = [
        (b"\xfa\x01k\x01v", vec![aux("k", "v")]),
        (b"\xfa\x01k\xc0\x40", vec![aux("k", "64")]),
        (b"\xfe\x40\x63", vec![Item::SelectDb(99)]),
        (b"\xfb\x81\0\0\0\x01\0\0\0\0\x00", vec![Item::ResizeDb { keys: 1 << 32, expires: 0 }]),
        (b"\xf5\x05#!lua", vec![Item::Function("#!lua".into())]),
        (b"\xf4\x05\x01\x00\x00\x01k\x01v", vec![entry("k", "v", None)]),
        (b"\xfc\x01\0\0\0\0\0\0\x80\x00\x01k\x01v", vec![entry("k", "v", Some(i64::MIN + 1))]),
        (b"\xfd\xff\xff\xff\x7f\x00\x01k\x01v", vec![entry("k", "v", Some(2_147_483_647_000))]),
        (
            b"\xfd\xff\xff\xff\xff\x00\x01k\x01v\x00\x01l\x01v",
            vec![entry("k", "v", Some(-1000)), entry("l", "v", None)],
        ),
        (
            b"\xf8\x40\x80\xf9\x07\x00\x01k\xc1\xff\x00",
            vec![Item::Entry(Entry {
                key: "k".into(),
                value: Value::String(StringValue::Int(255)),
                expire_at_ms: None,
                idle_s: Some(128),
                freq: Some(7),
            })],
        ),
        (b"\x00\xc2\xff\xff\xff\xff\x80\0\0\0\x01v", vec![entry("-1", "v", None)]),
        (b"\x00\xc3\x06\x18\x01ab\xe0\x0d\x01\xc0\x80", vec![entry(&"ab".repeat(12), -128, None)]),
    ];
    for (records, expect) in table {
        let payload = [b"REDIS0004", records, b"\xff"].concat();
        let mut items = vec![Item::Version(4)];
        items.extend(expect);
        items.push(Item::End(Checksum::Absent));
        assert_eq!(decode(&payload), Ok(items), "{}", records.escape_ascii());
    }
}

#[test]
fn versions_up_to_redis_7_4_are_read() {
    for version in 1..=12 {
        let mut payload = format!("REDIS{version:04}\u{7f}").into_bytes();
        payload[9] = 0xff;
        payload.extend([0; 8]);
        let end = if version < 5 { Checksum::Absent } else { Checksum::Disabled };
        assert_eq!(decode(&payload), Ok(vec![Item::Version(version), Item::End(end)]));
    }
}

#[test]
fn bad_input_is_named_where_it_is() {
    const H: &[u8] = b"REDIS0012";
    let table: [(&[&[u8]], ErrorKind, u64); 23] = [
        (&[b""], ErrorKind::ShortRead, 0),
        (&[b"REDIS00"], ErrorKind::ShortRead, 7),
        (&[b"VALKEY079"], ErrorKind::UnsupportedVersion(79), 9),
        (&[b"redis0009"], ErrorKind::WrongSignature, 9),
        (&[b"REDIS0000"], ErrorKind::UnsupportedVersion(0), 9),
        (&[b"REDIS0013"], ErrorKind::UnsupportedVersion(13), 9),
        (&[b"REDIS9999"], ErrorKind::UnsupportedVersion(9999), 9),
        (&[b"REDISabcd"], ErrorKind::UnsupportedVersion(0), 9),
        (&[H], ErrorKind::ShortRead, 9),
        (&[H, b"\xff\0\0\0\0\0\0\0"], ErrorKind::ShortRead, 17),
        (&[H, b"\x63\x01k\x01v"], ErrorKind::UnsupportedType(0x63), 10),
        (&[H, b"\xfe\x82"], ErrorKind::UnknownLength(0x82), 11),
        (&[H, b"\xfe\xc0\x01"], ErrorKind::UnknownLength(0xc0), 11),
        (&[H, b"\x00\xbf"], ErrorKind::UnknownLength(0xbf), 11),
        (&[H, b"\x00\x01k\xc4"], ErrorKind::UnknownStringEncoding(4), 13),
        (&[H, b"\x00\x01k\x80\x20\0\0\x01"], ErrorKind::StringTooLong((512 << 20) + 1), 17),
        (
            &[H, b"\x00\x01k\x81\xff\xff\xff\xff\xff\xff\xff\xff"],
            ErrorKind::StringTooLong(u64::MAX),
            21,
        ),
        (&[H, b"\x00\x01k\xc3\x05\x80\x20\0\0\x01"], ErrorKind::StringTooLong((512 << 20) + 1), 19),
        (&[H, b"\x00\x01k\xc3\x05\x80\0\0\x01\xb9"], ErrorKind::InvalidLzf, 19),
        (&[H, b"\x00\x01k\xc3\x03\x20\x20ab"], ErrorKind::InvalidLzf, 18),
        (&[H, b"\xf6\x01a"], ErrorKind::FunctionPreGa, 10),
        (
            &[H, b"\xf7\x81\x12\x34\x56\x78\x90\xab\xcd\xef"],
            ErrorKind::ModuleAux(0x1234_5678_90ab_cdef),
            19,
        ),
        (
            &[b"REDIS0010\xff\x01\x02\x03\x04\x05\x06\x07\x08"],
            ErrorKind::WrongChecksum {
                computed: 0xeb7e_a789_fe37_fda9,
                found: 0x0807_0605_0403_0201,
            },
            18,
        ),
    ];
    for (payload, kind, offset) in table {
        let payload = payload.concat();
        assert_eq!(decode(&payload), Err(Error { kind, offset }), "{}", payload.escape_ascii());
    }
}

#[test]
fn an_error_is_final() {
    let mut decoder = Decoder::new(ReadOptions::default());
    let mut buf = BytesMut::from(&b"redis0009"[..]);
    let error = decoder.next(&mut buf).expect_err("a wrong signature");
    buf.extend_from_slice(b"REDIS0009");
    assert_eq!(decoder.next(&mut buf), Err(error));
    assert_eq!(decoder.handle_end_of_input(0), Err(error));
}

#[test]
fn a_checksum_can_be_ignored() {
    let payload = b"REDIS0010\xff\x01\0\0\0\0\0\0\0";
    let (items, _) = decode_in(64, ReadOptions { checksum: false, ..Default::default() }, payload)
        .expect("not checked");
    assert_eq!(items, [Item::Version(10), Item::End(Checksum::Ignored(1))]);
}

#[test]
fn every_truncation_is_a_short_read() {
    let payload = small_payload(WriteOptions::default()).0.concat();
    for length in 0..payload.len() {
        let expect = Error { kind: ErrorKind::ShortRead, offset: length as u64 };
        assert_eq!(decode(&payload[..length]), Err(expect));
    }
}

#[test]
fn every_changed_byte_is_an_error_or_changes_no_entry() {
    let (pieces, items) = small_payload(WriteOptions::default());
    let payload = pieces.concat();
    for at in 0..payload.len() {
        for flip in 1..=255 {
            let mut damaged = payload.clone();
            damaged[at] ^= flip;
            let Ok((decoded, _)) = decode_in(damaged.len(), ReadOptions::default(), &damaged)
            else {
                continue;
            };
            // Only the version can change unnoticed: to one whose readers expect no checksum.
            assert!(matches!(decoded.first(), Some(Item::Version(1..=4))), "byte {at} ^ {flip:#x}");
            assert_eq!(decoded[1..decoded.len() - 1], items[1..items.len() - 1]);
        }
    }
}

#[test]
fn a_long_string_is_awaited_without_looking_again() {
    let mut decoder = Decoder::new(ReadOptions::default());
    let mut buf = BytesMut::from(&b"REDIS0009\x00\x01k\x80\x00\x10\x00\x00"[..]);
    assert_eq!(decoder.next(&mut buf), Ok(Some(Item::Version(9))));
    assert_eq!(decoder.next(&mut buf), Ok(None));
    assert_eq!((buf.len(), decoder.needed()), (5, 5 + (1 << 20)));
    buf.resize(4 + (1 << 20), b'x');
    assert_eq!((decoder.next(&mut buf), decoder.needed()), (Ok(None), 5 + (1 << 20)));
    buf.extend_from_slice(b"x");
    assert!(matches!(decoder.next(&mut buf), Ok(Some(Item::Entry(_)))));
    assert!(buf.is_empty());
}

/// What valkey-server 9.1 saved of `HSET h a 1 b two`, `HPEXPIREAT h 33177117420000 FIELDS 1 a` and
/// `HSET p x y`.
#[test]
fn a_file_of_valkey_reads() {
    let payload = [
        &b"VALKEY080\xfa\x0avalkey-ver\x059.1.2\xfa\x0aredis-bits\xc0@\xfa\x05ctime\xc2\xb0\x96\x01k\xfa\x08used-mem\xc2\x88\x06\x11\x00\xfa\x08aof-base\xc0\x00"[..],
        b"\xfe\x00\xfb\x02\x00",
        b"\x16\x01h\x02\x01a\xc0\x01\xe0iL\xa6,\x1e\x00\x00\x01b\x03two\xff\xff\xff\xff\xff\xff\xff\xff\x10\x01p\x0d\x0d\x00\x00\x00\x02\x00\x81x\x02\x81y\x02\xff",
        b"\xff\xc3\xe1Y\x17\x11\x0b\xb7~",
    ]
    .concat();
    let items = decode(&payload).expect("a whole payload");
    assert_eq!(items.first(), Some(&Item::Version(80)));
    assert!(matches!(items.last(), Some(Item::End(Checksum::Verified(_)))));
    let hashes: Vec<String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Entry(Entry { value: Value::Data(data), .. }) => Hash::of(data.view()),
            _ => None,
        })
        .map(|hash| {
            let pairs = hash.iter().map(|pair| {
                let text = [pair.field.to_vec(), pair.value.to_vec()].concat();
                format!("{}@{:?}", text.escape_ascii(), pair.expire_at)
            });
            pairs.collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(hashes, ["a1@Some(33177117420000) btwo@None", "xy@None"]);
}
