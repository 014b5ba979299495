//! `cargo xtask bench`: Redarium and the machine's redis-server, measured in turns.
//!
//! Both servers run all the while, pinned to one core; the load is pinned to
//! another. Every round measures every case on both, each time in the other order,
//! so that a machine that slows down slows both. Figures are medians of the rounds.
//!
//! At great depths the load itself may be what is measured; the servers' processor
//! time per request is the figure to compare then.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use core_affinity::CoreId;

mod load;
mod report;
mod server;
mod syscalls;

use load::{Load, Workload};
use report::{Case, Figures, Row};
use server::Server;

use crate::{install, page, run::build_server, workspace};

#[derive(Debug, PartialEq)]
pub struct Options {
    pub rounds: usize,
    pub seconds: f64,
    pub pipeline: Vec<usize>,
    pub clients: usize,
    pub syscalls: bool,
    pub json: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rounds: 5,
            seconds: 2.0,
            pipeline: vec![1, 16, 64],
            clients: 50,
            syscalls: false,
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
        Ok(())
    }

    fn cases(&self) -> Vec<Case> {
        let depths =
            |workload| self.pipeline.iter().map(move |&pipeline| Case { workload, pipeline });
        [Workload::Set, Workload::Get].into_iter().flat_map(depths).collect()
    }
}

pub fn run(options: &Options) -> Result<()> {
    page::build()?;
    build_server("release")?;
    let (server_core, load_core) = cores()?;
    let redis = Server::start("redis", &install::redis_server()?, &[], server_core)?;
    let binary = workspace::server("release");
    let redarium = Server::start("redarium", &binary, &["--http-port", "0"], server_core)?;
    core_affinity::set_for_current(load_core);

    println!("{}", conditions(options, server_core, load_core, &redis)?);
    load::fill(redis.address)?;
    load::fill(redarium.address)?;
    let rows = measure_all(options, &redis, &redarium)?;
    print!("\n{}", report::table(&rows));
    if let Some(path) = &options.json {
        let text = report::json(&rows);
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn measure_all(options: &Options, redis: &Server, redarium: &Server) -> Result<Vec<Row>> {
    let cases = options.cases();
    let mut samples: Vec<[Vec<Figures>; 2]> = cases.iter().map(|_| Default::default()).collect();
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        for (case, [of_redis, of_redarium]) in cases.iter().zip(&mut samples) {
            let mut turns = [(redis, of_redis), (redarium, of_redarium)];
            if round % 2 == 1 {
                turns.reverse();
            }
            for (server, figures) in turns {
                figures.push(measure(options, *case, server)?);
            }
        }
    }
    let measured = cases.into_iter().zip(samples);
    measured.map(|(case, samples)| row(options, case, samples, [redis, redarium])).collect()
}

fn row(
    options: &Options,
    case: Case,
    samples: [Vec<Figures>; 2],
    servers: [&Server; 2],
) -> Result<Row> {
    let [mut redis, mut redarium] = samples.map(|figures| Figures::median(&figures));
    if options.syscalls {
        for (server, figures) in servers.into_iter().zip([&mut redis, &mut redarium]) {
            let mut load = connect(options, case, server)?;
            figures.syscalls_per_request = Some(syscalls::per_request(server, &mut load)?);
        }
    }
    Ok(Row { case, redis, redarium })
}

fn measure(options: &Options, case: Case, server: &Server) -> Result<Figures> {
    let mut load = connect(options, case, server)?;
    load.drive(WARM_UP)?;
    let cpu_before = server.cpu_time()?;
    let measured = load.drive(Duration::from_secs_f64(options.seconds))?;
    let cpu = server.cpu_time()?.saturating_sub(cpu_before);
    Ok(Figures::new(&measured, cpu))
}

fn connect(options: &Options, case: Case, server: &Server) -> Result<Load> {
    Load::connect(server.address, options.clients, case.pipeline, case.workload)
}

fn cores() -> Result<(CoreId, CoreId)> {
    match core_affinity::get_core_ids().unwrap_or_default().as_slice() {
        [server, load, ..] => Ok((*server, *load)),
        _ => bail!("the bench needs two cores: one for the server, one for the load"),
    }
}

fn conditions(options: &Options, server: CoreId, load: CoreId, redis: &Server) -> Result<String> {
    let data = format!(
        "{} keys of {} bytes, values of {} bytes",
        load::KEYS,
        load::KEY_BYTES,
        load::VALUE_BYTES
    );
    Ok(format!(
        "{} clients, {data}; server on core {}, load on core {}\n\
         medians of {} rounds of {} s; redis is {}",
        options.clients,
        server.id,
        load.id,
        options.rounds,
        options.seconds,
        redis.version()?,
    ))
}

/// Long enough for connections, caches and clock frequencies to settle.
const WARM_UP: Duration = Duration::from_millis(300);
