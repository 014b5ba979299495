//! A set: an intset while all members are integers and they are few, a listpack while they are few and
//! short, else a hash table.
//!
//! The forms and the moments at which one becomes another are those of Redis 7.2 and later; a form
//! never changes back by itself.
//!
//! Invariant: members are distinct, and an integer in its canonical form is one member however it
//! came here.

mod iter;
mod table;
#[cfg(test)]
mod tests;

use std::mem;

use itoa::Buffer;

use self::iter::{Ahead, Form};
use self::table::Table;
use crate::data::dict::WalkPosition;
use crate::data::number::parse_i64;
use crate::data::{
    Collection, Data, DataRef, Encoding, Intset, Kind, Limits, Listpack, Packed, StrRef,
};

pub use self::iter::Iter;

/// A set of texts, of which integers are kept as such where that is shorter.
#[derive(Clone)]
pub struct Set(Members);

#[derive(Clone)]
enum Members {
    Ints(Intset),
    Pack(Listpack),
    Table(Box<Table>),
}

/// A member on its own, taken out of its set.
#[derive(Clone, Debug)]
pub enum Member {
    Int(i64),
    Text(Packed),
}

impl Set {
    /// A set that is to take `hint` members, the first of which is like `first`.
    #[must_use]
    pub fn for_members(first: &[u8], hint: usize, limits: &Limits) -> Self {
        if hint <= limits.set_max_intset_entries && parse_i64(first).is_some() {
            Self::of_ints()
        } else if hint <= limits.set_max_listpack_entries {
            Self::of_texts()
        } else {
            Self::of_many(limits)
        }
    }

    /// A set that begins as an intset.
    #[must_use]
    pub fn of_ints() -> Self {
        Self(Members::Ints(Intset::new()))
    }

    /// A set that begins as a listpack.
    #[must_use]
    pub fn of_texts() -> Self {
        Self(Members::Pack(Listpack::new()))
    }

    /// A set that begins as a hash table.
    #[must_use]
    pub fn of_many(limits: &Limits) -> Self {
        Self(Members::Table(Box::new(Table::new(limits.hasher.clone()))))
    }

    /// Makes room for so many members, if the set has none and is a hash table.
    pub fn reserve(&mut self, members: usize) {
        if let Members::Table(table) = &mut self.0 {
            table.reserve(members);
        }
    }

    /// A set of these integers, in the form that the limits give it.
    #[must_use]
    pub fn from_intset(ints: Intset, limits: &Limits) -> Self {
        let mut set = Self(Members::Ints(ints));
        set.table_if_many_ints(limits);
        set
    }

