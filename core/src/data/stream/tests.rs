//! Streams against a plain model of one.

use super::{AppendError, Stream, StreamId, Threshold, Trim};
use crate::data::{Collection, Limits, Listpack, StrRef};
use crate::rng::Rng;

type Model = Vec<(StreamId, Vec<(Vec<u8>, Vec<u8>)>)>;

fn limits(bytes: usize, entries: usize) -> Limits {
    Limits { stream_node_max_bytes: bytes, stream_node_max_entries: entries, ..Limits::default() }
}

fn read(stream: &Stream, start: StreamId, end: StreamId) -> Model {
    stream.range(start, end).map(|entry| (entry.id, pairs_of(entry.fields()))).collect()
}

fn pairs_of<'a>(fields: impl Iterator<Item = (StrRef<'a>, StrRef<'a>)>) -> Vec<(Vec<u8>, Vec<u8>)> {
    fields.map(|(field, value)| (field.to_vec(), value.to_vec())).collect()
}

#[test]
fn follows_a_model_under_all_node_sizes() {
    for (seed, (bytes, entries)) in
        [(0, 0), (4096, 100), (200, 3), (1, 1), (60, 0)].into_iter().enumerate()
    {
        let limits = limits(bytes, entries);
        let mut rng = Rng::new(seed as u64);
        let (mut stream, mut model) = (Stream::new(), Model::new());
        let mut added = 0;
        for round in 0..2000_u64 {
            let pick = |rng: &mut Rng, model: &Model| match model.len() as u64 {
                0 => StreamId::new(rng.below(10), 0),
                len => model[rng.below(len) as usize].0,
            };
            match rng.below(20) {
                0 => {
                    let id = pick(&mut rng, &model);
                    let at = model.iter().position(|(other, _)| *other == id);
                    assert_eq!(stream.delete(id), at.is_some());
                    at.map(|at| model.remove(at));
                }
                1 if round % 7 == 0 => {
                    let threshold = match rng.below(2) {
                        0 => Threshold::MaxLen(rng.below(model.len() as u64 + 2)),
                        _ => Threshold::MinId(pick(&mut rng, &model)),
                    };
                    let trim = Trim { threshold, is_approximate: false, limit: 0 };
                    let before = model.len();
                    match threshold {
                        Threshold::MaxLen(len) => {
                            model.drain(..before.saturating_sub(len as usize));
                        }
                        Threshold::MinId(min) => model.retain(|(id, _)| *id >= min),
                    }
                    assert_eq!(stream.trim(trim), (before - model.len()) as u64, "{trim:?}");
                }
                _ => {
                    let ms = stream.last_id().ms + rng.below(3);
                    let id = stream.next_id(ms).unwrap();
                    let pairs: Vec<(Vec<u8>, Vec<u8>)> = (0..1 + rng.below(3))
                        .map(|i| {
                            let field =
                                if rng.below(4) == 0 { round.to_string() } else { format!("f{i}") };
                            (field.into_bytes(), rng.below(1000).to_string().into_bytes())
                        })
                        .collect();
                    let refs: Vec<(&[u8], &[u8])> =
                        pairs.iter().map(|(f, v)| (&f[..], &v[..])).collect();
                    assert_eq!(stream.append(id, &refs, &limits), Ok(()));
                    assert_eq!(stream.append(id, &refs, &limits), Err(AppendError::IdTooSmall));
                    model.push((id, pairs));
                    added += 1;
                }
            }
            assert_eq!((stream.len(), stream.entries_added()), (model.len() as u64, added));
            assert_eq!(stream.first_id(), model.first().map_or(StreamId::MIN, |(id, _)| *id));
            if round % 40 == 0 {
                check_reads(&stream, &model, &mut rng);
            }
        }
    }
}

