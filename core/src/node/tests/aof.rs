//! The append-only file under a slow disk, a full one, and clients who wait for it.

use super::*;

/// A node whose log is on from its start.
fn logging(policy: &str) -> Bench {
    let mut config = Config { save: Vec::new(), repl_diskless_sync_delay: 0, ..Config::default() };
    let settings = [("appendonly", "yes"), ("appendfsync", policy)];
    config.apply(&settings.map(|(n, v)| (n.as_bytes(), v.as_bytes())), true).unwrap();
    let mut bench = Bench::new(config.clone());
    bench.node = Node::restored(config, 7, bench.now);
    bench.settle();
    bench.logs();
    bench
}

impl Bench {
    /// The disk does what was asked for, and all that comes after.
    fn let_the_log_go_on(&mut self) {
        self.log_stands_still = false;
        for effect in std::mem::take(&mut self.log_held) {
            self.carry_out(effect);
        }
        self.settle();
    }
}

#[test]
fn who_writes_waits_for_a_disk_that_is_two_seconds_behind() {
    let mut bench = logging("everysec");
    let [writer, reader] = [(); 2].map(|()| bench.open());
    bench.log_stands_still = true;
    // The first is under way, the second waits for it.
    assert_eq!(bench.ask(writer, "SET k 1"), r"+OK\r\n");
    assert_eq!(bench.ask(writer, "SET k 2"), r"+OK\r\n");
    bench.pass(1_999);
    assert_eq!(bench.ask(writer, "SET k 3"), r"+OK\r\n");
    bench.pass(1);
    let mut buffer = BytesMut::from(&request("SET k 4")[..]);
    assert_eq!(bench.node.handle_bytes(writer, &mut buffer, bench.now), Progress::Blocked);
    bench.settle();
    assert_eq!(bench.ask(reader, "GET k"), r"$1\r\n3\r\n");
    bench.let_the_log_go_on();
    assert_eq!(bench.node.poll_resumed(), Some(writer));
    bench.node.handle_bytes(writer, &mut buffer, bench.now);
    bench.settle();
    assert_eq!(bench.take_output(writer), b"+OK\r\n");
    assert_eq!(bench.ask(reader, "GET k"), r"$1\r\n4\r\n");
    let log = String::from_utf8(bench.file("appendonlydir/appendonly.aof.1.incr.aof").clone());
    assert_eq!(log.unwrap().matches("SET").count(), 4);
}

#[test]
fn a_disk_that_does_nothing_holds_up_nobody_while_nothing_waits() {
    let mut bench = logging("no");
    let writer = bench.open();
    bench.log_stands_still = true;
    assert_eq!(bench.ask(writer, "SET k 1"), r"+OK\r\n");
    bench.pass(10_000);
    assert_eq!(bench.ask(writer, "SET k 2"), r"+OK\r\n");
}

#[test]
fn waitaof_waits_for_the_disk_alone() {
    for policy in ["always", "everysec"] {
        let mut bench = logging(policy);
        let client = bench.open();
        assert_eq!(bench.ask(client, "WAITAOF 1 0 0"), r"*2\r\n:1\r\n:0\r\n", "{policy}");
        bench.log_stands_still = true;
        bench.ask(client, "SET k 1");
        assert_eq!(bench.ask(client, "WAITAOF 1 0 0"), "", "{policy}");
        bench.pass(3_000);
        assert_eq!(bench.take_output(client), b"");
        bench.let_the_log_go_on();
        bench.pass(1_000);
        // What the disk has done is looked at in the next turn.
        bench.settle();
        let said = bench.take_output(client).escape_ascii().to_string();
        assert!(said.ends_with(r"*2\r\n:1\r\n:0\r\n"), "{policy}: {said}");
    }
}

