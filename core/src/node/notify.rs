//! Keyspace notifications: the events of keys, published on channels of their own.
//!
//! Each event goes to `__keyspace@<db>__:<key>` with its name and to `__keyevent@<db>__:<name>` with
//! the key, as `notify-keyspace-events` says. The store gathers them; they are published after each
//! command, those of a transaction one by one, and after expiry and eviction. They are not
//! replicated: a replica has events of its own.

use super::Node;
use super::pubsub::Kind;
use crate::config::NotifyClasses;

impl Node {
    /// Publishes what has happened to keys since it was last called.
    #[inline]
    pub(super) fn notify(&mut self) {
        if !self.store.notices.is_empty() {
            self.publish_notices();
        }
    }

    /// The settings have changed.
    pub(super) fn apply_notify_settings(&mut self) {
        let classes = self.config.notify_keyspace_events;
        let somewhere = NotifyClasses::KEYSPACE.with(NotifyClasses::KEYEVENT);
        self.store.notices.want(match classes.meets(somewhere) {
            true => classes,
            false => NotifyClasses::default(),
        });
    }

    #[cold]
    fn publish_notices(&mut self) {
        let classes = self.config.notify_keyspace_events;
        for notice in self.store.notices.take() {
            let (event, db, key) = (notice.event.name.as_bytes(), notice.db, &notice.key[..]);
            if classes.contains(NotifyClasses::KEYSPACE) {
                let channel = [format!("__keyspace@{db}__:").as_bytes(), key].concat();
                self.publish(Kind::Channel, &channel, event);
            }
            if classes.contains(NotifyClasses::KEYEVENT) {
                let channel = [format!("__keyevent@{db}__:").as_bytes(), event].concat();
                self.publish(Kind::Channel, &channel, key);
            }
        }
    }
}
