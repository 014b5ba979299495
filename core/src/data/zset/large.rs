//! A large sorted set: the members in a dict, and handles to them in order.
//!
//! A member and its score are one allocation ([`Packed`]), which the dict owns; the tree holds
//! pointers to the same allocations, by score and then by the member's bytes. Reading through those
//! is the only unsafe code of sorted sets.
//!
//! Invariant: every handle in the tree is to an element in the dict. So an element leaves the tree
//! before it leaves the dict, and its tag, the score, changes in place while the tree does not hold
//! it.

use std::cmp::Ordering;
use std::ops::Range;

use super::tree::Tree;
use crate::data::Hasher;
use crate::data::dict::{Dict, Occupancy};
use crate::data::packed::{Alias, Packed};

/// Members by name and by rank.
pub(super) struct Large {
    members: Dict<Packed>,
    order: Tree<Alias>,
    hasher: Hasher,
    /// What the elements have allocated, in a 64-bit build.
    element_bytes: usize,
}

impl Large {
    pub(super) fn new(hasher: &Hasher) -> Self {
        let (members, order) = (Dict::new(), Tree::new());
        Self { members, order, hasher: hasher.clone(), element_bytes: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn score(&self, member: &[u8]) -> Option<f64> {
        self.find(member).map(score_of)
    }

    /// How many members come before this one, and its score.
    pub(super) fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        let score = self.score(member)?;
        Some((self.place_of(score, member), score))
    }

    /// How many elements come before the first one that `is_before` denies.
    pub(super) fn partition_point(&self, mut is_before: impl FnMut(&[u8], f64) -> bool) -> usize {
        self.order.partition_point(|handle| {
            let element = self.element(handle);
            is_before(element.a(), score_of(element))
        })
    }

    /// Gives a member a score. Returns the one it had.
    pub(super) fn set(&mut self, member: &[u8], score: f64) -> Option<f64> {
        let hash = self.hasher.hash(member);
        let old = self.members.find(hash, |it| it.a() == member).map(score_of);
        match old {
            Some(old) => self.move_to(hash, member, old, score),
            None => {
                self.insert(hash, Packed::new(member, Some(score.to_bits())));
            }
        }
        old
    }

    pub(super) fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let hash = self.hasher.hash(member);
        let score = self.members.find(hash, |it| it.a() == member).map(score_of)?;
        self.order.remove(self.place_of(score, member));
        self.drop_element(hash, member);
        Some(score)
    }

    /// Removes the members of these ranks.
    pub(super) fn remove_ranks(&mut self, ranks: Range<usize>) {
        for _ in ranks.clone() {
            let Some(handle) = self.order.remove(ranks.start) else { return };
            // SAFETY: the element is in the dict until `remove` below hands it over, and does not
            // change before.
            let element = unsafe { handle.element() };
            let hash = self.hasher.hash(element.a());
            let is_same = |it: &Packed| std::ptr::eq(it.a(), element.a());
            if let Some(element) = self.members.remove(hash, is_same) {
                self.element_bytes -= element.heap_bytes();
            }
        }
    }

    /// The element of this rank.
    pub(super) fn get(&self, rank: usize) -> Option<(&[u8], f64)> {
        self.order.get(rank).map(|handle| self.pair(handle))
    }

