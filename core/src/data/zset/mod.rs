//! Sorted sets: members by their scores, and of equal scores by their bytes.
//!
//! A set is small, a listpack, until it has more members or a longer one than the settings allow;
//! then it is large for good. OBJECT ENCODING calls the large form "skiplist", as Redis has one; here
//! it is a dict and a counted tree.
//!
//! Every query is a range of ranks: those of a range of scores or of members are found first, in
//! logarithmic time, and whatever lists, counts or removes elements works on ranks.
//!
//! Invariant: no score is NaN.

mod fill;
mod large;
mod range;
mod small;
#[cfg(test)]
mod tests;
mod tree;

use std::fmt;
use std::ops::Range;

use itoa::Buffer;

use self::large::{Large, Run};
use self::small::Small;
use super::listpack::{At, PackRef};
use super::text::StrRef;
use super::{Collection, Data, DataRef, Encoding, Kind, Limits};

pub use self::fill::Filling;
pub use self::range::{LexRange, ScoreRange};

/// A sorted set.
#[derive(Clone)]
pub struct ZSet(Form);

#[derive(Clone)]
enum Form {
    Small(Small),
    Large(Box<Large>),
}

/// What [`ZSet::update`] did to a member.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    pub old: Option<f64>,
    /// What it was given; none if it was left as it was.
    pub new: Option<f64>,
}

/// A score would have become no number: infinity minus infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANumber;

impl ZSet {
    #[must_use]
    pub fn new() -> Self {
        Self(Form::Small(Small::new()))
    }

    /// An empty set in the form that so many members, one of them this long, ask for.
    #[must_use]
    pub fn sized_for(members: usize, member_bytes: usize, limits: &Limits) -> Self {
        let is_small = members <= limits.zset_max_listpack_entries
            && member_bytes <= limits.zset_max_listpack_value;
        if is_small { Self::new() } else { Self(Form::Large(Box::new(Large::new(&limits.hasher)))) }
    }

    /// The bytes of a small set: members and scores in turn.
    #[must_use]
    pub fn pack(&self) -> Option<PackRef<'_>> {
        match &self.0 {
            Form::Small(small) => Some(small.pack()),
            Form::Large(_) => None,
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Form::Small(small) => small.len(),
            Form::Large(large) => large.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        match &self.0 {
            Form::Small(small) => small.score(member),
            Form::Large(large) => large.score(member),
        }
    }

    /// How many members come before this one, and its score.
    #[must_use]
    pub fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        match &self.0 {
            Form::Small(small) => small.rank(member),
            Form::Large(large) => large.rank(member),
        }
    }

    /// Gives a member the score that `decide` makes of its present one; none leaves it as it is.
    ///
    /// # Errors
    /// `decide` made a NaN; nothing changes.
    pub fn update(
        &mut self,
        member: &[u8],
        limits: &Limits,
        decide: impl FnOnce(Option<f64>) -> Option<f64>,
    ) -> Result<Change, NotANumber> {
        let old = self.score(member);
        let new = decide(old);
        match new {
            Some(score) if score.is_nan() => return Err(NotANumber),
            Some(score) if old != Some(score) => self.set(member, score, old.is_some(), limits),
            Some(_) | None => {}
        }
        Ok(Change { old, new })
    }

    /// Gives a member a score that is no NaN; returns the one it had.
    pub fn insert(&mut self, member: &[u8], score: f64, limits: &Limits) -> Option<f64> {
        self.update(member, limits, |_| Some(score)).ok().and_then(|change| change.old)
    }

    /// Takes a member out; returns its score.
    pub fn remove(&mut self, member: &[u8]) -> Option<f64> {
        match &mut self.0 {
            Form::Small(small) => small.remove(member),
            Form::Large(large) => large.remove(member),
        }
    }

    /// Takes the members of these ranks out.
    pub fn remove_ranks(&mut self, ranks: Range<usize>) {
        match &mut self.0 {
            Form::Small(small) => small.remove_ranks(ranks),
            Form::Large(large) => large.remove_ranks(ranks),
        }
    }

    /// The ranks of the scores in a range.
    #[must_use]
    pub fn score_ranks(&self, range: &ScoreRange) -> Range<usize> {
        let start = self.partition_point(|_, score| range.is_above(score));
        start..self.partition_point(|_, score| !range.is_below(score)).max(start)
    }

    /// The ranks of the members in a range, if all scores are equal. If not, the ranks are those
    /// that a walk forward or backward gives in a small set, and anything in a large one.
    #[must_use]
    pub fn lex_ranks(&self, range: &LexRange<'_>, is_backward: bool) -> Range<usize> {
        if let Form::Small(small) = &self.0 {
            return small.lex_ranks(range, is_backward);
        }
        let start = self.partition_point(|member, _| range.is_above(member));
        start..self.partition_point(|member, _| !range.is_below(member)).max(start)
    }

    /// The member of this rank and its score.
    #[must_use]
    pub fn at_rank(&self, rank: usize) -> Option<(StrRef<'_>, f64)> {
        match &self.0 {
            Form::Small(small) => small.place(rank).map(|at| small.at(at)),
            Form::Large(large) => {
                large.get(rank).map(|(member, score)| (StrRef::Bytes(member), score))
            }
        }
    }

    /// All members and scores in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        self.range(0..self.len())
    }

    /// The members of these ranks, all of which there must be.
    #[must_use]
    pub fn range(&self, ranks: Range<usize>) -> Iter<'_> {
        let cursor = match &self.0 {
            Form::Small(small) => Cursor::Small(small, small.place(ranks.start)),
            Form::Large(large) => Cursor::Large(large, large.run(ranks.start)),
        };
        Iter { cursor, ranks, is_backward: false }
    }

    /// As [`Self::range`], from the highest rank to the lowest.
    #[must_use]
    pub fn range_back(&self, ranks: Range<usize>) -> Iter<'_> {
        let last = ranks.end.saturating_sub(1);
        let cursor = match &self.0 {
            Form::Small(small) => Cursor::Small(small, small.place(last)),
            Form::Large(large) => Cursor::Large(large, large.run_before(last + 1)),
        };
        Iter { cursor, ranks, is_backward: true }
    }

    /// SCAN's step: a small set is walked at once.
    pub fn scan<'a>(&'a self, cursor: u64, mut emit: impl FnMut(StrRef<'a>, f64)) -> u64 {
        match &self.0 {
            Form::Small(_) => {
                self.iter().for_each(|(member, score)| emit(member, score));
                0
            }
            Form::Large(large) => {
                large.scan(cursor, |member, score| emit(StrRef::Bytes(member), score))
            }
        }
    }

    /// The score is new to the member, which has another one or none.
    fn set(&mut self, member: &[u8], score: f64, is_there: bool, limits: &Limits) {
        if let Form::Small(small) = &mut self.0 {
            let fits = small.len() < limits.zset_max_listpack_entries
                && member.len() <= limits.zset_max_listpack_value
                && small.is_safe_to_add(member.len());
            if is_there || fits {
                return small.set(member, score);
            }
            self.enlarge(limits);
        }
        if let Form::Large(large) = &mut self.0 {
            large.set(member, score);
        }
    }

    /// Makes a skiplist of a small set: SORT does that to every set it sorts.
    pub fn enlarge(&mut self, limits: &Limits) {
        if matches!(self.0, Form::Large(_)) {
            return;
        }
        let mut large = Box::new(Large::new(&limits.hasher));
        let mut buffer = Buffer::new();
        self.iter().for_each(|(member, score)| {
            large.set(member.as_bytes(&mut buffer), score);
        });
        self.0 = Form::Large(large);
    }

    /// How many elements come before the first one that `is_before` denies.
    fn partition_point(&self, is_before: impl FnMut(&[u8], f64) -> bool) -> usize {
        match &self.0 {
            Form::Small(small) => small.partition_point(is_before),
            Form::Large(large) => large.partition_point(is_before),
        }
    }
}

