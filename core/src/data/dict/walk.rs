//! Walks over a dict that changes meanwhile, a bucket at a time: SCAN, and the point-in-time
//! snapshot.
//!
//! Both go through the hashes in the order of their reversed bits, Redis's reverse-binary order. A
//! position is a point in that order. A bucket holds an interval of it; splitting halves the
//! interval and merging joins two that touch, so whatever the table does, the elements before a
//! position are exactly those of smaller reversed hash. A step emits what the bucket around the
//! position holds from the position on, and moves the position to the bucket's end.
//!
//! Invariant: an element that is in the dict from the first step to the last is emitted exactly
//! once. One inserted or removed meanwhile is emitted at most once per stay. (Redis's SCAN promises
//! "at least once"; this is stronger.)

use super::Dict;
use super::prefetch;

/// How far a walk has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WalkPosition {
    /// The least reversed hash not yet visited.
    next: u64,
    done: bool,
}

impl WalkPosition {
    /// The end of a walk.
    pub const END: Self = Self { next: 0, done: true };

    /// The start of a walk over the elements whose reversed hash is `first` or more.
    #[must_use]
    pub const fn starting_at(first: u64) -> Self {
        Self { next: first, done: false }
    }

    /// The least reversed hash not yet visited; `None` at the end.
    #[must_use]
    pub const fn next_reversed(&self) -> Option<u64> {
        if self.done { None } else { Some(self.next) }
    }

    /// Whether the walk has visited every element.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.done
    }

    /// Whether an element of this hash lies behind the walk: emitted if it was there, and never
    /// emitted if it is inserted now.
    #[must_use]
    pub const fn has_passed(&self, hash: u64) -> bool {
        self.done || hash.reverse_bits() < self.next
    }
}

impl<T> Dict<T> {
    /// Emits the elements of the next bucket of a walk, which starts at `WalkPosition::default()`
    /// and is over once the position says so. The work is one bucket and its chain; it may emit
    /// nothing.
    pub fn walk_next<'a>(
        &'a self,
        position: &mut WalkPosition,
        hasher: impl Fn(&T) -> u64,
        mut emit: impl FnMut(&'a T),
    ) {
        let Some((number, start, next)) = self.walk_bucket(position) else { return };
        if let Some(bucket) = self.bucket(number) {
            // In the middle of a bucket the walk is only after a merge.
            let skips = start < next;
            bucket.for_each(|element| {
                if !skips || hasher(element).reverse_bits() >= next {
                    emit(element);
                }
            });
        }
    }

    /// As [`Self::walk_next`], to change the elements; their hashes must stay the same.
    pub fn walk_next_mut(
        &mut self,
        position: &mut WalkPosition,
        hasher: impl Fn(&T) -> u64,
        mut emit: impl FnMut(&mut T),
    ) {
        let Some((number, start, next)) = self.walk_bucket(position) else { return };
        if let Some(bucket) = self.bucket_mut(number) {
            let skips = start < next;
            bucket.for_each_mut(|element| {
                if !skips || hasher(element).reverse_bits() >= next {
                    emit(element);
                }
            });
        }
    }

    /// Starts loading what the walk comes to after its next step: shows the elements of the bucket
    /// then, for what they own to be loaded too.
    pub fn warm_walk(&self, position: &WalkPosition, warm: impl FnMut(&T)) {
        let mut ahead = *position;
        self.walk_bucket(&mut ahead);
        if let Some(bucket) = self.walk_bucket(&mut ahead).and_then(|(it, ..)| self.bucket(it)) {
            bucket.for_each(warm);
        }
        if let Some(bucket) = self.walk_bucket(&mut ahead).and_then(|(it, ..)| self.bucket(it)) {
            prefetch(bucket);
        }
    }

    /// The bucket around the position, where it starts, and where the walk stands in it; moves the
    /// position to the bucket's end. `None` when the walk is over.
    fn walk_bucket(&self, position: &mut WalkPosition) -> Option<(usize, u64, u64)> {
        if position.done {
            return None;
        }
        let next = position.next;
        let number = self.number(next.reverse_bits());
        let start = (number as u64).reverse_bits();
        let width = 1u64.checked_shl(u64::BITS - self.number_bits(number));
        match width.and_then(|width| start.checked_add(width)) {
            Some(end) => position.next = end,
            None => position.done = true,
        }
        Some((number, start, next))
    }

    /// SCAN's step: emits the elements of the bucket at `cursor` and returns the next cursor, which
    /// is 0 after the last.
    ///
    /// Any cursor is legal. As the cursor is only the position's reversed bits, it stays as small a
    /// number as Redis's.
    pub fn scan<'a>(
        &'a self,
        cursor: u64,
        hasher: impl Fn(&T) -> u64,
        emit: impl FnMut(&'a T),
    ) -> u64 {
        let mut position = WalkPosition { next: cursor.reverse_bits(), done: false };
        self.walk_next(&mut position, hasher, emit);
        if position.done { 0 } else { position.next.reverse_bits() }
    }

    /// How many low bits the hashes in this bucket have in common.
    pub(super) fn number_bits(&self, number: usize) -> u32 {
        let half = self.mask.div_ceil(2);
        let bits = self.mask.count_ones();
        let is_split = number >= half || number + half < self.buckets;
        if is_split { bits } else { bits - 1 }
    }
}
