//! A node with the least of a shell around it, and one peer that says anything.

use std::io::IoSlice;

use bytes::BytesMut;

use crate::client::{Decoder, Value};
use crate::config::Config;
use crate::node::{CloseReason, ConnId, Effect, Event, Node, Origin, Progress, StorageDone, Via};
use crate::resp::write_request;
use crate::sim::Disk;
use crate::time::{Mono, Now, Wall};

pub(super) struct Shell {
    node: Node,
    now: Now,
    /// The peer's connection, and what the node has not consumed of it.
    peer: Option<(ConnId, BytesMut)>,
    /// How often the node may still connect to its master, who then is the peer.
    dials_left: usize,
    heard: usize,
    said: Vec<u8>,
    is_resumed: bool,
    disk: Disk,
    has_ended: bool,
    logged: String,
}

impl Shell {
    /// A node whose own calls are answered so often, by the peer.
    pub(super) fn new(config: Config, dials: usize) -> Self {
        Self::around(Node::new(config, 7, start()), dials, Disk::default())
    }

    /// A node that finds these files at its start.
    pub(super) fn restored(config: Config, disk: Disk) -> Self {
        Self::around(Node::restored(config, 7, start()), 0, disk)
    }

    fn around(node: Node, dials_left: usize, disk: Disk) -> Self {
        let mut shell = Self {
            node,
            now: start(),
            peer: None,
            dials_left,
            heard: 0,
            said: Vec::new(),
            is_resumed: false,
            disk,
            has_ended: false,
            logged: String::new(),
        };
        shell.settle();
        shell
    }

    /// Whether the node serves: it has not ended, and waits for nothing.
    pub(super) fn is_serving(&self) -> bool {
        !self.has_ended && !self.node.is_loading()
    }

    /// The lines of the node's log.
    pub(super) fn logged(&self) -> &str {
        &self.logged
    }

    /// What the node leaves behind when its process is gone.
    pub(super) fn into_disk(self) -> Disk {
        self.disk
    }

    /// The peer is a client that connects.
    pub(super) fn accept(&mut self) {
        let conn = self.node.handle_open(client(), self.now);
        self.peer = Some((conn, BytesMut::new()));
    }

    /// The peer says this. Nobody hears it while there is no connection.
    pub(super) fn hear(&mut self, piece: &[u8]) {
        self.heard += piece.len();
        if let Some((_, buffer)) = &mut self.peer {
            buffer.extend_from_slice(piece);
        }
        // Each turn consumes something or frees a block that something consumed had made.
        for _ in 0..=self.heard * 2 {
            if !self.run_peer() {
                return;
            }
        }
        panic!("more turns than bytes");
    }

    /// All that the node has said to its peer.
    pub(super) fn said(&self) -> &[u8] {
        &self.said
    }

    /// All that the peer has said to the node, in bytes.
    pub(super) fn heard(&self) -> usize {
        self.heard
    }

    /// `master_repl_offset`.
    pub(super) fn offset(&self) -> u64 {
        self.node.view().offset
    }

    pub(super) fn pass(&mut self, ms: u32) {
        let wall = Wall::from_ms(self.now.wall_ms() + i64::from(ms));
        self.now = Now::new(self.now.mono.plus_ms(ms.into()), wall);
        self.node.handle_timeout(self.now);
        self.settle();
    }

    /// What another client is answered; fewer replies than questions if it is kept waiting.
    pub(super) fn ask(&mut self, questions: &[&str]) -> Vec<Value> {
        let client = self.node.handle_open(client(), self.now);
        let mut buffer = BytesMut::new();
        for question in questions {
            let words: Vec<_> = question.split(' ').map(str::as_bytes).collect();
            write_request(&mut buffer, words.into_iter());
        }
        self.node.handle_bytes(client, &mut buffer, self.now);
        replies(&self.take_output(client))
    }

