//! A hash that is read where it lies: a value of its own, or pairs in their key's entry.

use super::pairs::PairsRef;
use super::table::Table;
use super::triples::Triples;
use super::{Hash, Iter, Pair};
use crate::data::dict::WalkPosition;
use crate::data::listpack::PackRef;
use crate::data::{Encoding, Listpack};

/// A hash, to be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HashRef<'a>(Form<'a>);

/// Fields and values count, and in which form they are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form<'a> {
    Pairs(PairsRef<'a>),
    Triples(&'a Triples),
    Table(&'a Table),
}

impl<'a> HashRef<'a> {
    /// The hash that [`Hash::pairs`] gave the bytes of.
    #[must_use]
    pub const fn of_pairs(bytes: &'a [u8]) -> Self {
        Self(Form::Pairs(PairsRef::new(PackRef::new(bytes))))
    }

    /// The bytes of a compact hash in which fields may expire: fields, values and expiries in turn.
    #[must_use]
    pub fn triples(self) -> Option<&'a Listpack> {
        match self.0 {
            Form::Triples(triples) => Some(triples.list()),
            Form::Pairs(_) | Form::Table(_) => None,
        }
    }

    /// The bytes of a compact hash in which none may: fields and values in turn.
    #[must_use]
    pub fn pairs(self) -> Option<PackRef<'a>> {
        match self.0 {
            Form::Pairs(pairs) => Some(pairs.pack()),
            Form::Triples(_) | Form::Table(_) => None,
        }
    }

    /// Fields, those included whose time has passed.
    #[must_use]
    pub fn len(self) -> usize {
        match self.0 {
            Form::Pairs(pairs) => pairs.len(),
            Form::Triples(triples) => triples.len(),
            Form::Table(table) => table.len(),
        }
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    #[must_use]
    #[inline]
    pub fn get(self, field: &[u8]) -> Option<Pair<'a>> {
        match self.0 {
            Form::Pairs(pairs) => pairs.get(field),
            Form::Triples(triples) => triples.get(field),
            Form::Table(table) => table.get(field),
        }
    }

    /// When the first field expires, if any does.
    #[must_use]
    #[inline]
    pub fn first_expiry(self) -> Option<i64> {
        match self.0 {
            Form::Pairs(_) => None,
            Form::Triples(triples) => triples.first_expiry(),
            Form::Table(table) => table.first_expiry(),
        }
    }

    /// All fields, in no particular order.
    #[must_use]
    pub fn iter(self) -> Iter<'a> {
        match self.0 {
            Form::Pairs(pairs) => pairs.iter(),
            Form::Triples(triples) => triples.iter(),
            Form::Table(table) => table.iter(),
        }
    }

    /// A field chosen uniformly, by `pick`, which returns a uniform number below its argument.
    pub fn random(self, mut pick: impl FnMut(u64) -> u64) -> Option<Pair<'a>> {
        match self.0 {
            Form::Table(table) => table.random(pick),
            // A number below the length, which is a `usize`.
            Form::Pairs(_) | Form::Triples(_) => self.iter().nth(pick(self.len() as u64) as usize),
        }
    }

    /// Whether a random field costs much less than a walk over them all.
    #[must_use]
    pub fn picks_cheaply(self) -> bool {
        matches!(self.0, Form::Table(_))
    }

    /// Emits the fields of a walk's next step; a compact hash emits all at once.
    pub fn walk(self, position: &mut WalkPosition, mut emit: impl FnMut(Pair<'a>)) {
        match self.0 {
            Form::Table(table) => table.walk(position, emit),
            Form::Pairs(_) | Form::Triples(_) => {
                self.iter().for_each(&mut emit);
                *position = WalkPosition::END;
            }
        }
    }

    /// HSCAN's step: emits some fields and returns the next cursor, which is 0 after the last. A
    /// compact hash emits all at once.
    pub fn scan(self, cursor: u64, mut emit: impl FnMut(Pair<'a>)) -> u64 {
        match self.0 {
            Form::Table(table) => table.scan(cursor, emit),
            Form::Pairs(_) | Form::Triples(_) => {
                self.iter().for_each(&mut emit);
                0
            }
        }
    }

    /// What OBJECT ENCODING prints.
    #[must_use]
    pub fn encoding(self) -> Encoding {
        match self.0 {
            Form::Pairs(_) => Encoding::Listpack,
            Form::Triples(_) => Encoding::ListpackEx,
            Form::Table(_) => Encoding::Hashtable,
        }
    }
}

impl Hash {
    #[must_use]
    #[inline]
    pub fn view(&self) -> HashRef<'_> {
        HashRef(match &self.0 {
            super::Form::Pairs(pairs) => Form::Pairs(pairs.view()),
            super::Form::Triples(triples) => Form::Triples(triples),
            super::Form::Table(table) => Form::Table(table),
        })
    }

    /// The bytes of a compact hash in which no field expires, for [`HashRef::of_pairs`].
    #[must_use]
    pub fn pairs(&self) -> Option<&[u8]> {
        match &self.0 {
            super::Form::Pairs(pairs) => Some(pairs.list().view().as_bytes()),
            super::Form::Triples(_) | super::Form::Table(_) => None,
        }
    }

    /// Becomes a copy of the hash that [`Self::pairs`] gave the bytes of.
    pub fn copy_pairs(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            super::Form::Pairs(pairs) => pairs.copy(PackRef::new(bytes)),
            super::Form::Triples(_) | super::Form::Table(_) => *self = Self::copied_pairs(bytes),
        }
    }

    /// A copy of the hash that [`Self::pairs`] gave the bytes of.
    #[must_use]
    pub fn copied_pairs(bytes: &[u8]) -> Self {
        Self(super::Form::Pairs(Listpack::copied(PackRef::new(bytes)).into()))
    }

    /// As [`HashRef::len`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.view().len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// As [`HashRef::get`].
    #[must_use]
    #[inline]
    pub fn get(&self, field: &[u8]) -> Option<Pair<'_>> {
        self.view().get(field)
    }

    /// As [`HashRef::first_expiry`].
    #[must_use]
    #[inline]
    pub fn first_expiry(&self) -> Option<i64> {
        self.view().first_expiry()
    }

    /// As [`HashRef::iter`].
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        self.view().iter()
    }
}

impl<'a> IntoIterator for HashRef<'a> {
    type Item = Pair<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}
