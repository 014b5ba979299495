//! A replica whose master says anything at all: handshake, payload and stream in one.

use std::io::IoSlice;
use std::iter;

use bytes::BytesMut;

use super::pieces;
use crate::client::{Decoder, Value};
use crate::config::{Config, MasterAddress};
use crate::node::{CloseReason, ConnId, Effect, Node, Origin, Progress, StorageDone};
use crate::resp::write_request;
use crate::time::{Mono, Now, Wall};

/// The first byte says how the rest is cut. Every eighth run lets time pass and the replica come
/// back when it has closed the connection; the others compare with the bytes in one piece.
pub fn replica_stream(data: &[u8]) {
    let Some((&seed, bytes)) = data.split_first() else { return };
    if seed % 8 == 0 {
        Replica::new(true).hear(pieces(bytes, seed));
        return;
    }
    let whole = Replica::new(false).hear(iter::once(bytes));
    let cut = Replica::new(false).hear(pieces(bytes, seed));
    assert_eq!(cut, whole, "depends on where the bytes were cut");
}

/// A node that follows a master, and the shell around it.
struct Replica {
    node: Node,
    now: Now,
    /// The connection to the master, and what the node has not consumed of it.
    link: Option<(ConnId, BytesMut)>,
    reconnects: bool,
    is_resumed: bool,
    connections: usize,
    heard: usize,
}

/// What a client of the replica sees in the end.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    replies: Vec<Value>,
    offset: u64,
}

impl Replica {
    fn new(reconnects: bool) -> Self {
        let now = Now::new(Mono::ZERO, Wall::from_ms(1_700_000_000_000));
        let master = MasterAddress { host: "master".into(), port: 6379 };
        let config = Config { replicaof: Some(master), ..Config::default() };
        Self {
            node: Node::new(config, 7, now),
            now,
            link: None,
            reconnects,
            is_resumed: false,
            connections: 0,
            heard: 0,
        }
    }

    fn hear<'b>(mut self, pieces: impl Iterator<Item = &'b [u8]>) -> Outcome {
        self.settle();
        for piece in pieces {
            self.heard += piece.len();
            if let Some((_, buffer)) = &mut self.link {
                buffer.extend_from_slice(piece);
            }
            self.run_link();
            if self.reconnects {
                self.pass(self.heard as u64 % 2_000);
            }
        }
        Outcome { offset: self.node.view().offset, replies: self.ask() }
    }

    /// Hands over the link's bytes, again whenever the node says that it can go on.
    fn run_link(&mut self) {
        for _ in 0..=self.heard * 2 {
            self.is_resumed = false;
            let Some((conn, buffer)) = &mut self.link else { return };
            let before = buffer.len();
            let progress = self.node.handle_bytes(*conn, buffer, self.now);
            let is_consumed = buffer.len() < before;
            assert!(progress != Progress::Yielded || is_consumed, "yields and has done nothing");
            self.settle();
            if !self.is_resumed {
                return;
            }
        }
        panic!("more turns than bytes");
    }

    /// Ends turns until the node asks for nothing more.
    fn settle(&mut self) {
        for _ in 0..TURNS_MAX {
            self.node.finish_turn(self.now);
            let mut is_quiet = true;
            while let Some(effect) = self.node.poll_effect() {
                self.carry_out(effect);
                is_quiet = false;
            }
            if self.node.poll_timeout().is_some_and(|(at, _)| at <= self.now.mono) {
                self.node.handle_timeout(self.now);
                is_quiet = false;
            }
            self.drain_outputs();
            if is_quiet {
                return;
            }
        }
        panic!("the node never rests");
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Dial { dial, .. } if self.reconnects || self.connections == 0 => {
                self.connections += 1;
                let origin = Origin::Dialed { dial, peer: "m:1".into(), local: "r:1".into() };
                let conn = self.node.handle_open(origin, self.now);
                self.link = Some((conn, BytesMut::new()));
            }
            Effect::Dial { dial, .. } => self.node.handle_dial_failed(dial, self.now),
            Effect::Close { conn } => {
                self.link.take_if(|(link, _)| *link == conn);
                self.node.handle_close(conn, CloseReason::Requested, self.now);
            }
            Effect::Storage { id, .. } => {
                self.node.handle_storage(StorageDone { id, outcome: Ok(()) }, self.now);
            }
            // It is told to live on.
            Effect::Shutdown { .. } => {}
        }
    }

    fn drain_outputs(&mut self) {
        while let Some(conn) = self.node.poll_dirty() {
            let said = self.take_output(conn).len();
            assert!(said <= OUTPUT_BYTES_MAX + self.heard, "a master makes us say {said} bytes");
        }
        while let Some(conn) = self.node.poll_resumed() {
            self.is_resumed |= self.link.as_ref().is_some_and(|(link, _)| *link == conn);
        }
        while self.node.poll_event().is_some() {}
    }

    fn take_output(&mut self, conn: ConnId) -> Vec<u8> {
        let mut output = Vec::new();
        loop {
            let mut slices = [IoSlice::new(&[]); 8];
            let filled = self.node.outbox(conn, &mut slices);
            let before = output.len();
            slices.iter().take(filled).for_each(|slice| output.extend_from_slice(slice));
            if output.len() == before {
                return output;
            }
            self.node.handle_sent(conn, output.len() - before, self.now);
        }
    }

    fn pass(&mut self, ms: u64) {
        let wall = Wall::from_ms(self.now.wall_ms() + ms as i64);
        self.now = Now::new(self.now.mono.plus_ms(ms), wall);
        self.node.handle_timeout(self.now);
        self.settle();
    }

    /// A client's questions are answered in RESP, whatever the master has done to us.
    fn ask(&mut self) -> Vec<Value> {
        let origin = Origin::Accepted { peer: "c:1".into(), local: "r:1".into(), loopback: true };
        let client = self.node.handle_open(origin, self.now);
        let mut buffer = BytesMut::new();
        for question in ["PING", "DBSIZE", "GET k", "TTL k", "ROLE", "SCAN 0 COUNT 100"] {
            let words: Vec<_> = question.split(' ').map(str::as_bytes).collect();
            write_request(&mut buffer, words.into_iter());
        }
        self.node.handle_bytes(client, &mut buffer, self.now);
        let mut received = BytesMut::from(&self.take_output(client)[..]);
        let mut decoder = Decoder::default();
        let mut replies = Vec::new();
        while let Some(reply) = decoder.next(&mut received).expect("replies are RESP") {
            replies.push(reply);
        }
        assert!(received.is_empty(), "a reply is cut off");
        replies
    }
}

