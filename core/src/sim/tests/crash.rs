//! Power fails at every boundary of what a node does to its disk, and within it: with
//! `appendfsync always` nothing that was acknowledged is lost, and with any policy what is left is
//! what a prefix of the commands made, whole transactions only.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::BytesMut;

use crate::config::Config;
use crate::node::ConnId;
use crate::node::Effect;
use crate::node::Node;
use crate::node::Origin;
use crate::node::StorageDone;
use crate::node::StorageId;
use crate::node::StorageOp;
use crate::node::Via;
use crate::resp::split_words;
use crate::resp::write_request;
use crate::rng::Rng;
use crate::sim::disk::Disk;
use crate::time::Mono;
use crate::time::Now;
use crate::time::Wall;

/// A node, its disk, and one client.
struct Machine {
    node: Node,
    disk: Disk,
    rng: Rng,
    now: Now,
    conn: ConnId,
    /// Operations asked for: the log's, and all others.
    asked: [VecDeque<(StorageId, StorageOp)>; 2],
    /// Operations that the disk will still do.
    left: usize,
    ended: bool,
}

impl Machine {
    fn start(config: &Config, disk: Disk, rng: Rng, left: usize) -> Self {
        let now = Now::new(Mono::ZERO, Wall::from_ms(1_700_000_000_000));
        let mut node = Node::restored(config.clone(), 7, now);
        let conn = node.handle_open(
            Origin::Accepted {
                peer: "127.0.0.1:5000".into(),
                local: "127.0.0.1:6379".into(),
                via: Via::Loopback,
            },
            now,
        );
        let asked = [VecDeque::new(), VecDeque::new()];
        let mut machine = Self { node, disk, rng, now, conn, asked, left, ended: false };
        machine.settle();
        machine
    }

    /// Ends turns and lets the disk work until there is nothing to do, or the disk stands still.
    fn settle(&mut self) {
        loop {
            self.node.finish_turn(self.now);
            while let Some(effect) = self.node.poll_effect() {
                match effect {
                    Effect::Storage { id, op } => {
                        let is_log = matches!(op, StorageOp::Log { .. });
                        self.asked[usize::from(is_log)].push_back((id, op));
                    }
                    Effect::Shutdown { .. } => self.ended = true,
                    _ => {}
                }
            }
            let worked = self.work();
            let due = self.node.poll_timeout().is_some_and(|(at, _)| at <= self.now.mono);
            if due {
                self.node.handle_timeout(self.now);
            }
            if !worked && !due {
                return;
            }
        }
    }

    /// Does one of the next operations; whether there was one and the disk still works.
    fn work(&mut self) -> bool {
        let first = self.rng.below(2) as usize;
        let lane = if self.asked[first].is_empty() { 1 - first } else { first };
        let Some((id, op)) = self.asked[lane].pop_front() else { return false };
        let Some(left) = self.left.checked_sub(1) else {
            // Half of what would have come next.
            if let StorageOp::Append { file, data } | StorageOp::Log { file, data, .. } = op {
                let half = data.slice(..data.len() / 2);
                let _ = self.disk.apply(StorageOp::Append { file, data: half });
            }
            self.asked = Default::default();
            return false;
        };
        self.left = left;
        let outcome = self.disk.apply(op);
        self.node.handle_storage(StorageDone { id, outcome }, self.now);
        true
    }

    /// Types a line; what comes back until the disk has nothing to do.
    fn ask(&mut self, line: &str) -> String {
        let mut buffer = request(line);
        self.node.handle_bytes(self.conn, &mut buffer, self.now);
        self.settle();
        self.take_output()
    }

    fn take_output(&mut self) -> String {
        let mut output = Vec::new();
        loop {
            let mut slices = [IoSlice::new(&[]); 8];
            let filled = self.node.outbox(self.conn, &mut slices);
            let bytes: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
            if bytes.is_empty() {
                return String::from_utf8(output).unwrap();
            }
            self.node.handle_sent(self.conn, bytes.len(), self.now);
            output.extend(bytes);
        }
    }

