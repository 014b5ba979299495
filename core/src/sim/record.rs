//! What is remembered of a world's past: the digest, the events, the packets.

use std::collections::VecDeque;

use super::event::Event;
use super::event::What;
use super::packet::Packets;
use super::trace::Digest;
use crate::limits;

pub(super) struct Recorder {
    pub digest: Digest,
    pub packets: Packets,
    events: VecDeque<Event>,
}

impl Recorder {
    pub fn new() -> Self {
        Self { digest: Digest::new(), packets: Packets::default(), events: VecDeque::new() }
    }

    pub fn event(&mut self, at_us: u64, what: What) {
        if self.events.len() == limits::WORLD_EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back(Event { at_us, what });
    }

    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }
}
