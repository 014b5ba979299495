//! Tests of handlers as transcripts: what is typed, what comes back, what
//! travels to replicas.
//!
//! A line `> SET k v` runs a command; the lines after it are its reply as
//! redis-cli would type it in one line, and `~ SET k v` what is propagated, in
//! full. `+ 1500` lets that many milliseconds pass. The clock starts at [`START_MS`].

use bytes::BytesMut;

use super::Blocking;
use super::Context;
use super::Propagation;
use super::spec::Rule;
use super::spec::Run;
use super::table;
use crate::config::Config;
use crate::data::Hasher;
use crate::data::Limits;
use crate::resp::Args;
use crate::resp::FrameLimits;
use crate::resp::OwnedArgs;
use crate::resp::Protocol;
use crate::resp::Reply;
use crate::resp::Splitter;
use crate::resp::split_words;
use crate::rng::Rng;
use crate::store::Policy;
use crate::store::Store;
use crate::time::Mono;
use crate::time::Now;
use crate::time::Wall;

pub const START_MS: i64 = 1_000_000;

/// Runs the transcript against an empty keyspace and compares.
pub fn check(transcript: &str) {
    Bench::new().check(transcript);
}

/// A keyspace with all that a [`Context`] needs, and no node around it.
pub struct Bench {
    pub store: Store,
    pub db: usize,
    pub protocol: Protocol,
    pub policy: Policy,
    now_ms: i64,
    rng: Rng,
    propagation: Propagation,
    config: Config,
    limits: Limits,
}

impl Bench {
    pub fn new() -> Self {
        let mut propagation = Propagation::default();
        propagation.set_enabled(true);
        let (hasher, config) = (Hasher::new(1), Config::default());
        Self {
            limits: config.data_limits(&hasher),
            store: Store::new(hasher, 16),
            db: 0,
            protocol: Protocol::Resp2,
            policy: Policy::Delete,
            now_ms: START_MS,
            rng: Rng::new(1),
            propagation,
            config,
        }
    }

    pub fn check(&mut self, transcript: &str) {
        let mut got = Vec::new();
        let mut expect = Vec::new();
        for line in transcript.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if let Some(ms) = line.strip_prefix("+ ").and_then(|ms| ms.parse::<i64>().ok()) {
                self.now_ms += ms;
                got.push(line.to_owned());
            } else if let Some(command) = line.strip_prefix("> ") {
                got.push(line.to_owned());
                got.extend(self.run(command));
            }
            expect.push(line.to_owned());
        }
        assert_eq!(got.join("\n"), expect.join("\n"));
    }

    /// Runs one command; its reply and then what it propagates.
    pub fn run(&mut self, line: &str) -> Vec<String> {
        let words = split_words(line.as_bytes()).expect("balanced quotes");
        let words = OwnedArgs::from(words.iter().map(Vec::as_slice));
        let reply = self.execute(words.args());
        let mut lines = vec![print(&reply)];
        self.propagation.drain(|effect| {
            let db = if effect.db == 0 { String::new() } else { format!("[{}] ", effect.db) };
            lines.push(format!("~ {db}{}", print_request(effect.request)));
        });
        lines
    }

    /// Runs one command as the node does; returns the reply's bytes.
    pub fn execute(&mut self, args: Args<'_>) -> BytesMut {
        let mut out = BytesMut::new();
        let mut ctx = Context {
            store: &mut self.store,
            db: self.db,
            now: Now::new(Mono::ZERO, Wall::from_ms(self.now_ms)),
            reads_every_key: true,
            reply: Reply::new(&mut out, self.protocol),
            rng: &mut self.rng,
            propagation: &mut self.propagation,
            config: &self.config,
            limits: &self.limits,
            policy: self.policy,
            touches: true,
            blocking: Blocking::Refused,
        };
        let command = match table::resolve(args) {
            Ok(entry) => entry.command,
            Err(error) => {
                ctx.reply.error(&error);
                return out;
            }
        };
        let Run::Data(handler) = command.run else { panic!("{} needs a node", command.name) };
        if let Err(error) = handler(&mut ctx, args) {
            ctx.reply.error(&error);
        }
        assert!(ctx.propagation.dirty() == 0 || command.propagation != Rule::Never);
        if ctx.propagation.dirty() > 0 && !ctx.propagation.is_spelled() {
            assert_eq!(command.propagation, Rule::Verbatim, "{}", command.name);
            self.propagation.push(self.db, args.iter());
        }
        self.propagation.end_command();
        out
    }
}

fn print_request(bytes: &[u8]) -> String {
    let mut splitter = Splitter::default();
    splitter.next(bytes, FrameLimits::default()).expect("a whole request");
    let words = splitter.args(bytes).iter().map(|word| match word.escape_ascii().to_string() {
        word if word.is_empty() || word.contains(' ') => format!("\"{word}\""),
        word => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A reply on one line: `OK`, `"text"`, `3`, `nil`, `[a, b]`, `(error) ERR ...`.
pub fn print(reply: &[u8]) -> String {
    let (text, rest) = print_value(reply);
    assert!(rest.is_empty(), "more than one reply: {}", reply.escape_ascii());
    text
}

fn print_value(bytes: &[u8]) -> (String, &[u8]) {
    let end = memchr::memchr(b'\r', bytes).expect("a line");
    let line = String::from_utf8_lossy(&bytes[1..end]).into_owned();
    let rest = &bytes[end + 2..];
    let count = || line.parse::<usize>().expect("a length");
    match bytes[0] {
        b'-' => (format!("(error) {line}"), rest),
        b'_' => ("nil".to_owned(), rest),
        b'$' | b'*' if line == "-1" => ("nil".to_owned(), rest),
        b'$' | b'=' => {
            let (text, rest) = rest.split_at(count());
            (format!("\"{}\"", text.escape_ascii()), &rest[2..])
        }
        b'*' => print_aggregate(rest, count(), "[", "]"),
        b'~' => print_aggregate(rest, count(), "~[", "]"),
        b'%' => print_aggregate(rest, count() * 2, "{", "}"),
        _ => (line, rest),
    }
}

fn print_aggregate<'a>(
    mut rest: &'a [u8],
    count: usize,
    open: &str,
    close: &str,
) -> (String, &'a [u8]) {
    let mut parts = Vec::new();
    for _ in 0..count {
        let (part, after) = print_value(rest);
        parts.push(part);
        rest = after;
    }
    (format!("{open}{}{close}", parts.join(", ")), rest)
}
