//! One bucket of the dict: a cache line of seven elements and their tags, and the chain of buckets
//! behind it.
//!
//! The only unsafe code of the dict; its face is safe. What it rests on:
//!
//! - Elements sit packed from slot 0 upward, `count` of them in `head`'s lowest byte; the slots
//!   above are not read.
//! - A chained bucket is full but for its last slot, which holds the next bucket instead of an
//!   element.
//! - So every bucket of a chain but the last has six elements; a bucket that follows another has at
//!   least two, for the last one left moves back into its parent's last slot.
//! - A tag is a byte of the hash and never 0; a tag of 0 marks a slot that holds no element.
//!
//! The tags and the count are one `u64`, worked on as a number: byte order and vector units do not
//! matter, so wasm runs the same code as x86-64.

use std::mem::{ManuallyDrop, take};

/// Elements in a bucket that is not chained: with the head, 64 bytes.
pub(super) const SLOTS: usize = 7;

/// A bucket and the chain behind it.
#[repr(C)]
#[cfg_attr(target_pointer_width = "64", repr(align(64)))]
pub(super) struct Bucket<T> {
    /// Lowest byte: count, and whether chained. Byte `1 + slot`: the tag of that slot.
    head: u64,
    slots: [Slot<T>; SLOTS],
}

/// Where an element sits in a chain. Valid until the chain changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    depth: usize,
    slot: usize,
}

/// What became of a chain that was split.
pub(super) struct Split<T> {
    pub(super) low: Bucket<T>,
    pub(super) high: Bucket<T>,
    pub(super) taken: usize,
    pub(super) freed: usize,
}

union Slot<T> {
    vacant: (),
    element: ManuallyDrop<T>,
    child: ManuallyDrop<Box<Bucket<T>>>,
}

/// The byte of the hash that stands for an element in `head`. The bucket's number comes from the
/// other end of the hash.
pub(super) fn tag_of(hash: u64) -> u8 {
    let [.., tag] = hash.to_le_bytes();
    tag.max(1)
}

impl<T> Bucket<T> {
    const SIZE_IS_TIGHT: () = assert!(size_of::<T>() <= 8 && size_of::<Self>() <= 64);

    pub(super) fn new() -> Self {
        const { Self::SIZE_IS_TIGHT };
        Self { head: 0, slots: [const { Slot { vacant: () } }; SLOTS] }
    }

    /// The element of this tag that `eq` accepts.
    pub(super) fn find(&self, tag: u8, mut eq: impl FnMut(&T) -> bool) -> Option<&T> {
        let mut bucket = self;
        loop {
            for slot in bucket.matches(tag) {
                // SAFETY: a slot with a tag other than 0 holds an element.
                let element = unsafe { &*bucket.slots[slot].element };
                if eq(element) {
                    return Some(element);
                }
            }
            bucket = bucket.child()?;
        }
    }

    /// Where the element of this tag sits that `eq` accepts.
    pub(super) fn locate(&self, tag: u8, mut eq: impl FnMut(&T) -> bool) -> Option<Spot> {
        let mut bucket = self;
        let mut depth = 0;
        loop {
            for slot in bucket.matches(tag) {
                // SAFETY: a slot with a tag other than 0 holds an element.
                if eq(unsafe { &bucket.slots[slot].element }) {
                    return Some(Spot { depth, slot });
                }
            }
            bucket = bucket.child()?;
            depth += 1;
        }
    }

    /// The element at `spot`, which must come from `locate` on this chain as it is now. Its hash
    /// must stay the same.
    pub(super) fn at_mut(&mut self, spot: Spot) -> &mut T {
        self.at_depth_mut(spot.depth).element_mut(spot.slot)
    }

    /// Adds an element at the end of the chain. Says whether that took a new bucket.
    pub(super) fn push(&mut self, tag: u8, element: T) -> bool {
        let bucket = self.last_mut();
        let count = bucket.count();
        if count < SLOTS {
            bucket.write(count, tag, element);
            return false;
        }
        let mut child = Box::new(Self::new());
        let (moved_tag, moved) = bucket.pop_here();
        child.write(0, moved_tag, moved);
        child.write(1, tag, element);
        bucket.chain(child);
        true
    }

    /// The element `push` added last. The chain must not be empty.
    pub(super) fn newest_mut(&mut self) -> &mut T {
        let bucket = self.last_mut();
        bucket.element_mut(bucket.count() - 1)
    }

