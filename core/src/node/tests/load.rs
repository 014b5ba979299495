//! What one client can do to the others: every limit, with the clock in our hands.

use bytes::BytesMut;

use super::Bench;
use super::request;
use crate::config::BufferLimit;
use crate::config::Config;
use crate::limits;
use crate::node::CloseReason;
use crate::node::ConnId;
use crate::node::Origin;
use crate::node::Progress;
use crate::node::Via;
use crate::time::Stopwatch;

impl Bench {
    /// What the shell does about those who are to be closed. Says who they were.
    fn hang_up(&mut self) -> Vec<ConnId> {
        let gone = std::mem::take(&mut self.closed);
        for id in &gone {
            self.node.handle_close(*id, CloseReason::Requested, self.now);
        }
        gone
    }

    /// A number that INFO shows.
    fn field(&mut self, name: &str) -> u64 {
        let asking = self.open();
        let info = self.ask(asking, "INFO everything");
        self.node.handle_close(asking, CloseReason::Peer, self.now);
        let (_, rest) = info.split_once(&format!(r"\n{name}:")).unwrap();
        rest.split('\\').next().unwrap().parse().unwrap()
    }
}

fn with(settings: &[(&str, &str)]) -> Bench {
    let mut config = Config::default();
    let pairs: Vec<_> = settings.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
    config.apply(&pairs, true).unwrap();
    Bench::new(config)
}

#[test]
fn more_clients_than_allowed_are_refused_and_counted() {
    let mut bench = with(&[("maxclients", "3")]);
    let first: Vec<ConnId> = (0..3).map(|_| bench.open()).collect();
    for _ in 0..5 {
        let refused = bench.open();
        let text = bench.take_output(refused).escape_ascii().to_string();
        assert_eq!(text, r"-ERR max number of clients reached\r\n");
        assert_eq!(bench.feed(refused, b"PING\r\n"), Progress::Closing);
        assert_eq!(bench.hang_up(), [refused]);
    }
    assert_eq!(bench.logs().matches("max number of clients reached").count(), 1);
    bench.node.handle_close(first[0], CloseReason::Peer, bench.now);
    assert_eq!((bench.field("rejected_connections"), bench.field("maxclients")), (5, 3));
    // Who was refused is not counted as received; who asks INFO is.
    assert_eq!(bench.field("total_connections_received"), 6);
}

#[test]
fn strangers_are_kept_out_by_protected_mode() {
    for (settings, via, is_let_in) in [
        (&[][..], Via::Network, false),
        (&[], Via::Loopback, true),
        (&[], Via::UnixSocket, true),
        (&[("protected-mode", "no")], Via::Network, true),
        (&[("requirepass", "secret")], Via::Network, true),
    ] {
        let mut bench = with(settings);
        let origin = Origin::Accepted { peer: "p".into(), local: "l".into(), via };
        let id = bench.node.handle_open(origin, bench.now);
        let output = bench.take_output(id);
        assert_eq!(output.starts_with(b"-DENIED Redis is running in protected mode"), !is_let_in);
        assert_eq!(bench.node.stats.rejected, u64::from(!is_let_in), "{settings:?}");
    }
}

#[test]
fn silent_clients_are_closed_after_the_timeout() {
    let mut bench = with(&[("timeout", "10")]);
    let [silent, talking, blocked, listening] = [(); 4].map(|()| bench.open());
    bench.ask(blocked, "BLPOP nothing 0");
    bench.ask(listening, "SUBSCRIBE news");
    for _ in 0..9 {
        bench.pass(1000);
        assert_eq!(bench.ask(talking, "PING"), r"+PONG\r\n");
        assert_eq!(bench.hang_up(), []);
    }
    bench.pass(1000);
    assert_eq!(bench.hang_up(), [silent]);
    assert!(bench.logs().contains("Closing idle client"));
    bench.pass(60_000);
    assert_eq!(bench.hang_up(), [talking]);
    // Who was waiting has the whole time once it is not.
    let pusher = bench.open();
    bench.ask(pusher, "RPUSH nothing 1");
    bench.take_output(blocked);
    bench.pass(9_000);
    bench.ask(pusher, "PING");
    assert_eq!(bench.hang_up(), []);
    bench.pass(2_000);
    assert_eq!(bench.hang_up(), [blocked]);
}

