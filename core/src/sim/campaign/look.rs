//! One look at a node's data: a digest that equal data share whatever their form and order, and what
//! the keys of claims hold.
//!
//! Unlike DEBUG DIGEST it counts all that replicas have to agree on, such as deadlines and what groups of
//! streams know, and is made for being made after each turn.

use crate::data::DataRef;
use crate::data::Hasher;
use crate::data::StrRef;
use crate::data::number;
use crate::data::stream::Stream;
use crate::data::stream::StreamId;
use crate::store::Entry;

/// What was seen of a node's data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub digest: u64,
    /// Numbers of ledgers, each with its last entry.
    pub ledgers: Vec<(usize, u64)>,
    /// How often the one of the pair was changed, and the other.
    pub pair: [i64; 2],
    /// Numbers of keys that are written once, each with its deadline.
    pub deadlines: Vec<(u64, Option<i64>)>,
}

impl Look {
    /// Looks at all data, or at those whose time has not passed at `alive_at_ms`.
    pub fn at<'a>(
        entries: impl Iterator<Item = (usize, &'a Entry)>,
        hasher: &Hasher,
        alive_at_ms: Option<i64>,
    ) -> Self {
        let mut look = Self::default();
        let is_over = |at: Option<i64>| at.zip(alive_at_ms).is_some_and(|(at, now)| at <= now);
        for (db, entry) in entries.filter(|(_, entry)| !is_over(entry.expire_at())) {
            look.note(entry);
            let mut hash = Mix { hasher, hash: db as u64 };
            hash.text(entry.key());
            hash.number(entry.expire_at().map_or(0, i64::cast_unsigned));
            if hash.value(entry, &is_over) {
                look.digest = look.digest.wrapping_add(hash.hash);
            }
        }
        look
    }

    fn note(&mut self, entry: &Entry) {
        let Some((kind, rest)) = entry.key().split_first_chunk::<5>() else { return };
        match (kind, rest) {
            (b"ledge", [b'r', b':', number @ ..]) => {
                let entry = (parse(number) as usize, integer(entry).cast_unsigned());
                self.ledgers.push(entry);
            }
            (b"pair:", b"a") => self.pair[0] = integer(entry),
            (b"pair:", b"b") => self.pair[1] = integer(entry),
            (b"once:", number) => self.deadlines.push((parse(number), entry.expire_at())),
            _ => {}
        }
    }
}

fn parse(text: &[u8]) -> u64 {
    number::parse_i64(text).map_or(0, i64::cast_unsigned)
}

fn integer(entry: &Entry) -> i64 {
    entry.string().and_then(|text| number::parse_i64(&text.to_cow())).unwrap_or(0)
}

/// A hash that takes in one thing after the other.
struct Mix<'a> {
    hasher: &'a Hasher,
    hash: u64,
}

impl Mix<'_> {
    fn number(&mut self, number: u64) {
        self.hash = (self.hash.rotate_left(25) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.hash ^= self.hash >> 29;
    }

    fn text(&mut self, text: &[u8]) {
        self.number(self.hasher.hash(text));
    }

    fn word(&mut self, word: StrRef<'_>) {
        self.text(&word.to_cow());
    }

    /// Takes in what `add` does, whose order among others does not matter.
    fn apart(&mut self, sum: &mut u64, add: impl FnOnce(&mut Mix<'_>)) {
        let mut part = Mix { hasher: self.hasher, hash: 0 };
        add(&mut part);
        *sum = sum.wrapping_add(part.hash);
    }

    /// Takes in a value; whether anything of it is left.
    fn value(&mut self, entry: &Entry, is_over: &impl Fn(Option<i64>) -> bool) -> bool {
        let mut sum = 0;
        let mut any = false;
        match entry.data() {
            None => {
                self.text(&entry.string().map(StrRef::to_cow).unwrap_or_default());
                return true;
            }
            Some(DataRef::List(list)) => {
                self.number(1);
                list.for_each(0, list.len(), |word| self.word(word));
                return true;
            }
            Some(DataRef::Stream(stream)) => {
                self.stream(stream);
                return true;
            }
            Some(DataRef::Set(set)) => {
                self.number(2);
                set.iter().for_each(|member| self.apart(&mut sum, |part| part.word(member)));
                any = true;
            }
            Some(DataRef::ZSet(zset)) => {
                self.number(3);
                for (member, score) in zset.iter() {
                    self.apart(&mut sum, |part| {
                        part.word(member);
                        // A small set has no -0, as in Redis, so that a snapshot may make a 0 of it.
                        part.number((score + 0.0).to_bits());
                    });
                }
                any = true;
            }
            Some(DataRef::Hash(hash)) => {
                self.number(4);
                for pair in hash.iter().filter(|pair| !is_over(pair.expire_at)) {
                    any = true;
                    self.apart(&mut sum, |part| {
                        part.word(pair.field);
                        part.word(pair.value);
                        part.number(pair.expire_at.map_or(0, i64::cast_unsigned));
                    });
                }
            }
        }
        self.number(sum);
        any
    }

    fn stream(&mut self, stream: &Stream) {
        self.id(stream.last_id());
        self.number(stream.entries_added());
        for entry in stream.range(StreamId::MIN, StreamId::MAX) {
            self.id(entry.id);
            for (field, value) in entry.fields() {
                self.word(field);
                self.word(value);
            }
        }
        let mut sum = 0;
        for (name, group) in stream.groups.iter() {
            self.apart(&mut sum, |part| {
                part.text(name);
                part.id(group.last_id);
                for (id, pending) in group.pending() {
                    part.id(*id);
                    part.text(&pending.consumer);
                    part.number(pending.deliveries);
                }
            });
        }
        self.number(sum);
    }

    fn id(&mut self, id: StreamId) {
        self.number(id.ms);
        self.number(id.seq);
    }
}
