//! The entry's memory, encodings and changes, against a plain model of an entry.

use super::{Entry, Value};
use crate::data::{Data, DataRef, Encoding, Hash, Kind, Limits, StrRef};

/// Texts on both sides of every limit of the encodings and the layout.
fn texts() -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> =
        ["", "a", "0", "-1", "12345678", "-9223372036854775808", "9223372036854775808", "007"]
            .iter()
            .map(|text| text.as_bytes().to_vec())
            .collect();
    texts.extend([7, 8, 9, 20, 43, 44, 45, 64, 1023, 1024, 1025, 5000].map(|len| vec![b'x'; len]));
    if cfg!(miri) {
        // Every kind, and neighbours that do and do not share an allocation's size.
        texts.retain(|text| [1, 2, 8, 9, 1025].contains(&text.len()));
    }
    texts
}

fn keys() -> Vec<Vec<u8>> {
    [0, 1, 7, 8, 16, 300, 65_535, 65_536, 70_000].map(|len| vec![b'k'; len]).to_vec()
}

fn text_of(entry: &Entry) -> Vec<u8> {
    entry.string().map(StrRef::to_vec).unwrap_or_default()
}

#[test]
fn an_entry_is_as_small_as_a_pointer() {
    assert_eq!(size_of::<Option<Entry>>(), size_of::<usize>());
}

#[test]
fn a_small_entry_takes_what_it_stores_and_eight_bytes() {
    let cases: &[(usize, usize, Option<i64>, usize)] = &[
        (16, 32, None, 56),
        (16, 32, Some(1), 64),
        (3, 5, None, 16),
        (16, 33, None, 64),
        (0, 0, None, 8),
    ];
    for &(key, value, expire_at, bytes) in cases {
        let entry = Entry::new(&vec![b'k'; key], Value::Raw(&vec![b'v'; value]), expire_at);
        assert_eq!(entry.heap_bytes(), bytes, "{key} and {value}");
    }
    assert_eq!(Entry::new(b"key", Value::Int(5), None).heap_bytes(), 24);
}

#[test]
fn encodings_are_those_of_redis() {
    let x = |len| vec![b'x'; len];
    let cases: Vec<(Vec<u8>, Encoding)> = vec![
        (b"0".to_vec(), Encoding::Int),
        (b"-42".to_vec(), Encoding::Int),
        (b"-9223372036854775808".to_vec(), Encoding::Int),
        (b"9223372036854775808".to_vec(), Encoding::Embstr),
        (b"01".to_vec(), Encoding::Embstr),
        (b"".to_vec(), Encoding::Embstr),
        (x(44), Encoding::Embstr),
        (x(45), Encoding::Raw),
        (x(2000), Encoding::Raw),
    ];
    for (text, encoding) in cases {
        let mut entry = Entry::new(b"key", Value::Text(&text), None);
        assert_eq!(entry.encoding(), encoding);
        assert_eq!(entry.type_name(), "string");
        entry.modify_bytes(|_| ());
        assert_eq!((entry.encoding(), text_of(&entry)), (Encoding::Raw, text.clone()));
        assert_eq!(entry.duplicate(b"copy").encoding(), Encoding::Raw);
        entry.set_expire_at(Some(1));
        assert_eq!(entry.encoding(), Encoding::Raw);
        entry.set_string(&text);
        assert_eq!(entry.encoding(), encoding);
        assert!(entry.bytes_mut().is_some());
        assert_eq!((entry.encoding(), text_of(&entry)), (Encoding::Raw, text));
    }
    let huge_key = Entry::new(&vec![b'k'; 70_000], Value::Text(b"short"), None);
    assert_eq!(huge_key.encoding(), Encoding::Embstr);
}

#[test]
fn every_part_survives_every_change_of_another() {
    let keys = if cfg!(miri) { keys()[1..3].to_vec() } else { keys() };
    for key in keys {
        for old in texts() {
            for new in texts() {
                let mut entry = Entry::new(&key, Value::Text(&old), None);
                entry.set_lru(0xff12_3456);
                entry.set_snapshot_parity(true);
                check(&entry, &key, &old, None);
                entry.set_expire_at(Some(i64::MIN));
                check(&entry, &key, &old, Some(i64::MIN));
                entry.set_string(&new);
                check(&entry, &key, &new, Some(i64::MIN));
                entry.assign(Value::Text(&old), Some(9));
                check(&entry, &key, &old, Some(9));
                entry.assign(Value::Text(&new), None);
                check(&entry, &key, &new, None);
                check(&entry.duplicate(&old), &old, &new, None);
                check(&entry.into_renamed(&old), &old, &new, None);
            }
        }
    }
}

fn check(entry: &Entry, key: &[u8], text: &[u8], expire_at: Option<i64>) {
    assert_eq!((entry.key(), text_of(entry).as_slice()), (key, text));
    assert_eq!(
        (entry.expire_at(), entry.lru(), entry.snapshot_parity()),
        (expire_at, 0x12_3456, true)
    );
    assert_eq!(entry.string().map(StrRef::len), Some(text.len()));
    assert!(entry.heap_bytes() >= key.len() + 8 && entry.data().is_none());
}