    /// Takes the element at `spot` out; the chain's last element fills the gap. Says also whether a
    /// bucket was freed.
    pub(super) fn remove(&mut self, spot: Spot) -> (T, bool) {
        self.swap_with_newest(spot);
        let mut depth = 0;
        let mut bucket = &*self;
        while let Some(child) = bucket.child() {
            bucket = child;
            depth += 1;
        }
        let removed = self.at_depth_mut(depth).pop_here().1;
        (removed, depth > 0 && self.at_depth_mut(depth - 1).unchain_if_lone())
    }

    /// Hands every element with its tag to `sink`. Says how many buckets the chain had besides this
    /// one.
    pub(super) fn drain(mut self, mut sink: impl FnMut(u8, T)) -> usize {
        let mut freed = 0;
        loop {
            while self.count() > 0 {
                let (tag, element) = self.pop_here();
                sink(tag, element);
            }
            match self.unchain() {
                Some(mut child) => self = take(&mut *child),
                None => return freed,
            }
            freed += 1;
        }
    }

    /// Moves every element into one of two chains. Says how many buckets those took and how many
    /// this chain had, besides the first of each.
    pub(super) fn split(mut self, goes_high: impl Fn(&T) -> bool) -> Split<T> {
        let mut split = Split { low: Self::new(), high: Self::new(), taken: 0, freed: 0 };
        loop {
            // Asked for all elements first: the cache misses this brings then overlap.
            let highs = (0..self.count())
                .fold(0u32, |highs, slot| highs | u32::from(goes_high(self.element(slot))) << slot);
            while self.count() > 0 {
                let (tag, element) = self.pop_here();
                let is_high = highs >> self.count() & 1 == 1;
                let half = if is_high { &mut split.high } else { &mut split.low };
                split.taken += usize::from(half.push(tag, element));
            }
            match self.unchain() {
                Some(mut child) => self = take(&mut *child),
                None => return split,
            }
            split.freed += 1;
        }
    }

    pub(super) fn for_each<'a>(&'a self, mut visit: impl FnMut(&'a T)) {
        let mut bucket = Some(self);
        while let Some(here) = bucket {
            (0..here.count()).for_each(|slot| visit(here.element(slot)));
            bucket = here.child();
        }
    }

