//! Carrying bytes between nodes: dialing, sending, arriving, closing, healing.

use bytes::Bytes;

use super::event::Fate;
use super::event::What;
use super::host;
use super::host::Peer;
use super::id::LinkId;
use super::id::NodeId;
use super::id::PacketId;
use super::id::WireId;
use super::link::Link;
use super::link::Side;
use super::link::Wire;
use super::packet::Packet;
use super::packet::PacketKind;
use super::packet::Route;
use super::schedule::Happening;
use super::trace::Record;
use super::world::World;
use crate::node::CloseReason;
use crate::node::ConnId;
use crate::node::DialId;
use crate::node::Origin;
use crate::node::Via;
use crate::rng::Rng;

/// The links, and the connections over them.
pub(super) struct Network {
    /// Latency of links made from now on.
    latency_us: u64,
    /// Decides by how much packets are late.
    rng: Rng,
    /// Link n is at n - 1.
    links: Vec<Link>,
    /// Few at a time.
    pub wires: Vec<Wire>,
    wires_made: u64,
}

/// What a packet does when it arrives.
#[derive(Debug)]
pub(super) enum Cargo {
    /// The three steps of connecting that have one: asking, agreeing, refusing.
    Syn,
    SynAck,
    Refusal,
    Data(Bytes),
    /// The sender has closed.
    Fin,
    Reset,
}

impl Network {
    pub fn new(latency_us: u64, rng: Rng) -> Self {
        Self { latency_us, rng, links: Vec::new(), wires: Vec::new(), wires_made: 0 }
    }

    pub fn links(&self) -> &[Link] {
        &self.links
    }

    pub fn link_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        self.links.get_mut((id.0 as usize).checked_sub(1)?)
    }

    /// The link between two nodes, made if there is none.
    pub fn link_between(&mut self, from: NodeId, to: NodeId) -> LinkId {
        let joins = |link: &&Link| link.ends == [from, to] || link.ends == [to, from];
        if let Some(link) = self.links.iter().find(joins) {
            return link.id;
        }
        let id = LinkId(self.links.len() as u32 + 1);
        self.links.push(Link::new(id, [from, to], self.latency_us));
        id
    }

    /// Something that this node had sent over a connection was lost.
    pub fn break_wire(&mut self, id: WireId, sender: NodeId) {
        if let Some(wire) = self.wire_mut(id)
            && let Some(side) = wire.side_of(sender)
        {
            wire.end(side).broken = true;
        }
    }

    /// The connections over a link.
    pub fn wires_over(&self, link: LinkId) -> Vec<WireId> {
        let over = self.wires.iter().filter(|wire| wire.link == link);
        over.map(|wire| wire.id).collect()
    }

    /// The link a packet of this connection goes over, if nothing arrives there now.
    pub fn stalled_link(&mut self, wire: WireId) -> Option<&mut Link> {
        let link = self.wire_mut(wire)?.link;
        self.link_mut(link).filter(|link| link.stalled)
    }

    fn add_wire(&mut self, link: LinkId, dial: DialId, from: NodeId, to: NodeId) -> WireId {
        self.wires_made += 1;
        let id = WireId(self.wires_made);
        self.wires.push(Wire::new(id, link, dial, from, to));
        id
    }

    pub fn wire_mut(&mut self, id: WireId) -> Option<&mut Wire> {
        self.wires.iter_mut().find(|wire| wire.id == id)
    }

    fn remove_wire(&mut self, id: WireId) {
        self.wires.retain(|wire| wire.id != id);
    }

    /// A process has given up on what it dialed.
    fn abandon_dial(&mut self, node: NodeId, dial: DialId) {
        let dialed = |wire: &&mut Wire| wire.dialer.node == node && wire.dial == Some(dial);
        self.wires.iter_mut().filter(dialed).for_each(|wire| wire.dial = None);
        self.wires.retain(|wire| !wire.is_over());
    }

    /// The route of a packet that `side` sends now, and the link it goes over.
    fn route(&mut self, id: WireId, side: Side, now_us: u64) -> Option<(Route, &Link)> {
        let wire = self.wires.iter_mut().find(|wire| wire.id == id)?;
        let link = self.links.get((wire.link.0 as usize).checked_sub(1)?)?;
        Some((wire.route(side, link, &mut self.rng, now_us), link))
    }
}