    /// The elements from this rank on that are stored together, and the place of the rank among
    /// them.
    pub(super) fn run(&self, rank: usize) -> Run<'_> {
        let (handles, at) = self.order.leaf(rank);
        Run { set: self, handles, at }
    }

    /// As [`Self::run`], of the elements before a rank above 0, to go backwards.
    pub(super) fn run_before(&self, rank: usize) -> Run<'_> {
        let (handles, at) = self.order.leaf(rank - 1);
        Run { set: self, handles, at: at + 1 }
    }

    /// Makes an empty set's table as large as it will be with so many members.
    pub(super) fn reserve(&mut self, members: usize) {
        self.members.reserve(members);
    }

    /// Starts loading a member's place, and returns its hash.
    pub(super) fn prefetch(&self, member: &[u8]) -> u64 {
        let hash = self.hasher.hash(member);
        self.members.prefetch(hash);
        hash
    }

    /// Whether an element comes before this one, or else before the whole order.
    pub(super) fn is_below_all(&self, element: &Packed, lowest: Option<&Alias>) -> bool {
        lowest.or_else(|| self.order.get(0)).is_none_or(|handle| {
            let (member, score) = self.pair(handle);
            is_before((element.a(), score_of(element)), (member, score))
        })
    }

    /// Takes an element, unless it is there, into the dict alone; the caller puts the handle into
    /// the order.
    pub(super) fn adopt(&mut self, hash: u64, element: Packed) -> Option<Alias> {
        let Self { members, hasher, element_bytes, .. } = self;
        let is_same = |it: &Packed| it.a() == element.a();
        match members.entry(hash, is_same, |it| hasher.hash(it.a())) {
            Occupancy::Occupied(_) => None,
            Occupancy::Vacant(place) => {
                let element = place.insert(element);
                *element_bytes += element.heap_bytes();
                Some(element.alias())
            }
        }
    }

    /// Takes an element, unless it is there; whether it was taken.
    pub(super) fn insert(&mut self, hash: u64, element: Packed) -> bool {
        let place = self.place_of(score_of(&element), element.a());
        let handle = self.adopt(hash, element);
        handle.into_iter().for_each(|handle| self.order.insert(place, handle));
        handle.is_some()
    }

    /// Puts the handle of an adopted element before all others.
    pub(super) fn put_lowest(&mut self, handle: Alias) {
        self.order.insert(0, handle);
    }

    /// As [`Self::put_lowest`], of a whole leaf in its order.
    pub(super) fn put_below_all(&mut self, handles: Vec<Alias>) {
        self.order.prepend(handles);
    }

    /// SCAN's step over the members.
    pub(super) fn scan<'a>(&'a self, cursor: u64, mut emit: impl FnMut(&'a [u8], f64)) -> u64 {
        let hasher = |it: &Packed| self.hasher.hash(it.a());
        self.members.scan(cursor, hasher, |it| emit(it.a(), score_of(it)))
    }

    pub(super) fn heap_bytes(&self) -> usize {
        LARGE_BYTES + self.members.table_bytes() + self.order.heap_bytes() + self.element_bytes
    }

    /// Frees some of a set that nobody will look at again; whether anything is left. The order goes
    /// first, for its handles must not outlive the members.
    pub(super) fn free_some(&mut self, elements_max: usize) -> bool {
        for _ in 0..=elements_max / HANDLES_A_LEAF {
            if !self.order.drop_last_leaf() {
                break;
            }
        }
        if self.order.len() > 0 {
            return true;
        }
        let freed = &mut self.element_bytes;
        self.members.drain_buckets(elements_max / ELEMENTS_A_BUCKET + 1, |element| {
            *freed -= element.heap_bytes();
        })
    }

    fn move_to(&mut self, hash: u64, member: &[u8], old: f64, score: f64) {
        let Some(handle) = self.order.remove(self.place_of(old, member)) else { return };
        if let Some(element) = self.members.find_mut(hash, |it| it.a() == member) {
            element.set_tag(Some(score.to_bits()));
        }
        self.order.insert(self.place_of(score, member), handle);
    }

    fn drop_element(&mut self, hash: u64, member: &[u8]) {
        if let Some(element) = self.members.remove(hash, |it| it.a() == member) {
            self.element_bytes -= element.heap_bytes();
        }
    }

    /// How many elements come before this one, which need not be there.
    fn place_of(&self, score: f64, member: &[u8]) -> usize {
        self.partition_point(|other, other_score| is_before((other, other_score), (member, score)))
    }

    fn find(&self, member: &[u8]) -> Option<&Packed> {
        self.members.find(self.hasher.hash(member), |it| it.a() == member)
    }

    fn pair<'a>(&'a self, handle: &'a Alias) -> (&'a [u8], f64) {
        let element = self.element(handle);
        (element.a(), score_of(element))
    }

    /// The element of a handle that is borrowed from this set's order.
    fn element<'a>(&'a self, handle: &'a Alias) -> &'a Packed {
        // SAFETY: a handle in the order is to an element of the dict, which is borrowed with it.
        unsafe { handle.element() }
    }
}

impl Clone for Large {
    fn clone(&self) -> Self {
        let mut copy = Self::new(&self.hasher);
        copy.members.reserve(self.len());
        for handle in self.order.iter(0..self.order.len()) {
            let element = self.element(handle).clone();
            copy.element_bytes += element.heap_bytes();
            copy.order.insert(copy.order.len(), element.alias());
            let hash = copy.hasher.hash(element.a());
            copy.members.insert_unique(hash, element, |it| self.hasher.hash(it.a()));
        }
        copy
    }
}

/// Elements that follow one another, in one piece of memory.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    set: &'a Large,
    handles: &'a [Alias],
    at: usize,
}

impl<'a> Run<'a> {
    pub(super) fn next(&mut self) -> Option<(&'a [u8], f64)> {
        let handle = self.handles.get(self.at)?;
        self.prefetch(self.at + PREFETCH);
        self.at += 1;
        Some(self.set.pair(handle))
    }

    /// The element before the one that `next` would give next, to give which it steps back.
    pub(super) fn prev(&mut self) -> Option<(&'a [u8], f64)> {
        self.at = self.at.checked_sub(1)?;
        self.prefetch(self.at.saturating_sub(PREFETCH));
        Some(self.set.pair(self.handles.get(self.at)?))
    }

    fn prefetch(&self, at: usize) {
        if let Some(handle) = self.handles.get(at) {
            self.set.element(handle).prefetch();
        }
    }
}

fn is_before((member, score): (&[u8], f64), (other, other_score): (&[u8], f64)) -> bool {
    match score.partial_cmp(&other_score) {
        Some(Ordering::Equal) | None => member < other,
        Some(order) => order == Ordering::Less,
    }
}

fn score_of(element: &Packed) -> f64 {
    f64::from_bits(element.tag().unwrap_or_default())
}

/// Elements ahead of the one that is read whose memory is asked for: as many as a processor waits
/// for at once.
const PREFETCH: usize = 8;

/// Handles that a leaf holds at least, as a rule, and elements that a bucket of the dict does.
const HANDLES_A_LEAF: usize = 64;
const ELEMENTS_A_BUCKET: usize = 7;

/// The set itself in a 64-bit build.
const LARGE_BYTES: usize = 128;

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Large>() == LARGE_BYTES);
