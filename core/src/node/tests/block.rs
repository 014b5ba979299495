//! Clients that wait for keys, on the virtual clock: who is served when, and what travels.

use std::collections::BTreeMap;

use super::*;

/// Runs a script against a master that a replica follows, and compares.
///
/// `a> BLPOP l 0` is what client `a` types, `+ 500` lets milliseconds pass, `a!` is the end of its
/// connection. After each, `a: *1 $1 x` is what `a` gets, lines parted by blanks, and `~ LPOP l` what
/// travels to the replica.
#[track_caller]
fn check(script: &str) {
    let mut stage = Stage::new();
    let (mut got, mut expect) = (Vec::new(), Vec::new());
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if stage.play(line) {
            got.push(line.to_owned());
            got.extend(stage.outputs());
        }
        expect.push(line.to_owned());
    }
    assert_eq!(got.join("\n"), expect.join("\n"));
}

struct Stage {
    master: Bench,
    clients: BTreeMap<String, ConnId>,
    /// The replica's connection.
    stream: ConnId,
}

impl Stage {
    fn new() -> Self {
        let mut pair = Pair::new();
        pair.connect();
        pair.exchange(100_000);
        let (_, stream) = pair.link.unwrap();
        Self { master: pair.master, clients: BTreeMap::new(), stream }
    }

    /// Whether the line is something to do, and not something that is expected.
    fn play(&mut self, line: &str) -> bool {
        if let Some(ms) = line.strip_prefix("+ ") {
            self.master.pass(ms.parse().unwrap());
        } else if let Some((client, command)) = line.split_once("> ") {
            let conn = self.client(client);
            self.master.feed(conn, &request(command));
        } else if let Some(client) = line.strip_suffix('!') {
            let conn = self.clients.remove(client).unwrap();
            self.master.node.handle_close(conn, CloseReason::Peer, self.master.now);
            self.master.settle();
        } else {
            return false;
        }
        true
    }

    fn client(&mut self, name: &str) -> ConnId {
        *self.clients.entry(name.to_owned()).or_insert_with(|| self.master.open())
    }

    fn outputs(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, conn) in &self.clients {
            let output = self.master.take_output(*conn);
            if !output.is_empty() {
                lines.push(format!("{name}: {}", show(&output)));
            }
        }
        let stream = show(&self.master.take_output(self.stream));
        for command in stream.split('*').skip(1) {
            let words: Vec<&str> =
                command.split(' ').skip(1).filter(|word| !word.starts_with('$')).collect();
            lines.push(format!("~ {}", words.join(" ")).trim_end().to_owned());
        }
        lines
    }
}

fn show(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", " ").trim_end().to_owned()
}

#[test]
fn clients_are_served_in_the_order_they_came() {
    check(
        "
        a> BLPOP l 0
        b> BRPOP l 0
        c> BLMPOP 0 2 k l LEFT COUNT 9
        d> RPUSH l 1 2 3 4
        a: *2 $1 l $1 1
        b: *2 $1 l $1 4
        c: *2 $1 l *2 $1 2 $1 3
        d: :4
        ~ SELECT 0
        ~ RPUSH l 1 2 3 4
        ~ LPOP l
        ~ RPOP l
        ~ LPOP l 2
        d> EXISTS l
        d: :0
        ",
    );
}

#[test]
fn a_transaction_serves_when_it_is_over() {
    check(
        "
        a> BLPOP k1 0
        b> BLPOP k2 0
        c> MULTI
        c: +OK
        c> RPUSH k2 x
        c: +QUEUED
        c> RPUSH k1 y
        c: +QUEUED
        c> BLPOP nothing 0
        c: +QUEUED
        c> RPUSH k2 z
        c: +QUEUED
        c> EXEC
        a: *2 $2 k1 $1 y
        b: *2 $2 k2 $1 x
        c: *4 :1 :1 *-1 :2
        ~ SELECT 0
        ~ MULTI
        ~ RPUSH k2 x
        ~ RPUSH k1 y
        ~ RPUSH k2 z
        ~ EXEC
        ~ LPOP k2
        ~ LPOP k1
        ",
    );
}

#[test]
fn what_a_served_client_pushes_serves_the_next() {
    check(
        "
        a> BLMOVE x y RIGHT LEFT 0
        b> BRPOPLPUSH y z 0
        c> BLPOP z 0
        d> RPUSH x 1
        a: $1 1
        b: $1 1
        c: *2 $1 z $1 1
        d: :1
        ~ SELECT 0
        ~ RPUSH x 1
        ~ LMOVE x y RIGHT LEFT
        ~ RPOPLPUSH y z
        ~ LPOP z
        ",
    );
}

#[test]
fn time_passes_and_ends_the_wait() {
    check(
        "
        a> BLPOP l 0.5
        b> BLMOVE l m LEFT LEFT 0.0011
        + 1
        + 1
        b: *-1
        + 497
        + 1
        a: *-1
        d> RPUSH l x
        d: :1
        ~ SELECT 0
        ~ RPUSH l x
        a> BLPOP l -1
        a: -ERR timeout is negative
        ",
    );
}

