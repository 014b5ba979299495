//! A terminal on a node: a prompt, and the connection behind it.

use bytes::BytesMut;

use super::id::ClientId;
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

/// The terminals of a world, in the order they were opened.
#[derive(Default)]
pub(super) struct Clients {
    open: Vec<(ClientId, Client)>,
    opened: u32,
}

impl Clients {
    pub fn open(&mut self, node: NodeId) -> ClientId {
        self.opened += 1;
        let id = ClientId(self.opened);
        self.open.push((id, Client::new(node)));
        id
    }

    pub fn len(&self) -> usize {
        self.open.len()
    }

    pub fn find(&self, id: ClientId) -> Option<&Client> {
        self.iter().find_map(|(known, client)| (known == id).then_some(client))
    }

    pub fn find_mut(&mut self, id: ClientId) -> Option<&mut Client> {
        self.open.iter_mut().find_map(|(known, client)| (*known == id).then_some(client))
    }

    pub fn remove(&mut self, id: ClientId) -> Option<Client> {
        let index = self.open.iter().position(|(known, _)| *known == id)?;
        Some(self.open.remove(index).1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (ClientId, &Client)> {
        self.open.iter().map(|(id, client)| (*id, client))
    }
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
