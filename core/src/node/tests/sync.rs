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

fn by_file() -> Config {
    Config { repl_diskless_sync: false, rdbcompression: false, ..delayed(60, 0) }
}

/// Data of some 13 MB.
fn fill(master: &mut Master) {
    for key in 0..400 {
        let line = format!("SETRANGE k{key} {} x", limits::SNAPSHOT_BYTES_PER_TURN / 8);
        master.bench.ask(master.client, &line);
    }
}

#[test]
fn a_file_is_shared_by_who_comes_while_it_is_written_and_removed_after_the_last() {
    let mut master = Master::new(by_file());
    fill(&mut master);
    let client = master.client;
    // The disk takes its time: the first turn writes a piece.
    let first = master.bench.open();
    master.bench.node.handle_bytes(first, &mut bytes_of("PSYNC ? -1"), master.bench.now);
    master.bench.node.finish_turn(master.bench.now);
    let set =
        master.bench.node.handle_bytes(client, &mut bytes_of("SET k0 late"), master.bench.now);
    assert_eq!(set, Progress::NeedsBytes);
    let second = master.bench.open();
    master.bench.node.handle_bytes(second, &mut bytes_of("PSYNC ? -1"), master.bench.now);
    master.bench.settle();
    let sent = [first, second].map(|replica| master.sent(replica));
    assert_eq!(sent[0], sent[1], "both get the same state, and what was written since");
    let (head, rest) = sent[0].split_once(r"\r\n$").unwrap();
    assert!(head.starts_with("+FULLRESYNC"), "{head}");
    let (len, payload) = rest.split_once(r"\r\n").unwrap();
    assert!(len.parse::<u64>().is_ok_and(|len| len > 13_000_000), "{len}");
    assert!(payload.starts_with("REDIS") && payload.ends_with(r"k0\r\n$4\r\nlate\r\n"));
    assert!(master.bench.files.is_empty(), "{:?}", master.bench.files.first().map(|file| &file.0));
    assert!(master.bench.logs().contains("Waiting for end of BGSAVE for SYNC"));
}

#[test]
fn a_file_is_read_as_fast_as_its_slowest_reader_takes_it() {
    let mut master = Master::new(by_file());
    fill(&mut master);
    let (slow, fast) = (master.replica("eof"), master.replica("eof"));
    assert!(master.sent(fast).len() > 13_000_000);
    let most = 6 * limits::SNAPSHOT_BYTES_PER_TURN;
    for _ in 0..3 {
        let queued = master.queued(slow);
        assert!((1_000_000..most).contains(&queued), "{queued}");
        master.bench.node.handle_sent(slow, 700_000, master.bench.now);
        master.bench.settle();
    }
    assert_eq!(master.bench.files.len(), 1, "the slow one needs it still");
    assert_eq!(master.bench.ask(master.client, "BGSAVE"), r"+Background saving started\r\n");
    for _ in 0..61 {
        master.bench.pass(1000);
        master.bench.feed(fast, &request("REPLCONF ACK 0"));
    }
    assert_eq!(master.bench.closed, [slow]);
    master.bench.node.handle_close(slow, CloseReason::Requested, master.bench.now);
    master.bench.settle();
    let names: Vec<&str> = master.bench.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["dump.rdb"]);
}

#[test]
fn a_full_disk_costs_the_replicas_their_copy_and_nobody_else_anything() {
    let mut master = Master::new(by_file());
    fill(&mut master);
    master.bench.disk_error = Some("No space left on device".into());
    let replicas = [master.replica("eof"), master.replica("")];
    assert_eq!(master.bench.closed, replicas);
    assert!(master.bench.logs().contains("SYNC failed"));
    for replica in replicas {
        master.bench.node.handle_close(replica, CloseReason::Requested, master.bench.now);
    }
    assert_eq!(master.bench.ask(master.client, "SET k0 v"), r"+OK\r\n");
    master.bench.disk_error = None;
    let again = master.replica("eof");
    assert!(master.sent(again).len() > 13_000_000);
}

#[test]
fn who_wants_a_snapshot_alone_gets_no_stream() {
    for diskless in [true, false] {
        let config = Config { repl_diskless_sync: diskless, ..delayed(0, 0) };
        let mut master = Master::new(config);
        master.bench.ask(master.client, "SET k before");
        let reader = master.bench.open();
        master.bench.ask(reader, "REPLCONF capa eof rdb-only 1");
        master.bench.feed(reader, &request("SYNC"));
        master.bench.ask(master.client, "SET k after");
        let sent = master.sent(reader);
        assert!(sent.starts_with('$') && sent.contains("before"), "{sent}");
        assert!(!sent.contains("FULLRESYNC") && !sent.contains("after"), "{sent}");
        assert_eq!(master.bench.closed, [reader]);
    }
}

#[test]
fn a_filter_leaves_the_data_out() {
    for parts in ["\"\"", "functions", "FUNCTIONS"] {
        let mut master = Master::new(delayed(60, 0));
        master.bench.ask(master.client, "SET k v");
        let reader = master.bench.open();
        let refused = master.bench.open();
        let line = format!("REPLCONF rdb-filter-only {parts}");
        assert_eq!(master.bench.ask(refused, &line), r"+OK\r\n");
        let reply = master.bench.ask(refused, "SYNC");
        assert_eq!(reply, r"-ERR Filtered replica requires EOF capability\r\n");
        master.bench.ask(reader, &format!("{line} capa eof rdb-only 1"));
        master.bench.feed(reader, &request("PSYNC ? -1"));
        let sent = master.sent(reader);
        let (_, payload) = sent.split_once("$EOF:").unwrap();
        assert!(payload.contains("REDIS") && !payload.contains("\\x01k"), "{payload}");
        assert_eq!(master.bench.closed, [reader]);
    }
}

#[test]
fn a_replica_introduces_itself_in_words_that_are_checked() {
    let mut master = Master::new(delayed(0, 0));
    for (words, expect) in [
        ("capa psync2 capa dance", "+OK"),
        ("version 7.4.0", "+OK"),
        ("version 7.4", "-ERR Unrecognized version format: 7.4"),
        ("version 7.x.0", "-ERR Unrecognized version format: 7.x.0"),
        ("listening-port x", "-ERR value is not an integer or out of range"),
        ("ip-address \"\"", "+OK"),
        ("rdb-only 0", "+OK"),
        ("rdb-only 2", "-ERR value is out of range, value must between 0 and 1"),
        ("rdb-filter-only data", "-ERR Unsupported rdb-filter-only option: data"),
        ("rdb-filter-only 'a\"b'", "-ERR Missing rdb-filter-only values"),
        ("a", "-ERR syntax error"),
        ("nope x", "-ERR Unrecognized REPLCONF option: nope"),
    ] {
        let conn = master.bench.open();
        let reply = master.bench.ask(conn, &format!("REPLCONF {words}"));
        assert_eq!(reply, format!(r"{expect}\r\n"), "{words}");
    }
}

fn bytes_of(line: &str) -> BytesMut {
    BytesMut::from(&request(line)[..])
}