    fn pass_second(&mut self) {
        let wall = Wall::from_ms(self.now.wall_ms() + 1_000);
        self.now = Now::new(self.now.mono.plus_ms(1_000), wall);
        self.node.handle_timeout(self.now);
        self.settle();
    }
}

fn request(line: &str) -> BytesMut {
    let mut out = BytesMut::new();
    for command in line.split(';') {
        let words = split_words(command.as_bytes()).unwrap();
        write_request(&mut out, words.iter().map(Vec::as_slice));
    }
    out
}

/// Writes, one after the other, with a rewrite and other things in between; returns how many of
/// them were acknowledged.
fn write(machine: &mut Machine) -> usize {
    let mut acknowledged = 0;
    for number in 1..=WRITES {
        let reply = machine.ask(&format!("MULTI;RPUSH log {number};SET key:{number} v;EXEC"));
        let expect = format!("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:{number}\r\n+OK\r\n");
        if reply == expect && acknowledged + 1 == number {
            acknowledged = number;
        }
        match number {
            4 | 9 => drop(machine.ask("BGREWRITEAOF")),
            6 => drop(machine.ask("CONFIG SET aof-use-rdb-preamble no")),
            _ => {}
        }
        if number % 3 == 0 {
            machine.pass_second();
        }
    }
    acknowledged
}

/// What a node that restarted holds: how many writes, in order and whole.
fn held(machine: &mut Machine, context: &str) -> usize {
    let log = machine.ask("LRANGE log 0 -1");
    let numbers: Vec<&str> = log.lines().skip(2).step_by(2).collect();
    let expect: Vec<String> = (1..=numbers.len()).map(|number| number.to_string()).collect();
    assert_eq!(numbers, expect, "{context}: a prefix");
    for number in 1..=WRITES {
        let exists = machine.ask(&format!("EXISTS key:{number}")) == ":1\r\n";
        assert_eq!(exists, number <= numbers.len(), "{context}: key:{number}");
    }
    numbers.len()
}

/// Crashes at every operation of the run that `write` is; `always` says whether acknowledged writes
/// have to survive.
fn check(config: &Config, always: bool) {
    let mut whole = Machine::start(config, Disk::default(), Rng::new(1), usize::MAX);
    assert_eq!(write(&mut whole), WRITES);
    let operations = usize::MAX - whole.left;
    assert!(operations > WRITES, "{operations} operations are too few");
    for at in 0..=operations {
        for seed in 0..4 {
            let context = format!("{:?}, crash at {at}, seed {seed}", config.appendfsync);
            let rng = Rng::new(1);
            let mut machine = Machine::start(config, Disk::default(), rng, at);
            let acknowledged = write(&mut machine);
            let mut disk = machine.disk;
            disk.crash(&mut Rng::new(seed));
            let mut again = Machine::start(config, disk, Rng::new(seed), usize::MAX);
            assert!(!again.ended && !again.node.is_loading(), "{context}: does not start");
            let held = held(&mut again, &context);
            assert!(!always || held >= acknowledged, "{context}: {held} of {acknowledged}");
            // It can be written to, crash once more, and be read.
            assert_eq!(again.ask("SET more v"), "+OK\r\n", "{context}");
            again.pass_second();
            let mut disk = again.disk;
            disk.crash(&mut Rng::new(seed));
            let mut third = Machine::start(config, disk, Rng::new(seed), usize::MAX);
            assert_eq!(third.ask("GET more"), "$1\r\nv\r\n", "{context}: after another crash");
            assert_eq!(self::held(&mut third, &context), held, "{context}: after another crash");
        }
    }
}

fn config(appendfsync: &str) -> Config {
    let mut config = Config { appendonly: true, save: Vec::new(), ..Config::default() };
    config.apply(&[(b"appendfsync", appendfsync.as_bytes())], false).unwrap();
    config
}

