//! What becomes of master and replica when their link is cut at any byte, when a clock jumps, and what
//! clients of a replica see while it loads.

use super::*;
use crate::config::AllowedFor;
use crate::config::DisklessLoad;
use crate::config::MasterAddress;

/// Data on both ends that a copy replaces, or that the stream adds to.
const LINES: &[&str] =
    &["SET k v", "RPUSH l a b c", "HSET h f 1", "SELECT 3", "ZADD z 1 m", "SELECT 0"];

struct Link {
    pair: Pair,
    writer: ConnId,
    reader: ConnId,
    /// What is on its way, up to the master and down from it.
    on_the_way: [Vec<u8>; 2],
    /// Bytes the master's shell has not got rid of.
    master_buffer: BytesMut,
}

impl Link {
    fn new(master: Config, replica: Config) -> Self {
        let mut pair = Pair::new();
        let config = Config { enable_debug_command: AllowedFor::Everybody, ..master };
        pair.master = Bench::new(config);
        let replicaof = Some(MasterAddress { host: "m".into(), port: 6379 });
        let config = Config {
            replicaof,
            replica_announce_ip: "10.0.0.9".into(),
            enable_debug_command: AllowedFor::Everybody,
            ..replica
        };
        pair.replica = Bench::new(config);
        pair.replica.settle();
        let (writer, reader) = (pair.master.open(), pair.replica.open());
        Self {
            pair,
            writer,
            reader,
            on_the_way: [Vec::new(), Vec::new()],
            master_buffer: BytesMut::new(),
        }
    }

    fn write(&mut self, lines: &[&str]) {
        for line in lines {
            let reply = self.pair.master.ask(self.writer, line);
            assert!(!reply.starts_with('-'), "{line}: {reply}");
        }
    }

    /// Carries bytes until nothing moves, or as many as may pass in all; how many passed.
    fn carry(&mut self, may_pass: usize) -> usize {
        let Some((here, there)) = self.pair.link else { return 0 };
        let mut passed = 0;
        loop {
            let before = passed;
            let [up, down] = &mut self.on_the_way;
            up.extend(self.pair.replica.take_output(here));
            let bytes = up.drain(..up.len().min(may_pass - passed));
            passed += bytes.len();
            self.master_buffer.extend(bytes);
            let (buffer, now) = (&mut self.master_buffer, self.pair.master.now);
            self.pair.master.node.handle_bytes(there, buffer, now);
            self.pair.master.settle();
            down.extend(self.pair.master.take_output(there));
            let bytes = down.drain(..down.len().min(may_pass - passed));
            passed += bytes.len();
            self.pair.replica_buffer.extend(bytes);
            let (buffer, now) = (&mut self.pair.replica_buffer, self.pair.replica.now);
            self.pair.replica.node.handle_bytes(here, buffer, now);
            self.pair.replica.settle();
            if passed == before {
                return passed;
            }
        }
    }

    fn cut(&mut self) {
        self.on_the_way = [Vec::new(), Vec::new()];
        self.master_buffer.clear();
        self.pair.cut();
    }

    /// Lets the replica find its master again.
    fn redial(&mut self) {
        for _ in 0..2 {
            self.pair.replica.pass(1000);
            self.pair.master.pass(1000);
        }
        self.pair.connect();
        self.carry(usize::MAX);
    }

    fn assert_same(&mut self, what: &str) {
        // Acknowledged, whatever was on the way.
        self.pair.replica.pass(1000);
        self.carry(usize::MAX);
        let digests = [
            self.pair.master.ask(self.writer, "DEBUG DIGEST"),
            self.pair.replica.ask(self.reader, "DEBUG DIGEST"),
        ];
        assert!(digests[0].starts_with('+') && digests[0] == digests[1], "{what}: {digests:?}");
        self.pair.assert_equal();
    }
}

/// Bytes of a first synchronisation, both ways.
fn first_sync(link: &mut Link, may_pass: usize) -> usize {
    link.write(LINES);
    link.pair.connect();
    link.carry(may_pass)
}

