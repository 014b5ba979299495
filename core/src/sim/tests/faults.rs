//! Every fault by a script, and what the terminals print.

use super::*;

/// Beginnings of worlds, and scripts behind them. `N` is the terminal that prints.
const CASES: &[(&str, &str, &str)] = &[
    // What was cut one way is lost; the other way goes on.
    (
        "replicas 1",
        "@0 open 1\n@0 open 2\n@2000000 cut 1 from\n@2000000 type 1 SET k v\n\
         @2000000 type 1 WAIT 1 100\n@2050000 type 2 GET k\n@4000000 heal 1\n\
         @6000000 type 1 WAIT 1 0\n@8000000 end",
        "1 OK\n2 (nil)\n1 (integer) 0\n1 (integer) 1\n",
    ),
    (
        "replicas 1",
        "@0 open 1\n@0 open 2\n@2000000 cut 1 to\n@2000000 type 1 SET k v\n\
         @2000000 type 1 WAIT 1 100\n@2050000 type 2 GET k\n@8000000 end",
        "1 OK\n2 \"v\"\n1 (integer) 0\n",
    ),
    // A stalled link loses nothing.
    (
        "replicas 1",
        "@0 open 1\n@0 open 2\n@2000000 stall 1\n@2000000 type 1 SET k v\n@3000000 type 2 GET k\n\
         @3000000 heal 1\n@3000001 type 2 GET k\n@3000001 end",
        "1 OK\n2 (nil)\n2 \"v\"\n",
    ),
    // A reset one loses what was on its way, and the replica continues.
    (
        "replicas 1",
        "@0 open 1\n@0 open 2\n@2000000 type 1 SET k v\n@2000000 reset 1\n@2006000 type 2 GET k\n\
         @5000000 type 2 GET k\n@5000000 type 1 INFO stats\n@5000000 end",
        "1 OK\n2 (nil)\n2 \"v\"\n1 # Stats sync_full:1 sync_partial_ok:1\n",
    ),
    // A process that is killed leaves what it had written; its terminal connects again.
    (
        "replicas 0\nconfig appendonly yes\nconfig appendfsync no",
        "@100000 open 1\n@100000 type 1 SET k v\n@200000 crash 1 kept\n@200000 type 1 GET k\n\
         @200000 restart 1\n@300000 type 1 GET k\n@300000 end",
        "1 OK\n1 Server closed the connection\n\
         1 Could not connect to Redis at 10.0.0.1:6379: Connection refused\n1 \"v\"\n",
    ),
    // Without power what was not synced is gone, unless every write is.
    (
        "replicas 0\nconfig appendonly yes\nconfig appendfsync no",
        "@100000 open 1\n@100000 type 1 SET k v\n@200000 crash 1 lost\n@200000 restart 1\n\
         @300000 type 1 GET k\n@300000 end",
        "1 OK\n1 Server closed the connection\n1 (nil)\n",
    ),
    (
        "replicas 0\nconfig appendonly yes\nconfig appendfsync always",
        "@100000 open 1\n@100000 type 1 SET k v\n@200000 crash 1 lost\n@200000 restart 1\n\
         @300000 type 1 GET k\n@300000 crash 1 torn\n@300000 restart 1\n@400000 type 1 GET k\n\
         @400000 end",
        "1 OK\n1 Server closed the connection\n1 \"v\"\n1 Server closed the connection\n1 \"v\"\n",
    ),
    // Settings that were set are forgotten, those that were written are not.
    (
        "replicas 0",
        "@0 open 1\n@0 type 1 CONFIG SET maxclients 77\n@0 type 1 CONFIG REWRITE\n\
         @0 type 1 CONFIG SET maxclients 78\n@9000 crash 1 kept\n@9000 restart 1\n\
         @99000 type 1 CONFIG GET maxclients\n@99000 end",
        "1 OK\n1 OK\n1 OK\n1 Server closed the connection\n1 1) \"maxclients\"\n2) \"77\"\n",
    ),
    // The peers of a machine without power learn of it when it is back; those of a process at once.
    (
        "replicas 1",
        "@0 open 2\n@2000000 crash 1 lost\n@30000000 type 1 INFO replication\n\
         @30000000 restart 1\n@33000000 type 1 INFO replication\n@33000000 end",
        "1 # Replication master_link_status:up\n1 # Replication master_link_status:up\n",
    ),
    (
        "replicas 1",
        "@0 open 2\n@2000000 crash 1 kept\n@30000000 type 1 INFO replication\n\
         @30000000 restart 1\n@33000000 type 1 INFO replication\n@33000000 end",
        "1 # Replication master_link_status:down\n1 # Replication master_link_status:up\n",
    ),
    // A paused process answers when it goes on, in the order in which it was asked; nothing is lost.
    (
        "replicas 1",
        "@0 open 1\n@0 open 2\n@2000000 pause 2\n@2000000 type 2 GET k\n@2000000 type 1 SET k v\n\
         @2000000 type 1 WAIT 1 500\n@9000000 resume 2\n@9000001 type 2 GET k\n\
         @9010000 type 1 WAIT 1 0\n@9010000 end",
        "1 OK\n1 (integer) 0\n2 (nil)\n2 \"v\"\n1 (integer) 1\n",
    ),
    // An operator changes who follows whom, also for the next start.
    (
        "replicas 2",
        "@0 open 2\n@0 open 3\n@2000000 promote 2\n@2000000 attach 3 2\n@5000000 type 1 SET k v\n\
         @5100000 type 2 GET k\n@6000000 crash 3 kept\n@6000000 restart 3\n@9000000 type 2 ROLE\n\
         @9000000 end",
        "1 OK\n2 \"v\"\n2 Server closed the connection\n2 1) \"slave\"\n2) \"10.0.0.2\"\n",
    ),
    // A clock that jumps makes keys expire.
    (
        "replicas 0",
        "@0 open 1\n@0 type 1 SET k v EX 3000\n@0 clock 1 3600000\n@0 type 1 GET k\n\
         @0 clock 1 -3600000\n@0 type 1 TIME\n@0 end",
        "1 OK\n1 (nil)\n1 1) \"1767225600\"\n2) \"0\"\n",
    ),
    // A full disk refuses writes until there is room.
    (
        "replicas 0\nconfig appendonly yes",
        "@100000 open 1\n@100000 disk 1 full\n@100000 type 1 SET k v\n@200000 type 1 SET k w\n\
         @200000 disk 1 free\n@2300000 type 1 SET k x\n@2300000 end",
        "1 OK\n1 (error) MISCONF Errors writing to the AOF file: No space left on device\n1 OK\n",
    ),
    // A file is there at the next start.
    (
        "replicas 0",
        "@0 open 1\n@0 crash 1 kept\n@0 file 1 dump.rdb DUMP\n@0 restart 1\n@99000 type 1 GET k\n\
         @99000 end",
        "1 Server closed the connection\n1 \"v\"\n",
    ),
    // Shapes.
    (
        "chain 2",
        "@0 open 3\n@5000000 type 1 ROLE\n@5000000 end",
        "1 1) \"slave\"\n2) \"10.0.0.2\"\n",
    ),
    (
        "apart 2",
        "@0 open 3\n@5000000 type 1 ROLE\n@5000000 end",
        "1 1) \"master\"\n2) (integer) 0\n",
    ),
    (
        "replicas 0",
        "@0 add-node\n@0 open 2\n@0 type 1 SET k v\n@0 attach 1 2\n@0 open 1\n\
         @3000000 type 2 GET k\n@3000000 end",
        "1 OK\n2 \"v\"\n",
    ),
    // What names nothing changes nothing.
    (
        "replicas 0",
        "@0 crash 9 kept\n@0 restart 9\n@0 restart 1\n@0 pause 9\n@0 resume 1\n@0 promote 9\n\
         @0 attach 1 9\n@0 clock 9 1\n@0 disk 9 full\n@0 file 9 a 00\n@0 stall 9\n@0 reset 9\n@0 end",
        "",
    ),
];

