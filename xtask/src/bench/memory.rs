//! Resident memory: what data of several shapes take in a fresh server.
//!
//! Every case has a server process to itself. Counted is what the process holds
//! after the load less what it held before, as the kernel sees it: allocators'
//! rounding, tables' spare room and all.

use std::{fmt::Write, thread, time::Duration};

use anyhow::{Context, Result};

use super::{
    client::Client,
    fill::Fill,
    reply,
    server::{Server, Servers},
};

pub struct Row {
    case: &'static Case,
    /// Bytes of Redis and of Redarium; `None` where the server lacks the command.
    bytes: [Option<u64>; 2],
}

struct Case {
    name: &'static str,
    /// What one item looks like, for a reader of the table.
    shape: &'static str,
    fill: Fill,
    /// Redarium's memory in Redis's, at most.
    target: f64,
}

pub fn measure_all(servers: &Servers) -> Result<Vec<Row>> {
    CASES.iter().map(|case| row(case, servers).context(case.name)).collect()
}

fn row(case: &'static Case, servers: &Servers) -> Result<Row> {
    eprintln!("{}", case.name);
    // One after the other, so that neither meets the other's caches and pages.
    let redis = measure(case, &servers.redis()?)?;
    let redarium = measure(case, &servers.redarium()?)?;
    Ok(Row { case, bytes: [redis, redarium] })
}

fn measure(case: &Case, server: &Server) -> Result<Option<u64>> {
    let mut client = Client::connect(server.address)?;
    client.call(&["PING"])?;
    let empty = server.resident_bytes()?;
    match case.fill.run(&mut client, 0) {
        Ok(()) => {}
        Err(error) if reply::is_unsupported(&error) => return Ok(None),
        Err(error) => return Err(error.context(server.name())),
    }
    thread::sleep(SETTLE);
    Ok(Some(server.resident_bytes()?.saturating_sub(empty)))
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        let [Some(redis), Some(redarium)] = self.bytes else { return None };
        Some(redarium as f64 / redis as f64)
    }
}

pub fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<16} {:>9} {:>11} {:>11} {:>7} {:>14}  an item\n",
        "bytes an item", "items", "redis", "redarium", "ratio", "target"
    );
    for row in rows {
        let Case { name, shape, fill, target } = row.case;
        let [redis, redarium] = row.bytes.map(|bytes| each(bytes, fill.count));
        let verdict = match row.ratio() {
            Some(ratio) if ratio > *target => format!("{ratio:>6.2}x {target:>6.2}x MISSED"),
            Some(ratio) => format!("{ratio:>6.2}x {target:>6.2}x       "),
            None => format!("{:>22}", "unsupported"),
        };
        let _ = writeln!(
            text,
            "{name:<16} {:>9} {redis:>11} {redarium:>11} {verdict}  {shape}",
            fill.count
        );
    }
    text
}

fn each(bytes: Option<u64>, count: u64) -> String {
    bytes.map_or("-".into(), |bytes| format!("{:.1}", bytes as f64 / count as f64))
}

pub fn json(rows: &[Row]) -> String {
    let objects: Vec<_> = rows.iter().map(row_json).collect();
    format!("[\n{}\n]\n", objects.join(",\n"))
}

fn row_json(row: &Row) -> String {
    let number = |bytes: Option<u64>| bytes.map_or("null".into(), |bytes| bytes.to_string());
    let [redis, redarium] = row.bytes.map(number);
    let ratio = row.ratio().map_or("null".into(), |ratio| format!("{ratio:.3}"));
    format!(
        "  {{\"case\":\"{}\",\"items\":{},\"redis_bytes\":{redis},\"redarium_bytes\":{redarium},\
         \"ratio\":{ratio},\"target\":{:.2}}}",
        row.case.name, row.case.fill.count, row.case.target
    )
}

const CASES: &[Case] = &[
    Case {
        name: "keys",
        shape: "SET key:000000123456 (32 bytes)",
        fill: Fill::single(&["SET"], &["key:__next__", VALUE_32], MILLION),
        target: 0.58,
    },
    Case {
        name: "keys with a TTL",
        shape: "SET key:000000123456 (32 bytes) EX 100000",
        fill: Fill::single(&["SET"], &["key:__next__", VALUE_32, "EX", "100000"], MILLION),
        target: 0.54,
    },
    Case {
        name: "integers",
        shape: "SET key:000000123456 1000000123456",
        fill: Fill::single(&["SET"], &["key:__next__", "1__next__"], MILLION),
        target: 0.52,
    },
    Case {
        name: "small hashes",
        shape: "HSET user:000000012345 field:0 value:000000012345 ... field:9 value:000000012345",
        fill: Fill::SMALL_HASHES,
        target: 0.85,
    },
    Case {
        name: "one hash",
        shape: "HSET hash field:000000123456 value:000000123456",
        fill: Fill::variadic(&["HSET", "hash"], &["field:__next__", "value:__next__"], HALF),
        target: 0.55,
    },
    Case {
        name: "one set",
        shape: "SADD set member:000000123456",
        fill: Fill::variadic(&["SADD", "set"], &["member:__next__"], HALF),
        target: 0.55,
    },
    Case {
        name: "one sorted set",
        shape: "ZADD zset 345678 member:000000123456",
        fill: Fill::variadic(&["ZADD", "zset"], &["__mixed__", "member:__next__"], HALF),
        target: 0.58,
    },
    Case {
        name: "one stream",
        shape: "XADD stream * user user:000000345678 action view item item:000000123456",
        fill: Fill::single(
            &["XADD", "stream", "*"],
            &["user", "user:__mixed__", "action", "view", "item", "item:__next__"],
            MILLION,
        ),
        target: 1.0,
    },
];

const VALUE_32: &str = "value:abcdefghijklm:__next__";
const MILLION: u64 = 1_000_000;
const HALF: u64 = 500_000;

/// Tables still being resized in the background get there.
const SETTLE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::VALUE_32;

    #[test]
    fn a_value_has_the_length_it_is_named_for() {
        assert_eq!(VALUE_32.replace("__next__", "000000123456").len(), 32);
    }
}
