//! The hash table of the keyspace and of the larger collections.
//!
//! Its buckets are those of Valkey 8.1's hashtable: a cache line of seven elements and their
//! one-byte tags, chained where they overflow. It grows by linear hashing instead of by a second
//! table: whenever the load passes [`LOAD_MAX`], the next bucket in order splits in two; whenever
//! it falls below [`LOAD_MIN`], the last bucket merges back. So no operation ever moves more than a
//! bucket or two, nothing is allocated in proportion to the whole table, memory follows the number
//! of elements closely at every size, and there is no rehashing state that others would have to
//! know of.
//!
//! Invariant: with `mask` the least `2^n - 1` that is not below the last bucket's number, an
//! element lives in bucket `hash & mask` if there is such a bucket, else in `hash & (mask >> 1)`. A
//! bucket thus holds the hashes that end in its own number, which is one interval in the order of
//! the reversed bits; splitting and merging never reorder these intervals. That is what SCAN and
//! the snapshot's walk rest on, see [`walk`](self::WalkPosition).
//!
//! The caller brings hash and equality with every call. Hashes must be spread well over all 64
//! bits, and seeded.

mod bucket;
mod iter;
mod occupancy;
#[cfg(test)]
mod tests;
mod walk;

use std::fmt;
use std::mem::take;

pub use iter::Iter;
pub use occupancy::{Occupancy, Occupied, Vacant};
pub use walk::WalkPosition;

use super::prefetch::prefetch;
use bucket::{Bucket, SLOTS, tag_of};

/// A hash table of elements of at most 8 bytes.
pub struct Dict<T> {
    len: usize,
    /// Buckets that have a number; those chained behind them are counted in `chained`.
    buckets: usize,
    mask: usize,
    chained: usize,
    /// Buckets by number, [`SEGMENT`] in each but the last.
    segments: Vec<Vec<Bucket<T>>>,
}

