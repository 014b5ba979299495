//! Which commands change which keys: both servers call off the same transactions that watch them, and
//! tell the same to clients that keep copies.

use redarium_core::resp::split_words;
use redarium_tests::client::Client;
use redarium_tests::pair::Pair;
use redarium_tests::server::Server;
use redarium_tests::value::Value;

#[test]
fn commands_change_the_same_keys() {
    let pair = Pair::start(&["--enable-debug-command", "yes"]);
    let mut differences = Vec::new();
    for line in CASES.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (ours, theirs) = (changed(&pair.redarium, line), changed(&pair.redis, line));
        if ours != theirs {
            differences.push(format!("{line}\n    redarium {ours}\n    redis    {theirs}"));
        }
    }
    assert!(differences.is_empty(), "{}:\n{}", differences.len(), differences.join("\n"));
}

/// Runs a line of commands, prepared by all but the last, and says which keys the last one changed: for
/// those who watch them, and for a client that has read them all.
fn changed(server: &Server, line: &str) -> String {
    let mut client = server.client();
    let mut commands: Vec<&str> = line.split(';').map(str::trim).collect();
    let last = commands.pop().unwrap_or_default();
    run(&mut client, "FLUSHALL");
    for command in commands {
        assert!(!run(&mut client, command).is_error(), "{command} of {line}");
    }
    let mut watchers = KEYS.map(|key| {
        let mut watcher = server.client();
        run(&mut watcher, &format!("WATCH {key}"));
        watcher
    });
    let mut tracker = server.client();
    run(&mut tracker, "HELLO 3");
    run(&mut tracker, "CLIENT TRACKING ON");
    run(&mut tracker, "EXISTS a b c");
    let mut hearer = server.client();
    run(&mut hearer, "HELLO 3");
    run(&mut hearer, "CLIENT TRACKING ON BCAST");
    run(&mut client, last);
    let mut broken = String::new();
    for (key, watcher) in KEYS.iter().zip(&mut watchers) {
        run(watcher, "MULTI");
        if matches!(run(watcher, "EXEC"), Value::Null(_)) {
            broken += key;
        }
    }
    let (told, heard) = (pushes(&mut tracker), pushes(&mut hearer));
    format!("watched {broken}, told {told:?}, broadcast {heard:?}")
}

/// The messages that have come to a client; the keys of one command in any order.
fn pushes(client: &mut Client) -> Vec<Value> {
    let mut pushes = vec![run(client, "PING")];
    while !pushes.last().is_some_and(|value| value.is_status("PONG")) {
        pushes.push(client.read().expect("a reply behind the messages"));
    }
    pushes.sort();
    pushes
}

fn run(client: &mut Client, line: &str) -> Value {
    let words = split_words(line.as_bytes()).expect("balanced quotes");
    client.call(&words)
}

const KEYS: [&str; 3] = ["a", "b", "c"];

