//! Requests per second: fill, warm up, measure, one server after the other.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{
    Options,
    client::Client,
    load::{self, Load, Measured},
    reply,
    report::{Case, Figures, Outcome, Row, Samples},
    server::Server,
    syscalls,
    workload::{Upkeep, Workload},
};

/// Measures every workload at every depth; `servers` are Redis and Redarium.
pub fn measure_all(
    options: &Options,
    workloads: &[&'static Workload],
    servers: [&Server; 2],
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for workload in workloads {
        eprintln!("{}", workload.name);
        let measured = measure(options, workload, servers).context(workload.name)?;
        rows.extend(measured);
    }
    Ok(rows)
}

fn measure(
    options: &Options,
    workload: &'static Workload,
    servers: [&Server; 2],
) -> Result<Vec<Row>> {
    let mut stands = Vec::new();
    for server in servers {
        match Stand::prepare(options, workload, server) {
            Ok(stand) => stands.push(stand),
            Err(error) if reply::is_unsupported(&error) => {
                return Ok(vec![Row::unsupported(workload, server.name())]);
            }
            Err(error) => return Err(error.context(server.name())),
        }
    }
    compare_replies(workload, &stands)?;
    let rows = options.pipeline.iter().map(|&pipeline| {
        let samples = rounds(options, pipeline, &mut stands)?;
        Ok(Row { case: Case { workload, pipeline }, outcome: Outcome::Measured(samples) })
    });
    let rows = rows.collect();
    stands.iter_mut().try_for_each(Stand::clear)?;
    rows
}

/// Servers that answer otherwise do other work.
fn compare_replies(workload: &Workload, stands: &[Stand<'_>]) -> Result<()> {
    let [redis, redarium] = stands else { return Ok(()) };
    let (left, right) = (redis.reply.escape_ascii(), redarium.reply.escape_ascii());
    let is_alike = redis.reply == redarium.reply;
    ensure!(is_alike || !workload.is_constant, "redis answers {left}, redarium {right}");
    let same_len = redis.reply.len() == redarium.reply.len();
    ensure!(same_len, "redis answers {left}, redarium {right}: another length");
    Ok(())
}

fn rounds(options: &Options, pipeline: usize, stands: &mut [Stand<'_>]) -> Result<Samples> {
    let mut samples: Samples = Default::default();
    for round in 0..options.rounds {
        let mut turns: Vec<_> = stands.iter_mut().zip(&mut samples).collect();
        if round % 2 == 1 {
            turns.reverse();
        }
        for (stand, figures) in turns {
            figures.push(stand.measure(pipeline)?);
        }
    }
    if options.syscalls {
        for (stand, figures) in stands.iter_mut().zip(&mut samples) {
            let calls = stand.syscalls(pipeline)?;
            figures.iter_mut().for_each(|figures| figures.syscalls_per_request = Some(calls));
        }
    }
    Ok(samples)
}

/// A server with a workload's data.
struct Stand<'a> {
    options: &'a Options,
    workload: &'static Workload,
    server: &'a Server,
    client: Client,
    /// The reply to one request.
    reply: Vec<u8>,
}

impl<'a> Stand<'a> {
    /// A server that lacks a command refuses here.
    fn prepare(
        options: &'a Options,
        workload: &'static Workload,
        server: &'a Server,
    ) -> Result<Self> {
        let client = Client::connect(server.address)?;
        let mut stand = Self { options, workload, server, client, reply: Vec::new() };
        stand.fill()?;
        let mut request = load::batch(workload, 1, options.value_bytes);
        stand.reply = stand.client.exchange(request.next(), workload.replies())?;
        Ok(stand)
    }

    fn clear(&mut self) -> Result<()> {
        self.client.call(&["FLUSHALL", "SYNC"]).map(|_| ())
    }

    fn fill(&mut self) -> Result<()> {
        self.clear()?;
        let mut fills = self.workload.fills.iter();
        fills.try_for_each(|fill| fill.run(&mut self.client, self.options.value_bytes))
    }

    fn measure(&mut self, pipeline: usize) -> Result<Figures> {
        let duration = Duration::from_secs_f64(self.options.seconds);
        if self.workload.upkeep != Upkeep::Nothing {
            self.fill()?;
        }
        let mut load = self.connect(pipeline)?;
        if let Upkeep::Refill(requests) = self.workload.upkeep {
            return self.measure_with_refills(&mut load, duration, requests);
        }
        load.drive(WARM_UP, u64::MAX)?;
        let cpu_before = self.server.cpu_time()?;
        let measured = load.drive(duration, u64::MAX)?;
        let cpu = self.server.cpu_time()?.saturating_sub(cpu_before);
        Ok(Figures::new(&measured, cpu))
    }

    /// Filled again and again; the time that takes does not count.
    fn measure_with_refills(
        &mut self,
        load: &mut Load,
        duration: Duration,
        requests: u64,
    ) -> Result<Figures> {
        load.drive(WARM_UP, requests)?;
        let mut total: Option<Measured> = None;
        let mut cpu = Duration::ZERO;
        loop {
            self.fill()?;
            let spent = total.as_ref().map_or(Duration::ZERO, |total| total.elapsed);
            let cpu_before = self.server.cpu_time()?;
            let measured = load.drive(duration.saturating_sub(spent), requests)?;
            cpu += self.server.cpu_time()?.saturating_sub(cpu_before);
            match &mut total {
                None => total = Some(measured),
                Some(total) => total.add(&measured)?,
            }
            if let Some(total) = total.as_ref().filter(|total| total.elapsed >= duration) {
                return Ok(Figures::new(total, cpu));
            }
        }
    }

    fn syscalls(&mut self, pipeline: usize) -> Result<f64> {
        self.fill()?;
        let requests = match self.workload.upkeep {
            Upkeep::Refill(requests) => requests,
            Upkeep::Nothing | Upkeep::Restart => u64::MAX,
        };
        let mut load = self.connect(pipeline)?;
        syscalls::per_request(self.server, &mut load, requests)
    }

    fn connect(&self, pipeline: usize) -> Result<Load> {
        let clients = self.workload.clients(self.options.clients);
        let (address, bytes) = (self.server.address, self.options.value_bytes);
        Load::connect(address, clients, pipeline, self.workload, bytes, &self.reply)
    }
}

/// Long enough for connections, caches and clock frequencies to settle.
const WARM_UP: Duration = Duration::from_millis(300);
