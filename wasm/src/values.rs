//! What a key holds, as the page's inspector shows it: a stretch of a long value at a time.

use js_sys::Array;
use redarium_core::data::DataRef;
use redarium_core::data::StrRef;
use redarium_core::data::Stream;
use redarium_core::data::ZSet;
use redarium_core::data::geo;
use redarium_core::data::hyperloglog;
use redarium_core::data::number;
use redarium_core::data::stream::Group;
use redarium_core::data::stream::StreamId;
use redarium_core::store::Entry;
use wasm_bindgen::JsValue;

use crate::objects;
use crate::objects::list_of;

/// Bytes of a string, elements of anything else.
pub fn length(entry: &Entry) -> usize {
    match (entry.string(), entry.data()) {
        (Some(text), _) => text.len(),
        (None, Some(DataRef::List(list))) => list.len(),
        (None, Some(DataRef::Set(set))) => set.len(),
        (None, Some(DataRef::Hash(hash))) => hash.len(),
        (None, Some(DataRef::ZSet(zset))) => zset.len(),
        (None, Some(DataRef::Stream(stream))) => {
            usize::try_from(stream.len()).unwrap_or(usize::MAX)
        }
        (None, None) => 0,
    }
}

/// The value from one place on, a `ValueView`.
pub fn value(entry: &Entry, from: usize) -> JsValue {
    match (entry.string(), entry.data()) {
        (Some(text), _) => string(&text.to_cow(), from),
        (None, Some(data)) => collection(data, from),
        (None, None) => JsValue::NULL,
    }
}

fn string(bytes: &[u8], from: usize) -> JsValue {
    let rest = bytes.get(from..).unwrap_or_default();
    let raw = rest.get(..BYTES_SHOWN).unwrap_or(rest).to_vec();
    objects::text_value(raw, registers(bytes))
}

/// The registers, if the string is a HyperLogLog.
fn registers(bytes: &[u8]) -> Option<Vec<u8>> {
    hyperloglog::encoding(bytes)?;
    let mut registers = hyperloglog::Registers::default();
    registers.merge(bytes).ok()?;
    Some(registers.iter().collect())
}

fn collection(data: DataRef<'_>, from: usize) -> JsValue {
    let items = Array::new();
    let push = |name: StrRef<'_>, value: Option<&str>| {
        items.push(&objects::item(&shown(name), value));
    };
    let mut points = JsValue::NULL;
    match data {
        DataRef::List(list) => list.for_each(from, ITEMS_SHOWN, |element| push(element, None)),
        DataRef::Set(set) => {
            set.iter().skip(from).take(ITEMS_SHOWN).for_each(|member| push(member, None));
        }
        DataRef::Hash(hash) => {
            for pair in hash.iter().skip(from).take(ITEMS_SHOWN) {
                push(pair.field, Some(&shown(pair.value)));
            }
        }
        DataRef::ZSet(zset) => {
            for (member, score) in zset.iter().skip(from).take(ITEMS_SHOWN) {
                push(member, Some(&number::format_double(score)));
            }
            points = self::points(zset, from);
        }
        DataRef::Stream(stream) => return self::stream(stream),
    }
    objects::items_value(items.into(), points)
}

/// The places that the scores stand for, if all may be those of GEOADD.
fn points(zset: &ZSet, from: usize) -> JsValue {
    let points = Array::new();
    for (_, score) in zset.iter().skip(from).take(ITEMS_SHOWN) {
        if score.fract() != 0.0 || !GEO_SCORES.contains(&score) {
            return JsValue::NULL;
        }
        let point = geo::Point::from_score(score);
        points.push(&objects::point(point.longitude, point.latitude));
    }
    points.into()
}

/// The newest entries, the nodes that hold the stream, and its groups.
fn stream(stream: &Stream) -> JsValue {
    let newest = stream.range(StreamId::MIN, StreamId::MAX).reversed().take(ENTRIES_SHOWN);
    let mut entries: Vec<JsValue> = newest
        .map(|entry| {
            let fields = list_of(entry.fields().take(FIELDS_SHOWN), |(field, value)| {
                objects::item(&shown(field), Some(&shown(value)))
            });
            objects::stream_entry(&entry.id.to_string(), fields)
        })
        .collect();
    entries.reverse();
    let nodes = list_of(stream.listpacks(), |(id, pack)| {
        objects::stream_node(&id.to_string(), pack.total_bytes() as f64)
    });
    let groups = list_of(stream.groups.iter(), |(name, group)| self::group(stream, name, group));
    objects::stream_value(
        list_of(entries, |entry| entry),
        nodes,
        &stream.last_id().to_string(),
        groups,
    )
}

fn group(stream: &Stream, name: &[u8], group: &Group) -> JsValue {
    let pending = list_of(group.pending().iter().take(PENDING_SHOWN), |(id, pending)| {
        objects::pending(
            &id.to_string(),
            &text(&pending.consumer),
            pending.delivered_ms as f64,
            pending.deliveries as f64,
        )
    });
    let consumers = list_of(group.consumers(), |(name, consumer)| {
        objects::consumer(&text(name), consumer.seen_ms as f64, consumer.pending().len() as f64)
    });
    objects::group(
        &text(name),
        &group.last_id.to_string(),
        stream.lag(group).map(|lag| lag as f64),
        group.pending().len() as f64,
        pending,
        consumers,
    )
}

fn shown(value: StrRef<'_>) -> String {
    text(&value.to_cow())
}

/// The beginning of a text.
pub fn text(bytes: &[u8]) -> String {
    match bytes.get(..TEXT_BYTES_SHOWN) {
        Some(head) => format!("{}\u{2026}", String::from_utf8_lossy(head)),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Elements, or bytes of a string, handed over at once.
const ITEMS_SHOWN: usize = 100;
const BYTES_SHOWN: usize = 4096;
const ENTRIES_SHOWN: usize = 40;
const FIELDS_SHOWN: usize = 8;
const PENDING_SHOWN: usize = 100;
const TEXT_BYTES_SHOWN: usize = 200;

/// Of places other than a corner of the Pacific; smaller numbers are rather counts and times.
const GEO_SCORES: std::ops::Range<f64> = (1_u64 << 44) as f64..(1_u64 << 52) as f64;
