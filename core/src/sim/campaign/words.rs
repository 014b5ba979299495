//! Commands made from the table's syntax: legal ones mostly, on keys that mostly have the right type.

use crate::command::spec::Arg;
use crate::command::spec::ArgFlags;
use crate::command::spec::ArgKind;
use crate::command::spec::Command;
use crate::command::spec::Flags;
use crate::command::spec::Group;
use crate::command::spec::Run;
use crate::command::table;
use crate::command::table::Entry;
use crate::rng::Rng;

/// Draws commands that work on data.
pub(super) struct Words {
    writes: Vec<&'static Entry>,
    reads: Vec<&'static Entry>,
}

impl Words {
    /// `flushes`: also commands that empty whole databases.
    pub fn new(flushes: bool) -> Self {
        let all = || table::entries().iter().filter(move |entry| is_wanted(entry, flushes));
        Self {
            writes: all().filter(|entry| is_write(entry)).collect(),
            reads: all().filter(|entry| !is_write(entry)).collect(),
        }
    }

    /// A line for a terminal.
    pub fn line(&self, rng: &mut Rng) -> String {
        let pool = if rng.below(8) == 0 { &self.reads } else { &self.writes };
        let index = usize::try_from(rng.below(pool.len() as u64)).unwrap_or(0);
        let Some(entry) = pool.get(index) else { return "PING".into() };
        let mut line = Line { group: entry.command.group, rng, words: Vec::new() };
        line.words.push(entry.full_name().to_string().replace('|', " "));
        line.siblings(entry.command.args);
        let line = line.finish();
        if is_write(entry) && is_unspecified(&line) { "PING".into() } else { line }
    }
}

fn is_write(entry: &Entry) -> bool {
    entry.command.flags.has(Flags::WRITE)
}

/// Whether Redis leaves open what a line does: the members between two words, among scores that differ. What is
/// found there goes by the form of the set, which need not be the same on all nodes.
fn is_unspecified(line: &str) -> bool {
    line.starts_with("zremrangebylex ") || line.contains(" BYLEX")
}

fn is_wanted(entry: &Entry, flushes: bool) -> bool {
    let Command { name, group, flags, run, .. } = entry.command;
    let never = Flags::ADMIN.with(Flags::BLOCKING).with(Flags::PUBSUB);
    let is_forbidden = Flags::NAMES.iter().any(|(flag, _)| never.has(*flag) && flags.has(*flag));
    let of_data = !matches!(
        group,
        Group::Cluster
            | Group::Connection
            | Group::PubSub
            | Group::Scripting
            | Group::Sentinel
            | Group::Transactions
    );
    let known = flags.has(Flags::WRITE) || flags.has(Flags::READONLY);
    let is_flush = name.starts_with("flush");
    matches!(run, Run::Data(_))
        && of_data
        && known
        && !is_forbidden
        && *name != "swapdb"
        && (flushes || !is_flush)
}

/// A line being made.
struct Line<'a> {
    group: Group,
    rng: &'a mut Rng,
    words: Vec<String>,
}

impl Line<'_> {
    fn siblings(&mut self, args: &'static [Arg]) {
        for arg in args {
            if !arg.flags.has(ArgFlags::OPTIONAL) || self.rng.below(3) == 0 {
                self.arg(arg);
            }
        }
    }

    fn arg(&mut self, arg: &'static Arg) {
        let repeats = arg.flags.has(ArgFlags::MULTIPLE) || arg.flags.has(ArgFlags::MULTIPLE_TOKEN);
        let times = if repeats { 1 + self.rng.below(3) } else { 1 };
        for turn in 0..times {
            if let Some(token) = arg.token
                && (turn == 0 || arg.flags.has(ArgFlags::MULTIPLE_TOKEN))
            {
                self.words.push(token.into());
            }
            match arg.kind {
                ArgKind::PureToken => {}
                ArgKind::Block(parts) => self.siblings(parts),
                ArgKind::OneOf(parts) => {
                    let chosen = usize::try_from(self.rng.below(parts.len() as u64)).unwrap_or(0);
                    parts.get(chosen).into_iter().for_each(|part| self.arg(part));
                }
                _ => {
                    let word = self.value(arg);
                    self.words.push(word);
                }
            }
        }
    }

    fn value(&mut self, arg: &Arg) -> String {
        match arg.kind {
            ArgKind::Key => self.key(),
            ArgKind::Pattern => "*".into(),
            ArgKind::Double => {
                let half = if self.rng.below(4) == 0 { ".5" } else { "" };
                format!("{}{half}", self.rng.below(20))
            }
            ArgKind::UnixTime => {
                let soon_ms = BEGIN_MS + self.rng.below(120_000);
                let in_ms = arg.name.contains("milli");
                (if in_ms { soon_ms } else { soon_ms / 1000 }).to_string()
            }
            ArgKind::Integer => self.integer(arg.name),
            _ => self.text(arg.name),
        }
    }

    fn key(&mut self) -> String {
        let group = match self.rng.below(12) {
            0 => self.pick(&["string", "hash", "list", "set", "sorted-set", "stream"]),
            _ => match self.group {
                Group::Bitmap | Group::Generic | Group::HyperLogLog | Group::Server => {
                    self.pick(&["string", "hash", "list", "set", "sorted-set", "stream"])
                }
                Group::Geo => Group::SortedSet.name(),
                group => group.name(),
            },
        };
        format!("{group}:{}", self.rng.below(3))
    }

    fn integer(&mut self, name: &str) -> String {
        if name.starts_with("num") {
            // How many words follow is known in the end.
            return COUNT.into();
        }
        match name {
            "cursor" => "0".into(),
            "seconds" => (1 + self.rng.below(60)).to_string(),
            "milliseconds" => (1 + self.rng.below(60_000)).to_string(),
            "destination-db" | "db" => self.rng.below(2).to_string(),
            _ if self.rng.below(6) == 0 => format!("-{}", 1 + self.rng.below(5)),
            _ => self.rng.below(20).to_string(),
        }
    }

    fn text(&mut self, name: &str) -> String {
        match name {
            "id" | "start" | "end" | "min" | "max" | "threshold" | "lastid" | "last-id" => self
                .pick(&["-", "+", "0", "5", "-inf", "+inf", "[a", "(b", "*", "$", "1-1", "9-*"])
                .into(),
            "group" => "readers".into(),
            "consumer" => format!("c{}", self.rng.below(3)),
            "longitude" | "latitude" => self.rng.below(80).to_string(),
            _ => match self.rng.below(8) {
                0 => self.rng.below(1000).to_string(),
                1 => "x".repeat(1 + self.rng.below(80) as usize),
                _ => format!("v{}", self.rng.below(12)),
            },
        }
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        let index = usize::try_from(self.rng.below(words.len() as u64)).unwrap_or(0);
        words.get(index).copied().unwrap_or_default()
    }

    /// The line, with counts filled in: of the keys, or words, up to the next token.
    fn finish(self) -> String {
        let mut words = self.words;
        let is_token = |word: &String| word.bytes().all(|byte| byte.is_ascii_uppercase());
        for at in 0..words.len() {
            let counted = words.get(at + 1..).unwrap_or_default();
            let count = counted.iter().take_while(|word| !is_token(word)).count();
            if let Some(word) = words.get_mut(at).filter(|word| *word == COUNT) {
                *word = count.to_string();
            }
        }
        words.join(" ")
    }
}

/// Stands where a number of words that follow will.
const COUNT: &str = "#";

/// When every world begins.
const BEGIN_MS: u64 = 1_767_225_600_000;
