//! Packets between nodes: on their way, and for a while after.

use std::collections::VecDeque;
use std::ops::Range;

use bytes::Bytes;

use super::id::LinkId;
use super::id::NodeId;
use super::id::PacketId;
use super::id::WireId;
use crate::client::Part;
use crate::client::Reading;
use crate::client::Subject;
use crate::limits;

/// Bytes one node sent another in one turn, or a step of TCP itself.
#[derive(Clone, Debug)]
pub struct Packet {
    pub id: PacketId,
    pub(super) wire: WireId,
    pub link: LinkId,
    pub from: NodeId,
    pub to: NodeId,
    pub sent_us: u64,
    pub arrives_us: u64,
    pub kind: PacketKind,
    /// The shortest useful name.
    pub label: String,
    /// Why it was sent, in one sentence.
    pub why: &'static str,
    /// What it carries of the replication stream: the first byte's offset to one past the last.
    pub offsets: Option<Range<u64>>,
    /// The bytes cut by their meaning, in order and without gaps.
    pub parts: Vec<Part>,
    /// The first bytes, at most [`limits::PACKET_BYTES_SHOWN`].
    pub raw: Bytes,
    /// How many bytes there are in all.
    pub bytes: usize,
    in_flight: bool,
    /// It will not get there.
    pub(super) lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketKind {
    Connect,
    Close,
    Handshake,
    Sync,
    Rdb,
    Stream,
    Ping,
    Ack,
}

impl From<Subject> for PacketKind {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::Handshake => Self::Handshake,
            Subject::Sync => Self::Sync,
            Subject::Rdb => Self::Rdb,
            Subject::Stream => Self::Stream,
            Subject::Ping => Self::Ping,
            Subject::Ack => Self::Ack,
        }
    }
}

/// Where and when a packet goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    pub wire: WireId,
    pub link: LinkId,
    pub from: NodeId,
    pub to: NodeId,
    pub sent_us: u64,
    pub arrives_us: u64,
}

/// The packets that can be looked at: all that are in flight, and the latest others.
#[derive(Debug, Default)]
pub(super) struct Packets {
    /// Consecutive ids.
    ring: VecDeque<Packet>,
    sent: u64,
}

impl Packet {
    /// A packet of bytes.
    pub(super) fn of_bytes(route: Route, bytes: &Bytes, reading: Reading) -> Self {
        let Reading { subject, label, why, offsets, parts } = reading;
        let raw = bytes.slice(..bytes.len().min(limits::PACKET_BYTES_SHOWN));
        let bare = Self::bare(route, subject.into(), label, why);
        Self { offsets, parts, raw, bytes: bytes.len(), ..bare }
    }

    /// A packet of bytes that nobody wants to look at.
    pub(super) fn unread(route: Route, bytes: &Bytes) -> Self {
        Self { bytes: bytes.len(), ..Self::bare(route, PacketKind::Stream, "", "") }
    }

    /// A step of TCP itself: no bytes a node sees.
    pub(super) fn bare(
        route: Route,
        kind: PacketKind,
        label: impl Into<String>,
        why: &'static str,
    ) -> Self {
        let Route { wire, link, from, to, sent_us, arrives_us } = route;
        Self {
            id: PacketId(0),
            wire,
            link,
            from,
            to,
            sent_us,
            arrives_us,
            kind,
            label: label.into(),
            why,
            offsets: None,
            parts: Vec::new(),
            raw: Bytes::new(),
            bytes: 0,
            in_flight: true,
            lost: false,
        }
    }
}

impl Packets {
    /// Notes a packet that is sent now.
    pub fn send(&mut self, packet: Packet) -> PacketId {
        self.forget();
        self.sent += 1;
        let id = PacketId(self.sent);
        self.ring.push_back(Packet { id, ..packet });
        id
    }

    /// Notes that a packet has reached the end of its link; whether it was not lost on the way.
    pub fn arrive(&mut self, id: PacketId) -> bool {
        let Some(packet) = self.index(id).and_then(|index| self.ring.get_mut(index)) else {
            return false;
        };
        packet.in_flight = false;
        !packet.lost
    }

    pub fn find(&self, id: PacketId) -> Option<&Packet> {
        self.ring.get(self.index(id)?)
    }

    /// The packets on their way, oldest first.
    pub fn in_flight(&self) -> impl Iterator<Item = &Packet> {
        self.ring.iter().filter(|packet| packet.in_flight)
    }

    /// Loses what is on its way and meant; returns the connections that lost something, each with
    /// the node that had sent it.
    pub fn lose(&mut self, is_meant: impl Fn(&Packet) -> bool) -> Vec<(WireId, NodeId)> {
        let meant = self.ring.iter_mut().filter(|packet| packet.in_flight && is_meant(packet));
        let lost = meant.map(|packet| {
            packet.lost = true;
            (packet.wire, packet.from)
        });
        lost.collect()
    }

    /// A packet that was held up arrives only now.
    pub fn put_off(&mut self, id: PacketId, arrives_us: u64) {
        if let Some(packet) = self.index(id).and_then(|index| self.ring.get_mut(index)) {
            packet.arrives_us = arrives_us;
        }
    }

    fn index(&self, id: PacketId) -> Option<usize> {
        let first = self.ring.front()?.id;
        usize::try_from(id.0.checked_sub(first.0)?).ok()
    }

    /// Drops the oldest ones that have arrived. One that is still on its way keeps those behind it.
    fn forget(&mut self) {
        while self.ring.len() >= limits::PACKETS_KEPT
            && self.ring.pop_front_if(|oldest| !oldest.in_flight).is_some()
        {}
    }
}
