//! The load: one thread that keeps every connection's pipeline full.
//!
//! Built to cost less than any server it drives: requests are patched in place, a
//! batch is one write, and replies are compared as one slice where all are alike
//! and else counted by their headers. A wrong reply ends the measurement.

use std::{
    io::{ErrorKind, Read, Write},
    net::{self, SocketAddr},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token, net::TcpStream};

use super::{
    client::Client,
    reply::Scanner,
    request::Batch,
    workload::{CHANNEL, Workload},
};

/// So many requests of a batch fit the servers' limits, whatever the workload.
pub const PIPELINE_MAX: usize = 1024;

pub struct Load {
    poll: Poll,
    connections: Vec<Connection>,
    /// Connections that only listen.
    audience: Vec<TcpStream>,
    batch: Batch,
    /// Requests of a batch.
    pipeline: u64,
    expected: Expected,
}

/// The replies to one batch.
pub enum Expected {
    /// These bytes, always.
    Same(Vec<u8>),
    /// So many, and none of them empty.
    Counted(u64),
}

pub struct Measured {
    pub requests: u64,
    pub elapsed: Duration,
    /// Nanoseconds from writing a batch to its last reply.
    pub latency: Histogram<u64>,
}

impl Load {
    /// Connects; nothing is sent yet. `reply` is what the server answers to one request.
    pub fn connect(
        address: SocketAddr,
        clients: usize,
        pipeline: usize,
        workload: &Workload,
        value_bytes: usize,
        reply: &[u8],
    ) -> Result<Self> {
        let poll = Poll::new()?;
        let mut connections = Vec::with_capacity(clients);
        for index in 0..clients {
            let mut connection = Connection::open(address).context("cannot connect")?;
            let interest = Interest::READABLE | Interest::WRITABLE;
            poll.registry().register(&mut connection.stream, Token(index), interest)?;
            connections.push(connection);
        }
        let expected = if workload.is_constant {
            Expected::Same(reply.repeat(pipeline))
        } else {
            Expected::Counted(workload.replies() * pipeline as u64)
        };
        let mut audience = Vec::with_capacity(workload.subscribers);
        for index in 0..workload.subscribers {
            let mut stream = subscribe(address)?;
            poll.registry().register(&mut stream, Token(clients + index), Interest::READABLE)?;
            audience.push(stream);
        }
        let batch = batch(workload, pipeline, value_bytes);
        Ok(Self { poll, connections, audience, batch, pipeline: pipeline as u64, expected })
    }

    /// Keeps the server busy for that long, or until so many requests are sent, and waits for the
    /// batches then in flight.
    pub fn drive(&mut self, duration: Duration, requests_max: u64) -> Result<Measured> {
        let mut latency = Histogram::new_with_max(LATENCY_NS_MAX, 3)?;
        let mut events = Events::with_capacity(self.connections.len() + self.audience.len());
        let mut buffer = vec![0; 256 * 1024];
        let mut batches_left = (requests_max / self.pipeline).max(1);
        self.batch.restart();
        let started = Instant::now();
        let mut in_flight = 0;
        for connection in &mut self.connections {
            if batches_left > 0 {
                connection.send(&mut self.batch, &self.expected)?;
                (in_flight, batches_left) = (in_flight + 1, batches_left - 1);
            }
        }
        while in_flight > 0 {
            self.poll.poll(&mut events, Some(PATIENCE))?;
            ensure!(!events.is_empty(), "no reply for {} s", PATIENCE.as_secs());
            let is_over = started.elapsed() >= duration;
            for event in &events {
                let index = event.token().0;
                let Some(connection) = self.connections.get_mut(index) else {
                    drain(&mut self.audience[index - self.connections.len()], &mut buffer)?;
                    continue;
                };
                connection.write_rest()?;
                if !connection.receive(&mut buffer, &self.expected)? {
                    continue;
                }
                latency.saturating_record(nanoseconds(connection.sent_at.elapsed()));
                if is_over || batches_left == 0 {
                    in_flight -= 1;
                } else {
                    connection.send(&mut self.batch, &self.expected)?;
                    batches_left -= 1;
                }
            }
        }
        let requests = latency.len() * self.pipeline;
        Ok(Measured { requests, elapsed: started.elapsed(), latency })
    }
}