    /// A set of the elements of a listpack, unless two are the same.
    #[must_use]
    pub fn from_listpack(pack: Listpack, limits: &Limits) -> Option<Self> {
        let mut table = Table::new(limits.hasher.clone());
        let mut digits = Buffer::new();
        if !pack.iter().all(|element| table.insert(element.as_bytes(&mut digits))) {
            return None;
        }
        let is_small = pack.len() <= limits.set_max_listpack_entries;
        Some(Self(if is_small { Members::Pack(pack) } else { Members::Table(Box::new(table)) }))
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Members::Ints(ints) => ints.len(),
            Members::Pack(pack) => pack.len(),
            Members::Table(table) => table.members().len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Members::Ints(ints) => ints.is_empty(),
            Members::Pack(pack) => pack.is_empty(),
            Members::Table(table) => table.members().is_empty(),
        }
    }

    #[must_use]
    pub fn contains(&self, member: &[u8]) -> bool {
        match &self.0 {
            Members::Ints(ints) => parse_i64(member).is_some_and(|value| ints.contains(value)),
            Members::Pack(pack) => pack.find(member, pack.first(), 1).is_some(),
            Members::Table(table) => table.contains(member),
        }
    }

    /// Gets ready to take up to `hint` members more: SADD, given many at once, makes a table of a
    /// small set whether or not they turn out to be new.
    pub fn expect(&mut self, hint: usize, limits: &Limits) {
        let is_too_many = match &self.0 {
            Members::Ints(_) => hint > limits.set_max_intset_entries,
            Members::Pack(_) => hint > limits.set_max_listpack_entries,
            Members::Table(_) => false,
        };
        if is_too_many {
            self.make_table(limits);
        }
    }

    /// Adds a member; whether it is new.
    pub fn insert(&mut self, member: &[u8], limits: &Limits) -> bool {
        match &mut self.0 {
            Members::Table(table) => table.insert(member),
            Members::Pack(pack) => {
                if pack.find(member, pack.first(), 1).is_some() {
                    return false;
                }
                if pack_takes(pack.len(), pack.total_bytes(), member, limits) {
                    pack.push_back(member);
                    return true;
                }
                self.make_table(limits).insert(member)
            }
            Members::Ints(_) => match parse_i64(member) {
                Some(value) => self.insert_int(value, limits),
                None => self.insert_first_text(member, limits),
            },
        }
    }

    /// As [`Self::insert`], of a member of another set.
    pub fn insert_ref(&mut self, member: StrRef<'_>, limits: &Limits) -> bool {
        match (&self.0, member) {
            (Members::Ints(_), StrRef::Int(value)) => self.insert_int(value, limits),
            _ => self.insert(member.as_bytes(&mut Buffer::new()), limits),
        }
    }

    /// Takes a member out; whether it was there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        match &mut self.0 {
            Members::Ints(ints) => parse_i64(member).is_some_and(|value| ints.remove(value)),
            Members::Pack(pack) => match pack.find(member, pack.first(), 1) {
                Some(at) => pack.remove(at, 1) == 1,
                None => false,
            },
            Members::Table(table) => table.remove(member).is_some(),
        }
    }

    /// As [`Self::remove`], of a member of another set.
    pub fn remove_ref(&mut self, member: StrRef<'_>) -> bool {
        match (&mut self.0, member) {
            (Members::Ints(ints), StrRef::Int(value)) => ints.remove(value),
            _ => self.remove(member.as_bytes(&mut Buffer::new())),
        }
    }

    /// Emits the members of a walk's next step; a compact set emits all at once.
    pub fn walk<'a>(&'a self, position: &mut WalkPosition, mut emit: impl FnMut(StrRef<'a>)) {
        if let Members::Table(table) = &self.0 {
            return table.walk(position, |member| emit(StrRef::Bytes(member.a())));
        }
        self.iter().for_each(emit);
        *position = WalkPosition::END;
    }

    /// All members.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(match &self.0 {
            Members::Ints(ints) => Form::Ints(ints.iter()),
            Members::Pack(pack) => Form::Pack(pack.iter()),
            Members::Table(table) => Form::Table(Ahead::new(table.members().iter())),
        })
    }

    /// A member chosen by `pick`, which returns a uniform number below its argument.
    #[must_use]
    pub fn random(&self, mut pick: impl FnMut(u64) -> u64) -> Option<StrRef<'_>> {
        match &self.0 {
            Members::Ints(ints) => ints.at(pick(ints.len() as u64) as usize).map(StrRef::Int),
            Members::Pack(pack) => {
                let at = pack.seek(pick(pack.len() as u64) as i64)?;
                Some(pack.get(at))
            }
            Members::Table(table) => table.random(pick).map(StrRef::Bytes),
        }
    }

    /// As [`Self::random`], and takes it out.
    pub fn pop_random(&mut self, mut pick: impl FnMut(u64) -> u64) -> Option<Member> {
        match &mut self.0 {
            Members::Ints(ints) => {
                let value = ints.at(pick(ints.len() as u64) as usize)?;
                ints.remove(value);
                Some(Member::Int(value))
            }
            Members::Pack(pack) => {
                let at = pack.seek(pick(pack.len() as u64) as i64)?;
                let member = Member::from(pack.get(at));
                pack.remove(at, 1);
                Some(member)
            }
            Members::Table(table) => table.pop_random(pick).map(Member::Text),
        }
    }

    /// Keeps `count` members chosen by `pick`; returns the set of all others. What is kept takes on
    /// the form of a set that was just made.
    #[must_use]
    pub fn keep_random(
        &mut self,
        count: usize,
        limits: &Limits,
        mut pick: impl FnMut(u64) -> u64,
    ) -> Self {
        let mut kept = match &self.0 {
            Members::Ints(_) => Self::of_ints(),
            Members::Pack(_) | Members::Table(_) => Self::of_texts(),
        };
        for _ in 0..count {
            if let Some(member) = self.pop_random(&mut pick) {
                kept.insert_ref(member.as_ref(), limits);
            }
        }
        mem::replace(self, kept)
    }

    /// Keeps of `members` those that are in this set, or those that are not.
    pub fn filter(&self, members: &mut Vec<StrRef<'_>>, present: bool) {
        match &self.0 {
            Members::Ints(ints) => {
                let mut rank = 0;
                members.retain(|member| present == gallop_to(ints, *member, &mut rank));
            }
            Members::Pack(_) => {
                let mut digits = Buffer::new();
                members.retain(|member| present == self.contains(member.as_bytes(&mut digits)));
            }
            Members::Table(table) => filter_by_table(table, members, present),
        }
    }

    /// One step of SSCAN: emits some members and returns the next cursor, 0 at the end. A small set
    /// is emitted whole.
    pub fn scan<'a>(&'a self, cursor: u64, mut emit: impl FnMut(StrRef<'a>)) -> u64 {
        if let Members::Table(table) = &self.0 {
            return table.scan(cursor, |member| emit(StrRef::Bytes(member)));
        }
        self.iter().for_each(emit);
        0
    }

    /// Makes an intset of a set of integers, unless they are too many for one.
    pub fn make_intset(&mut self, limits: &Limits) {
        if matches!(self.0, Members::Ints(_)) || self.len() > intset_entries_max(limits) {
            return;
        }
        let mut ints = Intset::new();
        if self.iter().all(|member| member.to_int().is_some_and(|value| ints.insert(value))) {
            self.0 = Members::Ints(ints);
        }
    }

    /// The intset, if that is the form.
    #[must_use]
    pub fn as_intset(&self) -> Option<&Intset> {
        match &self.0 {
            Members::Ints(ints) => Some(ints),
            Members::Pack(_) | Members::Table(_) => None,
        }
    }

    fn insert_int(&mut self, value: i64, limits: &Limits) -> bool {
        let Members::Ints(ints) = &mut self.0 else {
            return self.insert(Buffer::new().format(value).as_bytes(), limits);
        };
        let is_new = ints.insert(value);
        if is_new {
            self.table_if_many_ints(limits);
        }
        is_new
    }

    /// Adds to an intset what is no integer.
    fn insert_first_text(&mut self, member: &[u8], limits: &Limits) -> bool {
        let Members::Ints(ints) = &self.0 else { return self.insert(member, limits) };
        let ends = [ints.at(0), ints.len().checked_sub(1).and_then(|last| ints.at(last))];
        let digits_max = ends.into_iter().flatten().map(|end| StrRef::Int(end).len()).max();
        let fits = digits_max.is_none_or(|digits| digits <= limits.set_max_listpack_value)
            && pack_takes(ints.len(), ints.len() * INT_BYTES_MAX, member, limits);
        if !fits {
            return self.make_table(limits).insert(member);
        }
        let mut pack = Listpack::new();
        ints.iter().for_each(|value| pack.push_back_int(value));
        pack.push_back(member);
        self.0 = Members::Pack(pack);
        true
    }

    fn table_if_many_ints(&mut self, limits: &Limits) {
        if let Members::Ints(ints) = &self.0
            && ints.len() > intset_entries_max(limits)
        {
            self.make_table(limits);
        }
    }

    fn make_table(&mut self, limits: &Limits) -> &mut Table {
        if !matches!(self.0, Members::Table(_)) {
            let mut table = Table::new(limits.hasher.clone());
            let mut digits = Buffer::new();
            for member in self.iter() {
                table.insert(member.as_bytes(&mut digits));
            }
            self.0 = Members::Table(Box::new(table));
        }
        match &mut self.0 {
            Members::Table(table) => table,
            Members::Ints(_) | Members::Pack(_) => unreachable!("it was made a table just now"),
        }
    }
}

