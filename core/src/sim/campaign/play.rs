//! Plays a script event by event, and looks at the nodes after each.

use std::collections::BTreeMap;

use super::claim::Claim;
use super::claim::Failure;
use super::look::Look;
use super::replay;
use super::replies;
use super::replies::Asked;
use super::replies::Askers;
use super::replies::Served;
use crate::config::AppendFsync;
use crate::data::Hasher;
use crate::limits;
use crate::node::MasterLinkState;
use crate::sim::action::Input;
use crate::sim::event::What;
use crate::sim::id::ClientId;
use crate::sim::id::NodeId;
use crate::sim::script::Script;
use crate::sim::script::Step;
use crate::sim::world::World;
use crate::time::Now;
use crate::time::Wall;

/// How a script went.
#[derive(Debug)]
pub struct Outcome {
    /// The first claim that did not hold.
    pub failure: Option<Failure>,
    /// Of everything that happened, see [`World::digest`].
    pub digest: String,
    /// How often nodes were looked at.
    pub looks: u64,
}

/// Plays a script until its end, or until one of the claims does not hold. `is_quiet` says whether its
/// end is: then everybody has to agree.
pub fn play(script: &Script, claims: &[Claim], is_quiet: bool) -> Outcome {
    let mut game = Game::new(script, claims);
    let result = game.run(script).and_then(|()| match is_quiet {
        true => game.end(),
        false => Ok(()),
    });
    let at_us = game.world.now_us();
    let failure = result.err().map(|(claim, text)| Failure { claim, at_us, text });
    Outcome { failure, digest: game.world.digest(), looks: game.looks }
}

type Verdict = Result<(), (Claim, String)>;

struct Game<'a> {
    world: World,
    claims: &'a [Claim],
    hasher: Hasher,
    /// Digests of data by history and offset, with the node where they were seen.
    states: BTreeMap<u64, (u64, u32)>,
    /// Deadlines by the numbers of the keys that have them.
    deadlines: BTreeMap<u64, (u64, u32)>,
    nodes: Vec<Watched>,
    askers: Askers,
    looks: u64,
}

/// What is known of a node.
#[derive(Default)]
struct Watched {
    /// Where it stood when it was last looked at: a digest of that.
    stood: u64,
    life: u32,
    is_replica: bool,
    /// The newest entry of each ledger that was ever seen here, by the client's number.
    seen: Vec<u64>,
    /// Entries that this node acknowledged since it last took over another one's data.
    acknowledged: Vec<u64>,
    /// The elements of the queue that it has handed out.
    served: Vec<u64>,
    /// Its disk was full at some time: then it may end itself.
    was_full: bool,
    /// It was stopped by what was done to it.
    told_to_end: bool,
    /// The latest time its wall clock ever showed: what was over then is over.
    latest_ms: i64,
}

impl<'a> Game<'a> {
    fn new(script: &Script, claims: &'a [Claim]) -> Self {
        Self {
            world: World::unwatched(script.seed, &script.topology),
            claims,
            hasher: Hasher::new(1),
            states: BTreeMap::new(),
            deadlines: BTreeMap::new(),
            nodes: Vec::new(),
            askers: Askers::default(),
            looks: 0,
        }
    }

    fn run(&mut self, script: &Script) -> Verdict {
        for (at_us, step) in &script.steps {
            self.run_to(*at_us)?;
            match step {
                Step::Input(input) => self.apply(input)?,
                Step::Step => self.event()?,
            }
        }
        self.run_to(script.end_us)
    }

    /// As [`Script::play`] goes on to its next step.
    fn run_to(&mut self, at_us: u64) -> Verdict {
        if at_us <= self.world.now_us() {
            return Ok(());
        }
        while self.world.next_event_at().is_some_and(|next_us| next_us <= at_us) {
            self.event()?;
        }
        self.world.schedule.advance_to(at_us);
        Ok(())
    }

    fn event(&mut self) -> Verdict {
        self.world.handle_next();
        self.judge()
    }

