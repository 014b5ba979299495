//! Streams, as Redis 5.0, 7.0 and 7.2 write them.

use super::ErrorKind;
use super::reader::{Reader, Stop};
use crate::data::stream::{Group, StreamId};
use crate::data::{Listpack, Stream};
use crate::persist::rdb::opcode;
use crate::persist::rdb::value::ENTRIES_READ_UNKNOWN;

/// A stream of which bytes are still missing.
pub(super) struct StreamReader {
    value_type: u8,
    stream: Stream,
    state: State,
}

/// What is to be read next, and how many of its kind are left.
enum State {
    NodeCount,
    Nodes { left: u64 },
    Facts,
    GroupCount,
    Groups { left: u64 },
    Pending { at: InGroup, left: u64 },
    ConsumerCount { at: InGroup },
    Consumers { at: InGroup, left: u64 },
    Owned { at: InGroup, left: u64, consumers_left: u64, consumer: Vec<u8> },
}

/// The group being read.
#[derive(Clone)]
struct InGroup {
    name: Vec<u8>,
    groups_left: u64,
}

impl StreamReader {
    pub(super) fn new(value_type: u8) -> Self {
        Self { value_type, stream: Stream::new(), state: State::NodeCount }
    }

    /// Reads the next atom; gives the stream with the last one.
    pub(super) fn advance(&mut self, reader: &mut Reader<'_>) -> Result<Option<Stream>, Stop> {
        let next = match &self.state {
            State::NodeCount => State::Nodes { left: reader.length()? },
            State::Nodes { left: 0 } => State::Facts,
            State::Nodes { left } => {
                let left = *left - 1;
                self.node(reader)?;
                State::Nodes { left }
            }
            State::Facts => {
                self.facts(reader)?;
                State::GroupCount
            }
            State::GroupCount => State::Groups { left: reader.length()? },
            State::Groups { left: 0 } => return Ok(Some(std::mem::take(&mut self.stream))),
            State::Groups { left } => {
                let groups_left = *left - 1;
                let (name, pending) = self.group(reader)?;
                State::Pending { at: InGroup { name, groups_left }, left: pending }
            }
            State::Pending { at, left: 0 } => State::ConsumerCount { at: at.clone() },
            State::Pending { at, left } => {
                let (at, left) = (at.clone(), *left - 1);
                self.pending(&at, reader)?;
                State::Pending { at, left }
            }
            State::ConsumerCount { at } => {
                State::Consumers { at: at.clone(), left: reader.length()? }
            }
            State::Consumers { at, left: 0 } => {
                self.check_group(&at.name)?;
                State::Groups { left: at.groups_left }
            }
            State::Consumers { at, left } => {
                let (at, consumers_left) = (at.clone(), *left - 1);
                let (consumer, left) = self.consumer(&at, reader)?;
                State::Owned { at, left, consumers_left, consumer }
            }
            State::Owned { at, left: 0, consumers_left, .. } => {
                State::Consumers { at: at.clone(), left: *consumers_left }
            }
            State::Owned { at, consumer, .. } => {
                let id = StreamId::from_be_bytes(reader.array()?);
                let group = self.stream.groups.edit(&at.name, |group| group.give(id, consumer));
                if group != Some(true) {
                    return Err(wrong("Consumer entry not found in group global PEL"));
                }
                if let State::Owned { left, .. } = &mut self.state {
                    *left -= 1;
                }
                return Ok(None);
            }
        };
        self.state = next;
        Ok(None)
    }

    fn node(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let (id, bytes) = (reader.bytes()?, reader.bytes()?);
        let id =
            <[u8; 16]>::try_from(&*id).map_err(|_| wrong("Stream node key is not 16 bytes"))?;
        let pack = Listpack::from_bytes(bytes.to_vec());
        let is_node =
            pack.is_some_and(|pack| self.stream.load_node(StreamId::from_be_bytes(id), pack));
        is_node.then_some(()).ok_or(wrong("Stream listpack integrity check failed."))
    }

