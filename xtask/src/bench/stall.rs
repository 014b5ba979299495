//! Stalls: the longest a bystander waits for a reply while large data grow or go.
//!
//! A second client sends PING after PING on a thread of its own. From each wait is
//! taken the time in which the server or that thread could have run but another
//! process had the core: on a busy machine that is most of the longest waits. What is
//! left holds the server's stall and what else the machine does, which only ever
//! adds: the figure is the best round's longest. The first case, where nothing
//! happens, tells how quiet the machine is.

use std::{
    fmt::Write,
    mem,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{
    client::Client,
    fill::Fill,
    reply,
    server::{Server, Servers, own_run_delay},
};

pub struct Row {
    name: String,
    /// Milliseconds of Redis and of Redarium; `None` where the server lacks a command.
    longest_ms: [Option<f64>; 2],
}

/// Something done to a server while others look on.
struct Case {
    name: String,
    /// Before anybody looks.
    before: Vec<Fill>,
    deed: Deed,
}

enum Deed {
    Nothing,
    Fill(Fill),
    Call(&'static [&'static str]),
}

pub fn measure_all(servers: &Servers, rounds: usize) -> Result<Vec<Row>> {
    let (redis, redarium) = (servers.redis()?, servers.redarium()?);
    let rows = cases().into_iter().map(|case| {
        eprintln!("{}", case.name);
        let mut longest_ms = [None; 2];
        for (longest_ms, server) in longest_ms.iter_mut().zip([&redis, &redarium]) {
            *longest_ms = measure(&case, server, rounds)
                .with_context(|| format!("{}: {}", server.name(), case.name))?;
        }
        Ok(Row { name: case.name, longest_ms })
    });
    rows.collect()
}

fn measure(case: &Case, server: &Server, rounds: usize) -> Result<Option<f64>> {
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        match once(case, server) {
            Ok(longest) => best = best.min(longest),
            Err(error) if reply::is_unsupported(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(best.as_secs_f64() * 1e3))
}

fn once(case: &Case, server: &Server) -> Result<Duration> {
    let mut client = Client::connect(server.address)?;
    client.call(&["FLUSHALL", "SYNC"])?;
    case.before.iter().try_for_each(|fill| fill.run(&mut client, 0))?;
    thread::sleep(CALM);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let bystander = scope.spawn(|| longest_ping(server, &is_over));
        thread::sleep(CALM);
        let done = case.deed.perform(&mut client);
        thread::sleep(AFTERMATH);
        is_over.store(true, Ordering::Relaxed);
        let longest = bystander.join().expect("pinging does not panic");
        done.and(longest)
    })
}

impl Deed {
    fn perform(&self, client: &mut Client) -> Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Fill(fill) => fill.run(client, 0),
            Self::Call(words) => client.call(words).map(|_| ()),
        }
    }
}

fn longest_ping(server: &Server, is_over: &AtomicBool) -> Result<Duration> {
    let mut client = Client::connect(server.address)?;
    client.call(&["PING"])?;
    let delay = || Ok::<_, anyhow::Error>(server.run_delay()? + own_run_delay()?);
    let (mut longest, mut delayed) = (Duration::ZERO, delay()?);
    while !is_over.load(Ordering::Relaxed) {
        let sent_at = Instant::now();
        client.call(&["PING"])?;
        let waited = sent_at.elapsed();
        let before = mem::replace(&mut delayed, delay()?);
        longest = longest.max(waited.saturating_sub(delayed.saturating_sub(before)));
    }
    Ok(longest)
}

pub fn table(rows: &[Row]) -> String {
    let mut text = format!("{:<24} {:>10} {:>10}\n", "longest PING, ms", "redis", "redarium");
    for Row { name, longest_ms } in rows {
        let [redis, redarium] = longest_ms.map(|wait| match wait {
            Some(wait) => format!("{wait:.2}"),
            None => "-".into(),
        });
        let verdict = match longest_ms[1] {
            None => "unsupported".into(),
            Some(wait) if wait > TARGET_MS => format!("target {TARGET_MS} ms MISSED"),
            Some(_) => format!("target {TARGET_MS} ms"),
        };
        let _ = writeln!(text, "{name:<24} {redis:>10} {redarium:>10}  {verdict}");
    }
    text
}

pub fn json(rows: &[Row]) -> String {
    let number = |wait: Option<f64>| wait.map_or("null".into(), |wait| format!("{wait:.3}"));
    let objects = rows.iter().map(|Row { name, longest_ms }| {
        let [redis, redarium] = longest_ms.map(number);
        format!(
            "  {{\"case\":\"{name}\",\"redis_ms\":{redis},\"redarium_ms\":{redarium},\
             \"target_ms\":{TARGET_MS}}}"
        )
    });
    format!("[\n{}\n]\n", objects.collect::<Vec<_>>().join(",\n"))
}

fn cases() -> Vec<Case> {
    let growth = Fill::single(&["SET"], &["key:__next__", "value:__next__"], 5_000_000);
    let mut cases = vec![
        Case { name: "nothing".into(), before: Vec::new(), deed: Deed::Nothing },
        Case { name: "growth to 5,000,000".into(), before: Vec::new(), deed: Deed::Fill(growth) },
    ];
    for (noun, fill) in GIANTS {
        for (verb, words) in ENDS {
            let name = format!("{verb} {noun}");
            cases.push(Case { name, before: vec![*fill, SMALL], deed: Deed::Call(words) });
        }
    }
    cases
}

/// Values of a million elements, under the name `big`.
const GIANTS: &[(&str, Fill)] = &[
    ("a list", Fill::variadic(&["RPUSH", "big"], &["element:__next__"], 1_000_000)),
    ("a hash", Fill::variadic(&["HSET", "big"], &["field:__next__", "value:__next__"], 1_000_000)),
    ("a set", Fill::variadic(&["SADD", "big"], &["member:__next__"], 1_000_000)),
    (
        "a sorted set",
        Fill::variadic(&["ZADD", "big"], &["__mixed__", "member:__next__"], 1_000_000),
    ),
];

const SMALL: Fill = Fill::single(&["SET"], &["small", "value"], 1);

/// The ways they go.
const ENDS: &[(&str, &[&str])] = &[
    ("DEL of", &["DEL", "big"]),
    ("UNLINK of", &["UNLINK", "big"]),
    ("expiry of", &["PEXPIRE", "big", "10"]),
    ("SET over", &["SET", "big", "value"]),
    ("RENAME onto", &["RENAME", "small", "big"]),
];

const TARGET_MS: f64 = 5.0;

/// Between filling and looking, and between looking and doing.
const CALM: Duration = Duration::from_millis(100);

/// What is put off until later happens within this time.
const AFTERMATH: Duration = Duration::from_millis(400);
