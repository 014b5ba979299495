//! One node for a program in JavaScript: bytes in and bytes out, in real time, without sockets.
//!
//! ```text
//!  input(len) -> where to write      feed(conn, len, now)      its replies are in the output
//!                                    next_dirty() -> conn      others that have got something
//!                                    take(conn)                its bytes are in the output
//!                                    next_effect(), next_us()  dials, closes; when to call wake()
//! ```
//! Requests and replies cross the boundary in two buffers of this module's memory, which JavaScript
//! writes and reads in place: a call costs one crossing each way and no allocation.
//!
//! Invariant: a turn is finished before a call returns, so every byte the node has to say is in an outbox or the output.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::BytesMut;
use js_sys::Uint8Array;
use redarium_core::config::Config;
use redarium_core::config::MasterAddress;
use redarium_core::node::CloseReason;
use redarium_core::node::ConnId;
use redarium_core::node::DialId;
use redarium_core::node::Effect;
use redarium_core::node::Node;
use redarium_core::node::Origin;
use redarium_core::node::Progress;
use redarium_core::node::StorageDone;
use redarium_core::node::Via;
use redarium_core::sim::Disk;
use redarium_core::time::Mono;
use redarium_core::time::Now;
use redarium_core::time::Wall;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::console;

/// A node and its connections.
#[wasm_bindgen]
pub struct Engine {
    node: Node,
    address: String,
    disk: Disk,
    /// By the connection's slot.
    sockets: Vec<Option<Socket>>,
    input: BytesMut,
    output: Vec<u8>,
    /// Connections that have something to say.
    dirty: VecDeque<ConnId>,
    /// What JavaScript has to do.
    wanted: VecDeque<Wanted>,
    /// Dials under way, and how JavaScript knows them.
    dials: Vec<(u32, DialId)>,
    dialed: u32,
    /// The last turns left something to do at once.
    unfinished: bool,
    now: Now,
}

struct Socket {
    conn: ConnId,
    unread: BytesMut,
    /// The node will say when it wants to go on reading.
    held: bool,
}

enum Wanted {
    Dial { number: u32, address: String },
    Close { slot: u32 },
    Shutdown,
}

#[wasm_bindgen]
impl Engine {
    /// A node without data, called `host:port`, that follows `master` unless that is empty.
    ///
    /// # Errors
    /// When an address is none.
    #[wasm_bindgen(constructor)]
    pub fn new(
        seed: f64,
        address: &str,
        master: &str,
        mono_us: f64,
        wall_ms: f64,
    ) -> Result<Self, JsError> {
        console::show_panics();
        let bad = || JsError::new("an address is a host and a port");
        let (host, port) = split_address(address).ok_or_else(bad)?;
        let master = match master {
            "" => None,
            master => Some(split_address(master).ok_or_else(bad)?),
        };
        let config = Config {
            port,
            bind: vec![host],
            protected_mode: false,
            repl_diskless_sync_delay: 0,
            // Who wants the data kept asks for a snapshot.
            save: Vec::new(),
            replicaof: master.map(|(host, port)| MasterAddress { host, port }),
            ..Config::default()
        };
        let now = instant(mono_us, wall_ms);
        let mut engine = Self {
            node: Node::new(config, seed as u64, now),
            address: address.into(),
            disk: Disk::default(),
            sockets: Vec::new(),
            input: BytesMut::new(),
            output: Vec::new(),
            dirty: VecDeque::new(),
            wanted: VecDeque::new(),
            dials: Vec::new(),
            dialed: 0,
            unfinished: false,
            now,
        };
        engine.turn();
        Ok(engine)
    }

    /// A client connects; returns its number, which is free again once it is closed.
    pub fn open(&mut self, peer: &str, mono_us: f64, wall_ms: f64) -> u32 {
        self.now = instant(mono_us, wall_ms);
        let origin =
            Origin::Accepted { peer: peer.into(), local: self.address.clone(), via: Via::Loopback };
        self.connect(origin)
    }

    /// The connection that a dial asked for.
    pub fn dialed(&mut self, number: u32, mono_us: f64, wall_ms: f64) -> Option<u32> {
        self.now = instant(mono_us, wall_ms);
        let dial = self.end_dial(number)?;
        let (peer, local) = (String::new(), self.address.clone());
        Some(self.connect(Origin::Dialed { dial, peer, local }))
    }