impl World {
    /// A node connects to an address. An address of no node is refused after a round trip; so is
    /// the node's own, as a world has no links from a node to itself.
    pub(super) fn dial(&mut self, node: NodeId, dial: DialId, to_host: &str, port: u16) {
        let peer = NodeId::of_address(to_host, port).filter(|peer| self.host(*peer).is_some());
        match peer.filter(|_| !host::is_own_address(node, to_host, port)) {
            Some(peer) => {
                let link = self.network.link_between(node, peer);
                let wire = self.network.add_wire(link, dial, node, peer);
                self.send(wire, Side::Dialer, Cargo::Syn);
            }
            None => {
                let round_trip_us = self.network.latency_us.saturating_mul(2);
                let fails_us = self.now_us().saturating_add(round_trip_us);
                let life = self.host(node).map_or(0, |host| host.life);
                self.schedule.plan(fails_us, Happening::DialFailed { node, life, dial });
            }
        }
    }

    pub(super) fn abandon_dial(&mut self, node: NodeId, dial: DialId) {
        self.network.abandon_dial(node, dial);
    }

    /// Puts something on its way to the other side.
    pub(super) fn send(&mut self, id: WireId, side: Side, cargo: Cargo) {
        let (now_us, watched) = (self.schedule.now_us(), self.watched);
        let Some((route, link)) = self.network.route(id, side, now_us) else { return };
        let (cut, stalled) = (link.is_cut_to(route.to), link.stalled);
        let Some(host) = self.host(route.to) else { return };
        let (dark, waits) = (host.dark, stalled || host.paused);
        let Some(wire) = self.network.wire_mut(id) else { return };
        let mut packet = match &cargo {
            Cargo::Data(bytes) if !watched => Packet::unread(route, bytes),
            cargo => describe(route, side, cargo, wire),
        };
        let end = wire.end(side);
        packet.lost = cut || dark || (end.broken && !matches!(cargo, Cargo::Reset));
        if packet.lost || waits {
            end.broken |= packet.lost;
            end.stalled_bytes += packet.bytes;
        }
        match &cargo {
            Cargo::Data(bytes) => self.note(Record::PacketSent, bytes),
            _ => self.note(Record::PacketSent, packet.label.as_bytes()),
        }
        let packet = self.recorder.packets.send(packet);
        self.packet_event(packet, Fate::Sent);
        let arrival = Happening::Arrival { wire: id, to: side.other(), packet, cargo };
        self.schedule.plan(route.arrives_us, arrival);
    }

    pub(super) fn arrive(&mut self, id: WireId, to: Side, packet: PacketId, cargo: Cargo) {
        let arrived = self.recorder.packets.arrive(packet);
        let (fate, record) = match arrived {
            true => (Fate::Delivered, Record::PacketDelivered),
            false => (Fate::Lost, Record::PacketLost),
        };
        self.note(record, &packet.0.to_le_bytes());
        self.packet_event(packet, fate);
        let Some(wire) = self.network.wire_mut(id).filter(|_| arrived) else { return };
        let (node, conn) = (wire.end(to).node, wire.end(to).conn);
        match (cargo, conn) {
            (Cargo::Syn, _) => self.accept(id),
            (Cargo::SynAck, _) => self.connected(id),
            (Cargo::Refusal, _) => {
                let dial = wire.dial;
                self.network.remove_wire(id);
                if let Some(dial) = dial {
                    self.fail_dial(node, dial);
                }
            }
            (Cargo::Data(bytes), Some(conn)) => self.receive(node, conn, &bytes),
            (Cargo::Fin, Some(conn)) => self.close_end(id, to, conn, CloseReason::Peer),
            (Cargo::Reset, Some(conn)) => self.close_end(id, to, conn, CloseReason::Reset),
            // This end is closed already.
            (Cargo::Data(_) | Cargo::Fin | Cargo::Reset, None) => {}
        }
    }

    fn packet_event(&mut self, packet: PacketId, fate: Fate) {
        if self.watched {
            self.event(What::Packet { packet, fate });
        }
    }

    /// The node at the far end of a dial takes the connection, or its machine refuses it.
    fn accept(&mut self, id: WireId) {
        let Some(wire) = self.network.wire_mut(id) else { return };
        let (dialer, acceptor) = (wire.dialer.node, wire.acceptor.node);
        let now = self.now_at(acceptor);
        let peer = self.running(dialer).map(|host| host.ephemeral_address());
        let (Some(peer), Some(host)) = (peer, self.running(acceptor)) else {
            return self.send(id, Side::Acceptor, Cargo::Refusal);
        };
        let origin = Origin::Accepted { peer, local: acceptor.address(), via: Via::Network };
        let conn = host.open(origin, Peer::Wire(id, Side::Acceptor), now);
        if let Some(wire) = self.network.wire_mut(id) {
            wire.acceptor.conn = Some(conn);
        }
        self.send(id, Side::Acceptor, Cargo::SynAck);
        self.settle(acceptor);
    }

