//! What is done to the world of one seed: commands and faults, then quiet.

use super::words::Words;
use crate::rng::Rng;
use crate::sim::action::Cut;
use crate::sim::action::Input;
use crate::sim::action::Unsynced;
use crate::sim::id::ClientId;
use crate::sim::id::LinkId;
use crate::sim::id::NodeId;
use crate::sim::script::Script;
use crate::sim::script::Step;
use crate::sim::world::Shape;
use crate::sim::world::Topology;

/// One seed's world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub nodes: u32,
    /// Lines that are typed, at least.
    pub commands: usize,
}

/// Clients of each node, by what they do.
#[derive(Clone, Copy)]
enum Role {
    /// Types whatever the table allows.
    Anything,
    Ledger,
    Pair,
    /// Waits at the queue.
    Pop(u32),
}

impl Plan {
    /// The script, and which of its steps is the first of the quiet that ends it.
    pub fn script(self) -> (Script, usize) {
        let mut rng = Rng::new(self.seed).fork(PLAN_STREAM);
        let topology = topology(&mut rng, self.nodes);
        let flushes = rng.below(4) == 0;
        let mut draft = Draft {
            nodes: self.nodes,
            at_us: START_US,
            masters: vec![1],
            number: 0,
            words: Words::new(flushes),
            flushes,
            steps: Vec::new(),
            typed: 0,
            rng,
        };
        draft.open();
        let mut next_fault_us = draft.at_us + draft.rng.below(2 * FAULT_GAP_US);
        while draft.typed < self.commands {
            draft.at_us += draft.rng.below(2 * COMMAND_GAP_US);
            draft.command();
            if draft.at_us >= next_fault_us {
                draft.fault();
                next_fault_us += draft.rng.below(2 * FAULT_GAP_US);
            }
        }
        draft.steps.sort_by_key(|(at_us, _)| *at_us);
        let quiet_from = draft.steps.len();
        draft.at_us = draft.steps.last().map_or(0, |(at_us, _)| *at_us) + 1;
        draft.quiet();
        let end_us = draft.at_us + QUIET_US;
        (Script { seed: self.seed, topology, steps: draft.steps, end_us }, quiet_from)
    }
}

fn topology(rng: &mut Rng, nodes: u32) -> Topology {
    let mut settings = Vec::new();
    let mut set = |name: &str, value: &str| settings.push((name.to_owned(), value.to_owned()));
    set("repl-timeout", choose(rng, &["3", "5", "8"]));
    set("repl-ping-replica-period", "1");
    set("repl-backlog-size", choose(rng, &["16kb", "16kb", "64kb", "1mb"]));
    set("repl-diskless-sync", choose(rng, &["yes", "no"]));
    set("repl-diskless-load", choose(rng, &["disabled", "on-empty-db", "swapdb"]));
    let policy = choose(rng, &["", "no", "everysec", "always", "always"]);
    if !policy.is_empty() {
        set("appendonly", "yes");
        set("appendfsync", policy);
        set("aof-use-rdb-preamble", choose(rng, &["yes", "no"]));
        set("auto-aof-rewrite-min-size", "16kb");
    }
    set("save", choose(rng, &["", "5 10", "3600 1"]));
    if rng.below(2) == 0 {
        set("hash-max-listpack-entries", "3");
        set("zset-max-listpack-entries", "3");
        set("set-max-intset-entries", "3");
        set("list-max-listpack-size", "4");
        set("stream-node-max-entries", "3");
    }
    Topology {
        replicas: nodes.saturating_sub(1),
        shape: if rng.below(3) == 0 { Shape::Chain } else { Shape::Star },
        latency_us: [0, 200, 1_000, 10_000, 60_000][index(rng, 5)],
        chunk_bytes: [None, None, None, Some(64), Some(11)][index(rng, 5)],
        settings,
    }
}