    fn apply(&mut self, input: &Input) -> Verdict {
        let nodes = &mut self.nodes;
        let mut watch = |node: NodeId, change: fn(&mut Watched)| {
            if let Some(watched) = (node.0 as usize).checked_sub(1).and_then(|at| nodes.get_mut(at))
            {
                change(watched);
            }
        };
        match input {
            Input::OpenClient { node } => self.askers.open(*node),
            Input::Type { client, line } => self.askers.ask(*client, Asked::of(line)),
            Input::Crash { node, .. } => watch(*node, |watched| watched.told_to_end = true),
            Input::Resume { node } => self.askers.level(*node),
            Input::Restart { node } => watch(*node, |watched| watched.told_to_end = false),
            Input::SetDisk { node, .. } => watch(*node, |watched| watched.was_full = true),
            _ => {}
        }
        self.world.apply(input.clone());
        self.judge()
    }

    /// Looks at everything that the latest event touched.
    fn judge(&mut self) -> Verdict {
        self.askers.advance();
        self.nodes.resize_with(self.world.hosts.len(), Watched::default);
        let turned = std::mem::take(&mut self.world.turned);
        for at in (0..self.nodes.len()).filter(|at| turned >> at & 1 == 1) {
            self.look_at(at)?;
        }
        self.read_replies()
    }

    fn claims(&self, claim: Claim) -> bool {
        self.claims.contains(&claim)
    }

    fn demand(&self, holds: bool, claim: Claim, text: impl FnOnce() -> String) -> Verdict {
        match holds || !self.claims(claim) {
            true => Ok(()),
            false => Err((claim, text())),
        }
    }

    fn look_at(&mut self, at: usize) -> Verdict {
        let (Some(host), Some(watched)) = (self.world.hosts.get(at), self.nodes.get_mut(at)) else {
            return Ok(());
        };
        let number = at + 1;
        watched.latest_ms = watched.latest_ms.max(self.world.now_at(host.id).wall_ms());
        if !host.up {
            let is_allowed = watched.told_to_end || watched.was_full;
            return self.demand(is_allowed, Claim::NodesStayUp, || {
                format!("node {number} ended by itself")
            });
        }
        if host.node.is_loading() {
            return Ok(());
        }
        let (id, offset, is_open) = host.node.stream();
        let began = host.life != watched.life;
        let is_replica = host.node.is_replica();
        let place = self.hasher.hash(id.as_bytes()) ^ offset.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if is_open && place == watched.stood && !began && is_replica == watched.is_replica {
            return Ok(());
        }
        self.looks += 1;
        watched.stood = place;
        let look = Look::at(host.node.entries(), &self.hasher, None);
        if began {
            watched.life = host.life;
            watched.served.clear();
            self.survived(at, &look)?;
        }
        self.compare(at, is_open.then_some(place), &look)?;
        self.change_role(at, is_replica);
        Ok(())
    }

    /// A node has started with what a crash left.
    fn survived(&mut self, at: usize, look: &Look) -> Verdict {
        let (Some(host), Some(watched)) = (self.world.hosts.get(at), self.nodes.get(at)) else {
            return Ok(());
        };
        let keeps = host.config.appendonly && host.config.appendfsync == AppendFsync::Always;
        for (client, entry) in watched.acknowledged.iter().enumerate().filter(|_| keeps) {
            let held = ledger(look, client);
            self.demand(held >= *entry, Claim::AlwaysSurvives, || {
                format!("node {} has lost entry {entry} of ledger:{client}: {held}", at + 1)
            })?;
        }
        Ok(())
    }

