//! WATCH and client tracking on a replica, whose keys only its master changes; and what transactions
//! look like in the stream between them.

use super::*;

fn check(fleet: &mut Fleet, conversation: &[(u32, &str, &str)]) {
    for (node, line, expect) in conversation {
        assert_eq!(fleet.ask(*node, line), format!("{expect}\n"), "{node}: {line}");
        // What it changes reaches the replica.
        fleet.run(2 * LATENCY);
    }
}

#[test]
fn a_write_of_the_master_calls_a_replicas_transaction_off() {
    check(
        &mut Fleet::synced(1),
        &[
            (1, "SET k 1", "OK"),
            (2, "WATCH k", "OK"),
            (1, "SET other 1", "OK"),
            (2, "MULTI", "OK"),
            (2, "GET k", "QUEUED"),
            (2, "EXEC", "1) \"1\""),
            (2, "WATCH k", "OK"),
            (1, "INCR k", "(integer) 2"),
            (2, "MULTI", "OK"),
            (2, "GET k", "QUEUED"),
            (2, "EXEC", "(nil)"),
            (2, "WATCH k", "OK"),
            (1, "MULTI", "OK"),
            (1, "SET other 2", "QUEUED"),
            (1, "DEL k", "QUEUED"),
            (1, "EXEC", "1) OK\n2) (integer) 1"),
            (2, "MULTI", "OK"),
            (2, "EXEC", "(nil)"),
        ],
    );
}

#[test]
fn a_full_synchronisation_counts_as_a_change_of_what_is_there() {
    let mut fleet = Fleet::synced(2);
    check(
        &mut fleet,
        &[
            (2, "REPLICAOF NO ONE", "OK"),
            (2, "FLUSHALL", "OK"),
            (1, "SET k 1", "OK"),
            (2, "SET own 1", "OK"),
            (2, "WATCH k own nowhere", "OK"),
        ],
    );
    let master = NodeId(1).address().replace(':', " ");
    assert_eq!(fleet.ask(2, &format!("REPLICAOF {master}")), "OK\n");
    fleet.run(5 * SECOND);
    check(
        &mut fleet,
        &[(2, "MULTI", "OK"), (2, "EXEC", "(nil)"), (2, "WATCH nowhere", "OK"), (2, "MULTI", "OK")],
    );
    assert_eq!(fleet.ask(2, "EXEC"), "(empty array)\n");
}

#[test]
fn only_transactions_that_write_travel_and_as_one() {
    let mut fleet = Fleet::synced(1);
    fleet.ask(1, "SET k 0");
    let mut sent = |lines: &[&str]| {
        let before = fleet.node(1).offset;
        lines.iter().for_each(|line| drop(fleet.ask(1, line)));
        fleet.node(1).offset - before
    };
    let set = sent(&["SET k 1"]);
    assert_eq!(sent(&["MULTI", "EXEC"]), 0);
    assert_eq!(sent(&["MULTI", "GET k", "DEL none", "EXEC"]), 0);
    assert_eq!(sent(&["MULTI", "SET k 2", "DISCARD"]), 0);
    assert_eq!(sent(&["WATCH k", "SET k 2", "MULTI", "SET k 3", "EXEC"]), set);
    assert_eq!(sent(&["MULTI", "SET k 4", "GET k", "EXEC"]), set);
    let frame = "*1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n".len() as u64;
    assert_eq!(sent(&["MULTI", "SET k 5", "SET k 6", "EXEC"]), 2 * set + frame);
    fleet.run(2 * LATENCY);
    assert_eq!(fleet.ask(2, "GET k"), "\"6\"\n");
}