#[test]
fn a_first_synchronisation_may_be_cut_at_every_byte() {
    for diskless in [true, false] {
        let configs = || {
            let master = Config {
                requirepass: "secret".into(),
                repl_diskless_sync: diskless,
                ..Config::default()
            };
            let replica = Config { masterauth: "secret".into(), ..Config::default() };
            let mut link = Link::new(master, replica);
            assert_eq!(link.pair.master.ask(link.writer, "AUTH secret"), r"+OK\r\n");
            link
        };
        let all = first_sync(&mut configs(), usize::MAX);
        assert!(all > 400, "{all}");
        for may_pass in 0..all {
            let mut link = configs();
            first_sync(&mut link, may_pass);
            link.cut();
            link.write(&["APPEND k w", "LPOP l"]);
            let read = link.pair.replica.ask(link.reader, "EXISTS k");
            assert!(matches!(read.as_str(), r":0\r\n" | r":1\r\n"), "{read}");
            link.redial();
            link.assert_same(&format!("cut after {may_pass} bytes"));
            let files = &link.pair.master.files;
            assert!(files.is_empty(), "cut after {may_pass} bytes: {:?}", files[0].0);
        }
    }
}

#[test]
fn a_continued_stream_may_be_cut_at_every_byte() {
    let broken = || {
        let mut link = Link::new(Config::default(), Config::default());
        first_sync(&mut link, usize::MAX);
        link.assert_same("at first");
        link.cut();
        link.write(&["SET k w", "MULTI", "RPUSH l d", "SELECT 3", "ZADD z 2 n", "EXEC"]);
        link.write(&["INCR n", "SELECT 0", "HSET h g 2"]);
        (0..2).for_each(|_| link.pair.replica.pass(1000));
        link.pair.connect();
        link
    };
    let all = broken().carry(usize::MAX);
    assert!(all > 300, "{all}");
    for may_pass in 0..all {
        let mut link = broken();
        link.carry(may_pass);
        let half_done = (link.pair.replica.ask(link.reader, "LLEN l"), {
            link.pair.replica.ask(link.reader, "SELECT 3");
            link.pair.replica.ask(link.reader, "ZCARD z")
        });
        let done = (":4".to_owned(), ":2".to_owned());
        let is_whole = half_done.0.starts_with(&done.0) == half_done.1.starts_with(&done.1);
        assert!(is_whole, "half a transaction after {may_pass} bytes: {half_done:?}");
        link.cut();
        link.redial();
        link.assert_same(&format!("cut after {may_pass} bytes"));
        let info = link.pair.master.ask(link.writer, "INFO stats");
        assert!(info.contains(r"sync_full:1\r\n"), "after {may_pass} bytes: one copy is enough");
    }
}

#[test]
fn a_replica_tells_its_own_replicas_which_database_the_stream_is_in() {
    for diskless in [true, false] {
        let replica = Config { repl_diskless_sync: diskless, ..Config::default() };
        let mut link = Link::new(Config::default(), replica);
        first_sync(&mut link, usize::MAX);
        link.write(&["SELECT 3", "SET k v"]);
        link.carry(usize::MAX);
        let below = link.pair.replica.open();
        link.pair.replica.ask(below, "REPLCONF capa eof");
        let sent = link.pair.replica.ask(below, "PSYNC ? -1");
        assert!(sent.contains(r"repl-stream-db\xc0\x03"), "{sent}");
    }
}