    /// The elements of the chain.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        let chain = std::iter::successors(Some(self), |bucket| bucket.child());
        chain.flat_map(|bucket| (0..bucket.count()).map(|slot| bucket.element(slot)))
    }

    /// As `for_each`, to change the elements; their hashes must stay the same.
    pub(super) fn for_each_mut(&mut self, mut visit: impl FnMut(&mut T)) {
        let mut bucket = self;
        loop {
            (0..bucket.count()).for_each(|slot| visit(bucket.element_mut(slot)));
            if !bucket.is_chained() {
                return;
            }
            bucket = bucket.at_depth_mut(1);
        }
    }

    /// The element at this place in the chain, counted over all its buckets.
    pub(super) fn nth(&self, mut nth: usize) -> Option<&T> {
        let mut bucket = self;
        while nth >= bucket.count() {
            nth -= bucket.count();
            bucket = bucket.child()?;
        }
        Some(bucket.element(nth))
    }

    /// Elements in this bucket alone.
    pub(super) fn count(&self) -> usize {
        (self.head & COUNT) as usize
    }

    pub(super) fn child(&self) -> Option<&Self> {
        // SAFETY: a chained bucket holds its child in its last slot.
        self.is_chained().then(|| unsafe { &**self.slots[LAST].child })
    }

    pub(super) fn element(&self, slot: usize) -> &T {
        assert!(slot < self.count(), "slot holds an element");
        // SAFETY: just checked.
        unsafe { &self.slots[slot].element }
    }

    fn element_mut(&mut self, slot: usize) -> &mut T {
        assert!(slot < self.count(), "slot holds an element");
        // SAFETY: just checked.
        unsafe { &mut self.slots[slot].element }
    }

    fn is_chained(&self) -> bool {
        self.head & CHAINED != 0
    }

    fn at_depth_mut(&mut self, depth: usize) -> &mut Self {
        let mut bucket = self;
        for _ in 0..depth {
            assert!(bucket.is_chained(), "chain is that deep");
            // SAFETY: just checked; a chained bucket holds its child in its last slot.
            bucket = unsafe { &mut **bucket.slots[LAST].child };
        }
        bucket
    }

    fn last_mut(&mut self) -> &mut Self {
        let mut bucket = self;
        while bucket.is_chained() {
            // SAFETY: just checked; a chained bucket holds its child in its last slot.
            bucket = unsafe { &mut **bucket.slots[LAST].child };
        }
        bucket
    }

    /// Slots of this bucket whose tag is `tag`, which is not 0.
    fn matches(&self, tag: u8) -> Matches {
        let differing = self.head ^ (LANES * u64::from(tag));
        // A byte's top bit ends up set exactly if the byte is 0. The shorter formula would also
        // report some bytes above a true match, and with them slots that hold no element.
        let zero = !(((differing & LOW_BITS) + LOW_BITS) | differing | LOW_BITS);
        Matches { tops: zero & TAG_TOPS }
    }

    fn write(&mut self, slot: usize, tag: u8, element: T) {
        assert!(slot == self.count() && slot < SLOTS, "elements stay packed");
        self.slots[slot] = Slot { element: ManuallyDrop::new(element) };
        self.head = (self.head | u64::from(tag) << (8 * (slot + 1))) + 1;
    }

    /// Takes the highest element of this bucket out, which must have one.
    fn pop_here(&mut self) -> (u8, T) {
        assert!(self.count() > 0, "bucket has an element");
        let slot = self.count() - 1;
        let shift = 8 * (slot + 1);
        let [tag, ..] = (self.head >> shift).to_le_bytes();
        self.head = (self.head & !(0xff << shift)) - 1;
        // SAFETY: the slot held an element; it no longer counts, so it is read once.
        (tag, unsafe { ManuallyDrop::take(&mut self.slots[slot].element) })
    }

    /// Hangs `child` behind this bucket, whose last slot must be free.
    fn chain(&mut self, child: Box<Self>) {
        assert!(self.count() == LAST && !self.is_chained(), "last slot is free");
        self.slots[LAST] = Slot { child: ManuallyDrop::new(child) };
        self.head |= CHAINED;
    }

    fn unchain(&mut self) -> Option<Box<Self>> {
        if !self.is_chained() {
            return None;
        }
        self.head &= !CHAINED;
        // SAFETY: a chained bucket holds its child in its last slot; it no longer counts as
        // chained, so it is read once.
        Some(unsafe { ManuallyDrop::take(&mut self.slots[LAST].child) })
    }

    /// Brings a child's only element home and frees the child. Says whether it did.
    fn unchain_if_lone(&mut self) -> bool {
        if self.child().is_none_or(|child| child.count() != 1 || child.is_chained()) {
            return false;
        }
        if let Some(mut child) = self.unchain() {
            let (tag, element) = child.pop_here();
            self.write(LAST, tag, element);
        }
        true
    }

    /// Exchanges the element at `spot`, and its tag, with the last of the chain.
    fn swap_with_newest(&mut self, spot: Spot) {
        let bucket = self.at_depth_mut(spot.depth);
        if !bucket.is_chained() {
            return bucket.swap_with_top(spot.slot);
        }
        assert!(spot.slot < bucket.count(), "slot holds an element");
        let Bucket { head, slots } = bucket;
        // SAFETY: the bucket is chained, so its last slot holds the child; the slot is another one,
        // for it is below the count, so both can be borrowed at once.
        let (here, tail) = slots.split_at_mut(LAST);
        let last = unsafe { &mut **tail[0].child }.last_mut();
        let top = last.count() - 1;
        std::mem::swap(&mut here[spot.slot], &mut last.slots[top]);
        let (shift, top_shift) = (8 * (spot.slot + 1), 8 * (top + 1));
        let differing = (*head >> shift ^ last.head >> top_shift) & 0xff;
        *head ^= differing << shift;
        last.head ^= differing << top_shift;
    }

    fn swap_with_top(&mut self, slot: usize) {
        assert!(slot < self.count(), "slot holds an element");
        let top = self.count() - 1;
        self.slots.swap(slot, top);
        let (shift, top_shift) = (8 * (slot + 1), 8 * (top + 1));
        let differing = (self.head >> shift ^ self.head >> top_shift) & 0xff;
        self.head ^= differing << shift;
        if top != slot {
            self.head ^= differing << top_shift;
        }
    }
}

impl<T> Default for Bucket<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for Bucket<T> {
    fn drop(&mut self) {
        if self.head != 0 {
            take(self).drain(|_, element| drop(element));
        }
    }
}

/// Slot numbers, from the top bits of the tag bytes.
struct Matches {
    tops: u64,
}

impl Iterator for Matches {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.tops == 0 {
            return None;
        }
        let byte = self.tops.trailing_zeros() / 8;
        self.tops &= self.tops - 1;
        Some(byte as usize - 1)
    }
}

const LAST: usize = SLOTS - 1;
const COUNT: u64 = 0x07;
const CHAINED: u64 = 0x80;
const LANES: u64 = 0x0101_0101_0101_0101;
const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;
/// The top bit of each tag byte: all bytes but the lowest, which is the count.
const TAG_TOPS: u64 = 0x8080_8080_8080_8000;
