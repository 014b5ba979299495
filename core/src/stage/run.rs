//! Runs one stage without doing I/O: says what the driver must do next and judges what comes back.
//!
//! A driver asks [`Run::poll_action`], does that one thing, and answers with one of the `handle_*`
//! methods; bytes and closed connections may be reported at any time. Time comes from the driver as
//! milliseconds since any origin, so the simulated world can drive a run on its virtual clock.
//!
//! Invariant: the first failure ends the run; after it the only action is [`Action::Finish`].

use std::collections::BTreeMap;
use std::collections::VecDeque;

use super::action::Action;
use super::action::Launch;
use super::action::Place;
use super::action::Sight;
use super::disk;
use super::fixture;
use super::fixture::Pair;
use super::frame;
use super::goal::Goal;
use super::goal::Judged;
use super::link::Link;
use super::names::Names;
use super::pattern::Examined;
use super::pattern::Mismatch;
use super::report::Direction;
use super::report::Exchange;
use super::report::Failure;
use super::report::Report;
use super::spec::Contents;
use super::spec::Entry;
use super::spec::OnDisk;
use super::spec::Peer;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Topology;

/// A stage on its way.
#[derive(Debug)]
pub struct Run {
    stage: &'static Stage,
    place: Place,
    names: Names,
    steps: Vec<&'static Step>,
    /// Steps taken so far, the one under way included.
    taken: usize,
    /// What is left of the step under way.
    tasks: VecDeque<Task>,
    links: BTreeMap<Peer, Link>,
    exchanges: Vec<Exchange>,
    failure: Option<Failure>,
    patience_ms: u64,
}

/// A part of a step.
#[derive(Clone, Debug)]
enum Task {
    Act(Action),
    Pause { ms: u64, until_ms: Option<u64> },
    Read { peer: Peer, goal: Goal, ms: u64, until_ms: Option<u64> },
    Look { name: String, wanted: OnDisk, until_ms: u64, seen: Option<Sight> },
}

/// What went wrong on a connection: see [`Failure`].
struct Wrong {
    problem: String,
    expected: String,
    received: Vec<u8>,
    at: usize,
}

/// What a look at the inbox found.
enum Found {
    /// The read has what it waited for.
    Goal,
    /// Nothing yet.
    Pending,
    /// The polled reply was not the wanted one.
    Again,
}

impl Run {
    /// A run of `stage` against the target at `place`; `seed` chooses the words it uses.
    pub fn new(stage: &'static Stage, place: Place, seed: u64) -> Self {
        let mut names = Names::new(seed);
        names.bind("dir", &place.dir);
        names.bind("port", &place.port.to_string());
        names.bind("master_port", &place.master_port.to_string());
        let mut steps = Vec::new();
        flatten(stage.steps, &mut steps);
        let mut run = Self {
            stage,
            place,
            names,
            steps,
            taken: 0,
            tasks: VecDeque::new(),
            links: BTreeMap::new(),
            exchanges: Vec::new(),
            failure: None,
            patience_ms: PATIENCE_MS,
        };
        let launch = run.launch();
        run.tasks.push_back(Task::Act(Action::Start(launch)));
        run
    }

    /// Waits this long for a message or a connection, in milliseconds, instead of [`PATIENCE_MS`].
    pub fn with_patience_ms(mut self, patience_ms: u64) -> Self {
        self.patience_ms = patience_ms;
        self
    }

    pub fn stage(&self) -> &'static Stage {
        self.stage
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The number of the step under way, from 1; 0 before the first. Nested steps count one by one.
    pub fn step(&self) -> usize {
        self.taken
    }

    /// What to do now. Bounded by the steps of the stage; ask again after answering.
    pub fn poll_action(&mut self, now_ms: u64) -> Action {
        loop {
            if self.failure.is_some() {
                return Action::Finish;
            }
            let Some(task) = self.tasks.pop_front() else {
                match self.steps.get(self.taken) {
                    None => return Action::Finish,
                    Some(step) => self.begin(step, now_ms),
                }
                continue;
            };
            if let Some(action) = self.pursue(task, now_ms) {
                return action;
            }
        }
    }

    /// The action is done.
    pub fn handle_done(&mut self) {
        if let Some(Task::Act(action)) = self.tasks.front() {
            let action = action.clone();
            self.tasks.pop_front();
            self.note_done(action);
        }
    }