    /// Nobody is there to be dialed.
    #[wasm_bindgen(js_name = dialFailed)]
    pub fn dial_failed(&mut self, number: u32, mono_us: f64, wall_ms: f64) {
        self.now = instant(mono_us, wall_ms);
        if let Some(dial) = self.end_dial(number) {
            self.node.handle_dial_failed(dial, self.now);
            self.turn();
        }
    }

    /// Room for so many bytes of requests; where it begins in this module's memory.
    pub fn input(&mut self, len: usize) -> *mut u8 {
        self.input.resize(len, 0);
        self.input.as_mut_ptr()
    }

    /// The first `len` bytes of the input arrive at a connection. How many bytes of output it has
    /// now, of which the beginning may be left over from before.
    pub fn feed(&mut self, slot: u32, len: usize, mono_us: f64, wall_ms: f64) -> usize {
        self.now = instant(mono_us, wall_ms);
        self.input.truncate(len);
        let Some(Some(socket)) = self.sockets.get_mut(slot as usize) else { return 0 };
        if socket.held || !socket.unread.is_empty() {
            socket.unread.extend_from_slice(&self.input);
            if !socket.held {
                read(&mut self.node, socket, self.now);
            }
        } else {
            let progress = self.node.handle_bytes(socket.conn, &mut self.input, self.now);
            note(socket, progress);
            if !self.input.is_empty() && progress != Progress::Closing {
                socket.unread.extend_from_slice(&self.input);
            }
        }
        let conn = socket.conn;
        self.turn();
        // Its output is taken right here.
        if self.dirty.front() == Some(&conn) {
            self.dirty.pop_front();
        }
        self.take(slot)
    }

    /// Puts what a connection has to say into the output; how many bytes.
    pub fn take(&mut self, slot: u32) -> usize {
        self.output.clear();
        let Some(Some(socket)) = self.sockets.get(slot as usize) else { return 0 };
        let conn = socket.conn;
        loop {
            let before = self.output.len();
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let filled = self.node.outbox(conn, &mut slices);
            slices.iter().take(filled).for_each(|slice| self.output.extend_from_slice(slice));
            let len = self.output.len() - before;
            if len == 0 {
                return before;
            }
            self.node.handle_sent(conn, len, self.now);
        }
    }

    /// Where the output begins in this module's memory.
    pub fn output(&self) -> *const u8 {
        self.output.as_ptr()
    }

    /// The next connection that has something to say.
    #[wasm_bindgen(js_name = nextDirty)]
    pub fn next_dirty(&mut self) -> Option<u32> {
        self.dirty.pop_front().map(|conn| conn.slot() as u32)
    }

    /// The next thing to do, as a line: `dial NUMBER ADDRESS`, `close CONN`, `shutdown`.
    #[wasm_bindgen(js_name = nextEffect)]
    pub fn next_effect(&mut self) -> Option<String> {
        Some(match self.wanted.pop_front()? {
            Wanted::Dial { number, address } => format!("dial {number} {address}"),
            Wanted::Close { slot } => format!("close {slot}"),
            Wanted::Shutdown => "shutdown".into(),
        })
    }

    /// When to call `wake`, on the monotonic clock: 0 for at once, -1 for never; -2 while
    /// `next_dirty` or `next_effect` has something.
    #[wasm_bindgen(js_name = nextUs)]
    pub fn next_us(&self) -> f64 {
        if !self.dirty.is_empty() || !self.wanted.is_empty() {
            return -2.0;
        }
        match self.node.poll_timeout() {
            _ if self.unfinished => 0.0,
            Some((at, _)) => at.as_us() as f64,
            None => -1.0,
        }
    }

    /// The node does what is due.
    pub fn wake(&mut self, mono_us: f64, wall_ms: f64) {
        self.now = instant(mono_us, wall_ms);
        if self.node.poll_timeout().is_some_and(|(at, _)| at <= self.now.mono) {
            self.node.handle_timeout(self.now);
        }
        self.turn();
    }

    /// The other end of a connection is gone.
    pub fn close(&mut self, slot: u32, mono_us: f64, wall_ms: f64) {
        self.now = instant(mono_us, wall_ms);
        self.hang_up(slot as usize, CloseReason::Peer);
        self.turn();
    }

    /// All data as a dump file.
    pub fn snapshot(&self) -> Uint8Array {
        Uint8Array::from(&self.node.snapshot()[..])
    }

