//! The world as a person at its terminals sees it, and as a script repeats it.

use super::*;
use crate::node::MasterLinkState;

mod campaign;
mod crash;
mod faults;
mod migrate;
mod psync;
mod pubsub;
mod seeds;
mod watch;

/// A world that tests type into; one terminal a node, opened at need.
struct Fleet {
    world: World,
    /// What happened since it was last looked at.
    events: Vec<Event>,
}

const MS: u64 = 1_000;
const SECOND: u64 = 1_000_000;
const LATENCY: u64 = 5 * MS;

impl Fleet {
    /// A master and replicas that have synchronised, at one second.
    fn synced(replicas: u32) -> Self {
        Self::of(&Topology { replicas, latency_us: LATENCY, ..Topology::default() })
    }

    fn of(topology: &Topology) -> Self {
        let mut world = World::new(7, topology);
        for node in 1..=topology.replicas + 1 {
            world.apply(Input::OpenClient { node: NodeId(node) });
        }
        let mut fleet = Self { world, events: Vec::new() };
        fleet.run(3 * SECOND);
        for replica in 2..=topology.replicas + 1 {
            assert_eq!(fleet.node(replica).master_link, Some(MasterLinkState::Connected));
        }
        fleet
    }

    fn run(&mut self, us: u64) {
        let until = self.world.now_us() + us;
        self.world.run_until(until, usize::MAX);
        self.collect();
    }

    fn collect(&mut self) {
        while let Some(event) = self.world.poll_event() {
            self.events.push(event);
        }
    }

    /// Types a line at a node's terminal and lets time go on until its reply, which it returns.
    fn ask(&mut self, node: u32, line: &str) -> String {
        self.type_line(node, line);
        let client = ClientId(node);
        for _ in 0..100_000 {
            self.collect();
            let replied = self.events.iter().rev().find_map(|event| match &event.what {
                What::Reply { client: of, text, .. } if *of == client => Some(text.clone()),
                _ => None,
            });
            if let Some(reply) = replied {
                return reply;
            }
            self.world.step();
        }
        panic!("{line}: no reply");
    }

    /// Types a line and forgets what happened before.
    fn type_line(&mut self, node: u32, line: &str) {
        self.collect();
        self.events.clear();
        let line = line.to_owned();
        self.world.apply(Input::Type { client: ClientId(node), line });
    }

    fn node(&self, node: u32) -> NodeView {
        self.world.view().nodes.remove(node as usize - 1)
    }

    fn packets(&self, fate: Fate) -> Vec<&Packet> {
        let of_fate = |event: &Event| match event.what {
            What::Packet { packet, fate: had } if had == fate => Some(packet),
            _ => None,
        };
        let ids = self.events.iter().filter_map(of_fate);
        ids.filter_map(|id| self.world.packet(id)).collect()
    }

    fn labels(&self, fate: Fate) -> Vec<&str> {
        self.packets(fate).iter().map(|packet| packet.label.as_str()).collect()
    }
}

/// What every terminal prints while a script is played, in order; `N` stands before each text.
fn transcript(text: &str) -> (String, String) {
    let mut world = Script::parse(text).unwrap().play();
    let digest = world.digest();
    let mut printed = String::new();
    while let Some(event) = world.poll_event() {
        let shown = match event.what {
            What::Reply { client, text, .. } | What::Push { client, text } => (client, text),
            What::Disconnected { client, reason } => (client, format!("{reason}\n")),
            _ => continue,
        };
        printed.push_str(&format!("{} {}", shown.0.0, shown.1));
    }
    (printed, digest)
}