#[test]
fn the_timeout_changes_while_running() {
    let mut bench = with(&[]);
    let [old, other] = [(); 2].map(|()| bench.open());
    assert_eq!(bench.node.poll_timeout(), None);
    bench.pass(100_000);
    assert_eq!(bench.hang_up(), []);
    bench.ask(other, "CONFIG SET timeout 20");
    // Its silence counts from the beginning.
    bench.pass(0);
    assert_eq!(bench.hang_up(), [old]);
    bench.ask(other, "CONFIG SET timeout 0");
    bench.pass(100_000);
    assert_eq!((bench.hang_up(), bench.node.poll_timeout()), (vec![], None));
}

/// A hundred turns of one client cost the ten thousand others nothing: they are looked at once in a
/// timeout, and only a thousand of them at a time.
#[test]
fn idle_clients_are_asked_once_in_a_timeout() {
    let mut bench = with(&[("timeout", "60"), ("maxclients", "20000")]);
    let crowd: Vec<ConnId> = (0..10_000).map(|_| bench.open()).collect();
    let busy = bench.open();
    let first = bench.node.poll_timeout().unwrap().0;
    for _ in 0..100 {
        bench.ask(busy, "PING");
        assert_eq!(bench.node.poll_timeout().unwrap().0, first);
    }
    for round in 0..59 {
        bench.pass(1000);
        bench.ask(busy, "PING");
        assert_eq!(bench.closed, [], "{round}");
    }
    // A turn at a time: the rest is due at once.
    bench.now = super::Now::new(bench.now.mono.plus_ms(1000), bench.now.wall);
    bench.node.handle_timeout(bench.now);
    assert_eq!(bench.node.closing.len(), limits::IDLE_CLIENTS_PER_TURN_MAX);
    assert!(bench.node.poll_timeout().unwrap().0 <= bench.now.mono);
    bench.settle();
    let mut gone = bench.hang_up();
    gone.sort_unstable();
    assert_eq!(gone, crowd);
}

#[test]
fn requests_that_never_end_are_closed() {
    for (bytes, is_over) in [(1_000_000, false), (1_100_000, true)] {
        let mut bench = with(&[("client-query-buffer-limit", "1mb")]);
        let greedy = bench.open();
        let mut unread = BytesMut::from(&b"*2\r\n$4\r\nECHO\r\n$9999999\r\n"[..]);
        unread.resize(bytes, b'x');
        let progress = bench.node.handle_bytes(greedy, &mut unread, bench.now);
        assert_eq!(progress == Progress::Closing, is_over, "{bytes}");
        bench.settle();
        assert_eq!(bench.hang_up().len(), usize::from(is_over));
        let closed = bench.field("client_query_buffer_limit_disconnections");
        assert_eq!(closed, u64::from(is_over));
        assert_eq!(bench.logs().contains("reached max query buffer length: id=1 addr="), is_over);
    }
}

/// What is queued by MULTI waits as much as what is not yet whole.
#[test]
fn a_queue_without_end_is_closed() {
    let mut bench = with(&[("client-query-buffer-limit", "1mb")]);
    let greedy = bench.open();
    bench.ask(greedy, "MULTI");
    let set = request(&format!("SET k {}", "v".repeat(100_000)));
    let rounds = (0..20).take_while(|_| bench.feed(greedy, &set) != Progress::Closing).count();
    assert!((8..12).contains(&rounds), "{rounds}");
    assert_eq!(bench.hang_up(), [greedy]);
    assert_eq!(bench.field("client_query_buffer_limit_disconnections"), 1);
}

#[test]
fn a_bulk_longer_than_allowed_is_a_mistake_of_the_protocol() {
    let mut bench = with(&[("proto-max-bulk-len", "1mb")]);
    let greedy = bench.open();
    let reply = |bench: &mut Bench, length: usize| {
        bench.feed(greedy, format!("*2\r\n$3\r\nGET\r\n${length}\r\n").as_bytes());
        bench.take_output(greedy).escape_ascii().to_string()
    };
    assert_eq!(reply(&mut bench, (1 << 20) + 1), r"-ERR Protocol error: invalid bulk length\r\n");
    assert_eq!(bench.hang_up(), [greedy]);
    assert!(bench.logs().contains("invalid bulk length) from client: id=1 "));
}