    /// The data of a dump file takes the place of what there is. Call it before anybody connects.
    ///
    /// # Errors
    /// When it is no dump file.
    pub fn restore(&mut self, dump: &[u8], mono_us: f64, wall_ms: f64) -> Result<(), JsError> {
        self.now = instant(mono_us, wall_ms);
        let loaded = self.node.load_rdb(&mut BytesMut::from(dump), self.now);
        let loaded = loaded.and_then(|()| self.node.finish_load(self.now));
        self.turn();
        loaded.map(|_| ()).map_err(|error| JsError::new(&error.to_string()))
    }

    /// Changes of the data since the beginning.
    pub fn changes(&self) -> f64 {
        self.node.changes() as f64
    }

    fn connect(&mut self, origin: Origin) -> u32 {
        let conn = self.node.handle_open(origin, self.now);
        if self.sockets.len() <= conn.slot() {
            self.sockets.resize_with(conn.slot() + 1, || None);
        }
        if let Some(slot) = self.sockets.get_mut(conn.slot()) {
            *slot = Some(Socket { conn, unread: BytesMut::new(), held: false });
        }
        self.turn();
        conn.slot() as u32
    }

    /// Ends the turn, and those that follow from it.
    fn turn(&mut self) {
        self.unfinished = false;
        for _ in 0..ROUNDS_MAX {
            self.node.finish_turn(self.now);
            while let Some(conn) = self.node.poll_dirty() {
                self.dirty.push_back(conn);
            }
            // Nobody reads the log.
            while self.node.poll_event().is_some() {}
            if !self.resume() & !self.perform() {
                return;
            }
        }
        self.unfinished = true;
    }

    /// Lets connections read on; whether there was one.
    fn resume(&mut self) -> bool {
        let mut any = false;
        while let Some(conn) = self.node.poll_resumed() {
            if let Some(Some(socket)) = self.sockets.get_mut(conn.slot())
                && socket.conn == conn
            {
                any = true;
                read(&mut self.node, socket, self.now);
            }
        }
        any
    }

    /// Does what the node asks for; whether it has to be told of something.
    fn perform(&mut self) -> bool {
        let mut told = false;
        while let Some(effect) = self.node.poll_effect() {
            match effect {
                Effect::Dial { dial, host, port, .. } => {
                    let number = self.dialed;
                    self.dialed = number.wrapping_add(1);
                    self.dials.push((number, dial));
                    self.wanted
                        .push_back(Wanted::Dial { number, address: format!("{host}:{port}") });
                }
                Effect::AbandonDial { dial } => self.dials.retain(|(_, known)| *known != dial),
                Effect::Close { conn } => {
                    // What it still has to say is taken by JavaScript first.
                    self.wanted.push_back(Wanted::Close { slot: conn.slot() as u32 });
                }
                Effect::Storage { id, op } => {
                    told = true;
                    let outcome = self.disk.apply(op);
                    self.node.handle_storage(StorageDone { id, outcome }, self.now);
                }
                Effect::Adopt { .. } => {
                    // Ports and certificates are JavaScript's own affair.
                    told = true;
                    self.node.handle_adopted(Ok(()), self.now);
                }
                Effect::Shutdown { .. } => self.wanted.push_back(Wanted::Shutdown),
            }
        }
        told
    }

    fn end_dial(&mut self, number: u32) -> Option<DialId> {
        let index = self.dials.iter().position(|(known, _)| *known == number)?;
        Some(self.dials.swap_remove(index).1)
    }

    fn hang_up(&mut self, slot: usize, reason: CloseReason) {
        if let Some(socket) = self.sockets.get_mut(slot).and_then(Option::take) {
            self.node.handle_close(socket.conn, reason, self.now);
        }
    }
}

fn read(node: &mut Node, socket: &mut Socket, now: Now) {
    let progress = node.handle_bytes(socket.conn, &mut socket.unread, now);
    note(socket, progress);
}

fn note(socket: &mut Socket, progress: Progress) {
    socket.held = matches!(progress, Progress::Blocked | Progress::Yielded);
    if progress == Progress::Closing {
        socket.unread.clear();
    }
}

fn instant(mono_us: f64, wall_ms: f64) -> Now {
    Now::new(Mono::from_us(mono_us as u64), Wall::from_ms(wall_ms as i64))
}

fn split_address(address: &str) -> Option<(String, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    Some((host.to_owned(), port.parse().ok()?))
}

const SLICES_MAX: usize = 16;

/// Turns that may follow from one call before it gives way.
const ROUNDS_MAX: usize = 256;
