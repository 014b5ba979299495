//! `cargo xtask bench`: Redarium and the machine's redis-server, measured in turns.
//!
//! Measured is throughput, or else memory (`memory`), stalls (`stall`), what crowds do to others
//! (`crowd`), SAVE and loading (`persistence`), BGSAVE under load (`background`) and a synced log
//! (`durable`), or the engine in a JavaScript program (`in_process`).
//!
//! For throughput both servers run all the while, pinned to one core; the load is pinned
//! to another. Every round measures every case on both, each time in the other order,
//! so that a machine that slows down slows both. Figures are medians of the rounds,
//! ratios the median of the rounds' own.
//!
//! At great depths the load itself may be what is measured; the servers' processor
//! time per request is the figure to compare then.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail, ensure};
use core_affinity::CoreId;

mod background;
mod client;
mod crowd;
mod durable;
mod fill;
mod finding;
mod in_process;
mod load;
mod memory;
mod persistence;
mod replication;
mod reply;
mod report;
mod request;
mod server;
mod stall;
mod syscalls;
mod throughput;
mod workload;

use finding::Finding;
use server::{Server, Servers};
use workload::{Choice, Workload};

use crate::{install, page, run::build_server, workspace};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subject {
    Throughput,
    Memory,
    Stalls,
    Crowds,
    Persistence,
    /// BGSAVE under load, of what `Persistence` measures.
    Background,
    /// A log that is synced always, of what `Persistence` measures.
    Durable,
    Replication,
    InProcess,
}

#[derive(Debug, PartialEq)]
pub struct Options {
    pub subject: Subject,
    pub rounds: usize,
    pub seconds: f64,
    pub pipeline: Vec<usize>,
    pub clients: usize,
    pub value_bytes: usize,
    /// Names, or `all`.
    pub workloads: Vec<String>,
    pub syscalls: bool,
    /// Measured in place of a fresh build.
    pub server: Option<PathBuf>,
    pub json: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            subject: Subject::Throughput,
            rounds: 5,
            seconds: 2.0,
            pipeline: vec![1, 16, 64],
            clients: 50,
            value_bytes: 32,
            workloads: vec!["SET".into(), "GET".into()],
            syscalls: false,
            server: None,
            json: None,
        }
    }
}

impl Options {
    pub fn validate(&self) -> Result<()> {
        const DEPTH_MAX: usize = load::PIPELINE_MAX;
        ensure!(self.rounds > 0 && self.clients > 0, "at least one round and one client");
        ensure!(self.seconds > 0.0 && self.seconds <= 3600.0, "seconds must be within 0 and 3600");
        let fits = self.pipeline.iter().all(|depth| (1..=DEPTH_MAX).contains(depth));
        ensure!(fits, "a pipeline holds 1 to {DEPTH_MAX} requests");
        self.workloads().map(|_| ())
    }

    fn workloads(&self) -> Result<Vec<&'static Workload>> {
        if self.workloads.iter().any(|name| name == "all") {
            return Ok(workload::WORKLOADS.iter().collect());
        }
        let chosen = self.workloads.iter().map(|name| match name.parse() {
            Ok(Choice(workload)) => Ok(workload),
            Err(()) => bail!("there is no workload {name}; there are: {}", names()),
        });
        chosen.collect()
    }
}

fn names() -> String {
    workload::WORKLOADS.iter().map(|workload| workload.name).collect::<Vec<_>>().join(" ")
}

pub fn run(options: &Options) -> Result<()> {
    let (core, load_core) = cores()?;
    let redarium = match options.subject {
        Subject::InProcess => in_process::build().map(|()| PathBuf::new())?,
        _ => binary(options)?,
    };
    let servers = Servers { redis: install::redis_server()?, redarium, core };
    core_affinity::set_for_current(load_core);
    let (table, json) = match options.subject {
        Subject::Throughput => throughput(options, &servers, load_core)?,
        Subject::Memory => {
            let rows = memory::measure_all(&servers)?;
            (memory::table(&rows), memory::json(&rows))
        }
        Subject::Crowds => {
            let rows = crowd::measure_all(&servers, options.rounds, options.seconds)?;
            (crowd::table(&rows), crowd::json(&rows))
        }
        Subject::InProcess => return in_process::measure(options, &servers),
        Subject::Stalls => {
            let rows = stall::measure_all(&servers, options.rounds)?;
            (stall::table(&rows), stall::json(&rows))
        }
        Subject::Persistence => {
            let rows = persistence::measure_all(&servers, options.rounds)?;
            let mut findings = background::measure_all(&servers, options.rounds, options.seconds)?;
            findings.extend(durable::measure_all(&servers, options.rounds, options.seconds)?);
            let table = format!("{}\n{}", persistence::table(&rows), finding::table(&findings));
            (table, array(&[persistence::json(&rows), finding::json(&findings)].concat()))
        }
        Subject::Background => {
            found(&background::measure_all(&servers, options.rounds, options.seconds)?)
        }
        Subject::Durable => {
            found(&durable::measure_all(&servers, options.rounds, options.seconds)?)
        }
        Subject::Replication => {
            let rows = replication::measure_all(&servers, load_core, options.rounds)?;
            (replication::table(&rows), replication::json(&rows))
        }
    };
    print!("\n{table}");
    if let Some(path) = &options.json {
        fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn found(findings: &[Finding]) -> (String, String) {
    (finding::table(findings), array(&finding::json(findings)))
}

/// One of JSON, of such objects.
fn array(objects: &[String]) -> String {
    format!("[\n{}\n]\n", objects.join(",\n"))
}

fn throughput(options: &Options, servers: &Servers, load: CoreId) -> Result<(String, String)> {
    let (redis, redarium) = (servers.redis()?, servers.redarium()?);
    println!("{}", conditions(options, servers.core, load, &redis)?);
    let rows = throughput::measure_all(options, &options.workloads()?, [&redis, &redarium])?;
    Ok((format!("{}\n{}", report::table(&rows), report::summary(&rows)), report::json(&rows)))
}

fn binary(options: &Options) -> Result<PathBuf> {
    if let Some(server) = &options.server {
        return Ok(server.clone());
    }
    page::build()?;
    build_server("release")?;
    Ok(workspace::server("release"))
}

fn cores() -> Result<(CoreId, CoreId)> {
    match core_affinity::get_core_ids().unwrap_or_default().as_slice() {
        [server, load, ..] => Ok((*server, *load)),
        _ => bail!("the bench needs two cores: one for the server, one for the load"),
    }
}

fn conditions(options: &Options, server: CoreId, load: CoreId, redis: &Server) -> Result<String> {
    Ok(format!(
        "{} clients, keys of 16 bytes, values of {} bytes, random numbers below {} as with \
         redis-benchmark -r;\nserver on core {}, load on core {}; medians of {} rounds of {} s; \
         redis is {}",
        options.clients,
        options.value_bytes,
        request::KEYSPACE,
        server.id,
        load.id,
        options.rounds,
        options.seconds,
        redis.version()?,
    ))
}
