//! Names every byte of a record: an opcode with its operands, or an entry down to the elements of its value.
//!
//! The records' bounds, and whether a file is sound, are for [`Decoder`](super::Decoder) to say; this walks one
//! record and needs nothing from those before it but the version of the format.

mod packed;
mod stream;

use super::decode::Dialect;
use super::length::Prefix;
use super::opcode;
use super::string;
use crate::data::lzf;
use crate::data::number;
use crate::persist::span::Span;
use crate::persist::span::SpanKind::Checksum;
use crate::persist::span::SpanKind::Encoding;
use crate::persist::span::SpanKind::Fact;
use crate::persist::span::SpanKind::Key;
use crate::persist::span::SpanKind::Length;
use crate::persist::span::SpanKind::Opcode;
use crate::persist::span::SpanKind::Value;
use crate::persist::span::Walk;
use crate::persist::span::shown;

/// The spans of one record, which `bytes` begins with, and its name in a few words.
pub fn annotate(bytes: &[u8], version: u16, spans_max: usize) -> (Vec<Span>, String) {
    let mut walk = Walk::new(bytes, spans_max);
    let title = record(&mut walk, version);
    walk.leave_rest("what makes no sense here");
    (walk.spans, title.unwrap_or_else(|| "damaged".into()))
}

fn record(walk: &mut Walk<'_>, version: u16) -> Option<String> {
    if let Some(name) = [&b"REDIS"[..], b"VALKEY"].iter().find(|name| walk.rest().starts_with(name))
    {
        walk.take_named(Opcode, name.len(), "signature: this is a snapshot")?;
        let start = walk.at();
        let digits = String::from_utf8_lossy(walk.take(9 - name.len())?).into_owned();
        walk.name(Fact, start, format!("version {digits} of the format"));
        return Some(format!("signature, version {}", digits.trim_start_matches('0')));
    }
    while attribute(walk)? {}
    let start = walk.at();
    let [code] = walk.array()?;
    if let Some(meaning) = meaning(code) {
        walk.name(Opcode, start, meaning);
        return operands(walk, code);
    }
    let (name, form) = type_name(code);
    walk.name(Opcode, start, format!("type {code}: {name}, {form}"));
    let key = text(walk, Key, "key")?;
    // What is there is named, however the value ends.
    let _ = value(walk, code, Dialect::of(version));
    Some(format!("{name} {}", plain(&key)))
}

/// What is known about the entry to come, one thing of it; whether there was any.
fn attribute(walk: &mut Walk<'_>) -> Option<bool> {
    let text = match *walk.rest().first()? {
        opcode::EXPIRE_SECONDS => "opcode: expires, in seconds",
        opcode::EXPIRE_MS => "opcode: expires, in milliseconds",
        opcode::IDLE => "opcode: idle, for LRU",
        opcode::FREQ => "opcode: frequency, for LFU",
        opcode::SLOT_INFO => "opcode: sizes of a slot",
        _ => return Some(false),
    };
    let [code] = walk.array()?;
    walk.name(Opcode, walk.at() - 1, text);
    match code {
        opcode::EXPIRE_SECONDS => walk.number(Fact, 4, "seconds since 1970")?,
        opcode::EXPIRE_MS => walk.number(Fact, 8, "milliseconds since 1970")?,
        opcode::IDLE => length(walk, "seconds since the last access")?,
        opcode::FREQ => walk.number(Fact, 1, "logarithmic counter")?,
        _ => {
            length(walk, "slot")?;
            length(walk, "keys")?;
            length(walk, "keys that expire")?
        }
    };
    Some(true)
}

/// What an opcode says, if it is none of an entry's.
fn meaning(code: u8) -> Option<&'static str> {
    Some(match code {
        opcode::AUX => "opcode: auxiliary field",
        opcode::SELECT_DB => "opcode: select database",
        opcode::RESIZE_DB => "opcode: sizes of the tables to come",
        opcode::FUNCTION => "opcode: function library",
        opcode::EOF => "opcode: end",
        opcode::MODULE_AUX | opcode::FUNCTION_PRE_GA => "opcode: what no other server can read",
        _ => return None,
    })
}

