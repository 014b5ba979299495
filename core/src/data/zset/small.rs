//! A small sorted set: members and scores side by side in a listpack, sorted, laid out as Redis
//! does.
//!
//! A score that is an integer is an element of that kind (so a score of -0 comes back as 0, as it
//! does in Redis), any other its shortest decimal text.

use std::cmp::Ordering;
use std::ops::Range;

use itoa::Buffer;

use super::range::LexRange;
use crate::data::listpack::{At, Listpack, PackRef};
use crate::data::number;
use crate::data::text::StrRef;

#[derive(Clone, PartialEq)]
pub(super) struct Small(Listpack);

impl Small {
    pub(super) fn new() -> Self {
        Self(Listpack::new())
    }

    pub(super) fn pack(&self) -> PackRef<'_> {
        self.0.view()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len() / 2
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.0.heap_bytes()
    }

    /// Whether a member may be added without the listpack growing beyond what Redis lets it.
    pub(super) fn is_safe_to_add(&self, bytes: usize) -> bool {
        self.0.total_bytes().saturating_add(bytes) <= SAFE_BYTES_MAX
    }

    pub(super) fn score(&self, member: &[u8]) -> Option<f64> {
        self.find(member).map(|at| self.score_at(at))
    }

    pub(super) fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        let at = self.find(member)?;
        let rank = self.places().position(|place| place == at)?;
        Some((rank, self.score_at(at)))
    }

    pub(super) fn partition_point(&self, mut is_before: impl FnMut(&[u8], f64) -> bool) -> usize {
        let mut buffer = Buffer::new();
        self.places()
            .take_while(|at| is_before(self.0.get(*at).as_bytes(&mut buffer), self.score_at(*at)))
            .count()
    }

    /// The ranks that a walk from one end gives, as Redis walks: where scores differ, members are
    /// in no order, and what is found depends on where the walk began.
    pub(super) fn lex_ranks(&self, range: &LexRange<'_>, is_backward: bool) -> Range<usize> {
        let mut buffer = Buffer::new();
        let mut member = |at: At| self.0.get(at).as_bytes(&mut buffer).to_vec();
        let members: Vec<Vec<u8>> = self.places().map(&mut member).collect();
        let (above, below) = (|it: &Vec<u8>| range.is_above(it), |it: &Vec<u8>| range.is_below(it));
        if members.last().is_none_or(above) || members.first().is_none_or(below) {
            return 0..0;
        }
        if is_backward {
            let end = members.iter().rposition(|it| !below(it)).map_or(0, |at| at + 1);
            let before = members.iter().take(end);
            return end - before.rev().take_while(|it| !above(it)).count()..end;
        }
        let start = members.iter().position(|it| !above(it)).unwrap_or(members.len());
        start..start + members.iter().skip(start).take_while(|it| !below(it)).count()
    }

    /// Gives a member a score, which it does not have yet.
    pub(super) fn set(&mut self, member: &[u8], score: f64) {
        self.remove(member);
        let mut buffer = Buffer::new();
        let place = self.places().find(|at| match self.score_at(*at).partial_cmp(&score) {
            Some(Ordering::Equal) | None => self.0.get(*at).as_bytes(&mut buffer) > member,
            Some(order) => order == Ordering::Greater,
        });
        let score = score_text(score);
        match place {
            Some(at) => {
                self.0.insert_before(at, member);
                self.0.insert_after(at, score.as_bytes());
            }
            None => {
                self.0.push_back(member);
                self.0.push_back(score.as_bytes());
            }
        }
    }

    pub(super) fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let at = self.find(member)?;
        let score = self.score_at(at);
        self.0.remove(at, 2);
        Some(score)
    }

    pub(super) fn remove_ranks(&mut self, ranks: Range<usize>) {
        if let Some(at) = self.place(ranks.start) {
            self.0.remove(at, ranks.len() * 2);
        }
    }

    /// The place of the member of this rank.
    pub(super) fn place(&self, rank: usize) -> Option<At> {
        self.0.seek(i64::try_from(rank * 2).ok()?)
    }

    pub(super) fn at(&self, at: At) -> (StrRef<'_>, f64) {
        (self.0.get(at), self.score_at(at))
    }

    pub(super) fn after(&self, at: At) -> Option<At> {
        self.0.next(self.0.next(at)?)
    }

    pub(super) fn before(&self, at: At) -> Option<At> {
        self.0.prev(self.0.prev(at)?)
    }

    fn places(&self) -> impl Iterator<Item = At> {
        std::iter::successors(self.0.first(), |at| self.after(*at))
    }

    fn find(&self, member: &[u8]) -> Option<At> {
        self.0.find(member, self.0.first(), 2)
    }

    fn score_at(&self, member: At) -> f64 {
        match self.0.next(member).map(|at| self.0.get(at)) {
            Some(StrRef::Int(value)) => value as f64,
            Some(StrRef::Bytes(text)) => number::parse_f64(text).unwrap_or_default(),
            None => 0.0,
        }
    }
}

/// A score as it stands in a listpack.
fn score_text(score: f64) -> String {
    if score.abs() <= INTEGER_MAX && score.fract() == 0.0 {
        return (score as i64).to_string();
    }
    number::format_double(score)
}

/// 2^62: up to here a score that is an integer is stored as one.
const INTEGER_MAX: f64 = 4_611_686_018_427_387_904.0;

/// The size up to which Redis lets a listpack grow.
const SAFE_BYTES_MAX: usize = 1 << 30;