/// Scripts, and what the terminals print.
const SCRIPTS: &[(&str, &str)] = &[
    // A terminal answers at once, without time going on.
    ("@0 open 1\n@0 type 1 SET k v\n@0 type 1 GET k\n@0 end", "1 OK\n1 \"v\"\n"),
    ("@0 open 1\n@0 type 1 3 incr x\n@0 end", "1 (integer) 1\n1 (integer) 2\n1 (integer) 3\n"),
    (
        "@0 open 1\n@0 type 1 set k \"a\n@0 type 1\n@0 type 9 get k\n@0 end",
        "1 Invalid argument(s)\n",
    ),
    // Replicas get the write and may be read; they refuse writes.
    (
        "@0 open 1\n@0 open 2\n@3000000 type 1 SET k v\n@3005000 type 2 GET k\n\
         @3005001 type 2 SET k w\n@3010000 end",
        "1 OK\n2 \"v\"\n2 (error) READONLY You can't write against a read only replica.\n",
    ),
    // Before the latency has passed the replica knows nothing.
    (
        "@0 open 1\n@0 open 2\n@3000000 type 1 SET k v\n@3004999 type 2 GET k\n@3010000 end",
        "1 OK\n2 (nil)\n",
    ),
    // WAIT counts both replicas, at once what they hold, or gives up.
    (
        "@0 open 1\n@3000000 type 1 SET k v\n@3000000 type 1 WAIT 2 1000\n@5000000 end",
        "1 OK\n1 (integer) 2\n",
    ),
    (
        "@0 open 1\n@3000000 cut 1\n@3000000 type 1 SET k v\n@3000000 type 1 WAIT 2 100\n\
         @3099999 type 1 GET k\n@5000000 end",
        "1 OK\n1 (integer) 1\n1 \"v\"\n",
    ),
    // A replica that comes later gets everything.
    (
        "@0 open 1\n@0 type 1 SET k v\n@3000000 add-replica 1\n@6000000 open 4\n\
         @6000000 type 2 GET k\n@6000000 end",
        "1 OK\n2 \"v\"\n",
    ),
    // Keys expire by the virtual clock, on the master and by its word on the replicas.
    (
        "@0 open 1\n@0 open 2\n@3000000 type 1 SET k v PX 500\n@3400000 type 1 GET k\n\
         @3600000 type 1 GET k\n@3700000 type 2 DBSIZE\n@4000000 end",
        "1 OK\n1 \"v\"\n1 (nil)\n2 (integer) 0\n",
    ),
    ("@0 open 1\n@1500000 type 1 TIME\n@1500000 end", "1 1) \"1767225601\"\n2) \"500000\"\n"),
    // A closed connection is opened again by the next line, with its database.
    (
        "@0 open 1\n@0 open 1\n@0 type 1 SELECT 3\n@0 type 1 SET k v\n\
         @0 type 2 CLIENT KILL TYPE normal\n@0 type 1 GET k\n@0 end",
        "1 OK\n1 OK\n2 (integer) 1\n1 Server closed the connection\n1 \"v\"\n",
    ),
    ("@0 open 1\n@0 type 1 quit\n@0 type 1 PING\n@0 end", "1 quit\n1 PONG\n"),
    (
        "@0 open 2\n@0 type 1 SHUTDOWN NOSAVE\n@0 type 1 PING\n@1000000 end",
        "1 Server closed the connection\n\
         1 Could not connect to Redis at 10.0.0.2:6379: Connection refused\n",
    ),
    // HELP is answered by the terminal itself.
    (
        "@0 open 1\n@0 type 1 help get\n@0 type 1 ? nosuch\n@0 end",
        "1 \n  GET key\n  summary: Reads the string stored under a key.\n  since: 1.0.0\n  group: string\n1 ",
    ),
    // Inputs that name what is not there change nothing.
    ("@0 open 9\n@0 close 9\n@0 cut 9\n@0 heal 9\n@0 latency 9 1\n@0 add-replica 9\n@0 end", ""),
];

/// A script's lines behind the head that most of them share.
fn script(lines: &str, chunk: &str) -> String {
    format!("redarium-script 1\nseed 7\nreplicas 2\nlatency 5000\n{chunk}{lines}\n")
}

#[test]
fn scripts_print_what_they_should() {
    for (lines, expect) in SCRIPTS {
        assert_eq!(transcript(&script(lines, "")).0, *expect, "{lines}");
    }
}

