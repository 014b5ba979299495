//! A sorted set against a model: an ordered set of (score, member).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Change, LexRange, NotANumber, ScoreRange, ZSet};
use crate::data::{Collection, Encoding, Limits};
use crate::rng::Rng;

type Pair = (i64, Vec<u8>);

/// Scores in the model are halves, so that small sets hold both integers and texts.
fn score_of(half: i64) -> f64 {
    half as f64 / 2.0
}

fn pairs(iter: super::Iter<'_>) -> Vec<Pair> {
    iter.map(|(member, score)| ((score * 2.0) as i64, member.to_vec())).collect()
}

struct Twins {
    zset: ZSet,
    scores: BTreeMap<Vec<u8>, i64>,
    order: BTreeSet<Pair>,
    limits: Limits,
}

impl Twins {
    fn new(entries_max: usize) -> Self {
        let limits = Limits { zset_max_listpack_entries: entries_max, ..Limits::default() };
        let zset = ZSet::sized_for(1, 1, &limits);
        Self { zset, scores: BTreeMap::new(), order: BTreeSet::new(), limits }
    }

    fn insert(&mut self, member: &[u8], half: i64) {
        let old = self.scores.insert(member.to_vec(), half);
        if let Some(old) = old {
            self.order.remove(&(old, member.to_vec()));
        }
        self.order.insert((half, member.to_vec()));
        assert_eq!(self.zset.insert(member, score_of(half), &self.limits), old.map(score_of));
    }

    fn remove(&mut self, member: &[u8]) {
        let old = self.scores.remove(member);
        if let Some(old) = old {
            self.order.remove(&(old, member.to_vec()));
        }
        assert_eq!(self.zset.remove(member), old.map(score_of));
    }

    fn remove_ranks(&mut self, ranks: Range<usize>) {
        let gone: Vec<Pair> =
            self.order.iter().skip(ranks.start).take(ranks.len()).cloned().collect();
        for pair in gone {
            self.scores.remove(&pair.1);
            self.order.remove(&pair);
        }
        self.zset.remove_ranks(ranks);
    }

    fn check(&self, random: &mut Rng) {
        let model: Vec<Pair> = self.order.iter().cloned().collect();
        assert_eq!(self.zset.len(), model.len());
        assert_eq!(pairs(self.zset.iter()), model);
        let copy = self.zset.clone();
        assert_eq!(copy, self.zset);
        let (from, to) = (random.below(24) as i64 - 2, random.below(24) as i64 - 2);
        for (min, max) in [(from, to), (to, from)] {
            self.check_scores(&model, min, max);
        }
        let start = random.below(model.len() as u64 + 1) as usize;
        let end = start + random.below((model.len() - start) as u64 + 1) as usize;
        assert_eq!(pairs(self.zset.range(start..end)), model[start..end]);
        let mut backward = pairs(self.zset.range_back(start..end));
        backward.reverse();
        assert_eq!(backward, model[start..end]);
        for (rank, (half, member)) in model.iter().enumerate().step_by(1 + model.len() / 20) {
            assert_eq!(self.zset.rank(member), Some((rank, score_of(*half))));
            assert_eq!(self.zset.score(member), Some(score_of(*half)));
            let at = self.zset.at_rank(rank).map(|(member, score)| (member.to_vec(), score));
            assert_eq!(at, Some((member.clone(), score_of(*half))));
        }
        assert_eq!(self.zset.at_rank(model.len()), None);
        assert_eq!(self.zset.rank(b"nobody"), None);
    }

