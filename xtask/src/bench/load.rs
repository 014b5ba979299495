//! The load: one thread that keeps every connection's pipeline full.
//!
//! Built to cost less than any server it drives: requests are patched in place,
//! every reply of a batch is the same known text and is compared as one slice, and
//! a batch is one write and usually one read. A wrong reply ends the measurement.

use std::{
    io::{ErrorKind, Read, Write},
    net::{self, SocketAddr},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token, net::TcpStream};

pub const KEYS: u64 = 100_000;
pub const KEY_BYTES: usize = KEY.len();
pub const VALUE_BYTES: usize = 32;
/// A batch has to fit an empty socket buffer, since a write is never continued.
pub const PIPELINE_MAX: usize = 128;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Workload {
    Set,
    Get,
}

impl Workload {
    pub fn name(self) -> &'static str {
        match self {
            Self::Set => "SET",
            Self::Get => "GET",
        }
    }

    fn request(self) -> String {
        match self {
            Self::Set => format!("*3\r\n$3\r\nSET\r\n${KEY_BYTES}\r\n{KEY}\r\n{}", value_bulk()),
            Self::Get => format!("*2\r\n$3\r\nGET\r\n${KEY_BYTES}\r\n{KEY}\r\n"),
        }
    }

    fn reply(self) -> String {
        match self {
            Self::Set => "+OK\r\n".into(),
            Self::Get => value_bulk(),
        }
    }
}

pub struct Load {
    poll: Poll,
    connections: Vec<Connection>,
    requests: Requests,
    /// The replies to one batch.
    replies: Vec<u8>,
}

pub struct Measured {
    pub requests: u64,
    pub elapsed: Duration,
    /// Nanoseconds from writing a batch to its last reply.
    pub latency: Histogram<u64>,
}

impl Load {
    /// Connects; nothing is sent yet.
    pub fn connect(
        address: SocketAddr,
        clients: usize,
        pipeline: usize,
        workload: Workload,
    ) -> Result<Self> {
        let poll = Poll::new()?;
        let mut connections = Vec::with_capacity(clients);
        for index in 0..clients {
            let mut connection = Connection::open(address).context("cannot connect")?;
            let token = Token(index);
            poll.registry().register(&mut connection.stream, token, Interest::READABLE)?;
            connections.push(connection);
        }
        let requests = Requests::new(workload, pipeline);
        let replies = workload.reply().repeat(pipeline).into_bytes();
        Ok(Self { poll, connections, requests, replies })
    }

    /// Keeps the server busy for that long, then waits for the batches still in flight.
    pub fn drive(&mut self, duration: Duration) -> Result<Measured> {
        let mut latency = Histogram::new_with_max(LATENCY_NS_MAX, 3)?;
        let mut events = Events::with_capacity(self.connections.len());
        let mut buffer = vec![0; 64 * 1024];
        let started = Instant::now();
        for connection in &mut self.connections {
            connection.send(&mut self.requests)?;
        }
        let mut in_flight = self.connections.len();
        while in_flight > 0 {
            self.poll.poll(&mut events, Some(PATIENCE))?;
            ensure!(!events.is_empty(), "no reply for {} s", PATIENCE.as_secs());
            let go_on = started.elapsed() < duration;
            for event in &events {
                let connection = &mut self.connections[event.token().0];
                if !connection.receive(&mut buffer, &self.replies)? {
                    continue;
                }
                latency.saturating_record(nanoseconds(connection.sent_at.elapsed()));
                if go_on {
                    connection.send(&mut self.requests)?;
                } else {
                    in_flight -= 1;
                }
            }
        }
        let requests = latency.len() * self.requests.pipeline as u64;
        Ok(Measured { requests, elapsed: started.elapsed(), latency })
    }
}

struct Connection {
    stream: TcpStream,
    sent_at: Instant,
    /// How much of the batch's replies has arrived.
    received: usize,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self> {
        let stream = net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let stream = TcpStream::from_std(stream);
        Ok(Self { stream, sent_at: Instant::now(), received: 0 })
    }

