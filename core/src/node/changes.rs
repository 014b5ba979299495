//! What the keyspace noted as changed is told to those who want to know: transactions that watch
//! keys, and clients that keep copies.
//!
//! Invariant: at the end of each command, of each eviction and of whatever else changes keys,
//! everybody has been told.

use super::ConnId;
use super::Node;
use crate::store::ChangeKind;

impl Node {
    /// Tells what has changed since this was last called, by a connection's command or by itself.
    #[inline]
    pub(super) fn settle_changes(&mut self, by: Option<ConnId>) {
        if self.store.changes.has_noted() {
            self.tell_changes(by);
        }
    }

    /// As [`Node::settle_changes`], at the end of a command: if that counted no change, values
    /// it edited are as they were.
    #[inline]
    pub(super) fn settle_command(&mut self, by: ConnId, has_changed: bool) {
        if self.store.changes.has_noted() {
            if !has_changed {
                self.store.changes.drop_edits();
            }
            self.tell_changes(Some(by));
        }
    }

    #[cold]
    fn tell_changes(&mut self, by: Option<ConnId>) {
        for change in self.store.changes.take_noted() {
            match change.kind {
                ChangeKind::Flushed => self.invalidate_all(),
                // As in Redis: copies go by their keys' names alone.
                ChangeKind::Moved { .. } => self.tell_watchers(&change),
                ChangeKind::Edited | ChangeKind::Replaced => {
                    self.tell_watchers(&change);
                    self.invalidate(&change.key, by);
                }
            }
        }
    }
}
