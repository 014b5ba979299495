//! Replication: how long a first copy takes, how fast a stream is applied, and what more replicas cost
//! their master.
//!
//! Masters run on one core and replicas on the other, a pair of each program in turns; figures
//! are medians of the rounds. The stream is gathered while the replica stands still, so that neither the load nor the
//! master is what is measured. What a write costs a master is processor time, counted until all
//! replicas have everything; it takes turns with one replica and with three.

use std::{
    fmt::Write,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use core_affinity::CoreId;

use super::{
    client::Client,
    fill::Fill,
    load::Load,
    server::{Server, Servers},
    workload::Choice,
};

pub struct Row {
    name: &'static str,
    unit: &'static str,
    /// Of Redis and of Redarium.
    figures: [f64; 2],
    target: Target,
}

enum Target {
    /// So many times as fast as Redis: a lower figure is better.
    Faster(f64),
    /// No more than this, whatever Redis does.
    AtMost(f64),
}

pub fn measure_all(servers: &Servers, replicas: CoreId, rounds: usize) -> Result<Vec<Row>> {
    let mut copies = [Vec::new(), Vec::new()];
    let mut streams = [Vec::new(), Vec::new()];
    let mut costs = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        for program in 0..2 {
            eprintln!("round {}: {}", round + 1, ["redis", "redarium"][program]);
            let mut group = Group::start(servers, program, replicas)?;
            copies[program].push(group.copy().context("copy")?);
            streams[program].push(group.stream().context("stream")?);
            costs[program].push(group.more_replicas().context("cost")?);
        }
    }
    Ok(vec![
        Row {
            name: "copy of 1,000,000 keys",
            unit: "ms",
            figures: copies.map(median),
            target: Target::Faster(1.3),
        },
        Row {
            name: "stream of 1,000,000 writes",
            unit: "ms",
            figures: streams.map(median),
            target: Target::Faster(1.2),
        },
        Row {
            name: "a write with three replicas over one",
            unit: "%",
            figures: costs.map(median),
            target: Target::AtMost(20.0),
        },
    ])
}

/// A master and three servers that follow it when they are told to.
struct Group {
    master: Server,
    others: Vec<Server>,
}

impl Group {
    fn start(servers: &Servers, program: usize, core: CoreId) -> Result<Self> {
        let start = |name: &'static str, core| match program {
            0 => servers.redis_at(name, core),
            _ => servers.redarium_at(name, core),
        };
        let master = start("master", servers.core)?;
        let names = ["replica-1", "replica-2", "replica-3"];
        let others = names.into_iter().map(|name| start(name, core)).collect::<Result<_>>()?;
        Ok(Self { master, others })
    }

    /// Milliseconds from REPLICAOF to a replica that has it all.
    fn copy(&mut self) -> Result<f64> {
        Fill::single(&["SET"], &["key:__next__", "value:abcdefghijklm:__next__"], KEYS)
            .run(&mut Client::connect(self.master.address)?, 0)?;
        let start = Instant::now();
        self.attach(0)?;
        let elapsed = start.elapsed();
        let size = Client::connect(self.others[0].address)?.call(&["DBSIZE"])?;
        ensure!(size == format!(":{KEYS}\r\n").into_bytes(), "the copy is not whole");
        Ok(elapsed.as_secs_f64() * 1e3)
    }

    /// Milliseconds in which a replica that stood still takes what was written meanwhile.
    fn stream(&mut self) -> Result<f64> {
        let replica = &self.others[0];
        signal(replica, "STOP")?;
        self.write(KEYS)?;
        let goal = offset(&self.master)?;
        let start = Instant::now();
        signal(replica, "CONT")?;
        await_offset(replica, goal)?;
        Ok(start.elapsed().as_secs_f64() * 1e3)
    }

    /// How much more processor time a write takes the master with three replicas, in per cent.
    fn more_replicas(&mut self) -> Result<f64> {
        let mut with_one = Vec::new();
        for _ in 0..3 {
            with_one.push(self.cost()?);
        }
        self.attach(1)?;
        self.attach(2)?;
        let mut with_three = Vec::new();
        for _ in 0..3 {
            with_three.push(self.cost()?);
        }
        Ok((median(with_three) / median(with_one) - 1.0) * 100.0)
    }

    /// The master's processor time for writes, in milliseconds.
    fn cost(&self) -> Result<f64> {
        let before = self.master.cpu_time()?;
        self.write(KEYS)?;
        let goal = offset(&self.master)?;
        for replica in self.others.iter().filter(|replica| follows(replica)) {
            await_offset(replica, goal)?;
        }
        let spent = self.master.cpu_time()?.saturating_sub(before);
        Ok(spent.as_secs_f64() * 1e3)
    }

    fn write(&self, count: u64) -> Result<()> {
        let Choice(workload) = "SET".parse().ok().context("the workload SET")?;
        let mut load = Load::connect(self.master.address, 50, 16, workload, 32, b"+OK\r\n")?;
        load.drive(Duration::from_secs(120), count)?;
        Ok(())
    }

    fn attach(&self, replica: usize) -> Result<()> {
        let server = &self.others[replica];
        let port = self.master.address.port().to_string();
        Client::connect(server.address)?.call(&["REPLICAOF", "127.0.0.1", &port])?;
        until(|| Ok(field(server, "master_link_status")? == "up"))
    }
}

