//! The keys of a node as the page's inspector shows them: what they are, when they expire, and the
//! beginning of their values.

use js_sys::Array;
use redarium_core::data::DataRef;
use redarium_core::data::StrRef;
use redarium_core::data::Stream;
use redarium_core::data::number;
use redarium_core::data::order;
use redarium_core::data::stream::Group;
use redarium_core::data::stream::StreamId;
use redarium_core::store::Entry;
use wasm_bindgen::JsValue;

use crate::objects;
use crate::objects::list_of;

/// The first keys by database and name, each a `KeyView`.
pub fn list<'a>(entries: impl Iterator<Item = (usize, &'a Entry)>) -> JsValue {
    let mut entries: Vec<(usize, &Entry)> = entries.collect();
    order::sort_by(&mut entries, |(a_db, a), (b_db, b)| (a_db, a.key()).cmp(&(b_db, b.key())));
    list_of(entries.into_iter().take(KEYS_SHOWN), |(db, entry)| key(db, entry))
}

fn key(db: usize, entry: &Entry) -> JsValue {
    let (length, value) = match (entry.string(), entry.data()) {
        (Some(text), _) => (text.len(), objects::text_value(&shown(text))),
        (None, Some(data)) => collection(data),
        (None, None) => (0, JsValue::NULL),
    };
    objects::key(
        db as f64,
        &text(entry.key()),
        entry.type_name(),
        entry.encoding().name(),
        entry.expire_at().map(|at| at as f64),
        entry.heap_bytes() as f64,
        length as f64,
        value,
    )
}

/// How many elements there are, and the first of them.
fn collection(data: DataRef<'_>) -> (usize, JsValue) {
    let items = Array::new();
    let length = match data {
        DataRef::List(list) => {
            list.for_each(0, ITEMS_SHOWN, |element| {
                items.push(&objects::item(&shown(element), None));
            });
            list.len()
        }
        DataRef::Set(set) => {
            for member in set.iter().take(ITEMS_SHOWN) {
                items.push(&objects::item(&shown(member), None));
            }
            set.len()
        }
        DataRef::Hash(hash) => {
            for pair in hash.iter().take(ITEMS_SHOWN) {
                let value = shown(pair.value);
                items.push(&objects::item(&shown(pair.field), Some(&value)));
            }
            hash.len()
        }
        DataRef::ZSet(zset) => {
            for (member, score) in zset.iter().take(ITEMS_SHOWN) {
                let score = number::format_double(score);
                items.push(&objects::item(&shown(member), Some(&score)));
            }
            zset.len()
        }
        DataRef::Stream(stream) => {
            let length = usize::try_from(stream.len()).unwrap_or(usize::MAX);
            return (length, self::stream(stream));
        }
    };
    (length, objects::items_value(items.into()))
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
fn text(bytes: &[u8]) -> String {
    match bytes.get(..TEXT_BYTES_SHOWN) {
        Some(head) => format!("{}\u{2026}", String::from_utf8_lossy(head)),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

const KEYS_SHOWN: usize = 200;
const ITEMS_SHOWN: usize = 20;
const ENTRIES_SHOWN: usize = 40;
const FIELDS_SHOWN: usize = 8;
const PENDING_SHOWN: usize = 100;
const TEXT_BYTES_SHOWN: usize = 200;
