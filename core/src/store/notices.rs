//! Keyspace events: what the command being run did to which keys, for those who listen to that.
//!
//! Whatever happens to a key is noted here, if `notify-keyspace-events` asks for its class: by the
//! handlers what they do, by the store itself that a key came into being, was missed or expired. The
//! node publishes what has gathered after each command. While nothing is asked for, noting
//! is one comparison.

use std::mem::take;

use super::KeyEvent;
use crate::config::NotifyClasses;

/// The events that wait to be published, in order.
#[derive(Debug, Default)]
pub struct Notices {
    wanted: NotifyClasses,
    gathered: Vec<Notice>,
}

/// Something that happened to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub event: KeyEvent,
    pub db: usize,
    pub key: Box<[u8]>,
}

impl Notices {
    /// Only events of these classes are of interest.
    pub fn want(&mut self, classes: NotifyClasses) {
        self.wanted = classes;
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.gathered.is_empty()
    }

    /// This happened to a key.
    #[inline]
    pub fn add(&mut self, event: KeyEvent, db: usize, key: &[u8]) {
        if self.wanted.contains(event.class) {
            self.gathered.push(Notice { event, db, key: key.into() });
        }
    }

    pub fn take(&mut self) -> Vec<Notice> {
        take(&mut self.gathered)
    }
}
