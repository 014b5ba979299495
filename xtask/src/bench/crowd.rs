//! Crowds and troublemakers: what one client, or ten thousand, do to the others.
//!
//! A few bystanders send PING after PING, first among themselves, then with trouble at the gates; what is
//! compared is the same server's throughput and p99 without and with it, in each round anew. The
//! trouble comes from the load's own core: what it costs there is in the figures too, for both
//! servers alike.

use std::{
    fmt::Write as _,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{
    client::Client,
    load::{Load, Measured},
    server::{Server, Servers},
    workload::Choice,
};

pub struct Row {
    case: &'static Case,
    /// Of Redis and of Redarium.
    harm: [Harm; 2],
}

/// Medians of the rounds, and of memory the most.
#[derive(Clone, Copy, Default)]
struct Harm {
    /// Throughput with trouble, as a share of the throughput without.
    speed: f64,
    /// p99 with trouble, in p99s without.
    p99: f64,
    /// Memory that the trouble takes.
    bytes: f64,
}

struct Case {
    name: &'static str,
    trouble: fn(SocketAddr, &Signals) -> Result<()>,
    /// Least share of throughput, and most p99s.
    target: (f64, f64),
}

/// Between the one who measures and the one who makes trouble.
#[derive(Default)]
struct Signals {
    has_begun: AtomicBool,
    is_over: AtomicBool,
}

pub fn measure_all(servers: &Servers, rounds: usize, seconds: f64) -> Result<Vec<Row>> {
    rlimit::increase_nofile_limit(FILES)?;
    let (redis, redarium) = (servers.redis()?, servers.redarium()?);
    let rows = CASES.iter().map(|case| {
        eprintln!("{}", case.name);
        let mut harm = [Harm::default(); 2];
        for (harm, server) in harm.iter_mut().zip([&redis, &redarium]) {
            *harm = measure(case, server, rounds, Duration::from_secs_f64(seconds))
                .with_context(|| format!("{}: {}", server.name(), case.name))?;
        }
        Ok(Row { case, harm })
    });
    rows.collect()
}

fn measure(case: &Case, server: &Server, rounds: usize, time: Duration) -> Result<Harm> {
    let mut admin = Client::connect(server.address)?;
    admin.call(&["CONFIG", "SET", "maxclients", "12000"])?;
    let mut all: [Vec<f64>; 3] = Default::default();
    for _ in 0..rounds {
        let harm = once(case, server, time)?;
        for (figures, figure) in all.iter_mut().zip([harm.speed, harm.p99, harm.bytes]) {
            figures.push(figure);
        }
        await_calm(&mut admin)?;
    }
    let [speed, p99, bytes] = all;
    // Memory is kept for the next crowd: the round that made room for it tells what it takes.
    let bytes = bytes.into_iter().fold(0.0, f64::max);
    Ok(Harm { speed: median(speed), p99: median(p99), bytes })
}

fn once(case: &Case, server: &Server, time: Duration) -> Result<Harm> {
    let mut bystanders = bystanders(server.address)?;
    bystanders.drive(WARM_UP, u64::MAX)?;
    let calm = bystanders.drive(time, u64::MAX)?;
    let before = server.resident_bytes()?;
    let signals = Signals::default();
    thread::scope(|scope| {
        let trouble = scope.spawn(|| (case.trouble)(server.address, &signals));
        while !signals.has_begun.load(Ordering::Acquire) && !trouble.is_finished() {
            thread::sleep(TICK);
        }
        let measured = bystanders.drive(time, u64::MAX);
        let after = server.resident_bytes();
        signals.is_over.store(true, Ordering::Release);
        trouble.join().expect("trouble does not panic")?;
        let troubled = measured?;
        Ok(Harm {
            speed: per_second(&troubled) / per_second(&calm),
            p99: p99(&troubled) / p99(&calm),
            bytes: after?.saturating_sub(before) as f64,
        })
    })
}

fn bystanders(address: SocketAddr) -> Result<Load> {
    let Choice(ping) = "PING_MBULK".parse().ok().context("the workload of PING")?;
    Load::connect(address, BYSTANDERS, 1, ping, 0, b"+PONG\r\n")
}

/// Waits until the server has let go of all who made trouble.
fn await_calm(admin: &mut Client) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let info = admin.call(&["INFO", "clients"])?;
        if String::from_utf8_lossy(&info).contains("connected_clients:1\r") {
            return Ok(());
        }
        thread::sleep(TICK * 20);
    }
    Ok(())
}

fn per_second(measured: &Measured) -> f64 {
    measured.requests as f64 / measured.elapsed.as_secs_f64()
}

