//! A node whose client says anything at all.

use std::iter;

use super::pieces;
use super::shell::{Shell, replies};
use crate::client::Value;
use crate::config::Config;
use crate::sim::Disk;

/// The first byte says how the rest is cut, and whether time passes between the pieces. If not,
/// what the client has done to the data is compared with the bytes in one piece.
pub fn client_stream(data: &[u8]) {
    let Some((&seed, bytes)) = data.split_first() else { return };
    let passes_ms = if seed % 8 == 0 { 150 } else { 0 };
    let cut = serve(pieces(bytes, seed), passes_ms);
    if passes_ms == 0 {
        assert_eq!(cut, serve(iter::once(bytes), 0), "depends on where the bytes were cut");
    }
}

/// What another client sees when all is said.
fn serve<'b>(pieces: impl Iterator<Item = &'b [u8]>, passes_ms: u32) -> Vec<Value> {
    let config = Config { proto_max_bulk_len: BULK_BYTES_MAX, ..Config::default() };
    // With a disk, since a snapshot for a replica that takes no stream of unknown length is a file.
    let mut node = Shell::restored(config, Disk::default());
    node.accept();
    node.hear(b"SET k value\r\nSET n 41\r\nSET m x EX 1\r\n");
    for piece in pieces {
        node.hear(piece);
        if passes_ms > 0 {
            node.pass(passes_ms);
        }
    }
    if !is_replica_told(node.said()) {
        replies(node.said());
    }
    node.ask(&["DBSIZE", "GET k", "GET n", "TTL m", "SCAN 0 COUNT 100"])
}

/// A client that asks for the replication stream is told more than replies.
fn is_replica_told(said: &[u8]) -> bool {
    let signs: [&[u8]; 2] = [b"REDIS0", b"+CONTINUE"];
    signs.iter().any(|sign| said.windows(sign.len()).any(|window| window == *sign))
}

/// Small, so that a few commands can't make large values.
const BULK_BYTES_MAX: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::{client_stream, serve};
    use crate::client::Value;
    use crate::fuzz::mutate::mutations;

    const SEEDS: [&[u8]; 5] = [
        b"\x01*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\nDEL m\r\n",
        b"\x02SET k v EX 10 GET\r\nGETEX k PERSIST\r\nAPPEND k xyz\r\nSETRANGE k 2 abc\r\nLCS k n IDX\r\n",
        b"\x03MULTI\r\nINCR n\r\nEXEC\r\nRENAME k j\r\nCOPY j k DB 1\r\nMOVE n 2\r\nSWAPDB 0 1\r\n",
        b"\x08HELLO 3\r\nCONFIG SET save \"\"\r\nCLIENT LIST\r\nINFO\r\nWAIT 1 10\r\nOBJECT ENCODING k\r\n",
        b"\x10PSYNC ? -1\r\nSET k v\r\nREPLCONF ACK 5\r\nEXPIRE k 1\r\nSAVE\r\nDEBUG SLEEP 1\r\nPING\r\n",
    ];

    #[test]
    fn found_by_fuzzing() {
        let found = b"\x01*1\r\n$3\r\nSET\r\xf3PSYNC ? -2\r\nSET k v\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\x0fk\0\r\0";
        client_stream(found);
    }

    /// The harness reaches what it is meant to test.
    #[test]
    fn a_good_client_is_served() {
        let [first, ..] = SEEDS;
        let seen = serve(first[1..].chunks(1), 0);
        let expect = [Value::Integer(2), Value::Bulk("hello".into()), Value::Bulk("42".into())];
        assert_eq!(seen[..3], expect);
    }

    #[test]
    fn mutations_of_good_clients_keep_every_promise() {
        mutations(&SEEDS, 5_000, 6, client_stream);
    }
}
