//! Lists in step with a deque, and the forms they take.

use std::collections::VecDeque;

use super::*;
use crate::rng::Rng;

/// A list, and a deque that it has to agree with.
struct Pair {
    list: List,
    model: VecDeque<Vec<u8>>,
    limits: Limits,
}

impl Pair {
    fn new(size: i32, depth: u32) -> Self {
        let limits = Limits {
            list_max_listpack_size: size,
            list_compress_depth: depth,
            ..Limits::default()
        };
        Self { list: List::new(), model: VecDeque::new(), limits }
    }

    /// One change of each kind, as the commands make them.
    fn step(&mut self, rng: &mut Rng) {
        let text = text(rng);
        let len = self.model.len();
        let index = rng.below(len as u64 + 1) as usize;
        match rng.below(20) {
            0..6 => self.push(End::Head, &text),
            6..12 => self.push(End::Tail, &text),
            12 => self.pop(End::Head, rng.below(4) as usize),
            13 => self.pop(End::Tail, rng.below(4) as usize),
            14 | 15 => self.insert(index, &text, rng.below(2) == 0),
            16 => self.replace(index, &text),
            17 => self.remove(index, rng.below(9) as usize),
            18 if rng.below(40) == 0 => self.remove(len / 4, len / 2),
            _ => self.remove_equal(&text, rng.below(2) == 0, rng.below(3) as usize + 1),
        }
    }

    fn push(&mut self, end: End, text: &[u8]) {
        self.list.make_room(text.len(), 1, &self.limits);
        self.list.push(end, text);
        match end {
            End::Head => self.model.push_front(text.into()),
            End::Tail => self.model.push_back(text.into()),
        }
    }

    fn pop(&mut self, end: End, count: usize) {
        let count = count.min(self.model.len());
        let first = self.list.end(end).map(StrRef::to_vec);
        let expect = if end == End::Head { self.model.front() } else { self.model.back() };
        assert_eq!(first.as_ref(), expect);
        self.list.remove_end(end, count);
        match end {
            End::Head => drop(self.model.drain(..count)),
            End::Tail => self.model.truncate(self.model.len() - count),
        }
        self.list.settle(&self.limits);
    }

    fn insert(&mut self, index: usize, text: &[u8], behind: bool) {
        if index < self.model.len() {
            self.list.make_room(text.len(), 1, &self.limits);
            self.list.insert(index, text, behind);
            self.model.insert(index + usize::from(behind), text.into());
        }
    }

    fn replace(&mut self, index: usize, text: &[u8]) {
        self.list.make_room(text.len(), 1, &self.limits);
        assert_eq!(self.list.replace(index, text), index < self.model.len());
        if let Some(element) = self.model.get_mut(index) {
            *element = text.into();
        }
        self.list.settle(&self.limits);
    }

    fn remove(&mut self, index: usize, count: usize) {
        let count = count.min(self.model.len() - index);
        self.list.remove(index, count);
        self.model.drain(index..index + count);
        self.list.settle(&self.limits);
    }

    fn remove_equal(&mut self, text: &[u8], from_tail: bool, count_max: usize) {
        let from = if from_tail { End::Tail } else { End::Head };
        let mut places: Vec<usize> =
            (0..self.model.len()).filter(|at| self.model[*at] == text).collect();
        if from_tail {
            places.reverse();
        }
        places.truncate(count_max);
        assert_eq!(self.list.position(text), self.model.iter().position(|own| own == text));
        assert_eq!(self.list.remove_equal(text, from, count_max), places.len());
        places.sort_unstable();
        for place in places.into_iter().rev() {
            self.model.remove(place);
        }
        self.list.settle(&self.limits);
    }

    /// Compares ends, sizes and accounts; all elements now and then.
    fn check(&self, rng: &mut Rng) {
        let (list, model) = (&self.list, &self.model);
        assert_eq!((list.len(), list.is_empty()), (model.len(), model.is_empty()));
        if let Repr::Quick(quick) = &list.0 {
            quick.check();
        }
        let index = rng.below(model.len() as u64 + 2) as usize;
        for from in [End::Head, End::Tail] {
            let mut seen = Vec::new();
            list.visit(index, 5, from, |element| {
                seen.push(element.to_vec());
                ControlFlow::Continue(())
            });
            let expect: Vec<&Vec<u8>> = match from {
                End::Head => model.range(index.min(model.len())..).take(5).collect(),
                End::Tail if index < model.len() => model.range(..=index).rev().take(5).collect(),
                End::Tail => Vec::new(),
            };
            assert_eq!(seen.iter().collect::<Vec<_>>(), expect);
        }
    }

