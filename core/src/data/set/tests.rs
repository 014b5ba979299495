//! Sets against a tree of texts, under limits that make every form and every conversion happen.

use std::collections::BTreeSet;

use super::{Member, Set};
use crate::data::{Collection, Encoding, Limits, Listpack, StrRef};
use crate::rng::Rng;

fn limits(intset_entries: usize, pack_entries: usize, pack_value: usize) -> Limits {
    Limits {
        set_max_intset_entries: intset_entries,
        set_max_listpack_entries: pack_entries,
        set_max_listpack_value: pack_value,
        ..Limits::default()
    }
}

fn texts_of(set: &Set) -> BTreeSet<Vec<u8>> {
    let texts: BTreeSet<_> = set.iter().map(StrRef::to_vec).collect();
    assert_eq!(texts.len(), set.iter().count(), "members are distinct");
    texts
}

/// A text that is an integer, looks like one, is short or is long.
fn text(rng: &mut Rng) -> Vec<u8> {
    let number = rng.next_u64() as i64 >> 58 >> rng.below(6) << rng.below(40);
    match rng.below(8) {
        0 => format!("0{number}").into_bytes(),
        1 => format!("text:{number}").into_bytes(),
        2 => vec![b'x'; rng.below(80) as usize],
        _ => number.to_string().into_bytes(),
    }
}

#[test]
fn changes_follow_a_tree() {
    for (seed, limits) in [
        limits(512, 128, 64),
        limits(5, 8, 10),
        limits(0, 0, 0),
        limits(20, 4, 64),
        limits(4, 20, 3),
        limits(1000, 0, 64),
    ]
    .iter()
    .enumerate()
    {
        let mut rng = Rng::new(seed as u64);
        for _ in 0..40 {
            let first = text(&mut rng);
            let mut set = Set::for_members(&first, rng.below(12) as usize, limits);
            let mut model = BTreeSet::new();
            for _ in 0..rng.below(120) {
                change(&mut set, &mut model, &mut rng, limits);
            }
            assert_eq!(texts_of(&set), model);
            assert_eq!(set.clone(), set);
            assert_eq!(scanned(&set), model);
        }
    }
}

fn change(set: &mut Set, model: &mut BTreeSet<Vec<u8>>, rng: &mut Rng, limits: &Limits) {
    let text = text(rng);
    assert_eq!(set.contains(&text), model.contains(&text));
    match rng.below(10) {
        0 | 1 => assert_eq!(set.remove(&text), model.remove(&text)),
        2 => {
            let popped = set.pop_random(|bound| rng.below(bound));
            assert_eq!(popped.is_some(), !model.is_empty());
            assert!(popped.is_none_or(|member| model.remove(&member.as_ref().to_vec())));
        }
        3 => set.expect(rng.below(16) as usize, limits),
        4 if rng.below(4) == 0 => {
            let count = rng.below(model.len() as u64 + 1) as usize;
            let others = texts_of(&set.keep_random(count, limits, |bound| rng.below(bound)));
            assert_eq!((set.len(), others.len()), (count, model.len() - count));
            model.retain(|member| !others.contains(member));
        }
        _ => assert_eq!(set.insert(&text, limits), model.insert(text)),
    }
    assert_eq!((set.len(), set.is_empty()), (model.len(), model.is_empty()));
    let chosen = set.random(|bound| rng.below(bound)).map(StrRef::to_vec);
    assert_eq!(chosen.is_some(), !model.is_empty());
    assert!(chosen.is_none_or(|member| model.contains(&member)));
}

fn scanned(set: &Set) -> BTreeSet<Vec<u8>> {
    let (mut texts, mut cursor) = (BTreeSet::new(), 0);
    loop {
        cursor = set.scan(cursor, |member| assert!(texts.insert(member.to_vec())));
        if cursor == 0 {
            return texts;
        }
    }
}

#[test]
fn forms_change_where_those_of_redis_do() {
    let ints = |n: i64| (0..n).map(|value| value.to_string()).collect::<Vec<_>>();
    let texts = |n: i64| (0..n).map(|value| format!("m{value}")).collect::<Vec<_>>();
    let mixed = |n: i64, text: &str| [ints(n), vec![text.to_owned()]].concat();
    let long = "x".repeat(65);
    for (members, expect) in [
        (ints(512), Encoding::Intset),
        (ints(513), Encoding::Hashtable),
        (texts(128), Encoding::Listpack),
        (texts(129), Encoding::Hashtable),
        (mixed(127, "a"), Encoding::Listpack),
        (mixed(128, "a"), Encoding::Hashtable),
        (mixed(1, &long[..64]), Encoding::Listpack),
        (mixed(1, &long), Encoding::Hashtable),
        (vec!["a".to_owned(), long.clone()], Encoding::Hashtable),
        ([texts(1), ints(127)].concat(), Encoding::Listpack),
        ([texts(1), ints(128)].concat(), Encoding::Hashtable),
    ] {
        let limits = Limits::default();
        let mut set = Set::for_members(members[0].as_bytes(), 1, &limits);
        members.iter().for_each(|member| assert!(set.insert(member.as_bytes(), &limits)));
        assert_eq!(set.encoding(), expect, "{} members", members.len());
        members.iter().for_each(|member| assert!(set.remove(member.as_bytes())));
        assert_eq!(set.encoding(), expect, "removing changes no form");
    }
}

