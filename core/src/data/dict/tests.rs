//! The dict against a model, under random operations, with scans and walks across every kind of
//! resize.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Dict, Occupancy, WalkPosition};

/// A small generator, so that every run is the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// How the keys of a test spread: well, into few tags, into few buckets, all alike.
const HASHES: [fn(u64) -> u64; 4] =
    [mix, |key| mix(key) & 0x03ff_ffff_ffff_ffff, |key| mix(key) & !0xfff, |_| 7];

/// Operations and distinct keys: fewer where each one is interpreted.
const OPERATIONS: u64 = if cfg!(miri) { 600 } else { 60_000 };
const KEYS: u64 = if cfg!(miri) { 90 } else { 4_000 };

fn boxed(key: u64) -> Box<(u64, u64)> {
    Box::new((key, 0))
}

#[test]
fn agrees_with_a_map_under_random_operations() {
    for (spread, hash) in HASHES.into_iter().enumerate() {
        let keys = if spread < 2 { KEYS } else { KEYS.min(60) };
        let mut random = Random(spread as u64);
        let mut dict: Dict<Box<(u64, u64)>> = Dict::new();
        let mut model = BTreeMap::new();
        for step in 0..OPERATIONS {
            // The number of keys swells and shrinks, so that every size is met both ways.
            let grows = (step / (OPERATIONS / 6)).is_multiple_of(2);
            let key = random.below(keys);
            match random.below(if grows { 6 } else { 4 }) {
                0 => {
                    let found = dict.find(hash(key), |it| it.0 == key).map(|it| it.1);
                    assert_eq!(found, model.get(&key).copied());
                }
                1 | 2 if !grows => {
                    let removed = dict.remove(hash(key), |it| it.0 == key).map(|it| it.1);
                    assert_eq!(removed, model.remove(&key));
                }
                1 => {
                    let removed = match dict.entry(hash(key), |it| it.0 == key, |it| hash(it.0)) {
                        Occupancy::Occupied(place) => Some(place.remove().1),
                        Occupancy::Vacant(_) => None,
                    };
                    assert_eq!(removed, model.remove(&key));
                }
                2 => {
                    if let Some(it) = dict.find_mut(hash(key), |it| it.0 == key) {
                        it.1 = step;
                        assert!(model.insert(key, step).is_some());
                    }
                }
                _ => {
                    let element = match dict.entry(hash(key), |it| it.0 == key, |it| hash(it.0)) {
                        Occupancy::Occupied(place) => place.into_mut(),
                        Occupancy::Vacant(place) => place.insert(boxed(key)),
                    };
                    assert_eq!(element.0, key);
                    element.1 = step;
                    model.insert(key, step);
                }
            }
            assert_eq!(dict.len(), model.len());
        }
        let all: BTreeMap<u64, u64> = dict.iter().map(|it| (it.0, it.1)).collect();
        assert_eq!(all, model);
        assert_eq!(dict.iter().len(), dict.iter().count());
    }
}

fn filled(len: u64) -> Dict<u64> {
    let mut dict = Dict::new();
    for key in 0..len {
        dict.insert_unique(mix(key), key, |it| mix(*it));
    }
    dict
}

/// Runs a cursor over a dict that grows, shrinks or swings meanwhile and returns how often each key
/// was emitted.
fn traverse(
    seed: u64,
    mut step: impl FnMut(&Dict<u64>, &mut Vec<u64>) -> bool,
) -> BTreeMap<u64, u32> {
    let mut random = Random(seed);
    let start = random.below(KEYS);
    let mut dict = filled(start);
    let stable = random.below(start + 1);
    let (mut lowest, mut highest) = (stable, start);
    let mut emitted = Vec::new();
    let insertion_odds = random.below(11);
    let changes_max = random.below(60) + 1;
    while step(&dict, &mut emitted) {
        for _ in 0..random.below(changes_max) {
            if random.below(10) < insertion_odds {
                dict.insert_unique(mix(highest), highest, |it| mix(*it));
                highest += 1;
            } else if lowest < highest {
                assert_eq!(dict.remove(mix(lowest), |it| *it == lowest), Some(lowest));
                lowest += 1;
            }
        }
    }
    let mut counts: BTreeMap<u64, u32> = (0..stable).map(|key| (key, 0)).collect();
    emitted.into_iter().for_each(|key| *counts.entry(key).or_default() += 1);
    counts.retain(|key, count| *key < stable || *count > 1);
    counts
}

const TRAVERSALS: u64 = if cfg!(miri) { 8 } else { 300 };

#[test]
fn a_walk_emits_what_stays_exactly_once() {
    for seed in 0..TRAVERSALS {
        let mut position = WalkPosition::default();
        let counts = traverse(seed, |dict, emitted| {
            dict.walk_next(&mut position, |it| mix(*it), |it| emitted.push(*it));
            !position.is_done()
        });
        assert!(counts.values().all(|count| *count == 1), "seed {seed}: {counts:?}");
    }
}

#[test]
fn a_scan_emits_what_stays_exactly_once() {
    for seed in 0..TRAVERSALS {
        let mut cursor = 0;
        let counts = traverse(seed, |dict, emitted| {
            cursor = dict.scan(cursor, |it| mix(*it), |it| emitted.push(*it));
            cursor != 0
        });
        assert!(counts.values().all(|count| *count == 1), "seed {seed}: {counts:?}");
    }
}

