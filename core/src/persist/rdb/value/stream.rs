//! Streams, in the form of Redis 7.0: nodes as they are, what XINFO tells, groups. When a consumer was
//! last active, which 7.2 tells apart from when it was last seen, is not in it.

use std::collections::btree_map;

use bytes::{BufMut, BytesMut};

use crate::data::lzf::Compressor;
use crate::data::stream::{Consumer, Group, StreamId};
use crate::data::{Place, Stream};
use crate::persist::rdb::{length, string};

pub(super) fn write_from(
    out: &mut BytesMut,
    stream: &Stream,
    mut place: Place,
    until: usize,
    mut compressor: Option<&mut Compressor>,
) -> Option<Place> {
    loop {
        place = write_piece(out, stream, place, compressor.as_deref_mut())?;
        if out.len() >= until {
            return Some(place);
        }
    }
}

/// Writes a node, or so much of the rest; where to go on.
fn write_piece(
    out: &mut BytesMut,
    stream: &Stream,
    place: Place,
    compressor: Option<&mut Compressor>,
) -> Option<Place> {
    match place {
        Place::Entries(from) => Some(match write_node(out, stream, from, compressor) {
            Some(next) => Place::Entries(next),
            None => {
                write_facts(out, stream);
                Place::Group(0)
            }
        }),
        Place::Group(group) => {
            let (name, found) = stream.groups.iter().nth(group)?;
            string::write(out, name, None);
            write_group_head(out, found);
            Some(Place::Pending { group, from: StreamId::MIN })
        }
        Place::Pending { group, from } => {
            let (_, found) = stream.groups.iter().nth(group)?;
            Some(match write_pending(out, found, from) {
                Some(from) => Place::Pending { group, from },
                None => {
                    length::write(out, found.consumers_len() as u64);
                    Place::Consumer { group, consumer: 0 }
                }
            })
        }
        Place::Consumer { group, consumer } => {
            let (_, found) = stream.groups.iter().nth(group)?;
            let Some((name, found)) = found.consumers().nth(consumer) else {
                return Some(Place::Group(group + 1));
            };
            string::write(out, name, None);
            out.put_i64_le(found.seen_ms);
            length::write(out, found.pending().len() as u64);
            Some(Place::Owned { group, consumer, from: StreamId::MIN })
        }
        Place::Owned { group, consumer, from } => {
            let (_, found) = stream.groups.iter().nth(group)?;
            let (_, found) = found.consumers().nth(consumer)?;
            Some(match write_owned(out, found, from) {
                Some(from) => Place::Owned { group, consumer, from },
                None => Place::Consumer { group, consumer: consumer + 1 },
            })
        }
        Place::Start | Place::Index(_) | Place::Walk(_) | Place::SecondWalk(_) => {
            length::write(out, stream.nodes() as u64);
            Some(Place::Entries(StreamId::MIN))
        }
    }
}

/// Writes the first node from an id on; where the next one may be.
fn write_node(
    out: &mut BytesMut,
    stream: &Stream,
    from: StreamId,
    compressor: Option<&mut Compressor>,
) -> Option<StreamId> {
    let (id, pack) = stream.listpack_from(from)?;
    string::write(out, &id.to_be_bytes(), None);
    string::write(out, pack.as_bytes(), compressor);
    id.next()
}

fn write_facts(out: &mut BytesMut, stream: &Stream) {
    length::write(out, stream.len());
    write_id(out, stream.last_id());
    write_id(out, stream.first_id());
    write_id(out, stream.max_deleted_id());
    length::write(out, stream.entries_added());
    length::write(out, stream.groups.len() as u64);
}

fn write_group_head(out: &mut BytesMut, group: &Group) {
    write_id(out, group.last_id);
    length::write(out, group.entries_read.unwrap_or(ENTRIES_READ_UNKNOWN));
    length::write(out, group.pending().len() as u64);
}

/// Writes some pending entries; from where on there may be more.
fn write_pending(out: &mut BytesMut, group: &Group, from: StreamId) -> Option<StreamId> {
    let mut entries: btree_map::Range<'_, _, _> = group.pending().range(from..);
    let mut last = None;
    for (id, pending) in entries.by_ref().take(PENDING_AT_ONCE) {
        out.put_slice(&id.to_be_bytes());
        out.put_i64_le(pending.delivered_ms);
        length::write(out, pending.deliveries);
        last = Some(*id);
    }
    entries.next().and(last)?.next()
}

/// As [`write_pending`], of those that are one consumer's.
fn write_owned(out: &mut BytesMut, consumer: &Consumer, from: StreamId) -> Option<StreamId> {
    let mut ids = consumer.pending().range(from..);
    let mut last = None;
    for id in ids.by_ref().take(PENDING_AT_ONCE) {
        out.put_slice(&id.to_be_bytes());
        last = Some(*id);
    }
    ids.next().and(last)?.next()
}

fn write_id(out: &mut BytesMut, id: StreamId) {
    length::write(out, id.ms);
    length::write(out, id.seq);
}

/// Entries pending that are written before anybody asks whether that is enough.
const PENDING_AT_ONCE: usize = 128;

/// Redis's -1.
pub(in crate::persist::rdb) const ENTRIES_READ_UNKNOWN: u64 = u64::MAX;
