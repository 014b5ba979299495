//! When the keys of one database expire: how many do, and where to look for those that are due.
//!
//! The expiry itself stands in the key's entry alone. Here is one number for every few thousand
//! keys: an instant before which none of them expires. A region is an interval of reversed hashes,
//! as a walk over the dict visits them one after the other, and keys never change theirs. So looking
//! for keys that are due passes over the regions in which there are none, and a database whose keys
//! all expire tomorrow is left alone until then.
//!
//! Invariant: `len` and `sum_ms` are those of the keys that have an expiry; no key of a region
//! expires before the region's `earliest`, unless the sweep is in that region and has still to come
//! to the key.

use crate::data::dict::WalkPosition;

#[derive(Debug)]
pub(super) struct Deadlines {
    len: usize,
    /// Sum of all expiries.
    sum_ms: i128,
    /// By region; a power of two of them. None while no key expires.
    earliest: Vec<i64>,
    /// No key expires before this.
    soonest: i64,
    /// What is left of the region being swept.
    sweep: Option<Region>,
    /// Where to look for the next region to sweep: they take turns.
    next_region: usize,
}

/// An interval of reversed hashes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub start: WalkPosition,
    /// The least reversed hash beyond the region; `None` for the last one.
    end: Option<u64>,
}

impl Region {
    /// Whether a walk has left the region.
    pub fn is_behind(&self, position: WalkPosition) -> bool {
        match (position.next_reversed(), self.end) {
            (None, _) => true,
            (Some(next), Some(end)) => next >= end,
            (Some(_), None) => false,
        }
    }
}

impl Deadlines {
    pub fn new() -> Self {
        Self {
            len: 0,
            sum_ms: 0,
            earliest: Vec::new(),
            soonest: NEVER,
            sweep: None,
            next_region: 0,
        }
    }

    /// Keys that have an expiry.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Milliseconds since the Unix epoch before which no key expires, or few; `None` if none ever
    /// does.
    pub fn soonest_ms(&self) -> Option<i64> {
        (self.len > 0).then_some(self.soonest)
    }

    /// The mean of all expiries, in milliseconds since the Unix epoch.
    pub fn mean_ms(&self) -> Option<i64> {
        let len = i128::try_from(self.len).ok()?;
        i64::try_from(self.sum_ms.checked_div(len)?).ok()
    }

    /// Follows a key's change from one expiry to another, in a dict of `keys` keys.
    pub fn update(&mut self, hash: u64, old: Option<i64>, new: Option<i64>, keys: usize) {
        if old == new {
            return;
        }
        if let Some(at) = new {
            self.len += 1;
            self.sum_ms += i128::from(at);
            self.fit(keys);
            self.lower(hash.reverse_bits(), at);
        }
        self.forget(old);
    }

    /// Follows the removal of a key that had this expiry.
    pub fn forget(&mut self, old: Option<i64>) {
        let Some(at) = old else { return };
        self.len = self.len.saturating_sub(1);
        self.sum_ms -= i128::from(at);
        if self.len == 0 {
            *self = Self::new();
        }
    }

    /// Where the sweep stands or is to begin, among the regions that may hold keys due at `now_ms`.
    pub fn sweep_position(&mut self, now_ms: i64, keys: usize) -> Option<WalkPosition> {
        if self.sweep.is_none() {
            self.fit(keys);
            self.begin_sweep(now_ms);
        }
        self.sweep.map(|sweep| sweep.start)
    }

    /// Says how far the sweep has come since [`Self::sweep_position`], and the earliest expiry of
    /// the keys it met that are not due.
    pub fn swept(&mut self, from: WalkPosition, to: WalkPosition, earliest_ms: Option<i64>) {
        if let (Some(at), Some(reversed)) = (earliest_ms, from.next_reversed()) {
            self.lower(reversed, at);
        }
        let Some(sweep) = &mut self.sweep else { return };
        sweep.start = to;
        if sweep.is_behind(to) {
            self.sweep = None;
        }
    }

    /// A region where a key that expires is to be found, chosen by `pick`, which returns a uniform
    /// number below its argument. `None` if there is no such key.
    pub fn region_with_keys(&self, mut pick: impl FnMut(u64) -> u64) -> Option<Region> {
        let regions = self.earliest.len();
        let from = usize::try_from(pick(regions as u64)).ok()?;
        let mut round = (from..regions).chain(0..from);
        let region = round.find(|region| self.earliest.get(*region) != Some(&NEVER));
        match region {
            Some(region) => Some(self.region(region)),
            // The sweep has taken its region's instant away, but not yet looked at all its keys.
            None => self.sweep,
        }
    }

    /// There is no key that expires in this region after all.
    pub fn clear(&mut self, region: Region) {
        let number = region.start.next_reversed().map(|start| self.number(start));
        if let Some(earliest) = number.and_then(|number| self.earliest.get_mut(number)) {
            *earliest = NEVER;
        }
    }

    pub fn heap_bytes(&self) -> usize {
        self.earliest.len() * size_of::<i64>()
    }

    fn begin_sweep(&mut self, now_ms: i64) {
        let regions = self.earliest.len();
        let from = self.next_region.min(regions);
        let mut round = (from..regions).chain(0..from);
        let due =
            round.find(|region| self.earliest.get(*region).is_some_and(|first| *first <= now_ms));
        let Some(region) = due else {
            self.soonest = self.earliest.iter().copied().min().unwrap_or(NEVER);
            return;
        };
        if let Some(earliest) = self.earliest.get_mut(region) {
            *earliest = NEVER;
        }
        self.next_region = region + 1;
        self.sweep = Some(self.region(region));
    }

    fn lower(&mut self, reversed_hash: u64, at: i64) {
        self.soonest = self.soonest.min(at);
        let region = self.number(reversed_hash);
        if let Some(earliest) = self.earliest.get_mut(region) {
            *earliest = at.min(*earliest);
        }
    }

    /// Brings the number of regions to the number of keys. Regions are halved, never joined: too
    /// many do no harm, and go when no key expires any more.
    fn fit(&mut self, keys: usize) {
        if self.earliest.is_empty() {
            self.earliest.push(NEVER);
        }
        while self.earliest.len() * REGION_KEYS < keys {
            self.earliest = self.earliest.iter().flat_map(|first| [*first, *first]).collect();
            self.next_region *= 2;
        }
    }

    fn region(&self, number: usize) -> Region {
        let is_last = number + 1 >= self.earliest.len();
        Region {
            start: WalkPosition::starting_at(self.start(number)),
            end: (!is_last).then(|| self.start(number + 1)),
        }
    }

    /// The number of the region of a reversed hash.
    fn number(&self, reversed_hash: u64) -> usize {
        // Below the number of regions, so small.
        reversed_hash.checked_shr(self.shift()).unwrap_or(0) as usize
    }

    /// The least reversed hash of a region.
    fn start(&self, region: usize) -> u64 {
        (region as u64).checked_shl(self.shift()).unwrap_or(0)
    }

    /// Bits of a reversed hash that don't tell the region: all 64 while there is only one.
    fn shift(&self) -> u32 {
        u64::BITS - self.earliest.len().max(1).trailing_zeros()
    }
}

const NEVER: i64 = i64::MAX;

/// Keys of a region, about: enough that the table of regions is small beside them, few enough that
/// a look at all of them, for the sake of a single one, costs some ten microseconds.
const REGION_KEYS: usize = 4096;