    /// The action could not be done.
    pub fn handle_failed(&mut self, problem: &str) {
        let expected = match self.tasks.front() {
            Some(Task::Act(Action::Start(_))) => "the target starts",
            Some(Task::Act(Action::Open { .. })) => "the target accepts a connection",
            Some(Task::Act(Action::Accept { .. })) => "the target connects to its master",
            _ => "the connection stays open",
        };
        let (problem, expected) = (problem.to_owned(), expected.to_owned());
        self.fail(None, Wrong { problem, expected, received: Vec::new(), at: 0 });
    }

    /// Bytes have arrived.
    pub fn handle_bytes(&mut self, peer: Peer, bytes: &[u8]) {
        self.links.entry(peer).or_default().handle_bytes(bytes);
    }

    /// The target has closed the connection.
    pub fn handle_closed(&mut self, peer: Peer) {
        self.links.entry(peer).or_default().handle_closed();
    }

    /// This was seen.
    pub fn handle_sight(&mut self, sight: Sight) {
        if let Some(Task::Look { seen, .. }) = self.tasks.front_mut() {
            *seen = Some(sight);
        }
    }

    /// The time of the action is over.
    pub fn handle_timeout(&mut self) {
        match self.tasks.pop_front() {
            Some(Task::Read { peer, goal, ms, .. }) => self.expire(peer, goal, ms),
            Some(task @ (Task::Act(_) | Task::Look { .. })) => self.tasks.push_front(task),
            Some(Task::Pause { .. }) | None => {}
        }
    }

