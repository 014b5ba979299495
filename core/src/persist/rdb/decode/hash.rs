//! Reads hashes: one by one the fields of a large one, at once a small one that is a single string.

use super::ErrorKind;
use super::reader::{Reader, Stop};
use super::value::Progress;
use super::{ziplist, zipmap};
use crate::data::{Gathering, Hash, Limits, Listpack, StrRef};

/// A hash of which fields are still missing.
pub(super) struct HashReader {
    hash: Hash,
    form: Form,
    /// What the fields' expiries are counted from.
    first_expiry: i64,
    /// Fields to come, once their number is known.
    left: Option<u64>,
}

/// What is written of each field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Itself and its value.
    Pairs,
    /// First its expiry, counted from the first of all: Redis 7.4.
    RelativeExpiry,
    /// First its expiry: release candidates of Redis 7.4.
    AbsoluteExpiry,
    /// Last its expiry: Valkey 9.
    ExpiryLast,
}

impl HashReader {
    pub(super) fn new(form: Form) -> Self {
        Self { hash: Hash::new(), form, first_expiry: 0, left: None }
    }

    /// Reads the number of fields, or the next one. There is room for at most `room` at once.
    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        room: usize,
        limits: &Limits,
    ) -> Result<Progress, Stop> {
        let Some(left) = self.left else {
            if self.form == Form::RelativeExpiry {
                self.first_expiry = i64::from_le_bytes(reader.array()?);
            }
            let fields = reader.length()?;
            self.left = Some(fields);
            let fields_known = usize::try_from(fields).unwrap_or(usize::MAX);
            self.hash = Hash::with_room(fields_known.saturating_mul(ROOM_OF_FIELD).min(ROOM_MAX));
            self.hash.expect_fields(fields_known, limits);
            self.hash.reserve(fields_known.min(room));
            return Ok(if fields == 0 { Progress::Empty } else { Progress::More });
        };
        self.field(reader, limits)?;
        self.left = Some(left - 1);
        Ok(match left {
            1 => {
                self.hash.shrink_to_fit();
                Progress::data(std::mem::take(&mut self.hash))
            }
            _ => Progress::More,
        })
    }

    fn field(&mut self, reader: &mut Reader<'_>, limits: &Limits) -> Result<(), Stop> {
        let base = match self.form {
            // 0 means that the field never expires, so that all others are one more.
            Form::RelativeExpiry => Some(self.first_expiry.saturating_sub(1)),
            Form::AbsoluteExpiry => Some(0),
            Form::Pairs | Form::ExpiryLast => None,
        };
        let mut expire_at = None;
        if let Some(base) = base
            && let later @ 1.. = reader.length()?
        {
            expire_at = Some(checked(base.checked_add_unsigned(later))?);
        }
        let (field, value) = (reader.text()?, reader.text()?);
        if self.form == Form::ExpiryLast {
            let at = Some(i64::from_le_bytes(reader.array()?)).filter(|at| *at != NEVER);
            expire_at = at.map(|at| checked(Some(at))).transpose()?;
        }
        if !self.hash.set(&field, &value, limits) {
            return Err(malformed("Duplicate hash fields detected"));
        }
        if expire_at.is_some() {
            self.hash.set_expiry(&field, expire_at);
        }
        Ok(())
    }
}

/// Bytes made ready for each field of a compact hash, and for all: what is too little grows, what is
/// too much is given back.
const ROOM_OF_FIELD: usize = 32;
const ROOM_MAX: usize = 4096;

/// A small hash that is one string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compact {
    /// Redis before 2.6.
    Zipmap,
    /// Redis before 7.0.
    Ziplist,
    Listpack,
    /// A listpack with expiries: Redis 7.4, whose release candidates had it without the first expiry
    /// in front.
    ListpackEx {
        begins_with_first: bool,
    },
}