    fn facts(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let length = reader.length()?;
        let last_id = id(reader)?;
        let (mut max_deleted_id, mut entries_added) = (StreamId::MIN, length);
        if self.value_type >= opcode::TYPE_STREAM_LISTPACKS_2 {
            // The first id follows from the nodes.
            id(reader)?;
            max_deleted_id = id(reader)?;
            entries_added = reader.length()?;
        }
        if length != self.stream.len() {
            return Err(wrong("Stream length inconsistent with its entries"));
        }
        if self.stream.greatest_id().is_some_and(|greatest| greatest > last_id) {
            return Err(wrong("Stream entries beyond its last id"));
        }
        self.stream.set_ids(last_id, max_deleted_id, entries_added);
        Ok(())
    }

    /// Returns the group's name, and how many entries are pending.
    fn group(&mut self, reader: &mut Reader<'_>) -> Result<(Vec<u8>, u64), Stop> {
        let (name, last_id) = (reader.bytes()?, id(reader)?);
        let entries_read = match self.value_type >= opcode::TYPE_STREAM_LISTPACKS_2 {
            true => Some(reader.length()?).filter(|read| *read != ENTRIES_READ_UNKNOWN),
            false => self.stream.entries_up_to(last_id),
        };
        let pending = reader.length()?;
        if !self.stream.groups.create(&name, last_id, entries_read) {
            return Err(wrong("Duplicated consumer group name"));
        }
        Ok((name.to_vec(), pending))
    }

    fn pending(&mut self, at: &InGroup, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let id = StreamId::from_be_bytes(reader.array()?);
        let delivered_ms = i64::from_le_bytes(reader.array()?);
        let deliveries = reader.length()?;
        let is_new =
            self.stream.groups.edit(&at.name, |group| group.load(id, delivered_ms, deliveries));
        (is_new == Some(true)).then_some(()).ok_or(wrong("Duplicated entry in a group's PEL"))
    }

    /// Returns the consumer's name, and how many of the pending entries are its own.
    fn consumer(&mut self, at: &InGroup, reader: &mut Reader<'_>) -> Result<(Vec<u8>, u64), Stop> {
        let (name, seen_ms) = (reader.bytes()?, i64::from_le_bytes(reader.array()?));
        let active_ms = match self.value_type >= opcode::TYPE_STREAM_LISTPACKS_3 {
            true => i64::from_le_bytes(reader.array()?),
            false => seen_ms,
        };
        let owned = reader.length()?;
        let is_new = self.stream.groups.edit(&at.name, |group| {
            let is_new = group.create_consumer(&name, seen_ms);
            if let Some(consumer) = group.consumer_mut(&name) {
                consumer.active_ms = (active_ms >= 0).then_some(active_ms);
            }
            is_new
        });
        match is_new {
            Some(true) => Ok((name.to_vec(), owned)),
            _ => Err(wrong("Duplicated consumer name")),
        }
    }

    fn check_group(&self, name: &[u8]) -> Result<(), Stop> {
        let has_strays = self.stream.groups.find(name).is_some_and(Group::has_strays);
        (!has_strays).then_some(()).ok_or(wrong("PEL entries without a consumer"))
    }
}

fn id(reader: &mut Reader<'_>) -> Result<StreamId, Stop> {
    Ok(StreamId { ms: reader.length()?, seq: reader.length()? })
}

fn wrong(what: &'static str) -> Stop {
    Stop::Wrong(ErrorKind::Malformed(what))
}

#[cfg(test)]
mod tests {
    use bytes::{BufMut, BytesMut};

    use crate::data::stream::StreamId;
    use crate::data::{Data, Limits, Stream};
    use crate::persist::rdb::{Decoder, Encoder, Item, ReadOptions, Value, WriteOptions};

