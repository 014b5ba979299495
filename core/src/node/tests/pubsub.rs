//! Channels, their listeners, and messages that must not tear replies apart.

use super::Bench;
use crate::config::BufferLimit;
use crate::config::Config;
use crate::node::ConnId;

/// Runs a script: `2> COMMAND` on the second connection, then everything that connections got, as
/// `1< escaped`, in the order of their numbers.
fn check(script: &str) {
    let mut bench = Bench::new(Config::default());
    let conns: Vec<ConnId> = (0..4).map(|_| bench.open()).collect();
    let (mut got, mut expect) = (Vec::new(), Vec::new());
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        expect.push(line.to_owned());
        let Some((number, command)) = line.split_once("> ") else { continue };
        let Ok(number) = number.parse::<usize>() else { continue };
        got.push(line.to_owned());
        bench.feed(conns[number - 1], &super::request(command));
        for (at, conn) in conns.iter().enumerate() {
            let output = bench.take_output(*conn);
            if !output.is_empty() {
                let words = String::from_utf8_lossy(&output).replace("\r\n", " ");
                got.push(format!("{}< {}", at + 1, words.trim_end()));
            }
        }
    }
    assert_eq!(got.join("\n"), expect.join("\n"));
}

#[test]
fn a_message_goes_to_listeners_then_by_patterns_the_oldest_first() {
    check(
        r"
        1> SUBSCRIBE news
        1< *3 $9 subscribe $4 news :1
        2> HELLO 3 SETNAME b
        2< %7 $6 server $5 redis $7 version $5 7.4.0 $5 proto :3 $2 id :2 $4 mode $10 standalone $4 role $6 master $7 modules *0
        2> PSUBSCRIBE n* [m-o]ews
        2< >3 $10 psubscribe $2 n* :1 >3 $10 psubscribe $8 [m-o]ews :2
        2> SUBSCRIBE news
        2< >3 $9 subscribe $4 news :3
        3> PUBLISH news hi
        1< *3 $7 message $4 news $2 hi
        2< >3 $7 message $4 news $2 hi >4 $8 pmessage $2 n* $4 news $2 hi >4 $8 pmessage $8 [m-o]ews $4 news $2 hi
        3< :4
        3> PUBSUB NUMSUB news old
        3< *4 $4 news :2 $3 old :0
        3> PUBSUB NUMPAT
        3< :2
        2> UNSUBSCRIBE
        2< >3 $11 unsubscribe $4 news :2
        2> RESET
        2< +RESET
        3> PUBLISH news hi
        1< *3 $7 message $4 news $2 hi
        3< :1
        ",
    );
}

#[test]
fn shard_channels_are_names_of_their_own() {
    check(
        r"
        1> SSUBSCRIBE a
        1< *3 $10 ssubscribe $1 a :1
        2> PSUBSCRIBE *
        2< *3 $10 psubscribe $1 * :1
        1> SUBSCRIBE a
        1< *3 $9 subscribe $1 a :1
        3> SPUBLISH a x
        1< *3 $8 smessage $1 a $1 x
        3< :1
        3> PUBSUB SHARDCHANNELS
        3< *1 $1 a
        1> UNSUBSCRIBE
        1< *3 $11 unsubscribe $1 a :0
        1> GET k
        1< -ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context
        1> SUNSUBSCRIBE
        1< *3 $12 sunsubscribe $1 a :0
        1> GET k
        1< $-1
        ",
    );
}

/// Redis 7.2 and later: before, messages stood ahead of the reply, and within EXEC's.
#[test]
fn messages_to_who_runs_the_command_follow_its_reply() {
    check(
        r"
        1> HELLO 3 SETNAME a
        1< %7 $6 server $5 redis $7 version $5 7.4.0 $5 proto :3 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
        1> SUBSCRIBE a
        1< >3 $9 subscribe $1 a :1
        1> PUBLISH a m
        1< :1 >3 $7 message $1 a $1 m
        1> MULTI
        1< +OK
        1> PUBLISH a n
        1< +QUEUED
        1> SUBSCRIBE b
        1< +QUEUED
        1> SSUBSCRIBE b
        1< +QUEUED
        1> PUBLISH b o
        1< +QUEUED
        1> EXEC
        1< *4 :1 >3 $9 subscribe $1 b :2 -ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client :1 >3 $7 message $1 a $1 n >3 $7 message $1 b $1 o
        ",
    );
}

#[test]
fn messages_and_confirmations_are_not_silenced() {
    check(
        r"
        1> CLIENT REPLY OFF
        1> SUBSCRIBE a
        1< *3 $9 subscribe $1 a :1
        1> PING
        2> PUBLISH a m
        1< *3 $7 message $1 a $1 m
        2< :1
        3> CLIENT REPLY SKIP
        3> SUBSCRIBE a
        3< *3 $9 subscribe $1 a :1
        3> PING x
        3< *2 $4 pong $1 x
        ",
    );
}

#[test]
fn who_never_reads_is_closed_and_its_memory_comes_back() {
    let limit = BufferLimit { hard_bytes: 100_000, soft_bytes: 20_000, soft_seconds: 5 };
    let mut config = Config::default();
    config.client_output_buffer_limit.pubsub = limit;
    for (message_bytes, messages) in [(1_000, 97), (30_000, 4)] {
        let mut bench = Bench::new(config.clone());
        let (listener, publisher) = (bench.open(), bench.open());
        bench.ask(listener, "SUBSCRIBE a");
        let publish = format!("PUBLISH a {}", "x".repeat(message_bytes));
        bench.ask(publisher, &publish);
        let before = bench.node.client_bytes - message_bytes as u64;
        for _ in 1..messages {
            assert_eq!(bench.closed, []);
            assert_eq!(bench.ask(publisher, &publish), r":1\r\n");
        }
        assert_eq!(bench.closed, [listener]);
        assert!(bench.take_output(listener).is_empty() && bench.node.client_bytes < before);
        assert!(bench.logs().contains("scheduled to be closed ASAP for overcoming of output"));
        assert_eq!(bench.ask(publisher, &publish), r":0\r\n");
    }
}

#[test]
fn a_soft_limit_gives_time_to_read() {
    let limit = BufferLimit { hard_bytes: 0, soft_bytes: 100, soft_seconds: 2 };
    let mut config = Config::default();
    config.client_output_buffer_limit.pubsub = limit;
    let mut bench = Bench::new(config);
    let (slow, late, publisher) = (bench.open(), bench.open(), bench.open());
    bench.ask(slow, "SUBSCRIBE a");
    bench.ask(late, "SUBSCRIBE a");
    bench.ask(publisher, &format!("PUBLISH a {}", "x".repeat(100)));
    bench.pass(1_000);
    bench.take_output(late);
    for _ in 0..3 {
        bench.pass(1_000);
    }
    assert_eq!(bench.closed, [slow]);
}
