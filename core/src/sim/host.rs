//! What stands under one node: its sockets and its disk.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::BytesMut;

use super::disk::Disk;
use super::id::ClientId;
use super::id::NodeId;
use super::id::PORT;
use super::id::WireId;
use super::link::Side;
use super::schedule::Happening;
use crate::config::Config;
use crate::config::MasterAddress;
use crate::node::CloseReason;
use crate::node::ConnId;
use crate::node::Node;
use crate::node::Origin;
use crate::node::Progress;
use crate::node::StorageId;
use crate::node::StorageOp;
use crate::node::StorageOutput;
use crate::node::Via;
use crate::time::Now;

/// A machine with one node on it.
pub(super) struct Host {
    pub id: NodeId,
    pub node: Node,
    /// What it was started with, and is again.
    pub config: Config,
    /// False once the node has ended, by itself or by a crash.
    pub up: bool,
    /// It ended by a crash.
    pub crashed: bool,
    /// The machine has no power: it answers nothing, not even that nobody listens.
    pub dark: bool,
    /// The process stands still.
    pub paused: bool,
    /// How often the node was started before.
    pub life: u32,
    /// How far its wall clock is ahead of the world's.
    pub clock_shift_us: i64,
    pub disk: Disk,
    /// What the disk has not done yet, in order.
    pub asked: VecDeque<(StorageId, StorageOp)>,
    /// What has come while the process stood still, in order.
    pub held: Vec<Happening>,
    /// When the node wants to be woken, in microseconds.
    pub wake_us: Option<u64>,
    /// Requests of terminals that wait for the next round of the turn.
    pub typed: Vec<(ConnId, BytesMut)>,
    /// By the connection's slot.
    sockets: Vec<Option<Socket>>,
    /// The port of the next connection that begins here.
    next_port: u16,
}

struct Socket {
    conn: ConnId,
    peer: Peer,
    /// Bytes the node has not consumed.
    unread: BytesMut,
    /// The node will say when it wants to go on reading.
    held: bool,
}

/// Who is at the other end of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    Client(ClientId),
    /// A connection between nodes, and which side of it this socket is.
    Wire(WireId, Side),
    /// Somebody on the machine who says one thing and goes.
    Operator,
}

impl Host {
    pub fn new(id: NodeId, config: Config, seed: u64, now: Now) -> Self {
        Self {
            id,
            node: Node::new(config.clone(), seed, now),
            config,
            up: true,
            crashed: false,
            dark: false,
            paused: false,
            life: 0,
            clock_shift_us: 0,
            disk: Disk::default(),
            asked: VecDeque::new(),
            held: Vec::new(),
            wake_us: None,
            typed: Vec::new(),
            sockets: Vec::new(),
            next_port: FIRST_EPHEMERAL_PORT,
        }
    }

    /// An address for a connection that begins here.
    pub fn ephemeral_address(&mut self) -> String {
        let port = self.next_port;
        self.next_port = port.checked_add(1).unwrap_or(FIRST_EPHEMERAL_PORT);
        format!("{}:{port}", self.id.host())
    }

    /// Somebody on this machine connects.
    pub fn accept_local(&mut self, who: Peer, now: Now) -> ConnId {
        let peer = self.ephemeral_address();
        let origin = Origin::Accepted { peer, local: self.id.address(), via: Via::Loopback };
        self.open(origin, who, now)
    }

    /// Starts the node again from what its disk holds. Whoever has it log its writes has its
    /// configuration file say so too: a log that is not read at the start would be of no use.
    pub fn restart(&mut self, seed: u64, now: Now) {
        self.config.appendonly = self.node.config().appendonly;
        self.node = Node::restored(self.config.clone(), seed, now);
        self.up = true;
        self.crashed = false;
        self.dark = false;
    }

    pub fn open(&mut self, origin: Origin, peer: Peer, now: Now) -> ConnId {
        let conn = self.node.handle_open(origin, now);
        let socket = Socket { conn, peer, unread: BytesMut::new(), held: false };
        if self.sockets.len() <= conn.slot() {
            self.sockets.resize_with(conn.slot() + 1, || None);
        }
        if let Some(slot) = self.sockets.get_mut(conn.slot()) {
            *slot = Some(socket);
        }
        conn
    }