    fn check_scores(&self, model: &[Pair], min: i64, max: i64) {
        for (open_min, open_max) in [(false, false), (true, false), (false, true), (true, true)] {
            let text =
                |half, is_open| format!("{}{}", if is_open { "(" } else { "" }, score_of(half));
            let (min_text, max_text) = (text(min, open_min), text(max, open_max));
            let range = ScoreRange::parse(min_text.as_bytes(), max_text.as_bytes()).unwrap();
            let is_in = |half: i64| {
                (half > min || half == min && !open_min) && (half < max || half == max && !open_max)
            };
            let expect: Vec<Pair> = model.iter().filter(|pair| is_in(pair.0)).cloned().collect();
            let ranks = self.zset.score_ranks(&range);
            assert_eq!(pairs(self.zset.range(ranks)), expect, "{min_text} {max_text}");
        }
    }
}

#[test]
fn agrees_with_a_model() {
    let rounds = if cfg!(miri) { 150 } else { 6_000 };
    for (entries_max, names) in [(0, rounds / 3), (1_000, 60), (20, rounds / 5)] {
        let mut random = Rng::new(entries_max as u64);
        let mut twins = Twins::new(entries_max);
        for round in 0..rounds {
            let member = random.below(names).to_string();
            match random.below(100) {
                0..70 => twins.insert(member.as_bytes(), random.below(20) as i64),
                70..98 => twins.remove(member.as_bytes()),
                _ => {
                    let start = random.below(twins.order.len() as u64 + 1) as usize;
                    let end = (start + random.below(30) as usize).min(twins.order.len());
                    twins.remove_ranks(start..end);
                }
            }
            if round % 101 == 0 {
                twins.check(&mut random);
            }
        }
        twins.check(&mut random);
        let is_large = twins.zset.encoding() == Encoding::Skiplist;
        assert_eq!(is_large, entries_max < 1_000);
    }
}

#[test]
fn members_of_one_score_are_found_by_their_bytes() {
    for entries_max in [0, 1_000] {
        let mut twins = Twins::new(entries_max);
        let members = if cfg!(miri) { 30 } else { 200 };
        (0..members).for_each(|member: i32| twins.insert(member.to_string().as_bytes(), 0));
        for (min, max) in [("-", "+"), ("[1", "(2"), ("(100", "[101"), ("+", "-"), ("[5", "[5")] {
            let range = LexRange::parse(min.as_bytes(), max.as_bytes()).unwrap();
            let is_in = |member: &[u8]| !range.is_above(member) && !range.is_below(member);
            let expect: Vec<Pair> = twins.order.iter().filter(|it| is_in(&it.1)).cloned().collect();
            for is_backward in [false, true] {
                let ranks = twins.zset.lex_ranks(&range, is_backward);
                assert_eq!(pairs(twins.zset.range(ranks)), expect, "{min} {max}");
            }
        }
    }
}

#[test]
fn a_small_set_of_many_scores_is_walked_as_redis_does() {
    let limits = Limits::default();
    let mut zset = ZSet::new();
    for (score, member) in [(1.0, "c"), (2.0, "a"), (3.0, "d"), (4.0, "b")] {
        zset.insert(member.as_bytes(), score, &limits);
    }
    for (min, max, forward, backward) in [
        ("[c", "[d", 0..0, 0..0),
        ("[b", "[c", 0..2, 2..4),
        ("-", "[c", 0..2, 0..4),
        ("[a", "[d", 0..4, 0..4),
        ("[a", "[b", 0..0, 0..0),
    ] {
        let range = LexRange::parse(min.as_bytes(), max.as_bytes()).unwrap();
        assert_eq!(zset.lex_ranks(&range, false), forward, "{min} {max}");
        assert_eq!(zset.lex_ranks(&range, true), backward, "{min} {max}");
    }
}

#[test]
fn refuses_what_is_no_number_and_keeps_what_is_left_alone() {
    let limits = Limits::default();
    let mut zset = ZSet::new();
    assert_eq!(zset.insert(b"m", f64::INFINITY, &limits), None);
    let sum = zset.update(b"m", &limits, |old| Some(old.unwrap() + f64::NEG_INFINITY));
    assert_eq!(sum, Err(NotANumber));
    let change = zset.update(b"m", &limits, |_| None);
    assert_eq!(change, Ok(Change { old: Some(f64::INFINITY), new: None }));
    assert_eq!(zset.update(b"n", &limits, |_| None), Ok(Change { old: None, new: None }));
    assert_eq!(zset.len(), 1);
}