    /// The dialer learns that it is connected.
    fn connected(&mut self, id: WireId) {
        let Some(wire) = self.network.wire_mut(id) else { return };
        let (node, peer) = (wire.dialer.node, wire.acceptor.node.address());
        let Some(dial) = wire.dial.take() else {
            return self.send(id, Side::Dialer, Cargo::Reset);
        };
        let now = self.now_at(node);
        let Some(host) = self.running(node) else {
            return self.send(id, Side::Dialer, Cargo::Reset);
        };
        let local = host.ephemeral_address();
        let conn =
            host.open(Origin::Dialed { dial, peer, local }, Peer::Wire(id, Side::Dialer), now);
        if let Some(wire) = self.network.wire_mut(id) {
            wire.dialer.conn = Some(conn);
        }
        self.settle(node);
    }

    pub(super) fn fail_dial(&mut self, node: NodeId, dial: DialId) {
        let now = self.now_at(node);
        if let Some(host) = self.running(node) {
            host.node.handle_dial_failed(dial, now);
            self.settle(node);
        }
    }

    /// One end is closed by what came from the other.
    fn close_end(&mut self, id: WireId, side: Side, conn: ConnId, reason: CloseReason) {
        let Some(wire) = self.network.wire_mut(id) else { return };
        let node = wire.end(side).node;
        let now = self.now_at(node);
        self.forget_end(id, side);
        if let Some(host) = self.running(node) {
            host.close(conn, reason, now);
            self.settle(node);
        }
    }

    /// A node has closed its end: the other one learns of it behind all that was sent.
    pub(super) fn hang_up_wire(&mut self, id: WireId, side: Side) {
        self.send(id, side, Cargo::Fin);
        self.forget_end(id, side);
    }

    fn forget_end(&mut self, id: WireId, side: Side) {
        if let Some(wire) = self.network.wire_mut(id) {
            wire.end(side).conn = None;
            if wire.is_over() {
                self.network.remove_wire(id);
            }
        }
    }

    /// Both ends of a connection are told that it can't go on; what was being dialed is dialed
    /// again.
    pub(super) fn reset(&mut self, id: WireId) {
        let Some(wire) = self.network.wire_mut(id) else { return };
        let ends = [wire.dialer.node, wire.acceptor.node];
        if ends.iter().any(|node| self.host(*node).is_some_and(|host| host.dark)) {
            // Once the machine is back.
            return;
        }
        for side in Side::BOTH {
            let Some(wire) = self.network.wire_mut(id) else { return };
            wire.break_off();
            if wire.end(side.other()).conn.is_some() {
                self.send(id, side, Cargo::Reset);
            }
        }
        let Some(wire) = self.network.wire_mut(id) else { return };
        let Some(dial) = wire.dial.take() else { return };
        let (link, from, to) = (wire.link, wire.dialer.node, wire.acceptor.node);
        if wire.is_over() {
            self.network.remove_wire(id);
        }
        let again = self.network.add_wire(link, dial, from, to);
        self.send(again, Side::Dialer, Cargo::Syn);
    }
}

/// What a packet is called, and what its bytes say.
fn describe(route: Route, side: Side, cargo: &Cargo, wire: &mut Wire) -> Packet {
    let (kind, label, why) = match (cargo, side) {
        (Cargo::Data(bytes), Side::Dialer) => {
            return Packet::of_bytes(route, bytes, wire.conversation.read_to_master(bytes));
        }
        (Cargo::Data(bytes), Side::Acceptor) => {
            return Packet::of_bytes(route, bytes, wire.conversation.read_to_replica(bytes));
        }
        (Cargo::Syn, _) => (
            PacketKind::Connect,
            "SYN",
            "One node connects to another: a replica to its master, MIGRATE to its target.",
        ),
        (Cargo::SynAck, _) => (PacketKind::Connect, "SYN-ACK", "The connection is accepted."),
        (Cargo::Refusal, _) => (PacketKind::Close, "RST", "Nobody listens there."),
        (Cargo::Fin, _) => (PacketKind::Close, "FIN", "The sender has closed the connection."),
        (Cargo::Reset, _) => {
            (PacketKind::Close, "RST", "The connection can't go on: something of it was lost.")
        }
    };
    Packet::bare(route, kind, label, why)
}