impl<T> Dict<T> {
    /// An empty dict, which owns no memory yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { len: 0, buckets: 0, mask: 0, chained: 0, segments: Vec::new() }
    }

    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The element of this hash that `eq` accepts.
    #[must_use]
    pub fn find(&self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<&T> {
        self.bucket(self.number(hash))?.find(tag_of(hash), eq)
    }

    /// Starts loading the bucket that a `find` of this hash will probe, without waiting for it.
    pub fn prefetch(&self, hash: u64) {
        if let Some(bucket) = self.bucket(self.number(hash)) {
            prefetch(bucket);
        }
    }

    /// The element that a `find` of this hash will most likely compare: so that what it owns can be
    /// prefetched in turn. It may be another one of the same tag.
    #[must_use]
    pub fn candidate(&self, hash: u64) -> Option<&T> {
        self.find(hash, |_| true)
    }

    /// As [`Self::find`], to change the element; its hash must stay the same.
    #[must_use]
    pub fn find_mut(&mut self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<&mut T> {
        let number = self.number(hash);
        let bucket = self.bucket_mut(number)?;
        let spot = bucket.locate(tag_of(hash), eq)?;
        Some(bucket.at_mut(spot))
    }

    /// The place of the element of this hash that `eq` accepts, or else the right to insert it: one
    /// probe for both. `hasher` is asked for the hashes of the elements that an insertion moves.
    pub fn entry<H: Fn(&T) -> u64>(
        &mut self,
        hash: u64,
        eq: impl FnMut(&T) -> bool,
        hasher: H,
    ) -> Occupancy<'_, T, H> {
        let number = self.number(hash);
        let spot = self.bucket(number).and_then(|bucket| bucket.locate(tag_of(hash), eq));
        match spot {
            Some(spot) => Occupancy::Occupied(Occupied::new(self, number, spot)),
            None => Occupancy::Vacant(Vacant::new(self, hash, hasher)),
        }
    }

    /// Inserts an element that the caller knows to be absent. Splits at most one bucket.
    pub fn insert_unique(&mut self, hash: u64, element: T, hasher: impl Fn(&T) -> u64) -> &mut T {
        if self.len >= self.buckets * LOAD_MAX {
            self.split_next(hasher);
        }
        self.len += 1;
        let number = self.number(hash);
        let Some(bucket) =
            self.segments.get_mut(number / SEGMENT).and_then(|it| it.get_mut(number % SEGMENT))
        else {
            unreachable!("a dict about to hold an element has buckets");
        };
        self.chained += usize::from(bucket.push(tag_of(hash), element));
        bucket.newest_mut()
    }

    /// Makes an empty dict as large as it would be with so many elements.
    pub fn reserve(&mut self, elements: usize) {
        while self.len == 0 && self.buckets * LOAD_MAX < elements {
            self.push_bucket();
        }
    }

    /// Gives back what was reserved in vain.
    pub fn release_spare(&mut self) {
        if self.len == 0 {
            self.clear();
        }
        while self.len < self.buckets * LOAD_MIN && self.buckets > 1 {
            self.merge_last();
        }
    }

    /// Takes the element of this hash out that `eq` accepts. Merges at most one bucket.
    pub fn remove(&mut self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<T> {
        let number = self.number(hash);
        let spot = self.bucket(number)?.locate(tag_of(hash), eq)?;
        self.remove_at(number, spot)
    }

    /// An element chosen nearly uniformly, by `pick`, which returns a uniform number below its
    /// argument.
    ///
    /// Probes buckets until one has an element at the place picked; some three on average, as long
    /// as removals keep up the load, which they do.
    #[must_use]
    pub fn random(&self, mut pick: impl FnMut(u64) -> u64) -> Option<&T> {
        if self.len == 0 {
            return None;
        }
        for _ in 0..RANDOM_PROBES_MAX {
            // A number is picked as hashes are spread: a bucket not yet split is twice as likely,
            // as it is twice as full.
            let number = self.number(pick(self.mask as u64 + 1));
            let is_split = self.number_bits(number) == self.mask.count_ones();
            let place = pick(if is_split { RANDOM_PLACES } else { 2 * RANDOM_PLACES });
            if let Some(element) = self.bucket(number).and_then(|bucket| bucket.nth(place as usize))
            {
                return Some(element);
            }
        }
        self.iter().next()
    }

    /// The elements of a bucket chosen uniformly, by `pick`, as in [`Self::random`]: each element of
    /// the dict is as likely as any other to be among them.
    pub fn sample(&self, pick: impl FnOnce(u64) -> u64) -> impl Iterator<Item = &T> {
        let number = usize::try_from(pick(self.buckets as u64)).unwrap_or(0);
        self.bucket(number).into_iter().flat_map(Bucket::iter)
    }

    /// All elements, in no particular order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter::new(&self.segments, self.len)
    }

    /// Drops all elements and frees the table, in time proportional to its size. See
    /// [`Self::drain_buckets`].
    pub fn clear(&mut self) {
        drop(take(self));
    }

    /// Hands over the elements of up to `buckets_max` buckets and frees those: a large dict is
    /// dropped in small steps. Says whether elements are left; in between the dict is whole and
    /// usable.
    pub fn drain_buckets(&mut self, buckets_max: usize, mut sink: impl FnMut(T)) -> bool {
        for _ in 0..buckets_max {
            let Some(bucket) = self.pop_bucket() else {
                break;
            };
            self.chained -= bucket.drain(|_, element| {
                self.len -= 1;
                sink(element);
            });
        }
        if self.is_empty() {
            self.clear();
        }
        !self.is_empty()
    }

    /// Heap bytes of the table itself, without what the elements own. They are a 64-bit build's
    /// wherever this runs: what a client can ask for is the same in a page and in a server.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        let last = self.segments.last().map_or(0, |segment| {
            // What no bucket was ever put in has no memory yet, page by page.
            let touched = (segment.len() * BUCKET_BYTES).next_multiple_of(PAGE_BYTES);
            touched.min(segment.capacity() * BUCKET_BYTES)
        });
        let full = self.segments.len().saturating_sub(1) * SEGMENT;
        last + (full + self.chained) * BUCKET_BYTES + self.segments.capacity() * VEC_BYTES
    }

    /// Elements the present buckets hold before they chain.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.buckets * SLOTS
    }

    fn remove_at(&mut self, number: usize, spot: bucket::Spot) -> Option<T> {
        let (removed, freed) = self.bucket_mut(number)?.remove(spot);
        self.chained -= usize::from(freed);
        self.len -= 1;
        if self.len == 0 {
            self.clear();
        } else if self.len < self.buckets * LOAD_MIN && self.buckets > 1 {
            self.merge_last();
        }
        Some(removed)
    }

    /// The number of the bucket for `hash`; there is one unless the dict is empty.
    #[inline]
    fn number(&self, hash: u64) -> usize {
        // The low bits are the number, so a cut to 32 bits on small machines is meant.
        let number = hash as usize & self.mask;
        if number < self.buckets { number } else { number & (self.mask >> 1) }
    }

    #[inline]
    fn bucket(&self, number: usize) -> Option<&Bucket<T>> {
        self.segments.get(number / SEGMENT)?.get(number % SEGMENT)
    }

    #[inline]
    fn bucket_mut(&mut self, number: usize) -> Option<&mut Bucket<T>> {
        self.segments.get_mut(number / SEGMENT)?.get_mut(number % SEGMENT)
    }

    /// Adds a bucket and moves into it the half of its elder that now belongs there.
    fn split_next(&mut self, hasher: impl Fn(&T) -> u64) {
        let number = self.buckets;
        self.push_bucket();
        let elder = number & (self.mask >> 1);
        if elder == number {
            return;
        }
        let bit = (number ^ elder) as u64;
        let Some(old) = self.bucket_mut(elder).map(take) else { return };
        let split = old.split(|element| hasher(element) & bit != 0);
        self.chained = self.chained + split.taken - split.freed;
        self.put_bucket(elder, split.low);
        self.put_bucket(number, split.high);
    }

    /// Moves the last bucket's elements into its elder and frees it.
    fn merge_last(&mut self) {
        let Some(last) = self.pop_bucket() else {
            return;
        };
        let elder = self.number(self.buckets as u64);
        let mut chained = 0;
        if let Some(bucket) = self.bucket_mut(elder) {
            let freed =
                last.drain(|tag, element| chained += usize::from(bucket.push(tag, element)));
            self.chained = self.chained + chained - freed;
        }
    }

    fn put_bucket(&mut self, number: usize, bucket: Bucket<T>) {
        if let Some(place) = self.bucket_mut(number) {
            *place = bucket;
        }
    }

    fn push_bucket(&mut self) {
        if self.buckets == self.segments.len() * SEGMENT {
            self.segments.push(Vec::with_capacity(if self.buckets == 0 { 1 } else { SEGMENT }));
        }
        if let Some(segment) = self.segments.last_mut() {
            if segment.len() == segment.capacity() {
                // Only the first segment gets here; it doubles, so that a small dict is small.
                segment.reserve_exact(segment.len());
            }
            segment.push(Bucket::new());
        }
        self.buckets += 1;
        if self.buckets - 1 > self.mask {
            self.mask = self.mask * 2 + 1;
        }
    }

    fn pop_bucket(&mut self) -> Option<Bucket<T>> {
        let segment = self.segments.last_mut()?;
        let bucket = segment.pop()?;
        if segment.is_empty() {
            self.segments.pop();
        } else if self.segments.len() == 1 {
            self.shrink_first_segment();
        }
        self.buckets -= 1;
        if self.buckets <= self.mask.div_ceil(2) {
            self.mask >>= 1;
        }
        Some(bucket)
    }

    fn shrink_first_segment(&mut self) {
        if let [segment] = self.segments.as_mut_slice()
            && segment.len() <= segment.capacity() / 4
        {
            segment.shrink_to(segment.capacity() / 2);
        }
    }
}

