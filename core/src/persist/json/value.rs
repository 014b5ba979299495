//! The shape each type has in JSON.

use super::text::Writer;
use crate::data::DataRef;
use crate::data::HashRef;
use crate::data::List;
use crate::data::Set;
use crate::data::StrRef;
use crate::data::Stream;
use crate::data::ZSet;
use crate::data::number;
use crate::data::stream::Group;
use crate::data::stream::StreamId;
use crate::persist::rdb::StringValue;
use crate::persist::rdb::Value;

pub(super) fn type_name(value: &Value) -> &'static [u8] {
    match value {
        Value::String(_) => b"string",
        Value::Data(data) => match data.view() {
            DataRef::List(_) => b"list",
            DataRef::Set(_) => b"set",
            DataRef::Hash(_) => b"hash",
            DataRef::ZSet(_) => b"zset",
            DataRef::Stream(_) => b"stream",
        },
    }
}

pub(super) fn write(out: &mut Writer, value: &Value) {
    match value {
        Value::String(StringValue::Int(value)) => string(out, StrRef::Int(*value)),
        Value::String(StringValue::Bytes(bytes)) => out.string(bytes),
        Value::Data(data) => match data.view() {
            DataRef::List(list) => write_list(out, list),
            DataRef::Set(set) => write_set(out, set),
            DataRef::Hash(hash) => write_hash(out, hash),
            DataRef::ZSet(zset) => write_zset(out, zset),
            DataRef::Stream(stream) => write_stream(out, stream),
        },
    }
}

fn string(out: &mut Writer, text: StrRef<'_>) {
    out.string(text.as_bytes(&mut itoa::Buffer::new()));
}

fn write_list(out: &mut Writer, list: &List) {
    out.array(|a| list.for_each(0, list.len(), |element| string(a.element(), element)));
}

fn write_set(out: &mut Writer, set: &Set) {
    out.array(|a| set.iter().for_each(|member| string(a.element(), member)));
}

fn write_hash(out: &mut Writer, hash: HashRef<'_>) {
    out.array(|a| {
        for pair in hash {
            a.element().object(|o| {
                string(o.key("field"), pair.field);
                string(o.key("value"), pair.value);
                if let Some(at) = pair.expire_at {
                    o.key("expire_at_ms").number(at);
                }
            });
        }
    });
}

fn write_zset(out: &mut Writer, zset: &ZSet) {
    out.array(|a| {
        for (member, score) in zset.iter() {
            a.element().object(|o| {
                string(o.key("member"), member);
                let text = number::format_double(score);
                match score.is_finite() {
                    true => o.key("score").number(text),
                    // JSON has no number for it.
                    false => o.key("score").string(text.as_bytes()),
                }
            });
        }
    });
}

fn write_stream(out: &mut Writer, stream: &Stream) {
    out.object(|o| {
        o.key("entries").array(|a| {
            for entry in stream.range(StreamId::MIN, StreamId::MAX) {
                a.element().object(|o| {
                    id(o.key("id"), entry.id);
                    o.key("fields").array(|a| {
                        for (field, value) in entry.fields() {
                            a.element().object(|o| {
                                string(o.key("field"), field);
                                string(o.key("value"), value);
                            });
                        }
                    });
                });
            }
        });
        id(o.key("last_id"), stream.last_id());
        id(o.key("max_deleted_id"), stream.max_deleted_id());
        o.key("entries_added").number(stream.entries_added());
        o.key("groups").array(|a| {
            for (name, group) in stream.groups.iter() {
                write_group(a.element(), name, group);
            }
        });
    });
}

fn write_group(out: &mut Writer, name: &[u8], group: &Group) {
    out.object(|o| {
        o.key("name").string(name);
        id(o.key("last_id"), group.last_id);
        match group.entries_read {
            Some(count) => o.key("entries_read").number(count),
            None => o.key("entries_read").null(),
        }
        o.key("pending").array(|a| {
            for (pending_id, pending) in group.pending() {
                a.element().object(|o| {
                    id(o.key("id"), *pending_id);
                    o.key("consumer").string(&pending.consumer);
                    o.key("delivered_ms").number(pending.delivered_ms);
                    o.key("deliveries").number(pending.deliveries);
                });
            }
        });
        o.key("consumers").array(|a| {
            for (name, consumer) in group.consumers() {
                a.element().object(|o| {
                    o.key("name").string(name);
                    o.key("seen_ms").number(consumer.seen_ms);
                    if let Some(at) = consumer.active_ms {
                        o.key("active_ms").number(at);
                    }
                });
            }
        });
    });
}

fn id(out: &mut Writer, id: StreamId) {
    out.string(format!("{}-{}", id.ms, id.seq).as_bytes());
}
