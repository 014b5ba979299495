//! Iteration over a dict that stays as it is meanwhile.

use std::slice;

use super::bucket::Bucket;

/// All elements of a dict, in no particular order.
pub struct Iter<'a, T> {
    segments: slice::Iter<'a, Vec<Bucket<T>>>,
    buckets: slice::Iter<'a, Bucket<T>>,
    bucket: Option<&'a Bucket<T>>,
    slot: usize,
    left: usize,
}

impl<'a, T> Iter<'a, T> {
    pub(super) fn new(segments: &'a [Vec<Bucket<T>>], len: usize) -> Self {
        Self { segments: segments.iter(), buckets: [].iter(), bucket: None, slot: 0, left: len }
    }

    fn next_bucket(&mut self) -> Option<&'a Bucket<T>> {
        loop {
            if let Some(bucket) = self.buckets.next() {
                return Some(bucket);
            }
            self.buckets = self.segments.next()?.iter();
        }
    }
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        loop {
            if let Some(bucket) = self.bucket
                && self.slot < bucket.count()
            {
                let element = bucket.element(self.slot);
                self.slot += 1;
                self.left -= 1;
                return Some(element);
            }
            self.slot = 0;
            self.bucket = match self.bucket.and_then(Bucket::child) {
                Some(child) => Some(child),
                None => Some(self.next_bucket()?),
            };
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}

impl<'a, T> IntoIterator for &'a super::Dict<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