#[test]
fn one_script_gives_one_digest() {
    let digest = |lines: &str| transcript(&script(lines, "")).1;
    for (lines, _) in SCRIPTS {
        assert_eq!(digest(lines), digest(lines), "{lines}");
    }
    assert_ne!(digest("@0 open 1\n@9 end"), digest("@1 open 1\n@9 end"));
}

#[test]
fn the_seed_is_in_the_digest() {
    let text = script("@3000000 end", "");
    let other = text.replace("seed 7", "seed 8");
    assert_ne!(transcript(&text).1, transcript(&other).1);
}

#[test]
fn a_prompt_offers_keys_of_its_database() {
    let mut fleet = Fleet::synced(0);
    for line in ["SET user:1 a", "SET \"user 2\" b", "SELECT 3", "SET user:3 c"] {
        fleet.ask(1, line);
    }
    let offers = |fleet: &Fleet, line: &str| fleet.world.hint(ClientId(1), line).completions;
    assert_eq!(offers(&fleet, "GET us"), ["user:3"]);
    fleet.ask(1, "SELECT 0");
    assert_eq!(offers(&fleet, "5 mget x us"), ["\"user 2\"", "user:1"]);
    assert_eq!(offers(&fleet, "GET \"us"), [""; 0], "a quote is open");
    assert_eq!(offers(&fleet, "getr"), ["GETRANGE"]);
    assert_eq!(fleet.world.hint(ClientId(9), "GET ").completions, [""; 0]);
}

/// Cutting bytes into pieces, each in a turn of its own, changes no reply.
#[test]
fn chunks_change_no_reply() {
    for chunk in ["chunk 1\n", "chunk 7\n", "chunk 100\n"] {
        for (lines, expect) in SCRIPTS {
            assert_eq!(transcript(&script(lines, chunk)).0, *expect, "{chunk}{lines}");
        }
    }
}

#[test]
fn a_write_reaches_both_replicas_after_the_latency() {
    let mut fleet = Fleet::synced(2);
    let (offset, at) = (fleet.node(1).offset, fleet.world.now_us());
    assert_eq!(fleet.ask(1, "SET k v"), "OK\n");
    let wire = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
    let sent = fleet.packets(Fate::Sent);
    assert_eq!(sent.len(), 2);
    for (packet, to) in sent.into_iter().zip([2, 3]) {
        assert_eq!((packet.from, packet.to), (NodeId(1), NodeId(to)));
        assert_eq!((packet.sent_us, packet.arrives_us), (at, at + LATENCY));
        assert_eq!((packet.kind, packet.label.as_str()), (PacketKind::Stream, "SET k v +1"));
        assert_eq!(&packet.raw[..], wire);
        assert_eq!(packet.offsets, Some(offset + 1..offset + 1 + wire.len() as u64));
    }
    let expect = offset + wire.len() as u64;
    fleet.run(LATENCY - 1);
    assert_eq!([1, 2, 3].map(|node| fleet.node(node).offset), [expect, offset, offset]);
    fleet.run(1);
    assert_eq!([1, 2, 3].map(|node| fleet.node(node).offset), [expect; 3]);
    assert_eq!([2, 3].map(|node| fleet.node(node).keys), [1, 1]);
}

#[test]
fn events_tell_who_had_a_command_run_and_that_first() {
    let mut fleet = Fleet::synced(1);
    fleet.type_line(1, "SET k v");
    fleet.run(2 * SECOND);
    let told = fleet.events.iter().filter_map(|event| match &event.what {
        What::Command { node, source, text } => Some((node.0, Some(*source), text.as_str())),
        What::Packet { packet, fate: Fate::Sent } => {
            let packet = fleet.world.packet(*packet)?;
            Some((packet.from.0, None, packet.label.as_str()))
        }
        _ => None,
    });
    let told: Vec<_> = told.collect();
    let expect = [
        (1, Some(Source::Client), "SET k v"),
        (1, None, "SET k v +1"),
        (2, Some(Source::Master), "SET k v"),
        (2, None, "ACK "),
        (1, Some(Source::Replica), "REPLCONF ACK "),
    ];
    let mut rest = told.iter();
    for (node, source, text) in expect {
        let is_it = |(of, by, said): &&(u32, Option<Source>, &str)| {
            (*of, *by) == (node, source) && said.starts_with(text)
        };
        assert!(rest.any(|it| is_it(&it)), "{text} is missing in {told:?}");
    }
}

