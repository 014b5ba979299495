//! `appendfsync always`: how many writes a second are on the disk before they are answered.

use std::time::Duration;

use anyhow::Result;

use super::{
    finding::{Finding, Target, median},
    load::Load,
    request::Command,
    server::{Server, Servers},
    workload::Workload,
};

pub fn measure_all(servers: &Servers, rounds: usize, seconds: f64) -> Result<Vec<Finding>> {
    eprintln!("appendfsync always");
    let pair = servers.both(&["--appendonly", "yes", "--appendfsync", "always"])?;
    let mut figures = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (server, figures) in pair.iter().zip(&mut figures) {
            figures.push(requests_per_second(server, seconds)?);
        }
    }
    Ok(vec![Finding {
        name: "SET with appendfsync always",
        unit: "a second",
        figures: figures.map(median),
        target: Target::Times(1.5),
    }])
}

fn requests_per_second(server: &Server, seconds: f64) -> Result<f64> {
    let mut load = Load::connect(server.address, CLIENTS, 1, &RANDOM, VALUE_BYTES, b"+OK\r\n")?;
    let measured = load.drive(Duration::from_secs_f64(seconds), u64::MAX)?;
    Ok(measured.requests as f64 / measured.elapsed.as_secs_f64())
}

const CLIENTS: usize = 50;
const VALUE_BYTES: usize = 32;

const RANDOM: Workload = Workload {
    name: "SET",
    commands: &[Command::plain(&["SET", "key:__rand_int__", "__value__"])],
    is_constant: true,
    ..Workload::LIGHT
};
