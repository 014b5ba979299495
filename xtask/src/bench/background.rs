//! BGSAVE under load: what it costs those who are served meanwhile, and how much memory.
//!
//! The servers hold a million keys. First fifty clients set keys at random, without a save and while
//! one is running: how much of the throughput is left, and how long the longest hundredth of the
//! replies took. Then every key is overwritten while a save is running: the most memory that the
//! process and what it has forked had at any moment, in what it had before. Redis's child has the
//! same core as Redis.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{
    client::Client,
    fill::Fill,
    finding::{Finding, Target, median},
    load::{Load, Measured},
    request::Command,
    server::{Server, Servers},
    workload::Workload,
};

pub fn measure_all(servers: &Servers, rounds: usize, seconds: f64) -> Result<Vec<Finding>> {
    eprintln!("BGSAVE under load");
    let pair = [servers.redis()?, servers.redarium()?];
    for server in &pair {
        FILL.run(&mut Client::connect(server.address)?, VALUE_BYTES)?;
    }
    let mut figures = [const { [Vec::new(), Vec::new()] }; 3];
    for _ in 0..rounds {
        for (at, server) in pair.iter().enumerate() {
            let (kept, p99_ms) = under_load(server, seconds).context("SET during BGSAVE")?;
            let memory = under_overwrite(server).context("all overwritten during BGSAVE")?;
            for (figures, figure) in figures.iter_mut().zip([kept, p99_ms, memory]) {
                figures[at].push(figure);
            }
        }
    }
    let [kept, p99_ms, memory] = figures.map(|figures| figures.map(median));
    Ok(vec![
        Finding {
            name: "throughput during BGSAVE",
            unit: "of that without",
            figures: kept,
            target: Target::AtLeast(0.65),
        },
        Finding {
            name: "p99 during BGSAVE",
            unit: "ms",
            figures: p99_ms,
            target: Target::AtMost(3.0),
        },
        Finding {
            name: "memory while all is overwritten",
            unit: "of that before",
            figures: memory,
            target: Target::AtMost(1.1),
        },
    ])
}

/// What is left of the throughput while a save is running, and the replies' 99th percentile then.
fn under_load(server: &Server, seconds: f64) -> Result<(f64, f64)> {
    let mut client = Client::connect(server.address)?;
    let mut load = Load::connect(server.address, CLIENTS, 1, &RANDOM, VALUE_BYTES, b"+OK\r\n")?;
    load.drive(WARM_UP, u64::MAX)?;
    let alone = load.drive(Duration::from_secs_f64(seconds), u64::MAX)?;
    client.call(&["BGSAVE"])?;
    let mut saving: Option<Measured> = None;
    loop {
        let slice = load.drive(SLICE, u64::MAX)?;
        if !is_saving(&mut client)? {
            break;
        }
        match &mut saving {
            Some(all) => all.add(&slice)?,
            None => saving = Some(slice),
        }
    }
    let saving = saving.context("the save was over at once")?;
    let p99_ms = saving.latency.value_at_quantile(0.99) as f64 / 1e6;
    Ok((per_second(&saving) / per_second(&alone), p99_ms))
}

/// The most memory while a save runs and every key is overwritten, in that before.
fn under_overwrite(server: &Server) -> Result<f64> {
    let mut client = Client::connect(server.address)?;
    let before = server.proportional_bytes()?;
    let is_over = AtomicBool::new(false);
    let most = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = 0;
            while !is_over.load(Ordering::Relaxed) {
                most = most.max(server.proportional_bytes()?);
                thread::sleep(LOOK);
            }
            Ok(most)
        });
        let done = overwrite(server, &mut client);
        is_over.store(true, Ordering::Relaxed);
        let most: Result<u64> = watch.join().expect("looking at memory does not panic");
        done.and(most)
    })?;
    Ok(most as f64 / before as f64)
}

fn overwrite(server: &Server, client: &mut Client) -> Result<()> {
    client.call(&["BGSAVE"])?;
    FILL.run(&mut Client::connect(server.address)?, VALUE_BYTES)?;
    let deadline = Instant::now() + SAVE_PATIENCE;
    while is_saving(client)? {
        ensure!(Instant::now() < deadline, "the save does not end");
        thread::sleep(LOOK);
    }
    Ok(())
}

fn is_saving(client: &mut Client) -> Result<bool> {
    let info = client.call(&["INFO", "persistence"])?;
    Ok(String::from_utf8_lossy(&info).contains("rdb_bgsave_in_progress:1"))
}

fn per_second(measured: &Measured) -> f64 {
    measured.requests as f64 / measured.elapsed.as_secs_f64()
}

const KEYS: u64 = 1_000_000;
const VALUE_BYTES: usize = 100;
const CLIENTS: usize = 50;

const FILL: Fill = Fill::single(&["SET"], &["key:__next__", "__value__"], KEYS);

const RANDOM: Workload = Workload {
    name: "SET",
    commands: &[Command::plain(&["SET", "key:__rand_int__", "__value__"])],
    is_constant: true,
    ..Workload::LIGHT
};

const WARM_UP: Duration = Duration::from_millis(300);

/// After so long it is asked whether the save is still running.
const SLICE: Duration = Duration::from_millis(200);

const LOOK: Duration = Duration::from_millis(10);
const SAVE_PATIENCE: Duration = Duration::from_secs(60);
