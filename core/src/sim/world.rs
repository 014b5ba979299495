//! The world: what it is made of, how it is acted upon, how its time goes.

use super::action::Input;
use super::client::Clients;
use super::event::Event;
use super::event::LinkChange;
use super::event::What;
use super::hint;
use super::host::Host;
use super::id::ClientId;
use super::id::LinkId;
use super::id::NodeId;
use super::id::PORT;
use super::id::PacketId;
use super::network::Network;
use super::packet::Packet;
use super::record::Recorder;
use super::schedule::Happening;
use super::schedule::Schedule;
use super::trace::Record;
use crate::client::Typed;
use crate::config::Config;
use crate::config::MasterAddress;
use crate::limits;
use crate::node::CloseReason;
use crate::rng::Rng;

/// How a world is first built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Replicas of the first node.
    pub replicas: u32,
    /// One-way latency of every link, also of links made later.
    pub latency_us: u64,
    /// Hand nodes their bytes in pieces of at most this size, each in a turn of its own: replies must
    /// not depend on it. `None` hands them over as they were sent.
    pub chunk_bytes: Option<usize>,
}

impl Default for Topology {
    fn default() -> Self {
        Self { replicas: 2, latency_us: 5_000, chunk_bytes: None }
    }
}

/// Many nodes, one virtual clock, one seed.
pub struct World {
    seed: Rng,
    pub(super) chunk_bytes: usize,
    pub(super) schedule: Schedule,
    /// Node n is at n - 1.
    pub(super) hosts: Vec<Host>,
    pub(super) network: Network,
    pub(super) clients: Clients,
    pub(super) recorder: Recorder,
}

impl World {
    /// A master and its replicas at time 0. The same seed and topology give the same world.
    pub fn new(seed: u64, topology: &Topology) -> Self {
        let mut world = Self {
            seed: Rng::new(seed),
            chunk_bytes: topology.chunk_bytes.unwrap_or(usize::MAX).max(1),
            schedule: Schedule::default(),
            hosts: Vec::new(),
            network: Network::new(topology.latency_us),
            clients: Clients::default(),
            recorder: Recorder::new(),
        };
        world.add_node(None);
        for _ in 0..topology.replicas {
            world.add_node(Some(NodeId(1)));
        }
        world
    }

    /// Does something to the world at its present instant. A command that is typed runs within
    /// this call: unless it blocks, its reply is among the events afterwards.
    pub fn apply(&mut self, input: Input) {
        let text = input.to_string();
        self.note(Record::Input, text.as_bytes());
        match input {
            Input::AddReplica { of } if self.host(of).is_some() => self.add_node(Some(of)),
            Input::AddReplica { .. } => {}
            Input::OpenClient { node } => self.open_client(node),
            Input::CloseClient { client } => self.close_client(client),
            Input::Type { client, line } => self.type_line(client, &line),
            Input::CutLink { link } => self.cut(link),
            Input::HealLink { link } => self.heal(link),
            Input::SetLatency { link, latency_us } => {
                if let Some(link) = self.network.link_mut(link) {
                    link.latency_us = latency_us;
                    let what = What::Link { link: link.id, change: LinkChange::Latency };
                    self.event(what);
                }
            }
        }
    }

    /// Runs until virtual time `until_us`, or until `events_max` events were handled, whichever
    /// comes first. Returns how many were. The clock stands at `until_us` afterwards unless events
    /// were left. An instant is never left half done, whatever the budget: where a run pauses
    /// must not show in what an input does there.
    pub fn run_until(&mut self, until_us: u64, events_max: usize) -> usize {
        let mut handled = 0;
        while let Some(at_us) = self.next_event_at().filter(|at_us| *at_us <= until_us) {
            if handled >= events_max && at_us > self.now_us() {
                return handled;
            }
            self.step();
            handled += 1;
        }
        self.schedule.advance_to(until_us);
        handled
    }

    /// Handles the next event, whenever it is; nothing when none is to come.
    pub fn step(&mut self) {
        let Some(at_us) = self.next_event_at() else { return };
        self.schedule.advance_to(at_us);
        if self.schedule.next_us() == Some(at_us) {
            if let Some(happening) = self.schedule.take_next() {
                self.happen(happening);
            }
            return;
        }
        let now = self.schedule.now();
        let woken = self.hosts.iter_mut().find(|host| host.wake_us.is_some_and(|at| at <= at_us));
        if let Some(host) = woken {
            host.node.handle_timeout(now);
            let node = host.id;
            self.settle(node);
        }
    }

    /// When the next thing happens by itself; `None` when nothing is to come.
    pub fn next_event_at(&self) -> Option<u64> {
        let wake_us = self.hosts.iter().filter_map(|host| host.wake_us).min();
        let wake_us = wake_us.map(|at_us| at_us.max(self.now_us()));
        [self.schedule.next_us(), wake_us].into_iter().flatten().min()
    }

    /// Virtual time since the world began.
    pub fn now_us(&self) -> u64 {
        self.schedule.now_us()
    }

