//! What one probe for an element found: its place, or the right to insert it.

use super::Dict;
use super::bucket::Spot;

/// The answer of [`Dict::entry`].
pub enum Occupancy<'a, T, H> {
    Occupied(Occupied<'a, T>),
    Vacant(Vacant<'a, T, H>),
}

/// An element in its place.
pub struct Occupied<'a, T> {
    dict: &'a mut Dict<T>,
    number: usize,
    spot: Spot,
}

/// An element that is not there.
pub struct Vacant<'a, T, H> {
    dict: &'a mut Dict<T>,
    hash: u64,
    hasher: H,
}

impl<'a, T> Occupied<'a, T> {
    pub(super) fn new(dict: &'a mut Dict<T>, number: usize, spot: Spot) -> Self {
        Self { dict, number, spot }
    }

    /// The element. Its hash must stay the same.
    #[must_use]
    pub fn into_mut(self) -> &'a mut T {
        match self.dict.bucket_mut(self.number) {
            Some(bucket) => bucket.at_mut(self.spot),
            None => unreachable!("the dict is borrowed since its bucket was probed"),
        }
    }

    /// As [`Self::into_mut`], for less than the whole borrow.
    #[must_use]
    pub fn element_mut(&mut self) -> &mut T {
        Occupied::new(self.dict, self.number, self.spot).into_mut()
    }

    /// Takes the element out. Merges at most one bucket.
    pub fn remove(self) -> T {
        match self.dict.remove_at(self.number, self.spot) {
            Some(element) => element,
            None => unreachable!("the dict is borrowed since its bucket was probed"),
        }
    }
}

impl<'a, T, H: Fn(&T) -> u64> Vacant<'a, T, H> {
    pub(super) fn new(dict: &'a mut Dict<T>, hash: u64, hasher: H) -> Self {
        Self { dict, hash, hasher }
    }

    /// Inserts the element. Splits at most one bucket.
    pub fn insert(self, element: T) -> &'a mut T {
        self.dict.insert_unique(self.hash, element, self.hasher)
    }
}
