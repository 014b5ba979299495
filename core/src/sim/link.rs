//! Links between nodes, and the TCP connections that run over them.

use super::id::LinkId;
use super::id::NodeId;
use super::id::WireId;
use super::packet::Route;
use crate::client::Conversation;
use crate::node::ConnId;
use crate::node::DialId;

#[derive(Debug)]
pub(super) struct Link {
    pub id: LinkId,
    /// Who connected first, and to whom.
    pub ends: [NodeId; 2],
    pub latency_us: u64,
    pub cut: bool,
}

/// One TCP connection.
pub(super) struct Wire {
    pub id: WireId,
    pub link: LinkId,
    /// What the dialer waits for; `None` once it is connected or has given up.
    pub dial: Option<DialId>,
    /// Something was lost: nothing but a reset arrives any more.
    pub broken: bool,
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
    /// Bytes this end has sent into a cut link.
    pub stalled_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Dialer,
    Acceptor,
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
        let end = |node| End { node, conn: None, last_arrival_us: 0, stalled_bytes: 0 };
        Self {
            id,
            link,
            dial: Some(dial),
            broken: false,
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

    /// Whether nobody holds the connection any more.
    pub fn is_over(&self) -> bool {
        self.dial.is_none() && self.dialer.conn.is_none() && self.acceptor.conn.is_none()
    }

    /// The way of a packet that `side` sends now over `link`, behind all that was sent before it.
    pub fn route(&mut self, side: Side, link: &Link, now_us: u64) -> Route {
        let (wire, from) = (self.id, self.end(side).node);
        let other = self.end(side.other());
        let arrives_us = now_us.saturating_add(link.latency_us).max(other.last_arrival_us);
        other.last_arrival_us = arrives_us;
        Route { wire, link: link.id, from, to: other.node, sent_us: now_us, arrives_us }
    }
}