fn text((head, steps, _): &(&str, &str, &str)) -> String {
    let steps = steps.replace("DUMP", DUMP);
    format!("redarium-script 1\nseed 7\n{head}\nlatency 5000\n{steps}\n")
}

/// Of long replies only the lines that a case is about.
fn shortened(printed: &str) -> String {
    let said = |line: &&str| {
        let known = ["sync_full:", "sync_partial_ok:", "master_link_status:"];
        !line.contains(':') || line.contains(' ') || known.iter().any(|name| line.starts_with(name))
    };
    let is_role_tail = |line: &str| ["3) ", "4) ", "5) "].iter().any(|head| line.starts_with(head));
    let mut short = String::new();
    for line in printed.lines().filter(said).filter(|line| !is_role_tail(line)) {
        let goes_on = line.contains(':') && !line.contains(' ');
        if goes_on && short.ends_with('\n') {
            short.pop();
            short.push(' ');
        }
        short.push_str(line);
        short.push('\n');
    }
    short
}

#[test]
fn faults_do_what_they_say() {
    for case in CASES {
        let script = text(case);
        let printed = shortened(&transcript(&script).0);
        assert_eq!(printed, case.2, "{script}");
    }
}

/// What a world remembers of itself makes it again.
#[test]
fn a_world_can_be_made_again_from_its_own_script() {
    for case in CASES {
        let world = Script::parse(&text(case)).unwrap().play();
        let own = world.script().unwrap();
        assert_eq!(own.play().digest(), world.digest(), "{own}");
        assert_eq!(Script::parse(&own.to_string()), Ok(own));
    }
}

