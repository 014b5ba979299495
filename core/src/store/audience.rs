//! Who wants to know of which keys: a table of keys with their members, connections as the node
//! numbers them.
//!
//! A key is one of a database or, for those who don't tell databases apart, of none.
//!
//! Invariant: a key is here as long as it has a member; its members stand in ascending order, each
//! once; `pairs` counts them all.

use crate::data::Dict;
use crate::data::Hasher;
use crate::data::Packed;
use crate::data::dict::Occupancy;

/// Keys and the members of each.
pub struct Audience {
    keys: Dict<Packed>,
    hasher: Hasher,
    pairs: usize,
    key_bytes: usize,
}

impl Audience {
    pub(super) fn new(hasher: Hasher) -> Self {
        Self { keys: Dict::new(), hasher, pairs: 0, key_bytes: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Keys that have a member.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Pairs of a key and a member.
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    pub fn heap_bytes(&self) -> usize {
        self.keys.table_bytes() + self.key_bytes
    }

    pub fn has(&self, db: Option<usize>, key: &[u8]) -> bool {
        self.find(db, key).is_some()
    }

    /// The members of a key, in ascending order.
    pub fn members(&self, db: Option<usize>, key: &[u8]) -> Vec<u64> {
        self.find(db, key).map(|place| numbers(place.b()).collect()).unwrap_or_default()
    }

    /// The keys of a database.
    pub fn keys_of(&self, db: usize) -> impl Iterator<Item = &[u8]> {
        let places = self.keys.iter().filter(move |place| place.tag() == tag(Some(db)));
        places.map(Packed::a)
    }

    /// Any key; `below(n)` is a uniform number below `n`.
    pub fn random(&self, below: impl FnMut(u64) -> u64) -> Option<&[u8]> {
        self.keys.random(below).map(Packed::a)
    }

    /// Enters a member; whether it is new to the key. Once a key has more than `crowd` members,
    /// those that are not `alive` any more are left out.
    pub(super) fn add(
        &mut self,
        db: Option<usize>,
        key: &[u8],
        member: u64,
        crowd: usize,
        alive: impl Fn(u64) -> bool,
    ) -> bool {
        let Self { keys, hasher, pairs, key_bytes } = self;
        let found = keys.entry(hasher.hash(key), is_meant(db, key), |place| hasher.hash(place.a()));
        match found {
            Occupancy::Vacant(place) => {
                let place = place.insert(Packed::pair(key, &member.to_be_bytes(), tag(db)));
                *key_bytes += place.heap_bytes();
                *pairs += 1;
                true
            }
            Occupancy::Occupied(place) => {
                let place = place.into_mut();
                let Err(at) = search(place.b(), member) else { return false };
                let (before, after) = place.b().split_at(at * MEMBER_BYTES);
                let mut members = [before, &member.to_be_bytes(), after].concat();
                if members.len() / MEMBER_BYTES > crowd {
                    let living = numbers(&members).filter(|other| alive(*other));
                    members = living.flat_map(u64::to_be_bytes).collect();
                }
                let (old_len, old_bytes) = (place.b().len(), place.heap_bytes());
                place.set_b(&members);
                *pairs = *pairs + members.len() / MEMBER_BYTES - old_len / MEMBER_BYTES;
                *key_bytes = *key_bytes + place.heap_bytes() - old_bytes;
                true
            }
        }
    }

    /// Takes a member out.
    pub(super) fn remove(&mut self, db: Option<usize>, key: &[u8], member: u64) {
        let Some(place) = self.keys.find_mut(self.hasher.hash(key), is_meant(db, key)) else {
            return;
        };
        let Ok(at) = search(place.b(), member) else { return };
        if place.b().len() == MEMBER_BYTES {
            self.take(db, key);
            return;
        }
        let (before, after) = place.b().split_at(at * MEMBER_BYTES);
        let members = [before, after.get(MEMBER_BYTES..).unwrap_or_default()].concat();
        let old_bytes = place.heap_bytes();
        place.set_b(&members);
        self.key_bytes = self.key_bytes + place.heap_bytes() - old_bytes;
        self.pairs -= 1;
    }

    /// Takes a key out; its members.
    pub(super) fn take(&mut self, db: Option<usize>, key: &[u8]) -> Vec<u64> {
        let removed = self.keys.remove(self.hasher.hash(key), is_meant(db, key));
        let Some(place) = removed else { return Vec::new() };
        let members: Vec<u64> = numbers(place.b()).collect();
        self.pairs -= members.len();
        self.key_bytes -= place.heap_bytes();
        members
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(self.hasher.clone());
    }

    fn find(&self, db: Option<usize>, key: &[u8]) -> Option<&Packed> {
        self.keys.find(self.hasher.hash(key), is_meant(db, key))
    }
}

impl std::fmt::Debug for Audience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Audience({} keys, {} pairs)", self.len(), self.pairs)
    }
}

fn is_meant(db: Option<usize>, key: &[u8]) -> impl Fn(&Packed) -> bool {
    move |place| place.a() == key && place.tag() == tag(db)
}

fn tag(db: Option<usize>) -> Option<u64> {
    db.map(|db| db as u64)
}

/// Members as they are kept: eight bytes each.
fn numbers(members: &[u8]) -> impl Iterator<Item = u64> {
    members.as_chunks().0.iter().map(|bytes| u64::from_be_bytes(*bytes))
}

/// Where a member stands, or where it would.
fn search(members: &[u8], member: u64) -> Result<usize, usize> {
    members.as_chunks().0.binary_search(&member.to_be_bytes())
}

const MEMBER_BYTES: usize = size_of::<u64>();

#[cfg(test)]
mod tests {
    use super::*;

    fn audience(pairs: &[(usize, &str, u64)]) -> Audience {
        let mut audience = Audience::new(Hasher::new(1));
        for (db, key, member) in pairs {
            audience.add(Some(*db), key.as_bytes(), *member, usize::MAX, |_| true);
        }
        audience
    }

    #[test]
    fn members_are_known_once_in_order() {
        let audience = audience(&[(0, "a", 7), (0, "a", 3), (1, "a", 9), (0, "a", 7), (0, "b", 1)]);
        assert_eq!(audience.members(Some(0), b"a"), [3, 7]);
        assert_eq!(audience.members(Some(1), b"a"), [9]);
        assert!(audience.has(Some(0), b"b") && !audience.has(None, b"a"));
        assert_eq!((audience.len(), audience.pairs()), (3, 4));
    }

    #[test]
    fn what_is_taken_out_leaves_nothing_behind() {
        let mut audience = audience(&[(0, "a", 7), (0, "a", 3), (0, "a", 5), (0, "b", 1)]);
        audience.remove(Some(0), b"a", 5);
        audience.remove(Some(0), b"a", 5);
        assert_eq!((audience.take(Some(0), b"a"), audience.pairs()), (vec![3, 7], 1));
        audience.remove(Some(0), b"b", 1);
        assert_eq!((audience.len(), audience.pairs(), audience.key_bytes), (0, 0, 0));
    }

    #[test]
    fn a_crowd_loses_its_dead() {
        let mut audience = Audience::new(Hasher::new(1));
        for member in 0..100 {
            audience.add(None, b"a", member, 8, |other| other + 4 > member);
        }
        assert!(audience.members(None, b"a").len() <= 8);
        assert_eq!(audience.members(None, b"a").len(), audience.pairs());
        assert!(audience.members(None, b"a").contains(&99));
    }
}
