//! A large hash: a table of elements, each a field with its value and, as its tag, its expiry; and
//! beside it, in order, when fields expire.
//!
//! Invariant: `due` holds the expiry and the hash of each field that expires, and no other;
//! `elements_bytes` is what the elements own.

use super::{Iter, KeepsExpiry, Pair};
use crate::data::dict::{Occupancy, WalkPosition};
use crate::data::packed::{self, Packed};
use crate::data::{Dict, Due, Hasher, StrRef};

pub(super) struct Table {
    elements: Dict<Packed>,
    hasher: Hasher,
    elements_bytes: usize,
    due: Due,
}

impl Table {
    pub fn new(hasher: Hasher) -> Self {
        Self { elements: Dict::new(), hasher, elements_bytes: 0, due: Due::new() }
    }

    pub fn extend<'a>(&mut self, pairs: impl Iterator<Item = Pair<'a>>) {
        let (mut fields, mut values) = (itoa::Buffer::new(), itoa::Buffer::new());
        for pair in pairs {
            let field = pair.field.as_bytes(&mut fields);
            self.set(field, pair.value.as_bytes(&mut values), KeepsExpiry(false));
            if pair.expire_at.is_some() {
                self.set_expiry(field, pair.expire_at);
            }
        }
    }

    /// Makes an empty table as large as it will be with so many fields.
    pub fn reserve(&mut self, fields: usize) {
        self.elements.reserve(fields);
    }

    pub fn len(&self) -> usize {
        self.elements.len()
    }

    pub fn get(&self, field: &[u8]) -> Option<Pair<'_>> {
        self.elements.find(self.hasher.hash(field), |element| element.a() == field).map(pair)
    }

    /// Whether the field is new.
    pub fn set(&mut self, field: &[u8], value: &[u8], keeps: KeepsExpiry) -> bool {
        let Self { elements, hasher, elements_bytes, due } = self;
        let hash = hasher.hash(field);
        let place = elements.entry(
            hash,
            |element| element.a() == field,
            |element| hasher.hash(element.a()),
        );
        match place {
            Occupancy::Vacant(place) => {
                *elements_bytes += place.insert(Packed::pair(field, value, None)).heap_bytes();
                true
            }
            Occupancy::Occupied(place) => {
                let element = place.into_mut();
                *elements_bytes -= element.heap_bytes();
                match expiry(element) {
                    Some(at) if !keeps.0 => {
                        due.remove(at, hash);
                        *element = Packed::pair(field, value, None);
                    }
                    _ => element.set_b(value),
                }
                *elements_bytes += element.heap_bytes();
                false
            }
        }
    }

    pub fn remove(&mut self, field: &[u8]) -> bool {
        let hash = self.hasher.hash(field);
        let removed = self.elements.remove(hash, |element| element.a() == field);
        if let Some(element) = &removed {
            self.count_out(element, hash);
        }
        removed.is_some()
    }

    /// Whether the field is there.
    pub fn set_expiry(&mut self, field: &[u8], expire_at: Option<i64>) -> bool {
        let hash = self.hasher.hash(field);
        let found = self.elements.find_mut(hash, |element| element.a() == field);
        let Some(element) = found else { return false };
        if let Some(at) = expiry(element) {
            self.due.remove(at, hash);
        }
        self.elements_bytes -= element.heap_bytes();
        element.set_tag(expire_at.map(i64::cast_unsigned));
        self.elements_bytes += element.heap_bytes();
        if let Some(at) = expire_at {
            self.due.insert(at, hash);
        }
        true
    }

    pub fn first_expiry(&self) -> Option<i64> {
        self.due.first().map(|(at, _)| at)
    }

    /// Takes out the first field that expires and returns its name.
    pub fn take_first_due(&mut self) -> Option<Vec<u8>> {
        let (at, hash) = self.due.pop_first()?;
        let Self { elements, hasher, .. } = self;
        let element = elements.remove(hash, |element| {
            expiry(element) == Some(at) && hasher.hash(element.a()) == hash
        })?;
        self.count_out(&element, hash);
        Some(element.a().to_vec())
    }

    pub fn iter(&self) -> Iter<'_> {
        Iter::table(self.elements.iter())
    }

    pub fn random(&self, pick: impl FnMut(u64) -> u64) -> Option<Pair<'_>> {
        self.elements.random(pick).map(pair)
    }

    pub fn scan<'a>(&'a self, cursor: u64, mut emit: impl FnMut(Pair<'a>)) -> u64 {
        let hash_of = |element: &Packed| self.hasher.hash(element.a());
        self.elements.scan(cursor, hash_of, |element| emit(pair(element)))
    }

    /// A step of a walk over the fields.
    pub fn walk<'a>(&'a self, position: &mut WalkPosition, mut emit: impl FnMut(Pair<'a>)) {
        packed::walk(&self.elements, &self.hasher, position, |element| emit(pair(element)));
    }

    pub fn heap_bytes(&self) -> usize {
        let due_bytes = self.due.len() * DUE_BYTES;
        TABLE_BYTES + self.elements.table_bytes() + self.elements_bytes + due_bytes
    }

    pub fn free_some(&mut self, elements_max: usize) -> bool {
        for _ in 0..elements_max {
            if self.due.pop_first().is_none() {
                break;
            }
        }
        let Self { elements, elements_bytes, due, .. } = self;
        let elements_left =
            elements.drain_buckets(elements_max.div_ceil(BUCKET_ELEMENTS), |element| {
                *elements_bytes -= element.heap_bytes();
            });
        elements_left || !due.is_empty()
    }

    fn count_out(&mut self, element: &Packed, hash: u64) {
        self.elements_bytes -= element.heap_bytes();
        if let Some(at) = expiry(element) {
            self.due.remove(at, hash);
        }
    }
}

impl Clone for Table {
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.hasher.clone());
        copy.reserve(self.len());
        copy.extend(self.iter());
        copy
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        let is_in_other = |pair: Pair<'_>| other.get(&pair.field.to_cow()) == Some(pair);
        self.len() == other.len() && self.iter().all(is_in_other)
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

pub(super) fn pair(element: &Packed) -> Pair<'_> {
    let (field, value) = (StrRef::Bytes(element.a()), StrRef::Bytes(element.b()));
    Pair { field, value, expire_at: expiry(element) }
}

fn expiry(element: &Packed) -> Option<i64> {
    element.tag().map(u64::cast_signed)
}

/// A place in the tree of expiries, of which a node has room for eleven and fills most.
const DUE_BYTES: usize = 25;

/// Elements freed with a bucket, when it is as full as most.
const BUCKET_ELEMENTS: usize = 7;

/// The table itself, behind its pointer, in a 64-bit build.
const TABLE_BYTES: usize = 96;

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Table>() == TABLE_BYTES);
