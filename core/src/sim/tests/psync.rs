//! The ways in which partial synchronisation has failed before, by name.

use super::*;

impl Fleet {
    /// How often a node has given all its data, and how often only what was missing.
    fn syncs(&mut self, node: u32) -> [u32; 2] {
        let info = self.ask(node, "INFO stats");
        ["sync_full:", "sync_partial_ok:"].map(|name| {
            let line = info.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap().parse().unwrap()
        })
    }

    fn agree(&mut self) {
        self.run(10 * SECOND);
        let nodes = self.world.view().nodes;
        for node in &nodes[1..] {
            assert_eq!((&node.replid, node.offset), (&nodes[0].replid, nodes[0].offset));
        }
        let digests: Vec<_> =
            (1..=nodes.len() as u32).map(|node| self.ask(node, "DEBUG DIGEST")).collect();
        assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
    }

    /// The node logged this since it was last looked at.
    fn logged(&mut self, node: u32, text: &str) -> bool {
        self.collect();
        self.events.iter().any(|event| match &event.what {
            What::Log { node: of, text: said, .. } => of.0 == node && said.contains(text),
            _ => false,
        })
    }
}

fn cut(link: u32, way: Cut) -> Input {
    Input::CutLink { link: LinkId(link), way }
}

fn heal(link: u32) -> Input {
    Input::HealLink { link: LinkId(link) }
}

/// Asks a master by hand for its stream from each of these offsets; whether it goes on from there.
#[test]
fn the_edges_of_the_backlog() {
    let mut fleet = Fleet::synced(1);
    for number in 0..40 {
        fleet.ask(1, "CONFIG SET repl-backlog-size 16384");
        fleet.ask(1, &format!("SET k{number} {}", "x".repeat(1000)));
    }
    fleet.run(SECOND);
    let NodeView { backlog, replid, .. } = fleet.node(1);
    let backlog = backlog.unwrap();
    // PSYNC counts bytes from 1, a backlog from 0.
    let first = backlog.first_offset + 1;
    let next = first + backlog.length;
    assert!(first > 1, "something was let go");
    for (client, offset, continues) in
        [(3, first - 1, false), (4, first, true), (5, next, true), (6, next + 1, false)]
    {
        fleet.world.apply(Input::OpenClient { node: NodeId(1) });
        let client = ClientId(client);
        fleet.collect();
        fleet.events.clear();
        let line = format!("PSYNC {replid} {offset}");
        fleet.world.apply(Input::Type { client, line });
        let accepted = fleet.logged(1, "accepted. Sending");
        let refused = fleet.logged(1, "Full resync requested");
        assert_eq!((accepted, refused), (continues, !continues), "{offset}");
        fleet.world.apply(Input::CloseClient { client });
    }
}

/// The middle of a chain is promoted: its replica goes on without a copy of everything.
#[test]
fn a_chained_replica_whose_master_changes_history() {
    let mut fleet = Fleet::of(&Topology {
        replicas: 2,
        shape: Shape::Chain,
        latency_us: LATENCY,
        ..Topology::default()
    });
    fleet.ask(1, "SET k v");
    fleet.run(SECOND);
    let before = fleet.node(2).replid;
    fleet.world.apply(Input::Promote { node: NodeId(2) });
    fleet.ask(2, "SET k w");
    fleet.run(3 * SECOND);
    let (second, third) = (fleet.node(2), fleet.node(3));
    assert_ne!(second.replid, before);
    assert_eq!((third.replid, third.replid2), (second.replid, before));
    assert_eq!(third.offset, second.offset);
    assert_eq!(fleet.ask(3, "GET k"), "\"w\"\n");
    assert_eq!(fleet.syncs(2)[0], 1, "once, in the beginning");
    // And back under the first one, which went its own way meanwhile.
    fleet.ask(1, "SET k x");
    fleet.world.apply(Input::Attach { node: NodeId(2), to: NodeId(1) });
    fleet.agree();
    assert_eq!(fleet.ask(3, "GET k"), "\"x\"\n");
}

/// A connection ends in the middle of a command: the replica goes on behind the last whole one.
#[test]
fn a_partial_command_in_the_backlog() {
    for chunk in [200, 7000] {
        let mut fleet = Fleet::of(&Topology {
            replicas: 1,
            latency_us: LATENCY,
            chunk_bytes: Some(chunk),
            ..Topology::default()
        });
        // More than one packet: the node's machine takes so much while the other stands still.
        fleet.world.apply(Input::Pause { node: NodeId(2) });
        for number in 0..8 {
            fleet.ask(1, &format!("APPEND big {number}{}", "x".repeat(60_000)));
        }
        fleet.world.apply(Input::Resume { node: NodeId(2) });
        fleet.world.apply(Input::ResetLink { link: LinkId(1) });
        fleet.agree();
        assert_eq!(fleet.ask(2, "STRLEN big"), "(integer) 480008\n");
        assert_eq!(fleet.syncs(1), [1, 1], "chunks of {chunk}");
    }
}

/// A sibling goes on with a promoted replica up to where that left their master, and no further.
#[test]
fn the_rules_of_the_second_id() {
    for (promoted, other, syncs) in [(3, 2, [0, 1]), (2, 3, [1, 0])] {
        let mut fleet = Fleet::synced(2);
        fleet.ask(1, "SET k v");
        fleet.run(SECOND);
        // Node 2 does not get what comes now.
        fleet.world.apply(cut(1, Cut::Both));
        fleet.ask(1, "SET k w");
        fleet.run(SECOND / 2);
        fleet.world.apply(cut(2, Cut::Both));
        fleet.world.apply(Input::Promote { node: NodeId(promoted) });
        fleet.world.apply(Input::Attach { node: NodeId(other), to: NodeId(promoted) });
        fleet.run(3 * SECOND);
        assert_eq!(fleet.syncs(promoted), syncs, "node {promoted} is promoted");
        let held = fleet.ask(promoted, "GET k");
        assert_eq!(fleet.ask(other, "GET k"), held);
    }
}

/// Signs of life are part of the stream: who has had nothing else still stands where its master does.
#[test]
fn pings_count_in_offsets() {
    let mut fleet = Fleet::synced(2);
    let before = fleet.node(1).offset;
    fleet.run(60 * SECOND);
    let master = fleet.node(1).offset;
    assert!(master > before, "pings were sent");
    assert_eq!([2, 3].map(|node| fleet.node(node).offset), [master; 2]);
    fleet.world.apply(cut(1, Cut::Both));
    fleet.run(100 * SECOND);
    fleet.world.apply(heal(1));
    fleet.agree();
    assert_eq!(fleet.syncs(1), [2, 1], "two replicas came, and one came back");
}

#[test]
fn an_offset_that_is_no_number() {
    let mut fleet = Fleet::synced(0);
    let id = fleet.node(1).replid;
    for offset in ["abc", "12x", "1.5", "99999999999999999999"] {
        let reply = fleet.ask(1, &format!("PSYNC {id} {offset}"));
        assert!(reply.starts_with("(error) ERR value is not an integer"), "{offset}: {reply}");
        assert_eq!(fleet.ask(1, "PING"), "PONG\n");
    }
}
