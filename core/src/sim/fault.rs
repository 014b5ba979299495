//! What can befall a link: cuts, stalls, resets, latency.

use super::action::Cut;
use super::event::LinkChange;
use super::event::What;
use super::id::LinkId;
use super::id::WireId;
use super::link::Link;
use super::link::Side;
use super::packet::Packet;
use super::schedule::Happening;
use super::world::World;
use crate::limits;

impl World {
    pub(super) fn cut(&mut self, id: LinkId, way: Cut) {
        let Some(link) = self.network.link_mut(id).filter(|link| link.cut != Some(way)) else {
            return;
        };
        link.cut = Some(way);
        let [from, to] = link.ends;
        let closed = [(from, link.is_cut_to(from)), (to, link.is_cut_to(to))];
        for (receiver, _) in closed.into_iter().filter(|(_, closed)| *closed) {
            self.lose(|packet| packet.link == id && packet.to == receiver);
        }
        self.link_event(id, LinkChange::Cut);
    }

    /// Connections that lost something are reset at both ends, and what was being dialed is dialed again;
    /// what a stall held up arrives.
    pub(super) fn heal(&mut self, id: LinkId) {
        let is_hurt = |link: &&mut Link| link.cut.is_some() || link.stalled;
        let Some(link) = self.network.link_mut(id).filter(is_hurt) else { return };
        link.cut = None;
        link.stalled = false;
        let held = std::mem::take(&mut link.held);
        self.link_event(id, LinkChange::Healed);
        self.release(held);
        for wire in self.network.wires_over(id) {
            match self.network.wire_mut(wire).is_some_and(|wire| wire.is_broken()) {
                true => self.reset(wire),
                false => self.let_flow(wire),
            }
        }
    }

    pub(super) fn stall(&mut self, id: LinkId) {
        let Some(link) = self.network.link_mut(id).filter(|link| !link.stalled) else { return };
        link.stalled = true;
        self.link_event(id, LinkChange::Stalled);
    }

    pub(super) fn reset_link(&mut self, id: LinkId) {
        if self.network.link_mut(id).is_none() {
            return;
        }
        self.lose(|packet| packet.link == id);
        self.link_event(id, LinkChange::Reset);
        for wire in self.network.wires_over(id) {
            self.reset(wire);
        }
    }

    pub(super) fn set_latency(&mut self, id: LinkId, latency_us: u64, jitter_us: u64) {
        let Some(link) = self.network.link_mut(id) else { return };
        link.latency_us = latency_us;
        link.jitter_us = jitter_us;
        self.link_event(id, LinkChange::Latency);
    }

    /// Loses packets that are on their way: their connections do not go on in that direction.
    pub(super) fn lose(&mut self, is_meant: impl Fn(&Packet) -> bool) {
        for (wire, sender) in self.recorder.packets.lose(is_meant) {
            self.network.break_wire(wire, sender);
        }
    }

    /// What a link held up arrives now, in the order in which it would have: at a machine whose process may
    /// stand still.
    fn release(&mut self, held: Vec<Happening>) {
        let now_us = self.now_us();
        for happening in held {
            self.put_off(&happening);
            self.schedule.plan(now_us, happening);
        }
    }

    /// What waited in a node's machine happens now, in order. It is past its link, which may be stalled by
    /// now and hold what was sent behind it.
    pub(super) fn hand_over(&mut self, held: Vec<Happening>) {
        for happening in held {
            self.put_off(&happening);
            self.carry_out(happening);
        }
    }

    fn put_off(&mut self, happening: &Happening) {
        if let Happening::Arrival { packet, .. } = happening {
            let now_us = self.now_us();
            self.recorder.packets.put_off(*packet, now_us);
        }
    }

    /// How much a side of a connection takes now. Bytes that are on their way take no room.
    pub(super) fn room(&mut self, id: WireId, side: Side) -> usize {
        let stalled = self.network.stalled_link(id).is_some();
        let Some(wire) = self.network.wire_mut(id) else { return 0 };
        let to = wire.end(side.other()).node;
        let end = wire.end(side);
        let room = limits::WORLD_SEND_BUFFER_BYTES.saturating_sub(end.stalled_bytes);
        let waits = stalled || end.broken;
        let waits = waits || self.host(to).is_some_and(|host| host.paused);
        if waits { room } else { usize::MAX }
    }

    /// Both sides of a connection may send again what their machines had no room for.
    pub(super) fn let_flow(&mut self, id: WireId) {
        for side in Side::BOTH {
            let Some(wire) = self.network.wire_mut(id) else { return };
            let end = wire.end(side);
            let had_room = std::mem::take(&mut end.stalled_bytes) == 0;
            let (node, conn) = (end.node, end.conn);
            if let (false, Some(conn)) = (had_room, conn)
                && self.running(node).is_some_and(|host| !host.paused)
            {
                self.flush(node, conn);
                self.settle(node);
            }
        }
    }

    /// Keeps what can't happen now for when it can; gives back what can.
    pub(super) fn unless_held(&mut self, happening: Happening) -> Option<Happening> {
        let node = match &happening {
            Happening::Arrival { wire, to, .. } => {
                if let Some(link) = self.network.stalled_link(*wire) {
                    link.held.push(happening);
                    return None;
                }
                // Of a connection that is gone it arrives too late, but it arrives.
                let Some(wire) = self.network.wire_mut(*wire) else { return Some(happening) };
                wire.end(*to).node
            }
            Happening::DialFailed { node, .. }
            | Happening::Storage { node, .. }
            | Happening::GoOn { node } => *node,
        };
        match self.running(node).filter(|host| host.paused) {
            Some(host) => {
                host.held.push(happening);
                None
            }
            None => Some(happening),
        }
    }

    fn link_event(&mut self, link: LinkId, change: LinkChange) {
        self.event(What::Link { link, change });
    }
}