#[test]
fn a_walk_has_passed_exactly_what_it_emitted() {
    let dict = filled(KEYS);
    let mut position = WalkPosition::default();
    let mut emitted = BTreeSet::new();
    while !position.is_done() {
        for key in 0..KEYS {
            assert_eq!(position.has_passed(mix(key)), emitted.contains(&key), "key {key}");
        }
        let buckets = emitted.len() as u64 % 7;
        (0..=buckets).for_each(|_| {
            dict.walk_next(&mut position, |it| mix(*it), |it| assert!(emitted.insert(*it)))
        });
    }
    assert_eq!(emitted.len() as u64, KEYS);
    assert!(position.has_passed(u64::MAX));
}

#[test]
fn a_candidate_is_the_element_or_one_of_its_tag() {
    let dict = filled(KEYS);
    let exact = (0..KEYS).filter(|key| {
        dict.prefetch(mix(*key));
        let candidate = dict.candidate(mix(*key)).expect("the element itself is one");
        assert_eq!(mix(*candidate) >> 58, mix(*key) >> 58, "a tag is from the topmost bits");
        candidate == key
    });
    assert!(exact.count() as u64 > KEYS * 9 / 10);
    assert_eq!(Dict::<u64>::new().candidate(7), None);
}

#[test]
fn any_cursor_is_legal() {
    let mut dict = Dict::new();
    let mut random = Random(5);
    for key in 0..KEYS {
        let before = random.next();
        assert_eq!(Dict::<u64>::new().scan(before, |it| *it, |_| unreachable!()), 0);
        let after = dict.scan(before, |it| mix(*it), |_| ());
        assert!(after <= dict.capacity() as u64);
        dict.insert_unique(mix(key), key, |it| mix(*it));
    }
}

#[test]
fn one_operation_moves_a_bounded_number_of_elements() {
    let mut dict = Dict::new();
    let moves = Cell::new(0);
    for key in 0..KEYS * 10 {
        moves.set(0);
        let hasher = |it: &u64| {
            moves.set(moves.get() + 1);
            mix(*it)
        };
        dict.insert_unique(mix(key), key, hasher);
        assert!(moves.get() < 60, "{} moves at {key}", moves.get());
    }
}

#[test]
fn memory_follows_the_number_of_elements() {
    let mut dict = Dict::new();
    for key in 0..KEYS * 10 {
        dict.insert_unique(mix(key), key, |it| mix(*it));
        assert!(
            dict.table_bytes() < 18 * dict.len() + 2 * 64 * 1024,
            "{} bytes for {key}",
            dict.table_bytes()
        );
    }
    for key in 0..KEYS * 10 {
        assert_eq!(dict.remove(mix(key), |it| *it == key), Some(key));
        assert!(
            dict.table_bytes() < 40 * dict.len() + 2 * 64 * 1024,
            "{} bytes for {}",
            dict.table_bytes(),
            dict.len()
        );
    }
    assert_eq!(dict.table_bytes(), 0);
}

#[test]
fn elements_are_dropped_once() {
    struct Counted<'a>(&'a Cell<i64>);
    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }
    let alive = Cell::new(0);
    for hash in HASHES {
        let mut dict = Dict::new();
        for key in 0..40 {
            alive.set(alive.get() + 1);
            dict.insert_unique(hash(key), Counted(&alive), |_| 0);
        }
        assert_eq!(alive.get(), 40);
        drop(dict);
        assert_eq!(alive.get(), 0);
    }
}

#[test]
fn a_long_chain_is_dropped_without_recursion() {
    let mut dict = Dict::new();
    let len = if cfg!(miri) { 50 } else { 3_000 };
    for key in 0..len {
        dict.insert_unique(7, boxed(key), |_| 7);
    }
    assert_eq!(dict.iter().count() as u64, len);
}

#[test]
fn draining_by_steps_leaves_a_dict_that_works() {
    let mut dict = filled(KEYS);
    let mut gone = BTreeSet::new();
    let mut extra = KEYS;
    while dict.drain_buckets(3, |it| assert!(gone.insert(it))) {
        for key in (0..KEYS).step_by(37) {
            assert_eq!(dict.find(mix(key), |it| *it == key).is_some(), !gone.contains(&key));
        }
        if extra < KEYS + 10 {
            dict.insert_unique(mix(extra), extra, |it| mix(*it));
            extra += 1;
        }
    }
    assert_eq!(gone.len() as u64, extra);
    assert_eq!((dict.len(), dict.table_bytes()), (0, 0));
}

#[test]
fn a_random_pick_is_nearly_uniform() {
    let sizes: &[u64] =
        if cfg!(miri) { &[0, 1, 20] } else { &[0, 1, 2, 7, 8, 50, 96, 100, 150, 190] };
    for &size in sizes {
        let dict = filled(size);
        let mut random = Random(size);
        let mut counts = BTreeMap::new();
        let picks = if cfg!(miri) { 10 } else { 1000 };
        for _ in 0..size * picks {
            if let Some(key) = dict.random(|bound| random.below(bound)) {
                *counts.entry(*key).or_insert(0u64) += 1;
            }
        }
        assert_eq!(dict.random(|bound| bound - 1).is_some(), size > 0);
        assert!(cfg!(miri) || counts.len() as u64 == size, "every element of {size} is met");
        assert!(
            counts.values().all(|count| *count < picks * 3 / 2 || cfg!(miri)),
            "size {size}: {counts:?}"
        );
    }
}
