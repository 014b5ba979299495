//! One node's turn: what it was fed is finished, and what it puts out is carried on.

use super::event::Source;
use super::event::What;
use super::host::Peer;
use super::id::ClientId;
use super::id::NodeId;
use super::network::Cargo;
use super::schedule::Happening;
use super::trace::Record;
use super::world::World;
use crate::client;
use crate::client::Output;
use crate::limits;
use crate::node::CloseReason;
use crate::node::ConnId;
use crate::node::Effect;
use crate::node::Event;
use crate::node::StorageDone;
use crate::node::StorageId;
use crate::node::StorageOp;

impl World {
    /// Bytes have arrived at a node.
    pub(super) fn receive(&mut self, node: NodeId, conn: ConnId, bytes: &[u8]) {
        let now = self.now_at(node);
        for piece in bytes.chunks(self.chunk_bytes) {
            let Some(host) = self.running(node) else { return };
            host.receive(conn, piece, now);
            self.settle(node);
        }
    }

    /// Ends the node's turn and does what it asks for, round by round until it asks for nothing
    /// more at this instant. A process that stands still has no turns.
    pub(super) fn settle(&mut self, node: NodeId) {
        let now = self.now_at(node);
        self.turned |= 1u32.wrapping_shl(node.0.wrapping_sub(1));
        for _ in 0..limits::WORLD_ROUNDS_PER_TURN_MAX {
            let Some(host) = self.running(node).filter(|host| !host.paused) else { return };
            host.node.finish_turn(now);
            let closed = self.drain(node);
            if !self.go_on(node) && !closed {
                return self.set_alarm(node);
            }
        }
        self.set_alarm(node);
        self.schedule.plan(self.now_us(), Happening::GoOn { node });
    }

    fn set_alarm(&mut self, node: NodeId) {
        if let Some(host) = self.running(node) {
            host.wake_us = host.node.poll_timeout().map(|(at, _)| at.as_us());
        }
    }

    /// Feeds the node what may go on: connections that had yielded or were let go, and then, as they came
    /// later, requests that wait at terminals. Whether there was any.
    pub(super) fn go_on(&mut self, node: NodeId) -> bool {
        let now = self.now_at(node);
        let Some(host) = self.running(node).filter(|host| !host.paused) else { return false };
        let resumed = host.resume(now);
        let typed = std::mem::take(&mut host.typed);
        let any = resumed || !typed.is_empty();
        for (conn, request) in typed {
            self.receive_typed(node, conn, &request);
        }
        any
    }

    /// As [`World::receive`], within a turn that goes on when this is one piece.
    fn receive_typed(&mut self, node: NodeId, conn: ConnId, request: &[u8]) {
        let now = self.now_at(node);
        let mut pieces = request.chunks(self.chunk_bytes).peekable();
        while let Some(piece) = pieces.next() {
            let Some(host) = self.running(node) else { return };
            host.receive(conn, piece, now);
            if pieces.peek().is_some() {
                host.node.finish_turn(now);
                // Who was let go comes before what is still to be read.
                host.resume(now);
            }
        }
    }

    /// Carries the node's outputs on. Whether it was told of something meanwhile, for which it has to be given
    /// a turn.
    fn drain(&mut self, node: NodeId) -> bool {
        // What a node did comes before what it sent because of it.
        self.drain_events(node);
        while let Some(conn) = self.running(node).and_then(|host| host.node.poll_dirty()) {
            self.flush(node, conn);
        }
        let mut goes_on = false;
        while let Some(effect) = self.running(node).and_then(|host| host.node.poll_effect()) {
            match effect {
                Effect::Dial { dial, host, port, .. } => self.dial(node, dial, &host, port),
                Effect::AbandonDial { dial } => self.abandon_dial(node, dial),
                Effect::Close { conn } => {
                    goes_on = true;
                    self.close_as_asked(node, conn);
                }
                Effect::Storage { id, op } => self.ask_storage(node, id, op),
                Effect::Adopt { .. } => {
                    goes_on = true;
                    self.let_adopt(node);
                }
                Effect::Shutdown { .. } => self.end_node(node),
            }
        }
        goes_on
    }

