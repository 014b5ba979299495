//! What can befall a node: it crashes and starts again, stands still, its clock jumps, its disk is
//! full.
//!
//! A process that is killed leaves a machine behind that closes its connections. A machine without
//! power says nothing; once it is back, it resets what its peers take for connections.

use super::action::Unsynced;
use super::event::NodeChange;
use super::event::What;
use super::host::Peer;
use super::id::NodeId;
use super::world::World;
use crate::node::StorageOp;

impl World {
    pub(super) fn crash(&mut self, node: NodeId, disk: Unsynced) {
        let mut rng = self.seed.fork(CRASH_STREAM + self.now_us()).fork(u64::from(node.0));
        let Some(host) = self.running(node) else { return };
        let under_way = host.asked.pop_front().map(|(_, op)| op);
        match disk {
            Unsynced::Kept => {}
            Unsynced::Lost => host.disk.lose_unsynced(),
            Unsynced::Torn => {
                if let Some(part) = under_way.and_then(|op| beginning(op, rng.next_u64())) {
                    // A disk that is full tears nothing.
                    let _ = host.disk.apply(part);
                }
                host.disk.crash(&mut rng);
            }
        }
        host.crashed = true;
        host.dark = disk != Unsynced::Kept;
        let held = std::mem::take(&mut host.held);
        let (dark, peers) = (host.dark, host.end());
        self.node_changed(node, NodeChange::Crashed);
        if dark {
            self.lose(|packet| packet.to == node);
        }
        for peer in peers {
            match peer {
                Peer::Wire(..) if dark => {}
                peer => self.tell_closed(peer),
            }
        }
        if dark {
            self.break_off(node);
        }
        self.forget_dials(node);
        self.hand_over(held);
    }

    pub(super) fn restart(&mut self, node: NodeId) {
        let now = self.now_at(node);
        let Some(life) = self.host(node).filter(|host| !host.up).map(|host| host.life) else {
            return;
        };
        let seed = self.seed.fork(u64::from(node.0)).fork(u64::from(life)).next_u64();
        let Some(host) = self.host_mut(node) else { return };
        host.restart(seed, now);
        #[cfg(test)]
        self.mark_canary(node);
        self.node_changed(node, NodeChange::Restarted);
        let broken = self.network.wires.iter().filter(|wire| {
            let touches = [wire.dialer.node, wire.acceptor.node].contains(&node);
            touches && wire.is_broken()
        });
        let broken: Vec<_> = broken.map(|wire| wire.id).collect();
        broken.into_iter().for_each(|wire| self.reset(wire));
        self.settle(node);
    }

    pub(super) fn pause(&mut self, node: NodeId) {
        let Some(host) = self.running(node).filter(|host| !host.paused) else { return };
        host.paused = true;
        self.node_changed(node, NodeChange::Paused);
    }

    pub(super) fn resume(&mut self, node: NodeId) {
        let Some(host) = self.running(node).filter(|host| host.paused) else { return };
        host.paused = false;
        let held = std::mem::take(&mut host.held);
        self.node_changed(node, NodeChange::Resumed);
        let wires = self.network.wires.iter().filter(|wire| wire.side_of(node).is_some());
        let wires: Vec<_> = wires.filter(|wire| !wire.is_broken()).map(|wire| wire.id).collect();
        wires.into_iter().for_each(|wire| self.let_flow(wire));
        // Terminals first: theirs was there before anything had come over a link.
        self.go_on(node);
        self.settle(node);
        self.hand_over(held);
    }

    pub(super) fn shift_clock(&mut self, node: NodeId, by_ms: i64) {
        let Some(host) = self.host_mut(node) else { return };
        let by_us = by_ms.saturating_mul(1000);
        let shift_us = host.clock_shift_us.saturating_add(by_us);
        host.clock_shift_us = shift_us.clamp(-CLOCK_SHIFT_US_MAX, CLOCK_SHIFT_US_MAX);
        let stands_still = host.paused;
        self.node_changed(node, NodeChange::ClockShifted);
        if !stands_still {
            self.wake(node);
        }
    }

    pub(super) fn set_disk(&mut self, node: NodeId, full: bool) {
        let Some(host) = self.host_mut(node) else { return };
        host.disk.set_full(full);
        let change = if full { NodeChange::DiskFull } else { NodeChange::DiskFree };
        self.node_changed(node, change);
    }

    pub(super) fn drop_file(&mut self, node: NodeId, name: String, bytes: Vec<u8>) {
        if let Some(host) = self.host_mut(node) {
            host.disk.put(name, bytes);
        }
    }

    /// Nobody waits any more for what a node that has ended had dialed.
    pub(super) fn forget_dials(&mut self, node: NodeId) {
        let dialed = self.network.wires.iter_mut().filter(|wire| wire.dialer.node == node);
        dialed.for_each(|wire| wire.dial = None);
        self.network.wires.retain(|wire| !wire.is_over());
    }

    /// The node's ends of its connections are gone, and nobody is told.
    fn break_off(&mut self, node: NodeId) {
        for wire in &mut self.network.wires {
            if let Some(side) = wire.side_of(node) {
                wire.end(side).conn = None;
                wire.break_off();
            }
        }
    }

    fn node_changed(&mut self, node: NodeId, change: NodeChange) {
        self.event(What::Node { node, change });
    }
}

/// A part of what an operation would have appended.
fn beginning(op: StorageOp, number: u64) -> Option<StorageOp> {
    let (StorageOp::Append { file, data } | StorageOp::Log { file, data, .. }) = op else {
        return None;
    };
    let len = usize::try_from(number % (data.len() as u64 + 1)).ok()?;
    Some(StorageOp::Append { file, data: data.slice(..len) })
}

/// Which of the seed's streams decide what a crash leaves of files.
const CRASH_STREAM: u64 = 1 << 33;

/// A hundred years: times in milliseconds and microseconds stay what they are.
const CLOCK_SHIFT_US_MAX: i64 = 100 * 365 * 24 * 3600 * 1_000_000;
