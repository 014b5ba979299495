//! Memory: which keys go when it is short, what is refused, what is freed when.

use super::*;

/// A node with its client, and keys to choose from.
struct Shelf {
    bench: Bench,
    conn: ConnId,
}

impl Shelf {
    fn new(settings: &[(&str, &str)]) -> Self {
        let mut config = Config::default();
        for (name, value) in settings {
            config.apply(&[(name.as_bytes(), value.as_bytes())], true).unwrap();
        }
        let mut bench = Bench::new(config);
        let conn = bench.open();
        Self { bench, conn }
    }

    fn ask(&mut self, line: &str) -> String {
        self.bench.ask(self.conn, line)
    }

    #[track_caller]
    fn check(&mut self, line: &str, expect: &str) {
        assert_eq!(self.ask(line), expect, "{line}");
    }

    /// A field of INFO.
    fn info(&mut self, field: &str) -> u64 {
        let text = self.ask("INFO everything");
        let (_, rest) = text.split_once(&format!("\\n{field}:")).unwrap();
        rest.split('\\').next().unwrap().parse().unwrap()
    }

    /// Runs a command for each of these keys.
    fn each(&mut self, keys: std::ops::Range<usize>, command: impl Fn(usize) -> String) {
        for key in keys {
            self.ask(&command(key));
        }
    }

    /// Takes so many keys' memory away; the keys that are left of `keys`.
    fn shrink(&mut self, by: u64, keys: usize) -> Vec<usize> {
        let left = self.info("used_memory") - by * KEY_BYTES;
        self.check(&format!("CONFIG SET maxmemory {left}"), OK);
        self.bench.node.store.audit();
        (0..keys).filter(|key| self.ask(&format!("EXISTS k{key}")) == r":1\r\n").collect()
    }
}

const OK: &str = r"+OK\r\n";
const OOM: &str = r"-OOM command not allowed when used memory > \'maxmemory\'.\r\n";
/// Of a key with a value of 100 bytes.
const KEY_BYTES: u64 = 112 + 13;

fn value() -> String {
    "v".repeat(100)
}

#[test]
fn the_longest_unused_keys_go_first() {
    let mut shelf = Shelf::new(&[("maxmemory-policy", "allkeys-lru")]);
    shelf.each(0..1000, |key| format!("SET k{key} {}", value()));
    // Ten groups, used one second after the other; the last ones longest ago.
    for group in (0..10).rev() {
        shelf.bench.pass(1000);
        shelf.each(group * 100..group * 100 + 100, |key| format!("GET k{key}"));
    }
    let left = shelf.shrink(300, 1000);
    assert!((650..=750).contains(&left.len()), "{} left", left.len());
    let used_late = left.iter().filter(|key| **key < 600).count();
    assert!(used_late >= 580, "{used_late} of the 600 used last are left");
    assert_eq!(shelf.info("evicted_keys"), 1000 - left.len() as u64);
}

#[test]
fn the_least_used_keys_go_first() {
    let mut shelf = Shelf::new(&[("maxmemory-policy", "allkeys-lfu"), ("lfu-log-factor", "1")]);
    shelf.each(0..1000, |key| format!("SET k{key} {}", value()));
    for _ in 0..30 {
        shelf.each(0..500, |key| format!("GET k{key}"));
    }
    shelf.check(
        "OBJECT IDLETIME k1",
        &format!("-{}\\r\\n", escaped(&crate::error::IDLE_TIME_UNDER_LFU)),
    );
    let left = shelf.shrink(300, 1000);
    let often = left.iter().filter(|key| **key < 500).count();
    assert!(often >= 490, "{often} of the 500 used often are left");
    // A minute takes one off each counter.
    let counter =
        |shelf: &mut Shelf| shelf.ask("OBJECT FREQ k7")[1..3].trim_end_matches('\\').parse::<u8>();
    let before = counter(&mut shelf).unwrap();
    shelf.bench.pass(3 * 60_000);
    assert_eq!(counter(&mut shelf).unwrap(), before - 3);
}

fn escaped(error: &crate::error::CommandError) -> String {
    error.text().escape_ascii().to_string()
}

