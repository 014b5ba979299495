//! Writes a base as requests (`aof-use-rdb-preamble no`): the shortest that build each value.
//!
//! As Redis writes them: elements go by 64 a request, times are absolute, and a stream's groups are
//! told by how far they have read and what they have pending.

use std::ops::ControlFlow;

use bytes::BufMut;
use bytes::Bytes;
use bytes::BytesMut;

use super::writer;
use crate::data::DataRef;
use crate::data::HashRef;
use crate::data::List;
use crate::data::Place;
use crate::data::Set;
use crate::data::StrRef;
use crate::data::Stream;
use crate::data::ZSet;
use crate::data::dict::WalkPosition;
use crate::data::list::End;
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
    /// Of the value that is being written.
    batch: Batch,
}

impl Rewriter {
    /// Begins a file; `second` is noted in it, in seconds since 1970.
    pub fn new(second: Option<i64>) -> Self {
        let mut out = BytesMut::new();
        if let Some(second) = second {
            out.put_slice(writer::annotation(second).as_bytes());
        }
        Self { out, taken: 0, batch: Batch::default() }
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
        self.entry_from(entry, Place::Start, usize::MAX);
    }

    /// As [`Self::entry`], from a place on, and only about so many bytes; where to go on, if that was
    /// not all. What was begun is ended before anything else is written.
    pub fn entry_from(&mut self, entry: &Entry, place: Place, bytes: usize) -> Option<Place> {
        let (key, until) = (entry.key(), self.out.len().saturating_add(bytes.max(1)));
        let next = match (entry.string(), entry.data()) {
            (Some(value), _) => {
                self.request(&[b"SET", key, &value.to_cow()]);
                None
            }
            (None, Some(DataRef::List(list))) => self.list(key, list, place, until),
            (None, Some(DataRef::Set(set))) => self.set(key, set, place, until),
            (None, Some(DataRef::Hash(hash))) => self.hash(key, hash, place, until),
            (None, Some(DataRef::ZSet(zset))) => self.zset(key, zset, place, until),
            (None, Some(DataRef::Stream(stream))) => self.stream(key, stream, place, until),
            (None, None) => None,
        };
        if let (Some(at), None) = (entry.expire_at(), next) {
            self.request(&[b"PEXPIREAT", key, number_text(at).as_bytes()]);
        }
        next
    }

