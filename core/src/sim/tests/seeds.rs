//! Worlds by the seed: faults first, then quiet, then everybody must agree.
//!
//! A failing seed is named with its script, which replays it.

use super::*;
use crate::rng::Rng;

#[test]
fn after_faults_and_quiet_all_nodes_agree() {
    for seed in 0..SEEDS {
        assert_agree(&faulty_script(seed));
    }
}

/// As above, with nodes promoted and made replicas of each other all the while, writes anywhere,
/// and in the end one master for all.
#[test]
fn after_changing_masters_all_nodes_agree() {
    for seed in 0..SEEDS {
        let mut script = faulty_script(seed);
        let nodes = script.topology.replicas + 1;
        let mut rng = Rng::new(seed).fork(1);
        for (_, step) in &mut script.steps {
            let Step::Input(Input::Type { client, line }) = step else { continue };
            *client = ClientId(1 + rng.below(u64::from(nodes)) as u32);
            match rng.below(8) {
                0 => *line = "REPLICAOF NO ONE".into(),
                1 => *line = follow(1 + rng.below(u64::from(nodes)) as u32),
                _ => {}
            }
        }
        let at = script.steps.last().map_or(0, |(at, _)| *at);
        for node in 1..=nodes {
            let line = if node == 1 { "REPLICAOF NO ONE".into() } else { follow(1) };
            script.steps.push((at, Step::Input(Input::Type { client: ClientId(node), line })));
        }
        // Links come to be when nodes first talk: more than there were replicas.
        for link in 1..=6 {
            script.steps.push((at, Step::Input(Input::HealLink { link: LinkId(link) })));
        }
        assert_agree(&script);
    }
}

fn follow(node: u32) -> String {
    format!("REPLICAOF 10.0.0.{node} 6379")
}

/// Plays the script; afterwards all replicas are connected, and hold what the first node holds.
fn assert_agree(script: &Script) {
    let mut fleet = Fleet { world: script.play(), events: Vec::new() };
    // The heartbeat never rests: look when it is not on its way.
    while !fleet.world.view().packets.is_empty() {
        fleet.world.step();
    }
    let nodes = fleet.world.view().nodes;
    let master = &nodes[0];
    assert!(!master.replica, "{script}");
    for node in &nodes[1..] {
        assert_eq!(node.master_link, Some(MasterLinkState::Connected), "{} {script}", node.address);
        assert_eq!((&node.replid, node.offset), (&master.replid, master.offset), "{script}");
    }
    let held: Vec<_> = (1..=nodes.len() as u32).map(|node| keys_of(&mut fleet, node)).collect();
    assert!(held.iter().all(|keys| *keys == held[0]), "{script}\n{held:#?}");
}

/// A script's replies depend neither on how its bytes are cut nor on when it is watched.
#[test]
fn faulty_scripts_repeat() {
    for seed in 0..SEEDS / 8 {
        let script = faulty_script(seed);
        let again = Script::parse(&script.to_string()).unwrap();
        assert_eq!(script.play().digest(), again.play().digest(), "{script}");
    }
}

/// Agreement proves something only where things went wrong on the way.
#[test]
fn faulty_scripts_have_faults() {
    let mut seen = [0; 4];
    for seed in 0..SEEDS / 8 {
        let mut fleet = Fleet { world: faulty_script(seed).play(), events: Vec::new() };
        fleet.collect();
        let labels = fleet.labels(Fate::Delivered);
        let count = |name: &str| labels.iter().filter(|label| label.starts_with(name)).count();
        seen[0] += count("RST");
        seen[1] += count("CONTINUE");
        seen[2] += count("RDB");
        seen[3] += fleet.packets(Fate::Lost).len();
    }
    assert!(seen.iter().all(|times| *times > SEEDS as usize / 8), "{seen:?}");
}

/// Everything at a node, as its terminal prints it.
fn keys_of(fleet: &mut Fleet, node: u32) -> Vec<String> {
    let keys = (0..KEYS).map(|key| fleet.ask(node, &format!("GET k{key}")));
    let mut held: Vec<_> = keys.collect();
    held.push(fleet.ask(node, "DBSIZE"));
    held
}

/// A minute of writes and faults, then all links healed and two minutes of quiet.
fn faulty_script(seed: u64) -> Script {
    let mut rng = Rng::new(seed);
    let replicas = 1 + rng.below(3) as u32;
    let topology = Topology {
        replicas,
        latency_us: rng.below(50) * MS,
        chunk_bytes: [None, Some(7), Some(64)][rng.below(3) as usize],
        ..Topology::default()
    };
    let mut steps = Vec::new();
    let mut at = 0;
    for node in 1..=replicas + 1 {
        steps.push((0, Step::Input(Input::OpenClient { node: NodeId(node) })));
    }
    while at < 60 * SECOND {
        at += rng.below(2 * SECOND);
        steps.push((at, Step::Input(random_input(&mut rng, replicas))));
    }
    for link in 1..=replicas {
        steps.push((at, Step::Input(Input::HealLink { link: LinkId(link) })));
    }
    Script { seed, topology, steps, end_us: at + 120 * SECOND }
}

fn random_input(rng: &mut Rng, replicas: u32) -> Input {
    let link = LinkId(1 + rng.below(u64::from(replicas)) as u32);
    match rng.below(10) {
        0 => Input::CutLink { link, way: Cut::Both },
        1 => Input::HealLink { link },
        2 => Input::SetLatency { link, latency_us: rng.below(300) * MS, jitter_us: 0 },
        _ => Input::Type { client: ClientId(1), line: random_line(rng) },
    }
}

fn random_line(rng: &mut Rng) -> String {
    let key = rng.below(KEYS);
    match rng.below(12) {
        0 => format!("DEL k{key}"),
        1 => format!("SET k{key} v PX {}", 1 + rng.below(20_000)),
        2 => format!("EXPIRE k{key} {}", rng.below(20)),
        3 => format!("APPEND k{key} {}", "x".repeat(rng.below(300) as usize)),
        4 => format!("WAIT {} {}", rng.below(3), 1 + rng.below(500)),
        5 => format!("RENAME k{key} k{}", rng.below(KEYS)),
        6 => "BGSAVE".into(),
        7 => format!("{} INCR n", 1 + rng.below(5)),
        8 => format!("CLIENT KILL TYPE {}", ["replica", "normal"][rng.below(2) as usize]),
        9 => "FLUSHALL".into(),
        _ => format!("SET k{key} {}", rng.below(1000)),
    }
}

const SEEDS: u64 = 100;
const KEYS: u64 = 8;
