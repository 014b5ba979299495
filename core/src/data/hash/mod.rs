//! A hash: fields with a value each, and an instant at which the field expires if it has any.
//!
//! A small hash is one listpack, which OBJECT ENCODING calls so, or `listpackex` from the first
//! expiry on, when an expiry stands behind each value and the fields are sorted by it. A hash with
//! more fields than `hash-max-listpack-entries`, or with a text longer than
//! `hash-max-listpack-value`, is a table for the rest of its life.
//!
//! A field whose time has passed is one like any other here: what to make of it is the caller's
//! policy. Instants are milliseconds since 1970, and positive.

mod gather;
mod iter;
mod pairs;
mod table;
#[cfg(test)]
mod tests;
mod triples;
mod view;

use std::collections::BTreeSet;

use super::{Collection, Data, DataRef, Encoding, Kind, Limits, Listpack, StrRef};

use gather::Fields;
pub use gather::Gathering;
pub use iter::Iter;
use pairs::Pairs;
use table::Table;
use triples::Triples;
pub use view::HashRef;

/// A hash.
#[derive(Clone, Debug)]
pub struct Hash(Form);

#[derive(Clone, Debug)]
enum Form {
    Pairs(Pairs),
    Triples(Box<Triples>),
    Table(Box<Table>),
}

/// A field with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair<'a> {
    pub field: StrRef<'a>,
    pub value: StrRef<'a>,
    /// When the field expires.
    pub expire_at: Option<i64>,
}

impl Hash {
    /// What TYPE prints.
    pub const TYPE_NAME: &str = "hash";

    #[must_use]
    pub fn new() -> Self {
        Self(Form::Pairs(Pairs::new()))
    }

    /// An empty hash that is about to take these texts, fields and values in turn.
    #[must_use]
    pub fn expecting<'a>(texts: impl Iterator<Item = &'a [u8]> + Clone, limits: &Limits) -> Self {
        let are_short = texts.clone().all(|text| text.len() <= limits.hash_max_listpack_value);
        if !are_short || texts.clone().count() / 2 > limits.hash_max_listpack_entries {
            return Self(Form::Table(Box::new(Table::new(limits.hasher.clone()))));
        }
        Self(Form::Pairs(Pairs::with_room(texts.map(Listpack::element_bytes).sum())))
    }

    /// An empty hash with room for fields and values of so many bytes while it is compact.
    #[must_use]
    pub fn with_room(bytes: usize) -> Self {
        Self(Form::Pairs(Pairs::with_room(bytes)))
    }

    /// Gives back room that is not needed.
    pub fn shrink_to_fit(&mut self) {
        if let Form::Pairs(pairs) = &mut self.0 {
            pairs.shrink_to_fit();
        }
    }

    /// Takes on a listpack of fields and values in turn, if each field is in it once.
    #[must_use]
    pub fn from_pairs(pack: Listpack, limits: &Limits) -> Option<Self> {
        let is_whole = pack.len().is_multiple_of(2);
        Self::checked(Form::Pairs(Pairs::from(pack)), false, limits).filter(|_| is_whole)
    }

    /// Takes on a listpack of fields, values and expiries in turn, if each field is in it once and
    /// the expiries, none after `expiry_max_ms`, are in order.
    #[must_use]
    pub fn from_triples(pack: Listpack, expiry_max_ms: i64, limits: &Limits) -> Option<Self> {
        let triples = Triples::checked(pack, expiry_max_ms)?;
        Self::checked(Form::Triples(Box::new(triples)), false, limits)
    }

    /// The form given or, with too many fields, a table; unless a field is in it twice.
    fn checked(form: Form, is_unique: bool, limits: &Limits) -> Option<Self> {
        let mut hash = Self(form);
        if !is_unique && !hash.is_surely_unique() {
            let mut fields = BTreeSet::new();
            if !hash.iter().all(|pair| fields.insert(pair.field.to_cow())) {
                return None;
            }
        }
        hash.expect_fields(hash.len(), limits);
        Some(hash)
    }

    fn is_surely_unique(&self) -> bool {
        let mut fields = Fields::new();
        self.iter().all(|pair| fields.insert(pair.field))
    }

    /// Sets a field's value; the field expires no more. Whether the field is new.
    pub fn set(&mut self, field: &[u8], value: &[u8], limits: &Limits) -> bool {
        self.put(field, value, limits, KeepsExpiry(false))
    }

    /// As [`Self::set`], but a field that expires still does.
    pub fn update(&mut self, field: &[u8], value: &[u8], limits: &Limits) -> bool {
        self.put(field, value, limits, KeepsExpiry(true))
    }

    fn put(&mut self, field: &[u8], value: &[u8], limits: &Limits, keeps: KeepsExpiry) -> bool {
        if field.len().max(value.len()) > limits.hash_max_listpack_value {
            self.become_table(limits);
        }
        let is_new = match &mut self.0 {
            Form::Pairs(pairs) => pairs.set(field, value),
            Form::Triples(triples) => triples.set(field, value, keeps),
            Form::Table(table) => return table.set(field, value, keeps),
        };
        self.expect_fields(self.len(), limits);
        is_new
    }

    /// Says how many fields are about to be set: if they are too many for a listpack, none is tried.
    pub fn expect_fields(&mut self, fields: usize, limits: &Limits) {
        if fields > limits.hash_max_listpack_entries {
            self.become_table(limits);
        }
    }

    /// Makes room for so many fields, if the hash has none and is a table.
    pub fn reserve(&mut self, fields: usize) {
        if let Form::Table(table) = &mut self.0 {
            table.reserve(fields);
        }
    }

    /// Whether the field was there.
    pub fn remove(&mut self, field: &[u8]) -> bool {
        match &mut self.0 {
            Form::Pairs(pairs) => pairs.remove(field),
            Form::Triples(triples) => triples.remove(field),
            Form::Table(table) => table.remove(field),
        }
    }

    /// Sets or clears when a field expires; whether the field is there.
    pub fn set_expiry(&mut self, field: &[u8], expire_at: Option<i64>) -> bool {
        if let Form::Pairs(pairs) = &mut self.0 {
            let is_there = pairs.view().get(field).is_some();
            if !is_there || expire_at.is_none() {
                return is_there;
            }
            self.0 = Form::Triples(Box::new(Triples::from(std::mem::take(pairs))));
        }
        match &mut self.0 {
            Form::Pairs(_) => false,
            Form::Triples(triples) => triples.set_expiry(field, expire_at),
            Form::Table(table) => table.set_expiry(field, expire_at),
        }
    }

    /// Removes the first field to expire, if its time has passed, and returns its name.
    pub fn take_due(&mut self, now_ms: i64) -> Option<Vec<u8>> {
        if self.first_expiry()? > now_ms {
            return None;
        }
        match &mut self.0 {
            Form::Pairs(_) => None,
            Form::Triples(triples) => triples.take_first(),
            Form::Table(table) => table.take_first_due(),
        }
    }

    fn become_table(&mut self, limits: &Limits) {
        if !matches!(self.0, Form::Table(_)) {
            let mut table = Table::new(limits.hasher.clone());
            table.extend(self.iter());
            self.0 = Form::Table(Box::new(table));
        }
    }
}