#[test]
fn waitaof_gives_up_after_its_time_or_when_there_is_no_log() {
    let mut bench = logging("no");
    let client = bench.open();
    bench.ask(client, "SET k 1");
    assert_eq!(bench.ask(client, "WAITAOF 1 0 500"), "");
    bench.pass(500);
    assert_eq!(bench.take_output(client), b"*2\r\n:0\r\n:0\r\n");
    assert_eq!(bench.ask(client, "WAITAOF 1 0 0"), "");
    let other = bench.open();
    bench.ask(other, "CONFIG SET appendonly no");
    let refused =
        r"-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n";
    assert_eq!(bench.take_output(client).escape_ascii().to_string(), refused);
    assert_eq!(bench.ask(client, "WAITAOF 1 0 0"), refused);
    assert_eq!(bench.ask(client, "WAITAOF 0 0 0"), r"*2\r\n:0\r\n:0\r\n");
    for (line, said) in [
        ("WAITAOF 2 0 0", r"-ERR value is out of range, value must between 0 and 1\r\n"),
        ("WAITAOF 0 -1 0", r"-ERR value is out of range, must be positive\r\n"),
        ("WAITAOF 0 0 -1", r"-ERR timeout is negative\r\n"),
    ] {
        assert_eq!(bench.ask(client, line), said, "{line}");
    }
}

/// A replica's acknowledgement of what it has, and of what its disk has.
#[test]
fn waitaof_counts_replicas_by_what_their_disks_hold() {
    let mut bench = logging("always");
    let [client, replica] = [(); 2].map(|()| bench.open());
    bench.ask(replica, "REPLCONF capa eof");
    bench.feed(replica, &request("PSYNC ? -1"));
    while !bench.take_output(replica).is_empty() {
        bench.settle();
    }
    let ack = |bench: &mut Bench, has: u64, disk: Option<u64>| {
        let disk = disk.map_or(String::new(), |disk| format!(" FACK {disk}"));
        bench.feed(replica, &request(&format!("REPLCONF ACK {has}{disk}")));
    };
    let start = bench.node.view().offset;
    ack(&mut bench, start, Some(start));
    bench.ask(client, "SET k 1");
    let written = bench.node.view().offset;
    assert_eq!(bench.ask(client, "WAITAOF 1 1 0"), "");
    for disk in [None, Some(start), Some(written - 1)] {
        ack(&mut bench, written, disk);
        assert_eq!(bench.take_output(client), b"", "{disk:?}");
    }
    ack(&mut bench, written, Some(written));
    assert_eq!(bench.take_output(client), b"*2\r\n:1\r\n:1\r\n");
}

/// As in Redis, which writes both files at once; here one snapshot follows the other.
#[test]
fn save_succeeds_while_the_log_is_rewritten() {
    let mut bench = logging("everysec");
    let [client, gone] = [(); 2].map(|()| bench.open());
    bench.ask(client, "SET k v");
    let mut buffer = BytesMut::from(&request("SAVE")[..]);
    let lines = ["BGREWRITEAOF", "SAVE", "DBSIZE"].map(request).concat();
    bench.node.handle_bytes(client, &mut BytesMut::from(&lines[..]), bench.now);
    assert_eq!(bench.node.handle_bytes(gone, &mut buffer, bench.now), Progress::Blocked);
    bench.node.handle_close(gone, CloseReason::Peer, bench.now);
    bench.settle();
    let started = r"+Background append only file rewriting started\r\n+OK\r\n";
    assert_eq!(bench.take_output(client).escape_ascii().to_string(), started);
    // What the rewrite left behind is removed within a second.
    bench.pass(1000);
    bench.settle();
    let names: Vec<&str> = bench.files.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"dump.rdb") && names.len() == 4, "{names:?}");
}

#[test]
fn requests_about_functions_are_passed_over_and_counted() {
    let mut bench = logging("always");
    let client = bench.open();
    bench.ask(client, "SET k v");
    let log = bench.file("appendonlydir/appendonly.aof.1.incr.aof");
    log.extend_from_slice(&request("FUNCTION LOAD '#!lua name=l'"));
    log.extend_from_slice(&request("SET k w"));
    let files = std::mem::take(&mut bench.files);
    let config = bench.node.config.clone();
    let mut again = Bench::new(config.clone());
    again.node = Node::restored(config, 7, again.now);
    again.files = files;
    again.settle();
    assert!(again.logs().contains("Left out 1 function libraries or requests about them"));
    let client = again.open();
    assert_eq!(again.ask(client, "GET k"), r"$1\r\nw\r\n");
}