fn check_reads(stream: &Stream, model: &Model, rng: &mut Rng) {
    assert_eq!(&read(stream, StreamId::MIN, StreamId::MAX), model);
    let last = stream.last_id().ms + 2;
    let (start, end) =
        (StreamId::new(rng.below(last), rng.below(2)), StreamId::new(rng.below(last), 1));
    let expect: Model =
        model.iter().filter(|(id, _)| (start..=end).contains(id)).cloned().collect();
    assert_eq!(read(stream, start, end), expect);
    let mut backwards: Vec<StreamId> = stream.range(start, end).reversed().map(|e| e.id).collect();
    backwards.reverse();
    assert_eq!(backwards, expect.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let mut loaded = Stream::new();
    for (id, pack) in stream.listpacks() {
        let pack = Listpack::from_bytes(pack.as_bytes().to_vec()).unwrap();
        assert!(loaded.load_node(id, pack));
    }
    assert_eq!((&read(&loaded, StreamId::MIN, StreamId::MAX), loaded.len()), (model, stream.len()));
    let bytes: usize = stream.listpacks().map(|(_, pack)| pack.heap_bytes()).sum();
    assert_eq!(
        stream.heap_bytes(),
        super::STREAM_BYTES + bytes + stream.nodes() * super::NODE_OVERHEAD_BYTES
    );
}

#[test]
fn approximate_trimming_takes_whole_nodes_within_its_limit() {
    let check = |threshold, limit, removed, left| {
        let mut stream = Stream::new();
        for seq in 1..=25 {
            let pairs: [(&[u8], &[u8]); 1] = [(b"f", b"v")];
            stream.append(StreamId::new(1, seq), &pairs, &limits(4096, 10)).unwrap();
        }
        assert_eq!(stream.trim(Trim { threshold, is_approximate: true, limit }), removed);
        assert_eq!((stream.len(), stream.nodes() as u64), (25 - removed, left));
    };
    check(Threshold::MaxLen(24), 0, 0, 3);
    check(Threshold::MaxLen(15), 0, 10, 2);
    check(Threshold::MaxLen(1), 0, 20, 1);
    check(Threshold::MaxLen(0), 0, 25, 0);
    check(Threshold::MaxLen(0), 15, 10, 2);
    check(Threshold::MaxLen(0), 9, 0, 3);
    check(Threshold::MinId(StreamId::new(1, 10)), 0, 0, 3);
    check(Threshold::MinId(StreamId::new(1, 11)), 0, 10, 2);
    check(Threshold::MinId(StreamId::new(9, 0)), 0, 25, 0);
}

#[test]
fn foreign_nodes_are_checked() {
    let mut stream = Stream::new();
    let pairs: [(&[u8], &[u8]); 2] = [(b"f", b"v"), (b"g", b"12345")];
    for seq in 1..4 {
        stream.append(StreamId::new(1, seq), &pairs, &Limits::default()).unwrap();
    }
    stream.delete(StreamId::new(1, 2));
    let good = stream.listpacks().next().unwrap().1.as_bytes().to_vec();
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << bit;
            let Some(pack) = Listpack::from_bytes(bytes) else { continue };
            let mut loaded = Stream::new();
            if loaded.load_node(StreamId::new(1, 1), pack) {
                let all = || loaded.range(StreamId::MIN, StreamId::MAX);
                let ids = |range: &mut dyn Iterator<Item = super::Entry<'_>>| {
                    range.map(|entry| entry.id).collect::<Vec<_>>()
                };
                let (forwards, mut backwards) = (ids(&mut all()), ids(&mut all().reversed()));
                backwards.reverse();
                assert_eq!(forwards, backwards, "byte {at}, bit {bit}");
            }
        }
    }
    let pack = || Listpack::from_bytes(good.clone()).unwrap();
    let mut loaded = Stream::new();
    assert!(loaded.load_node(StreamId::new(5, 0), pack()));
    assert!(!loaded.load_node(StreamId::new(5, 0), pack()));
    assert!(!loaded.load_node(StreamId::new(6, 0), Listpack::new()));
}

#[test]
fn counts_the_nodes_of_a_radix_tree() {
    let nodes = |ids: &[(u64, u64)]| {
        let mut stream = Stream::new();
        for (ms, seq) in ids {
            let pairs: [(&[u8], &[u8]); 1] = [(b"f", b"v")];
            stream.append(StreamId::new(*ms, *seq), &pairs, &limits(1, 1)).unwrap();
        }
        stream.radix_nodes()
    };
    assert_eq!(nodes(&[]), 1);
    assert_eq!(nodes(&[(1, 1)]), 2);
    // A run of 15 bytes, the byte they part at, two ends.
    assert_eq!(nodes(&[(1, 1), (1, 2)]), 4);
    // Seven bytes, the parting, two runs of eight, two ends.
    assert_eq!(nodes(&[(1, 1), (2, 1)]), 6);
}

#[test]
fn a_group_knows_whose_each_entry_is() {
    let mut stream = Stream::new();
    assert!(stream.groups.create(b"g", StreamId::MIN, Some(0)));
    assert!(!stream.groups.create(b"g", StreamId::MAX, None));
    let empty = stream.heap_bytes();
    let id = StreamId::new(1, 0);
    stream.groups.edit(b"g", |group| {
        assert!(group.create_consumer(b"a", 5) && group.create_consumer(b"b", 6));
        assert!(!group.create_consumer(b"a", 7));
        group.deliver(id, b"a", 10, 1);
        group.deliver(id, b"b", 11, 2);
        group.deliver(StreamId::new(2, 0), b"b", 11, 1);
        assert_eq!(group.consumer(b"a").unwrap().pending().len(), 0);
        assert_eq!(group.consumer(b"b").unwrap().pending().len(), 2);
        assert_eq!(
            (&*group.pending()[&id].consumer, group.pending()[&id].deliveries),
            (&b"b"[..], 2)
        );
        assert!(group.acknowledge(id) && !group.acknowledge(id));
        assert_eq!(group.delete_consumer(b"b"), Some(1));
        assert_eq!((group.delete_consumer(b"b"), group.pending().len()), (None, 0));
        assert_eq!(group.delete_consumer(b"a"), Some(0));
    });
    assert_eq!(stream.heap_bytes(), empty);
    assert!(stream.groups.destroy(b"g") && !stream.groups.destroy(b"g"));
    assert_eq!(
        (stream.heap_bytes(), stream.groups.edit(b"g", |_| ())),
        (super::STREAM_BYTES, None)
    );
}

#[test]
fn a_finder_finds_what_is_there_in_any_order() {
    let limits = limits(4096, 5);
    let mut stream = Stream::new();
    for ms in 1..=40 {
        stream.append(StreamId::new(ms, 0), &[(b"field", b"value")], &limits).unwrap();
    }
    let gone = [7, 8, 23].map(|ms| StreamId::new(ms, 0));
    assert!(gone.iter().all(|id| stream.delete(*id)));
    let orders: [Vec<u64>; 4] = [
        (0..50).collect(),
        (0..50).rev().collect(),
        vec![3, 3, 4, 2],
        vec![6, 7, 8, 9, 10, 23, 24],
    ];
    for order in orders {
        let mut finder = stream.finder();
        for id in order.into_iter().map(|ms| StreamId::new(ms, 0)) {
            let found = finder.find(id).map(|entry| entry.id);
            assert_eq!(found, stream.contains(id).then_some(id));
        }
    }
}
