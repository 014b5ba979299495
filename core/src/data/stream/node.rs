//! One node of a stream: entries that follow each other, in one listpack, as Redis lays them out.
//!
//! ```text
//! master   live  deleted  fields  field...  0
//! entry    flags  ms  seq  [fields]  (field value)... | value...  elements
//! ```
//!
//! `ms` and `seq` are differences from the node's own id. An entry with the master's fields leaves
//! them out and says so in its flags. `elements` is how many come before it in the entry, for
//! reading backwards. A deleted entry stays, flagged.

use super::StreamId;
use crate::data::Listpack;
use crate::data::StrRef;
use crate::data::listpack::At;

/// A node with its id, to be read.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    id: StreamId,
    pack: &'a Listpack,
    /// The element that holds the number of the master's fields.
    fields_at: Option<At>,
    fields: usize,
}

/// An entry of a stream.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    pub id: StreamId,
    pack: &'a Listpack,
    at: At,
    is_deleted: bool,
    /// How many field-value pairs.
    pub len: usize,
    /// The first field, or the first value if the fields are the master's.
    body: Option<At>,
    /// The master's first field, if the entry leaves its fields out.
    master_fields: Option<At>,
    /// The entry's last element.
    end: At,
}

/// A new node that begins with an entry of these fields; it has no entry yet.
pub(super) fn new_node<'t>(fields: impl ExactSizeIterator<Item = &'t [u8]>) -> Listpack {
    let mut pack = Listpack::new();
    pack.push_back_int(0);
    pack.push_back_int(0);
    pack.push_back_int(fields.len() as i64);
    fields.for_each(|field| pack.push_back(field));
    pack.push_back_int(0);
    pack
}

/// Adds an entry at the end.
pub(super) fn append(
    pack: &mut Listpack,
    node_id: StreamId,
    id: StreamId,
    pairs: &[(&[u8], &[u8])],
) {
    let same_fields = has_fields_of_master(pack, pairs);
    pack.push_back_int(if same_fields { FLAG_SAME_FIELDS } else { 0 });
    pack.push_back_int(id.ms.wrapping_sub(node_id.ms) as i64);
    pack.push_back_int(id.seq.wrapping_sub(node_id.seq) as i64);
    if !same_fields {
        pack.push_back_int(pairs.len() as i64);
    }
    for (field, value) in pairs {
        if !same_fields {
            pack.push_back(field);
        }
        pack.push_back(value);
    }
    let len = pairs.len() as i64;
    pack.push_back_int(if same_fields { len + 3 } else { 2 * len + 4 });
    add_to_counts(pack, 1, 0);
}

/// Entries that are there, and entries that are deleted but still take room.
pub(super) fn counts(pack: &Listpack) -> (u64, u64) {
    let count = |at: Option<At>| at.map_or(0, |at| int(pack, at).max(0) as u64);
    let live = pack.first();
    (count(live), count(live.and_then(|at| pack.next(at))))
}

/// Flags an entry as deleted, in place: the places of others stay as they are. The counts are the
/// caller's to change, afterwards.
pub(super) fn flag_deleted(pack: &mut Listpack, at: At) {
    let flags = int(pack, at);
    pack.replace_int(at, flags | FLAG_DELETED);
}

impl<'a> Node<'a> {
    pub(super) fn new(id: StreamId, pack: &'a Listpack) -> Self {
        let fields_at = pack.first().and_then(|at| skip(pack, at, 2));
        Self { id, pack, fields_at, fields: fields_at.map_or(0, |at| count(pack, at)) }
    }

