//! A compact hash in which fields expire: field, value and expiry in turn, the bytes of Redis 7.4.
//!
//! Invariant: the fields that expire come first, the earliest ahead; the others follow with an
//! expiry of 0.

use super::pairs::Pairs;
use super::{Iter, KeepsExpiry, Pair};
use crate::data::listpack::At;
use crate::data::{Listpack, StrRef};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Triples(Listpack);

impl Triples {
    /// Takes on a listpack, if it is one of triples in order.
    pub fn checked(pack: Listpack, expiry_max_ms: i64) -> Option<Self> {
        let expiries = || pack.iter().skip(2).step_by(3);
        let is_expiry =
            |element| matches!(element, StrRef::Int(at) if (0..=expiry_max_ms).contains(&at));
        let is_whole = pack.len().is_multiple_of(3) && expiries().all(is_expiry);
        let in_order = expiries().map(|element| instant(element).unwrap_or(i64::MAX)).is_sorted();
        (is_whole && in_order).then_some(Self(pack))
    }

    pub fn list(&self) -> &Listpack {
        &self.0
    }

    pub fn len(&self) -> usize {
        self.0.len() / 3
    }

    pub fn heap_bytes(&self) -> usize {
        LISTPACK_BYTES + self.0.heap_bytes()
    }

    pub fn get(&self, field: &[u8]) -> Option<Pair<'_>> {
        self.pair(self.find(field)?)
    }

    /// Whether the field is new.
    pub fn set(&mut self, field: &[u8], value: &[u8], keeps: KeepsExpiry) -> bool {
        let Some(at) = self.find(field) else {
            self.insert(field, value, None);
            return true;
        };
        let expires = self.pair(at).is_some_and(|pair| pair.expire_at.is_some());
        if expires && !keeps.0 {
            self.0.remove(at, 3);
            self.insert(field, value, None);
        } else if let Some(at) = self.0.next(at) {
            self.0.replace(at, value);
        }
        false
    }

    pub fn remove(&mut self, field: &[u8]) -> bool {
        self.find(field).is_some_and(|at| self.0.remove(at, 3) == 3)
    }

    /// Whether the field is there.
    pub fn set_expiry(&mut self, field: &[u8], expire_at: Option<i64>) -> bool {
        let Some(at) = self.find(field) else { return false };
        let Some(pair) = self.pair(at) else { return false };
        if pair.expire_at != expire_at {
            let value = pair.value.to_vec();
            self.0.remove(at, 3);
            self.insert(field, &value, expire_at);
        }
        true
    }

    pub fn first_expiry(&self) -> Option<i64> {
        self.pair(self.0.first()?)?.expire_at
    }

    /// Takes the first field out and returns its name.
    pub fn take_first(&mut self) -> Option<Vec<u8>> {
        let at = self.0.first()?;
        let field = self.0.get(at).to_vec();
        self.0.remove(at, 3);
        Some(field)
    }

    pub fn iter(&self) -> Iter<'_> {
        Iter::triples(self.0.iter(), self.len())
    }

    /// Puts a field that is not there in its place.
    fn insert(&mut self, field: &[u8], value: &[u8], expire_at: Option<i64>) {
        match expire_at.and_then(|expire_at| self.first_not_before(expire_at)) {
            Some(at) => {
                self.0.insert_before(at, field);
                self.0.insert_after(at, value);
                if let Some(value_at) = self.0.next(at) {
                    self.0.insert_int_after(value_at, expire_at.unwrap_or(NEVER));
                }
            }
            None => {
                self.0.push_back(field);
                self.0.push_back(value);
                self.0.push_back_int(expire_at.unwrap_or(NEVER));
            }
        }
    }

    /// The first field that does not expire before `expire_at`.
    fn first_not_before(&self, expire_at: i64) -> Option<At> {
        let mut at = self.0.first()?;
        loop {
            if self.pair(at)?.expire_at.is_none_or(|other| other >= expire_at) {
                return Some(at);
            }
            at = self.after(at)?;
        }
    }

    fn pair(&self, at: At) -> Option<Pair<'_>> {
        let value_at = self.0.next(at)?;
        let expiry = self.0.get(self.0.next(value_at)?);
        let (field, value) = (self.0.get(at), self.0.get(value_at));
        Some(Pair { field, value, expire_at: instant(expiry) })
    }

    /// The field after the one at `at`.
    fn after(&self, at: At) -> Option<At> {
        self.0.next(self.0.next(self.0.next(at)?)?)
    }

    fn find(&self, field: &[u8]) -> Option<At> {
        self.0.find(field, self.0.first(), 3)
    }
}

impl From<Pairs> for Triples {
    fn from(pairs: Pairs) -> Self {
        let mut triples =
            Self(Listpack::with_room(pairs.list().total_bytes() + 2 * pairs.view().len()));
        let (mut fields, mut values) = (itoa::Buffer::new(), itoa::Buffer::new());
        for pair in pairs.view().iter() {
            let field = pair.field.as_bytes(&mut fields);
            triples.insert(field, pair.value.as_bytes(&mut values), None);
        }
        triples
    }
}

/// The instant that a third element means.
pub(super) fn instant(element: StrRef<'_>) -> Option<i64> {
    element.to_int().filter(|at| *at != NEVER)
}

const NEVER: i64 = 0;

/// The listpack itself, behind its pointer, in a 64-bit build.
const LISTPACK_BYTES: usize = 24;

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Triples>() == LISTPACK_BYTES);