impl Collection for ZSet {
    fn type_name(&self) -> &'static str {
        "zset"
    }

    fn encoding(&self) -> Encoding {
        match &self.0 {
            Form::Small(_) => Encoding::Listpack,
            Form::Large(_) => Encoding::Skiplist,
        }
    }

    fn heap_bytes(&self) -> usize {
        match &self.0 {
            Form::Small(small) => small.heap_bytes(),
            Form::Large(large) => large.heap_bytes(),
        }
    }

    fn take(&mut self) -> Data {
        std::mem::take(self).into_data()
    }

    fn free_effort(&self) -> usize {
        match &self.0 {
            Form::Small(_) => 1,
            Form::Large(large) => large.len(),
        }
    }

    fn free_some(&mut self, elements_max: usize) -> bool {
        match &mut self.0 {
            Form::Small(_) => false,
            Form::Large(large) => large.free_some(elements_max),
        }
    }
}

impl Kind for ZSet {
    type Ref<'a> = &'a Self;

    fn into_data(self) -> Data {
        Data::ZSet(self)
    }

    fn of(data: DataRef<'_>) -> Option<&Self> {
        match data {
            DataRef::ZSet(value) => Some(value),
            _ => None,
        }
    }

    fn of_mut(data: &mut Data) -> Option<&mut Self> {
        match data {
            Data::ZSet(zset) => Some(zset),
            _ => None,
        }
    }
}

impl Default for ZSet {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for ZSet {
    fn eq(&self, other: &Self) -> bool {
        self.encoding() == other.encoding() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for ZSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Members and scores, by rank.
#[derive(Clone)]
pub struct Iter<'a> {
    cursor: Cursor<'a>,
    /// What is still to come.
    ranks: Range<usize>,
    is_backward: bool,
}

#[derive(Clone)]
enum Cursor<'a> {
    Small(&'a Small, Option<At>),
    Large(&'a Large, Run<'a>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (StrRef<'a>, f64);

    fn next(&mut self) -> Option<Self::Item> {
        if self.ranks.is_empty() {
            return None;
        }
        let element = match &mut self.cursor {
            Cursor::Small(small, place) => {
                let at = (*place)?;
                *place = if self.is_backward { small.before(at) } else { small.after(at) };
                small.at(at)
            }
            Cursor::Large(large, run) => {
                let (member, score) = match self.is_backward {
                    true => run.prev().or_else(|| {
                        *run = large.run_before(self.ranks.end);
                        run.prev()
                    })?,
                    false => run.next().or_else(|| {
                        *run = large.run(self.ranks.start);
                        run.next()
                    })?,
                };
                (StrRef::Bytes(member), score)
            }
        };
        match self.is_backward {
            true => self.ranks.end -= 1,
            false => self.ranks.start += 1,
        }
        Some(element)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.ranks.len(), Some(self.ranks.len()))
    }
}

impl ExactSizeIterator for Iter<'_> {}
