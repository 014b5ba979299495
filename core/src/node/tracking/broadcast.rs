//! CLIENT TRACKING with BCAST: who wants to hear of keys that begin in certain ways, and the keys
//! that have changed in this turn.
//!
//! As in Redis all keys of a turn go out together, one message for each prefix, at its end.
//!
//! Invariant: a prefix is here as long as somebody asked for it.

use crate::data::Ordered;
use crate::data::order;
use crate::node::ConnId;
use crate::node::Node;

/// The prefixes that somebody asked for.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    prefixes: Ordered<Box<[u8]>, Prefix>,
    /// The length of the longest.
    longest: usize,
    /// Whether any of them has a key to tell of.
    has_changed: bool,
}

#[derive(Debug, Default)]
struct Prefix {
    /// Who asked for it, in the order of coming.
    conns: Vec<ConnId>,
    /// Keys that changed in this turn, and by whom.
    changed: Vec<(Box<[u8]>, Option<ConnId>)>,
}

impl Prefixes {
    pub fn len(&self) -> usize {
        self.prefixes.len()
    }

    /// A connection asks for a prefix that it has not asked for before.
    pub fn add(&mut self, name: &[u8], id: ConnId) {
        if let Some(prefix) = self.prefixes.made(name.into()) {
            prefix.conns.push(id);
        }
        self.longest = self.longest.max(name.len());
    }

    pub fn remove(&mut self, name: &[u8], id: ConnId) {
        let Some(prefix) = self.prefixes.find_mut(name) else { return };
        prefix.conns.retain(|conn| *conn != id);
        if !prefix.conns.is_empty() {
            return;
        }
        self.prefixes.remove(name);
        if name.len() == self.longest {
            self.longest = self.prefixes.keys().map(|name| name.len()).max().unwrap_or(0);
        }
    }

    /// A key has changed.
    pub fn note(&mut self, key: &[u8], by: Option<ConnId>) {
        if self.prefixes.is_empty() {
            return;
        }
        for len in 0..=key.len().min(self.longest) {
            let name = key.get(..len).unwrap_or_default();
            if let Some(prefix) = self.prefixes.find_mut(name) {
                prefix.changed.push((key.into(), by));
                self.has_changed = true;
            }
        }
    }
}

impl Prefix {
    /// The keys that changed, each once and in order, with who changed it last.
    fn take_changed(&mut self) -> Vec<(Box<[u8]>, Option<ConnId>)> {
        let mut changed = std::mem::take(&mut self.changed);
        // The last change first, for the first of each key is kept.
        changed.reverse();
        order::sort_by(&mut changed, |(a, _), (b, _)| a.cmp(b));
        changed.dedup_by(|(a, _), (b, _)| a == b);
        changed
    }
}

impl Node {
    /// Ends a turn: tells of the keys that changed in it.
    pub(in crate::node) fn broadcast_changes(&mut self) {
        if !std::mem::take(&mut self.trackers.prefixes.has_changed) {
            return;
        }
        let mut messages = Vec::new();
        self.trackers.prefixes.prefixes.for_each_mut(|prefix| {
            if !prefix.changed.is_empty() {
                messages.push((prefix.conns.clone(), prefix.take_changed()));
            }
        });
        for (conns, changed) in messages {
            for id in conns {
                self.broadcast(id, &changed);
            }
        }
    }

    fn broadcast(&mut self, id: ConnId, changed: &[(Box<[u8]>, Option<ConnId>)]) {
        let tracking = self.conns.find(id).and_then(|conn| conn.tracking.as_ref());
        let Some(no_loop) = tracking.map(|tracking| tracking.no_loop) else { return };
        let others = changed.iter().filter(|(_, by)| !no_loop || *by != Some(id));
        let keys: Vec<&[u8]> = others.map(|(key, _)| &**key).collect();
        if !keys.is_empty() {
            self.send_invalid(id, Some(&keys));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_once_in_order_to_every_prefix_they_have() {
        let (a, b) = (ConnId::from_bits(1), ConnId::from_bits(2));
        let mut prefixes = Prefixes::default();
        prefixes.note(b"a", None);
        for (name, id) in [("", a), ("ab", b), ("ab", a), ("abcd", b)] {
            prefixes.add(name.as_bytes(), id);
        }
        for (key, by) in [("b", None), ("abc", Some(a)), ("a", Some(b)), ("abc", Some(b))] {
            prefixes.note(key.as_bytes(), by);
        }
        let mut told = Vec::new();
        let names: Vec<_> = prefixes.prefixes.keys().cloned().collect();
        for name in names {
            let Some(prefix) = prefixes.prefixes.find_mut(&name) else { continue };
            let keys = prefix.take_changed().into_iter();
            let keys: Vec<_> = keys
                .map(|(key, by)| format!("{}{:?}", key.escape_ascii(), by.map(ConnId::to_bits)))
                .collect();
            let name = name.escape_ascii();
            told.push(format!("{name}: {} to {}", keys.join(" "), prefix.conns.len()));
        }
        assert_eq!(
            told,
            [": aSome(2) abcSome(2) bNone to 1", "ab: abcSome(2) to 2", "abcd:  to 1"]
        );
        for (name, left) in [("ab", (3, 4)), ("abcd", (2, 2)), ("abcd", (2, 2))] {
            prefixes.remove(name.as_bytes(), b);
            assert_eq!((prefixes.len(), prefixes.longest), left);
        }
    }
}