    /// The next thing that happened and has not been told yet.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.recorder.poll_event()
    }

    /// A packet, if it is still remembered.
    pub fn packet(&self, id: PacketId) -> Option<&Packet> {
        self.recorder.packets.find(id)
    }

    /// A digest of everything that happened so far: equal for the same seed and script, on every
    /// machine and in wasm. 32 hexadecimal digits.
    pub fn digest(&self) -> String {
        self.recorder.digest.hex()
    }

    pub(super) fn host(&self, node: NodeId) -> Option<&Host> {
        self.hosts.get((node.0 as usize).checked_sub(1)?)
    }

    /// A node that has not ended itself.
    pub(super) fn running(&mut self, node: NodeId) -> Option<&mut Host> {
        self.hosts.get_mut((node.0 as usize).checked_sub(1)?).filter(|host| host.up)
    }

    pub(super) fn note(&mut self, kind: Record, bytes: &[u8]) {
        self.recorder.digest.add(kind, self.schedule.now_us(), bytes);
    }

    pub(super) fn event(&mut self, what: What) {
        self.recorder.event(self.schedule.now_us(), what);
    }

    fn add_node(&mut self, master: Option<NodeId>) {
        if self.hosts.len() >= limits::WORLD_NODES_MAX {
            return;
        }
        let id = NodeId(self.hosts.len() as u32 + 1);
        let config = Config {
            observe: true,
            port: PORT,
            bind: vec![id.host()],
            // The world has no outside to be protected from.
            protected_mode: false,
            // Nobody else will come along to share the transfer with.
            repl_diskless_sync_delay: 0,
            replicaof: master.map(|master| MasterAddress { host: master.host(), port: PORT }),
            ..Config::default()
        };
        let seed = self.seed.fork(u64::from(id.0)).next_u64();
        self.hosts.push(Host::new(id, config, seed, self.schedule.now()));
        if let Some(master) = master {
            self.network.link_between(id, master);
        }
        self.settle(id);
    }

    fn open_client(&mut self, node: NodeId) {
        if self.host(node).is_none() || self.clients.len() >= limits::WORLD_CLIENTS_MAX {
            return;
        }
        let id = self.clients.open(node);
        self.connect_client(id);
    }

    /// Connects a terminal to its node; whether that is there to connect to.
    fn connect_client(&mut self, id: ClientId) -> bool {
        let now = self.schedule.now();
        let Some(node) = self.clients.find(id).map(|client| client.node) else { return false };
        let Some(host) = self.running(node) else { return false };
        let conn = host.accept_client(id, now);
        if let Some(client) = self.clients.find_mut(id) {
            client.handle_open(conn);
        }
        self.settle(node);
        true
    }

    fn close_client(&mut self, id: ClientId) {
        self.hang_up(id);
        if let Some(client) = self.clients.remove(id) {
            self.settle(client.node);
        }
    }

    /// The terminal closes its connection; its node has to be given a turn.
    pub(super) fn hang_up(&mut self, id: ClientId) {
        let now = self.schedule.now();
        let Some(client) = self.clients.find_mut(id) else { return };
        let (node, conn) = (client.node, client.conn);
        client.handle_close();
        if let Some(conn) = conn
            && let Some(host) = self.running(node)
        {
            host.close(conn, CloseReason::Peer, now);
        }
    }

    fn type_line(&mut self, id: ClientId, line: &str) {
        let Some(client) = self.clients.find_mut(id) else { return };
        if let Some(text) = hint::help(line) {
            return self.answer_locally(id, text, false);
        }
        let node = client.node;
        match client.session.handle_line(line.as_bytes()) {
            Typed::Nothing => {}
            Typed::Refused(text) => self.answer_locally(id, text.into(), true),
            Typed::Quit => {
                self.hang_up(id);
                self.disconnected(id, "quit");
                self.settle(node);
            }
            Typed::Request => self.send_typed(id),
        }
    }

    fn send_typed(&mut self, id: ClientId) {
        let Some(client) = self.clients.find(id) else { return };
        let node = client.node;
        if client.conn.is_none() && !self.connect_client(id) {
            let address = node.address();
            self.hang_up(id);
            return self.answer_locally(
                id,
                format!("Could not connect to Redis at {address}: Connection refused\n"),
                true,
            );
        }
        if self.queue_request(id) {
            self.go_on(node);
            self.settle(node);
        }
    }

    /// What the terminal says by itself, without asking a server.
    fn answer_locally(&mut self, client: ClientId, text: String, is_error: bool) {
        self.event(What::Reply { client, text, is_error, elapsed_us: 0 });
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Arrival { wire, to, packet, cargo } => self.arrive(wire, to, packet, cargo),
            Happening::DialFailed { node, dial } => self.fail_dial(node, dial),
            Happening::Storage { node, id, op } => self.do_storage(node, id, op),
            Happening::GoOn { node } => {
                self.go_on(node);
                self.settle(node);
            }
        }
    }

    fn cut(&mut self, id: LinkId) {
        let Some(link) = self.network.link_mut(id).filter(|link| !link.cut) else { return };
        link.cut = true;
        for wire in self.recorder.packets.lose(id) {
            self.network.break_wire(wire);
        }
        self.event(What::Link { link: id, change: LinkChange::Cut });
    }
}
