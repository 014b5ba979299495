//! Keys wander between Redarium and a real Redis, by MIGRATE and by hand.

use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

use redarium_tests::client::Client;
use redarium_tests::generator::Generator;
use redarium_tests::generator::Subject;
use redarium_tests::ports::Port;
use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::snapshot::Snapshot;
use redarium_tests::value::Value;
use redarium_tests::version::Version;

const PAIRINGS: [(Program, Program); 3] = [
    (Program::Redarium, Program::Redis),
    (Program::Redis, Program::Redarium),
    (Program::Redarium, Program::Redarium),
];

#[test]
fn whatever_random_commands_leave_moves_to_the_other_server() {
    for (near, far) in PAIRINGS {
        let (source, target) = (Setup::new(near).start(), Setup::new(far).start());
        let mut client = source.client();
        for seed in 1..=SEEDS {
            leave_keys(&mut client, seed);
            let held = Snapshot::of(&mut client).without_encodings();
            assert!(!held.is_empty(), "seed {seed} leaves nothing to move");
            for database in 0..DATABASES {
                move_all(&mut client, &target, database);
            }
            let moved = Snapshot::of(&mut target.client()).without_encodings();
            let differences = held.differences(&moved, SLACK_MS);
            assert!(differences.is_empty(), "{near} to {far}, seed {seed}: {differences:#?}");
            assert!(Snapshot::of(&mut client).is_empty(), "{near} to {far}, seed {seed}");
            target.client().call(&["FLUSHALL"]);
        }
    }
}

fn leave_keys(client: &mut Client, seed: u64) {
    // Scores are printed in more digits by older servers that read them from a payload.
    let subjects = Subject::all(Version::of("7.0.15")).into_iter();
    let subjects: Rc<[Subject]> = subjects.filter(|subject| !has_scores(&subject.name)).collect();
    let mut generator = Generator::new(seed, subjects);
    for _ in 0..COMMANDS {
        client.call(&generator.request().words);
    }
    // The last requests may have been queued for an EXEC that is still to come.
    client.call(&["DISCARD"]);
}

fn has_scores(command: &str) -> bool {
    ["z", "bz", "geo"].iter().any(|prefix| command.starts_with(prefix))
}

fn move_all(client: &mut Client, target: &Server, database: usize) {
    let database = database.to_string();
    client.call(&["SELECT", &database]);
    let keys = client.call(&["KEYS", "*"]);
    if keys.items().is_empty() {
        return;
    }
    let port = target.port().to_string();
    let head = ["MIGRATE", "127.0.0.1", &port, "", &database, "5000", "KEYS"];
    let mut words: Vec<Vec<u8>> = head.iter().map(|word| word.as_bytes().to_vec()).collect();
    words.extend(keys.items().iter().map(|key| match key {
        Value::Bulk(key) => key.clone(),
        other => panic!("KEYS lists {other:?}"),
    }));
    let reply = client.call(&words);
    let stayed = client.call(&["KEYS", "*"]);
    assert!(reply.is_status("OK"), "{reply:?}; {stayed:?} stay");
}

