//! The members of a set, whatever its form.

use std::iter::Fuse;

use crate::data::{Packed, StrRef, dict, intset, listpack};

/// All members of a set: ascending, as they were added, or in no particular order, by its form.
#[derive(Debug)]
pub struct Iter<'a>(pub(super) Form<'a>);

pub(super) enum Form<'a> {
    Ints(intset::Iter<'a>),
    Pack(listpack::Iter<'a>),
    Table(Ahead<'a>),
}

/// The members of a table, their memory asked for a few members early.
pub(super) struct Ahead<'a> {
    members: Fuse<dict::Iter<'a, Packed>>,
    /// The next ones, from `at` around.
    ring: [Option<&'a Packed>; AHEAD],
    at: usize,
}

impl<'a> Ahead<'a> {
    pub fn new(members: dict::Iter<'a, Packed>) -> Self {
        let mut members = members.fuse();
        Self { ring: std::array::from_fn(|_| fetched(&mut members)), members, at: 0 }
    }
}

impl<'a> Iterator for Ahead<'a> {
    type Item = &'a Packed;

    fn next(&mut self) -> Option<&'a Packed> {
        let place = self.ring.get_mut(self.at)?;
        self.at = (self.at + 1) % AHEAD;
        std::mem::replace(place, fetched(&mut self.members))
    }
}

fn fetched<'a>(members: &mut Fuse<dict::Iter<'a, Packed>>) -> Option<&'a Packed> {
    members.next().inspect(|member| member.prefetch())
}

impl<'a> Iterator for Iter<'a> {
    type Item = StrRef<'a>;

    fn next(&mut self) -> Option<StrRef<'a>> {
        match &mut self.0 {
            Form::Ints(integers) => integers.next().map(StrRef::Int),
            Form::Pack(elements) => elements.next(),
            Form::Table(members) => members.next().map(|member| StrRef::Bytes(member.a())),
        }
    }
}

impl std::fmt::Debug for Form<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ints(_) => "Ints",
            Self::Pack(_) => "Pack",
            Self::Table(_) => "Table",
        })
    }
}

/// Members asked for early.
const AHEAD: usize = 8;