#[test]
fn always_loses_nothing_that_was_acknowledged() {
    check(&config("always"), true);
}

#[test]
fn everysec_leaves_a_prefix() {
    check(&config("everysec"), false);
}

#[test]
fn a_full_disk_stops_writes_and_recovers() {
    let mut machine = Machine::start(&config("everysec"), Disk::default(), Rng::new(1), usize::MAX);
    assert_eq!(machine.ask("SET k v"), "+OK\r\n");
    machine.disk.set_full(true);
    machine.ask("SET k w");
    let refused = "-MISCONF Errors writing to the AOF file: No space left on device\r\n";
    assert_eq!(machine.ask("SET k x"), refused);
    assert_eq!(machine.ask("PING"), refused);
    assert_eq!(machine.ask("GET k"), "$1\r\nw\r\n");
    assert!(machine.ask("INFO persistence").contains("aof_last_write_status:err"));
    machine.disk.set_full(false);
    machine.pass_second();
    assert_eq!(machine.ask("SET k y"), "+OK\r\n");
    assert!(machine.ask("INFO persistence").contains("aof_last_write_status:ok"));
    let Machine { disk, .. } = machine;
    let mut again = Machine::start(&config("everysec"), disk, Rng::new(1), usize::MAX);
    assert_eq!(again.ask("GET k"), "$1\r\ny\r\n");
}

#[test]
fn a_full_disk_fails_a_save_which_stops_writes_until_one_succeeds() {
    let mut config = Config::default();
    config.apply(&[(b"save", b"3600 100000")], false).unwrap();
    let mut machine = Machine::start(&config, Disk::default(), Rng::new(1), usize::MAX);
    assert_eq!(machine.ask("SET k v"), "+OK\r\n");
    machine.disk.set_full(true);
    assert!(machine.ask("SAVE").starts_with("-ERR"));
    // Who asked was told: only a save in the background is remembered.
    assert_eq!(machine.ask("SET k w"), "+OK\r\n");
    machine.ask("BGSAVE");
    let refused = machine.ask("SET k x");
    assert!(refused.starts_with("-MISCONF Redis is configured to save RDB snapshots"), "{refused}");
    assert_eq!(machine.ask("GET k"), "$1\r\nw\r\n");
    assert!(machine.ask("INFO persistence").contains("rdb_last_bgsave_status:err"));
    assert_eq!(machine.disk.files().count(), 0, "nothing half-written is left");
    machine.disk.set_full(false);
    machine.ask("BGSAVE");
    assert_eq!(machine.ask("SET k y"), "+OK\r\n");
}

/// A rewrite that fails leaves the log as it was, with one increment more.
#[test]
fn a_full_disk_fails_a_rewrite_and_the_log_goes_on() {
    let mut machine = Machine::start(&config("everysec"), Disk::default(), Rng::new(1), usize::MAX);
    machine.ask("SET k v");
    machine.pass_second();
    machine.disk.set_full(true);
    machine.ask("BGREWRITEAOF");
    machine.disk.set_full(false);
    machine.pass_second();
    assert!(machine.ask("INFO persistence").contains("aof_last_bgrewrite_status:err"));
    assert_eq!(machine.ask("SET l v"), "+OK\r\n");
    machine.pass_second();
    let Machine { disk, .. } = machine;
    let mut again = Machine::start(&config("everysec"), disk, Rng::new(1), usize::MAX);
    assert_eq!(again.ask("DBSIZE"), ":2\r\n");
}

#[test]
fn always_ends_when_the_disk_is_full_and_tells_nobody_that_all_is_well() {
    let mut machine = Machine::start(&config("always"), Disk::default(), Rng::new(1), usize::MAX);
    machine.disk.set_full(true);
    assert_eq!(machine.ask("SET k v"), "");
    assert!(machine.ended);
}

/// Writes of a run.
const WRITES: usize = 12;