    /// Three nodes, a deleted entry, and two groups of which one has two consumers.
    fn stream() -> Stream {
        let limits = Limits { stream_node_max_entries: 4, ..Limits::default() };
        let mut stream = Stream::new();
        for seq in 1..=10_u64 {
            let value = (seq * 1000).to_string();
            let pairs: [(&[u8], &[u8]); 1] = [(b"field", value.as_bytes())];
            stream.append(StreamId::new(7, seq), &pairs, &limits).unwrap();
        }
        stream.delete(StreamId::new(7, 2));
        stream.groups.create(b"idle", StreamId::MIN, None);
        stream.groups.create(b"busy", StreamId::new(7, 3), Some(3));
        stream.groups.edit(b"busy", |group| {
            for (name, seq) in [(b"a", 1), (b"b", 3), (b"b", 4)] {
                if group.create_consumer(name, 99) {
                    group.consumer_mut(name).unwrap().active_ms = Some(99);
                }
                group.deliver(StreamId::new(7, seq), name, 100 + seq as i64, seq);
            }
        });
        stream
    }

    fn decode(payload: &[u8], piece: usize) -> Option<Stream> {
        let mut decoder = Decoder::new(ReadOptions { checksum: false, ..Default::default() });
        let mut buffer = BytesMut::new();
        let mut found = None;
        for piece in payload.chunks(piece) {
            buffer.extend_from_slice(piece);
            while let Some(item) = decoder.next(&mut buffer).ok()? {
                if let Item::Entry(entry) = item
                    && let Value::Data(data) = entry.value
                    && let Data::Stream(stream) = *data
                {
                    found = Some(*stream);
                }
            }
        }
        found
    }

    fn encode(stream: Stream) -> BytesMut {
        let mut encoder = Encoder::new(WriteOptions::default());
        encoder.data_entry(b"k", Data::Stream(Box::new(stream)).view(), None);
        BytesMut::from(&encoder.finish()[..])
    }

    #[test]
    fn a_stream_comes_back_however_it_is_cut() {
        let payload = encode(stream());
        for piece in [1, 7, payload.len()] {
            let found = decode(&payload, piece).unwrap();
            assert_eq!(found.entries_added(), 10);
            assert!(found.listpacks().eq(stream().listpacks()));
            assert_eq!((found.groups.len(), found.len()), (2, 9));
            assert_eq!(encode(found), payload);
        }
    }

    #[test]
    fn damage_is_refused_or_harmless() {
        let good = encode(stream());
        for at in 9..good.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bad = good.clone();
                bad[at] = value;
                if let Some(found) = decode(&bad, bad.len()) {
                    let entries = found.range(StreamId::MIN, StreamId::MAX).count();
                    assert_eq!(entries as u64, found.len());
                }
            }
        }
    }

    #[test]
    fn a_stream_of_redis_5_counts_what_it_holds() {
        // One node of one entry, last id 1-1, one group that has read it all.
        let mut one = Stream::new();
        let pairs: [(&[u8], &[u8]); 1] = [(b"f", b"v")];
        one.append(StreamId::new(1, 1), &pairs, &Limits::default()).unwrap();
        let mut bytes = BytesMut::from(&b"REDIS0009\x0f\x01k"[..]);
        bytes.put_u8(1);
        for (id, pack) in one.listpacks() {
            bytes.put_u8(16);
            bytes.put_slice(&id.to_be_bytes());
            bytes.put_u8(pack.total_bytes() as u8);
            bytes.put_slice(pack.as_bytes());
        }
        bytes.put_slice(b"\x01\x01\x01\x01\x01g\x01\x01\x00\x00\xff\0\0\0\0\0\0\0\0");
        let found = decode(&bytes, bytes.len()).unwrap();
        assert_eq!((found.len(), found.entries_added()), (1, 1));
        assert_eq!(found.groups.find(b"g").unwrap().entries_read, Some(1));
    }
}
