//! FAILOVER between a master and its replica, and what refuses or ends it.

use super::*;

/// Pairs of commands at the master and replies, before a replica is attached and after.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("FAILOVER", "requires connected replicas.", ""),
    ("FAILOVER ABORT", "No failover in progress.", "No failover in progress."),
    ("FAILOVER TIMEOUT 0", "FAILOVER timeout must be greater than 0", ""),
    ("FAILOVER TO a", "syntax error", "syntax error"),
    ("FAILOVER ABORT TIMEOUT 1", "syntax error", "syntax error"),
    ("FAILOVER TO a 70000", "requires connected replicas.", "is not a replica."),
    ("FAILOVER TO a b", "not an integer or out of range", "not an integer or out of range"),
    ("FAILOVER FORCE", "requires connected replicas.", "both a timeout and target HOST and IP."),
    ("FAILOVER TO a 1 FORCE", "requires connected", "both a timeout and target HOST and IP."),
];

/// Both ends in step: the replica has acknowledged all of the stream.
fn synced() -> (Pair, ConnId) {
    let mut pair = Pair::new();
    pair.connect();
    pair.exchange(100_000);
    let client = pair.master.open();
    pair.master.ask(client, "SET before 1");
    acknowledge(&mut pair);
    (pair, client)
}

/// The replica gets all of the stream, and says so a second later.
fn acknowledge(pair: &mut Pair) {
    pair.exchange(100_000);
    pair.replica.pass(1000);
    pair.exchange(100_000);
}

fn state(bench: &mut Bench, client: ConnId) -> String {
    let info = bench.ask(client, "INFO replication");
    let (_, rest) = info.split_once("master_failover_state:").unwrap();
    rest.split(r"\r\n").next().unwrap().to_owned()
}

/// The roles change: the former master dials its replica, over a connection of their own.
fn dial_back(pair: &mut Pair) -> (ConnId, ConnId) {
    let Some(Effect::Dial { dial, port, .. }) = pair.master.dials.pop() else {
        panic!("the master has not dialed")
    };
    assert_eq!(port, 6380);
    let origin = Origin::Dialed { dial, peer: "r:6380".into(), local: "m:1".into() };
    (pair.master.node.handle_open(origin, pair.master.now), pair.replica.open())
}

fn carry((near, far): (ConnId, ConnId), pair: &mut Pair) {
    loop {
        let out = pair.master.take_output(near);
        pair.replica.feed(far, &out);
        let back = pair.replica.take_output(far);
        pair.master.feed(near, &back);
        if out.is_empty() && back.is_empty() {
            return;
        }
    }
}

#[test]
fn the_replica_takes_over_and_writes_are_held_meanwhile() {
    let (mut pair, client) = synced();
    // The last write has not been acknowledged.
    pair.master.ask(client, "SET late 1");
    let other = pair.master.open();
    assert_eq!(pair.master.ask(other, "FAILOVER TIMEOUT 5000"), r"+OK\r\n");
    assert_eq!(state(&mut pair.master, other), "waiting-for-sync");
    assert_eq!(pair.master.ask(client, "SET held 1"), "", "writes wait");
    assert_eq!(pair.master.ask(other, "GET late"), r"$1\r\n1\r\n", "reads do not");
    assert!(pair.master.ask(other, "REPLICAOF h 1").starts_with("-ERR REPLICAOF not allowed"));
    assert!(pair.master.ask(other, "FAILOVER").starts_with("-ERR FAILOVER already in progress."));
    acknowledge(&mut pair);
    assert_eq!(state(&mut pair.master, other), "failover-in-progress");
    let link = dial_back(&mut pair);
    carry(link, &mut pair);
    assert_eq!(state(&mut pair.master, other), "no-failover");
    let held = pair.master.node.poll_resumed();
    assert_eq!(held, Some(client), "its shell is told to go on with the held request");
    assert!(pair.master.ask(client, "SET held 1").starts_with("-READONLY"));
    let writer = pair.replica.open();
    assert_eq!(pair.replica.ask(writer, "SET new 1"), r"+OK\r\n");
    carry(link, &mut pair);
    assert_eq!(pair.master.ask(other, "GET new"), r"$1\r\n1\r\n");
    pair.assert_equal();
    assert!(pair.master.logs().contains("Successful partial resynchronization"));
}

#[test]
fn a_failover_ends_when_its_time_is_over_or_it_is_aborted() {
    for end in ["time", "abort"] {
        let (mut pair, client) = synced();
        pair.master.ask(client, "SET late 1");
        let other = pair.master.open();
        assert_eq!(pair.master.ask(other, "FAILOVER TIMEOUT 500"), r"+OK\r\n");
        assert_eq!(pair.master.ask(client, "SET held 1"), "");
        match end {
            "time" => pair.master.pass(500),
            _ => assert_eq!(pair.master.ask(other, "FAILOVER ABORT"), r"+OK\r\n"),
        }
        assert_eq!(state(&mut pair.master, other), "no-failover");
        assert_eq!(pair.master.ask(client, "SET held 1"), r"+OK\r\n", "{end}");
    }
}

#[test]
fn a_forced_failover_does_not_wait_for_ever() {
    let (mut pair, client) = synced();
    pair.master.ask(client, "SET late 1");
    let line = "FAILOVER TO 127.0.0.1 6380 FORCE TIMEOUT 500";
    assert_eq!(pair.master.ask(client, line), r"+OK\r\n");
    pair.master.pass(500);
    assert_eq!(state(&mut pair.master, client), "failover-in-progress");
    // The replica lacks the last write: what the former master has more is dropped.
    pair.cut();
    let link = dial_back(&mut pair);
    carry(link, &mut pair);
    assert_eq!(state(&mut pair.master, client), "no-failover");
    assert_eq!(pair.master.ask(client, "EXISTS late"), r":0\r\n");
    pair.assert_equal();
}

#[test]
fn a_target_that_refuses_leaves_the_master_one() {
    let (mut pair, client) = synced();
    assert_eq!(pair.master.ask(client, "FAILOVER"), r"+OK\r\n");
    let admin = pair.replica.open();
    pair.replica.ask(admin, "REPLICAOF NO ONE");
    let link = dial_back(&mut pair);
    carry(link, &mut pair);
    assert_eq!(state(&mut pair.master, client), "no-failover");
    assert!(pair.master.logs().contains("Failover target rejected psync request"));
    assert_eq!(pair.master.ask(client, "SET own 1"), r"+OK\r\n");
}

#[test]
fn what_can_not_be_handed_over_is_refused() {
    let mut alone = Bench::new(Config::default());
    let client = alone.open();
    let (mut pair, master) = synced();
    for (line, without, with) in REFUSALS {
        let reply = alone.ask(client, line);
        assert!(reply.starts_with("-ERR") && reply.contains(without), "{line}: {reply}");
        if !with.is_empty() {
            let reply = pair.master.ask(master, line);
            assert!(reply.starts_with("-ERR") && reply.contains(with), "{line}: {reply}");
        }
    }
    let reader = pair.replica.open();
    assert!(pair.replica.ask(reader, "FAILOVER").contains("not valid when server is a replica."));
    let other = format!("PSYNC {} 1 FAILOVER", "1".repeat(40));
    assert!(pair.replica.ask(reader, &other).contains("replid must match my replid."));
    assert!(pair.master.ask(master, &other).contains("can\\'t be sent to a master."));
}
