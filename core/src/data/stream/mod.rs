//! Streams: entries in order of their ids, and the groups of consumers that read them.
//!
//! The entries are kept as Redis keeps them, in listpacks of neighbours ordered by the id of the
//! first, since that is what travels in RDB files and what `XTRIM ~` and XINFO show. Redis's tree
//! over them is a radix tree; here it is a B-tree, and [`Stream::radix_nodes`] tells how many nodes
//! Redis's would have.
//!
//! Invariant: `length` is the number of entries not deleted, and `first_id` is the id of the first of
//! them, or zero.

mod group;
mod id;
mod node;
mod range;
#[cfg(test)]
mod tests;
mod trim;

use std::collections::BTreeMap;

use super::{Collection, Data, DataRef, Encoding, Kind, Limits, Listpack};

pub use group::{Consumer, Group, Groups, Pending};
pub use id::StreamId;
pub use node::{Entry, Fields};
pub use range::{Finder, Range, Reversed};
pub use trim::{Threshold, Trim};

/// A stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream {
    nodes: BTreeMap<StreamId, Listpack>,
    length: u64,
    first_id: StreamId,
    last_id: StreamId,
    /// The greatest id that XDEL ever deleted.
    max_deleted_id: StreamId,
    /// Entries ever added.
    entries_added: u64,
    pub groups: Groups,
    /// Heap bytes of the nodes.
    node_bytes: usize,
}

/// Why an entry cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// Its id does not follow the last one.
    IdTooSmall,
    /// It is larger than any node may be.
    TooLarge,
}

impl Stream {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Entries not deleted.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.length
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The id of the first entry; zero if there is none.
    #[must_use]
    pub fn first_id(&self) -> StreamId {
        self.first_id
    }

    /// The greatest id ever added, whether or not its entry is still there.
    #[must_use]
    pub fn last_id(&self) -> StreamId {
        self.last_id
    }

    #[must_use]
    pub fn max_deleted_id(&self) -> StreamId {
        self.max_deleted_id
    }

    #[must_use]
    pub fn entries_added(&self) -> u64 {
        self.entries_added
    }

    /// Nodes the entries are kept in.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Each node's id and its listpack, as RDB files hold them.
    pub fn listpacks(&self) -> impl ExactSizeIterator<Item = (StreamId, &Listpack)> {
        self.nodes.iter().map(|(id, pack)| (*id, pack))
    }

    /// The first node of this id or a greater one.
    #[must_use]
    pub fn listpack_from(&self, id: StreamId) -> Option<(StreamId, &Listpack)> {
        self.nodes.range(id..).next().map(|(id, pack)| (*id, pack))
    }

    /// Sets what XSETID and RDB files know of a stream besides its entries.
    pub fn set_ids(&mut self, last_id: StreamId, max_deleted_id: StreamId, entries_added: u64) {
        self.last_id = last_id;
        self.max_deleted_id = max_deleted_id;
        self.entries_added = entries_added;
    }

    /// The id that an entry added now gets: the time, or the last id's successor if the clock has
    /// not passed that. `None` at the end of all ids.
    #[must_use]
    pub fn next_id(&self, now_ms: u64) -> Option<StreamId> {
        if now_ms > self.last_id.ms {
            return Some(StreamId::new(now_ms, 0));
        }
        self.last_id.next()
    }

    /// The id that an entry added with only its milliseconds given gets.
    #[must_use]
    pub fn next_id_at(&self, ms: u64) -> Option<StreamId> {
        if ms == self.last_id.ms {
            return self.last_id.seq.checked_add(1).map(|seq| StreamId { ms, seq });
        }
        Some(StreamId { ms, seq: 0 })
    }

