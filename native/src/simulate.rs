//! `redarium simulate`: worlds by the seed until one fails; `redarium replay`: a script played.
//!
//! Each processor takes the next seed. What fails is made as small as it gets and printed as a script,
//! which `replay` plays, a page opens, and a test keeps.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::Instant;

use redarium_core::sim::Script;
use redarium_core::sim::Step;
use redarium_core::sim::What;
use redarium_core::sim::campaign::Claim;
use redarium_core::sim::campaign::Failure;
use redarium_core::sim::campaign::Plan;
use redarium_core::sim::campaign::play;
use redarium_core::sim::campaign::shrink;

use crate::link;

/// What to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    first_seed: u64,
    seeds: u64,
    /// 0 takes three to five by the seed.
    nodes: u32,
    commands: usize,
    claims: Vec<Claim>,
    /// Play each seed twice: the digests have to be the same.
    twice: bool,
    /// Print the digest of each seed instead of a report.
    digests: bool,
}

impl Task {
    /// Reads the words behind `simulate`.
    ///
    /// # Errors
    /// How they are to be written.
    pub fn read(words: &[String]) -> Result<Self, String> {
        let promised = Claim::ALL.iter().copied().filter(|claim| claim.is_promised()).collect();
        let mut task = Self {
            first_seed: 0,
            seeds: 100,
            nodes: 0,
            commands: 2000,
            claims: promised,
            twice: false,
            digests: false,
        };
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match word {
                "--twice" => task.twice = true,
                "--digests" => task.digests = true,
                _ => task.set(word, words.next().ok_or_else(usage)?)?,
            }
        }
        Ok(task)
    }

    fn set(&mut self, word: &str, value: &str) -> Result<(), String> {
        let number = || value.parse().map_err(|_| usage());
        match word {
            "--seed" => self.first_seed = number()?,
            "--seeds" => self.seeds = number()?,
            "--commands" => self.commands = value.parse().map_err(|_| usage())?,
            "--nodes" => {
                let nodes = value.parse().ok().filter(|nodes| (1..=9).contains(nodes));
                self.nodes = nodes.ok_or_else(usage)?;
            }
            "--claim" => self.claims = vec![Claim::named(value).ok_or_else(usage)?],
            _ => return Err(usage()),
        }
        Ok(())
    }

    fn plan(&self, seed: u64) -> Plan {
        let nodes = if self.nodes == 0 { 3 + (seed % 3) as u32 } else { self.nodes };
        Plan { seed, nodes, commands: self.commands }
    }
}

fn usage() -> String {
    let claims: Vec<&str> = Claim::ALL.iter().map(|claim| claim.name()).collect();
    format!(
        "Usage: redarium simulate [--seeds N] [--seed FIRST] [--nodes K] [--commands N] [--claim NAME] \
         [--twice] [--digests]\nClaims: {}",
        claims.join(", ")
    )
}

/// Plays the seeds; success if no claim failed.
pub fn run(task: &Task) -> ExitCode {
    let campaign = Mutex::new(Campaign::new(task));
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| work(task, &campaign));
        }
    });
    let campaign = campaign.into_inner().unwrap_or_else(PoisonError::into_inner);
    match task.digests {
        true => campaign.print_digests(),
        false => campaign.report(),
    }
    match campaign.failed {
        None => ExitCode::SUCCESS,
        Some((seed, failure)) => {
            report_failure(task, seed, &failure);
            ExitCode::FAILURE
        }
    }
}

fn work(task: &Task, campaign: &Mutex<Campaign>) {
    let lock = || campaign.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let Some(seed) = lock().take_seed() else { return };
        let (script, _) = task.plan(seed).script();
        let outcome = play(&script, &task.claims, true);
        let mut failure = outcome.failure;
        if task.twice && play(&script, &task.claims, true).digest != outcome.digest {
            failure = Some(Failure {
                claim: Claim::SameOffsetSameData,
                at_us: 0,
                text: "the same script gave two digests".into(),
            });
        }
        lock().note(seed, &script, &outcome.digest, failure);
    }
}

/// How far all is.
struct Campaign {
    next_seed: u64,
    end_seed: u64,
    began: Instant,
    played: u64,
    shown_at_s: u64,
    /// What was done, by the words of scripts.
    inputs: BTreeMap<String, u64>,
    digests: BTreeMap<u64, String>,
    failed: Option<(u64, Failure)>,
}

impl Campaign {
    fn new(task: &Task) -> Self {
        Self {
            next_seed: task.first_seed,
            end_seed: task.first_seed.saturating_add(task.seeds),
            began: Instant::now(),
            played: 0,
            shown_at_s: 0,
            inputs: BTreeMap::new(),
            digests: BTreeMap::new(),
            failed: None,
        }
    }

    fn take_seed(&mut self) -> Option<u64> {
        if self.failed.is_some() || self.next_seed >= self.end_seed {
            return None;
        }
        self.next_seed += 1;
        Some(self.next_seed - 1)
    }

