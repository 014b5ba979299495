//! A value while it is being changed.

use std::ops::{Deref, DerefMut};

use super::Entry;
use super::tally::Tally;
use crate::data::Collection;

/// Access to an entry, or to the value in it, that keeps count of the memory it takes: what changed
/// is known when the access ends.
#[derive(Debug)]
pub struct Edit<'a, T: Weighed> {
    value: &'a mut T,
    before: usize,
    tally: &'a mut Tally,
}

/// What owns heap memory and knows how much.
pub trait Weighed {
    fn weight_bytes(&self) -> usize;
}

impl Weighed for Entry {
    fn weight_bytes(&self) -> usize {
        self.heap_bytes()
    }
}

impl<T: Collection> Weighed for T {
    fn weight_bytes(&self) -> usize {
        self.heap_bytes()
    }
}

impl<'a, T: Weighed> Edit<'a, T> {
    /// `tally` is that of the database that `value` is in.
    pub(super) fn new(value: &'a mut T, tally: &'a mut Tally) -> Self {
        let before = value.weight_bytes();
        Self { value, before, tally }
    }
}

impl<T: Weighed> Deref for Edit<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value
    }
}

impl<T: Weighed> DerefMut for Edit<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}

impl<T: Weighed> Drop for Edit<'_, T> {
    fn drop(&mut self) {
        self.tally.change(self.before, self.value.weight_bytes());
    }
}
