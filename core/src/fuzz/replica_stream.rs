//! A replica whose master says anything at all: handshake, payload and stream in one.

use std::iter;

use super::pieces;
use super::shell::Shell;
use crate::client::Value;
use crate::config::{Config, MasterAddress};

/// The first byte says how the rest is cut. Every eighth run lets time pass and the replica come
/// back when it has closed the connection; the others compare with the bytes in one piece.
pub fn replica_stream(data: &[u8]) {
    let Some((&seed, bytes)) = data.split_first() else { return };
    if seed % 8 == 0 {
        follow_again_and_again(pieces(bytes, seed));
        return;
    }
    let whole = follow(iter::once(bytes));
    assert_eq!(follow(pieces(bytes, seed)), whole, "depends on where the bytes were cut");
}

/// What a client of the replica sees in the end.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    replies: Vec<Value>,
    offset: u64,
}

/// One connection, at one instant.
fn follow<'b>(pieces: impl Iterator<Item = &'b [u8]>) -> Outcome {
    let mut replica = Shell::new(config(), 1);
    pieces.for_each(|piece| replica.hear(piece));
    end(replica)
}

/// A connection after another, and time passes.
fn follow_again_and_again<'b>(pieces: impl Iterator<Item = &'b [u8]>) -> Outcome {
    let mut replica = Shell::new(config(), usize::MAX);
    for piece in pieces {
        replica.hear(piece);
        replica.pass(1_000);
    }
    end(replica)
}

/// A client's questions are answered in RESP, whatever the master has done to us.
fn end(mut replica: Shell) -> Outcome {
    let may_say = replica.heard() * BYTES_SAID_PER_BYTE + BYTES_SAID_MAX;
    assert!(replica.said().len() <= may_say, "a master makes us say too much");
    let questions = ["PING", "DBSIZE", "GET k", "TTL k", "ROLE", "SCAN 0 COUNT 100"];
    Outcome { offset: replica.offset(), replies: replica.ask(&questions) }
}

fn config() -> Config {
    let master = MasterAddress { host: "master".into(), port: 6379 };
    Config { replicaof: Some(master), proto_max_bulk_len: BULK_BYTES_MAX, ..Config::default() }
}

/// Small, so that a few commands can't make large values.
const BULK_BYTES_MAX: usize = 1 << 20;

/// The handshake's settings in return for a line, acknowledgements, a sign of life each second.
const BYTES_SAID_PER_BYTE: usize = 100;
const BYTES_SAID_MAX: usize = 1 << 12;

#[cfg(test)]
mod tests {
    use super::{follow, follow_again_and_again, replica_stream};
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
            let outcome = follow(said.chunks(1));
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
            let outcome = follow_again_and_again(said.iter().map(Vec::as_slice));
            let expect = if expect.is_empty() { Value::Null } else { Value::Bulk(expect.into()) };
            assert_eq!(outcome.replies[2], expect, "{said:?}");
        }
    }

    #[test]
    fn what_a_payload_holds_after_its_end_is_skipped() {
        let payload = [RDB, &b"junk".repeat(1000)].concat();
        let outcome = follow(full_sync(&payload, STREAM).chunks(100));
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