    /// The first entry, deleted or not.
    pub(super) fn first(self) -> Option<Entry<'a>> {
        let terminator = skip(self.pack, self.fields_at?, self.fields.checked_add(1)?)?;
        if count(self.pack, terminator) != 0 {
            return None;
        }
        self.read(self.pack.next(terminator)?)
    }

    pub(super) fn last(self) -> Option<Entry<'a>> {
        self.read_back(self.pack.last()?)
    }

    pub(super) fn after(self, entry: &Entry<'a>) -> Option<Entry<'a>> {
        self.read(self.pack.next(entry.end)?)
    }

    pub(super) fn before(self, entry: &Entry<'a>) -> Option<Entry<'a>> {
        self.read_back(self.pack.prev(entry.at)?)
    }

    /// Entries that are not deleted, if the node is one: its counts are true, its ids ascend, and
    /// walking backwards meets the entries that walking forwards does.
    pub(super) fn validate(self) -> Option<u64> {
        let (mut live, mut deleted) = (0, 0);
        let mut entry = self.first()?;
        let mut id_min = self.id;
        loop {
            let is_between = entry.id >= id_min && self.read_back(entry.end)?.at == entry.at;
            if !is_between {
                return None;
            }
            match entry.is_deleted {
                true => deleted += 1,
                false => live += 1,
            }
            id_min = entry.id.next()?;
            let Some(next) = self.pack.next(entry.end) else { break };
            entry = self.read(next)?;
        }
        (counts(self.pack) == (live, deleted)).then_some(live)
    }

    fn read(self, at: At) -> Option<Entry<'a>> {
        let pack = self.pack;
        let flags = int(pack, at);
        let ms_at = pack.next(at)?;
        let seq_at = pack.next(ms_at)?;
        let id = StreamId {
            ms: self.id.ms.wrapping_add(int(pack, ms_at) as u64),
            seq: self.id.seq.wrapping_add(int(pack, seq_at) as u64),
        };
        let fields_at = self.fields_at?;
        let has_same_fields = flags & FLAG_SAME_FIELDS != 0;
        let (len, head, elements) = if has_same_fields {
            (self.fields, seq_at, self.fields)
        } else {
            let len_at = pack.next(seq_at)?;
            let len = count(pack, len_at);
            (len, len_at, len.checked_mul(2)?)
        };
        Some(Entry {
            id,
            pack,
            at,
            is_deleted: flags & FLAG_DELETED != 0,
            len,
            body: pack.next(head),
            master_fields: has_same_fields.then(|| pack.next(fields_at)).flatten(),
            end: skip(pack, head, elements.checked_add(1)?)?,
        })
    }

    /// The entry whose last element is at `end`: the master ends in 0 elements.
    fn read_back(self, end: At) -> Option<Entry<'a>> {
        let elements = count(self.pack, end);
        if elements == 0 {
            return None;
        }
        let at = (0..elements).try_fold(end, |at, _| self.pack.prev(at))?;
        self.read(at)
    }
}

impl<'a> Entry<'a> {
    /// Its fields with their values.
    pub fn fields(&self) -> Fields<'a> {
        Fields { pack: self.pack, left: self.len, body: self.body, fields: self.master_fields }
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    /// Where its flags are.
    pub(super) fn at(&self) -> At {
        self.at
    }
}

/// The fields of an entry with their values.
#[derive(Clone)]
pub struct Fields<'a> {
    pack: &'a Listpack,
    left: usize,
    body: Option<At>,
    /// The next of the master's fields, if the entry leaves them out.
    fields: Option<At>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = (StrRef<'a>, StrRef<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let body = self.body?;
        let (field, value) = match self.fields {
            Some(field) => {
                self.fields = self.pack.next(field);
                (field, body)
            }
            None => (body, self.pack.next(body)?),
        };
        self.body = self.pack.next(value);
        Some((self.pack.get(field), self.pack.get(value)))
    }
}

fn has_fields_of_master(pack: &Listpack, pairs: &[(&[u8], &[u8])]) -> bool {
    let count_at = pack.seek(2);
    if count_at.map(|at| count(pack, at)) != Some(pairs.len()) {
        return false;
    }
    let fields = pack.iter_from(count_at).skip(1);
    pairs.iter().zip(fields).all(|((field, _), master)| match master {
        StrRef::Bytes(bytes) => bytes == *field,
        StrRef::Int(_) => &*master.to_cow() == *field,
    })
}

pub(super) fn add_to_counts(pack: &mut Listpack, live: i64, deleted: i64) {
    for (index, change) in
        [live, deleted].into_iter().enumerate().filter(|(_, change)| *change != 0)
    {
        if let Some(at) = pack.seek(index as i64) {
            let value = int(pack, at).wrapping_add(change);
            pack.replace_int(at, value);
        }
    }
}

fn skip(pack: &Listpack, at: At, elements: usize) -> Option<At> {
    (0..elements).try_fold(at, |at, _| pack.next(at))
}

fn int(pack: &Listpack, at: At) -> i64 {
    pack.get(at).to_int().unwrap_or(0)
}

fn count(pack: &Listpack, at: At) -> usize {
    usize::try_from(int(pack, at)).unwrap_or(0)
}

const FLAG_DELETED: i64 = 1;
const FLAG_SAME_FIELDS: i64 = 2;