/// What setting a value does to the field's expiry.
#[derive(Clone, Copy)]
struct KeepsExpiry(bool);

impl Default for Hash {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Hash {
    fn eq(&self, other: &Self) -> bool {
        self.view() == other.view()
    }
}

impl<'a> IntoIterator for &'a Hash {
    type Item = Pair<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl Collection for Hash {
    fn type_name(&self) -> &'static str {
        Self::TYPE_NAME
    }

    fn encoding(&self) -> Encoding {
        self.view().encoding()
    }

    fn heap_bytes(&self) -> usize {
        match &self.0 {
            Form::Pairs(pairs) => pairs.heap_bytes(),
            Form::Triples(triples) => triples.heap_bytes(),
            Form::Table(table) => table.heap_bytes(),
        }
    }

    fn first_element_expiry(&self) -> Option<i64> {
        self.first_expiry()
    }

    fn inline_bytes(&self) -> Option<&[u8]> {
        self.pairs()
    }

    fn take(&mut self) -> Data {
        std::mem::take(self).into_data()
    }

    fn free_effort(&self) -> usize {
        match &self.0 {
            Form::Pairs(_) | Form::Triples(_) => 1,
            Form::Table(table) => table.len(),
        }
    }

    fn free_some(&mut self, elements_max: usize) -> bool {
        match &mut self.0 {
            Form::Pairs(_) | Form::Triples(_) => false,
            Form::Table(table) => table.free_some(elements_max),
        }
    }
}

impl Kind for Hash {
    type Ref<'a> = HashRef<'a>;

    fn into_data(self) -> Data {
        Data::Hash(self)
    }

    fn of(data: DataRef<'_>) -> Option<HashRef<'_>> {
        match data {
            DataRef::Hash(hash) => Some(hash),
            _ => None,
        }
    }

    fn of_mut(data: &mut Data) -> Option<&mut Self> {
        match data {
            Data::Hash(hash) => Some(hash),
            _ => None,
        }
    }
}