    /// Adds an entry at the end.
    ///
    /// # Errors
    /// The id does not follow the last one, or the entry is larger than 1 GiB.
    pub fn append(
        &mut self,
        id: StreamId,
        pairs: &[(&[u8], &[u8])],
        limits: &Limits,
    ) -> Result<(), AppendError> {
        if id <= self.last_id {
            return Err(AppendError::IdTooSmall);
        }
        let bytes: usize = pairs.iter().map(|(field, value)| field.len() + value.len()).sum();
        if bytes > NODE_BYTES_MAX {
            return Err(AppendError::TooLarge);
        }
        let node_id = self.node_with_room(id, bytes, pairs, limits);
        if let Some(pack) = self.nodes.get_mut(&node_id) {
            let before = pack.heap_bytes();
            node::append(pack, node_id, id, pairs);
            self.node_bytes = self.node_bytes + pack.heap_bytes() - before;
        }
        self.entries_added += 1;
        self.last_id = id;
        self.length += 1;
        if self.length == 1 {
            self.first_id = id;
        }
        Ok(())
    }

    /// Deletes an entry; whether it was there.
    pub fn delete(&mut self, id: StreamId) -> bool {
        if !self.delete_entry(id) {
            return false;
        }
        self.max_deleted_id = self.max_deleted_id.max(id);
        if self.first_id == id {
            self.find_first();
        }
        true
    }

    #[must_use]
    pub fn contains(&self, id: StreamId) -> bool {
        self.range(id, id).next().is_some()
    }

    /// Takes on a node of an RDB file, whose id must be greater than those before it. Whether it is
    /// one: its listpack can be foreign.
    pub fn load_node(&mut self, id: StreamId, pack: Listpack) -> bool {
        let follows = self.greatest_id().is_none_or(|greatest| greatest < id);
        let Some(live) = node::Node::new(id, &pack).validate().filter(|_| follows) else {
            return false;
        };
        self.length += live;
        self.node_bytes += pack.heap_bytes() + NODE_OVERHEAD_BYTES;
        self.nodes.insert(id, pack);
        if self.first_id.is_zero() {
            self.find_first();
        }
        true
    }

    /// The id of the last entry that is there; zero if there is none.
    #[must_use]
    pub fn last_entry_id(&self) -> StreamId {
        let mut entries = self.range(StreamId::MIN, StreamId::MAX).reversed();
        entries.next().map_or(StreamId::MIN, |entry| entry.id)
    }

    /// The greatest id in a node, deleted or not.
    #[must_use]
    pub fn greatest_id(&self) -> Option<StreamId> {
        let (id, pack) = self.nodes.last_key_value()?;
        node::Node::new(*id, pack).last().map(|entry| entry.id)
    }

    /// Nodes of the radix tree in which Redis would keep these nodes' ids.
    ///
    /// Of keys of equal length there is a node for each key's end, one for each place where keys
    /// part, and one for each run of bytes between those.
    #[must_use]
    pub fn radix_nodes(&self) -> usize {
        let keys: Vec<[u8; 16]> = self.nodes.keys().map(|id| id.to_be_bytes()).collect();
        match keys.is_empty() {
            // The root, which has nothing below it.
            true => 1,
            false => keys.len() + inner_radix_nodes(&keys, 0),
        }
    }

    /// The node at the end if the entry may go there, else a new one; returns its id.
    fn node_with_room(
        &mut self,
        id: StreamId,
        bytes: usize,
        pairs: &[(&[u8], &[u8])],
        limits: &Limits,
    ) -> StreamId {
        if let Some(mut last) = self.nodes.last_entry() {
            if has_room(last.get(), bytes, limits) {
                return *last.key();
            }
            let before = last.get().heap_bytes();
            last.get_mut().shrink_to_fit();
            self.node_bytes = self.node_bytes + last.get().heap_bytes() - before;
        }
        let pack = node::new_node(pairs.iter().map(|(field, _)| *field));
        self.node_bytes += pack.heap_bytes() + NODE_OVERHEAD_BYTES;
        self.nodes.insert(id, pack);
        id
    }