#[test]
fn only_keys_that_expire_go_and_the_next_to_expire_first() {
    for (policy, orderly) in [
        ("volatile-ttl", true),
        ("volatile-lru", false),
        ("volatile-lfu", false),
        ("volatile-random", false),
    ] {
        let mut shelf = Shelf::new(&[("maxmemory-policy", policy)]);
        shelf.each(0..500, |key| format!("SET k{key} {}", value()));
        shelf.each(500..1000, |key| format!("SET k{key} {} EX {}", value(), 1000 + key));
        let left = shelf.shrink(200, 1000);
        assert_eq!(left.iter().filter(|key| **key < 500).count(), 500, "{policy}");
        assert!((750..=850).contains(&left.len()), "{policy}: {} left", left.len());
        if orderly {
            let late = left.iter().filter(|key| **key >= 800).count();
            assert!(late >= 190, "{policy}: {late} of the 200 that expire last are left");
        }
        // What does not expire stays, and then nothing more can be had.
        shelf.check("CONFIG SET maxmemory 1", OK);
        assert_eq!(shelf.ask("DBSIZE"), r":500\r\n");
        shelf.check("SET more 1", OOM);
    }
}

#[test]
fn chance_spares_nobody_and_hits_all_alike() {
    let mut shelf = Shelf::new(&[("maxmemory-policy", "allkeys-random")]);
    shelf.each(0..1000, |key| format!("SET k{key} {}", value()));
    let left = shelf.shrink(500, 1000);
    for half in [0..500, 500..1000] {
        let count = left.iter().filter(|key| half.contains(*key)).count();
        assert!((200..=300).contains(&count), "{count} of {half:?} are left");
    }
}

#[test]
fn a_few_keys_that_expire_are_found_among_many() {
    let mut shelf = Shelf::new(&[("maxmemory-policy", "volatile-lru")]);
    shelf.each(0..20_000, |key| format!("SET k{key} {key}"));
    shelf.each(0..3, |key| format!("EXPIRE k{} 1000", key * 7000));
    shelf.check("CONFIG SET maxmemory 1", OK);
    assert_eq!(shelf.ask("DBSIZE"), r":19997\r\n");
}

#[test]
fn what_needs_memory_is_refused_and_nothing_else() {
    let mut shelf = Shelf::new(&[]);
    shelf.check("SET k v", OK);
    shelf.check("MULTI", OK);
    shelf.check("SET k w", r"+QUEUED\r\n");
    let other = |shelf: &mut Shelf, line: &str| {
        let conn = shelf.bench.open();
        shelf.bench.ask(conn, line)
    };
    other(&mut shelf, "CONFIG SET maxmemory 1");
    // The queue holds a command that needs memory.
    shelf.check("EXEC", r"-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > \'maxmemory\'.\r\n");
    shelf.check("EXEC", r"-ERR EXEC without MULTI\r\n");
    shelf.check("SET k w", OOM);
    shelf.check("GET k", r"$1\r\nv\r\n");
    shelf.check("MULTI", OK);
    // Whatever is queued takes memory.
    shelf.check("GET k", OOM);
    shelf.check("EXEC", r"-EXECABORT Transaction discarded because of previous errors.\r\n");
    shelf.check("DEL k", r":1\r\n");
    shelf.check("CONFIG SET maxmemory 0", OK);
    shelf.check("SET k w", OK);
}

#[test]
fn keys_go_before_the_command_and_in_bounded_steps() {
    let mut shelf =
        Shelf::new(&[("maxmemory-policy", "allkeys-lru"), ("maxmemory-eviction-tenacity", "0")]);
    shelf.each(0..200, |key| format!("SET k{key} {}", value()));
    let replica = shelf.bench.open();
    shelf.bench.ask(replica, "PSYNC ? -1");
    shelf.bench.feed(replica, &request("REPLCONF ACK 0"));
    let limit = shelf.info("used_memory") - 40 * KEY_BYTES;
    shelf.bench.take_output(replica);
    // No turn ends between these two: the second finds memory short.
    let requests = [request(&format!("CONFIG SET maxmemory {limit}")), request("SET new 1")];
    let mut buffer = BytesMut::from(requests.concat().as_slice());
    shelf.bench.node.handle_bytes(shelf.conn, &mut buffer, shelf.bench.now);
    assert_eq!(shelf.bench.node.store.len(0), 200 - 16 + 1);
    shelf.bench.settle();
    let len = shelf.bench.node.store.len(0);
    assert!((140..=170).contains(&len), "{len} left");
    let stream = shelf.bench.take_output(replica).escape_ascii().to_string();
    let (before, after) = stream.split_once("new").unwrap();
    assert_eq!(before.matches("DEL").count(), 16);
    assert_eq!(before.matches("DEL").count() + after.matches("DEL").count(), 201 - len);
}