    fn send(&mut self, requests: &mut Requests) -> Result<()> {
        let batch = requests.next_batch();
        self.sent_at = Instant::now();
        let written = self.stream.write(batch)?;
        ensure!(written == batch.len(), "a batch did not fit the socket: the server does not read");
        Ok(())
    }

    /// True when the batch is answered. One read is enough: a short one has emptied
    /// the socket, and what arrives later is a new event.
    fn receive(&mut self, buffer: &mut [u8], replies: &[u8]) -> Result<bool> {
        let length = match self.stream.read(buffer) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let arrived = &buffer[..length];
        let until = self.received + length;
        if replies.get(self.received..until) != Some(arrived) {
            bail!("an unexpected reply: {}", arrived.escape_ascii());
        }
        let answered = until == replies.len();
        self.received = if answered { 0 } else { until };
        Ok(answered)
    }
}

/// One batch of requests, with new random keys every time.
struct Requests {
    batch: Vec<u8>,
    request_bytes: usize,
    /// Where in a request the digits of the key are.
    digits: std::ops::Range<usize>,
    pipeline: usize,
    random: u64,
}

impl Requests {
    fn new(workload: Workload, pipeline: usize) -> Self {
        let request = workload.request();
        let key_end = request.find(KEY).expect("a request has its key") + KEY.len();
        Self {
            batch: request.repeat(pipeline).into_bytes(),
            request_bytes: request.len(),
            digits: key_end - KEY_DIGITS..key_end,
            pipeline,
            random: 0x9E37_79B9_7F4A_7C15,
        }
    }

    fn next_batch(&mut self) -> &[u8] {
        for request in self.batch.chunks_exact_mut(self.request_bytes) {
            let mut number = random(&mut self.random) % KEYS;
            for digit in request[self.digits.clone()].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        &self.batch
    }
}

/// Gives every key its value, so that no GET misses.
pub fn fill(address: SocketAddr) -> Result<()> {
    let mut stream = net::TcpStream::connect(address)?;
    let expected = Workload::Set.reply().repeat(FILL_BATCH).into_bytes();
    let mut replies = vec![0; expected.len()];
    for start in (0..KEYS).step_by(FILL_BATCH) {
        let numbers = start..start + FILL_BATCH as u64;
        let batch: String = numbers.map(set_request).collect();
        stream.write_all(batch.as_bytes())?;
        stream.read_exact(&mut replies)?;
        ensure!(replies == expected, "the keys could not be set: {}", replies.escape_ascii());
    }
    Ok(())
}

fn set_request(number: u64) -> String {
    Workload::Set.request().replace(KEY, &format!("key:{number:012}"))
}

fn value_bulk() -> String {
    format!("${VALUE_BYTES}\r\n{}\r\n", "v".repeat(VALUE_BYTES))
}

/// Marsaglia's xorshift: a few instructions, and the keys need no better.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The first key; the others differ in the last digits.
const KEY: &str = "key:000000000000";
const KEY_DIGITS: usize = 5;
const FILL_BATCH: usize = 100;
const LATENCY_NS_MAX: u64 = 60_000_000_000;
const PATIENCE: Duration = Duration::from_secs(5);

const _: () =
    assert!(KEYS == 10u64.pow(KEY_DIGITS as u32) && KEYS.is_multiple_of(FILL_BATCH as u64));

#[cfg(test)]
mod tests {
    use super::{KEY_BYTES, KEYS, Requests, Workload};

    #[test]
    fn a_batch_names_keys_that_were_filled() {
        for workload in [Workload::Set, Workload::Get] {
            let mut requests = Requests::new(workload, 3);
            let batch = String::from_utf8_lossy(requests.next_batch()).into_owned();
            let keys: Vec<_> =
                batch.split("\r\n").filter(|part| part.starts_with("key:")).collect();
            assert_eq!(keys.len(), 3, "{batch}");
            for key in keys {
                assert_eq!(key.len(), KEY_BYTES);
                assert!(key[4..].parse().is_ok_and(|number: u64| number < KEYS), "{key}");
            }
        }
    }
}
