//! A compact hash without expiries: fields and values in turn, in the order they were set.

use super::{Iter, Pair};
use crate::data::Listpack;
use crate::data::listpack::{At, PackRef};

#[derive(Clone, Debug, Default)]
pub(super) struct Pairs(Listpack);

/// The same, to be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PairsRef<'a>(PackRef<'a>);

impl Pairs {
    pub fn new() -> Self {
        Self(Listpack::new())
    }

    pub fn with_room(elements_bytes: usize) -> Self {
        Self(Listpack::with_room(elements_bytes))
    }

    #[inline]
    pub fn view(&self) -> PairsRef<'_> {
        PairsRef(self.0.view())
    }

    pub fn list(&self) -> &Listpack {
        &self.0
    }

    pub fn heap_bytes(&self) -> usize {
        self.0.heap_bytes()
    }

    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    pub fn copy(&mut self, pairs: PackRef<'_>) {
        self.0.copy(pairs);
    }

    /// Whether the field is new.
    pub fn set(&mut self, field: &[u8], value: &[u8]) -> bool {
        match self.view().find(field).and_then(|at| self.0.next(at)) {
            Some(at) => {
                self.0.replace(at, value);
                false
            }
            None => {
                self.0.push_back(field);
                self.0.push_back(value);
                true
            }
        }
    }

    pub fn remove(&mut self, field: &[u8]) -> bool {
        self.view().find(field).is_some_and(|at| self.0.remove(at, 2) == 2)
    }
}

impl<'a> PairsRef<'a> {
    pub const fn new(pack: PackRef<'a>) -> Self {
        Self(pack)
    }

    pub const fn pack(self) -> PackRef<'a> {
        self.0
    }

    pub fn len(self) -> usize {
        self.0.len() / 2
    }

    #[inline]
    pub fn get(self, field: &[u8]) -> Option<Pair<'a>> {
        let at = self.find(field)?;
        let value = self.0.get(self.0.next(at)?);
        Some(Pair { field: self.0.get(at), value, expire_at: None })
    }

    pub fn iter(self) -> Iter<'a> {
        Iter::pairs(self.0.iter(), self.len())
    }

    fn find(self, field: &[u8]) -> Option<At> {
        self.0.find(field, self.0.first(), 2)
    }
}

impl From<Listpack> for Pairs {
    /// The elements are fields and values in turn.
    fn from(pack: Listpack) -> Self {
        Self(pack)
    }
}