/// Turns that one piece of input may lead to: snapshots and freeing go on over several.
const TURNS_MAX: usize = 10_000;

/// Of our own accord, in one turn.
const OUTPUT_BYTES_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::{Replica, replica_stream};
    use crate::client::Value;
    use crate::fuzz::mutate::mutations;

    const ID: &str = "0123456789012345678901234567890123456789";
    const RDB: &[u8] = b"REDIS0009\xfe\x00\x00\x01k\x01v\xff\0\0\0\0\0\0\0\0";
    const STREAM: &str = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nw\r\n\
        *1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*1\r\n$4\r\nEXEC\r\n\
        *3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n*1\r\n$4\r\nPING\r\n";

    fn sized() -> Vec<u8> {
        full_sync(RDB, STREAM)
    }

    fn full_sync(payload: &[u8], stream: &str) -> Vec<u8> {
        let length = payload.len();
        let greeting = format!("+PONG\r\n+OK\r\n+OK\r\n+FULLRESYNC {ID} 14\r\n${length}\r\n");
        [greeting.as_bytes(), payload, stream.as_bytes()].concat()
    }

    fn marked() -> Vec<u8> {
        let greeting = format!("+PONG\r\n-ERR\r\n+OK\r\n\n+FULLRESYNC {ID} 14\r\n\n$EOF:{ID}\r\n");
        [greeting.as_bytes(), RDB, ID.as_bytes(), STREAM.as_bytes()].concat()
    }

    /// The harness reaches what it is meant to test.
    #[test]
    fn a_good_master_is_followed() {
        for said in [sized(), marked()] {
            let outcome = Replica::new(false).hear(said.chunks(1));
            assert_eq!(outcome.offset, 14 + STREAM.len() as u64);
            assert_eq!(outcome.replies[1..3], [Value::Integer(2), Value::Bulk("w".into())]);
        }
    }

    /// The stream goes on in database 0 unless the payload names another that exists.
    #[test]
    fn a_payload_names_the_database_of_the_stream() {
        let set = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nw\r\n";
        let select_5_and_nonsense = "*2\r\n$6\r\nSELECT\r\n$1\r\n5\r\n*nonsense\r\n";
        let before = full_sync(RDB, select_5_and_nonsense);
        let with_aux = |db: &str| {
            let mut payload = b"REDIS0004\xfa\x0erepl-stream-db".to_vec();
            payload.push(db.len() as u8);
            payload.extend_from_slice(db.as_bytes());
            payload.push(0xff);
            payload
        };
        let table = [
            (vec![full_sync(&with_aux("0"), set)], "w"),
            (vec![full_sync(&with_aux("3"), set)], ""),
            (vec![full_sync(&with_aux("16"), set)], "w"),
            (vec![full_sync(&with_aux("-1"), set)], "w"),
            (vec![full_sync(b"REDIS0004\xff", set)], "w"),
            (vec![before, full_sync(b"REDIS0004\xff", set)], "w"),
        ];
        for (said, expect) in table {
            let outcome = Replica::new(true).hear(said.iter().map(Vec::as_slice));
            let expect = if expect.is_empty() { Value::Null } else { Value::Bulk(expect.into()) };
            assert_eq!(outcome.replies[2], expect, "{said:?}");
        }
    }

    #[test]
    fn what_a_payload_holds_after_its_end_is_skipped() {
        let payload = [RDB, &b"junk".repeat(1000)].concat();
        let outcome = Replica::new(false).hear(full_sync(&payload, STREAM).chunks(100));
        assert_eq!(outcome.offset, 14 + STREAM.len() as u64);
        assert_eq!(outcome.replies[2], Value::Bulk("w".into()));
    }

    #[test]
    fn mutations_of_a_good_master_keep_every_promise() {
        let partial = format!("+PONG\r\n+OK\r\n+OK\r\n+CONTINUE {ID}\r\n{STREAM}").into_bytes();
        let with_seed = |said: &[u8]| [[1, 8].map(|seed| [&[seed], said].concat())].concat();
        let seeds: Vec<_> =
            [&sized(), &marked(), &partial].into_iter().flat_map(|s| with_seed(s)).collect();
        let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
        mutations(&seeds, 5_000, 5, replica_stream);
    }
}
