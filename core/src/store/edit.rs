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
    /// Where to put the value back, if it is a copy.
    home: Option<&'a mut Entry>,
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

    /// Puts the value, a copy of that in the entry, back into it.
    fn put_back(&mut self, home: &mut Entry);
}

impl Booked for Entry {
    fn bytes(&self) -> usize {
        self.heap_bytes()
    }

    fn first_expiry(&self) -> Option<i64> {
        self.first_field_expiry()
    }

    /// An entry is never a copy.
    fn put_back(&mut self, _home: &mut Entry) {}
}

impl<T: Collection> Booked for T {
    fn bytes(&self) -> usize {
        self.heap_bytes()
    }

    fn first_expiry(&self) -> Option<i64> {
        self.first_element_expiry()
    }

    fn put_back(&mut self, home: &mut Entry) {
        home.put_back(self);
    }
}

impl<'a, T: Booked> Edit<'a, T> {
    /// `books` are those of the database that `value` is in.
    pub(super) fn new(value: &'a mut T, books: Books<'a>) -> Self {
        let (bytes, first_expiry) = (value.bytes(), value.first_expiry());
        Self { value, home: None, bytes, first_expiry, books }
    }

    /// Of a value that sits in its entry and was copied out to be changed.
    pub(super) fn of_copy(value: &'a mut T, home: &'a mut Entry, books: Books<'a>) -> Self {
        let (bytes, first_expiry) = (home.bytes(), home.first_expiry());
        Self { value, home: Some(home), bytes, first_expiry, books }
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
        let (bytes, first_expiry) = match &mut self.home {
            None => (self.value.bytes(), self.value.first_expiry()),
            Some(home) => {
                self.value.put_back(home);
                (home.bytes(), home.first_expiry())
            }
        };
        let Books { hash, tally, fields } = &mut self.books;
        tally.change(self.bytes, bytes);
        fields.update(*hash, self.first_expiry, first_expiry);
    }
}
