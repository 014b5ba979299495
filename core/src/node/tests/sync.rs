//! Full synchronisations as a replica sees them: when they begin, how they are framed, how much is
//! made ahead, and when the stream follows.

use super::*;
use crate::limits;

/// A master with `config`, and replicas that have said what they can and asked for a copy.
struct Master {
    bench: Bench,
    client: ConnId,
}

impl Master {
    fn new(config: Config) -> Self {
        let mut bench = Bench::new(Config::default());
        let client = bench.open();
        bench.node.config = config;
        Self { bench, client }
    }

    /// `capa` is a capability, or empty for a replica that names none.
    fn replica(&mut self, capa: &str) -> ConnId {
        let replica = self.bench.open();
        if !capa.is_empty() {
            assert_eq!(self.bench.ask(replica, &format!("REPLCONF capa {capa}")), r"+OK\r\n");
        }
        self.bench.feed(replica, &request("PSYNC ? -1"));
        replica
    }

    /// All that a replica gets which takes it as fast as it comes.
    fn sent(&mut self, replica: ConnId) -> String {
        let mut sent = Vec::new();
        loop {
            let more = self.bench.take_output(replica);
            if more.is_empty() {
                return sent.escape_ascii().to_string();
            }
            sent.extend(more);
            self.bench.settle();
        }
    }

    fn queued(&self, replica: ConnId) -> usize {
        self.bench.node.conns.find(replica).map_or(0, |conn| conn.outbox.own_bytes())
    }
}

fn delayed(repl_diskless_sync_delay: u32, repl_diskless_sync_max_replicas: u32) -> Config {
    Config { repl_diskless_sync_delay, repl_diskless_sync_max_replicas, ..Config::default() }
}

#[test]
fn a_copy_is_streamed_between_marks_and_the_stream_waits_for_the_replica() {
    let mut master = Master::new(delayed(0, 0));
    master.bench.ask(master.client, "SET k before");
    let replica = master.replica("eof");
    master.bench.ask(master.client, "SET k after");
    let sent = master.sent(replica);
    let (_, payload) = sent.split_once("$EOF:").unwrap();
    let (mark, payload) = payload.split_once(r"\r\n").unwrap();
    assert_eq!(mark.len(), 40);
    assert!(payload.starts_with("REDIS") && payload.ends_with(mark), "{payload}");
    assert!(payload.contains("before") && !payload.contains("after"));
    // Redis looks for the mark at the end of all it has read.
    master.bench.pass(1000);
    assert_eq!(master.sent(replica), "");
    master.bench.feed(replica, &request("REPLCONF ACK 0"));
    let stream = master.sent(replica);
    assert!(stream.starts_with("*2\\r\\n$6\\r\\nSELECT") && stream.contains("after"), "{stream}");
}

#[test]
fn a_replica_without_the_capability_is_told_the_length() {
    for (capa, diskless) in [("", true), ("psync2", true), ("eof", false)] {
        let config = Config { repl_diskless_sync: diskless, ..delayed(60, 0) };
        let mut master = Master::new(config);
        let replica = master.replica(capa);
        master.bench.ask(master.client, "SET k after");
        let sent = master.sent(replica);
        let (_, payload) = sent.split_once(r"\r\n$").unwrap();
        assert!(payload.contains("REDIS") && payload.contains("after"), "{capa}: {payload}");
    }
}

#[test]
fn a_streamed_copy_waits_for_more_replicas() {
    let mut master = Master::new(delayed(5, 3));
    let first = master.replica("eof");
    master.bench.pass(4_999);
    let second = master.replica("eof");
    assert!(!master.sent(first).contains("FULLRESYNC"));
    master.bench.pass(1_001);
    for replica in [first, second] {
        assert!(master.sent(replica).contains("FULLRESYNC"));
    }
    let mut master = Master::new(delayed(5, 3));
    let replicas = [(); 3].map(|()| master.replica("eof"));
    for replica in replicas {
        assert!(master.sent(replica).contains("FULLRESYNC"), "as many as may be waited for");
    }
}

#[test]
fn a_slow_replica_holds_the_copy_back_and_not_in_memory() {
    let mut master = Master::new(Config { rdbcompression: false, ..delayed(0, 0) });
    for key in 0..400 {
        let line = format!("SETRANGE k{key} {} x", limits::SNAPSHOT_BYTES_PER_TURN / 8);
        master.bench.ask(master.client, &line);
    }
    let slow = master.replica("eof");
    let most = limits::SNAPSHOT_BYTES_IN_FLIGHT_MAX + 2 * limits::SNAPSHOT_BYTES_PER_TURN;
    let queued = master.queued(slow);
    assert!((limits::SNAPSHOT_BYTES_IN_FLIGHT_MAX..most).contains(&queued), "{queued}");
    // It takes a little now and then, and gets no more than that.
    master.bench.node.handle_sent(slow, 1_000_000, master.bench.now);
    master.bench.settle();
    let queued = master.queued(slow);
    assert!(queued < most, "{queued}");
    // Others are served, and a replica that takes nothing is given up in the end.
    assert_eq!(master.bench.ask(master.client, "EXISTS k1"), r":1\r\n");
    (0..61).for_each(|_| master.bench.pass(1000));
    assert_eq!(master.bench.closed, [slow]);
    assert!(master.bench.logs().contains("Disconnecting timedout replica (full sync)"));
}

#[test]
fn a_replica_that_loads_says_that_it_lives() {
    let mut master = Master::new(delayed(0, 0));
    let replica = master.replica("eof");
    master.sent(replica);
    for _ in 0..100 {
        master.bench.pass(1000);
        master.bench.feed(replica, b"\n");
    }
    assert!(master.bench.closed.is_empty());
    (0..61).for_each(|_| master.bench.pass(1000));
    assert_eq!(master.bench.closed, [replica]);
}

#[test]
fn what_waits_for_a_loading_replica_has_a_limit() {
    let mut master = Master::new(delayed(0, 0));
    let replica = master.replica("eof");
    master.sent(replica);
    master.bench.ask(master.client, "CONFIG SET client-output-buffer-limit \"replica 1mb 0 0\"");
    for _ in 0..3 {
        master.bench.ask(master.client, "SETRANGE k 500000 x");
        master.bench.ask(master.client, &format!("SET k {}", "v".repeat(400_000)));
    }
    assert_eq!(master.bench.closed, [replica]);
}
