//! Writes a base as requests (`aof-use-rdb-preamble no`): the shortest that build each value.
//!
//! As Redis writes them: elements go by 64 a request, times are absolute, and a stream's groups are
//! told by how far they have read and what they have pending.

use bytes::BufMut;
use bytes::Bytes;
use bytes::BytesMut;

use super::writer;
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
use crate::resp::begin_request;
use crate::resp::write_arg;
use crate::resp::write_request;
use crate::store::Entry;

/// Appends entries to a buffer of its own, from which [`take`](Self::take) removes what is there.
#[derive(Debug, Default)]
pub struct Rewriter {
    out: BytesMut,
    taken: u64,
}

impl Rewriter {
    /// Begins a file; `second` is noted in it, in seconds since 1970.
    pub fn new(second: Option<i64>) -> Self {
        let mut out = BytesMut::new();
        if let Some(second) = second {
            out.put_slice(writer::annotation(second).as_bytes());
        }
        Self { out, taken: 0 }
    }

    /// Bytes waiting to be taken.
    pub fn pending(&self) -> usize {
        self.out.len()
    }

    /// Length of the file so far, what was taken included.
    pub fn written(&self) -> u64 {
        self.taken + self.out.len() as u64
    }

    pub fn take(&mut self) -> Bytes {
        self.taken += self.out.len() as u64;
        self.out.split().freeze()
    }

    /// The entries that follow belong to this database.
    pub fn select_db(&mut self, db: usize) {
        writer::write_select(&mut self.out, db);
    }

    /// A key with its value and expiry.
    pub fn entry(&mut self, entry: &Entry) {
        let key = entry.key();
        match (entry.string(), entry.data()) {
            (Some(value), _) => self.request(&[b"SET", key, &value.to_cow()]),
            (None, Some(DataRef::List(list))) => self.list(key, list),
            (None, Some(DataRef::Set(set))) => self.set(key, set),
            (None, Some(DataRef::Hash(hash))) => self.hash(key, hash),
            (None, Some(DataRef::ZSet(zset))) => self.zset(key, zset),
            (None, Some(DataRef::Stream(stream))) => self.stream(key, stream),
            (None, None) => {}
        }
        if let Some(at) = entry.expire_at() {
            self.request(&[b"PEXPIREAT", key, number_text(at).as_bytes()]);
        }
    }

    fn list(&mut self, key: &[u8], list: &List) {
        let mut batch = Batch::new(b"RPUSH", key, 1, list.len());
        list.for_each(0, list.len(), |element| batch.add(&mut self.out, &[element]));
    }

    fn set(&mut self, key: &[u8], set: &Set) {
        let mut batch = Batch::new(b"SADD", key, 1, set.len());
        for member in set.iter() {
            batch.add(&mut self.out, &[member]);
        }
    }

    fn hash(&mut self, key: &[u8], hash: HashRef<'_>) {
        let mut batch = Batch::new(b"HMSET", key, 2, hash.len());
        for pair in hash.iter() {
            batch.add(&mut self.out, &[pair.field, pair.value]);
        }
        for pair in hash.iter() {
            let Some(at) = pair.expire_at else { continue };
            let (at, field) = (number_text(at), pair.field.to_cow());
            self.request(&[b"HPEXPIREAT", key, at.as_bytes(), b"FIELDS", b"1", &field]);
        }
    }

    fn zset(&mut self, key: &[u8], zset: &ZSet) {
        let mut batch = Batch::new(b"ZADD", key, 2, zset.len());
        for (member, score) in zset.iter() {
            let score = number::format_double(score);
            batch.add(&mut self.out, &[StrRef::Bytes(score.as_bytes()), member]);
        }
    }

    fn stream(&mut self, key: &[u8], stream: &Stream) {
        let last_id = stream.last_id();
        for entry in stream.range(StreamId::MIN, StreamId::MAX) {
            let fields = entry.fields();
            begin_request(&mut self.out, 3 + 2 * fields.clone().count());
            for word in [b"XADD", key, entry.id.to_string().as_bytes()] {
                write_arg(&mut self.out, word);
            }
            for (field, value) in fields {
                write_arg(&mut self.out, &field.to_cow());
                write_arg(&mut self.out, &value.to_cow());
            }
        }
        if stream.is_empty() {
            // An entry that goes at once leaves an empty stream. No entry can have the least id.
            let id = last_id.max(StreamId { ms: 0, seq: 1 }).to_string();
            self.request(&[b"XADD", key, b"MAXLEN", b"0", id.as_bytes(), b"x", b"y"]);
        }
        self.request(&[
            b"XSETID",
            key,
            last_id.to_string().as_bytes(),
            b"ENTRIESADDED",
            stream.entries_added().to_string().as_bytes(),
            b"MAXDELETEDID",
            stream.max_deleted_id().to_string().as_bytes(),
        ]);
        for (name, group) in stream.groups.iter() {
            self.group(key, name, group);
        }
    }

    fn group(&mut self, key: &[u8], name: &[u8], group: &Group) {
        let read = group.entries_read.map_or("-1".to_owned(), |read| read.to_string());
        let last_id = group.last_id.to_string();
        let place = [last_id.as_bytes(), b"ENTRIESREAD", read.as_bytes()];
        self.request(&[b"XGROUP", b"CREATE", key, name, place[0], place[1], place[2]]);
        for (consumer, known) in group.consumers() {
            if known.pending().is_empty() {
                self.request(&[b"XGROUP", b"CREATECONSUMER", key, name, consumer]);
            }
        }
        for (id, pending) in group.pending() {
            let (id, time) = (id.to_string(), number_text(pending.delivered_ms));
            let deliveries = pending.deliveries.to_string();
            self.request(&[
                b"XCLAIM",
                key,
                name,
                &pending.consumer,
                b"0",
                id.as_bytes(),
                b"TIME",
                time.as_bytes(),
                b"RETRYCOUNT",
                deliveries.as_bytes(),
                b"JUSTID",
                b"FORCE",
            ]);
        }
    }

    fn request(&mut self, words: &[&[u8]]) {
        write_request(&mut self.out, words.iter().copied());
    }
}

/// Requests that add the elements of one value, some at a time.
struct Batch<'a> {
    command: &'a [u8],
    key: &'a [u8],
    /// Words an element takes.
    words: usize,
    left: usize,
    room: usize,
}

impl<'a> Batch<'a> {
    fn new(command: &'a [u8], key: &'a [u8], words: usize, elements: usize) -> Self {
        Self { command, key, words, left: elements, room: 0 }
    }

    fn add(&mut self, out: &mut BytesMut, words: &[StrRef<'_>]) {
        if self.room == 0 {
            self.room = self.left.min(ELEMENTS_PER_REQUEST);
            begin_request(out, 2 + self.words * self.room);
            write_arg(out, self.command);
            write_arg(out, self.key);
        }
        for word in words {
            write_arg(out, &word.to_cow());
        }
        self.room -= 1;
        self.left -= 1;
    }
}

fn number_text(value: i64) -> String {
    itoa::Buffer::new().format(value).to_owned()
}

/// As many as Redis takes.
const ELEMENTS_PER_REQUEST: usize = 64;