/// The same conversation whoever is on either side: what is typed at which, and the reply.
const CONVERSATION: &[(bool, &str, &str)] = &[
    (true, "SET k v EX 1000", "+OK"),
    (true, "MIGRATE 127.0.0.1 PORT k 3 1000 COPY", "+OK"),
    (true, "MIGRATE 127.0.0.1 PORT k 3 1000", BUSY),
    (true, "GET k", "\"v\""),
    (true, "MIGRATE 127.0.0.1 PORT k 3 1000 REPLACE", "+OK"),
    (true, "EXISTS k", ":0"),
    (false, "SELECT 3", "+OK"),
    (false, "TTL k", ":1000"),
    (true, "MIGRATE 127.0.0.1 PORT k 3 1000", "+NOKEY"),
    (true, "MIGRATE 127.0.0.1 PORT \"\" 3 1000 KEYS a b", "+NOKEY"),
    (true, "MSET a 1 b 2", "+OK"),
    (false, "SET b x", "+OK"),
    (true, "MIGRATE 127.0.0.1 PORT \"\" 3 1000 KEYS a b", BUSY),
    (true, "EXISTS a", ":0"),
    (true, "EXISTS b", ":1"),
    (
        true,
        "MIGRATE 127.0.0.1 PORT b 99 1000",
        "-ERR Target instance replied with error: ERR DB index is out of range",
    ),
    (
        true,
        "MIGRATE 127.0.0.1 PORT b 3 1000 AUTH pw",
        "-ERR Target instance replied with error: ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
    ),
    (true, "MIGRATE 127.0.0.1 PORT c 3 1000 AUTH", "-ERR syntax error"),
    (true, "MIGRATE 127.0.0.1 PORT c 3 1000 NOPE", "-ERR syntax error"),
    (true, "MIGRATE 127.0.0.1 PORT c 3 x", "-ERR value is not an integer or out of range"),
    (true, "MIGRATE 127.0.0.1 PORT c x 1", "-ERR value is not an integer or out of range"),
    (
        true,
        "MIGRATE 127.0.0.1 PORT c 3 1000 KEYS a",
        "-ERR When using MIGRATE KEYS option, the key argument must be set to the empty string",
    ),
    (true, "MIGRATE 127.0.0.1", "-ERR wrong number of arguments for \\'migrate\\' command"),
    (false, "CONFIG SET requirepass secret", "+OK"),
    (
        true,
        "MIGRATE 127.0.0.1 PORT b 3 1000 REPLACE AUTH wrong",
        "-ERR Target instance replied with error: WRONGPASS invalid username-password pair or user is disabled.",
    ),
    (true, "MIGRATE 127.0.0.1 PORT b 3 1000 REPLACE AUTH secret", "+OK"),
    (true, "SET b 3", "+OK"),
    (true, "MIGRATE 127.0.0.1 PORT b 3 1000 REPLACE AUTH2 default secret", "+OK"),
    (false, "GET b", "\"3\""),
    (true, "ZADD z 1 a 2.5 b", ":2"),
    (true, "MIGRATE 127.0.0.1 PORT z 3 1000 AUTH secret", "+OK"),
    (false, "ZRANGE z 0 -1 WITHSCORES", "[\"a\", \"1\", \"b\", \"2.5\"]"),
    (true, "SET d 1", "+OK"),
    (
        true,
        "MIGRATE 127.0.0.1 NOBODY d 0 1000",
        "-IOERR error or timeout writing to target instance",
    ),
    (
        true,
        "MIGRATE 127.0.0.1 SILENT d 0 100",
        "-IOERR error or timeout reading to target instance",
    ),
    (true, "GET d", "\"1\""),
];

const BUSY: &str =
    "-ERR Target instance replied with error: BUSYKEY Target key name already exists.";

#[test]
fn every_pair_says_the_same_about_it() {
    let pairings = PAIRINGS.into_iter().chain([(Program::Redis, Program::Redis)]);
    // Connections to it wait in its backlog for ever.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let silent_port = silent.local_addr().expect("it is bound").port().to_string();
    let nobody = Port::reserve().number().to_string();
    for (near, far) in pairings {
        let (source, target) = (Setup::new(near).start(), Setup::new(far).start());
        let (mut source_client, mut target_client) = (source.client(), target.client());
        let port = target.port().to_string();
        for (at_source, line, expect) in CONVERSATION {
            let line = line.replace("PORT", &port).replace("SILENT", &silent_port);
            let line = line.replace("NOBODY", &nobody).replace("\"\"", "\u{0}");
            let words: Vec<String> =
                line.split(' ').map(|word| word.replace('\u{0}', "")).collect();
            let client = if *at_source { &mut source_client } else { &mut target_client };
            let reply = format!("{:?}", client.call(&words));
            assert_eq!(reply, *expect, "{near} to {far}: {line}");
        }
    }
}

/// Redis stops meanwhile; here only the caller waits.
#[test]
fn others_are_served_while_a_key_is_under_way() {
    let server = Setup::new(Program::Redarium).start();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("it is bound").port().to_string();
    let (mut caller, mut other) = (server.client(), server.client());
    other.call(&["MSET", "k", "v", "l", "w"]);
    caller
        .send_raw(format!("MIGRATE 127.0.0.1 {port} k 0 300\r\n").as_bytes())
        .expect("it is read");
    let (_stream, _) = silent.accept().expect("it connects");
    assert_eq!(other.call(&["GET", "k"]).text(), "v");
    assert!(other.call(&["SET", "l", "x"]).is_status("OK"));
    other.send_raw(b"SET k x\r\n").expect("it is read");
    assert!(other.is_silent(Duration::from_millis(50)), "it writes to a key under way");
    assert!(caller.read().expect("a reply").is_error());
    assert!(other.read().expect("a reply").is_status("OK"));
}

const SEEDS: u64 = 3;
const COMMANDS: usize = 1500;
const DATABASES: usize = 16;
/// A time to live is told in milliseconds from then on.
const SLACK_MS: u64 = 5000;