/// Hours by which the wall clock jumps.
#[test]
fn clocks_may_jump_by_an_hour_on_either_side() {
    for hours in [1, -1] {
        for at_master in [true, false] {
            let mut link = Link::new(Config::default(), Config::default());
            link.write(&["SET short v EX 1800", "SET long v EX 86400"]);
            first_sync(&mut link, 400);
            let bench = if at_master { &mut link.pair.master } else { &mut link.pair.replica };
            let wall = Wall::from_ms(bench.now.wall_ms() + hours * 3_600_000);
            bench.now = Now::new(bench.now.mono, wall);
            link.carry(usize::MAX);
            link.write(&["SET new v EX 1800", "SET plain v"]);
            for _ in 0..3 {
                link.pair.master.pass(1000);
                link.pair.replica.pass(1000);
                link.carry(usize::MAX);
            }
            let what = format!("{hours} hours, at the master: {at_master}");
            // Only a master expires: its replica hides what it takes for old, and keeps it.
            let is_gone = at_master && hours > 0;
            let keys = link.pair.master.node.view().keys;
            assert_eq!(keys, if is_gone { 6 } else { 7 } + 1, "{what}");
            let info = link.pair.master.ask(link.writer, "INFO stats");
            assert!(info.contains(r"sync_full:1\r\n"), "{what}: the link holds");
            link.assert_same(&what);
        }
    }
}

/// What a replica's client gets for GET, and for a command that needs one set of data, while new data
/// comes; and INFO's `loading` and `async_loading`.
fn check_load(load: DisklessLoad, old: Old, expect: (&str, &str, [char; 2])) {
    let replica = Config { repl_diskless_load: load, ..Config::default() };
    let mut link = Link::new(Config { rdbcompression: false, ..Config::default() }, replica);
    if old != Old::None {
        first_sync(&mut link, usize::MAX);
        link.write(&["CONFIG SET repl-backlog-size 16384"]);
        link.assert_same("at first");
        link.cut();
        if old == Old::OfOtherHistory {
            link.write(&["DEBUG CHANGE-REPL-ID"]);
        }
    }
    link.write(&[&format!("SET k {}", "new".repeat(20_000))]);
    link.redial_halfway();
    let (get, save, flags) = expect;
    let mut ask = |line: &str| link.pair.replica.ask(link.reader, line);
    let what = format!("{load:?}, {old:?}");
    assert!(ask("GET k").starts_with(get), "{what}: {}", ask("GET k"));
    assert!(ask("BGSAVE").starts_with(save), "{what}: {}", ask("BGSAVE"));
    let info = ask("INFO persistence");
    let flag = |name: &str| info.split_once(name).and_then(|(_, rest)| rest.chars().next());
    let found = [flag(r"\nloading:"), flag(r"\nasync_loading:")];
    assert_eq!(found, flags.map(Some), "{what}");
    assert!(ask("INFO replication").contains("master_sync_in_progress:1"), "{what}");
    link.carry(usize::MAX);
    link.assert_same(&what);
    assert!(link.pair.replica.ask(link.reader, "GET k").starts_with("$60000"), "{what}");
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Old {
    None,
    OfSameHistory,
    OfOtherHistory,
}

impl Link {
    /// As [`Link::redial`], but half of the copy is still on its way.
    fn redial_halfway(&mut self) {
        if self.pair.replica.dials.is_empty() {
            (0..2).for_each(|_| self.pair.replica.pass(1000));
        }
        self.pair.connect();
        self.carry(30_000);
    }
}

#[test]
fn what_is_served_while_a_copy_is_loaded() {
    let (old, busy, fine) = (r"$1\r\nv", "-LOADING", "+Background");
    for (load, data, expect) in [
        (DisklessLoad::Disabled, Old::None, ("$-1", fine, ['0', '0'])),
        (DisklessLoad::Disabled, Old::OfSameHistory, (old, fine, ['0', '0'])),
        (DisklessLoad::OnEmptyDb, Old::None, (busy, busy, ['1', '0'])),
        (DisklessLoad::OnEmptyDb, Old::OfSameHistory, (old, fine, ['0', '0'])),
        (DisklessLoad::SwapDb, Old::None, (busy, busy, ['1', '0'])),
        (DisklessLoad::SwapDb, Old::OfSameHistory, (old, busy, ['0', '1'])),
        (DisklessLoad::SwapDb, Old::OfOtherHistory, (busy, busy, ['1', '0'])),
    ] {
        check_load(load, data, expect);
    }
}
