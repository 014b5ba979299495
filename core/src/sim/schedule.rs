//! The one clock, and what is due when.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::id::NodeId;
use super::id::PacketId;
use super::id::WireId;
use super::link::Side;
use super::network::Cargo;
use crate::node::DialId;
use crate::time::Mono;
use crate::time::Now;
use crate::time::Wall;

/// Things to come, in the order of their times; at one instant in the order they were planned.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    now_us: u64,
    planned: u64,
    due: BinaryHeap<Due>,
}

#[derive(Debug)]
struct Due {
    at_us: u64,
    /// How many had been planned before.
    number: u64,
    happening: Happening,
}

/// Something that happens by itself.
#[derive(Debug)]
pub(super) enum Happening {
    /// A packet reaches the end of its link.
    Arrival { wire: WireId, to: Side, packet: PacketId, cargo: Cargo },
    /// In which of its lives the node dialed, or asked: what comes too late is forgotten.
    DialFailed { node: NodeId, life: u32, dial: DialId },
    /// The disk is done with the next operation.
    Storage { node: NodeId, life: u32 },
    /// A node whose turn left requests unread goes on.
    GoOn { node: NodeId },
}

impl Schedule {
    pub fn now_us(&self) -> u64 {
        self.now_us
    }

    pub fn now(&self) -> Now {
        let since_epoch_us = EPOCH_US.saturating_add_unsigned(self.now_us);
        Now::new(Mono::from_us(self.now_us), Wall::from_us(since_epoch_us))
    }

    /// Moves the clock on; it never goes back.
    pub fn advance_to(&mut self, at_us: u64) {
        self.now_us = self.now_us.max(at_us);
    }

    pub fn plan(&mut self, at_us: u64, happening: Happening) {
        self.planned += 1;
        let at_us = at_us.max(self.now_us);
        self.due.push(Due { at_us, number: self.planned, happening });
    }

    pub fn next_us(&self) -> Option<u64> {
        self.due.peek().map(|due| due.at_us)
    }

    pub fn take_next(&mut self) -> Option<Happening> {
        self.due.pop().map(|due| due.happening)
    }
}

/// The greatest is what is due first: a heap gives its greatest.
impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at_us, other.number).cmp(&(self.at_us, self.number))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Due {}

/// When every world begins: the first second of 2026, in microseconds since 1970.
const EPOCH_US: i64 = 1_767_225_600_000_000;
