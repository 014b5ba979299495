//! A terminal on a node: a prompt, and the connection behind it.

use bytes::BytesMut;

use super::id::NodeId;
use crate::client::Session;
use crate::node::ConnId;

/// Its connection takes no virtual time: it is on the node's own machine.
pub(super) struct Client {
    pub node: NodeId,
    pub session: Session,
    pub conn: Option<ConnId>,
    pub received: BytesMut,
    /// When the request that is being waited for was sent.
    pub sent_us: u64,
}

impl Client {
    pub fn new(node: NodeId) -> Self {
        Self {
            node,
            session: Session::new(node.address()),
            conn: None,
            received: BytesMut::new(),
            sent_us: 0,
        }
    }

    pub fn handle_open(&mut self, conn: ConnId) {
        self.conn = Some(conn);
        self.received.clear();
        self.session.handle_open();
    }

    pub fn handle_close(&mut self) {
        self.conn = None;
        self.session.handle_close();
    }

    /// The next request to send and where, if one may be sent now.
    pub fn poll_request(&mut self, now_us: u64) -> Option<(ConnId, BytesMut)> {
        let conn = self.conn?;
        let mut request = BytesMut::new();
        let sent = self.session.poll_request(&mut request);
        sent.then(|| {
            self.sent_us = now_us;
            (conn, request)
        })
    }
}
