//! Consumer groups: how far a group has read, and what was delivered but not acknowledged.
//!
//! Invariant: an entry is pending for one consumer of a group at most; it is in the group's list
//! and in that consumer's, or in neither.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Stream, StreamId};
use crate::data::Ordered;

/// The groups of a stream by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    // Boxed, since most streams have none: a pointer in every stream.
    by_name: Option<Box<Ordered<Box<[u8]>, Group>>>,
    bytes: usize,
}

/// One group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The last entry delivered to a consumer that asked for new ones.
    pub last_id: StreamId,
    /// Entries of the stream up to `last_id`, those since deleted included; `None` if that is not
    /// known.
    pub entries_read: Option<u64>,
    pending: BTreeMap<StreamId, Pending>,
    consumers: Ordered<Arc<[u8]>, Consumer>,
    /// Bytes of the consumers' names.
    name_bytes: usize,
}

/// One consumer of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Consumer {
    /// When it last tried to do anything, in unix milliseconds.
    pub seen_ms: i64,
    /// When it last got or claimed an entry, if ever.
    pub active_ms: Option<i64>,
    pending: BTreeSet<StreamId>,
}

/// What is known of an entry that was delivered and not acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    pub consumer: Arc<[u8]>,
    /// When it was last delivered, in unix milliseconds.
    pub delivered_ms: i64,
    /// How often it was delivered.
    pub deliveries: u64,
}

impl Groups {
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_name.as_ref().map_or(0, |groups| groups.len())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<&Group> {
        self.by_name.as_ref()?.find(name)
    }

    /// All groups by name, in the order of their bytes.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Group)> {
        self.by_name.iter().flat_map(|groups| groups.iter()).map(|(name, group)| (&**name, group))
    }

    /// Makes a group; whether there was none of that name.
    pub fn create(&mut self, name: &[u8], last_id: StreamId, entries_read: Option<u64>) -> bool {
        let groups = self.by_name.get_or_insert_default();
        if groups.contains_key(name) {
            return false;
        }
        let group = Group::new(last_id, entries_read);
        self.bytes += group.bytes() + name.len();
        groups.insert(name.into(), group);
        true
    }

    /// Removes a group with all it knows; whether there was one.
    pub fn destroy(&mut self, name: &[u8]) -> bool {
        let Some(groups) = &mut self.by_name else { return false };
        let Some(group) = groups.remove(name) else { return false };
        self.bytes -= group.bytes() + name.len();
        if groups.is_empty() {
            self.by_name = None;
        }
        true
    }

    /// Lets `change` change a group, and keeps count of its memory. `None` if there is no such
    /// group.
    pub fn edit<R>(&mut self, name: &[u8], change: impl FnOnce(&mut Group) -> R) -> Option<R> {
        let group = self.by_name.as_mut()?.find_mut(name)?;
        let before = group.bytes();
        let result = change(group);
        self.bytes = self.bytes + group.bytes() - before;
        Some(result)
    }

    /// Whether a group has the entry pending, or has not read it yet.
    #[must_use]
    pub fn refer_to(&self, id: StreamId) -> bool {
        self.iter().any(|(_, group)| group.last_id < id || group.pending.contains_key(&id))
    }

    /// Acknowledges an entry for all groups; returns for how many it was pending.
    pub fn forget(&mut self, id: StreamId) -> usize {
        let Some(groups) = &mut self.by_name else { return 0 };
        let forgotten = groups.values_mut().map(|group| usize::from(group.acknowledge(id))).sum();
        self.bytes -= forgotten * PENDING_BYTES;
        forgotten
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn free_effort(&self) -> usize {
        // An average of all pending entries, without walking the groups.
        self.bytes / PENDING_BYTES
    }

    pub(super) fn free_some(&mut self, elements_max: usize) -> bool {
        let Some(groups) = &mut self.by_name else { return false };
        let Some(name) = groups.first_key().cloned() else { return false };
        let Some(group) = groups.find_mut(&*name) else { return false };
        for _ in 0..elements_max {
            if group.pending.pop_first().is_none() {
                groups.remove(&*name);
                return !groups.is_empty();
            }
        }
        true
    }
}

impl Group {
    fn new(last_id: StreamId, entries_read: Option<u64>) -> Self {
        Self {
            last_id,
            entries_read,
            pending: BTreeMap::new(),
            consumers: Ordered::new(),
            name_bytes: 0,
        }
    }

    /// Entries delivered and not acknowledged.
    #[must_use]
    pub fn pending(&self) -> &BTreeMap<StreamId, Pending> {
        &self.pending
    }

    #[must_use]
    pub fn consumer(&self, name: &[u8]) -> Option<&Consumer> {
        self.consumers.find(name)
    }

    #[must_use]
    pub fn consumers_len(&self) -> usize {
        self.consumers.len()
    }

    /// All consumers by name, in the order of their bytes.
    pub fn consumers(&self) -> impl Iterator<Item = (&[u8], &Consumer)> {
        self.consumers.iter().map(|(name, consumer)| (&**name, consumer))
    }

    /// Makes a consumer; whether there was none of that name.
    pub fn create_consumer(&mut self, name: &[u8], now_ms: i64) -> bool {
        if self.consumers.contains_key(name) {
            return false;
        }
        let consumer = Consumer { seen_ms: now_ms, active_ms: None, pending: BTreeSet::new() };
        self.name_bytes += name.len();
        self.consumers.insert(name.into(), consumer);
        true
    }

    /// Notes that a consumer does something now, and makes it if there is none of that name;
    /// whether it did.
    pub fn see(&mut self, name: &[u8], now_ms: i64) -> bool {
        if let Some(consumer) = self.consumers.find_mut(name) {
            consumer.seen_ms = now_ms;
            return false;
        }
        self.create_consumer(name, now_ms)
    }