    fn note(&mut self, seed: u64, script: &Script, digest: &str, failure: Option<Failure>) {
        self.played += 1;
        for (_, step) in &script.steps {
            let Step::Input(input) = step else { continue };
            *self.inputs.entry(kind_of(&input.to_string())).or_default() += 1;
        }
        self.digests.insert(seed, digest.to_owned());
        if let Some(failure) = failure
            && self.failed.as_ref().is_none_or(|(known, _)| seed < *known)
        {
            self.failed = Some((seed, failure));
        }
        self.show_progress();
    }

    /// Once a second, where somebody looks.
    fn show_progress(&mut self) {
        let seconds = self.began.elapsed().as_secs();
        if seconds == self.shown_at_s || !io::stderr().is_terminal() {
            return;
        }
        self.shown_at_s = seconds;
        let total = (self.played + self.end_seed - self.next_seed).max(1);
        let filled = (self.played * BAR_CHARS / total) as usize;
        let bar = "#".repeat(filled);
        let width = BAR_CHARS as usize;
        eprint!(
            "\r[{bar:<width$}] {} of {total} worlds, {} a second ",
            self.played,
            self.played / seconds
        );
    }

    fn report(&self) {
        let seconds = self.began.elapsed().as_secs_f64();
        let mut text = format!("\n{} worlds in {seconds:.1} seconds\n", self.played);
        for (kind, times) in &self.inputs {
            // Writing to a String can't fail.
            let _ = writeln!(text, "  {kind:<14} {times}");
        }
        print(&text);
    }

    fn print_digests(&self) {
        let lines = self.digests.iter().map(|(seed, digest)| format!("{seed} {digest}\n"));
        print(&lines.collect::<String>());
    }
}

/// The verb of an input, with what kind of it if there are several.
fn kind_of(input: &str) -> String {
    let mut words = input.split(' ');
    let verb = words.next().unwrap_or_default();
    match (verb, words.nth(1)) {
        ("crash" | "cut" | "disk", Some(kind)) => format!("{verb} {kind}"),
        _ => verb.to_owned(),
    }
}

fn report_failure(task: &Task, seed: u64, failure: &Failure) {
    print(&format!(
        "\nSeed {seed} fails: {}\n  {}, after {:.3} s\nMaking it smaller...\n",
        failure.claim.name(),
        failure.text,
        failure.at_us as f64 / 1e6
    ));
    let (script, quiet_from) = task.plan(seed).script();
    let (small, failure) = shrink(&script, quiet_from, failure, SHRINK_PLAYS_MAX);
    let head = format!("# seed {seed}, {}: {}", failure.claim.name(), failure.text);
    let script = small.to_string();
    // A comment stands behind the first line, which says what the text is.
    let text = script.replacen('\n', &format!("\n{head}\n"), 1);
    print(&format!("{text}\nIn the page, behind its address:\n{}\n", link::hash_of(&script)));
}

/// `redarium replay FILE`: plays a script and prints what its terminals show, and its digest.
pub fn replay(file: &str) -> ExitCode {
    let played = fs::read_to_string(file)
        .map_err(|error| format!("Cannot read {file}: {error}"))
        .and_then(|text| Script::parse(&text).map_err(|error| format!("{file}: {error:?}")));
    match played {
        Ok(script) => {
            let mut world = script.play();
            let digest = world.digest();
            let mut text = String::new();
            while let Some(event) = world.poll_event() {
                let at = event.at_us;
                let shown = match event.what {
                    What::Reply { client, text, .. } | What::Push { client, text } => {
                        format!("client {}: {text}", client.0)
                    }
                    What::Disconnected { client, reason } => {
                        format!("client {}: {reason}\n", client.0)
                    }
                    What::Log { node, text, .. } => format!("node {}: {text}\n", node.0),
                    _ => continue,
                };
                // Writing to a String can't fail.
                let _ = write!(text, "@{at} {shown}");
            }
            print(&format!("{text}digest {digest}\n"));
            ExitCode::SUCCESS
        }
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

/// A reader that has seen enough may have closed the pipe.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

const BAR_CHARS: u64 = 40;

/// A few minutes' worth at most.
const SHRINK_PLAYS_MAX: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_a_task() {
        let read = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            Task::read(&words)
        };
        let task = read(
            "--seeds 7 --seed 3 --nodes 4 --commands 50 --claim wait-is-held --twice --digests",
        );
        let expect = Task {
            first_seed: 3,
            seeds: 7,
            nodes: 4,
            commands: 50,
            claims: vec![Claim::WaitIsHeld],
            twice: true,
            digests: true,
        };
        assert_eq!(task, Ok(expect));
        for line in ["--seeds", "--seeds x", "--nodes 0", "--claim nosuch", "--what 1"] {
            assert_eq!(read(line), Err(usage()), "{line}");
        }
    }

    #[test]
    fn inputs_are_counted_by_kind() {
        for (input, kind) in [
            ("crash 2 torn", "crash torn"),
            ("cut 1", "cut"),
            ("cut 1 to", "cut to"),
            ("type 3 SET k v", "type"),
            ("add-node", "add-node"),
        ] {
            assert_eq!(kind_of(input), kind);
        }
    }
}