#[test]
fn edits_reach_the_bytes_whatever_the_encoding() {
    for old in texts() {
        let mut entry = Entry::new(b"key", Value::Text(&old), Some(5));
        let mut model = old.clone();
        for tail in texts() {
            let len = entry.modify_bytes(|bytes| {
                bytes.extend_from_slice(&tail);
                bytes.len()
            });
            model.extend_from_slice(&tail);
            assert_eq!((len, text_of(&entry)), (Some(model.len()), model.clone()));
        }
        let middle = model.len() / 2;
        model[middle] = b'!';
        entry.bytes_mut().expect("a string")[middle] = b'!';
        assert_eq!(text_of(&entry), model);
        entry.modify_bytes(|bytes| bytes.truncate(3));
        assert_eq!((text_of(&entry).as_slice(), entry.expire_at()), (&model[..3], Some(5)));
        entry.set_int(-7);
        assert_eq!((entry.string(), entry.encoding()), (Some(StrRef::Int(-7)), Encoding::Int));
    }
}

#[test]
fn a_string_of_the_same_size_is_overwritten_in_place() {
    let mut entry = Entry::new(b"key", Value::Text(b"hi"), Some(1));
    let place = entry.key().as_ptr();
    entry.assign(Value::Text(b"world"), Some(2));
    assert_eq!((entry.key().as_ptr(), text_of(&entry).as_slice()), (place, b"world".as_slice()));
    entry.set_int(1);
    let place = entry.key().as_ptr();
    entry.set_int(i64::MAX);
    assert_eq!((entry.key().as_ptr(), entry.string()), (place, Some(StrRef::Int(i64::MAX))));
}

#[test]
fn a_string_reads_the_same_in_every_form() {
    for (text, int) in [("12", Some(12)), ("x", None), ("-0", None), ("", None)] {
        for value in [Value::Text(text.as_bytes()), Value::Raw(text.as_bytes())] {
            let entry = Entry::new(b"key", value, None);
            let string = entry.string().expect("a string");
            assert_eq!(string.to_int(), int);
            assert_eq!(string.to_cow(), text.as_bytes());
            assert_eq!(string.as_bytes(&mut itoa::Buffer::new()), text.as_bytes());
            assert_eq!(string.is_empty(), text.is_empty());
        }
    }
}

/// A hash of so many fields, with values of 20 bytes.
fn hash_of(fields: usize) -> Hash {
    let (limits, mut hash) = (Limits::default(), Hash::new());
    for field in 0..fields {
        hash.set(format!("f{field}").as_bytes(), format!("{field:020}").as_bytes(), &limits);
    }
    hash
}

fn check_hash(entry: &Entry, key: &[u8], hash: &Hash, expire_at: Option<i64>) {
    assert_eq!(entry.data(), Some(DataRef::Hash(hash.view())));
    assert_eq!((entry.key(), entry.expire_at()), (key, expire_at));
    assert_eq!((entry.encoding(), entry.type_name()), (Encoding::Listpack, "hash"));
    assert!(entry.string().is_none());
}

/// Fields for a hash that fits its entry, and for some that do not.
const FIELDS: &[usize] = if cfg!(miri) { &[1, 3, 60] } else { &[0, 1, 2, 3, 10, 38, 39, 60, 128] };

#[test]
fn a_short_hash_sits_in_its_entry() {
    for (fields, is_inside) in [(0, true), (10, true), (38, true), (60, false)] {
        let entry = Entry::new(b"key", Value::Data(Box::new(hash_of(fields).into_data())), None);
        assert_eq!(entry.whole().is_none(), is_inside, "{fields}");
    }
    let mut hash = hash_of(1);
    hash.set_expiry(b"f0", Some(5));
    let entry = Entry::new(b"key", Value::Data(Box::new(hash.into_data())), None);
    assert!(entry.whole().is_some() && entry.first_field_expiry() == Some(5));
}

#[test]
fn a_hash_survives_every_change_of_what_is_beside_it() {
    let keys = if cfg!(miri) { keys()[1..3].to_vec() } else { keys() };
    for key in keys {
        for fields in FIELDS {
            let hash = hash_of(*fields);
            let value = || Value::Data(Box::new(hash.clone().into_data()));
            let mut entry = Entry::new(&key, value(), None);
            entry.set_lru(0x12_3456);
            entry.set_snapshot_parity(true);
            check_hash(&entry, &key, &hash, None);
            entry.set_expire_at(Some(7));
            check_hash(&entry, &key, &hash, Some(7));
            check_hash(&entry.duplicate(b"other"), b"other", &hash, Some(7));
            entry.set_string(b"text");
            check(&entry.duplicate(&key), &key, b"text", Some(7));
            entry.assign(value(), None);
            check_hash(&entry, &key, &hash, None);
            assert_eq!(entry.modify_bytes(|_| ()), None);
            assert!(entry.bytes_mut().is_none());
            let entry = entry.into_renamed(b"a new name");
            check_hash(&entry, b"a new name", &hash, None);
            check_hash(&entry.into_renamed(&vec![b'k'; 70_000]), &vec![b'k'; 70_000], &hash, None);
        }
    }
}

#[test]
fn a_hash_is_copied_out_changed_and_put_back() {
    let limits = Limits::default();
    let mut desk = Data::Hash(Hash::new());
    for from in FIELDS {
        for to in FIELDS {
            let value = Value::Data(Box::new(hash_of(*from).into_data()));
            let mut entry = Entry::new(b"key", value, Some(3));
            if !entry.copy_out(&mut desk) {
                assert!(entry.whole().is_some());
                continue;
            }
            let hash = Hash::of_mut(&mut desk).expect("a hash");
            assert_eq!(entry.data(), Some(DataRef::Hash(hash.view())));
            (*from..*to).for_each(|field| {
                hash.set(
                    format!("f{field}").as_bytes(),
                    format!("{field:020}").as_bytes(),
                    &limits,
                );
            });
            (*to..*from).for_each(|field| assert!(hash.remove(format!("f{field}").as_bytes())));
            entry.put_back(hash);
            check_hash(&entry, b"key", &hash_of(*to), Some(3));
        }
    }
}
