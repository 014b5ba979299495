//! Links between nodes, and the TCP connections that run over them.

use super::action::Cut;
use super::id::LinkId;
use super::id::NodeId;
use super::id::WireId;
use super::packet::Route;
use super::schedule::Happening;
use crate::client::Conversation;
use crate::node::ConnId;
use crate::node::DialId;
use crate::rng::Rng;

#[derive(Debug)]
pub(super) struct Link {
    pub id: LinkId,
    /// Who connected first, and to whom.
    pub ends: [NodeId; 2],
    pub latency_us: u64,
    /// A packet takes up to so much longer.
    pub jitter_us: u64,
    pub cut: Option<Cut>,
    pub stalled: bool,
    /// What would have arrived while it was stalled, in order.
    pub held: Vec<Happening>,
}

/// One TCP connection.
pub(super) struct Wire {
    pub id: WireId,
    pub link: LinkId,
    /// What the dialer waits for; `None` once it is connected or has given up.
    pub dial: Option<DialId>,
    pub conversation: Conversation,
    pub dialer: End,
    pub acceptor: End,
}

/// One end of a connection.
pub(super) struct End {
    pub node: NodeId,
    /// The node's side of it, while it is open.
    pub conn: Option<ConnId>,
    /// When the latest packet to this end arrives: none overtakes it.
    pub last_arrival_us: u64,
    /// Something this end sent was lost: of what it sends, nothing but a reset arrives any more.
    pub broken: bool,
    /// Bytes this end has sent that wait for a link to be healed or a process to go on.
    pub stalled_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Dialer,
    Acceptor,
}

impl Link {
    pub fn new(id: LinkId, ends: [NodeId; 2], latency_us: u64) -> Self {
        let (cut, stalled, held) = (None, false, Vec::new());
        Self { id, ends, latency_us, jitter_us: 0, cut, stalled, held }
    }

    /// Whether what goes to this node is lost.
    pub fn is_cut_to(&self, node: NodeId) -> bool {
        let [from, to] = self.ends;
        match self.cut {
            None => false,
            Some(Cut::Both) => true,
            Some(Cut::To) => node == to,
            Some(Cut::From) => node == from,
        }
    }
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Dialer, Self::Acceptor];

    pub fn other(self) -> Self {
        match self {
            Self::Dialer => Self::Acceptor,
            Self::Acceptor => Self::Dialer,
        }
    }
}

impl Wire {
    pub fn new(id: WireId, link: LinkId, dial: DialId, from: NodeId, to: NodeId) -> Self {
        let end =
            |node| End { node, conn: None, last_arrival_us: 0, broken: false, stalled_bytes: 0 };
        Self {
            id,
            link,
            dial: Some(dial),
            conversation: Conversation::new(),
            dialer: end(from),
            acceptor: end(to),
        }
    }

    pub fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Dialer => &mut self.dialer,
            Side::Acceptor => &mut self.acceptor,
        }
    }

    pub fn is_broken(&self) -> bool {
        self.dialer.broken || self.acceptor.broken
    }

    /// From now on nothing but a reset arrives, at either end.
    pub fn break_off(&mut self) {
        self.dialer.broken = true;
        self.acceptor.broken = true;
    }

    /// The side of a node, if it is at either end.
    pub fn side_of(&self, node: NodeId) -> Option<Side> {
        match node {
            _ if self.dialer.node == node => Some(Side::Dialer),
            _ if self.acceptor.node == node => Some(Side::Acceptor),
            _ => None,
        }
    }

    /// Whether nobody holds the connection any more.
    pub fn is_over(&self) -> bool {
        self.dial.is_none() && self.dialer.conn.is_none() && self.acceptor.conn.is_none()
    }

    /// The way of a packet that `side` sends now over `link`, behind all that was sent before it.
    pub fn route(&mut self, side: Side, link: &Link, rng: &mut Rng, now_us: u64) -> Route {
        let (wire, from) = (self.id, self.end(side).node);
        let takes_us = link.latency_us.saturating_add(match link.jitter_us {
            0 => 0,
            jitter_us => rng.below(jitter_us.saturating_add(1)),
        });
        let other = self.end(side.other());
        let arrives_us = now_us.saturating_add(takes_us).max(other.last_arrival_us);
        other.last_arrival_us = arrives_us;
        Route { wire, link: link.id, from, to: other.node, sent_us: now_us, arrives_us }
    }
}
