//! A value while it is being changed.

use std::ops::{Deref, DerefMut};

use super::Entry;
use super::field_deadlines::FieldDeadlines;
use super::tally::Tally;
use crate::data::Collection;

/// Access to an entry, or to the value in it, that keeps its database's books: what changed is
/// known when the access ends.
#[derive(Debug)]
pub struct Edit<'a, T: Booked> {
    value: &'a mut T,
    bytes: usize,
    first_expiry: Option<i64>,
    books: Books<'a>,
}

/// What a database keeps count of, opened for one entry.
#[derive(Debug)]
pub(super) struct Books<'a> {
    pub hash: u64,
    pub tally: &'a mut Tally,
    pub fields: &'a mut FieldDeadlines,
}

/// What the books say of an entry, or of the value in it.
pub trait Booked {
    /// Heap bytes that it owns.
    fn bytes(&self) -> usize;

    /// When the first of its elements expires by itself.
    fn first_expiry(&self) -> Option<i64>;
}

impl Booked for Entry {
    fn bytes(&self) -> usize {
        self.heap_bytes()
    }

    fn first_expiry(&self) -> Option<i64> {
        self.first_field_expiry()
    }
}

impl<T: Collection> Booked for T {
    fn bytes(&self) -> usize {
        self.heap_bytes()
    }

    fn first_expiry(&self) -> Option<i64> {
        self.first_element_expiry()
    }
}

impl<'a, T: Booked> Edit<'a, T> {
    /// `books` are those of the database that `value` is in.
    pub(super) fn new(value: &'a mut T, books: Books<'a>) -> Self {
        let (bytes, first_expiry) = (value.bytes(), value.first_expiry());
        Self { value, bytes, first_expiry, books }
    }
}

impl<T: Booked> Deref for Edit<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value
    }
}

impl<T: Booked> DerefMut for Edit<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}

impl<T: Booked> Drop for Edit<'_, T> {
    fn drop(&mut self) {
        let Books { hash, tally, fields } = &mut self.books;
        tally.change(self.bytes, self.value.bytes());
        fields.update(*hash, self.first_expiry, self.value.first_expiry());
    }
}
