//! Trimming from the old end, exactly or by whole nodes.

use super::node::{self, Node};
use super::{Stream, StreamId};

/// How much of a stream stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// So many entries: the newest.
    MaxLen(u64),
    /// The entries from this id on.
    MinId(StreamId),
}

/// A request to trim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    pub threshold: Threshold,
    /// `~`: only whole nodes go.
    pub is_approximate: bool,
    /// The most entries that go; 0 for any number.
    pub limit: u64,
}

impl Stream {
    /// Removes old entries; returns how many. Nodes are looked at from the old end until one has
    /// to stay, or the limit would be passed.
    pub fn trim(&mut self, trim: Trim) -> u64 {
        let mut removed = 0;
        while let Some((&id, pack)) = self.nodes.first_key_value() {
            if matches!(trim.threshold, Threshold::MaxLen(len) if self.length <= len) {
                break;
            }
            let (live, _) = node::counts(pack);
            if trim.limit > 0 && removed + live > trim.limit {
                break;
            }
            let goes_whole = match trim.threshold {
                Threshold::MaxLen(len) => self.length - live >= len,
                // As in Redis a deleted entry counts here, so a node may stay with none but those.
                Threshold::MinId(min) => {
                    Node::new(id, pack).last().is_none_or(|last| last.id < min)
                }
            };
            if goes_whole {
                removed += self.remove_node(id);
            } else {
                if !trim.is_approximate {
                    removed += self.trim_within(id, trim.threshold);
                }
                break;
            }
        }
        if removed > 0 {
            self.find_first();
        }
        removed
    }

    /// Deletes entries of a node of which some stay; returns how many.
    fn trim_within(&mut self, node_id: StreamId, threshold: Threshold) -> u64 {
        let Some(pack) = self.nodes.get_mut(&node_id) else { return 0 };
        let excess = match threshold {
            Threshold::MaxLen(len) => self.length.saturating_sub(len),
            Threshold::MinId(_) => u64::MAX,
        };
        let goes = |id| !matches!(threshold, Threshold::MinId(min) if id >= min);
        let before = pack.heap_bytes();
        let mut removed = 0;
        let mut next = Node::new(node_id, pack).first();
        // A flag is rewritten in place, so the places of the later entries stay as they are.
        let mut doomed = Vec::new();
        while let Some(entry) = next.filter(|entry| removed < excess && goes(entry.id)) {
            if !entry.is_deleted() {
                doomed.push(entry.at());
                removed += 1;
            }
            next = Node::new(node_id, pack).after(&entry);
        }
        for at in doomed {
            node::flag_deleted(pack, at);
        }
        node::add_to_counts(pack, -(removed as i64), removed as i64);
        self.node_bytes = self.node_bytes + pack.heap_bytes() - before;
        self.length -= removed;
        removed
    }
}