    /// Deletes an entry without a thought to the first id.
    fn delete_entry(&mut self, id: StreamId) -> bool {
        let Some(entry) = self.range(id, id).next() else { return false };
        let at = entry.at();
        let Some((&node_id, pack)) = self.nodes.range_mut(..=id).next_back() else { return false };
        if node::counts(pack).0 <= 1 {
            self.remove_node(node_id);
        } else {
            let before = pack.heap_bytes();
            node::flag_deleted(pack, at);
            node::add_to_counts(pack, -1, 1);
            self.node_bytes = self.node_bytes + pack.heap_bytes() - before;
            self.length -= 1;
        }
        true
    }

    /// Takes a node out with all its entries; returns how many were not deleted.
    fn remove_node(&mut self, id: StreamId) -> u64 {
        let Some(pack) = self.nodes.remove(&id) else { return 0 };
        let (live, _) = node::counts(&pack);
        self.node_bytes -= pack.heap_bytes() + NODE_OVERHEAD_BYTES;
        self.length = self.length.saturating_sub(live);
        live
    }

    fn find_first(&mut self) {
        self.first_id =
            self.range(StreamId::MIN, StreamId::MAX).next().map_or(StreamId::MIN, |e| e.id);
    }
}

impl Collection for Stream {
    fn type_name(&self) -> &'static str {
        "stream"
    }

    fn encoding(&self) -> Encoding {
        Encoding::Stream
    }

    fn heap_bytes(&self) -> usize {
        STREAM_BYTES + self.node_bytes + self.groups.heap_bytes()
    }

    fn take(&mut self) -> Data {
        std::mem::take(self).into_data()
    }

    fn free_effort(&self) -> usize {
        self.nodes.len() + self.groups.free_effort()
    }

    fn free_some(&mut self, elements_max: usize) -> bool {
        for _ in 0..elements_max {
            if self.nodes.pop_first().is_none() {
                return self.groups.free_some(elements_max);
            }
        }
        true
    }
}

impl Kind for Stream {
    type Ref<'a> = &'a Self;

    fn into_data(self) -> Data {
        Data::Stream(Box::new(self))
    }

    fn of(data: DataRef<'_>) -> Option<&Self> {
        match data {
            DataRef::Stream(value) => Some(value),
            _ => None,
        }
    }

    fn of_mut(data: &mut Data) -> Option<&mut Self> {
        match data {
            Data::Stream(stream) => Some(stream),
            _ => None,
        }
    }
}

/// Whether an entry of so many bytes may join a node.
fn has_room(pack: &Listpack, bytes: usize, limits: &Limits) -> bool {
    let bytes_max = match limits.stream_node_max_bytes {
        0 => NODE_BYTES_MAX,
        bytes => bytes.min(NODE_BYTES_MAX),
    };
    let (live, deleted) = node::counts(pack);
    let entries_max = match limits.stream_node_max_entries {
        0 => u64::MAX,
        entries => entries as u64,
    };
    pack.total_bytes() + bytes < bytes_max && live + deleted < entries_max
}

/// Nodes above the ends of these keys, which are sorted and agree in their first `depth` bytes.
fn inner_radix_nodes(keys: &[[u8; 16]], depth: usize) -> usize {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return 0 };
    let parts_at = (depth..16).find(|at| first.get(*at) != last.get(*at)).unwrap_or(16);
    let run = usize::from(parts_at > depth);
    if parts_at == 16 {
        return run;
    }
    let branches = keys.chunk_by(|a, b| a.get(parts_at) == b.get(parts_at));
    run + 1 + branches.map(|branch| inner_radix_nodes(branch, parts_at + 1)).sum::<usize>()
}

/// The most bytes of one node, whatever the settings say.
const NODE_BYTES_MAX: usize = 1 << 30;

/// What a node costs besides its listpack: its id and handle, with the tree's slack.
const NODE_OVERHEAD_BYTES: usize = 56;

/// The stream itself, in a box of its own, in a 64-bit build.
const STREAM_BYTES: usize = 112;