    fn compare(&mut self, at: usize, place: Option<u64>, look: &Look) -> Verdict {
        let number = at as u32 + 1;
        if let Some(place) = place {
            let (digest, seen_at) = *self.states.entry(place).or_insert((look.digest, number));
            self.demand(digest == look.digest, Claim::SameOffsetSameData, || {
                format!("nodes {seen_at} and {number} differ at the same offset")
            })?;
        }
        let [a, b] = look.pair;
        self.demand(a == b, Claim::TransactionsAreWhole, || {
            format!("node {number} holds half a transaction: {a} and {b}")
        })?;
        for (key, deadline) in look.deadlines.iter().copied() {
            let deadline = deadline.map_or(0, i64::cast_unsigned);
            let (known, seen_at) = *self.deadlines.entry(key).or_insert((deadline, number));
            self.demand(known == deadline, Claim::DeadlinesStay, || {
                format!("once:{key} ends at {known} on node {seen_at} and {deadline} on {number}")
            })?;
        }
        if let Some(watched) = self.nodes.get_mut(at) {
            for (client, entry) in look.ledgers.iter().copied() {
                note(&mut watched.seen, client, entry);
            }
        }
        let backlog = self.world.hosts.get(at).and_then(|host| host.node.view().backlog);
        let bounded = backlog
            .is_none_or(|(_, len, size)| len <= size as u64 + limits::STREAM_BLOCK_BYTES as u64);
        self.demand(bounded, Claim::QueuesAreBounded, || {
            format!("the backlog of node {number} is longer than it may be")
        })
    }

    /// Who becomes a replica is about to take over another node's data: what it promised is void.
    fn change_role(&mut self, at: usize, is_replica: bool) {
        let Some(watched) = self.nodes.get_mut(at) else { return };
        let changed = watched.is_replica != is_replica;
        watched.is_replica = is_replica;
        if is_replica {
            watched.acknowledged.clear();
            watched.served.clear();
        }
        if changed {
            let of_node = self.askers.all.iter_mut().filter(|asker| asker.node == at);
            of_node.for_each(|asker| asker.acknowledged = None);
        }
    }

    fn read_replies(&mut self) -> Verdict {
        let mut served = Vec::new();
        let mut at = 0;
        while let Some(event) = self.world.poll_event() {
            match event.what {
                What::Reply { client, text, is_error, .. } => {
                    let asker = self.askers.find_mut(client);
                    let (node, turn) = asker.map_or((0, 0), |asker| (asker.node, asker.turn));
                    let asked = self.askers.answer(client);
                    if let (Some(Asked::Pop), Some(element)) = (asked, replies::element(&text)) {
                        at = node;
                        served.push(Served { element, client: client.0 as usize, turn });
                    }
                    self.answered(client, asked, &text, is_error)?;
                }
                What::Disconnected { client, .. } => self.askers.forget(client),
                _ => {}
            }
        }
        let Some(watched) = self.nodes.get_mut(at).filter(|_| !served.is_empty()) else {
            return Ok(());
        };
        let fair = self.askers.judge(at, &mut watched.served, &served);
        if self.claims(Claim::QueueIsFair) { fair } else { Ok(()) }
    }

    fn answered(
        &mut self,
        client: ClientId,
        asked: Option<Asked>,
        text: &str,
        is_error: bool,
    ) -> Verdict {
        let Some(asked) = asked else { return Ok(()) };
        let Some(asker) = self.askers.find_mut(client) else { return Ok(()) };
        let node = asker.node;
        match asked {
            Asked::Ledger(entry) if !is_error => {
                // Before the first replica came there was no stream to wait for, as in Redis.
                let host = self.world.hosts.get(node);
                let is_open = host.is_some_and(|host| host.node.stream().2);
                // As in Redis, a log that only begins promises nothing yet; a full disk may put that off.
                let is_logged = host.is_some_and(|host| host.node.is_logging());
                asker.acknowledged = is_open.then_some(entry);
                asker.ever = entry;
                let watched = self.nodes.get_mut(node);
                if let Some(watched) = watched.filter(|it| is_logged && !it.is_replica) {
                    note(&mut watched.acknowledged, client.0 as usize, entry);
                }
                Ok(())
            }
            Asked::Ledger(_) => {
                asker.acknowledged = None;
                Ok(())
            }
            Asked::Wait => match (asker.acknowledged, replies::count(text)) {
                (Some(entry), Some(count)) => self.waited(node, client, entry, count),
                _ => Ok(()),
            },
            Asked::Pop | Asked::Push(_) | Asked::Other => Ok(()),
        }
    }