    fn check_all(&self) {
        let mut seen = Vec::new();
        self.list.for_each(0, self.list.len(), |element| seen.push(element.to_vec()));
        assert_eq!(self.model, seen);
        assert_eq!(self.list.clone(), self.list);
    }
}

/// Integers, short texts that repeat, and now and then one that is too large for a listpack.
fn text(rng: &mut Rng) -> Vec<u8> {
    match rng.below(12) {
        0..4 => rng.below(50).to_string().into_bytes(),
        4..8 => format!("text {}", rng.below(20)).into_bytes(),
        8 => (rng.next_u64() as i64 >> rng.below(64)).to_string().into_bytes(),
        9 if rng.below(4) == 0 => vec![b'l'; 4000 + rng.below(4) as usize * 3000],
        _ => vec![b'a' + rng.below(26) as u8; rng.below(300) as usize],
    }
}

#[test]
fn changes_follow_a_deque_under_all_limits() {
    for size in [-5, -2, -1, 0, 1, 2, 7, 128] {
        for depth in [0, 1, 2] {
            let mut rng = Rng::new((size + 10) as u64 * 3 + u64::from(depth));
            let mut pair = Pair::new(size, depth);
            for round in 0..1500 {
                pair.step(&mut rng);
                pair.check(&mut rng);
                if round % 100 == 0 {
                    pair.check_all();
                }
            }
        }
    }
}

#[test]
fn inner_nodes_are_compressed() {
    let mut pair = Pair::new(-1, 1);
    for i in 0..5000 {
        pair.push(End::Tail, format!("some text that repeats {}", i % 7).as_bytes());
    }
    let Repr::Quick(quick) = &pair.list.0 else { panic!("one listpack") };
    assert_eq!(quick.compressed_len(), quick.nodes_len() - 2);
    assert!(quick.heap_bytes() < 5000 * 10);
    pair.check_all();
    for end in [End::Head, End::Tail] {
        while pair.model.len() > 100 {
            pair.pop(end, 57);
            let Repr::Quick(quick) = &pair.list.0 else { break };
            quick.check();
        }
        pair.check_all();
    }
}

/// As redis-server 7.2 reports the encodings.
#[test]
fn forms_change_where_redis_changes_them() {
    let encodings = |size: i32, texts: &[&[u8]], pops: usize| {
        let mut pair = Pair::new(size, 0);
        texts.iter().for_each(|text| pair.push(End::Tail, text));
        let before = pair.list.encoding();
        pair.pop(End::Tail, pops);
        (before, pair.list.encoding())
    };
    let (pack, quick) = (Encoding::Listpack, Encoding::Quicklist);
    let short: &[u8] = b"x";
    assert_eq!(encodings(4, &[short; 4], 0), (pack, pack));
    assert_eq!(encodings(4, &[short; 5], 1), (quick, quick));
    assert_eq!(encodings(4, &[short; 5], 2), (quick, quick));
    assert_eq!(encodings(4, &[short; 5], 3), (quick, pack));
    // 4096 bytes less header and end, less an element's three bytes around 4084 of its own.
    assert_eq!(encodings(-1, &[&[b'x'; 4089]], 0), (pack, pack));
    assert_eq!(encodings(-1, &[&[b'x'; 4090]], 0), (quick, quick));
    assert_eq!(encodings(-1, &[&[b'x'; 2000], &[b'x'; 2100]], 1), (quick, pack));
    assert_eq!(encodings(-1, &[&[b'x'; 2100], &[b'x'; 2000]], 1), (quick, quick));
    // A large element is no listpack, however few there are.
    assert_eq!(encodings(-1, &[&[b'x'; 5000], short], 1), (quick, quick));
}

#[test]
fn a_filled_list_takes_the_form_of_its_size() {
    let limits = Limits::default();
    for (count, expect) in [(1, Encoding::Listpack), (3000, Encoding::Quicklist)] {
        let mut list = List::of_nodes(&limits);
        (0..count).for_each(|i: i32| list.push(End::Tail, i.to_string().as_bytes()));
        list.settle_whole(&limits);
        assert_eq!((list.encoding(), list.len()), (expect, count as usize));
    }
}

#[test]
fn nodes_are_freed_piece_by_piece() {
    let mut pair = Pair::new(10, 0);
    (0..1000).for_each(|_| pair.push(End::Head, b"x"));
    assert_eq!(pair.list.free_effort(), 100);
    let mut pieces = 1;
    while pair.list.free_some(30) {
        pieces += 1;
    }
    assert_eq!(pieces, 4);
}
