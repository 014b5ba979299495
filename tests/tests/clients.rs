//! Client libraries of several languages, unmodified, against Redarium and a real Redis.
//!
//! Each script in `tests/clients` uses one library as an application does, and prints the name of
//! each part that held. What the parts claim is true of Redis, since they run against it too.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redis::Commands;
use redis::Connection;
use redis::ConnectionLike;

#[test]
fn redis_py() {
    let parts = [
        "connects_and_authenticates",
        "speaks_both_protocols",
        "pipelines",
        "watches",
        "publishes",
        "scans",
        "blocks",
        "streams",
        "caches",
        "tells_errors_apart",
    ];
    let python = root().join("target/redis-py/bin/python");
    check(&python, "redis_py.py", &parts, &["caches: needs Redis 7.4"]);
}

#[test]
fn node_redis() {
    let parts = [
        "connectsAndAuthenticates",
        "speaksBothProtocols",
        "pipelines",
        "watches",
        "publishes",
        "scans",
        "blocks",
        "caches",
    ];
    check(Path::new("node"), "node_redis.js", &parts, &[]);
}

#[test]
fn ioredis() {
    let parts = [
        "connectsAndAuthenticates",
        "pipelines",
        "watches",
        "publishes",
        "scans",
        "blocks",
        "monitors",
        "tracks",
    ];
    check(Path::new("node"), "ioredis.js", &parts, &[]);
}

/// Redarium holds all the parts. The Redis at hand may be too old for some: the script says so.
fn check(interpreter: &Path, script: &str, parts: &[&str], too_new: &[&str]) {
    for program in [Program::Redis, Program::Redarium] {
        let server = guarded(program);
        let output = Command::new(interpreter)
            .arg(root().join("tests/clients").join(script))
            .args([&server.port().to_string(), PASSWORD])
            .stderr(Stdio::inherit())
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}. {INSTALL}", interpreter.display()));
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{script} with {program} after {printed:?}. {INSTALL}");
        let held = printed.lines().map(|line| match program {
            Program::Redis if too_new.contains(&line) => line.split(':').next().unwrap_or(line),
            _ => line,
        });
        assert_eq!(held.collect::<Vec<_>>(), parts, "{script} with {program}");
    }
}

/// The `redis` crate.
mod rust {
    use super::*;

    #[test]
    fn connects_and_authenticates() {
        each(|server| {
            let wrong = redis::Client::open(address(server, "", "wrong")).expect("an address");
            assert!(wrong.get_connection().is_err(), "a wrong password was taken");
            assert!(connect(server, "").check_connection());
        });
    }

    #[test]
    fn speaks_both_protocols() {
        each(|server| {
            for options in ["", "?protocol=resp3"] {
                let mut client = connect(server, options);
                let () = client.hset("h", "field", 1).expect("HSET");
                let () = client.zadd("z", "member", 1.5).expect("ZADD");
                let fields: Vec<(String, i64)> = client.hgetall("h").expect("HGETALL");
                assert_eq!(fields, [("field".to_owned(), 1)]);
                let scores: Vec<(String, f64)> =
                    client.zrange_withscores("z", 0, -1).expect("ZRANGE");
                assert_eq!(scores, [("member".to_owned(), 1.5)]);
                assert_eq!(client.get::<_, Option<String>>("missing"), Ok(None));
            }
        });
    }

    #[test]
    fn pipelines() {
        each(|server| {
            let mut pipe = redis::pipe();
            for n in 0..1000 {
                pipe.set(format!("p:{n}"), n).ignore().incr(format!("p:{n}"), 1);
            }
            let replies: Vec<i64> = pipe.query(&mut connect(server, "")).expect("the replies");
            assert_eq!(replies, (1..=1000).collect::<Vec<_>>());
        });
    }

    #[test]
    fn retries_transactions() {
        each(|server| {
            let (mut client, mut other) = (connect(server, ""), connect(server, ""));
            let mut attempts = 0;
            let (balance,): (i64,) =
                redis::transaction(&mut client, &["balance"], |client, pipe| {
                    attempts += 1;
                    let before: Option<i64> = client.get("balance")?;
                    if attempts == 1 {
                        let () = other.set("balance", 99)?;
                    }
                    pipe.set("balance", before.unwrap_or(0) - 1)
                        .ignore()
                        .get("balance")
                        .query(client)
                })
                .expect("the second attempt runs");
            assert_eq!((attempts, balance), (2, 98));
        });
    }

    #[test]
    fn publishes() {
        each(|server| {
            let (mut client, mut listening) = (connect(server, ""), connect(server, ""));
            let mut subscriber = listening.as_pubsub();
            subscriber.subscribe("news").expect("SUBSCRIBE");
            subscriber.psubscribe("n*").expect("PSUBSCRIBE");
            assert_eq!(client.publish::<_, _, i64>("news", "hello"), Ok(2));
            for pattern in [None, Some("n*".to_owned())] {
                let message = subscriber.get_message().expect("a message");
                let heard: (Option<String>, String) = (
                    message.get_pattern().expect("a pattern"),
                    message.get_payload().expect("text"),
                );
                assert_eq!(heard, (pattern, "hello".to_owned()));
            }
        });
    }

    #[test]
    fn scans() {
        each(|server| {
            let mut client = connect(server, "");
            for n in 0..500 {
                let () = client.set(format!("scan:{n}"), n).expect("SET");
            }
            let found = client.scan_match::<_, String>("scan:*").expect("SCAN");
            let mut keys: Vec<String> = found.map(|key| key.expect("a key")).collect();
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), 500);
        });
    }

    #[test]
    fn blocks() {
        each(|server| {
            let (mut client, mut other) = (connect(server, ""), connect(server, ""));
            let pusher = thread::spawn(move || {
                thread::sleep(Duration::from_millis(50));
                other.rpush::<_, _, i64>("queue", "job").expect("RPUSH")
            });
            let popped: Option<(String, String)> = client.blpop("queue", 5.0).expect("BLPOP");
            assert_eq!(popped, Some(("queue".to_owned(), "job".to_owned())));
            assert_eq!(pusher.join().expect("the pusher ends"), 1);
            assert_eq!(client.blpop::<_, Option<(String, String)>>("queue", 0.01), Ok(None));
        });
    }

    fn each(part: impl Fn(&Server)) {
        for program in [Program::Redis, Program::Redarium] {
            part(&guarded(program));
        }
    }

    fn connect(server: &Server, options: &str) -> Connection {
        let client = redis::Client::open(address(server, options, PASSWORD)).expect("an address");
        client.get_connection().unwrap_or_else(|error| panic!("{}: {error}", server.program()))
    }

    fn address(server: &Server, options: &str, password: &str) -> String {
        format!("redis://:{password}@127.0.0.1:{}/{options}", server.port())
    }
}

fn guarded(program: Program) -> Server {
    Setup::new(program).args(["--requirepass", PASSWORD]).start()
}

fn root() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    folder.expect("the tests are a folder of the repository").to_owned()
}

const PASSWORD: &str = "correct-horse";
const INSTALL: &str = "`cargo xtask test` installs the libraries: redis-py under target/ with Python's pip, \
     node-redis and ioredis under tests/clients with npm";
