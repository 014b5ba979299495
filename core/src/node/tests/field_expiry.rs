//! Fields of hashes that expire: on the clock, on disk, and on a replica.

use super::Bench;
use super::Pair;
use crate::config::Config;

#[test]
fn fields_expire_on_the_virtual_clock_and_take_their_hash_along() {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    for line in [
        "HSET few a 1 b 2 c 3",
        "HPEXPIRE few 1000 FIELDS 2 a b",
        "HSET all a 1",
        "HPEXPIRE all 2000 FIELDS 1 a",
    ] {
        bench.ask(conn, line);
    }
    assert!(bench.ask(conn, "INFO keyspace").contains("keys=2,expires=0,avg_ttl=0,subexpiry=2"));
    bench.pass(999);
    assert_eq!(bench.ask(conn, "HLEN few"), r":3\r\n");
    (0..3).for_each(|_| bench.pass(100));
    assert_eq!(bench.ask(conn, "HLEN few"), r":1\r\n");
    assert!(bench.ask(conn, "INFO keyspace").contains("subexpiry=1"));
    (0..10).for_each(|_| bench.pass(100));
    assert_eq!(bench.ask(conn, "DBSIZE"), r":1\r\n");
    assert!(bench.ask(conn, "INFO keyspace").contains("subexpiry=0"));
    assert!(bench.ask(conn, "INFO stats").contains(r"expired_subkeys:3\r\n"));
}

#[test]
fn a_hash_of_many_due_fields_is_emptied_a_piece_each_turn() {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    let fields: String = (0..5000).map(|i| format!(" {i} v")).collect();
    bench.ask(conn, &format!("HSET h{fields} keeps v"));
    for at in 0..10 {
        let fields: String = (at * 500..at * 500 + 500).map(|i| format!(" {i}")).collect();
        bench.ask(conn, &format!("HPEXPIRE h 100 FIELDS 500{fields}"));
    }
    bench.now = crate::time::Now::new(
        bench.now.mono.plus_ms(200),
        crate::time::Wall::from_ms(bench.now.wall_ms() + 200),
    );
    bench.node.handle_timeout(bench.now);
    let mut before = 5001;
    for turn in 1..100 {
        bench.node.finish_turn(bench.now);
        let left = fields_left(&bench);
        assert!(before - left <= crate::limits::EXPIRE_LOOKS_PER_TURN_MAX, "turn {turn}");
        before = left;
        if left == 1 {
            assert!(turn >= 5);
            return;
        }
    }
    panic!("{before} fields are left");
}

fn fields_left(bench: &Bench) -> usize {
    use crate::data::Kind;
    let entry = bench.node.store.find(0, b"h").expect("a hash");
    crate::data::Hash::of(entry.data().expect("a hash")).expect("a hash").len()
}

#[test]
fn a_file_is_of_the_version_that_field_expiry_needs() {
    for (expires, header) in [(false, "REDIS0009"), (true, "REDIS0012")] {
        let mut bench = Bench::new(Config::default());
        let conn = bench.open();
        bench.ask(conn, "HSET h a 1 b 2");
        if expires {
            bench.ask(conn, "HEXPIRE h 100 FIELDS 1 a");
        }
        assert_eq!(bench.ask(conn, "SAVE"), r"+OK\r\n");
        let (_, bytes) = bench.files.first().cloned().expect("a file");
        assert!(bytes.starts_with(header.as_bytes()));
        let mut loaded = Bench::new(Config::default());
        loaded.node.load_rdb(&mut bytes.as_slice().into(), loaded.now).expect("a whole file");
        loaded.node.finish_load(loaded.now).expect("a whole file");
        let conn = loaded.open();
        assert_eq!(loaded.ask(conn, "HGET h b"), r"$1\r\n2\r\n");
        let ttl = if expires { ":100" } else { ":-1" };
        assert_eq!(loaded.ask(conn, "HTTL h FIELDS 2 a b"), format!(r"*2\r\n{ttl}\r\n:-1\r\n"));
        (0..1100).for_each(|_| loaded.pass(100));
        assert_eq!(loaded.ask(conn, "HLEN h"), if expires { r":1\r\n" } else { r":2\r\n" });
    }
}

#[test]
fn a_replica_follows_its_master_and_hides_meanwhile() {
    let mut pair = Pair::new();
    let client = pair.master.open();
    for line in ["HSET h a 1 b 2 c 3", "HPEXPIRE h 1000 FIELDS 1 a"] {
        pair.master.ask(client, line);
    }
    pair.connect();
    pair.exchange(64);
    pair.master.ask(client, "HSETEX h PX 1500 FIELDS 1 b 4");
    pair.exchange(64);
    let reader = pair.replica.open();
    assert_eq!(
        pair.replica.ask(reader, "HPTTL h FIELDS 3 a b c"),
        r"*3\r\n:1000\r\n:1500\r\n:-1\r\n"
    );
    (0..13).for_each(|_| pair.replica.pass(100));
    assert_eq!(pair.replica.ask(reader, "HMGET h a b"), r"*2\r\n$-1\r\n$1\r\n4\r\n");
    assert_eq!(pair.replica.ask(reader, "HLEN h"), r":3\r\n", "it waits for its master");
    (0..20).for_each(|_| pair.master.pass(100));
    pair.exchange(64);
    assert_eq!(pair.replica.ask(reader, "HGETALL h"), r"*2\r\n$1\r\nc\r\n$1\r\n3\r\n");
    assert_eq!(pair.replica.ask(reader, "HLEN h"), r":1\r\n");
    pair.assert_equal();
}
