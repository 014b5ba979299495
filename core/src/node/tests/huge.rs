//! Snapshots of huge values: in pieces, and as the values were when they began.

use bytes::BytesMut;

use super::Bench;
use super::request;
use crate::config::Config;
use crate::limits;
use crate::node::ConnId;
use crate::node::Effect;
use crate::node::StorageOp;

impl Bench {
    fn fill_with_giants(&mut self, conn: ConnId) {
        for start in (0..ELEMENTS).step_by(500) {
            let words = |of: &dyn Fn(usize) -> String| {
                (start..start + 500).map(of).collect::<Vec<_>>().join(" ")
            };
            let members = words(&|it| format!("member:{it:020}"));
            let pairs = words(&|it| format!("{it} member:{it:020}"));
            for line in [
                format!("RPUSH list {members}"),
                format!("SADD set {members}"),
                format!("HSET hash {pairs}"),
                format!("ZADD zset {pairs}"),
                format!("XADD stream {}-1 {pairs}", start + 1),
            ] {
                assert!(!self.ask(conn, &line).starts_with('-'));
            }
        }
        self.ask(conn, "SET small value");
    }

    fn digest(&mut self, conn: ConnId) -> String {
        self.ask(conn, "DEBUG DIGEST")
    }

    /// Ends a turn and does what is asked for; how many bytes of files that were.
    fn turn(&mut self) -> usize {
        self.node.finish_turn(self.now);
        let mut bytes = 0;
        while let Some(effect) = self.node.poll_effect() {
            if let Effect::Storage { op: StorageOp::Append { data, .. }, .. } = &effect {
                bytes += data.len();
            }
            self.carry_out(effect);
        }
        bytes
    }

    fn is_saving(&self) -> bool {
        self.node.is_snapshotting()
    }

    fn send(&mut self, conn: ConnId, line: &str) {
        self.node.handle_bytes(conn, &mut BytesMut::from(&request(line)[..]), self.now);
        self.take_output(conn);
    }
}

/// What may happen to a value while it is being written, or before.
const CHANGES: &[&[&str]] = &[
    &[],
    &[
        "RPUSH list more",
        "SADD set more",
        "HSET hash more 1",
        "ZADD zset 1 more",
        "XADD stream * a b",
    ],
    &["DEL list set hash zset stream"],
    &["EXPIRE hash 100", "HDEL hash 7", "ZREM zset member:00000000000000000007"],
    &["FLUSHALL", "SET small other"],
    &["SWAPDB 0 1", "SELECT 1", "RPUSH list more", "SELECT 0"],
    &["RENAME hash zset", "RENAME set list", "COPY stream other", "XTRIM stream MAXLEN 1"],
    &["SET hash short", "SET set short", "SET zset short", "SET list short"],
];

/// Writes a file with `save` while a change is made after so many turns; gives the file.
fn file_of(bench: &mut Bench, save: &str, changes: &[&str], after: usize) -> Vec<u8> {
    let conn = bench.open();
    bench.send(conn, save);
    let mut turns = 0;
    while bench.is_saving() {
        if turns == after {
            changes.iter().for_each(|line| bench.send(conn, line));
        }
        let bytes = bench.turn();
        assert!(bytes <= TURN_BYTES_MAX, "{bytes} bytes in a turn");
        turns += 1;
        assert!(turns < 10_000, "{save} does not end");
    }
    assert!(turns > 5, "{turns} turns");
    bench.settle();
    bench.files.iter().find(|(name, _)| name == "dump.rdb").unwrap().1.clone()
}

#[test]
fn a_snapshot_of_huge_values_is_bounded_and_of_its_instant() {
    for (at, changes) in CHANGES.iter().enumerate() {
        for after in [0, 2 + at] {
            let mut bench = Bench::new(Config::default());
            let conn = bench.open();
            bench.fill_with_giants(conn);
            let digest = bench.digest(conn);
            let file = file_of(&mut bench, "BGSAVE", changes, after);
            let mut other = Bench::new(Config::default());
            other.node.load_rdb(&mut BytesMut::from(&file[..]), other.now).unwrap();
            other.node.finish_load(other.now).unwrap();
            let conn = other.open();
            assert_eq!(other.digest(conn), digest, "{changes:?} after {after} turns");
            // Nothing stays marked: the next one has everything again.
            let digest = bench.digest(conn);
            bench.ask(conn, "SAVE");
            let file = bench.file("dump.rdb").clone();
            let mut third = Bench::new(Config::default());
            third.node.load_rdb(&mut BytesMut::from(&file[..]), third.now).unwrap();
            third.node.finish_load(third.now).unwrap();
            let conn = third.open();
            assert_eq!(third.digest(conn), digest, "{changes:?}: the next");
            bench.node.store.audit();
        }
    }
}

const ELEMENTS: usize = 10_000;

/// What is left of the turn before, and the element or the node that was begun, come to it.
const TURN_BYTES_MAX: usize = limits::SNAPSHOT_BYTES_PER_TURN + 100 * 1024;