impl Collection for Set {
    fn type_name(&self) -> &'static str {
        "set"
    }

    fn encoding(&self) -> Encoding {
        match &self.0 {
            Members::Ints(_) => Encoding::Intset,
            Members::Pack(_) => Encoding::Listpack,
            Members::Table(_) => Encoding::Hashtable,
        }
    }

    fn heap_bytes(&self) -> usize {
        match &self.0 {
            Members::Ints(ints) => ints.heap_bytes(),
            Members::Pack(pack) => pack.heap_bytes(),
            Members::Table(table) => TABLE_BYTES + table.heap_bytes(),
        }
    }

    fn warm(&self, elements: &[&[u8]]) {
        if let Members::Table(table) = &self.0 {
            table.warm(elements);
        }
    }

    fn take(&mut self) -> Data {
        std::mem::replace(self, Self::of_ints()).into_data()
    }

    fn free_effort(&self) -> usize {
        match &self.0 {
            Members::Ints(_) | Members::Pack(_) => 1,
            Members::Table(table) => table.members().len(),
        }
    }

    fn free_some(&mut self, elements_max: usize) -> bool {
        match &mut self.0 {
            Members::Table(table) => table.free_some(elements_max),
            Members::Ints(_) | Members::Pack(_) => {
                *self = Self::of_ints();
                false
            }
        }
    }
}