#[test]
fn wait_takes_a_round_trip() {
    let mut fleet = Fleet::synced(2);
    fleet.ask(1, "SET k v");
    let at = fleet.world.now_us();
    fleet.type_line(1, "WAIT 2 0");
    let client = fleet.world.view().clients.remove(0);
    assert_eq!((client.waiting, client.blocked_on.as_deref()), (true, Some("WAIT")));
    fleet.run(SECOND);
    let replies = fleet.events.iter().filter_map(|event| match &event.what {
        What::Reply { text, elapsed_us, .. } => Some((text.as_str(), *elapsed_us)),
        _ => None,
    });
    assert_eq!(replies.collect::<Vec<_>>(), [("(integer) 2\n", 2 * LATENCY)]);
    assert_eq!(fleet.world.view().clients[0].blocked_on, None);
    let acks = fleet.packets(Fate::Delivered);
    let ack = acks.iter().rev().find(|packet| packet.label.starts_with("ACK ")).unwrap();
    assert_eq!((ack.kind, ack.arrives_us), (PacketKind::Ack, at + 2 * LATENCY));
}

#[test]
fn a_new_node_connects_and_copies_in_steps_one_can_watch() {
    let mut fleet = Fleet::synced(0);
    fleet.ask(1, "SET k v");
    fleet.events.clear();
    fleet.world.apply(Input::AddReplica { of: NodeId(1) });
    fleet.run(3 * SECOND);
    let labels = fleet.labels(Fate::Delivered);
    let expect = ["SYN", "SYN-ACK", "PING", "PONG", "REPLCONF", "OK", "PSYNC ? -1", "RDB"];
    let mut rest = labels.iter();
    for name in expect {
        assert!(rest.any(|label| label.starts_with(name)), "{name} is missing in {labels:?}");
    }
    let packets = fleet.packets(Fate::Delivered);
    let rdb = packets.iter().find(|packet| packet.kind == PacketKind::Rdb).unwrap();
    let meanings: Vec<_> = rdb.parts.iter().map(|part| part.meaning.as_str()).collect();
    assert!(meanings.contains(&"an entry: \"k\" = \"v\""), "{meanings:?}");
    let replica = fleet.node(2);
    assert_eq!((replica.keys, replica.master.as_deref()), (1, Some("10.0.0.1:6379")));
    assert_eq!(replica.replid, fleet.node(1).replid);
    assert_eq!(fleet.node(1).replicas[0].state, "online");
}

#[test]
fn a_healed_link_resets_what_lost_bytes_and_the_replica_continues() {
    let mut fleet = Fleet::synced(1);
    fleet.world.apply(Input::CutLink { link: LinkId(1), way: Cut::Both });
    fleet.ask(1, "SET k v");
    fleet.run(2 * SECOND);
    assert_eq!(fleet.node(2).keys, 0, "nothing gets through");
    assert_eq!(fleet.node(2).master_link, Some(MasterLinkState::Connected), "nor is it told");
    assert!(fleet.labels(Fate::Lost).iter().any(|label| label.starts_with("SET k v")));
    fleet.events.clear();
    fleet.world.apply(Input::HealLink { link: LinkId(1) });
    fleet.run(3 * SECOND);
    let labels = fleet.labels(Fate::Delivered);
    assert_eq!(labels.iter().filter(|label| **label == "RST").count(), 2, "{labels:?}");
    assert!(labels.iter().any(|label| label.starts_with("CONTINUE")), "{labels:?}");
    assert!(!labels.iter().any(|label| label.starts_with("FULLRESYNC")), "{labels:?}");
    assert_eq!(fleet.node(2).keys, 1);
    assert_eq!(fleet.node(2).offset, fleet.node(1).offset);
}

