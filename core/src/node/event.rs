//! What an observer may know: plain data about what happened, in order.
//!
//! Nothing in the engine depends on events being read. They wait in a ring of
//! bounded size; when nobody drains it the oldest are dropped and counted.
//! Log lines are always recorded, the rest only when `Config::observe` is set.

use std::collections::VecDeque;

use super::effect::ConnId;
use crate::config::LogLevel;
use crate::limits;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A line of the log, worded as Redis words it.
    Log {
        level: LogLevel,
        text: String,
    },
    /// A command was run; secrets are left out of its words.
    Command {
        conn: ConnId,
        from_master: bool,
        args: Vec<Vec<u8>>,
    },
    /// A client is blocked, by the command of this name.
    Blocked {
        conn: ConnId,
        command: &'static str,
    },
    Unblocked {
        conn: ConnId,
    },
    /// The node became a master or a replica.
    Role {
        replica: bool,
    },
    /// A key's time had passed and it was removed.
    Expired {
        db: usize,
        key: Vec<u8>,
    },
}

/// The ring of events.
#[derive(Debug, Default)]
pub struct Events {
    observe: bool,
    ring: VecDeque<Event>,
    dropped: u64,
}

impl Events {
    pub fn new(observe: bool) -> Self {
        Self { observe, ..Self::default() }
    }

    pub fn log(&mut self, level: LogLevel, text: impl Into<String>) {
        self.push(Event::Log { level, text: text.into() });
    }

    /// Records what `event` makes, if anybody observes.
    pub fn observe(&mut self, event: impl FnOnce() -> Event) {
        if self.observe {
            self.push(event());
        }
    }

    pub fn poll(&mut self) -> Option<Event> {
        self.ring.pop_front()
    }

    /// Events lost because nobody drained the ring.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn push(&mut self, event: Event) {
        if self.ring.len() == limits::EVENTS_MAX {
            self.ring.pop_front();
            self.dropped += 1;
        }
        self.ring.push_back(event);
    }
}