/// What follows an opcode, and the record's title.
fn operands(walk: &mut Walk<'_>, code: u8) -> Option<String> {
    match code {
        opcode::AUX => {
            let key = text(walk, Key, "name")?;
            let value = text(walk, Value, "value")?;
            Some(format!("{} {}", plain(&key), plain(&value)))
        }
        opcode::SELECT_DB => Some(format!("database {}", length(walk, "database")?)),
        opcode::RESIZE_DB => {
            let keys = length(walk, "keys")?;
            let expires = length(walk, "keys that expire")?;
            Some(format!("{keys} keys, {expires} expire"))
        }
        opcode::FUNCTION => {
            text(walk, Value, "source")?;
            Some("function library".into())
        }
        opcode::EOF => {
            if !walk.rest().is_empty() {
                let start = walk.at();
                let sum = u64::from_le_bytes(walk.array()?);
                walk.name(Checksum, start, format!("CRC-64 of all before: {sum:016x}"));
            }
            Some("end and checksum".into())
        }
        _ => None,
    }
}

/// A type, and the form in which its values are written.
fn type_name(kind: u8) -> (&'static str, &'static str) {
    match kind {
        opcode::TYPE_STRING => ("string", "its bytes"),
        opcode::TYPE_LIST => ("list", "element by element"),
        opcode::TYPE_LIST_ZIPLIST => ("list", "one ziplist"),
        opcode::TYPE_LIST_QUICKLIST => ("list", "ziplists"),
        opcode::TYPE_LIST_QUICKLIST_2 => ("list", "listpacks"),
        opcode::TYPE_SET => ("set", "member by member"),
        opcode::TYPE_SET_INTSET => ("set", "one intset"),
        opcode::TYPE_SET_LISTPACK => ("set", "one listpack"),
        opcode::TYPE_ZSET => ("zset", "member by member, scores as text"),
        opcode::TYPE_ZSET_2 => ("zset", "member by member"),
        opcode::TYPE_ZSET_ZIPLIST => ("zset", "one ziplist"),
        opcode::TYPE_ZSET_LISTPACK => ("zset", "one listpack"),
        opcode::TYPE_HASH => ("hash", "field by field"),
        opcode::TYPE_HASH_ZIPMAP => ("hash", "one zipmap"),
        opcode::TYPE_HASH_ZIPLIST => ("hash", "one ziplist"),
        opcode::TYPE_HASH_LISTPACK => ("hash", "one listpack"),
        opcode::TYPE_HASH_METADATA | opcode::TYPE_HASH_METADATA_PRE_GA => {
            ("hash", "field by field, with expiries")
        }
        opcode::TYPE_HASH_LISTPACK_EX | opcode::TYPE_HASH_LISTPACK_EX_PRE_GA => {
            ("hash", "one listpack with expiries")
        }
        opcode::TYPE_STREAM_LISTPACKS
        | opcode::TYPE_STREAM_LISTPACKS_2
        | opcode::TYPE_STREAM_LISTPACKS_3 => ("stream", "listpacks"),
        opcode::TYPE_MODULE | opcode::TYPE_MODULE_PRE_GA => ("module", "the module's own"),
        _ => ("unknown", "no type has this number"),
    }
}

