//! What is due when: numbers in the order of their instants.
//!
//! One type for every clock and every kind of thing, so that its code is there once: an instant is
//! a number in whatever unit its owner counts, and so is what becomes due.

use std::collections::BTreeSet;

/// Pairs of an instant and a number, each at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due(BTreeSet<(i64, u64)>);

impl Due {
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeSet::new())
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn insert(&mut self, at: i64, what: u64) {
        self.0.insert((at, what));
    }

    pub fn remove(&mut self, at: i64, what: u64) {
        self.0.remove(&(at, what));
    }

    #[must_use]
    pub fn first(&self) -> Option<(i64, u64)> {
        self.0.first().copied()
    }

    pub fn pop_first(&mut self) -> Option<(i64, u64)> {
        self.0.pop_first()
    }
}