#[test]
fn scores_of_every_kind_come_back() {
    let small = Limits::default();
    let large = Limits { zset_max_listpack_entries: 0, ..Limits::default() };
    let scores =
        [f64::NEG_INFINITY, -1e300, -2.5, -1.0, 0.0, 5e-324, 0.1, 3.0, 4.7e18, 1e19, f64::INFINITY];
    for limits in [small, large] {
        let mut zset = ZSet::sized_for(1, 1, &limits);
        for (at, score) in scores.iter().enumerate().rev() {
            zset.insert(at.to_string().as_bytes(), *score, &limits);
        }
        assert!(zset.iter().map(|(_, score)| score).eq(scores));
        zset.insert(b"zero", -0.0, &limits);
        let is_negative = zset.score(b"zero").is_some_and(f64::is_sign_negative);
        assert_eq!(is_negative, zset.encoding() == Encoding::Skiplist);
        assert_eq!(zset.rank(b"zero").map(|(rank, _)| rank), Some(5));
    }
}

#[test]
fn grows_out_of_its_small_form_as_the_settings_say() {
    let limits =
        Limits { zset_max_listpack_entries: 3, zset_max_listpack_value: 4, ..Limits::default() };
    for (members, expect) in [
        (&["a", "b", "c"][..], Encoding::Listpack),
        (&["a", "b", "c", "d"], Encoding::Skiplist),
        (&["abcd"], Encoding::Listpack),
        (&["a", "abcde"], Encoding::Skiplist),
    ] {
        let mut zset = ZSet::new();
        for member in members {
            assert_eq!(zset.insert(member.as_bytes(), 1.0, &limits), None);
        }
        assert_eq!(zset.encoding(), expect, "{members:?}");
        assert_eq!(zset.len(), members.len());
    }
    assert_eq!(ZSet::sized_for(4, 1, &limits).encoding(), Encoding::Skiplist);
    assert_eq!(ZSet::sized_for(3, 5, &limits).encoding(), Encoding::Skiplist);
}

#[test]
fn a_large_set_counts_its_memory_and_goes_in_pieces() {
    let limits = Limits { zset_max_listpack_entries: 0, ..Limits::default() };
    let members = if cfg!(miri) { 300 } else { 20_000 };
    let mut zset = ZSet::sized_for(1, 1, &limits);
    let empty = zset.heap_bytes();
    let mut random = Rng::new(3);
    for member in 0..members {
        zset.insert(format!("member:{member}").as_bytes(), random.below(1 << 40) as f64, &limits);
    }
    let each = (zset.heap_bytes() - empty) / members;
    assert!(cfg!(miri) || each <= 50, "{each} bytes a member");
    let mut steps = 0;
    let mut last = zset.heap_bytes();
    while zset.free_some(100) {
        steps += 1;
        assert!(zset.heap_bytes() < last);
        last = zset.heap_bytes();
    }
    assert!(steps > members / 200, "{steps} steps");
    assert_eq!(zset.heap_bytes(), empty);
}

#[test]
fn a_scan_emits_every_member() {
    for entries_max in [0, 1_000] {
        let mut twins = Twins::new(entries_max);
        let members = if cfg!(miri) { 40 } else { 300 };
        (0..members).for_each(|member: i64| twins.insert(member.to_string().as_bytes(), member));
        let (mut cursor, mut seen) = (0, BTreeSet::new());
        loop {
            cursor = twins.zset.scan(cursor, |member, score| {
                seen.insert(((score * 2.0) as i64, member.to_vec()));
            });
            if cursor == 0 {
                break;
            }
        }
        assert_eq!(seen, twins.order);
    }
}