fn value(walk: &mut Walk<'_>, kind: u8, dialect: Dialect) -> Option<()> {
    match kind {
        opcode::TYPE_STRING => text(walk, Value, "value").map(drop),
        opcode::TYPE_LIST => each(walk, "elements", |walk| text(walk, Value, "element").map(drop)),
        opcode::TYPE_SET => each(walk, "members", |walk| text(walk, Value, "member").map(drop)),
        opcode::TYPE_ZSET => each(walk, "members", |walk| {
            text(walk, Value, "member")?;
            text_score(walk)
        }),
        opcode::TYPE_ZSET_2 => each(walk, "members", |walk| {
            text(walk, Value, "member")?;
            let start = walk.at();
            let score = f64::from_le_bytes(walk.array()?);
            walk.name(Value, start, format!("score {}", number::format_double(score)));
            Some(())
        }),
        opcode::TYPE_HASH => each(walk, "fields", pair),
        opcode::TYPE_HASH_METADATA_PRE_GA if dialect == Dialect::Valkey => {
            each(walk, "fields", |walk| {
                pair(walk)?;
                walk.number(Fact, 8, "expires, milliseconds since 1970").map(drop)
            })
        }
        opcode::TYPE_HASH_METADATA_PRE_GA => expiring_fields(walk),
        opcode::TYPE_HASH_METADATA => {
            walk.number(Fact, 8, "first expiry, milliseconds since 1970")?;
            expiring_fields(walk)
        }
        opcode::TYPE_HASH_LISTPACK_EX => {
            walk.number(Fact, 8, "first expiry, milliseconds since 1970")?;
            blob(walk, packed::listpack)
        }
        opcode::TYPE_LIST_QUICKLIST_2 => {
            each(walk, "nodes", |walk| match length(walk, "container")? {
                1 => text(walk, Value, "element").map(drop),
                _ => blob(walk, packed::listpack),
            })
        }
        opcode::TYPE_LIST_QUICKLIST => each(walk, "nodes", |walk| blob(walk, packed::ziplist)),
        opcode::TYPE_LIST_ZIPLIST | opcode::TYPE_ZSET_ZIPLIST | opcode::TYPE_HASH_ZIPLIST => {
            blob(walk, packed::ziplist)
        }
        opcode::TYPE_SET_LISTPACK
        | opcode::TYPE_ZSET_LISTPACK
        | opcode::TYPE_HASH_LISTPACK
        | opcode::TYPE_HASH_LISTPACK_EX_PRE_GA => blob(walk, packed::listpack),
        opcode::TYPE_SET_INTSET => blob(walk, packed::intset),
        opcode::TYPE_HASH_ZIPMAP => text(walk, Value, "zipmap").map(drop),
        opcode::TYPE_STREAM_LISTPACKS
        | opcode::TYPE_STREAM_LISTPACKS_2
        | opcode::TYPE_STREAM_LISTPACKS_3 => stream::value(walk, kind),
        _ => {
            let left = walk.rest().len();
            walk.take_named(Value, left, "what only its module can read")
        }
    }
}

fn expiring_fields(walk: &mut Walk<'_>) -> Option<()> {
    each(walk, "fields", |walk| {
        length(walk, "expiry, counted from the first; 0 is never")?;
        pair(walk)
    })
}

fn pair(walk: &mut Walk<'_>) -> Option<()> {
    text(walk, Key, "field")?;
    text(walk, Value, "value").map(drop)
}

/// A score as digits, with one byte for how many, or for what no digits can say.
fn text_score(walk: &mut Walk<'_>) -> Option<()> {
    let start = walk.at();
    let [digits] = walk.array()?;
    match digits {
        253..=255 => walk.name(Value, start, "score: not a number, or infinite"),
        digits => {
            walk.name(Length, start, format!("digits of the score: {digits}"));
            let start = walk.at();
            let score = shown(walk.take(digits.into())?);
            walk.name(Value, start, format!("score {score}"));
        }
    }
    Some(())
}

/// A number of elements, then so many.
fn each(walk: &mut Walk<'_>, what: &str, one: impl Fn(&mut Walk<'_>) -> Option<()>) -> Option<()> {
    let count = length(walk, what)?;
    for _ in 0..count {
        if !walk.goes_on() {
            return None;
        }
        one(walk)?;
    }
    Some(())
}

/// A length, or a number that is written as one.
fn length(walk: &mut Walk<'_>, what: &str) -> Option<u64> {
    let start = walk.at();
    let [first] = walk.array()?;
    let length = length_after(walk, first)?;
    walk.name(Length, start, format!("{what}: {length}"));
    Some(length)
}