#[test]
fn jitter_delays_packets_and_never_reorders_them() {
    let mut fleet = Fleet::synced(1);
    let input = Input::SetLatency { link: LinkId(1), latency_us: LATENCY, jitter_us: 50 * MS };
    fleet.world.apply(input);
    let mut took = Vec::new();
    for number in 0..100 {
        fleet.type_line(1, &format!("RPUSH list {number}"));
        fleet.collect();
        let sent = fleet.packets(Fate::Sent);
        took.extend(sent.iter().map(|packet| packet.arrives_us - packet.sent_us));
        fleet.run(MS);
    }
    assert!(took.iter().all(|us| (LATENCY..=LATENCY + 50 * MS).contains(us)), "{took:?}");
    assert!(took.iter().collect::<std::collections::BTreeSet<_>>().len() > 20, "{took:?}");
    fleet.run(SECOND);
    assert_eq!(fleet.ask(2, "LINDEX list 99"), "\"99\"\n");
}

/// Nothing that is sent to a node that stands still takes memory without bound.
#[test]
fn what_a_paused_node_is_sent_waits_at_the_sender() {
    let mut fleet = Fleet::synced(1);
    fleet.world.apply(Input::Pause { node: NodeId(2) });
    for _ in 0..20 {
        fleet.ask(1, &format!("SET big {}", "x".repeat(60_000)));
        fleet.run(10 * MS);
    }
    let held: usize = fleet.world.view().packets.iter().map(|packet| packet.bytes).sum();
    assert!(held <= crate::limits::WORLD_SEND_BUFFER_BYTES + 60_100, "{held}");
    fleet.world.apply(Input::Resume { node: NodeId(2) });
    fleet.run(SECOND);
    assert_eq!(fleet.ask(2, "STRLEN big"), "(integer) 60000\n");
}

/// `SET k v` as an RDB file.
const DUMP: &str = "524544495330303036fe0000016b0176ff0000000000000000";