impl<T> fmt::Debug for Dict<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dict")
            .field("len", &self.len)
            .field("buckets", &self.buckets)
            .finish_non_exhaustive()
    }
}

impl<T> Default for Dict<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Elements a numbered bucket has on average before the next one splits. Measured at a million
/// keys: 7 takes 13.2 bytes a key and 6 takes 14.0, at the same speed; 8 takes 12.7, and misses
/// cost more.
const LOAD_MAX: usize = 7;

/// Elements a numbered bucket has on average before the last one merges: less than a third of the
/// maximum, so that a dict whose size swings does not split and merge the same buckets.
const LOAD_MIN: usize = 2;

/// Buckets in a segment: 64 KiB, the largest piece of memory the table asks for or copies at once.
const SEGMENT: usize = 1024;

/// Places a random pick chooses between in a bucket, for one that has split: enough that a fuller
/// one is rare.
const RANDOM_PLACES: u64 = 12;

/// Probes of a random pick before it settles for any element. Not reached by chance: each fails
/// with odds of at most 0.9.
const RANDOM_PROBES_MAX: usize = 256;

/// A bucket and a segment's handle in a 64-bit build.
const BUCKET_BYTES: usize = 64;
const VEC_BYTES: usize = 24;
const PAGE_BYTES: usize = 4096;

#[cfg(target_pointer_width = "64")]
const _: () =
    assert!(size_of::<Bucket<Box<u8>>>() == BUCKET_BYTES && size_of::<Vec<u8>>() == VEC_BYTES);