    /// No port of a fleet's is taken, and nothing else of the machine's is there to be short of.
    fn let_adopt(&mut self, node: NodeId) {
        let now = self.schedule.now();
        if let Some(host) = self.running(node) {
            host.node.handle_adopted(Ok(()), now);
        }
    }

    /// Sends what a connection's outbox holds: one packet, or text for a terminal.
    pub(super) fn flush(&mut self, node: NodeId, conn: ConnId) {
        let now = self.now_at(node);
        let Some(peer) = self.running(node).and_then(|host| host.peer(conn)) else { return };
        let room = match peer {
            Peer::Client(_) | Peer::Operator => usize::MAX,
            Peer::Wire(wire, side) => self.room(wire, side),
        };
        let Some(host) = self.running(node) else { return };
        let bytes = host.take_outbox(conn, room, now);
        match peer {
            _ if bytes.is_empty() => {}
            Peer::Client(client) => self.show(client, &bytes),
            Peer::Operator => self.answer_operator(node, &bytes),
            Peer::Wire(wire, side) => self.send(wire, side, Cargo::Data(bytes.freeze())),
        }
    }

    /// A terminal gets bytes: it prints what is whole and sends what it has typed ahead.
    fn show(&mut self, id: ClientId, bytes: &[u8]) {
        self.wire_event(id, false, bytes);
        let Some(client) = self.clients.find_mut(id) else { return };
        client.received.extend_from_slice(bytes);
        loop {
            let Some(client) = self.clients.find_mut(id) else { return };
            let elapsed_us = self.schedule.now_us() - client.sent_us;
            match client.session.poll_output(&mut client.received) {
                Ok(Some(output)) => self.print(id, output, elapsed_us),
                Ok(None) => break,
                Err(_) => return self.give_up_on(id),
            }
        }
        self.queue_request(id);
    }

    /// A terminal can't make sense of what it got.
    fn give_up_on(&mut self, id: ClientId) {
        let Some(node) = self.clients.find(id).map(|client| client.node) else { return };
        self.hang_up(id);
        self.disconnected(id, "The reply can't be read");
        self.schedule.plan(self.now_us(), Happening::GoOn { node });
    }