    /// The consumer's times, to change.
    pub fn consumer_mut(&mut self, name: &[u8]) -> Option<&mut Consumer> {
        self.consumers.find_mut(name)
    }

    /// Removes a consumer and forgets what it had pending; how many entries that was, if there was
    /// such a consumer.
    pub fn delete_consumer(&mut self, name: &[u8]) -> Option<usize> {
        let consumer = self.consumers.remove(name)?;
        self.name_bytes -= name.len();
        for id in &consumer.pending {
            self.pending.remove(id);
        }
        Some(consumer.pending.len())
    }

    /// Notes that an entry is pending for a consumer, which must exist; it is then no one else's.
    pub fn deliver(&mut self, id: StreamId, consumer: &[u8], delivered_ms: i64, deliveries: u64) {
        self.acknowledge(id);
        let Some((name, _)) = self.consumers.find_pair(consumer) else { return };
        let name = Arc::clone(name);
        if let Some(consumer) = self.consumers.find_mut(&name) {
            consumer.pending.insert(id);
        }
        self.pending.insert(id, Pending { consumer: name, delivered_ms, deliveries });
    }

    /// Notes a pending entry whose consumer is still to come: see [`Self::give`]. Whether it was not
    /// pending before.
    pub fn load(&mut self, id: StreamId, delivered_ms: i64, deliveries: u64) -> bool {
        let pending = Pending { consumer: Arc::default(), delivered_ms, deliveries };
        self.pending.insert(id, pending).is_none()
    }

    /// Makes an entry noted by [`Self::load`] a consumer's own; whether it was there to be given.
    pub fn give(&mut self, id: StreamId, consumer: &[u8]) -> bool {
        let Some((name, _)) = self.consumers.find_pair(consumer) else { return false };
        let name = Arc::clone(name);
        let Some(pending) = self.pending.get_mut(&id) else { return false };
        pending.consumer = Arc::clone(&name);
        self.consumers.find_mut(&name).is_some_and(|consumer| consumer.pending.insert(id))
    }

    /// Whether an entry is pending for nobody.
    #[must_use]
    pub fn has_strays(&self) -> bool {
        let owned: usize = self.consumers.values().map(|consumer| consumer.pending.len()).sum();
        owned != self.pending.len()
    }

    /// Changes when and how often a pending entry was delivered.
    pub fn pending_mut(&mut self, id: StreamId) -> Option<&mut Pending> {
        self.pending.get_mut(&id)
    }

    /// Forgets a pending entry; whether it was one.
    pub fn acknowledge(&mut self, id: StreamId) -> bool {
        let Some(pending) = self.pending.remove(&id) else { return false };
        if let Some(consumer) = self.consumers.find_mut(&pending.consumer) {
            consumer.pending.remove(&id);
        }
        true
    }

    fn bytes(&self) -> usize {
        GROUP_BYTES
            + self.name_bytes
            + self.consumers.len() * CONSUMER_BYTES
            + self.pending.len() * PENDING_BYTES
    }
}

impl Consumer {
    /// The ids of the entries it has not acknowledged.
    #[must_use]
    pub fn pending(&self) -> &BTreeSet<StreamId> {
        &self.pending
    }
}

impl Stream {
    /// Lets `change` change a group with a look at the entries. `None` if there is no such group.
    pub fn edit_group<R>(
        &mut self,
        name: &[u8],
        change: impl FnOnce(&Self, &mut Group) -> R,
    ) -> Option<R> {
        let mut groups = std::mem::take(&mut self.groups);
        let result = groups.edit(name, |group| change(self, group));
        self.groups = groups;
        result
    }

    /// How many entries the group has still to be given, as far as that can be told: all there are when
    /// the group and every gap are before the first of them. Trimming leaves no gaps, but ids of groups behind.
    #[must_use]
    pub fn lag(&self, group: &Group) -> Option<u64> {
        if self.length == 0 || group.last_id.max(self.max_deleted_id) < self.first_id {
            return Some(self.length);
        }
        let read = match group.entries_read {
            Some(read) if !self.has_gaps_from(group.last_id) => Some(read),
            _ => self.entries_up_to(group.last_id),
        };
        read.map(|read| self.entries_added.wrapping_sub(read))
    }

    /// How many entries were ever added up to this id, if that can be told without counting.
    #[must_use]
    pub fn entries_up_to(&self, id: StreamId) -> Option<u64> {
        if self.entries_added == 0 {
            return Some(0);
        }
        if self.length == 0 && id <= self.last_id || id == self.last_id {
            return Some(self.entries_added);
        }
        if id > self.last_id || !id.is_zero() && id < self.max_deleted_id {
            return None;
        }
        let is_gapless = self.max_deleted_id.is_zero() || self.max_deleted_id < self.first_id;
        let before_first = self.entries_added.wrapping_sub(self.length);
        match id.cmp(&self.first_id) {
            _ if !is_gapless => None,
            std::cmp::Ordering::Less => Some(before_first),
            std::cmp::Ordering::Equal => Some(before_first.wrapping_add(1)),
            std::cmp::Ordering::Greater => None,
        }
    }

    /// Whether an entry was deleted at or after this id, so that counting on would be wrong.
    #[must_use]
    pub fn has_gaps_from(&self, id: StreamId) -> bool {
        self.length > 0 && !self.max_deleted_id.is_zero() && id <= self.max_deleted_id
    }
}

/// What a group, a consumer and a pending entry cost: their structures in a 64-bit build with the
/// trees' slack.
const GROUP_BYTES: usize = 160;
const CONSUMER_BYTES: usize = 120;
const PENDING_BYTES: usize = 96;
