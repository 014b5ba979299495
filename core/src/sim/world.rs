//! The world: what it is made of, how it is acted upon, how its time goes.

use super::action::Input;
use super::client::Clients;
use super::event::Event;
use super::event::What;
use super::hint;
use super::host::Host;
use super::host::Peer;
use super::id::ClientId;
use super::id::NodeId;
use super::id::PORT;
use super::id::PacketId;
use super::network::Network;
use super::packet::Packet;
use super::record::Recorder;
use super::schedule::Happening;
use super::schedule::Schedule;
use super::script::Script;
use super::script::Step;
use super::trace::Record;
use crate::client::Typed;
use crate::config::AllowedFor;
use crate::config::Config;
use crate::config::MasterAddress;
use crate::limits;
use crate::node::CloseReason;
use crate::rng::Rng;
use crate::time::Now;
use crate::time::Wall;

/// How a world is first built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Nodes beside the first, and whose replicas they are.
    pub replicas: u32,
    pub shape: Shape,
    /// One-way latency of every link, also of links made later.
    pub latency_us: u64,
    /// Hand nodes their bytes in pieces of at most this size, each in a turn of its own: replies must
    /// not depend on it. `None` hands them over as they were sent.
    pub chunk_bytes: Option<usize>,
    /// Settings of every node, as CONFIG SET takes them: names and values.
    pub settings: Vec<(String, String)>,
}

/// How the nodes of a new world follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// All others are replicas of the first.
    #[default]
    Star,
    /// Each is a replica of the one before it.
    Chain,
    /// Each is a master of its own.
    Apart,
}

impl Default for Topology {
    fn default() -> Self {
        Self {
            replicas: 2,
            shape: Shape::Star,
            latency_us: 5_000,
            chunk_bytes: None,
            settings: Vec::new(),
        }
    }
}

/// Many nodes, one virtual clock, one seed.
pub struct World {
    pub(super) seed: Rng,
    /// How to make this world again, but for its end.
    pub(super) script: Script,
    pub(super) chunk_bytes: usize,
    pub(super) schedule: Schedule,
    /// Node n is at n - 1.
    pub(super) hosts: Vec<Host>,
    pub(super) network: Network,
    pub(super) clients: Clients,
    pub(super) recorder: Recorder,
    /// Whether anybody wants to see packets and commands.
    pub(super) watched: bool,
    /// Bit n is set when node n + 1 had a turn, for whoever looks and clears it.
    pub(super) turned: u32,
}

impl World {
    /// A master and its replicas at time 0. The same seed and topology give the same world.
    pub fn new(seed: u64, topology: &Topology) -> Self {
        Self::build(seed, topology, true)
    }

    /// The same world, with the same digest, whose packets and commands are not told: that is faster.
    pub fn unwatched(seed: u64, topology: &Topology) -> Self {
        Self::build(seed, topology, false)
    }

    fn build(seed: u64, topology: &Topology, watched: bool) -> Self {
        let root = Rng::new(seed);
        let script = Script { seed, topology: topology.clone(), ..Script::default() };
        let mut world = Self {
            script,
            chunk_bytes: topology.chunk_bytes.unwrap_or(usize::MAX).max(1),
            schedule: Schedule::default(),
            hosts: Vec::new(),
            network: Network::new(topology.latency_us, root.fork(JITTER_STREAM)),
            seed: root,
            clients: Clients::default(),
            recorder: Recorder::new(),
            watched,
            turned: 0,
        };
        world.add_node(None);
        for before in 1..=topology.replicas {
            world.add_node(match topology.shape {
                Shape::Star => Some(NodeId(1)),
                Shape::Chain => Some(NodeId(before)),
                Shape::Apart => None,
            });
        }
        world
    }

    /// Does something to the world at its present instant. A command that is typed runs within
    /// this call: unless it blocks, its reply is among the events afterwards.
    pub fn apply(&mut self, input: Input) {
        let text = input.to_string();
        self.note(Record::Input, text.as_bytes());
        self.remember(|| Step::Input(input.clone()));
        match input {
            Input::AddNode => self.add_node(None),
            Input::AddReplica { of } if self.host(of).is_some() => self.add_node(Some(of)),
            Input::AddReplica { .. } => {}
            Input::OpenClient { node } => self.open_client(node),
            Input::CloseClient { client } => self.close_client(client),
            Input::Interrupt { client } => self.interrupt_client(client),
            Input::Type { client, line } => self.type_line(client, &line),
            Input::CutLink { link, way } => self.cut(link, way),
            Input::HealLink { link } => self.heal(link),
            Input::StallLink { link } => self.stall(link),
            Input::ResetLink { link } => self.reset_link(link),
            Input::SetLatency { link, latency_us, jitter_us } => {
                self.set_latency(link, latency_us, jitter_us);
            }
            Input::Crash { node, disk } => self.crash(node, disk),
            Input::Restart { node } => self.restart(node),
            Input::Pause { node } => self.pause(node),
            Input::Resume { node } => self.resume(node),
            Input::Promote { node } => self.operate(node, None),
            Input::Attach { node, to } => self.operate(node, Some(to)),
            Input::ShiftClock { node, by_ms } => self.shift_clock(node, by_ms),
            Input::SetDisk { node, full } => self.set_disk(node, full),
            Input::DropFile { node, name, bytes } => self.drop_file(node, name, bytes),
        }
    }

