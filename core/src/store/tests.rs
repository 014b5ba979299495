//! The keyspace: expiry, snapshots, garbage and the count of memory.

use super::*;
use crate::data::Hash;
use crate::data::Hasher;
use crate::data::Kind;
use crate::data::Limits;
use crate::time::Mono;
use crate::time::Now;
use crate::time::Wall;

const NOW: Now = Now::new(Mono::ZERO, Wall::from_ms(1_000));

fn expiry(policy: Policy, now_ms: i64) -> Expiry {
    Expiry { policy, now_ms }
}

fn store_of(keys: &[(usize, &str, &str)]) -> Store {
    let mut store = Store::new(Hasher::new(1), 4);
    for (db, key, value) in keys {
        store.set(*db, key.as_bytes(), Value::Text(value.as_bytes()), Ttl::Clear, NOW);
    }
    store
}

/// What the rest of the snapshot says, sorted.
fn rest_of_snapshot(store: &mut Store) -> Vec<String> {
    let mut lines = Vec::new();
    while store.snapshot_step(|db, entry, _| {
        let value = entry.string().unwrap().to_cow().into_owned();
        lines.push(format!("{db}:{}={}", entry.key().escape_ascii(), value.escape_ascii()));
        None
    }) {}
    lines.sort();
    lines
}

#[test]
fn an_expired_key_is_deleted_hidden_or_ignored() {
    let mut store = store_of(&[]);
    store.set(0, b"k", Value::Text(b"v"), Ttl::At(2_000), NOW);
    let is_found = |store: &mut Store, policy, now_ms| {
        matches!(store.lookup(0, b"k", expiry(policy, now_ms)), Found::Entry(_))
    };
    assert!(is_found(&mut store, Policy::Delete, 1_999));
    assert!(is_found(&mut store, Policy::Ignore, 2_000));
    assert!(!is_found(&mut store, Policy::Hide, 2_000));
    assert_eq!((store.len(0), store.volatile_len(0)), (1, 1));
    assert!(matches!(store.lookup(0, b"k", expiry(Policy::Delete, 2_000)), Found::Expired));
    assert_eq!((store.len(0), store.volatile_len(0), store.stats.expired), (0, 0, 1));
}

#[test]
fn the_count_of_volatile_keys_follows_every_change() {
    let mut store = store_of(&[(0, "a", "1"), (0, "b", "2")]);
    let mut check = |change: &dyn Fn(&mut Store), expect| {
        change(&mut store);
        assert_eq!(store.volatile_len(0), expect);
    };
    check(&|s| assert!(s.set_expiry(0, b"a", Some(5_000))), 1);
    check(&|s| assert!(s.set_expiry(0, b"a", Some(6_000))), 1);
    check(&|s| assert_eq!(s.set(0, b"a", Value::Int(1), Ttl::Keep, NOW), Some(6_000)), 1);
    check(&|s| assert_eq!(s.set(0, b"a", Value::Int(1), Ttl::Clear, NOW), Some(6_000)), 0);
    check(&|s| assert_eq!(s.set(0, b"b", Value::Int(1), Ttl::At(1), NOW), None), 1);
    check(&|s| s.insert(0, Entry::new(b"b", Value::Int(2), None)), 0);
    check(&|s| s.insert(0, Entry::new(b"b", Value::Int(2), Some(9))), 1);
    check(&|s| assert!(s.remove(0, b"b")), 0);
    check(&|s| assert!(!s.set_expiry(0, b"b", Some(1))), 0);
}

#[test]
fn active_expiry_removes_all_that_is_due_and_nothing_else() {
    let mut store = store_of(&[(0, "keep", "1")]);
    for i in 0..1000_i64 {
        let key = i.to_string();
        store.set(0, key.as_bytes(), Value::Int(i), Ttl::At(i), NOW);
    }
    let mut expired = 0;
    while store.expire_some(0, 499, 20, |_| expired += 1).has_more {}
    assert_eq!((expired, store.len(0), store.volatile_len(0)), (500, 501, 500));
    assert_eq!(store.soonest_expiry_ms(), Some(500));
    assert_eq!(store.expire_some(0, 499, 20, |_| ()), Swept::default());
}

#[test]
fn a_snapshot_is_of_its_instant() {
    let mut store = Store::new(Hasher::new(9), 2);
    let mut expect = Vec::new();
    for i in 0..500_i64 {
        store.set(0, i.to_string().as_bytes(), Value::Int(i), Ttl::Clear, NOW);
        expect.push(format!("0:{i}={i}"));
    }
    expect.sort();
    store.snapshot_begin();
    let mut lines = Vec::new();
    let mut i = 0_i64;
    // Between the steps keys are changed, removed, expired, made and moved about.
    while store.snapshot_step(|db, entry, _| {
        let value = entry.string().unwrap().to_cow().into_owned();
        lines.push(format!("{db}:{}={}", entry.key().escape_ascii(), value.escape_ascii()));
        None
    }) {
        let key = (i * 7 % 500).to_string();
        match i % 4 {
            0 => drop(store.set(0, key.as_bytes(), Value::Int(-1), Ttl::At(1), NOW)),
            1 => drop(store.remove(0, key.as_bytes())),
            2 => {
                store.set(0, format!("new{i}").as_bytes(), Value::Int(0), Ttl::Clear, NOW);
            }
            _ => drop(store.lookup(0, key.as_bytes(), expiry(Policy::Delete, 10))),
        }
        i += 1;
    }
    lines.sort();
    assert_eq!(lines, expect);
    // No mark is left behind: the next snapshot sees everything.
    store.snapshot_begin();
    assert_eq!(rest_of_snapshot(&mut store).len(), store.len(0));
}

