//! Values written in pieces: they are the same bytes as at once, in either spelling.

use crate::data::list::End;
use crate::data::stream::StreamId;
use crate::data::{Data, Hash, Kind, Limits, List, Place, Set, Stream, ZSet};
use crate::persist::aof::Rewriter;
use crate::persist::rdb::{Encoder, WriteOptions};
use crate::store::{Entry, Value};

fn name(number: usize) -> Vec<u8> {
    format!("element number {number}").into_bytes()
}

/// Values of so many elements.
fn values(elements: usize) -> Vec<Data> {
    let limits = Limits::default();
    let (mut set, mut ints, mut zset) = (Set::of_many(&limits), Set::of_ints(), ZSet::new());
    let (mut hash, mut aging) = (Hash::new(), Hash::new());
    let mut list = List::new();
    for number in 0..elements {
        let text = name(number);
        set.insert(&text, &limits);
        ints.insert(number.to_string().as_bytes(), &limits);
        zset.insert(&text, number as f64 / 3.0, &limits);
        hash.set(&text, b"value", &limits);
        aging.set(&text, b"value", &limits);
        aging.set_expiry(&text, (number % 3 == 0).then_some(1_000 + number as i64));
        list.make_room(text.len(), 1, &limits);
        list.push(End::Tail, &text);
    }
    vec![
        set.into_data(),
        ints.into_data(),
        zset.into_data(),
        hash.into_data(),
        aging.into_data(),
        list.into_data(),
        stream(elements, &limits).into_data(),
    ]
}

fn stream(entries: usize, limits: &Limits) -> Stream {
    let mut stream = Stream::new();
    for number in 1..=entries as u64 {
        let id = StreamId::new(number, 0);
        assert_eq!(stream.append(id, &[(b"field", &name(number as usize))], limits), Ok(()));
    }
    for group in [&b"first"[..], b"second"] {
        stream.groups.create(group, StreamId::new(entries as u64, 0), None);
        stream.groups.edit(group, |group| {
            group.create_consumer(b"idle", 7);
            group.create_consumer(b"busy", 8);
            let ids = (1..=entries as u64).map(|number| StreamId::new(number, 0));
            ids.for_each(|id| group.deliver(id, b"busy", 9, 2));
        });
    }
    stream
}

/// The entry in pieces of so many bytes, and how many these were.
fn in_pieces(entry: &Entry, bytes: usize, as_requests: bool) -> (Vec<u8>, usize) {
    let mut encoder = Encoder::new(WriteOptions::default());
    let mut rewriter = Rewriter::new(None);
    let (mut place, mut pieces) = (Some(Place::Start), 0);
    while let Some(from) = place {
        let before = encoder.written() + rewriter.written();
        place = match as_requests {
            true => rewriter.entry_from(entry, from, bytes),
            false => encoder.entry_from(entry, from, bytes),
        };
        let written = encoder.written() + rewriter.written() - before;
        let most = (bytes as u64).saturating_add(OVERSHOOT);
        assert!(written <= most, "{written} bytes, of {bytes}, at {from:?}");
        pieces += 1;
    }
    let written = if as_requests { rewriter.take() } else { encoder.finish() };
    (written.to_vec(), pieces)
}

#[test]
fn pieces_are_the_whole() {
    for elements in [0, 1, 100, 700, 3000] {
        for data in values(elements) {
            let kind = data.collection().type_name();
            let entry = Entry::new(b"key", Value::Data(Box::new(data)), Some(1 << 40));
            for as_requests in [false, true] {
                let (whole, _) = in_pieces(&entry, usize::MAX, as_requests);
                for bytes in [0, 1, 1000, 20_000] {
                    let (joined, pieces) = in_pieces(&entry, bytes, as_requests);
                    assert!(joined == whole, "{kind} of {elements} by {bytes}");
                    // What is one buffer is one piece.
                    if elements == 3000 && bytes <= 1000 {
                        assert!(pieces > 5, "{kind}: {pieces}");
                    }
                }
            }
        }
    }
}

/// What is begun is ended: a node of a stream or a list, a batch of what is pending.
const OVERSHOOT: u64 = 12 * 1024;