impl Compact {
    pub(super) fn read(self, reader: &mut Reader<'_>, limits: &Limits) -> Result<Progress, Stop> {
        if self == (Self::ListpackEx { begins_with_first: true }) {
            // It stands in the listpack as well.
            let _first_expiry: [u8; 8] = reader.array()?;
        }
        let bytes = reader.text()?;
        let hash = match self {
            Self::Zipmap => zipmap::parse(&bytes)
                .and_then(|elements| collect(elements.into_iter().map(StrRef::Bytes), limits)),
            Self::Ziplist => {
                let mut gathering = Gathering::new(bytes.len());
                let is_whole = ziplist::visit(&bytes, |element| gathering.push(element));
                is_whole.then_some(gathering).and_then(|gathering| gathering.finish(limits))
            }
            Self::Listpack => Listpack::from_bytes(bytes.into_owned())
                .and_then(|pack| Hash::from_pairs(pack, limits)),
            Self::ListpackEx { .. } => Listpack::from_bytes(bytes.into_owned())
                .and_then(|pack| Hash::from_triples(pack, EXPIRY_MAX_MS, limits)),
        };
        let hash = hash.ok_or(malformed("Hash integrity check failed."))?;
        Ok(if hash.is_empty() { Progress::Empty } else { Progress::data(hash) })
    }
}

/// Fields and values in turn, if they are whole and each field is new.
fn collect<'a>(mut elements: impl Iterator<Item = StrRef<'a>>, limits: &Limits) -> Option<Hash> {
    let mut hash = Hash::new();
    let (mut fields, mut values) = (itoa::Buffer::new(), itoa::Buffer::new());
    while let Some(field) = elements.next() {
        let (field, value) = (field.as_bytes(&mut fields), elements.next()?);
        if !hash.set(field, value.as_bytes(&mut values), limits) {
            return None;
        }
    }
    Some(hash)
}

/// An instant at which a field may expire.
fn checked(at: Option<i64>) -> Result<i64, Stop> {
    let at = at.filter(|at| (1..=EXPIRY_MAX_MS).contains(at));
    at.ok_or(malformed("invalid expireAt time"))
}

fn malformed(what: &'static str) -> Stop {
    Stop::Wrong(ErrorKind::Malformed(what))
}

/// Valkey's mark of a field that never expires.
const NEVER: i64 = -1;

/// Redis has 48 bits for a field's expiry.
const EXPIRY_MAX_MS: i64 = (1 << 48) - 2;

#[cfg(test)]
mod tests {
    use crate::data::{Collection, Encoding, Hash, Kind, Limits, Listpack};
    use crate::persist::rdb::decode::{ReadOptions, Value, value_from};
    use crate::persist::rdb::{dump, restore};
    use crate::store;

    fn read(value_type: u8, version: u16, body: &[u8], limits: Limits) -> Option<Hash> {
        let options = ReadOptions { limits, ..ReadOptions::default() };
        match value_from(value_type, version, body, &options)? {
            Value::Data(mut data) => Hash::of_mut(&mut data).cloned(),
            Value::String(_) => None,
        }
    }

    /// A listpack as a string of less than 64 bytes.
    fn pack(elements: &[&str]) -> Vec<u8> {
        let mut pack = Listpack::new();
        elements.iter().for_each(|element| pack.push_back(element.as_bytes()));
        [&[pack.total_bytes() as u8], pack.as_bytes()].concat()
    }

    fn with_first(first: i64, rest: &[u8]) -> Vec<u8> {
        [&first.to_le_bytes(), rest].concat()
    }

    /// The same hash in every form: its type, the format's version, its bytes, whether the first of its
    /// two fields expires at 33177117420000.
    fn forms() -> Vec<(u8, u16, Vec<u8>, bool)> {
        let ziplist = b"\x18\x18\0\0\0\x12\0\0\0\x04\0\0\x01a\x03\xf2\x02\x01b\x03\x03two\xff";
        let at = &[0x81_u8, 0, 0, 0x1e, 0x2c, 0xa6, 0x4c, 0x69, 0xe0][..];
        vec![
            (4, 9, b"\x02\x01a\xc0\x01\x01b\x03two".to_vec(), false),
            (9, 1, b"\x0e\x02\x01a\x01\x001\x01b\x03\x00two\xff".to_vec(), false),
            (13, 9, ziplist.to_vec(), false),
            (16, 10, pack(&["a", "1", "b", "two"]), false),
            (22, 12, [&b"\x02"[..], at, b"\x01a\xc0\x01\x00\x01b\x03two"].concat(), true),
            (23, 12, pack(&["a", "1", "33177117420000", "b", "two", "0"]), true),
            (24, 12, with_first(AT, b"\x02\x01\x01a\xc0\x01\x00\x01b\x03two"), true),
            (24, 12, with_first(AT - 4, b"\x02\x05\x01a\xc0\x01\x00\x01b\x03two"), true),
            (25, 12, with_first(AT, &pack(&["a", "1", "33177117420000", "b", "two", "0"])), true),
            // As valkey-server 9.1 writes it.
            (
                22,
                80,
                b"\x02\x01a\xc0\x01\xe0iL\xa6,\x1e\0\0\x01b\x03two\xff\xff\xff\xff\xff\xff\xff\xff"
                    .to_vec(),
                true,
            ),
        ]
    }

