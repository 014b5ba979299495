//! Redarium and a real Redis side by side, asked the same.

use std::collections::BTreeMap;
use std::io;
use std::thread;
use std::time::Duration;

use crate::client::Client;
use crate::client::encode;
use crate::compare::agree;
use crate::compare::values;
use crate::program::Program;
use crate::server::Server;
use crate::server::Setup;
use crate::server::eventually;
use crate::transcript::Action;
use crate::transcript::Case;
use crate::transcript::Compare;
use crate::transcript::Replies;

/// The version of RESP a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Resp2,
    Resp3,
}

/// The two servers.
#[derive(Debug)]
pub struct Pair {
    pub redarium: Server,
    pub redis: Server,
}

/// Two replies that should have agreed.
#[derive(Debug)]
pub struct Difference {
    pub line: usize,
    pub asked: String,
    pub redarium: String,
    pub redis: String,
}

impl Pair {
    /// Both started with these arguments.
    pub fn start(args: &[&str]) -> Self {
        Self::against(Program::Redis, args)
    }

    /// The same with another program in the place of Redis.
    pub fn against(other: Program, args: &[&str]) -> Self {
        let start = |program| Setup::new(program).args(args.iter().copied()).start();
        Self { redarium: start(Program::Redarium), redis: start(other) }
    }

    /// The same, each with a configuration file, which is empty until CONFIG REWRITE.
    pub fn with_files(other: Program, args: &[&str]) -> Self {
        let start = |program| {
            let setup = Setup::new(program).args(args.iter().copied());
            setup.file(CONFIG_FILE, b"").config_file(CONFIG_FILE).start()
        };
        Self { redarium: start(Program::Redarium), redis: start(other) }
    }

    /// Runs a case on both, from empty keyspaces and on new connections.
    pub fn run(&mut self, case: &Case, protocol: Protocol) -> Vec<Difference> {
        let mut redarium = Side::new(&self.redarium, protocol);
        let mut redis = Side::new(&self.redis, protocol);
        let mut differences = Vec::new();
        for line in &case.lines {
            let (client, bytes, replies, compare, expected) = match &line.action {
                Action::Sleep(ms) => {
                    thread::sleep(Duration::from_millis(*ms));
                    continue;
                }
                Action::Send { client, bytes, replies, compare, expected } => {
                    (*client, bytes, *replies, *compare, expected)
                }
            };
            let theirs = redis.exchange(client, bytes, replies);
            let ours = redarium.exchange(client, bytes, replies);
            let agreed = match (expected, &ours, &theirs) {
                (Some(expected), ours, _) => show(ours) == *expected,
                (None, Ok(ours), Ok(theirs)) => agree(ours, theirs, compare),
                // A transcript that waits for what Redis never sends proves nothing.
                (None, _, _) => false,
            };
            let stale = expected.as_ref().is_some_and(|expected| show(&theirs) == *expected);
            if !agreed || stale {
                let asked = format!("{}  [{protocol:?}]", line.text);
                let redarium =
                    if stale { "(no deviation any more)".to_owned() } else { show(&ours) };
                let redis = expected.clone().unwrap_or_else(|| show(&theirs));
                differences.push(Difference { line: line.number, asked, redarium, redis });
            }
        }
        differences
    }

    /// A connection to each that speaks this protocol.
    pub fn clients(&self, protocol: Protocol) -> Both {
        let open = |server: &Server| {
            let mut client = server.client();
            if protocol == Protocol::Resp3 {
                assert!(!client.call(&["HELLO", "3"]).is_error());
            }
            client
        };
        Both { redarium: open(&self.redarium), redis: open(&self.redis) }
    }
}

const CONFIG_FILE: &str = "server.conf";

/// A connection to each of the two servers.
#[derive(Debug)]
pub struct Both {
    pub redarium: Client,
    pub redis: Client,
}

impl Both {
    /// Sends the same request to both.
    ///
    /// # Errors
    ///
    /// When the replies differ.
    pub fn check<T: AsRef<[u8]>>(
        &mut self,
        words: &[T],
        compare: Compare,
    ) -> Result<(), Difference> {
        let bytes = encode(words);
        let ours = exchange(&mut self.redarium, &bytes, Replies::Count(1));
        let theirs = exchange(&mut self.redis, &bytes, Replies::Count(1));
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) if agree(ours, theirs, compare) => Ok(()),
            _ => {
                let asked: Vec<String> = words
                    .iter()
                    .map(|word| format!("\"{}\"", word.as_ref().escape_ascii()))
                    .collect();
                let (redarium, redis) = (show(&ours), show(&theirs));
                Err(Difference { line: 0, asked: asked.join(" "), redarium, redis })
            }
        }
    }
}

/// One server's connections during a case.
struct Side<'a> {
    server: &'a Server,
    protocol: Protocol,
    clients: BTreeMap<usize, Client>,
}

impl<'a> Side<'a> {
    fn new(server: &'a Server, protocol: Protocol) -> Self {
        let mut client = server.client();
        assert!(client.call(&["FLUSHALL"]).is_status("OK"));
        // A server notices a moment later that a connection was closed; a case may count those there are.
        eventually("the case before has no connections", || {
            client.call(&["INFO", "clients"]).text().contains("connected_clients:1\r\n")
        });
        assert!(client.call(&["QUIT"]).is_status("OK"));
        client.read_to_end().expect("the connection ends");
        Self { server, protocol, clients: BTreeMap::new() }
    }

    fn exchange(&mut self, number: usize, bytes: &[u8], replies: Replies) -> io::Result<Vec<u8>> {
        let (server, protocol) = (self.server, self.protocol);
        let client = self.clients.entry(number).or_insert_with(|| {
            let mut client = server.client();
            if protocol == Protocol::Resp3 {
                assert!(!client.call(&["HELLO", "3"]).is_error());
            }
            client
        });
        let exchanged = exchange(client, bytes, replies);
        if replies == Replies::UntilEnd || exchanged.is_err() {
            self.clients.remove(&number);
        }
        exchanged
    }
}

fn exchange(client: &mut Client, bytes: &[u8], replies: Replies) -> io::Result<Vec<u8>> {
    let sent = client.send_raw(bytes);
    match replies {
        // The server may close before it has read everything.
        Replies::UntilEnd => client.read_to_end(),
        Replies::Count(count) => {
            sent?;
            let mut received = Vec::new();
            for _ in 0..count {
                received.extend(client.read_with_bytes()?.1);
            }
            Ok(received)
        }
    }
}

/// Received bytes in the notation of transcripts.
fn show(received: &io::Result<Vec<u8>>) -> String {
    match received {
        Err(error) => format!("(no reply: {:?})", error.kind()),
        Ok(bytes) => match values(bytes) {
            None => format!("(bytes) {}", bytes.escape_ascii()),
            Some(values) => {
                let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
                values.join(" ")
            }
        },
    }
}
