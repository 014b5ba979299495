//! A sorted set made of members that come one after another, as from a file.
//!
//! Redis writes the highest member first. So long as each is below the one before, none is searched
//! for a place: a leaf's worth is gathered and put before all others. Any other order costs what
//! [`ZSet::insert`] does.
//!
//! Invariant: the handles in `run` are to elements in the set's dict, and below all in its order.

use std::mem::take;

use super::large::Large;
use super::tree::LEAF_ITEMS;
use super::{Form, NotANumber, ZSet};
use crate::data::Limits;
use crate::data::packed::{Alias, Packed};

/// A sorted set that is not whole yet.
pub struct Filling {
    form: Filled,
    has_duplicates: bool,
}

enum Filled {
    Small(ZSet),
    Large(Box<Large>, Arrivals),
}

/// Members of a large set that are not all of their way in.
#[derive(Default)]
struct Arrivals {
    /// Not in the dict yet, with their hashes: their places there are being loaded.
    waiting: Vec<(u64, Packed)>,
    /// Not in the order yet: each below the one before.
    run: Vec<Alias>,
}

impl Filling {
    /// For so many members; there is room for at most `room` of them at once.
    #[must_use]
    pub fn new(members: usize, room: usize, limits: &Limits) -> Self {
        let form = match ZSet::sized_for(members, 0, limits).0 {
            Form::Large(mut large) => {
                large.reserve(members.min(room));
                Filled::Large(large, Arrivals::default())
            }
            small @ Form::Small(_) => Filled::Small(ZSet(small)),
        };
        Self { form, has_duplicates: false }
    }

    /// Adds a member.
    ///
    /// # Errors
    /// If its score is NaN.
    pub fn add(&mut self, member: &[u8], score: f64, limits: &Limits) -> Result<(), NotANumber> {
        if score.is_nan() {
            return Err(NotANumber);
        }
        match &mut self.form {
            Filled::Small(zset) => {
                self.has_duplicates |= zset.insert(member, score, limits).is_some();
            }
            Filled::Large(large, arrivals) => {
                let hash = large.prefetch(member);
                arrivals.waiting.push((hash, Packed::new(member, Some(score.to_bits()))));
                if arrivals.waiting.len() >= WAITING_MAX {
                    self.has_duplicates |= !arrivals.settle(large);
                }
            }
        }
        Ok(())
    }

    /// Whether a member came twice, as far as is known; [`Self::finish`] knows for sure.
    #[must_use]
    pub fn has_duplicates(&self) -> bool {
        self.has_duplicates
    }

    /// The set; `None` if a member came twice.
    #[must_use]
    pub fn finish(self) -> Option<ZSet> {
        let Self { form, mut has_duplicates } = self;
        let zset = match form {
            Filled::Small(zset) => zset,
            Filled::Large(mut large, mut arrivals) => {
                has_duplicates |= !arrivals.settle(&mut large);
                arrivals.end_run(&mut large);
                ZSet(Form::Large(large))
            }
        };
        (!has_duplicates).then_some(zset)
    }
}

impl Arrivals {
    /// Puts those that wait in their places; whether all are new.
    fn settle(&mut self, large: &mut Large) -> bool {
        let mut all_new = true;
        for (hash, element) in take(&mut self.waiting) {
            if !large.is_below_all(&element, self.run.last()) {
                self.end_run(large);
                all_new &= large.insert(hash, element);
                continue;
            }
            match large.adopt(hash, element) {
                Some(handle) => self.run.push(handle),
                None => all_new = false,
            }
            if self.run.len() == LEAF_ITEMS {
                self.run.reverse();
                large.put_below_all(take(&mut self.run));
            }
        }
        all_new
    }

    fn end_run(&mut self, large: &mut Large) {
        take(&mut self.run).into_iter().for_each(|handle| large.put_lowest(handle));
    }
}

/// Members whose places are loaded together: as many as a processor waits for at once.
const WAITING_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::Filling;
    use crate::data::{Collection, Limits, ZSet};
    use crate::rng::Rng;

    /// Members and scores in the order in which they come.
    fn check(pairs: &[(String, f64)]) {
        for zset_max_listpack_entries in [0, 128] {
            let limits = Limits { zset_max_listpack_entries, ..Limits::default() };
            for room in [0, 10, usize::MAX] {
                let mut expect = ZSet::sized_for(pairs.len(), 0, &limits);
                let mut filling = Filling::new(pairs.len(), room, &limits);
                let mut is_unique = true;
                for (member, score) in pairs {
                    is_unique &= expect.insert(member.as_bytes(), *score, &limits).is_none();
                    assert_eq!(filling.add(member.as_bytes(), *score, &limits), Ok(()));
                }
                let made = filling.finish();
                assert_eq!(made.is_some(), is_unique, "{} pairs", pairs.len());
                let Some(made) = made else { continue };
                assert_eq!(made, expect);
                assert_eq!(made.clone(), expect);
                for (rank, (member, score)) in made.iter().enumerate() {
                    assert_eq!(made.rank(&member.to_vec()), Some((rank, score)));
                }
                assert!(made.heap_bytes() <= expect.heap_bytes() * 2, "no room is left over");
            }
        }
    }

    #[test]
    fn any_order_gives_the_same_set() {
        let mut random = Rng::new(3);
        for members in [0, 1, 15, 16, 17, 127, 128, 129, 130, 2000] {
            let mut pairs: Vec<_> =
                (0..members).map(|it| (format!("m{it:05}"), f64::from(it / 3))).collect();
            check(&pairs);
            pairs.reverse();
            check(&pairs);
            for _ in 0..members / 40 {
                let (a, b) = (random.below(members as u64), random.below(members as u64));
                pairs.swap(a as usize, b as usize);
            }
            check(&pairs);
        }
    }

    #[test]
    fn a_member_that_comes_twice_is_noticed() {
        for (members, twin) in [(2, 0), (20, 3), (20, 18), (300, 299), (300, 150), (300, 20)] {
            let mut pairs: Vec<_> =
                (0..members).rev().map(|it| (format!("m{it:05}"), f64::from(it))).collect();
            pairs.push((format!("m{twin:05}"), -1.0));
            check(&pairs);
        }
    }

    #[test]
    fn no_score_is_nan() {
        let mut filling = Filling::new(1000, 0, &Limits::default());
        assert!(filling.add(b"a", f64::NAN, &Limits::default()).is_err());
    }
}