/// A script being made.
struct Draft {
    nodes: u32,
    at_us: u64,
    /// Who takes writes, as far as operators go.
    masters: Vec<u32>,
    /// The next of all numbers that rise.
    number: u64,
    words: Words,
    /// Whether databases are emptied: then nobody keeps a ledger.
    flushes: bool,
    steps: Vec<(u64, Step)>,
    typed: usize,
    rng: Rng,
}

impl Draft {
    fn open(&mut self) {
        for node in (1..=self.nodes).map(NodeId) {
            for _ in 0..CLIENTS_PER_NODE {
                self.steps.push((0, Step::Input(Input::OpenClient { node })));
            }
        }
    }

    fn command(&mut self) {
        let node = self.writer();
        self.number += 1;
        let number = self.number;
        match self.rng.below(100) {
            0..45 => {
                let line = self.words.line(&mut self.rng);
                self.say(node, Role::Anything, line);
            }
            45..55 => self.say(node, Role::Anything, format!("RPUSH queue {number}")),
            55..70 if !self.flushes => {
                let ledger = client(node, Role::Ledger).0;
                self.say(node, Role::Ledger, format!("SET ledger:{ledger} {number}"));
                if self.rng.below(5) < 2 {
                    let (replicas, ms) = (self.rng.below(3), 1 + self.rng.below(300));
                    self.say(node, Role::Ledger, format!("WAIT {replicas} {ms}"));
                }
            }
            70..78 => {
                for line in ["MULTI", "INCR pair:a", "INCR pair:b", "EXEC"] {
                    self.say(node, Role::Pair, line.into());
                }
            }
            78..88 => {
                let (which, s) = (self.rng.below(2) as u32, choose(&mut self.rng, &["0.2", "1"]));
                self.say(node, Role::Pop(which), format!("BLPOP queue {s}"));
            }
            88..96 => {
                let ms = 1 + self.rng.below(20_000);
                self.say(node, Role::Anything, format!("SET once:{number} v PX {ms}"));
            }
            55..70 => {
                let line = self.words.line(&mut self.rng);
                self.say(node, Role::Ledger, line);
            }
            _ => {
                let line = choose(
                    &mut self.rng,
                    &[
                        "BGSAVE",
                        "BGREWRITEAOF",
                        "CLIENT KILL TYPE replica",
                        "CLIENT KILL TYPE master",
                        "CLIENT PAUSE 100 WRITE",
                        "FAILOVER TIMEOUT 500",
                        "MEMORY PURGE",
                        "INFO",
                    ],
                );
                self.say(node, Role::Anything, line.into());
            }
        }
    }

    /// A node that takes writes, most of the time.
    fn writer(&mut self) -> u32 {
        let chosen = index(&mut self.rng, self.masters.len());
        match self.masters.get(chosen) {
            Some(node) if self.rng.below(10) > 0 => *node,
            _ => self.node().0,
        }
    }

    fn node(&mut self) -> NodeId {
        NodeId(1 + self.rng.below(self.nodes.into()) as u32)
    }

    fn say(&mut self, node: u32, role: Role, line: String) {
        self.typed += 1;
        self.push(0, Input::Type { client: client(node, role), line });
    }

    fn push(&mut self, later_us: u64, input: Input) {
        self.steps.push((self.at_us + later_us, Step::Input(input)));
    }