#[test]
fn a_cut_that_lost_nothing_is_never_noticed() {
    let mut fleet = Fleet::synced(1);
    fleet.run(500 * MS);
    fleet.events.clear();
    fleet.world.apply(Input::CutLink { link: LinkId(1), way: Cut::Both });
    fleet.run(1);
    fleet.world.apply(Input::HealLink { link: LinkId(1) });
    fleet.run(5 * SECOND);
    assert!(!fleet.labels(Fate::Sent).contains(&"RST"), "{:?}", fleet.labels(Fate::Sent));
}

#[test]
fn both_ends_of_a_cut_link_give_up_by_their_own_timeouts() {
    let mut fleet = Fleet::synced(1);
    fleet.world.apply(Input::CutLink { link: LinkId(1), way: Cut::Both });
    fleet.run(70 * SECOND);
    assert_ne!(fleet.node(2).master_link, Some(MasterLinkState::Connected));
    assert!(fleet.node(1).replicas.is_empty());
    fleet.world.apply(Input::HealLink { link: LinkId(1) });
    fleet.run(5 * SECOND);
    assert_eq!(fleet.node(2).master_link, Some(MasterLinkState::Connected));
}

#[test]
fn packets_keep_their_order_when_a_link_gets_faster() {
    let mut fleet = Fleet::synced(1);
    fleet.world.apply(Input::SetLatency { link: LinkId(1), latency_us: SECOND, jitter_us: 0 });
    fleet.ask(1, "SET k 1");
    fleet.world.apply(Input::SetLatency { link: LinkId(1), latency_us: 0, jitter_us: 0 });
    fleet.ask(1, "SET k 2");
    fleet.run(5 * SECOND);
    assert_eq!(fleet.ask(2, "GET k"), "\"2\"\n");
    assert_eq!(fleet.node(2).offset, fleet.node(1).offset);
}

#[test]
fn a_dial_to_nobody_is_refused() {
    for target in ["10.0.0.9 6379", "10.0.0.1 7777", "10.0.0.2 6379", "nowhere 1"] {
        let mut fleet = Fleet::synced(1);
        assert_eq!(fleet.ask(2, &format!("REPLICAOF {target}")), "OK\n");
        fleet.run(3 * SECOND);
        assert_ne!(fleet.node(2).master_link, Some(MasterLinkState::Connected), "{target}");
        assert_eq!(fleet.ask(2, "REPLICAOF 10.0.0.1 6379"), "OK\n");
        fleet.run(3 * SECOND);
        assert_eq!(fleet.node(2).master_link, Some(MasterLinkState::Connected), "{target}");
    }
}

#[test]
fn saving_fills_the_disk_after_a_while() {
    let mut fleet = Fleet::synced(0);
    fleet.ask(1, "SET k v");
    assert_eq!(fleet.ask(1, "BGSAVE"), "Background saving started\n");
    assert!(fleet.world.files(NodeId(1)).all(|file| file.name != "dump.rdb"), "not yet");
    fleet.run(SECOND);
    let files: Vec<_> = fleet.world.files(NodeId(1)).collect();
    assert_eq!(files.len(), 1);
    assert!(files[0].name == "dump.rdb" && files[0].bytes.starts_with(b"REDIS"));
    assert_eq!(files[0].synced, files[0].bytes.len());
}

#[test]
fn running_by_budget_is_running() {
    let text = script("@0 open 1\n@3000000 type 1 SET k v\n@4000000 end", "");
    let whole = transcript(&text).1;
    let script = Script::parse(&text).unwrap();
    let mut world = World::new(script.seed, &script.topology);
    for (at, step) in &script.steps {
        while world.now_us() < *at {
            world.run_until(*at, 3);
        }
        let Step::Input(input) = step else { panic!("no other steps here") };
        world.apply(input.clone());
    }
    while world.now_us() < script.end_us {
        world.run_until(script.end_us, 1);
    }
    assert_eq!(world.digest(), whole);
}