#[test]
fn a_replica_leaves_eviction_to_its_master() {
    let mut shelf = Shelf::new(&[("maxmemory-policy", "allkeys-lru")]);
    shelf.each(0..100, |key| format!("SET k{key} {}", value()));
    shelf.check("REPLICAOF 127.0.0.1 1", OK);
    shelf.check("CONFIG SET maxmemory 1", OK);
    assert_eq!(shelf.ask("DBSIZE"), r":100\r\n");
    shelf.check("CONFIG SET replica-ignore-maxmemory no", OK);
    assert_eq!(shelf.ask("DBSIZE"), r":0\r\n");
}

#[test]
fn a_snapshot_remembers_the_use_of_keys() {
    for (policy, ask, expect) in [
        ("allkeys-lru", "OBJECT IDLETIME k", r":100\r\n"),
        ("volatile-lfu", "OBJECT FREQ k", r":3\r\n"),
        ("noeviction", "OBJECT IDLETIME k", r":0\r\n"),
    ] {
        let mut shelf = Shelf::new(&[("maxmemory-policy", policy)]);
        shelf.check("SET k v", OK);
        shelf.bench.pass(100_000);
        shelf.check("SAVE", OK);
        let (_, file) = shelf.bench.files.pop().unwrap();
        let mut other = Shelf::new(&[("maxmemory-policy", policy)]);
        other.bench.now = shelf.bench.now;
        other.bench.node.load_rdb(&mut BytesMut::from(file.as_slice()), other.bench.now).unwrap();
        other.bench.node.finish_load(other.bench.now).unwrap();
        other.check(ask, expect);
    }
}

#[test]
fn a_large_value_is_freed_over_several_turns() {
    let fields: String = (0..20_000).map(|field| format!(" field{field} value")).collect();
    for (throw_away, objects) in
        [("DEL h", 1), ("SET h 1", 1), ("RENAME t h", 1), ("EXPIRE h -1", 1), ("FLUSHALL", 2)]
    {
        let mut shelf = Shelf::new(&[]);
        shelf.check("SET t 1", OK);
        shelf.ask(&format!("HSET h{fields}"));
        let full = shelf.info("used_memory");
        let mut buffer = BytesMut::from(&request(throw_away)[..]);
        let Shelf { bench, conn } = &mut shelf;
        bench.node.handle_bytes(*conn, &mut buffer, bench.now);
        bench.node.finish_turn(bench.now);
        let pending = bench.node.store.garbage_objects().0;
        assert!(pending > 0, "{throw_away}: {pending} objects wait");
        assert!(bench.node.used_bytes() > full / 2, "{throw_away}: they still count");
        bench.settle();
        bench.node.store.audit();
        assert_eq!(shelf.info("lazyfree_pending_objects"), 0);
        assert_eq!(shelf.info("lazyfreed_objects"), objects, "{throw_away}");
        assert!(shelf.info("used_memory") < full / 10);
    }
}

#[test]
fn memory_is_counted_as_it_changes() {
    let mut shelf =
        Shelf::new(&[("set-max-listpack-entries", "8"), ("hash-max-listpack-entries", "8")]);
    let mut rng = crate::rng::Rng::new(5);
    for round in 0..4000 {
        let mut pick = |bound: u64| rng.below(bound);
        let (key, other) = (pick(20), pick(20));
        let (a, b, long) = (pick(12), pick(50_000), "x".repeat(pick(3) as usize * 700));
        let line = match pick(18) {
            0 => format!("SET k{key} {b}"),
            1 => format!("SET k{key} v{long} PX {}", b + 1),
            2 => format!("APPEND k{key} {long}"),
            3 => format!("HSET h{key} f{a} {long}{b}"),
            4 => format!("HDEL h{key} f{a}"),
            5 => format!("SADD s{key} {b} m{a}"),
            6 => format!("SREM s{key} m{a}"),
            7 => format!("SPOP s{key}"),
            8 => format!("RENAME s{key} h{other}"),
            9 => format!("RENAME k{key} k{other}"),
            10 => format!("COPY h{key} h{other} REPLACE"),
            11 => format!("PEXPIRE h{key} {}", b + 1),
            12 => format!("PERSIST h{key}"),
            13 => format!("XADD x{key} MAXLEN {a} * f {long}"),
            14 => format!("RPUSH l{key} {b} {long}v"),
            15 => format!("LPOP l{key}"),
            16 => format!("ZADD z{key} {b} m{a}"),
            _ => format!("DEL k{key} h{other} s{key}"),
        };
        shelf.ask(&line);
        if round % 50 == 0 {
            shelf.bench.pass(b / 10);
            shelf.bench.node.store.audit();
        }
    }
    shelf.ask("FLUSHALL");
    shelf.bench.node.store.audit();
    assert_eq!(shelf.bench.node.store.heap_bytes(), 0);
}