fn p99(measured: &Measured) -> f64 {
    measured.latency.value_at_quantile(0.99).max(1) as f64
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

impl Signals {
    /// Makes trouble until it is over: `act` so many times a second.
    fn repeat(&self, per_second: u32, mut act: impl FnMut() -> Result<()>) -> Result<()> {
        self.has_begun.store(true, Ordering::Release);
        let pause = Duration::from_secs(1) / per_second;
        let mut next = Instant::now();
        while !self.is_over.load(Ordering::Acquire) {
            act()?;
            next += pause;
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        Ok(())
    }
}

/// Nothing at all: how far two measurements of the same thing lie apart.
fn nothing(_: SocketAddr, signals: &Signals) -> Result<()> {
    signals.repeat(10, || Ok(()))
}

/// Connections that say one word and then nothing.
fn idle(address: SocketAddr, signals: &Signals) -> Result<()> {
    let mut crowd = Vec::with_capacity(CROWD);
    for _ in 0..CROWD {
        let mut stream = connect(address)?;
        stream.write_all(b"PING\r\n")?;
        let mut reply = [0; 7];
        stream.read_exact(&mut reply)?;
        ensure!(reply == *b"+PONG\r\n", "an idle client is not served: {}", reply.escape_ascii());
        crowd.push(stream);
    }
    signals.repeat(10, || Ok(()))
}

/// Bytes that make no sense, over and over; whoever is thrown out comes back.
fn garbage(address: SocketAddr, signals: &Signals) -> Result<()> {
    let mut rubbish = vec![0; 64 * 1024];
    let mut seed = 1_u64;
    for byte in &mut rubbish {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *byte = (seed >> 56) as u8;
    }
    let mut stream = connect(address)?;
    signals.repeat(1000, || {
        if stream.write_all(&rubbish).is_err() {
            stream = connect(address)?;
        }
        Ok(())
    })
}

/// Hundreds of requests that arrive a byte at a time.
fn slow_loris(address: SocketAddr, signals: &Signals) -> Result<()> {
    const HALVES: usize = 500;
    let request = b"*3\r\n$3\r\nSET\r\n$4\r\nslow\r\n$1000000\r\n";
    let mut streams = (0..HALVES).map(|_| connect(address)).collect::<Result<Vec<_>>>()?;
    let mut sent = 0;
    signals.repeat(5000, || {
        let byte = request.get(sent / HALVES).copied().unwrap_or(b'x');
        streams[sent % HALVES].write_all(&[byte])?;
        sent += 1;
        Ok(())
    })
}

/// A thousand come in a second, say a word and go.
fn connects(address: SocketAddr, signals: &Signals) -> Result<()> {
    signals.repeat(1000, || {
        let mut stream = connect(address)?;
        stream.write_all(b"PING\r\n")?;
        let _ = stream.read(&mut [0; 7])?;
        Ok(())
    })
}

/// One pipeline after the other, as fast as they are taken: a million commands in some seconds.
fn pipeline(address: SocketAddr, signals: &Signals) -> Result<()> {
    let requests = b"*2\r\n$4\r\nINCR\r\n$8\r\npipeline\r\n".repeat(10_000);
    let mut stream = connect(address)?;
    stream.set_nonblocking(true)?;
    let (mut sent, mut replies) = (0, vec![0; 256 * 1024]);
    signals.repeat(10_000, || {
        match stream.write(&requests[sent..]) {
            Ok(count) => sent = (sent + count) % requests.len(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        while stream.read(&mut replies).is_ok_and(|count| count == replies.len()) {}
        Ok(())
    })
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

pub fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<34} {:>8} {:>8}   {:>8} {:>8}   {:>8} {:>8}\n{:<34} {:>8} {:>8}   {:>8} {:>8}   {:>8} {:>8}\n",
        "",
        "speed",
        "",
        "p99",
        "",
        "MB",
        "",
        "with, per without",
        "redis",
        "redarium",
        "redis",
        "redarium",
        "redis",
        "redarium"
    );
    for Row { case, harm: [redis, redarium] } in rows {
        let (speed, p99) = case.target;
        let is_missed = redarium.speed < speed || redarium.p99 > p99;
        let _ = writeln!(
            text,
            "{:<34} {:>8.2} {:>8.2}   {:>8.2} {:>8.2}   {:>8.1} {:>8.1}  target {speed:.2} {p99:.1}{}",
            case.name,
            redis.speed,
            redarium.speed,
            redis.p99,
            redarium.p99,
            redis.bytes / MEGABYTE,
            redarium.bytes / MEGABYTE,
            if is_missed { " MISSED" } else { "" },
        );
    }
    text
}

pub fn json(rows: &[Row]) -> String {
    let object = |harm: &Harm| {
        let Harm { speed, p99, bytes } = harm;
        format!("{{\"speed\":{speed:.3},\"p99\":{p99:.3},\"bytes\":{bytes:.0}}}")
    };
    let objects = rows.iter().map(|Row { case, harm: [redis, redarium] }| {
        let (redis, redarium) = (object(redis), object(redarium));
        format!("  {{\"case\":\"{}\",\"redis\":{redis},\"redarium\":{redarium}}}", case.name)
    });
    format!("[\n{}\n]\n", objects.collect::<Vec<_>>().join(",\n"))
}

const CASES: &[Case] = &[
    Case { name: "nothing", trouble: nothing, target: (0.0, f64::INFINITY) },
    Case { name: "10,000 idle connections", trouble: idle, target: (0.9, 2.0) },
    Case { name: "garbage without end", trouble: garbage, target: (0.0, 2.0) },
    Case { name: "500 slow senders", trouble: slow_loris, target: (0.0, 2.0) },
    Case { name: "1,000 connects a second", trouble: connects, target: (0.0, 2.0) },
    Case { name: "a pipeline of millions", trouble: pipeline, target: (0.0, f64::INFINITY) },
];

const BYSTANDERS: usize = 4;

const CROWD: usize = 10_000;

/// Of this process, for the crowd's ends of the connections.
const FILES: u64 = 12_000;

const MEGABYTE: f64 = (1 << 20) as f64;

const WARM_UP: Duration = Duration::from_millis(200);

const TICK: Duration = Duration::from_millis(5);

const PATIENCE: Duration = Duration::from_secs(10);