    /// Hands over the peer's bytes; whether the node says that it can go on.
    fn run_peer(&mut self) -> bool {
        let Some((conn, buffer)) = &mut self.peer else { return false };
        let before = buffer.len();
        let progress = self.node.handle_bytes(*conn, buffer, self.now);
        let is_idle = buffer.len() == before;
        assert!(progress != Progress::Yielded || !is_idle, "yields and has done nothing");
        self.is_resumed = false;
        self.settle();
        self.is_resumed || progress == Progress::Yielded
    }

    /// Ends turns until the node asks for nothing more.
    fn settle(&mut self) {
        for _ in 0..TURNS_MAX {
            self.node.finish_turn(self.now);
            let mut is_quiet = true;
            while let Some(effect) = self.node.poll_effect() {
                self.carry_out(effect);
                is_quiet = false;
            }
            if self.node.poll_timeout().is_some_and(|(at, _)| at <= self.now.mono) {
                self.node.handle_timeout(self.now);
                is_quiet = false;
            }
            self.drain_outputs();
            if is_quiet {
                return;
            }
        }
        panic!("the node never rests");
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Dial { dial, .. } if self.dials_left == 0 => {
                self.node.handle_dial_failed(dial, self.now);
            }
            Effect::Dial { dial, .. } => {
                self.dials_left -= 1;
                let origin = Origin::Dialed { dial, peer: "m:1".into(), local: "r:1".into() };
                let conn = self.node.handle_open(origin, self.now);
                self.peer = Some((conn, BytesMut::new()));
            }
            Effect::Close { conn } => {
                if self.is_peer(conn) {
                    self.drain_outputs();
                    self.peer = None;
                }
                self.node.handle_close(conn, CloseReason::Requested, self.now);
            }
            Effect::Storage { id, op } => {
                let outcome = self.disk.apply(op);
                self.node.handle_storage(StorageDone { id, outcome }, self.now);
            }
            Effect::AbandonDial { .. } => {}
            Effect::Adopt { .. } => self.node.handle_adopted(Ok(()), self.now),
            // It is told to live on.
            Effect::Shutdown { .. } => self.has_ended = true,
        }
    }

    fn drain_outputs(&mut self) {
        while let Some(conn) = self.node.poll_dirty() {
            let output = self.take_output(conn);
            if self.is_peer(conn) {
                self.said.extend(output);
            }
        }
        while let Some(conn) = self.node.poll_resumed() {
            self.is_resumed |= self.is_peer(conn);
        }
        while let Some(event) = self.node.poll_event() {
            if let Event::Log { text, .. } = event {
                self.logged += &text;
                self.logged.push('\n');
            }
        }
    }

    fn take_output(&mut self, conn: ConnId) -> Vec<u8> {
        let mut output = Vec::new();
        loop {
            let mut slices = [IoSlice::new(&[]); 8];
            let filled = self.node.outbox(conn, &mut slices);
            let before = output.len();
            slices.iter().take(filled).for_each(|slice| output.extend_from_slice(slice));
            if output.len() == before {
                return output;
            }
            self.node.handle_sent(conn, output.len() - before, self.now);
        }
    }

    fn is_peer(&self, conn: ConnId) -> bool {
        self.peer.as_ref().is_some_and(|(peer, _)| *peer == conn)
    }
}

/// All replies in these bytes, of which none may be left over.
pub(super) fn replies(bytes: &[u8]) -> Vec<Value> {
    let mut received = BytesMut::from(bytes);
    let mut decoder = Decoder::default();
    let mut replies = Vec::new();
    while let Some(reply) = decoder.next(&mut received).expect("replies are RESP") {
        replies.push(reply);
    }
    assert!(received.is_empty(), "a reply is cut off");
    replies
}

fn start() -> Now {
    Now::new(Mono::ZERO, Wall::from_ms(1_700_000_000_000))
}

fn client() -> Origin {
    Origin::Accepted { peer: "c:1".into(), local: "n:1".into(), via: Via::Loopback }
}

/// Turns that one piece of input may lead to: snapshots and freeing go on over several.
const TURNS_MAX: usize = 10_000;