#[test]
fn a_snapshot_survives_flush_and_swap() {
    let mut store = store_of(&[(0, "a", "1"), (1, "b", "2"), (2, "c", "3")]);
    store.snapshot_begin();
    store.swap(0, 1);
    assert_eq!(store.flush(0), 1);
    store.set(0, b"b", Value::Text(b"new"), Ttl::Clear, NOW);
    store.set(1, b"a", Value::Text(b"changed"), Ttl::Clear, NOW);
    store.flush(2);
    assert_eq!(rest_of_snapshot(&mut store), ["0:a=1", "1:b=2", "2:c=3"]);
    while store.free_some(1) {}
}

#[test]
fn a_snapshot_given_up_leaves_no_mark() {
    let mut store = store_of(&[(0, "a", "1"), (1, "b", "2")]);
    store.snapshot_begin();
    store.set(1, b"b", Value::Text(b"3"), Ttl::Clear, NOW);
    store.snapshot_end();
    store.snapshot_begin();
    assert_eq!(rest_of_snapshot(&mut store), ["0:a=1", "1:b=3"]);
}

#[test]
fn hashes_with_fields_that_expire_are_indexed_and_emptied() {
    let limits = Limits::default();
    let hash_of = |expiries: &[Option<i64>]| {
        let mut hash = Hash::new();
        for (at, field) in expiries.iter().zip(["a", "b", "c"]) {
            hash.set(field.as_bytes(), b"v", &limits);
            hash.set_expiry(field.as_bytes(), *at);
        }
        Value::Data(Box::new(hash.into_data()))
    };
    let mut store = store_of(&[(0, "s", "1")]);
    let mut check = |change: &dyn Fn(&mut Store), hashes, soonest| {
        change(&mut store);
        let size = store.sizes().find(|size| size.db == 0).map_or(0, |size| size.volatile_fields);
        assert_eq!((size, store.soonest_expiry_ms()), (hashes, soonest));
        assert_eq!(store.has_volatile_fields(), soonest.is_some());
    };
    let set = |store: &mut Store, key: &str, expiries: &[Option<i64>]| {
        store.set(0, key.as_bytes(), hash_of(expiries), Ttl::Clear, NOW);
    };
    check(&|s| set(s, "h", &[None, Some(50), Some(40)]), 1, Some(40));
    check(&|s| set(s, "s", &[Some(30)]), 2, Some(30));
    check(&|s| set(s, "s", &[None]), 1, Some(40));
    check(&|s| set(s, "t", &[None, Some(20)]), 2, Some(20));
    check(&|s| assert!(s.set(0, b"t", Value::Int(1), Ttl::Clear, NOW).is_none()), 1, Some(40));
    check(&|s| s.insert(0, Entry::new(b"t", hash_of(&[Some(10)]), None)), 2, Some(10));
    check(&|s| assert!(s.remove(0, b"t")), 1, Some(40));
    let edit = |store: &mut Store, change: &dyn Fn(&mut Hash)| {
        let Found::Entry(Some(mut hash)) = store.edit_as(0, b"h", expiry(Policy::Delete, 0)) else {
            panic!("a hash")
        };
        change(&mut hash);
    };
    check(&|s| edit(s, &|hash| assert!(hash.set_expiry(b"a", Some(7)))), 1, Some(7));
    check(&|s| edit(s, &|hash| assert!(hash.remove(b"a"))), 1, Some(40));
    check(&|s| edit(s, &|hash| assert!(!hash.set(b"c", b"", &limits))), 1, Some(50));
    check(&|s| edit(s, &|hash| assert!(hash.set_expiry(b"b", None))), 0, None);
    check(&|s| set(s, "h", &[Some(8), None, Some(9)]), 1, Some(8));
    check(&|s| set(s, "g", &[Some(8), Some(9), Some(10)]), 2, Some(8));
    let mut gone = Vec::new();
    let mut expire = |store: &mut Store, now_ms, fields_max| {
        store.expire_fields(0, now_ms, fields_max, |key, fields| {
            let names = fields.iter().map(|field| field.escape_ascii().to_string());
            gone.push(format!("{}:{}", key.escape_ascii(), names.collect::<String>()));
        })
    };
    assert_eq!(expire(&mut store, 7, 9), Swept::default());
    let swept = expire(&mut store, 9, 3);
    assert_eq!((swept.expired, swept.has_more), (3, true));
    let swept = expire(&mut store, 10, 9);
    assert_eq!((swept.expired, swept.has_more), (2, false));
    gone.sort();
    assert_eq!(gone.iter().map(|line| line.len() - 2).sum::<usize>(), 5, "{gone:?}");
    assert_eq!((store.find(0, b"g").is_none(), store.stats.expired_fields), (true, 5));
    assert!(store.find(0, b"h").is_some() && !store.has_volatile_fields());
    assert_eq!(store.flush(0), 2);
}
