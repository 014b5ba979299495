//! Keyspace notifications: which events there are of what a real Redis at hand does not know, when they come, and
//! to whom.

use super::Bench;
use crate::config::Config;
use crate::node::ConnId;

/// A node with a listener to all events, and a connection that asks.
struct Listened {
    bench: Bench,
    listener: ConnId,
    asker: ConnId,
}

impl Listened {
    fn new(classes: &str) -> Self {
        let mut bench = Bench::new(Config::default());
        let (listener, asker) = (bench.open(), bench.open());
        bench.ask(listener, "PSUBSCRIBE __key*");
        let set = format!("CONFIG SET notify-keyspace-events \"{classes}\"");
        assert_eq!(bench.ask(asker, &set), r"+OK\r\n");
        Self { bench, listener, asker }
    }

    /// Runs a command; the events since the last one, without the pattern that they matched.
    fn events(&mut self, line: &str) -> String {
        self.bench.ask(self.asker, line);
        self.heard()
    }

    fn heard(&mut self) -> String {
        let heard = String::from_utf8(self.bench.take_output(self.listener)).unwrap();
        let words: Vec<&str> =
            heard.split("\r\n").filter(|word| !word.starts_with(['*', '$'])).collect();
        let of_message = |message: &[&str]| {
            let (kind, database) = message[2].split_once('@').unwrap();
            let (db, subject) = database.split_once("__:").unwrap();
            match (kind, db) {
                ("__keyevent", "0") => format!("{subject} {}", message[3]),
                ("__keyevent", db) => format!("{subject} {} in {db}", message[3]),
                _ => format!("{kind} {subject} {}", message[3]),
            }
        };
        let messages: Vec<String> = words.chunks_exact(4).map(of_message).collect();
        messages.join(", ")
    }

    fn check(&mut self, lines: &[(&str, &str)]) {
        for (line, expect) in lines {
            assert_eq!(self.events(line), *expect, "{line}");
        }
    }
}

#[test]
fn classes_choose_the_events_and_their_channels() {
    let script = ["SET k v EX 100", "LPUSH l a", "LPOP l", "GET k", "GET none"];
    for (classes, expect) in [
        ("", ["", "", "", "", ""]),
        ("A", ["", "", "", "", ""]),
        ("KE", ["", "", "", "", ""]),
        ("E$", ["set k", "", "", "", ""]),
        ("Eg", ["expire k", "", "del l", "", ""]),
        ("El", ["", "lpush l", "lpop l", "", ""]),
        ("Emn", ["new k", "new l", "", "", "keymiss none"]),
        ("EA", ["set k, expire k", "lpush l", "lpop l, del l", "", ""]),
        ("K$", ["__keyspace k set", "", "", "", ""]),
        ("KEl", ["", "__keyspace l lpush, lpush l", "__keyspace l lpop, lpop l", "", ""]),
    ] {
        let mut listened = Listened::new(classes);
        for (line, events) in script.iter().zip(expect) {
            assert_eq!(listened.events(line), events, "{line} with \"{classes}\"");
        }
    }
}

#[test]
fn fields_have_events() {
    Listened::new("EA").check(&[
        ("HSET h a 1 b 2 c 3 d 4", "hset h"),
        ("HEXPIRE h 100 FIELDS 2 a b", "hexpire h"),
        ("HPEXPIREAT h 9999999999999 FIELDS 1 a", "hexpire h"),
        ("HEXPIRE h 100 NX FIELDS 1 a", ""),
        ("HPERSIST h FIELDS 2 a c", "hpersist h"),
        ("HPERSIST h FIELDS 1 c", ""),
        ("HPEXPIRE h 0 FIELDS 2 a none", "hdel h"),
        ("HGETEX h EX 100 FIELDS 1 b", "hexpire h"),
        ("HGETEX h PERSIST FIELDS 1 b", "hpersist h"),
        ("HGETEX h FIELDS 1 b", ""),
        ("HGETDEL h FIELDS 2 b none", "hdel h"),
        ("HGETDEL h FIELDS 1 none", ""),
        ("HSETEX h EX 100 FIELDS 1 e 5", "hset h, hexpire h"),
        ("HSETEX h FIELDS 1 e 6", "hset h"),
        ("HGETEX h EXAT 1 FIELDS 1 c", "hdel h"),
        ("HDEL h d e", "hdel h, del h"),
        ("HSET h a 1", "hset h"),
        ("HPEXPIRE h 0 FIELDS 1 a", "hdel h, del h"),
    ]);
}

#[test]
fn time_makes_events_when_things_go() {
    let mut listened = Listened::new("EA");
    for line in ["SET k v PX 100", "HSET h a 1 b 2", "HPEXPIRE h 200 FIELDS 1 a"] {
        listened.events(line);
    }
    listened.bench.pass(150);
    assert_eq!(listened.heard(), "expired k");
    listened.bench.pass(150);
    assert_eq!(listened.heard(), "hexpired h");
    listened.events("HPEXPIRE h 100 FIELDS 1 b");
    listened.bench.pass(150);
    assert_eq!(listened.heard(), "hexpired h, del h");
    listened.check(&[
        ("DEBUG SET-ACTIVE-EXPIRE 0", ""),
        ("SET k v PX 1", "set k, expire k"),
        ("HSET h a 1 b 2", "hset h"),
        ("HPEXPIRE h 1 FIELDS 2 a b", "hexpire h"),
    ]);
    listened.bench.pass(10);
    listened.check(&[
        ("SET k v", "expired k, set k"),
        ("HMGET h a b", "hexpired h, hexpired h, del h"),
    ]);
}

#[test]
fn eviction_makes_events() {
    let mut listened = Listened::new("Ee");
    listened.events("SET k v");
    listened.check(&[("CONFIG SET maxmemory-policy allkeys-random maxmemory 1", "evicted k")]);
}

#[test]
fn events_of_a_transaction_come_in_its_order() {
    Listened::new("EA").check(&[
        ("MULTI", ""),
        ("SELECT 3", ""),
        ("RPUSH l a", ""),
        ("PUBLISH __keyother@1__:x hi", ""),
        ("RENAME l m", ""),
        ("MOVE m 0", ""),
        (
            "EXEC",
            "rpush l in 3, __keyother x hi, rename_from l in 3, rename_to m in 3, move_from m in 3, move_to m",
        ),
    ]);
}