    fn print(&mut self, client: ClientId, output: Output, elapsed_us: u64) {
        let (bytes, is_reply) = match output {
            Output::Reply { text, is_error } => (text, Some(is_error)),
            Output::Push { text } => (text, None),
        };
        self.note(Record::Output, &bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        self.event(match is_reply {
            Some(is_error) => What::Reply { client, text, is_error, elapsed_us },
            None => What::Push { client, text },
        });
    }

    /// Has a terminal's next request read in the next round, if it may send one; whether it may.
    pub(super) fn queue_request(&mut self, id: ClientId) -> bool {
        let now_us = self.schedule.now_us();
        let Some(client) = self.clients.find_mut(id) else { return false };
        let node = client.node;
        let Some(request) = client.poll_request(now_us) else { return false };
        self.wire_event(id, true, &request.1);
        if let Some(host) = self.running(node) {
            host.typed.push(request);
        }
        true
    }

    fn wire_event(&mut self, client: ClientId, sent: bool, bytes: &[u8]) {
        let head = bytes.get(..limits::WIRE_BYTES_SHOWN).unwrap_or(bytes).to_vec();
        self.event(What::Wire { client, sent, head, bytes: bytes.len() });
    }

    fn close_as_asked(&mut self, node: NodeId, conn: ConnId) {
        let now = self.now_at(node);
        self.flush(node, conn);
        let Some(host) = self.running(node) else { return };
        let peer = host.close(conn, CloseReason::Requested, now);
        if let Some(peer) = peer {
            self.tell_closed(peer);
        }
    }

    /// The other end of a socket learns that it was closed.
    pub(super) fn tell_closed(&mut self, peer: Peer) {
        match peer {
            Peer::Operator => {}
            Peer::Wire(wire, side) => self.hang_up_wire(wire, side),
            Peer::Client(id) => {
                if let Some(client) = self.clients.find_mut(id) {
                    client.handle_close();
                    self.disconnected(id, "Server closed the connection");
                }
            }
        }
    }

    pub(super) fn disconnected(&mut self, client: ClientId, reason: &'static str) {
        self.note(Record::Disconnected, &client.0.to_le_bytes());
        self.event(What::Disconnected { client, reason });
    }

    fn end_node(&mut self, node: NodeId) {
        let Some(host) = self.running(node) else { return };
        for peer in host.end() {
            self.tell_closed(peer);
        }
        self.forget_dials(node);
    }

    fn ask_storage(&mut self, node: NodeId, id: StorageId, op: StorageOp) {
        let now_us = self.schedule.now_us();
        let Some(host) = self.running(node) else { return };
        let done_us = host.disk.reserve(now_us, &op);
        host.asked.push_back((id, op));
        let life = host.life;
        self.schedule.plan(done_us, Happening::Storage { node, life });
    }

    pub(super) fn do_storage(&mut self, node: NodeId) {
        let now = self.now_at(node);
        self.note(Record::Storage, &node.0.to_le_bytes());
        let Some(host) = self.running(node) else { return };
        let Some((id, op)) = host.asked.pop_front() else { return };
        let outcome = match op {
            StorageOp::Rewrite { config, .. } => host.keep_settings(*config),
            op => host.disk.apply(op),
        };
        host.node.handle_storage(StorageDone { id, outcome }, now);
        self.settle(node);
    }

    fn drain_events(&mut self, node: NodeId) {
        while let Some(event) = self.running(node).and_then(|host| host.node.poll_event()) {
            self.node_event(node, event);
        }
    }

    fn node_event(&mut self, node: NodeId, event: Event) {
        match event {
            Event::Log { level, text } => {
                self.note(Record::Log, text.as_bytes());
                self.event(What::Log { node, level, text });
            }
            Event::Command { conn, from_master, args } => {
                let peer = self.running(node).and_then(|host| host.peer(conn));
                let source = match peer {
                    _ if from_master => Source::Master,
                    Some(Peer::Wire(..)) => Source::Replica,
                    Some(Peer::Client(_) | Peer::Operator) | None => Source::Client,
                };
                self.event(What::Command { node, source, text: command_text(&args) });
            }
            // The view asks the node itself who is blocked.
            Event::Blocked { .. } | Event::Unblocked { .. } => {}
            Event::Role { replica } => {
                self.event(What::Role { node, replica });
            }
            Event::Expired { key, .. } => {
                let key = String::from_utf8_lossy(&key).into_owned();
                self.event(What::Expired { node, key });
            }
        }
    }
}

/// A command as somebody would have typed it.
fn command_text(args: &[Vec<u8>]) -> String {
    let mut text = Vec::new();
    for arg in args {
        if !text.is_empty() {
            text.push(b' ');
        }
        let shown = arg.get(..ARG_BYTES_SHOWN).unwrap_or(arg);
        let plain = !shown.is_empty() && shown.iter().all(|byte| byte.is_ascii_graphic());
        match plain && !shown.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'\\')) {
            true => text.extend_from_slice(shown),
            false => client::quote(shown, &mut text),
        }
        if text.len() > COMMAND_BYTES_SHOWN || shown.len() < arg.len() {
            text.extend_from_slice("…".as_bytes());
        }
        if text.len() > COMMAND_BYTES_SHOWN {
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// How much of a command the log shows.
const ARG_BYTES_SHOWN: usize = 64;
const COMMAND_BYTES_SHOWN: usize = 200;