fn follows(server: &Server) -> bool {
    field(server, "role").is_ok_and(|role| role == "slave")
}

fn await_offset(server: &Server, goal: u64) -> Result<()> {
    until(|| Ok(offset(server)? >= goal))
}

fn offset(server: &Server) -> Result<u64> {
    field(server, "master_repl_offset")?.parse().context("master_repl_offset")
}

fn field(server: &Server, name: &str) -> Result<String> {
    let reply = Client::connect(server.address)?.call(&["INFO", "replication"])?;
    let text = String::from_utf8_lossy(&reply);
    let field = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    Ok(field.with_context(|| format!("INFO has no {name}"))?.to_owned())
}

fn until(mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !holds()? {
        ensure!(start.elapsed() < PATIENCE, "waited in vain");
        thread::sleep(TICK);
    }
    Ok(())
}

fn signal(server: &Server, name: &str) -> Result<()> {
    let status = Command::new("kill").args(["-s", name, &server.pid().to_string()]).status()?;
    ensure!(status.success(), "cannot send {name}");
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

impl Row {
    fn verdict(&self) -> String {
        let [redis, redarium] = self.figures;
        let (holds, target) = match self.target {
            Target::Faster(times) => {
                (redis / redarium >= times, format!("{:.2}x  target {times}x", redis / redarium))
            }
            Target::AtMost(most) => (redarium <= most, format!("       target {most}")),
        };
        format!("{target}{}", if holds { "" } else { " MISSED" })
    }
}

pub fn table(rows: &[Row]) -> String {
    let mut text = format!("{:<38} {:>3} {:>9} {:>9}\n", "replication", "", "redis", "redarium");
    for row in rows {
        let ([redis, redarium], verdict) = (row.figures, row.verdict());
        let _ = writeln!(
            text,
            "{:<38} {:>3} {redis:>9.1} {redarium:>9.1} {verdict}",
            row.name, row.unit
        );
    }
    text
}

pub fn json(rows: &[Row]) -> String {
    let objects = rows.iter().map(|row| {
        let [redis, redarium] = row.figures;
        let target = match row.target {
            Target::Faster(times) => format!("\"times_as_fast\":{times}"),
            Target::AtMost(most) => format!("\"at_most\":{most}"),
        };
        format!(
            "  {{\"case\":\"{}\",\"unit\":\"{}\",\"redis\":{redis:.1},\"redarium\":{redarium:.1},{target}}}",
            row.name, row.unit
        )
    });
    format!("[\n{}\n]\n", objects.collect::<Vec<_>>().join(",\n"))
}

const KEYS: u64 = 1_000_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks at a server, which cost it time.
const TICK: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::{Row, Target, median};

    #[test]
    fn targets_are_met_or_missed() {
        let cases = [
            (Target::Faster(1.3), [130.0, 100.0], false),
            (Target::Faster(1.3), [120.0, 100.0], true),
            (Target::AtMost(20.0), [50.0, 20.0], false),
            (Target::AtMost(20.0), [5.0, 21.0], true),
        ];
        for (target, figures, missed) in cases {
            let row = Row { name: "", unit: "", figures, target };
            assert_eq!(row.verdict().ends_with("MISSED"), missed, "{figures:?}");
        }
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