    /// Something happens, and ends after a while.
    fn fault(&mut self) {
        let magnitude = 13 + self.rng.below(10);
        let lasts_us = self.rng.below(1 << magnitude);
        let node = self.node();
        let link = LinkId(1 + self.rng.below(u64::from(self.nodes) + 1) as u32);
        match self.rng.below(24) {
            0..4 => {
                let way = [Cut::Both, Cut::To, Cut::From][index(&mut self.rng, 3)];
                self.push(0, Input::CutLink { link, way });
                self.push(lasts_us, Input::HealLink { link });
            }
            4..7 => {
                self.push(0, Input::StallLink { link });
                self.push(lasts_us, Input::HealLink { link });
            }
            7..10 => self.push(0, Input::ResetLink { link }),
            10..12 => {
                let latency_us = self.rng.below(100_000);
                let jitter_us = self.rng.below(30_000);
                self.push(0, Input::SetLatency { link, latency_us, jitter_us });
                self.push(lasts_us, Input::SetLatency { link, latency_us: 1000, jitter_us: 0 });
            }
            12..15 => {
                let disk = [Unsynced::Kept, Unsynced::Lost, Unsynced::Torn];
                let disk = disk[index(&mut self.rng, 3)];
                self.push(0, Input::Crash { node, disk });
                self.push(lasts_us, Input::Restart { node });
            }
            15..17 => {
                self.push(0, Input::Pause { node });
                self.push(lasts_us, Input::Resume { node });
            }
            17..19 => {
                let by_ms = self.rng.below(7_200_000).cast_signed() - 3_600_000;
                self.push(0, Input::ShiftClock { node, by_ms });
            }
            19 => {
                self.push(0, Input::SetDisk { node, full: true });
                self.push(lasts_us, Input::SetDisk { node, full: false });
                self.push(lasts_us, Input::Restart { node });
            }
            _ => self.operate(node),
        }
    }

    /// An operator changes who follows whom; mostly the rest follows soon.
    fn operate(&mut self, node: NodeId) {
        if self.rng.below(3) == 0 {
            let to = self.node();
            if to != node {
                self.masters.retain(|master| *master != node.0);
                self.push(0, Input::Attach { node, to });
            }
            return;
        }
        self.push(0, Input::Promote { node });
        let follow = self.rng.below(4) > 0;
        for other in (1..=self.nodes).map(NodeId).filter(|other| *other != node) {
            if follow {
                let later_us = self.rng.below(500_000);
                self.push(later_us, Input::Attach { node: other, to: node });
                self.masters.retain(|master| *master != other.0);
            }
        }
        if !self.masters.contains(&node.0) {
            self.masters.push(node.0);
        }
    }

    /// All faults end, and the first node becomes everybody's master.
    fn quiet(&mut self) {
        let nodes: Vec<NodeId> = (1..=self.nodes).map(NodeId).collect();
        for node in nodes.iter().copied() {
            self.push(0, Input::Resume { node });
            self.push(0, Input::SetDisk { node, full: false });
            self.push(0, Input::Restart { node });
        }
        // As many as there can be.
        for link in (1..=self.nodes * (self.nodes - 1) / 2).map(LinkId) {
            self.push(0, Input::HealLink { link });
            self.push(0, Input::SetLatency { link, latency_us: 1000, jitter_us: 0 });
        }
        // A node that is loading refuses its operator, so that one comes again.
        for later_us in [0, 3_000_000, 9_000_000] {
            self.push(later_us, Input::Promote { node: NodeId(1) });
            for node in nodes.iter().copied().skip(1) {
                self.push(later_us, Input::Attach { node, to: NodeId(1) });
            }
        }
    }
}

fn client(node: u32, role: Role) -> ClientId {
    let place = match role {
        Role::Anything => 1,
        Role::Ledger => 2,
        Role::Pair => 3,
        Role::Pop(which) => 4 + which,
    };
    ClientId((node - 1) * CLIENTS_PER_NODE + place)
}

fn choose(rng: &mut Rng, words: &[&'static str]) -> &'static str {
    words.get(index(rng, words.len())).copied().unwrap_or_default()
}

fn index(rng: &mut Rng, len: usize) -> usize {
    rng.below(len as u64) as usize
}

const CLIENTS_PER_NODE: u32 = 5;

/// Which of the seed's streams plans are made of.
const PLAN_STREAM: u64 = 1 << 34;

const START_US: u64 = 100_000;
const COMMAND_GAP_US: u64 = 12_000;
const FAULT_GAP_US: u64 = 500_000;

/// Long enough for every timeout to pass, more than once.
const QUIET_US: u64 = 60_000_000;