fn length_after(walk: &mut Walk<'_>, first: u8) -> Option<u64> {
    Some(match Prefix::parse(first) {
        Prefix::Six(length) => length.into(),
        Prefix::Fourteen(high) => u16::from_be_bytes([high, *walk.array::<1>()?.first()?]).into(),
        Prefix::ThirtyTwo => u32::from_be_bytes(walk.array()?).into(),
        Prefix::SixtyFour => u64::from_be_bytes(walk.array()?),
        Prefix::Encoding(_) | Prefix::Unknown => return None,
    })
}

/// A string in whichever encoding; the beginning of what it holds.
fn text(walk: &mut Walk<'_>, kind: crate::persist::span::SpanKind, what: &str) -> Option<Vec<u8>> {
    let start = walk.at();
    let [first] = walk.array()?;
    let bytes = match Prefix::parse(first) {
        Prefix::Encoding(string::LZF) => {
            walk.name(Encoding, start, format!("{what}: compressed with LZF"));
            return packed_text(walk, kind, what);
        }
        Prefix::Encoding(string::INT8) => 1,
        Prefix::Encoding(string::INT16) => 2,
        Prefix::Encoding(string::INT32) => 4,
        _ => {
            let length = usize::try_from(length_after(walk, first)?).ok()?;
            walk.name(Length, start, format!("length of the {what}: {length}"));
            let start = walk.at();
            let bytes = walk.take(length)?;
            walk.name(kind, start, format!("{what} {}", shown(bytes)));
            return Some(head(bytes));
        }
    };
    walk.name(Encoding, start, format!("{what}: a number of {} bits", bytes * 8));
    let start = walk.at();
    let sign_bits = 64 - 8 * u32::try_from(bytes).ok()?;
    let number =
        walk.take(bytes)?.iter().rev().fold(0_i64, |number, byte| number << 8 | i64::from(*byte));
    let number = number << sign_bits >> sign_bits;
    walk.name(kind, start, format!("{what} {number}"));
    Some(number.to_string().into_bytes())
}

fn packed_text(
    walk: &mut Walk<'_>,
    kind: crate::persist::span::SpanKind,
    what: &str,
) -> Option<Vec<u8>> {
    let packed = usize::try_from(length(walk, "compressed bytes")?).ok()?;
    let whole = usize::try_from(length(walk, "bytes it becomes")?).ok()?;
    let start = walk.at();
    let bytes = walk.take(packed)?;
    let is_short = whole <= UNPACKED_MAX && lzf::plausible(packed, whole);
    let unpacked = is_short.then(|| lzf::decompress(bytes, whole)).flatten();
    let said = unpacked.as_deref().map_or_else(|| "not unpacked here".into(), shown);
    walk.name(kind, start, format!("{what} {said}"));
    Some(unpacked.as_deref().map(head).unwrap_or_default())
}

/// A string whose bytes are a structure of their own. A compressed one shows no bytes of it.
fn blob(walk: &mut Walk<'_>, inside: fn(&mut Walk<'_>)) -> Option<()> {
    let is_plain = matches!(
        Prefix::parse(*walk.rest().first()?),
        Prefix::Six(_) | Prefix::Fourteen(_) | Prefix::ThirtyTwo | Prefix::SixtyFour
    );
    if !is_plain {
        return text(walk, Value, "packed elements").map(drop);
    }
    let bytes = usize::try_from(length(walk, "bytes of the elements together")?).ok()?;
    walk.within(bytes, "the elements", inside)
}

fn head(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..TITLE_BYTES).unwrap_or(bytes).to_vec()
}

/// A name as a title says it: quoted only where it has to be.
fn plain(bytes: &[u8]) -> String {
    match !bytes.is_empty() && bytes.iter().all(u8::is_ascii_graphic) {
        true => String::from_utf8_lossy(bytes).into_owned(),
        false => shown(bytes),
    }
}

const TITLE_BYTES: usize = 60;
/// Longest string that is unpacked to be shown, in bytes.
const UNPACKED_MAX: usize = 1024 * 1024;