#[test]
fn replies_that_are_not_read_are_dropped_with_their_client() {
    let mut bench = with(&[("client-output-buffer-limit", "normal 1000000 0 0")]);
    let [deaf, other] = [(); 2].map(|()| bench.open());
    bench.ask(other, &format!("SET large {}", "x".repeat(90_000)));
    let before = bench.node.client_bytes;
    for round in 1..=12 {
        bench.feed(deaf, b"GET large\r\n");
        if round == 11 {
            assert!(bench.node.client_bytes > before + 900_000);
            assert_eq!(bench.closed, []);
        }
    }
    assert_eq!(bench.closed, [deaf]);
    assert!(bench.node.client_bytes <= before);
    assert_eq!(bench.field("client_output_buffer_limit_disconnections"), 1);
    assert!(bench.logs().contains("scheduled to be closed ASAP for overcoming of output"));
    assert_eq!(bench.ask(other, "STRLEN large"), r":90000\r\n");
}

/// Ten clients with half a request of 1 to 10 units each. With room for 40 of 55, the two largest go.
#[test]
fn the_largest_clients_go_first_when_all_take_too_much() {
    const UNIT: usize = 20_000;
    for (settings, spared) in [
        (&[("maxmemory-clients", "810000")][..], None),
        (&[("maxmemory", "81mb"), ("maxmemory-clients", "1%")], None),
        (&[("maxmemory-clients", "810000")], Some(9)),
    ] {
        let mut bench = with(settings);
        let clients: Vec<ConnId> = (0..10).map(|_| bench.open()).collect();
        if let Some(spared) = spared {
            bench.ask(clients[spared], "CLIENT NO-EVICT ON");
        }
        for (at, id) in clients.iter().enumerate() {
            let mut half = BytesMut::from(&b"*2\r\n$4\r\nECHO\r\n$999999\r\n"[..]);
            let header = half.len();
            half.resize(header + (at + 1) * UNIT, b'x');
            bench.node.handle_bytes(*id, &mut half, bench.now);
        }
        bench.settle();
        let expect = match spared {
            None => vec![clients[9], clients[8]],
            Some(_) => vec![clients[8], clients[7]],
        };
        assert_eq!(bench.closed, expect, "{settings:?}");
        assert_eq!(bench.logs().matches("Evicting client: id=").count(), 2);
        bench.hang_up();
        assert_eq!(bench.field("evicted_clients"), 2);
    }
}

#[test]
fn a_replica_that_lags_is_given_up_by_either_limit() {
    for (limit, seconds, is_closed) in [
        (BufferLimit { hard_bytes: 50_000, soft_bytes: 0, soft_seconds: 0 }, 0, true),
        (BufferLimit { hard_bytes: 0, soft_bytes: 50_000, soft_seconds: 3 }, 2, false),
        (BufferLimit { hard_bytes: 0, soft_bytes: 50_000, soft_seconds: 3 }, 5, true),
        (BufferLimit { hard_bytes: 0, soft_bytes: 0, soft_seconds: 0 }, 5, false),
    ] {
        let mut config = Config { repl_backlog_size: 16 << 10, ..Config::default() };
        config.client_output_buffer_limit.replica = limit;
        config.repl_diskless_sync_delay = 0;
        let mut bench = Bench::new(config);
        let [replica, writer] = [(); 2].map(|()| bench.open());
        bench.ask(replica, "PSYNC ? -1");
        bench.take_output(replica);
        bench.ask(replica, "REPLCONF ACK 0");
        for _ in 0..60 {
            bench.ask(writer, &format!("SET k {}", "v".repeat(1000)));
        }
        for _ in 0..seconds {
            bench.pass(1000);
        }
        assert_eq!(bench.closed.contains(&replica), is_closed, "{limit:?}");
        let counted = bench.field("client_output_buffer_limit_disconnections");
        assert_eq!(counted, u64::from(is_closed));
    }
}