    /// What has come of it so far.
    pub fn report(&self) -> Report {
        let complete = self.tasks.is_empty() && self.failure.is_none();
        let held = if complete { self.taken } else { self.taken.saturating_sub(1) };
        let places = self.steps.iter().enumerate().filter_map(|(at, step)| match step {
            Step::Claim(text) => Some((at, *text)),
            _ => None,
        });
        let places: Vec<(usize, &'static str)> = places.collect();
        let ends = places.iter().skip(1).map(|(at, _)| *at).chain([self.steps.len()]);
        let claims = places.iter().zip(ends).map(|((_, text), end)| (*text, end <= held)).collect();
        Report { claims, failure: self.failure.clone(), exchanges: self.exchanges.clone() }
    }

    fn launch(&mut self) -> Launch {
        let setup = &self.stage.setup;
        let args = setup.flags.iter().map(|flag| self.names.resolve(flag, 0)).collect();
        let files = setup.files.iter().map(|file| {
            let name = self.names.resolve(file.name, 0);
            (name, contents_of(&file.contents, &mut self.names))
        });
        let files = files.collect();
        Launch { args, files, listen: setup.topology == Topology::ReplicaOfChecker }
    }

    /// Turns the next step into tasks.
    fn begin(&mut self, step: &'static Step, now_ms: u64) {
        self.taken += 1;
        let until_ms = now_ms.saturating_add(self.patience_ms);
        match step {
            Step::Claim(_) | Step::Do(_) => {}
            Step::Open(peer) => self.act(Action::Open { peer: *peer, until_ms }),
            Step::Accept(peer) => self.act(Action::Accept { peer: *peer, until_ms }),
            Step::Close(peer) => self.act(Action::Close(*peer)),
            Step::Send(peer, words) => self.send(*peer, words),
            Step::SendRaw(peer, text) => {
                let bytes = self.resolve(*peer, text).into_bytes();
                self.act(Action::Send(*peer, bytes));
            }
            Step::SendRdb(peer, entries) => {
                let file = rdb_of(entries, &mut self.names);
                let bytes = [format!("${}\r\n", file.len()).into_bytes(), file].concat();
                self.act(Action::Send(*peer, bytes));
            }
            Step::Expect(peer, pattern) => self.read(*peer, Goal::Match(pattern), self.patience_ms),
            Step::Ask(peer, words, pattern) => {
                self.send(*peer, words);
                self.read(*peer, Goal::Match(pattern), self.patience_ms);
            }
            Step::Await(peer, skip, wanted) => {
                self.read(*peer, Goal::Past { skip, wanted }, self.patience_ms)
            }
            Step::Poll(peer, request, wanted) => {
                self.send(*peer, request);
                self.read(*peer, Goal::Poll { request, wanted }, self.patience_ms);
            }
            Step::ExpectRdb(peer, snapshot) => {
                self.read(*peer, Goal::Rdb(*snapshot), self.patience_ms)
            }
            Step::Silence(peer, ms, except) => {
                self.read(*peer, Goal::Silence { except }, u64::from(*ms))
            }
            Step::ExpectFile(name, wanted) => {
                let name = self.names.resolve(name, 0);
                self.tasks.push_back(Task::Look { name, wanted: *wanted, until_ms, seen: None });
            }
            Step::ExpectClosed(peer) => self.read(*peer, Goal::Closed, self.patience_ms),
            Step::Wait(ms) => {
                self.tasks.push_back(Task::Pause { ms: u64::from(*ms), until_ms: None })
            }
            Step::Stream(peer, offset) => {
                let offset = self.resolve(*peer, offset).parse().unwrap_or(0);
                self.links.entry(*peer).or_default().begin_stream(offset);
            }
        }
    }

    fn act(&mut self, action: Action) {
        self.tasks.push_back(Task::Act(action));
    }

    fn send(&mut self, peer: Peer, words: &[&str]) {
        let mut bytes = format!("*{}\r\n", words.len());
        for word in words {
            let word = self.resolve(peer, word);
            bytes.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        self.act(Action::Send(peer, bytes.into_bytes()));
    }

    fn read(&mut self, peer: Peer, goal: Goal, ms: u64) {
        self.tasks.push_back(Task::Read { peer, goal, ms, until_ms: None });
    }

    fn resolve(&mut self, peer: Peer, text: &str) -> String {
        let offset = self.links.get(&peer).map_or(0, Link::offset);
        self.names.resolve(text, offset)
    }

    /// Takes a task as far as it goes; an action is returned when the driver has to move.
    fn pursue(&mut self, task: Task, now_ms: u64) -> Option<Action> {
        match task {
            Task::Act(action) => {
                self.tasks.push_front(Task::Act(action.clone()));
                Some(action)
            }
            Task::Pause { ms, until_ms } => {
                let until_ms = until_ms.unwrap_or(now_ms.saturating_add(ms));
                self.tasks.push_front(Task::Pause { ms, until_ms: Some(until_ms) });
                Some(Action::Sleep { until_ms })
            }
            Task::Look { name, wanted, until_ms, seen: Some(sight) } => {
                self.judge_sight(name, wanted, &sight, (now_ms, until_ms));
                None
            }
            Task::Look { ref name, .. } => {
                let name = name.clone();
                self.tasks.push_front(task);
                Some(Action::Look { name })
            }
            Task::Read { peer, goal, ms, until_ms } => {
                let until_ms = until_ms.unwrap_or(now_ms.saturating_add(ms));
                self.pursue_read(peer, goal, ms, until_ms)
            }
        }
    }

    fn pursue_read(&mut self, peer: Peer, goal: Goal, ms: u64, until_ms: u64) -> Option<Action> {
        match self.look(peer, goal) {
            Ok(Found::Goal) => {}
            Ok(Found::Again) => self.ask_again(peer, goal, ms, until_ms),
            Ok(Found::Pending) => {
                let again = Task::Read { peer, goal, ms, until_ms: Some(until_ms) };
                self.tasks.push_front(again);
                return Some(Action::Receive { peer, until_ms });
            }
            Err(wrong) => self.fail(Some(peer), wrong),
        }
        None
    }

    /// Goes on if it is what is wanted, else looks again for as long as there is time.
    fn judge_sight(&mut self, name: String, wanted: OnDisk, sight: &Sight, time_ms: (u64, u64)) {
        let received = disk::bytes_of(sight);
        if disk::is_as_wanted(sight, wanted, &mut self.names) {
            return self.note(Peer::Disk, Direction::FromTarget, received);
        }
        let (now_ms, until_ms) = time_ms;
        if now_ms < until_ms {
            self.tasks.push_back(Task::Pause { ms: POLL_MS, until_ms: None });
            return self.tasks.push_back(Task::Look { name, wanted, until_ms, seen: None });
        }
        let expected = disk::describe(&name, wanted, &mut self.names);
        let problem = "it did not come to be so in time".to_owned();
        self.fail(Some(Peer::Disk), Wrong { problem, expected, received, at: 0 });
    }

    fn ask_again(&mut self, peer: Peer, goal: Goal, ms: u64, until_ms: u64) {
        self.tasks.push_back(Task::Pause { ms: POLL_MS, until_ms: None });
        if let Goal::Poll { request, .. } = goal {
            self.send(peer, request);
        }
        self.tasks.push_back(Task::Read { peer, goal, ms, until_ms: Some(until_ms) });
    }

    /// Examines what has arrived until the goal is met, missed, or more is needed.
    fn look(&mut self, peer: Peer, goal: Goal) -> Result<Found, Wrong> {
        let split = if matches!(goal, Goal::Rdb(_)) { frame::payload } else { frame::message };
        loop {
            let link = self.links.entry(peer).or_default();
            let frame = match link.peek(split) {
                Ok(Some(frame)) => frame,
                Ok(None) if link.is_closed() => return self.at_end(peer, goal),
                Ok(None) => return Ok(Found::Pending),
                Err(malformed) => {
                    let problem = "these bytes are no RESP message".to_owned();
                    let expected = malformed.expected.to_owned();
                    let received = link.inbox().to_vec();
                    return Err(Wrong { problem, expected, received, at: malformed.at });
                }
            };
            let bytes = link.take(&frame);
            if peer != Peer::Master {
                link.count(bytes.len());
            }
            let offset = link.offset();
            self.note(peer, Direction::FromTarget, bytes.clone());
            let examined = Examined { bytes: &bytes, names: &mut self.names, offset };
            match goal.judge(examined, &frame) {
                Judged::Met => return Ok(Found::Goal),
                Judged::Skipped => {}
                Judged::Again => return Ok(Found::Again),
                Judged::Missed(Mismatch { at, expected }) => {
                    let problem = "another message came".to_owned();
                    return Err(Wrong { problem, expected, received: bytes, at });
                }
            }
        }
    }

    /// The target has closed the connection, and what it sent last is no whole message.
    fn at_end(&mut self, peer: Peer, goal: Goal) -> Result<Found, Wrong> {
        let received = self.received(peer);
        if matches!(goal, Goal::Closed) && received.is_empty() {
            return Ok(Found::Goal);
        }
        let expected = goal.describe(&mut |text| self.resolve(peer, text));
        let problem = "the target closed the connection".to_owned();
        let at = received.len();
        Err(Wrong { problem, expected, received, at })
    }

    /// The time of a read is over.
    fn expire(&mut self, peer: Peer, goal: Goal, ms: u64) {
        let received = self.received(peer);
        let at = received.len();
        let problem = match goal {
            Goal::Silence { .. } if at == 0 => return,
            Goal::Poll { .. } => format!("the wanted reply did not come within {ms} ms"),
            _ if at > 0 => format!("only a part of it came within {ms} ms"),
            _ => format!("nothing came within {ms} ms"),
        };
        let expected = goal.describe(&mut |text| self.resolve(peer, text));
        self.fail(Some(peer), Wrong { problem, expected, received, at });
    }

    /// What has arrived and was no whole message.
    fn received(&self, peer: Peer) -> Vec<u8> {
        self.links.get(&peer).map(|link| link.inbox().to_vec()).unwrap_or_default()
    }

    fn note_done(&mut self, action: Action) {
        if let Action::Send(peer, bytes) = action {
            if peer == Peer::Master {
                self.links.entry(peer).or_default().count(bytes.len());
            }
            self.note(peer, Direction::ToTarget, bytes);
        }
    }

    fn note(&mut self, peer: Peer, direction: Direction, bytes: Vec<u8>) {
        self.exchanges.push(Exchange { step: self.taken, peer, direction, bytes });
    }

    fn fail(&mut self, peer: Option<Peer>, wrong: Wrong) {
        let begun = self.steps.get(..self.taken).unwrap_or_default();
        let claim = begun.iter().rev().find_map(|step| match step {
            Step::Claim(text) => Some(*text),
            _ => None,
        });
        let Wrong { problem, expected, received, at } = wrong;
        let claim = claim.unwrap_or("The target starts.");
        self.failure = Some(Failure { claim, peer, expected, problem, received, at });
    }
}

fn flatten(steps: &'static [Step], into: &mut Vec<&'static Step>) {
    for step in steps {
        match step {
            Step::Do(inner) => flatten(inner, into),
            step => into.push(step),
        }
    }
}

fn contents_of(contents: &Contents, names: &mut Names) -> Vec<u8> {
    match contents {
        Contents::Rdb(entries) => rdb_of(entries, names),
        Contents::Text(text) => names.resolve(text, 0).into_bytes(),
        Contents::Requests(requests) => {
            requests.iter().flat_map(|words| disk::request(words, names)).collect()
        }
    }
}

fn rdb_of(entries: &[Entry], names: &mut Names) -> Vec<u8> {
    let pairs = entries.iter().map(|entry| Pair {
        key: names.resolve(entry.key, 0),
        value: names.resolve(entry.value, 0),
        expires: entry.expires,
    });
    let pairs: Vec<Pair> = pairs.collect();
    fixture::rdb_file(&pairs)
}

/// How long a run waits for a message or a connection, in milliseconds.
pub const PATIENCE_MS: u64 = 5_000;

/// Pause between two polls, in milliseconds.
const POLL_MS: u64 = 20;

#[cfg(test)]
mod tests {
    use super::Action;
    use super::Place;
    use super::Run;
    use crate::stage::Group;
    use crate::stage::Pattern;
    use crate::stage::Peer;
    use crate::stage::Setup;
    use crate::stage::Stage;
    use crate::stage::Step;
    use crate::stage::Text;

    const A: Peer = Peer::Client(1);
    const OK: Pattern = Pattern::Simple(Text::Is("OK"));

    static STAGE: Stage = Stage {
        slug: "tst",
        group: Group::Base,
        number: 1,
        title: "A test",
        learn: "How a run goes.",
        setup: Setup::REPLICA,
        steps: &[
            Step::Open(A),
            Step::Claim("one"),
            Step::Ask(A, &["X", "{port}"], OK),
            Step::Claim("two"),
            Step::Silence(A, 50, Pattern::Nothing),
            Step::Poll(A, &["Y"], OK),
            Step::Close(A),
        ],
    };

    /// Answers every request with the next reply; an empty one is silence. Gives the claims that hold and the
    /// problem, if any.
    fn run(replies: &[&str]) -> (Vec<bool>, Option<String>, u64) {
        let place = Place { port: 7, dir: "/d".to_owned(), master_port: 8 };
        let mut run = Run::new(&STAGE, place, 1).with_patience_ms(100);
        let (mut replies, mut now_ms) = (replies.iter(), 0);
        loop {
            match run.poll_action(now_ms) {
                Action::Finish => break,
                Action::Start(launch) => {
                    assert!(launch.listen && launch.args == ["--replicaof", "127.0.0.1 8"]);
                    run.handle_done();
                }
                Action::Send(peer, _) => {
                    run.handle_done();
                    run.handle_bytes(peer, replies.next().copied().unwrap_or_default().as_bytes());
                }
                Action::Receive { until_ms, .. } | Action::Sleep { until_ms } => {
                    now_ms = until_ms;
                    run.handle_timeout();
                }
                _ => run.handle_done(),
            }
        }
        let report = run.report();
        let problem =
            report.failure.map(|failure| format!("{}: {}", failure.claim, failure.problem));
        (report.claims.into_iter().map(|(_, holds)| holds).collect(), problem, now_ms)
    }

    #[test]
    fn a_run_goes_through_all_steps() {
        assert_eq!(run(&["+OK\r\n", "+OK\r\n"]), (vec![true, true], None, 50));
        assert_eq!(
            run(&["+OK\r\n", "-LOADING\r\n", "-LOADING\r\n", "+OK\r\n"]),
            (vec![true, true], None, 90)
        );
    }

    #[test]
    fn the_first_failure_ends_a_run() {
        let cases: &[(&[&str], [bool; 2], &str)] = &[
            (&["+NO\r\n"], [false, false], "one: another message came"),
            (&[""], [false, false], "one: nothing came within 100 ms"),
            (&["+O"], [false, false], "one: only a part of it came within 100 ms"),
            (&["OK\r\n"], [false, false], "one: these bytes are no RESP message"),
            (&["+OK\r\n+OK\r\n"], [true, false], "two: another message came"),
            (&["+OK\r\n", ""], [true, false], "two: the wanted reply did not come within 100 ms"),
        ];
        for (replies, claims, problem) in cases {
            let (held, why, _) = run(replies);
            assert_eq!((&held[..], why.as_deref()), (&claims[..], Some(*problem)), "{replies:?}");
        }
    }

    #[test]
    fn a_closed_connection_ends_a_run() {
        let place = Place { port: 7, dir: String::new(), master_port: 8 };
        let mut run = Run::new(&STAGE, place, 1);
        while !matches!(run.poll_action(0), Action::Receive { .. }) {
            run.handle_done();
        }
        run.handle_closed(A);
        assert_eq!(run.poll_action(0), Action::Finish);
        assert!(run.report().failure.is_some_and(|failure| failure.problem.contains("closed")));
        run.handle_bytes(A, b"+O");
        assert_eq!(run.poll_action(0), Action::Finish, "what comes later changes nothing");
    }
}