    fn list(&mut self, key: &[u8], list: &List, place: Place, until: usize) -> Option<Place> {
        let mut index = self.begun_at(place, 1, list.len());
        let Self { out, batch, .. } = self;
        list.visit(index, usize::MAX, End::Head, |element| {
            batch.add(out, b"RPUSH", key, &[element]);
            index += 1;
            if out.len() < until { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        (index < list.len()).then_some(Place::Index(index))
    }

    fn set(&mut self, key: &[u8], set: &Set, place: Place, until: usize) -> Option<Place> {
        let mut walk = match place {
            Place::Walk(walk) => walk,
            _ => self.begun_walk(1, set.len()),
        };
        let Self { out, batch, .. } = self;
        while !walk.is_done() && out.len() < until {
            set.walk(&mut walk, |member| batch.add(out, b"SADD", key, &[member]));
        }
        (!walk.is_done()).then_some(Place::Walk(walk))
    }

    fn hash(&mut self, key: &[u8], hash: HashRef<'_>, place: Place, until: usize) -> Option<Place> {
        let mut walk = match place {
            Place::SecondWalk(walk) => return self.field_expiries(key, hash, walk, until),
            Place::Walk(walk) => walk,
            _ => self.begun_walk(2, hash.len()),
        };
        let Self { out, batch, .. } = self;
        while !walk.is_done() && out.len() < until {
            hash.walk(&mut walk, |pair| batch.add(out, b"HMSET", key, &[pair.field, pair.value]));
        }
        if !walk.is_done() {
            return Some(Place::Walk(walk));
        }
        hash.first_expiry()?;
        self.field_expiries(key, hash, WalkPosition::default(), until)
    }

    fn field_expiries(
        &mut self,
        key: &[u8],
        hash: HashRef<'_>,
        mut walk: WalkPosition,
        until: usize,
    ) -> Option<Place> {
        while !walk.is_done() && self.out.len() < until {
            hash.walk(&mut walk, |pair| {
                let Some(at) = pair.expire_at else { return };
                let (at, field) = (number_text(at), pair.field.to_cow());
                self.request(&[b"HPEXPIREAT", key, at.as_bytes(), b"FIELDS", b"1", &field]);
            });
        }
        (!walk.is_done()).then_some(Place::SecondWalk(walk))
    }

    fn zset(&mut self, key: &[u8], zset: &ZSet, place: Place, until: usize) -> Option<Place> {
        let written = self.begun_at(place, 2, zset.len());
        let Self { out, batch, .. } = self;
        for (index, (member, score)) in (written..).zip(zset.range(written..zset.len())) {
            if out.len() >= until {
                return Some(Place::Index(index));
            }
            let score = number::format_double(score);
            batch.add(out, b"ZADD", key, &[StrRef::Bytes(score.as_bytes()), member]);
        }
        None
    }

    /// How many elements are written. At the start of a value, its first batch begins.
    fn begun_at(&mut self, place: Place, words: usize, elements: usize) -> usize {
        match place {
            Place::Index(written) => written,
            _ => {
                self.batch = Batch::new(words, elements);
                0
            }
        }
    }

    fn begun_walk(&mut self, words: usize, elements: usize) -> WalkPosition {
        self.batch = Batch::new(words, elements);
        WalkPosition::default()
    }

    fn stream(
        &mut self,
        key: &[u8],
        stream: &Stream,
        mut place: Place,
        until: usize,
    ) -> Option<Place> {
        loop {
            place = self.stream_piece(key, stream, place, until)?;
            if self.out.len() >= until {
                return Some(place);
            }
        }
    }

    /// Writes entries, or a group, or some of what is pending; where to go on.
    fn stream_piece(
        &mut self,
        key: &[u8],
        stream: &Stream,
        place: Place,
        until: usize,
    ) -> Option<Place> {
        match place {
            Place::Group(group) => {
                let (name, found) = stream.groups.iter().nth(group)?;
                self.group(key, name, found);
                Some(Place::Pending { group, from: StreamId::MIN })
            }
            Place::Pending { group, from } => {
                let (name, found) = stream.groups.iter().nth(group)?;
                Some(match self.pending_entries(key, name, found, from) {
                    Some(from) => Place::Pending { group, from },
                    None => Place::Group(group + 1),
                })
            }
            Place::Entries(from) => Some(self.entries(key, stream, from, until)),
            _ => Some(Place::Entries(StreamId::MIN)),
        }
    }

    /// Writes entries, and, when there are no more, what else is to be known of the stream.
    fn entries(&mut self, key: &[u8], stream: &Stream, from: StreamId, until: usize) -> Place {
        for entry in stream.range(from, StreamId::MAX) {
            if self.out.len() >= until {
                return Place::Entries(entry.id);
            }
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
        self.stream_facts(key, stream);
        Place::Group(0)
    }

    fn stream_facts(&mut self, key: &[u8], stream: &Stream) {
        let last_id = stream.last_id();
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
    }

    /// Writes some pending entries; from where on there may be more.
    fn pending_entries(
        &mut self,
        key: &[u8],
        name: &[u8],
        group: &Group,
        from: StreamId,
    ) -> Option<StreamId> {
        let mut last = None;
        for (id, pending) in group.pending().range(from..).take(ELEMENTS_PER_REQUEST) {
            last = Some(*id);
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
        last?.next()
    }

    fn request(&mut self, words: &[&[u8]]) {
        write_request(&mut self.out, words.iter().copied());
    }
}

/// Requests that add the elements of one value, some at a time.
#[derive(Debug, Default)]
struct Batch {
    /// Words an element takes.
    words: usize,
    /// Elements to come.
    left: usize,
    /// And those of them that the present request has been said to hold.
    room: usize,
}

impl Batch {
    fn new(words: usize, elements: usize) -> Self {
        Self { words, left: elements, room: 0 }
    }

    fn add(&mut self, out: &mut BytesMut, command: &[u8], key: &[u8], words: &[StrRef<'_>]) {
        if self.room == 0 {
            self.room = self.left.min(ELEMENTS_PER_REQUEST);
            begin_request(out, 2 + self.words * self.room);
            write_arg(out, command);
            write_arg(out, key);
        }
        for word in words {
            write_arg(out, &word.to_cow());
        }
        self.room = self.room.saturating_sub(1);
        self.left = self.left.saturating_sub(1);
    }
}

fn number_text(value: i64) -> String {
    itoa::Buffer::new().format(value).to_owned()
}

/// As many as Redis takes.
const ELEMENTS_PER_REQUEST: usize = 64;