impl Kind for Set {
    type Ref<'a> = &'a Self;

    fn into_data(self) -> Data {
        Data::Set(self)
    }

    fn of(data: DataRef<'_>) -> Option<&Self> {
        match data {
            DataRef::Set(value) => Some(value),
            _ => None,
        }
    }

    fn of_mut(data: &mut Data) -> Option<&mut Self> {
        match data {
            Data::Set(set) => Some(set),
            _ => None,
        }
    }
}

/// The same members in the same form.
impl PartialEq for Set {
    fn eq(&self, other: &Self) -> bool {
        let mut digits = Buffer::new();
        self.encoding() == other.encoding()
            && self.len() == other.len()
            && self.iter().all(|member| other.contains(member.as_bytes(&mut digits)))
    }
}

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Member {
    #[must_use]
    pub fn as_ref(&self) -> StrRef<'_> {
        match self {
            Self::Int(value) => StrRef::Int(*value),
            Self::Text(text) => StrRef::Bytes(text.a()),
        }
    }
}

impl From<StrRef<'_>> for Member {
    fn from(member: StrRef<'_>) -> Self {
        match member {
            StrRef::Int(value) => Self::Int(value),
            StrRef::Bytes(text) => Self::Text(Packed::new(text, None)),
        }
    }
}

/// Whether a listpack of so many elements and bytes may take this one more.
fn pack_takes(elements: usize, bytes: usize, member: &[u8], limits: &Limits) -> bool {
    elements < limits.set_max_listpack_entries
        && member.len() <= limits.set_max_listpack_value
        && bytes + member.len() <= PACK_BYTES_MAX
}

fn intset_entries_max(limits: &Limits) -> usize {
    limits.set_max_intset_entries.min(INTSET_ENTRIES_MAX)
}

/// Whether the intset has the member. `rank` is where the one before was found: members of an intset
/// come in ascending order.
fn gallop_to(ints: &Intset, member: StrRef<'_>, rank: &mut usize) -> bool {
    let Some(value) = member.to_int() else { return false };
    if ints.at(*rank).is_none_or(|here| here > value) {
        *rank = 0;
    }
    *rank = ints.gallop(value, *rank);
    ints.at(*rank) == Some(value)
}

fn filter_by_table(table: &Table, members: &mut Vec<StrRef<'_>>, present: bool) {
    let mut digits = vec![Buffer::new(); members.len()];
    let texts = members.iter().zip(&mut digits).map(|(member, digits)| member.as_bytes(digits));
    let texts: Vec<&[u8]> = texts.collect();
    let mut keeps = Vec::with_capacity(members.len());
    table.probe(&texts, |is_member| keeps.push(is_member == present));
    let mut keeps = keeps.into_iter();
    members.retain(|_| keeps.next().unwrap_or(false));
}

/// The largest listpack Redis makes.
const PACK_BYTES_MAX: usize = 1 << 30;

/// The most that an integer takes in a listpack.
const INT_BYTES_MAX: usize = 10;

/// The largest intset Redis makes, whatever the settings say.
const INTSET_ENTRIES_MAX: usize = 1 << 30;

/// What a table is besides its buckets and members, in a 64-bit build.
const TABLE_BYTES: usize = 72;