/// A client that was refused what it waits for keeps its place and its time: the type under the
/// key has to be right, and a value whose time has passed is none.
#[test]
fn only_a_list_serves() {
    check(
        "
        a> BLPOP l 1
        d> SET l text
        d: +OK
        ~ SELECT 0
        ~ SET l text
        d> APPEND l more
        d: :8
        ~ APPEND l more
        d> RENAME l m
        d: +OK
        ~ RENAME l m
        + 999
        d> RPUSH l x
        a: *2 $1 l $1 x
        d: :1
        ~ RPUSH l x
        ~ LPOP l
        ",
    );
}

#[test]
fn databases_that_change_places_serve() {
    check(
        "
        a> BLPOP l 0
        d> SELECT 1
        d: +OK
        d> RPUSH l 1 2
        d: :2
        ~ SELECT 1
        ~ RPUSH l 1 2
        d> SWAPDB 0 1
        a: *2 $1 l $1 1
        d: +OK
        ~ SWAPDB 0 1
        ~ SELECT 0
        ~ LPOP l
        a> RPUSH m 3
        a: :1
        ~ RPUSH m 3
        a> BLPOP n 0
        d> SELECT 0
        d: +OK
        d> COPY m n
        a: *2 $1 n $1 3
        d: :1
        ~ COPY m n
        ~ LPOP n
        a> BLPOP n 0
        d> FLUSHALL
        d: +OK
        ~ FLUSHALL
        ",
    );
}

#[test]
fn a_client_that_leaves_is_not_served() {
    check(
        "
        a> BLPOP l 0
        b> BLPOP l 0
        c> BLPOP l 0
        a!
        d> CLIENT KILL ID 3
        d: :1
        d> RPUSH l x
        c: *2 $1 l $1 x
        d: :1
        ~ SELECT 0
        ~ RPUSH l x
        ~ LPOP l
        ",
    );
}

#[test]
fn others_end_the_wait() {
    check(
        "
        a> CLIENT ID
        a: :2
        a> BLPOP l 0
        d> CLIENT UNBLOCK 2 ERROR
        a: -UNBLOCKED client unblocked via CLIENT UNBLOCK
        d: :1
        a> BLPOP l 0
        d> CLIENT UNBLOCK 2
        a: *-1
        d: :1
        d> CLIENT UNBLOCK 2
        d: :0
        a> CLIENT REPLY SKIP
        a> BLPOP l 0
        d> RPUSH l x
        d: :1
        ~ SELECT 0
        ~ RPUSH l x
        ~ LPOP l
        a> PING
        a: +PONG
        ",
    );
}

#[test]
fn a_replica_keeps_nobody_waiting() {
    let mut bench = Bench::new(Config::default());
    let (a, b, c) = (bench.open(), bench.open(), bench.open());
    assert_eq!(bench.ask(a, "BLPOP l 0") + &bench.ask(b, "WAIT 1 0"), "");
    assert_eq!(bench.ask(c, "REPLICAOF m 1"), r"+OK\r\n");
    for conn in [a, b] {
        let output = bench.take_output(conn);
        assert!(output.starts_with(b"-UNBLOCKED force unblock"), "{}", output.escape_ascii());
    }
    bench.closed.sort();
    assert_eq!(bench.closed, [a, b]);
}

#[test]
fn waiting_leaves_nothing_behind() {
    let mut bench = Bench::new(Config { observe: true, ..Config::default() });
    let (a, b) = (bench.open(), bench.open());
    let info = |bench: &mut Bench, field: &str| {
        let text = bench.ask(b, "INFO clients");
        let (_, rest) = text.split_once(&format!("\\n{field}:")).unwrap();
        rest.split('\\').next().unwrap().to_owned()
    };
    bench.ask(a, "BLPOP l m l 10");
    assert_eq!(bench.node.blocked_on(a).as_deref(), Some("BLPOP"));
    assert_eq!(info(&mut bench, "blocked_clients"), "1");
    assert_eq!(info(&mut bench, "clients_in_timeout_table"), "1");
    assert_eq!(info(&mut bench, "total_blocking_keys"), "2");
    assert!(bench.ask(b, "CLIENT LIST").contains("flags=b "));
    assert!(bench.node.poll_timeout().is_some());
    bench.ask(b, "RPUSH m x");
    assert_eq!(bench.take_output(a), b"*2\r\n$1\r\nm\r\n$1\r\nx\r\n");
    assert_eq!(bench.node.poll_resumed(), Some(a));
    assert_eq!(info(&mut bench, "blocked_clients"), "0");
    assert_eq!(info(&mut bench, "total_blocking_keys"), "0");
    assert!(bench.node.store.awaited.is_empty());
    bench.ask(a, "BLPOP l 0");
    bench.node.handle_close(a, CloseReason::Peer, bench.now);
    assert!(bench.node.store.awaited.is_empty());
    let mut seen = String::new();
    while let Some(event) = bench.node.poll_event() {
        match event {
            Event::Blocked { conn, command } if conn == a => seen += command,
            Event::Unblocked { conn } if conn == a => seen += " done ",
            _ => {}
        }
    }
    assert_eq!(seen, "blpop done blpop");
}