#[test]
fn a_hint_decides_the_first_form() {
    let limits = Limits::default();
    for (first, hint, expect) in [
        ("1", 512, Encoding::Intset),
        ("1", 513, Encoding::Hashtable),
        ("01", 128, Encoding::Listpack),
        ("01", 129, Encoding::Hashtable),
    ] {
        let set = Set::for_members(first.as_bytes(), hint, &limits);
        assert_eq!(set.encoding(), expect, "{first} {hint}");
    }
    for (mut set, hint, expect) in [
        (Set::of_ints(), 512, Encoding::Intset),
        (Set::of_ints(), 513, Encoding::Hashtable),
        (Set::of_texts(), 128, Encoding::Listpack),
        (Set::of_texts(), 129, Encoding::Hashtable),
        (Set::of_many(&limits), 1, Encoding::Hashtable),
    ] {
        set.expect(hint, &limits);
        assert_eq!(set.encoding(), expect, "{hint}");
    }
}

#[test]
fn sets_filter_each_other_whatever_their_forms() {
    let limits = Limits::default();
    let mut rng = Rng::new(3);
    for _ in 0..200 {
        let mut sets: Vec<Set> = Vec::new();
        for start in [Set::of_ints(), Set::of_texts(), Set::of_many(&limits)] {
            let mut set = start;
            for _ in 0..rng.below(60) {
                set.insert(&rng.below(90).to_string().into_bytes(), &limits);
            }
            sets.push(set);
        }
        for (left, right) in (0..9).map(|pair| (&sets[pair / 3], &sets[pair % 3])) {
            for present in [true, false] {
                let mut members: Vec<_> = left.iter().collect();
                right.filter(&mut members, present);
                let got: Vec<_> = members.into_iter().map(StrRef::to_vec).collect();
                let all = left.iter().map(StrRef::to_vec);
                let expect: Vec<_> = all.filter(|m| right.contains(m) == present).collect();
                assert_eq!(got, expect);
            }
        }
    }
}

#[test]
fn becomes_an_intset_when_it_can() {
    let limits = limits(3, 128, 64);
    for (members, expect) in [
        (&["1", "-2", "3"][..], Encoding::Intset),
        (&["1", "2", "3", "4"], Encoding::Hashtable),
        (&["1", "02"], Encoding::Hashtable),
    ] {
        let mut set = Set::of_many(&limits);
        members.iter().for_each(|member| assert!(set.insert(member.as_bytes(), &limits)));
        set.make_intset(&limits);
        assert_eq!((set.encoding(), set.len()), (expect, members.len()));
    }
}

#[test]
fn memory_is_counted_and_freed_in_pieces() {
    let limits = Limits::default();
    let mut set = Set::of_many(&limits);
    let empty = set.heap_bytes();
    for number in 0..10_000 {
        set.insert(format!("member {number}").as_bytes(), &limits);
    }
    assert_eq!(set.heap_bytes(), set.clone().heap_bytes());
    assert!((29 * 10_000..45 * 10_000).contains(&set.heap_bytes()), "{}", set.heap_bytes());
    assert_eq!(set.free_effort(), 10_000);
    let steps = (1..).find(|_| !set.free_some(100)).unwrap();
    assert!((50..=200).contains(&steps), "{steps}");
    assert_eq!(set.heap_bytes(), empty);
    let mut small = Set::of_texts();
    small.insert(b"x", &limits);
    assert!(!small.free_some(1));
}

#[test]
fn random_members_are_uniform() {
    let limits = Limits::default();
    let mut rng = Rng::new(9);
    for start in [Set::of_ints(), Set::of_texts(), Set::of_many(&limits)] {
        let mut set = start;
        (0..50).for_each(|n: i32| assert!(set.insert(n.to_string().as_bytes(), &limits)));
        let mut counts = [0; 50];
        for _ in 0..50_000 {
            let member = set.random(|bound| rng.below(bound)).and_then(StrRef::to_int).unwrap();
            counts[member as usize] += 1;
        }
        assert!(counts.iter().all(|count| (700..1300).contains(count)), "{counts:?}");
    }
}

#[test]
fn takes_on_foreign_listpacks() {
    let limits = limits(512, 3, 64);
    for (members, expect) in [
        (&["a", "1", "b"][..], Some(Encoding::Listpack)),
        (&["a", "1", "b", "c"], Some(Encoding::Hashtable)),
        (&["a", "1", "a"], None),
    ] {
        let mut pack = Listpack::new();
        members.iter().for_each(|member| pack.push_back(member.as_bytes()));
        let set = Set::from_listpack(pack, &limits);
        assert_eq!(set.map(|set| set.encoding()), expect);
    }
}

#[test]
fn members_stand_on_their_own() {
    for member in [StrRef::Int(-5), StrRef::Bytes(b"text"), StrRef::Bytes(b"")] {
        assert_eq!(Member::from(member).as_ref(), member);
    }
}
