//! MIGRATE between two nodes, with a replica of the first that looks on.

use super::*;

/// Node 1 is a master with node 2 as its replica; node 3 is a master of its own, and empty.
fn neighbours() -> Fleet {
    let mut fleet = Fleet::synced(2);
    assert_eq!(fleet.ask(3, "REPLICAOF NO ONE"), "OK\n");
    fleet
}

fn check(fleet: &mut Fleet, conversation: &[(u32, &str, &str)]) {
    for (node, line, expect) in conversation {
        let line = line.replace("TARGET", &NodeId(3).address().replace(':', " "));
        assert_eq!(fleet.ask(*node, &line), format!("{expect}\n"), "{node}: {line}");
        // What it changes reaches the replica.
        fleet.run(2 * LATENCY);
    }
}

#[test]
fn keys_move_with_their_values_and_times_to_live() {
    check(
        &mut neighbours(),
        &[
            (1, "SET text v PX 60000", "OK"),
            (1, "PFADD seen a b c", "(integer) 1"),
            (1, "SET number 12", "OK"),
            (1, "MIGRATE TARGET text 2 100", "OK"),
            (1, "EXISTS text", "(integer) 0"),
            (2, "EXISTS text", "(integer) 0"),
            (3, "EXISTS text", "(integer) 0"),
            (3, "SELECT 2", "OK"),
            (3, "GET text", "\"v\""),
            (3, "TTL text", "(integer) 60"),
            (1, "MIGRATE TARGET \"\" 2 100 KEYS seen none number", "OK"),
            (1, "DBSIZE", "(integer) 0"),
            (2, "DBSIZE", "(integer) 0"),
            (3, "PFCOUNT seen", "(integer) 3"),
            (3, "OBJECT ENCODING number", "\"int\""),
            (1, "MIGRATE TARGET seen 2 100", "NOKEY"),
        ],
    );
}

#[test]
fn a_key_stays_where_it_may_not_go() {
    let busy =
        "(error) ERR Target instance replied with error: BUSYKEY Target key name already exists.";
    check(
        &mut neighbours(),
        &[
            (1, "MSET a 1 b 2 c 3", "OK"),
            (3, "SET b other", "OK"),
            (1, "MIGRATE TARGET \"\" 0 100 KEYS a b c", busy),
            (1, "EXISTS a c", "(integer) 0"),
            (2, "MGET a b c", "1) (nil)\n2) \"2\"\n3) (nil)"),
            (3, "MGET a b c", "1) \"1\"\n2) \"other\"\n3) \"3\""),
            (1, "MIGRATE TARGET b 0 100 COPY REPLACE", "OK"),
            (3, "GET b", "\"2\""),
            (1, "GET b", "\"2\""),
            (
                1,
                "MIGRATE TARGET b 99 100",
                "(error) ERR Target instance replied with error: ERR DB index is out of range",
            ),
            (1, "GET b", "\"2\""),
            (3, "CONFIG SET requirepass secret", "OK"),
            (
                1,
                "MIGRATE TARGET b 0 100 REPLACE",
                "(error) ERR Target instance replied with error: NOAUTH Authentication required.",
            ),
            (
                1,
                "MIGRATE TARGET b 0 100 REPLACE AUTH wrong",
                "(error) ERR Target instance replied with error: WRONGPASS invalid username-password pair or user is disabled.",
            ),
            (1, "GET b", "\"2\""),
            (1, "MIGRATE TARGET b 0 100 REPLACE AUTH2 default secret", "OK"),
            (1, "EXISTS b", "(integer) 0"),
        ],
    );
}

#[test]
fn nobody_answers() {
    let connecting = "(error) IOERR error or timeout connecting to the client";
    let writing = "(error) IOERR error or timeout writing to target instance";
    check(
        &mut neighbours(),
        &[
            (1, "SET k v", "OK"),
            (1, "MIGRATE nowhere 1 k 0 100", writing),
            (1, "MIGRATE nowhere x k 0 100", connecting),
            (1, "MULTI", "OK"),
            (1, "MIGRATE TARGET k 0 100", "QUEUED"),
            (1, "EXEC", "1) (error) ERR Command not allowed inside a transaction"),
            (1, "GET k", "\"v\""),
        ],
    );
}

/// Reads go on, writes to the key wait, writes to others do not.
#[test]
fn a_key_under_way_is_not_written() {
    for (writes_to_key, expect) in [
        ("SET k w", "OK\n"),
        ("EXPIRE k 100", "(integer) 0\n"),
        ("FLUSHALL", "OK\n"),
        ("RENAME k l", "(error) ERR no such key\n"),
    ] {
        let mut fleet = neighbours();
        fleet.world.apply(Input::OpenClient { node: NodeId(1) });
        assert_eq!(fleet.ask(1, "MSET k v other v"), "OK\n");
        let line = format!("MIGRATE {} k 0 1000", NodeId(3).address().replace(':', " "));
        fleet.type_line(1, &line);
        let began = fleet.world.now_us();
        assert_eq!(fleet.ask(4, "GET k"), "\"v\"\n");
        assert_eq!(fleet.ask(4, "SET other w"), "OK\n");
        assert_eq!(fleet.world.now_us(), began);
        assert_eq!(fleet.ask(4, writes_to_key), expect);
        assert_eq!(fleet.world.now_us(), began + 4 * LATENCY, "{writes_to_key}");
        assert_eq!(fleet.ask(3, "GET k"), "\"v\"\n");
    }
}

/// What was not acknowledged stays, though it may have arrived.
#[test]
fn a_cut_link_ends_in_a_timeout() {
    for (cut_after, stage) in [
        (0, "connecting to the client"),
        (2 * LATENCY, "reading to target instance"),
        (3 * LATENCY + LATENCY / 2, "reading to target instance"),
    ] {
        let mut fleet = neighbours();
        assert_eq!(fleet.ask(1, "SET k v"), "OK\n");
        let links = fleet.world.view().links;
        let link = links.iter().find(|link| [link.from, link.to].contains(&NodeId(3)));
        let line = format!("MIGRATE {} k 0 300", NodeId(3).address().replace(':', " "));
        fleet.type_line(1, &line);
        fleet.run(cut_after);
        fleet.world.apply(Input::CutLink { link: link.expect("a link").id, way: Cut::Both });
        fleet.run(SECOND);
        let replied = fleet.events.iter().find_map(|event| match &event.what {
            What::Reply { text, .. } => Some(text.clone()),
            _ => None,
        });
        assert_eq!(replied, Some(format!("(error) IOERR error or timeout {stage}\n")));
        assert_eq!(fleet.ask(1, "GET k"), "\"v\"\n");
    }
}