const CASES: &str = r#"
    SET a 1
    SET a 1; SET a 1
    SET a 1; SET a 2 NX
    SET a 1; SET a 2 XX GET
    SET a 1; SET a 1 KEEPTTL
    SET a 1 PX 1; SET a 2
    SET a 1; GETSET a 1
    SET a 1; SETNX a 1
    SETNX a 1
    SET a 1; MSETNX a 1 b 2
    MSETNX a 1 b 2
    MSET a 1 b 2
    SET a 1; SETEX a 100 1
    SET a x; APPEND a ""
    APPEND a ""
    SET a x; APPEND a y
    SET a x; SETRANGE a 0 ""
    SETRANGE a 0 ""
    SET a x; SETRANGE a 0 x
    SET a x; SETRANGE a -1 x
    SET a 1; INCRBY a 0
    SET a x; INCR a
    INCR a
    SET a 1; INCRBYFLOAT a 0
    SET a 1; GETEX a
    SET a 1; GETEX a PERSIST
    SET a 1 EX 100; GETEX a PERSIST
    SET a 1; GETEX a EX 100
    SET a 1; GETEX a PXAT 1
    SET a 1; GETDEL a
    GETDEL a
    SET a 1; GET a
    SET a 1; SETBIT a 1 0
    SET a 1; SETBIT a 1 1
    SETBIT a 1 0
    SET a 1; BITFIELD a GET u8 0
    SET a 1; BITFIELD a SET u8 0 49
    SET a 1; BITFIELD a OVERFLOW FAIL INCRBY u8 0 255
    SET a 1; BITOP AND b a
    SET b 1; BITOP AND b a
    BITOP AND b a
    DEL a
    SET a 1; DEL a b
    SET a 1; UNLINK a b
    SET a 1; EXPIRE a 100
    EXPIRE a 100
    SET a 1; EXPIRE a -1
    SET a 1 EX 100; EXPIRE a 200 NX
    SET a 1 EX 100; EXPIRE a 50 LT
    SET a 1 EX 100; EXPIRE a 50 GT
    SET a 1; PERSIST a
    SET a 1 EX 100; PERSIST a
    SET a 1; RENAME a b
    SET a 1; RENAME a a
    SET a 1; SET b 1; RENAME a b
    RENAME a b
    SET a 1; SET b 1; RENAMENX a b
    SET a 1; RENAMENX a b
    SET a 1; COPY a b
    SET a 1; SET b 1; COPY a b
    SET a 1; SET b 1; COPY a b REPLACE
    SET a 1; COPY a b DB 1
    SET a 1; MOVE a 1
    MOVE a 1
    SET a 1; SELECT 1; SET a 2; SELECT 0; MOVE a 1
    SET a 1; TOUCH a
    SET a 1; OBJECT ENCODING a
    SET a 1; SORT a BY nosort STORE b
    RPUSH a 1; SORT a STORE b
    SET b 1; SORT a STORE b
    SORT a STORE b
    RPUSH a 2 1; SORT a STORE a
    SET a 1; FLUSHALL
    SET a 1; FLUSHDB
    SET a 1; SELECT 1; FLUSHDB
    SET a 1; SELECT 1; SET b 1; SWAPDB 0 1
    SET a 1; SELECT 1; SET a 1; SWAPDB 0 1
    SET a 1; SWAPDB 1 2
    SET a 1; SWAPDB 0 0
    SET a 1; SELECT 1; SET a 2
    RPUSH a 1
    RPUSH a 1; LPUSHX a 2
    LPUSHX a 2
    RPUSH a 1; LSET a 0 1
    RPUSH a 1; LSET a 5 1
    RPUSH a 1; LREM a 0 x
    RPUSH a 1; LREM a 0 1
    RPUSH a 1 2; LTRIM a 0 -1
    RPUSH a 1 2; LTRIM a 1 0
    LTRIM a 1 0
    RPUSH a 1; LINSERT a BEFORE x y
    RPUSH a 1; LINSERT a BEFORE 1 y
    RPUSH a 1; LPOP a
    RPUSH a 1; LPOP a 0
    LPOP a
    RPUSH a 1 2; RPOP a 2
    RPUSH a 1; LMOVE a b LEFT RIGHT
    RPUSH a 1 2; LMOVE a a LEFT RIGHT
    RPUSH a 1; LMOVE a a LEFT RIGHT
    LMOVE a b LEFT RIGHT
    RPUSH b 1; LMPOP 3 a b c LEFT
    RPUSH b 1; BLPOP a b c 1
    RPUSH a 1; BLMOVE a b LEFT LEFT 1
    RPUSH a 1; RPOPLPUSH a b
    SADD a x
    SADD a x; SADD a x
    SADD a x; SREM a y
    SADD a x; SREM a x
    SADD a x; SMOVE a b x
    SADD a x; SADD b x; SMOVE a b x
    SADD a x; SMOVE a b y
    SADD a x; SMOVE a a x
    SADD a x; SPOP a
    SADD a x y z; SPOP a 2
    SADD a x y z; SPOP a 0
    SPOP a
    SADD a x; SRANDMEMBER a
    SADD a x; SUNIONSTORE b a
    SADD b x; SUNIONSTORE b a
    SUNIONSTORE b a
    SADD a x; SINTERSTORE b a c
    SADD a x; SADD b x; SINTERSTORE b a c
    SADD a x; SADD b x; SDIFFSTORE a a b
    HSET a f v
    HSET a f v; HSET a f v
    HSET a f v; HSETNX a f v
    HSET a f v; HDEL a g
    HSET a f v; HDEL a f
    HSET a f 1; HINCRBY a f 0
    HSET a f v; HINCRBY a f 1
    HSET a f 1; HINCRBYFLOAT a f 0
    HSET a f v; HGETALL a
    ZADD a 1 x
    ZADD a 1 x; ZADD a 1 x
    ZADD a 1 x; ZADD a CH 2 x
    ZADD a 1 x; ZADD a NX 2 x
    ZADD a 1 x; ZADD a GT 0 x
    ZADD a XX 1 x
    ZADD a 1 x; ZINCRBY a 0 x
    ZADD a 1 x; ZREM a y
    ZADD a 1 x; ZREM a x
    ZADD a 1 x; ZREMRANGEBYSCORE a 5 6
    ZADD a 1 x; ZREMRANGEBYRANK a 0 0
    ZADD a 1 x; ZREMRANGEBYLEX a [y [z
    ZADD a 1 x; ZPOPMIN a
    ZADD a 1 x; ZPOPMIN a 0
    ZPOPMAX a
    ZADD b 1 x; BZPOPMIN a b 1
    ZADD b 1 x; ZMPOP 2 a b MIN
    ZADD a 1 x; ZUNIONSTORE b 1 a
    ZADD b 1 x; ZUNIONSTORE b 1 a
    ZUNIONSTORE b 1 a
    ZADD a 1 x; ZRANGESTORE b a 0 -1
    ZADD b 1 x; ZRANGESTORE b a 0 -1
    ZADD a 1 x; ZDIFFSTORE b 2 a c
    ZADD a 1 x; ZINTERSTORE b 2 a c
    GEOADD a 1 1 x
    GEOADD a 1 1 x; GEOADD a 1 1 x
    GEOADD a 1 1 x; GEOADD a CH 1 2 x
    GEOADD a 1 1 x; GEOSEARCHSTORE b a FROMMEMBER x BYRADIUS 1 km
    GEOADD b 1 1 x; GEORADIUS a 1 1 1 km STORE b
    PFADD a
    PFADD a x
    PFADD a x; PFADD a x
    PFADD a x; PFADD a y
    PFADD a x; PFCOUNT a
    PFADD a x; PFADD b y; PFMERGE a b
    PFADD a x; PFMERGE a a
    PFMERGE a
    XADD a 1-1 f v
    XADD a NOMKSTREAM 1-1 f v
    XADD a 1-1 f v; XADD a 1-1 f v
    XADD a 1-1 f v; XADD a 2-1 f v
    XADD a 1-1 f v; XADD a MAXLEN 0 2-1 f v
    XADD a 1-1 f v; XTRIM a MAXLEN 5
    XADD a 1-1 f v; XTRIM a MAXLEN 0
    XADD a 1-1 f v; XDEL a 2-2
    XADD a 1-1 f v; XDEL a 1-1
    XADD a 1-1 f v; XSETID a 5-5
    XADD a 1-1 f v; XGROUP CREATE a g 0
    XGROUP CREATE a g 0 MKSTREAM
    XADD a 1-1 f v; XGROUP CREATE a g 0; XGROUP CREATECONSUMER a g x
    XADD a 1-1 f v; XGROUP CREATE a g 0; XGROUP SETID a g 5
    XADD a 1-1 f v; XGROUP CREATE a g 0; XGROUP DESTROY a g
    XADD a 1-1 f v; XGROUP DESTROY a g
    XADD a 1-1 f v; XGROUP CREATE a g 0; XGROUP CREATECONSUMER a g x; XGROUP DELCONSUMER a g x
    XADD a 1-1 f v; XGROUP CREATE a g 0; XREADGROUP GROUP g x STREAMS a >
    XADD a 1-1 f v; XGROUP CREATE a g 0; XREADGROUP GROUP g x NOACK STREAMS a >
    XADD a 1-1 f v; XGROUP CREATE a g 0; XREADGROUP GROUP g x STREAMS a >; XACK a g 1-1
    XADD a 1-1 f v; XGROUP CREATE a g 0; XREADGROUP GROUP g x STREAMS a >; XCLAIM a g y 0 1-1
    XADD a 1-1 f v; XGROUP CREATE a g 0; XREADGROUP GROUP g x STREAMS a >; XAUTOCLAIM a g y 0 0
    XADD a 1-1 f v; XGROUP CREATE a g 0; XREADGROUP GROUP g x STREAMS a >; XDEL a 1-1; XAUTOCLAIM a g y 0 0
    XADD a 1-1 f v; XREAD STREAMS a 0
    SET a 1; SET b 1; RESTORE b 0 x REPLACE
    RESTORE b 0 "\x00\xc0\x01\x0a\x00&x\xe7\xb6\xd1\x01\x11\xfc"
    SET b 1; RESTORE b 0 "\x00\xc0\x01\x0a\x00&x\xe7\xb6\xd1\x01\x11\xfc" REPLACE
    SET b 1; RESTORE b 1 "\x00\xc0\x01\x0a\x00&x\xe7\xb6\xd1\x01\x11\xfc" REPLACE ABSTTL
    RESTORE b 1 "\x00\xc0\x01\x0a\x00&x\xe7\xb6\xd1\x01\x11\xfc" ABSTTL
    SET a 1; DEBUG RELOAD
"#;