    /// The script that makes this world again, up to now. `None` when so much was done that it was not
    /// kept.
    pub fn script(&self) -> Option<Script> {
        let whole = self.script.steps.len() <= limits::WORLD_SCRIPT_STEPS_MAX;
        whole.then(|| Script { end_us: self.now_us(), ..self.script.clone() })
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
            self.handle_next();
            handled += 1;
        }
        self.schedule.advance_to(until_us);
        handled
    }

    /// Handles the next event, whenever it is; nothing when none is to come.
    pub fn step(&mut self) {
        self.remember(|| Step::Step);
        self.handle_next();
    }

    pub(super) fn handle_next(&mut self) {
        let Some(at_us) = self.next_event_at() else { return };
        self.schedule.advance_to(at_us);
        if self.schedule.next_us() == Some(at_us) {
            if let Some(happening) = self.schedule.take_next() {
                self.happen(happening);
            }
            return;
        }
        let due = |host: &&Host| host.alarm_us().is_some_and(|at| at <= at_us);
        if let Some(node) = self.hosts.iter().find(due).map(|host| host.id) {
            self.wake(node);
        }
    }

    /// Tells a node the time.
    pub(super) fn wake(&mut self, node: NodeId) {
        let now = self.now_at(node);
        if let Some(host) = self.running(node) {
            host.node.handle_timeout(now);
            self.settle(node);
        }
    }

    /// As long as they are kept: what was done to the world, in order.
    fn remember(&mut self, step: impl FnOnce() -> Step) {
        if self.script.steps.len() <= limits::WORLD_SCRIPT_STEPS_MAX {
            let at_us = self.now_us();
            self.script.steps.push((at_us, step()));
        }
    }

    /// When the next thing happens by itself; `None` when nothing is to come.
    pub fn next_event_at(&self) -> Option<u64> {
        let wake_us = self.hosts.iter().filter_map(Host::alarm_us).min();
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

    /// The present instant by a node's own clocks.
    pub(super) fn now_at(&self, node: NodeId) -> Now {
        let now = self.schedule.now();
        match self.host(node).map_or(0, |host| host.clock_shift_us) {
            0 => now,
            shift => Now::new(now.mono, Wall::from_us(now.wall.as_us().saturating_add(shift))),
        }
    }

    pub(super) fn host(&self, node: NodeId) -> Option<&Host> {
        self.hosts.get((node.0 as usize).checked_sub(1)?)
    }

    pub(super) fn host_mut(&mut self, node: NodeId) -> Option<&mut Host> {
        self.hosts.get_mut((node.0 as usize).checked_sub(1)?)
    }

    /// A node that has not ended.
    pub(super) fn running(&mut self, node: NodeId) -> Option<&mut Host> {
        self.host_mut(node).filter(|host| host.up)
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
        let mut config = Config {
            observe: self.watched,
            port: PORT,
            bind: vec![id.host()],
            // The world has no outside to be protected from.
            protected_mode: false,
            // To fill it, to slow it down and to look under its lid.
            enable_debug_command: AllowedFor::Local,
            // Nobody else will come along to share the transfer with.
            repl_diskless_sync_delay: 0,
            replicaof: master.map(|master| MasterAddress { host: master.host(), port: PORT }),
            config_file: "redis.conf".into(),
            ..Config::default()
        };
        for (name, value) in &self.script.topology.settings {
            // A setting that can't be is left out, as an input would be.
            let _ = config.apply(&[(name.as_bytes(), value.as_bytes())], true);
        }
        let seed = self.seed.fork(u64::from(id.0)).next_u64();
        self.hosts.push(Host::new(id, config, seed, self.schedule.now()));
        #[cfg(test)]
        self.mark_canary(id);
        if let Some(master) = master {
            self.network.link_between(id, master);
        }
        self.settle(id);
    }

    /// A setting that only tests know.
    #[cfg(test)]
    pub(super) fn mark_canary(&mut self, node: NodeId) {
        let is_canary = self.script.topology.settings.iter().any(|(name, _)| name == "canary");
        if let Some(host) = self.host_mut(node) {
            host.node.set_canary(is_canary);
        }
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
        let Some(node) = self.clients.find(id).map(|client| client.node) else { return false };
        let now = self.now_at(node);
        let Some(host) = self.running(node) else { return false };
        let conn = host.accept_local(Peer::Client(id), now);
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

    fn interrupt_client(&mut self, id: ClientId) {
        let Some(node) = self.clients.find(id).map(|client| client.node) else { return };
        self.hang_up(id);
        self.settle(node);
        if self.connect_client(id) && self.queue_request(id) {
            self.go_on(node);
            self.settle(node);
        }
    }

    /// The terminal closes its connection; its node has to be given a turn.
    pub(super) fn hang_up(&mut self, id: ClientId) {
        let Some(client) = self.clients.find_mut(id) else { return };
        let (node, conn) = (client.node, client.conn);
        client.handle_close();
        let now = self.now_at(node);
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
        if let Some(happening) = self.unless_held(happening) {
            self.carry_out(happening);
        }
    }

    pub(super) fn carry_out(&mut self, happening: Happening) {
        match happening {
            Happening::Arrival { wire, to, packet, cargo } => self.arrive(wire, to, packet, cargo),
            Happening::DialFailed { node, life, dial } if self.is_life(node, life) => {
                self.fail_dial(node, dial);
            }
            Happening::Storage { node, life } if self.is_life(node, life) => self.do_storage(node),
            Happening::DialFailed { .. } | Happening::Storage { .. } => {}
            Happening::GoOn { node } => {
                self.go_on(node);
                self.settle(node);
            }
        }
    }

    /// Whether a node is still in this one of its lives.
    fn is_life(&self, node: NodeId, life: u32) -> bool {
        self.host(node).is_some_and(|host| host.life == life)
    }
}

/// Which of the seed's streams decides by how much packets are late: no node has this number.
const JITTER_STREAM: u64 = 1 << 32;