/// A pipeline of a hundred thousand gives way after each turn's share.
#[test]
fn a_long_pipeline_gives_way_to_others() {
    let mut bench = with(&[]);
    let [greedy, modest] = [(); 2].map(|()| bench.open());
    let mut pipeline = BytesMut::from(&b"INCR n\r\n".repeat(100_000)[..]);
    let mut turns = 0;
    while bench.node.handle_bytes(greedy, &mut pipeline, bench.now) == Progress::Yielded {
        turns += 1;
        bench.settle();
        assert_eq!(bench.ask(modest, "PING"), r"+PONG\r\n");
        bench.take_output(greedy);
        assert_eq!(bench.node.poll_resumed(), Some(greedy));
    }
    assert!(turns >= 100_000 / limits::REQUESTS_PER_TURN_MAX, "{turns}");
    bench.take_output(greedy);
    assert_eq!(bench.ask(modest, "GET n"), r"$6\r\n100000\r\n");
}

/// Where commands take long, a turn ends by the stopwatch.
#[test]
fn slow_commands_give_way_one_by_one() {
    let mut bench = with(&[]);
    bench.node = bench.node.timed_by(Stopwatch(|| {
        thread_local!(static READ: std::cell::Cell<u64> = const { std::cell::Cell::new(0) });
        READ.set(READ.get() + limits::REQUESTS_NS_PER_TURN);
        READ.get()
    }));
    let [greedy, modest] = [(); 2].map(|()| bench.open());
    let mut pipeline = BytesMut::from(&b"SORT n\r\n".repeat(50)[..]);
    let mut turns = 0;
    while bench.node.handle_bytes(greedy, &mut pipeline, bench.now) == Progress::Yielded {
        turns += 1;
        assert!(bench.node.is_turn_full());
        bench.settle();
        assert_eq!(bench.ask(modest, "PING"), r"+PONG\r\n");
        assert_eq!(bench.take_output(greedy), b"*0\r\n");
        assert_eq!(bench.node.poll_resumed(), Some(greedy));
    }
    assert_eq!(turns, 49);
}

/// What its buffers hold, as CLIENT LIST tells it.
#[test]
fn buffers_are_shown_as_they_are() {
    let mut bench = with(&[]);
    let [watcher, half, waiting] = [(); 3].map(|()| bench.open());
    let mut unread = BytesMut::with_capacity(1000);
    unread.extend_from_slice(b"SET key");
    bench.node.handle_bytes(half, &mut unread, bench.now);
    bench.feed(waiting, &request("BLPOP list 0"));
    let list = bench.ask(watcher, "CLIENT LIST");
    let lines: Vec<&str> = list.split(r"\n").skip(1).collect();
    let own = request("CLIENT LIST").len();
    for (line, fields) in [
        (0, format!("qbuf={own} ")),
        (0, "argv-mem=10 ".to_owned()),
        (1, "qbuf=7 qbuf-free=993 argv-mem=0 ".to_owned()),
        (2, "qbuf=0 qbuf-free=0 argv-mem=10 ".to_owned()),
    ] {
        assert!(lines[line].contains(&fields), "{fields}: {list}");
    }
    // The reply before is what the buffer held at most, until that is long ago.
    let peak = |bench: &mut Bench| {
        let line = bench.ask(watcher, "CLIENT INFO");
        let (_, rest) = line.split_once(" rbp=").expect("a peak");
        rest.split(' ').next().and_then(|peak| peak.parse::<usize>().ok()).expect("a number")
    };
    assert!(peak(&mut bench) > 600);
    bench.pass(5_000);
    assert_eq!(peak(&mut bench), 0);
    assert!((200..600).contains(&peak(&mut bench)));
}

/// Neither a farewell nor a complaint reaches who wants no replies; both close.
#[test]
fn who_wants_no_replies_is_closed_without_one() {
    for last in ["QUIT\r\n", "*1\r\n+x\r\n", "SET \"a\r\n"] {
        for mode in ["OFF", "SKIP"] {
            let mut bench = with(&[]);
            let conn = bench.open();
            bench.feed(conn, &request(&format!("CLIENT REPLY {mode}")));
            bench.feed(conn, last.as_bytes());
            assert_eq!(bench.take_output(conn), b"", "{last:?} {mode}");
            assert_eq!(bench.closed, [conn], "{last:?} {mode}");
        }
    }
}
