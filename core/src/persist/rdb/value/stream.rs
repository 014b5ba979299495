//! Streams, in the form of Redis 7.0: nodes as they are, what XINFO tells, groups. When a consumer was
//! last active, which 7.2 tells apart from when it was last seen, is not in it.

use bytes::{BufMut, BytesMut};

use crate::data::Stream;
use crate::data::lzf::Compressor;
use crate::data::stream::{Group, StreamId};
use crate::persist::rdb::{length, string};

pub(super) fn write(out: &mut BytesMut, stream: &Stream, mut compressor: Option<&mut Compressor>) {
    let nodes = stream.listpacks();
    length::write(out, nodes.len() as u64);
    for (id, pack) in nodes {
        string::write(out, &id.to_be_bytes(), None);
        string::write(out, pack.as_bytes(), compressor.as_deref_mut());
    }
    length::write(out, stream.len());
    write_id(out, stream.last_id());
    write_id(out, stream.first_id());
    write_id(out, stream.max_deleted_id());
    length::write(out, stream.entries_added());
    length::write(out, stream.groups.len() as u64);
    for (name, group) in stream.groups.iter() {
        string::write(out, name, None);
        write_group(out, group);
    }
}

fn write_group(out: &mut BytesMut, group: &Group) {
    write_id(out, group.last_id);
    length::write(out, group.entries_read.unwrap_or(ENTRIES_READ_UNKNOWN));
    length::write(out, group.pending().len() as u64);
    for (id, pending) in group.pending() {
        out.put_slice(&id.to_be_bytes());
        out.put_i64_le(pending.delivered_ms);
        length::write(out, pending.deliveries);
    }
    length::write(out, group.consumers_len() as u64);
    for (name, consumer) in group.consumers() {
        string::write(out, name, None);
        out.put_i64_le(consumer.seen_ms);
        length::write(out, consumer.pending().len() as u64);
        for id in consumer.pending() {
            out.put_slice(&id.to_be_bytes());
        }
    }
}

fn write_id(out: &mut BytesMut, id: StreamId) {
    length::write(out, id.ms);
    length::write(out, id.seq);
}

/// Redis's -1.
pub(in crate::persist::rdb) const ENTRIES_READ_UNKNOWN: u64 = u64::MAX;