impl Measured {
    /// Two measurements as one.
    pub fn add(&mut self, other: &Self) -> Result<()> {
        self.requests += other.requests;
        self.elapsed += other.elapsed;
        self.latency.add(&other.latency).context("adding up latencies")
    }
}

/// So many requests of a workload in one buffer.
pub fn batch(workload: &Workload, pipeline: usize, value_bytes: usize) -> Batch {
    match workload.commands {
        [command] if workload.is_inline => Batch::inline(command.words, pipeline),
        commands => Batch::new(commands, pipeline, value_bytes),
    }
}

struct Connection {
    stream: TcpStream,
    sent_at: Instant,
    /// What the socket did not take of a batch.
    unsent: Vec<u8>,
    is_waiting: bool,
    /// How much of the batch's replies has arrived, where they are known.
    received: usize,
    scanner: Scanner,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self> {
        let stream = net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream: TcpStream::from_std(stream),
            sent_at: Instant::now(),
            unsent: Vec::new(),
            is_waiting: false,
            received: 0,
            scanner: Scanner::default(),
        })
    }

    fn send(&mut self, batch: &mut Batch, expected: &Expected) -> Result<()> {
        let batch = batch.next();
        self.is_waiting = true;
        self.received = 0;
        if let Expected::Counted(replies) = expected {
            self.scanner.expect(*replies);
        }
        self.sent_at = Instant::now();
        let written = write_some(&mut self.stream, batch)?;
        self.unsent.extend_from_slice(&batch[written..]);
        Ok(())
    }

    fn write_rest(&mut self) -> Result<()> {
        if !self.unsent.is_empty() {
            let written = write_some(&mut self.stream, &self.unsent)?;
            self.unsent.drain(..written);
        }
        Ok(())
    }

    /// True when the batch is answered. A read that fills the buffer is followed by
    /// another; a short one has emptied the socket, and what arrives later is a new event.
    fn receive(&mut self, buffer: &mut [u8], expected: &Expected) -> Result<bool> {
        while self.is_waiting {
            let length = match self.stream.read(buffer) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            if self.take(&buffer[..length], expected)? {
                self.is_waiting = false;
                return Ok(true);
            }
            if length < buffer.len() {
                return Ok(false);
            }
        }
        Ok(false)
    }

    fn take(&mut self, arrived: &[u8], expected: &Expected) -> Result<bool> {
        let Expected::Same(replies) = expected else {
            let done = self.scanner.feed(arrived)?;
            ensure!(self.scanner.empty() == 0, "a request found nothing");
            return Ok(done);
        };
        let until = self.received + arrived.len();
        if replies.get(self.received..until) != Some(arrived) {
            bail!("an unexpected reply: {}", arrived.escape_ascii());
        }
        self.received = until;
        Ok(until == replies.len())
    }
}

/// A connection that is sent everything that is published.
fn subscribe(address: SocketAddr) -> Result<TcpStream> {
    let mut client = Client::connect(address)?;
    client.call(&["SUBSCRIBE", CHANNEL])?;
    let stream = client.into_stream();
    stream.set_nonblocking(true)?;
    Ok(TcpStream::from_std(stream))
}

/// Takes what has arrived and looks no further.
fn drain(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<()> {
    loop {
        match stream.read(buffer) {
            Ok(0) => bail!("the server closed a subscriber's connection"),
            Ok(length) if length < buffer.len() => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn write_some(stream: &mut TcpStream, mut bytes: &[u8]) -> Result<usize> {
    let asked = bytes.len();
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(asked - bytes.len())
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

const LATENCY_NS_MAX: u64 = 60_000_000_000;

/// Longer than the longest batch: hundreds of requests of some milliseconds each.
const PATIENCE: Duration = Duration::from_secs(30);