    const AT: i64 = 33_177_117_420_000;

    #[test]
    fn every_form_of_every_age_reads() {
        let small = Limits { hash_max_listpack_entries: 1, ..Limits::default() };
        for (value_type, version, body, expires) in forms() {
            let name = format!("type {value_type} of {version}");
            let hash = read(value_type, version, &body, Limits::default()).expect(&name);
            assert_eq!(hash.len(), 2, "{name}");
            for (field, value, at) in [("a", "1", Some(AT).filter(|_| expires)), ("b", "two", None)]
            {
                let pair = hash.get(field.as_bytes()).expect(&name);
                assert_eq!((pair.value.to_vec(), pair.expire_at), (value.into(), at), "{name}");
            }
            let compact = if expires { Encoding::ListpackEx } else { Encoding::Listpack };
            assert_eq!(hash.encoding(), compact, "{name}");
            let table = read(value_type, version, &body, small.clone()).expect(&name);
            assert_eq!(
                (table.encoding(), table.first_expiry()),
                (Encoding::Hashtable, hash.first_expiry())
            );
        }
    }

    #[test]
    fn what_is_malformed_is_refused_or_read_but_never_a_panic() {
        for (value_type, version, body, _) in forms() {
            for at in 0..body.len() {
                assert_eq!(read(value_type, version, &body[..at], Limits::default()), None);
                for bit in 0..8 {
                    let mut bad = body.clone();
                    bad[at] ^= 1 << bit;
                    for entries in [0, 512] {
                        let limits =
                            Limits { hash_max_listpack_entries: entries, ..Limits::default() };
                        if let Some(hash) = read(value_type, version, &bad, limits) {
                            assert_eq!(hash.iter().count(), hash.len());
                        }
                    }
                }
            }
        }
        for (value_type, body) in [
            (4, b"\x02\x01a\x011\x01a\x012".to_vec()),
            (4, b"\0".to_vec()),
            (9, b"\x02\x01a\x01\x001\x01a\x01\x002\xff".to_vec()),
            (16, pack(&["a", "1", "b"])),
            (16, pack(&["a", "1", "a", "1"])),
            (16, pack(&[])),
            (23, pack(&["a", "1"])),
            (23, pack(&["a", "1", "x"])),
            (23, pack(&["a", "1", "-1"])),
            (23, pack(&["a", "1", "2", "a", "1", "3"])),
            (23, pack(&["a", "1", "2", "b", "1", "1"])),
            (23, pack(&["a", "1", "0", "b", "1", "1"])),
            (24, with_first(i64::MAX, b"\x01\x03\x01a\x011")),
            (24, with_first(i64::MIN, b"\x01\x03\x01a\x011")),
            (24, with_first(AT, b"\0")),
        ] {
            assert_eq!(read(value_type, 12, &body, Limits::default()), None, "{value_type}");
        }
    }

    #[test]
    fn what_is_written_is_read_in_the_oldest_form_there_is() {
        let small = Limits { hash_max_listpack_entries: 3, ..Limits::default() };
        for (limits, expiries, value_type, version) in [
            (&small, &[None, None, None][..], 13, 9),
            (&small, &[None; 9], 4, 9),
            (&small, &[None, Some(7), Some(5)], 25, 12),
            (&small, &[Some(5), None, Some(7), Some(1 << 40), Some(5)], 24, 12),
        ] {
            let mut hash = Hash::new();
            for (number, at) in expiries.iter().enumerate() {
                let field = format!("field {number}");
                hash.set(field.as_bytes(), number.to_string().as_bytes(), limits);
                hash.set_expiry(field.as_bytes(), *at);
            }
            let value = store::Value::Data(Box::new(hash.clone().into_data()));
            let payload = dump(&store::Entry::new(b"k", value, None), true);
            let (body, footer) = payload.split_at(payload.len() - 10);
            assert_eq!((body[0], footer[0]), (value_type, version));
            let options = ReadOptions { limits: limits.clone(), ..ReadOptions::default() };
            let Ok(Value::Data(data)) = restore(&payload, &options) else { panic!("a hash") };
            assert_eq!(Hash::of(data.view()), Some(hash.view()));
        }
    }
}
