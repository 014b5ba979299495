//! Hashes under every threshold against a map that knows nothing of forms.

use std::collections::BTreeMap;

use super::{Form, Hash};
use crate::data::{Collection, Encoding, Limits, StrRef};
use crate::rng::Rng;

type Model = BTreeMap<Vec<u8>, (Vec<u8>, Option<i64>)>;

fn limits(entries: usize, value: usize) -> Limits {
    Limits {
        hash_max_listpack_entries: entries,
        hash_max_listpack_value: value,
        ..Limits::default()
    }
}

/// A text of a few: short and long ones, empty ones, integers.
fn text(rng: &mut Rng, kinds: u64) -> Vec<u8> {
    let number = rng.below(kinds);
    match number % 4 {
        0 => number.to_string().into_bytes(),
        1 => format!("-{number}00000").into_bytes(),
        2 => vec![b'x'; number as usize],
        _ => format!("field {number}").into_bytes(),
    }
}

fn assert_same(hash: &Hash, model: &Model) {
    assert_eq!((hash.len(), hash.is_empty()), (model.len(), model.is_empty()));
    let items: Model = hash
        .iter()
        .map(|pair| (pair.field.to_vec(), (pair.value.to_vec(), pair.expire_at)))
        .collect();
    assert_eq!(&items, model);
    assert_eq!(hash.iter().len(), model.len());
    assert_eq!(hash.first_expiry(), model.values().filter_map(|(_, at)| *at).min());
    assert_eq!(hash, &hash.clone());
    let mut scanned = Model::new();
    let mut cursor = 0;
    loop {
        cursor = hash.view().scan(cursor, |pair| {
            scanned.insert(pair.field.to_vec(), (pair.value.to_vec(), pair.expire_at));
        });
        if cursor == 0 {
            break;
        }
    }
    assert_eq!(&scanned, model);
    if let Form::Triples(_) = hash.0 {
        let expiries: Vec<i64> =
            hash.iter().map(|pair| pair.expire_at.unwrap_or(i64::MAX)).collect();
        assert!(expiries.is_sorted(), "{expiries:?}");
    }
}

#[test]
fn behaves_as_a_map_under_every_threshold() {
    for (entries, value) in [(0, 64), (1, 64), (5, 64), (5, 4), (512, 64), (512, 0), (20, 12)] {
        let limits = limits(entries, value);
        for seed in 0..20 {
            let mut rng = Rng::new(seed);
            let (mut hash, mut model) = (Hash::new(), Model::new());
            let mut was_table = false;
            for _ in 0..150 {
                let field = text(&mut rng, 40);
                let new = text(&mut rng, 40);
                match rng.below(8) {
                    0..=2 => {
                        let is_new = model.insert(field.clone(), (new.clone(), None)).is_none();
                        assert_eq!(hash.set(&field, &new, &limits), is_new);
                    }
                    3 => {
                        let at = model.get(&field).and_then(|(_, at)| *at);
                        let is_new = model.insert(field.clone(), (new.clone(), at)).is_none();
                        assert_eq!(hash.update(&field, &new, &limits), is_new);
                    }
                    4 => assert_eq!(hash.remove(&field), model.remove(&field).is_some()),
                    5 | 6 => {
                        let at = Some(1 + rng.below(50) as i64).filter(|_| rng.below(4) > 0);
                        let place = model.get_mut(&field);
                        assert_eq!(hash.set_expiry(&field, at), place.is_some());
                        if let Some((_, place)) = place {
                            *place = at;
                        }
                    }
                    _ => {
                        let now = rng.below(10) as i64;
                        while let Some(name) = hash.take_due(now) {
                            let (_, at) = model.remove(&name).expect("a field");
                            assert!(at.is_some_and(|at| at <= now));
                        }
                    }
                }
                let found = hash.get(&field).map(|pair| (pair.value.to_vec(), pair.expire_at));
                assert_eq!(found, model.get(&field).cloned());
                assert_same(&hash, &model);
                let is_table = hash.encoding() == Encoding::Hashtable;
                assert!(is_table || hash.len() <= entries, "{entries} {value}");
                assert!(is_table || !was_table, "never back");
                was_table = is_table;
            }
        }
    }
}

#[test]
fn forms_follow_the_thresholds() {
    let limits = limits(2, 3);
    for (pairs, encoding) in [
        (&[("a", "1"), ("b", "2")][..], Encoding::Listpack),
        (&[("a", "1"), ("b", "2"), ("c", "3")], Encoding::Hashtable),
        (&[("a", "123"), ("123", "2")], Encoding::Listpack),
        (&[("a", "1234")], Encoding::Hashtable),
        (&[("1234", "")], Encoding::Hashtable),
    ] {
        let mut hash = Hash::new();
        for (field, value) in pairs {
            hash.set(field.as_bytes(), value.as_bytes(), &limits);
        }
        assert_eq!(hash.encoding(), encoding, "{pairs:?}");
        let texts = pairs.iter().flat_map(|(field, value)| [field.as_bytes(), value.as_bytes()]);
        let expected = Hash::expecting(texts, &limits);
        assert_eq!(expected.encoding(), encoding, "{pairs:?}");
    }
    let mut hash = Hash::new();
    hash.set(b"a", b"1", &limits);
    assert!(hash.set_expiry(b"a", Some(5)));
    assert_eq!(hash.encoding(), Encoding::ListpackEx);
    assert!(hash.set_expiry(b"a", None));
    assert_eq!(hash.encoding(), Encoding::ListpackEx, "as in Redis, it stays so");
}

#[test]
fn memory_is_counted_and_given_back() {
    let limits = Limits::default();
    let mut hash = Hash::new();
    for i in 0..10_000 {
        hash.set(format!("field:{i}").as_bytes(), format!("value:{i}").as_bytes(), &limits);
    }
    let bytes = hash.heap_bytes();
    assert!((10_000 * 24..10_000 * 50).contains(&bytes), "{bytes}");
    for i in 0..10_000 {
        hash.set_expiry(format!("field:{i}").as_bytes(), Some(i + 1));
    }
    assert!(hash.heap_bytes() > bytes + 10_000 * 30);
    for i in 0..10_000 {
        hash.set(format!("field:{i}").as_bytes(), format!("value:{i}").as_bytes(), &limits);
    }
    assert_eq!(hash.heap_bytes(), bytes);
    assert_eq!(hash.free_effort(), 10_000);
    let mut steps = 0;
    while hash.free_some(64) {
        steps += 1;
    }
    assert!((100..400).contains(&steps), "{steps}");
    assert!(hash.is_empty() && hash.heap_bytes() < 200);
}

#[test]
fn every_field_is_picked_as_often_as_any_other() {
    for entries in [0, 512] {
        let limits = limits(entries, 64);
        let (mut hash, mut rng) = (Hash::new(), Rng::new(3));
        for i in 0..50 {
            hash.set(i.to_string().as_bytes(), b"", &limits);
        }
        let mut counts = BTreeMap::new();
        for _ in 0..50_000 {
            let pair = hash.view().random(|bound| rng.below(bound)).expect("a field");
            *counts.entry(pair.field.to_vec()).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 50);
        assert!(counts.values().all(|count| (800..1200).contains(count)), "{counts:?}");
    }
    assert_eq!(Hash::new().view().random(|_| 0).map(|pair| pair.field), None::<StrRef<'_>>);
}
