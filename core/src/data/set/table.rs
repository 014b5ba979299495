//! The form of a large set: a hash table whose members are one allocation each.

use std::ptr;

use crate::data::Hasher;
use crate::data::dict::{Dict, Occupancy, WalkPosition};
use crate::data::packed::{self, Packed};

/// Members by hash, with the hasher that placed them and a count of their bytes.
pub(super) struct Table {
    members: Dict<Packed>,
    hasher: Hasher,
    member_bytes: usize,
}

impl Table {
    pub fn new(hasher: Hasher) -> Self {
        Self { members: Dict::new(), hasher, member_bytes: 0 }
    }

    pub fn members(&self) -> &Dict<Packed> {
        &self.members
    }

    /// Makes an empty table as large as it will be with so many members.
    pub fn reserve(&mut self, members: usize) {
        self.members.reserve(members);
    }

    /// Heap bytes besides the table itself.
    pub fn heap_bytes(&self) -> usize {
        self.members.table_bytes() + self.member_bytes
    }

    pub fn contains(&self, member: &[u8]) -> bool {
        self.members.find(self.hasher.hash(member), |other| other.a() == member).is_some()
    }

    /// Adds a member; whether it is new.
    pub fn insert(&mut self, member: &[u8]) -> bool {
        let Self { members, hasher, member_bytes } = self;
        let hash = hasher.hash(member);
        match members.entry(hash, |other| other.a() == member, |other| hasher.hash(other.a())) {
            Occupancy::Occupied(_) => false,
            Occupancy::Vacant(place) => {
                *member_bytes += place.insert(Packed::new(member, None)).heap_bytes();
                true
            }
        }
    }

    /// Takes a member out, if it is there.
    pub fn remove(&mut self, member: &[u8]) -> Option<Packed> {
        let hash = self.hasher.hash(member);
        let removed = self.members.remove(hash, |other| other.a() == member)?;
        self.member_bytes -= removed.heap_bytes();
        Some(removed)
    }

    /// A member chosen by `pick`, which returns a uniform number below its argument.
    pub fn random(&self, pick: impl FnMut(u64) -> u64) -> Option<&[u8]> {
        self.members.random(pick).map(Packed::a)
    }

    /// As [`Self::random`], and takes it out.
    pub fn pop_random(&mut self, pick: impl FnMut(u64) -> u64) -> Option<Packed> {
        let chosen = self.members.random(pick)?;
        let (hash, place) = (self.hasher.hash(chosen.a()), ptr::from_ref(chosen));
        let removed = self.members.remove(hash, |other| ptr::eq(other, place))?;
        self.member_bytes -= removed.heap_bytes();
        Some(removed)
    }

    /// One step of SSCAN: emits the members of a bucket and returns the next cursor, 0 at the end.
    pub fn scan<'a>(&'a self, cursor: u64, mut emit: impl FnMut(&'a [u8])) -> u64 {
        let hash = |member: &Packed| self.hasher.hash(member.a());
        self.members.scan(cursor, hash, |member| emit(member.a()))
    }

    /// A step of a walk over the members.
    pub fn walk<'a>(&'a self, position: &mut WalkPosition, emit: impl FnMut(&'a Packed)) {
        packed::walk(&self.members, &self.hasher, position, emit);
    }

    /// Tells of each text in turn whether it is a member. The memory of several is loaded together.
    pub fn probe(&self, texts: &[&[u8]], mut found: impl FnMut(bool)) {
        for texts in texts.chunks(PROBES_AHEAD) {
            for (text, hash) in texts.iter().zip(self.warm(texts)) {
                found(self.members.find(hash, |other| other.a() == *text).is_some());
            }
        }
    }

    /// Starts loading what looks for the first texts will meet; returns their hashes.
    pub fn warm(&self, texts: &[&[u8]]) -> [u64; PROBES_AHEAD] {
        let mut hashes = [0; PROBES_AHEAD];
        for (hash, text) in hashes.iter_mut().zip(texts) {
            *hash = self.hasher.hash(text);
            self.members.prefetch(*hash);
        }
        for (hash, _) in hashes.iter().zip(texts) {
            if let Some(candidate) = self.members.candidate(*hash) {
                candidate.prefetch();
            }
        }
        hashes
    }

    /// Frees about so many members; whether any are left.
    pub fn free_some(&mut self, members_max: usize) -> bool {
        let buckets = members_max.div_ceil(BUCKET_MEMBERS);
        let member_bytes = &mut self.member_bytes;
        self.members.drain_buckets(buckets, |member| *member_bytes -= member.heap_bytes())
    }
}

impl Clone for Table {
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.hasher.clone());
        copy.reserve(self.members.len());
        for member in &self.members {
            let hash = |other: &Packed| self.hasher.hash(other.a());
            copy.members.insert_unique(hash(member), member.clone(), hash);
        }
        copy.member_bytes = self.member_bytes;
        copy
    }
}

/// Probes whose cache misses overlap: processors track ten to sixteen.
const PROBES_AHEAD: usize = 16;

/// Members in a bucket of the table, roughly.
const BUCKET_MEMBERS: usize = 7;