    fn waited(&self, node: usize, client: ClientId, entry: u64, count: usize) -> Verdict {
        let has = |watched: &Watched| {
            watched.seen.get(client.0 as usize).is_some_and(|seen| *seen >= entry)
        };
        let others = self.nodes.iter().enumerate().filter(|(at, _)| *at != node);
        let holders = others.filter(|(_, watched)| has(watched)).count();
        self.demand(holders >= count, Claim::WaitIsHeld, || {
            format!("WAIT counted {count} replicas with entry {entry}, and {holders} had it")
        })
    }

    /// All is quiet: everybody has to agree.
    fn end(&mut self) -> Verdict {
        // The heartbeat never rests: look when it is not on its way.
        for _ in 0..LAST_EVENTS_MAX {
            if self.world.recorder.packets.in_flight().next().is_none() {
                break;
            }
            self.event()?;
        }
        self.agreed()?;
        for (at, asker) in self.askers.all.iter().enumerate() {
            self.demand(asker.asked.is_empty(), Claim::AllAgreeInTheEnd, || {
                format!("client {} still waits for {:?}", at + 1, asker.asked.front())
            })?;
        }
        (0..self.world.hosts.len()).try_for_each(|at| self.log_makes_data(at))
    }

    fn agreed(&mut self) -> Verdict {
        let looks = self.world.hosts.iter().map(|host| {
            let look = Look::at(host.node.entries(), &self.hasher, None);
            (host.node.view(), look, host.up)
        });
        let all: Vec<_> = looks.collect();
        let Some((master, first, _)) = all.first() else { return Ok(()) };
        for (at, (view, look, up)) in all.iter().enumerate() {
            let number = at + 1;
            let connected = at == 0 || view.master_link == Some(MasterLinkState::Connected);
            self.demand(*up && connected, Claim::AllAgreeInTheEnd, || {
                format!("node {number} is not connected in the end: {:?}", view.master_link)
            })?;
            let same = (view.id, view.offset) == (master.id, master.offset);
            self.demand(same, Claim::AllAgreeInTheEnd, || {
                format!("node {number} is at {}, node 1 at {}", view.offset, master.offset)
            })?;
            self.demand(look.digest == first.digest, Claim::AllAgreeInTheEnd, || {
                format!("nodes 1 and {number} hold different data in the end")
            })?;
        }
        for (at, asker) in self.askers.all.iter().enumerate() {
            let held = ledger(first, at + 1);
            self.demand(held >= asker.ever, Claim::AcknowledgedIsKept, || {
                let entry = asker.ever;
                format!("entry {entry} of ledger:{} was acknowledged and is lost: {held}", at + 1)
            })?;
        }
        Ok(())
    }

    fn log_makes_data(&self, at: usize) -> Verdict {
        let (Some(host), Some(watched)) = (self.world.hosts.get(at), self.nodes.get(at)) else {
            return Ok(());
        };
        // After a full synchronisation the log is made anew; with a full disk that is put off.
        if !host.config.appendonly || !host.asked.is_empty() || watched.was_full {
            return Ok(());
        }
        let now = Now::new(self.world.now_at(host.id).mono, Wall::from_ms(watched.latest_ms));
        let held = Look::at(host.node.entries(), &self.hasher, Some(now.wall_ms()));
        let made = replay::replayed(host.disk.clone(), &host.config, &self.hasher, now);
        let same = made.as_ref().is_some_and(|made| made.digest == held.digest);
        self.demand(same, Claim::LogMakesData, || {
            let made = if made.is_some() { "other data" } else { "nothing that starts" };
            format!("the append-only file of node {} makes {made}", at + 1)
        })
    }
}

fn ledger(look: &Look, client: usize) -> u64 {
    let own = look.ledgers.iter().filter(|(of, _)| *of == client);
    own.map(|(_, entry)| *entry).max().unwrap_or(0)
}

fn note(entries: &mut Vec<u64>, client: usize, entry: u64) {
    if entries.len() <= client {
        entries.resize(client + 1, 0);
    }
    if let Some(known) = entries.get_mut(client) {
        *known = entry.max(*known);
    }
}

/// Far more events than a moment without packets takes to come.
const LAST_EVENTS_MAX: usize = 10_000;
