//! Iteration over a hash that stays as it is meanwhile.

use super::Pair;
use super::table;
use super::triples;
use crate::data::Packed;
use crate::data::dict;
use crate::data::listpack;

/// All fields of a hash.
#[derive(Debug)]
pub struct Iter<'a>(Form<'a>);

enum Form<'a> {
    Pairs(listpack::Iter<'a>, usize),
    Triples(listpack::Iter<'a>, usize),
    Table(dict::Iter<'a, Packed>),
}

impl<'a> Iter<'a> {
    pub(super) fn pairs(elements: listpack::Iter<'a>, fields: usize) -> Self {
        Self(Form::Pairs(elements, fields))
    }

    pub(super) fn triples(elements: listpack::Iter<'a>, fields: usize) -> Self {
        Self(Form::Triples(elements, fields))
    }

    pub(super) fn table(elements: dict::Iter<'a, Packed>) -> Self {
        Self(Form::Table(elements))
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Pair<'a>;

    #[inline]
    fn next(&mut self) -> Option<Pair<'a>> {
        match &mut self.0 {
            Form::Pairs(elements, left) => {
                let (field, value) = (elements.next()?, elements.next()?);
                *left = left.saturating_sub(1);
                Some(Pair { field, value, expire_at: None })
            }
            Form::Triples(elements, left) => {
                let (field, value) = (elements.next()?, elements.next()?);
                let expire_at = triples::instant(elements.next()?);
                *left = left.saturating_sub(1);
                Some(Pair { field, value, expire_at })
            }
            Form::Table(elements) => elements.next().map(table::pair),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            Form::Pairs(_, left) | Form::Triples(_, left) => (*left, Some(*left)),
            Form::Table(elements) => elements.size_hint(),
        }
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl std::fmt::Debug for Form<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Form")
    }
}
