//! Persistence: how long SAVE takes, and a start with the file it wrote.
//!
//! Both servers hold the same data and are measured in turns. A start is timed from the
//! process's beginning to its first answer to PING. Figures are medians of the rounds.

use std::{
    fmt::Write,
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{
    client::Client,
    fill::Fill,
    server::{Server, Servers},
};

pub struct Row {
    name: &'static str,
    /// Milliseconds of Redis and of Redarium.
    save_ms: [f64; 2],
    load_ms: [f64; 2],
}

struct Case {
    name: &'static str,
    fill: Fill,
}

pub fn measure_all(servers: &Servers, rounds: usize) -> Result<Vec<Row>> {
    CASES.iter().map(|case| row(case, servers, rounds).context(case.name)).collect()
}

fn row(case: &Case, servers: &Servers, rounds: usize) -> Result<Row> {
    eprintln!("{}", case.name);
    let mut pair = [servers.redis()?, servers.redarium()?];
    for server in &pair {
        case.fill.run(&mut Client::connect(server.address)?, 0)?;
    }
    let (mut saves, mut loads) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..rounds {
        for (server, saves) in pair.iter().zip(&mut saves) {
            saves.push(save(server)?);
        }
        for (server, loads) in pair.iter_mut().zip(&mut loads) {
            loads.push(server.restart()?);
        }
    }
    for server in &pair {
        fs::remove_file(server.dump())?;
    }
    Ok(Row { name: case.name, save_ms: saves.map(median_ms), load_ms: loads.map(median_ms) })
}

fn save(server: &Server) -> Result<Duration> {
    let mut client = Client::connect(server.address)?;
    let start = Instant::now();
    client.call(&["SAVE"])?;
    Ok(start.elapsed())
}

fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

pub fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<20} {:>6} {:>9} {:>9} {:>9}\n",
        "milliseconds", "", "redis", "redarium", "as fast"
    );
    for row in rows {
        for (deed, [redis, redarium]) in [("SAVE", row.save_ms), ("load", row.load_ms)] {
            let ratio = redis / redarium;
            let verdict = if ratio < TARGET { "MISSED" } else { "" };
            let _ = writeln!(
                text,
                "{:<20} {deed:>6} {redis:>9.1} {redarium:>9.1} {ratio:>8.2}x  target {TARGET}x \
                 {verdict}",
                row.name
            );
        }
    }
    text
}

pub fn json(rows: &[Row]) -> Vec<String> {
    let objects = rows.iter().map(|row| {
        let ([redis_save, save], [redis_load, load]) = (row.save_ms, row.load_ms);
        format!(
            "  {{\"case\":\"{}\",\"redis_save_ms\":{redis_save:.1},\"save_ms\":{save:.1},\
             \"redis_load_ms\":{redis_load:.1},\"load_ms\":{load:.1},\"target\":{TARGET}}}",
            row.name
        )
    });
    objects.collect()
}

const CASES: &[Case] = &[
    Case {
        name: "1,000,000 strings",
        fill: Fill::single(&["SET"], &["key:__next__", "value:abcdefghijklm:__next__"], 1_000_000),
    },
    Case { name: "100,000 hashes", fill: Fill::SMALL_HASHES },
    Case {
        name: "one sorted set",
        fill: Fill::variadic(&["ZADD", "zset"], &["__mixed__", "member:__next__"], 500_000),
    },
];

/// Times as fast as Redis, at least.
const TARGET: f64 = 1.2;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::median_ms;

    #[test]
    fn the_middle_round_counts() {
        assert_eq!(median_ms([9, 1, 2].map(Duration::from_millis).to_vec()), 2.0);
        assert_eq!(median_ms(Vec::new()), 0.0);
    }
}
