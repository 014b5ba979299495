//! Streams: the nodes of the tree, what XINFO tells, the groups with what they delivered.

use super::blob;
use super::each;
use super::length;
use super::packed;
use super::text;
use crate::persist::rdb::opcode;
use crate::persist::span::SpanKind::Fact;
use crate::persist::span::SpanKind::Key;
use crate::persist::span::Walk;

pub(super) fn value(walk: &mut Walk<'_>, kind: u8) -> Option<()> {
    each(walk, "nodes of the tree", |walk| {
        length(walk, "bytes of the first id")?;
        raw_id(walk, "first id of the node")?;
        blob(walk, packed::listpack)
    })?;
    length(walk, "entries")?;
    id(walk, "last id")?;
    if kind >= opcode::TYPE_STREAM_LISTPACKS_2 {
        id(walk, "first id")?;
        id(walk, "greatest deleted id")?;
        length(walk, "entries ever added")?;
    }
    each(walk, "groups", |walk| walk.group("group", |walk| group(walk, kind)))
}

fn group(walk: &mut Walk<'_>, kind: u8) -> Option<()> {
    text(walk, Key, "name of the group")?;
    id(walk, "last id delivered")?;
    if kind >= opcode::TYPE_STREAM_LISTPACKS_2 {
        length(walk, "entries read")?;
    }
    each(walk, "pending entries", |walk| {
        raw_id(walk, "pending")?;
        walk.number(Fact, 8, "delivered, milliseconds since 1970")?;
        length(walk, "deliveries").map(drop)
    })?;
    each(walk, "consumers", |walk| {
        text(walk, Key, "name of the consumer")?;
        walk.number(Fact, 8, "last seen, milliseconds since 1970")?;
        if kind >= opcode::TYPE_STREAM_LISTPACKS_3 {
            walk.number(Fact, 8, "last active, milliseconds since 1970")?;
        }
        each(walk, "entries it holds", |walk| raw_id(walk, "pending"))
    })
}

/// An id as two lengths.
fn id(walk: &mut Walk<'_>, what: &str) -> Option<()> {
    length(walk, &format!("{what}, milliseconds"))?;
    length(walk, &format!("{what}, sequence")).map(drop)
}

/// An id as sixteen bytes, the most significant first.
fn raw_id(walk: &mut Walk<'_>, what: &str) -> Option<()> {
    let start = walk.at();
    let id = u128::from_be_bytes(walk.array()?);
    // Its upper half, and its lower.
    let (ms, sequence) = ((id >> 64) as u64, id as u64);
    walk.name(Key, start, format!("{what} {ms}-{sequence}"));
    Some(())
}