    /// Bytes have arrived on a connection.
    pub fn receive(&mut self, conn: ConnId, bytes: &[u8], now: Now) {
        let Some(socket) = find(&mut self.sockets, conn) else { return };
        socket.unread.extend_from_slice(bytes);
        if !socket.held {
            Self::read(&mut self.node, socket, now);
        }
    }

    /// Lets the connections read on that the node names; whether it named any.
    pub fn resume(&mut self, now: Now) -> bool {
        let mut any = false;
        while let Some(conn) = self.node.poll_resumed() {
            any = true;
            if let Some(socket) = find(&mut self.sockets, conn) {
                Self::read(&mut self.node, socket, now);
            }
        }
        any
    }

    fn read(node: &mut Node, socket: &mut Socket, now: Now) {
        let progress = node.handle_bytes(socket.conn, &mut socket.unread, now);
        socket.held = matches!(progress, Progress::Blocked | Progress::Yielded);
        if progress == Progress::Closing {
            socket.unread.clear();
        }
    }

    /// Takes up to `bytes_max` bytes of what a connection has to send.
    pub fn take_outbox(&mut self, conn: ConnId, bytes_max: usize, now: Now) -> BytesMut {
        let mut taken = BytesMut::new();
        loop {
            let before = taken.len();
            let mut slices = [IoSlice::new(&[]); SLICES_PER_WRITE];
            let filled = self.node.outbox(conn, &mut slices);
            for slice in slices.iter().take(filled) {
                let room = bytes_max - taken.len();
                taken.extend_from_slice(slice.get(..room).unwrap_or(slice));
            }
            if taken.len() == before {
                return taken;
            }
            self.node.handle_sent(conn, taken.len() - before, now);
        }
    }

    /// When the node is to be woken; a process that stands still is not.
    pub fn alarm_us(&self) -> Option<u64> {
        self.wake_us.filter(|_| !self.paused)
    }

    pub fn peer(&mut self, conn: ConnId) -> Option<Peer> {
        find(&mut self.sockets, conn).map(|socket| socket.peer)
    }

    /// The socket is gone; the node is told. Returns who was at the other end.
    pub fn close(&mut self, conn: ConnId, reason: CloseReason, now: Now) -> Option<Peer> {
        let socket = self.sockets.get_mut(conn.slot())?.take_if(|socket| socket.conn == conn)?;
        self.node.handle_close(conn, reason, now);
        Some(socket.peer)
    }

    /// CONFIG REWRITE: these settings are those of the next start, with the master of today.
    pub fn keep_settings(&mut self, config: Config) -> Result<StorageOutput, String> {
        let master = self.node.view().master;
        let replicaof = master.map(|(host, port)| MasterAddress { host, port });
        self.config = Config { replicaof, ..config };
        Ok(StorageOutput::Nothing)
    }

    /// The node has ended: who is at the other ends of its sockets.
    pub fn end(&mut self) -> Vec<Peer> {
        self.up = false;
        self.paused = false;
        self.life += 1;
        self.wake_us = None;
        self.typed.clear();
        self.asked.clear();
        self.disk.forget_asked();
        self.sockets.drain(..).flatten().map(|socket| socket.peer).collect()
    }
}

fn find(sockets: &mut [Option<Socket>], conn: ConnId) -> Option<&mut Socket> {
    sockets.get_mut(conn.slot())?.as_mut().filter(|socket| socket.conn == conn)
}

/// Whether a dial to this address stays on the machine of `node`.
pub(super) fn is_own_address(node: NodeId, host: &str, port: u16) -> bool {
    let loopback = host == "localhost" || host.starts_with("127.");
    (loopback && port == PORT) || NodeId::of_address(host, port) == Some(node)
}

const SLICES_PER_WRITE: usize = 16;

/// Where Linux begins to number the ports of outgoing connections.
const FIRST_EPHEMERAL_PORT: u16 = 32768;
