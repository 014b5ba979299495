//! Random requests: the answers do not depend on how the bytes are cut, and what they leave reaches
//! replicas and files.
//!
//! A failure prints its seed; `REDARIUM_SEED=n` runs that one alone.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::rc::Rc;

use redarium_tests::client::Client;
use redarium_tests::client::encode;
use redarium_tests::generator::Generator;
use redarium_tests::generator::Subject;
use redarium_tests::payloads::Payloads;
use redarium_tests::program::Program;
use redarium_tests::server::Setup;
use redarium_tests::snapshot::Snapshot;
use redarium_tests::value::Value;
use redarium_tests::version::Version;

#[test]
fn chunks_and_pipelines_change_no_reply() {
    let server = Setup::new(Program::Redarium).start();
    for seed in seeds() {
        let mut generator = Generator::new(seed, subjects());
        let requests: Vec<Vec<u8>> =
            (0..PIPELINE).map(|_| encode(&generator.repeatable_request().words)).collect();
        let stream = requests.concat();
        let mut client = server.client();
        let mut one_by_one = Vec::new();
        client.call(&["FLUSHALL"]);
        for request in &requests {
            one_by_one.extend(replies(&mut client, &[request], 1));
        }
        for pieces in [vec![&stream[..]], cut(&stream, &mut generator)] {
            let mut client = server.client();
            client.call(&["FLUSHALL"]);
            let received = replies(&mut client, &pieces, PIPELINE);
            let differing =
                one_by_one.iter().zip(&received).position(|(left, right)| left != right);
            if let Some(at) = differing {
                let request = requests[at].escape_ascii();
                let (alone, piped) = (&one_by_one[at], &received[at]);
                panic!(
                    "seed {seed}: {request} alone gets {alone:?}, in {} pieces {piped:?}",
                    pieces.len()
                );
            }
        }
    }
}

#[test]
fn what_random_commands_leave_is_replicated_saved_and_loaded() {
    let pairings = [(Program::Redarium, Program::Redis), (Program::Redis, Program::Redarium)];
    for (near, far) in pairings {
        let master = Setup::new(near).args(["--repl-diskless-sync-delay", "0"]).start();
        let replica = Setup::new(far).replica_of(master.port()).start();
        let mut client = master.client();
        for seed in seeds() {
            let mut generator = Generator::new(seed, subjects());
            let mut payloads = Payloads::default();
            for _ in 0..COMMANDS {
                let request = generator.request();
                if grows_in_secret(&request.words) {
                    continue;
                }
                let reply = client.call(&payloads.fill(&request).0);
                payloads.keep(&request.words, &reply, &reply);
            }
            assert_eq!(client.call(&["WAIT", "1", "10000"]).integer(), 1, "the replica keeps up");
            let held = Snapshot::of(&mut client).without_encodings();
            let copied = Snapshot::of(&mut replica.client()).without_encodings();
            let differences = held.differences(&copied, 0);
            assert!(differences.is_empty(), "{near} to {far}, seed {seed}: {differences:#?}");
            assert!(client.call(&["SAVE"]).is_status("OK"));
            let file = fs::read(master.path("dump.rdb")).expect("the file");
            let loaded = Setup::new(far).file("dump.rdb", &file).start();
            let loaded = Snapshot::of(&mut loaded.client()).without_encodings();
            let differences = held.differences(&loaded, 0);
            assert!(differences.is_empty(), "{near} to {far}, seed {seed}: {differences:#?}");
        }
    }
}

/// A BITFIELD whose writes all fail may have made its string longer, which Redis does not tell its
/// replicas.
fn grows_in_secret(words: &[Vec<u8>]) -> bool {
    let has = |word: &[u8]| words.iter().any(|other| other.eq_ignore_ascii_case(word));
    has(b"BITFIELD") && has(b"FAIL")
}

#[test]
fn scan_finds_every_key_that_was_there_throughout() {
    for program in [Program::Redis, Program::Redarium] {
        let server = Setup::new(program).start();
        let mut client = server.client();
        for number in 0..2_000 {
            client.call(&["SET", &format!("stays:{number}"), "v"]);
        }
        for seed in seeds() {
            let mut generator = Generator::new(seed, subjects());
            let (mut found, mut cursor, mut round) = (BTreeSet::new(), "0".to_owned(), 0);
            loop {
                let reply = client.call(&["SCAN", &cursor, "COUNT", "25"]);
                found.extend(reply.items()[1].items().iter().map(Value::text));
                cursor = reply.items()[0].text();
                if cursor == "0" {
                    break;
                }
                // Meanwhile the keyspace grows to a multiple and shrinks again.
                for _ in 0..40 {
                    round += 1;
                    let key = format!("passes:{}", generator.below(20_000));
                    let command = if round % 3_000 < 1_800 { "SET" } else { "UNLINK" };
                    let words: &[&str] =
                        if command == "SET" { &["SET", &key, "v"] } else { &["UNLINK", &key] };
                    client.call(words);
                }
            }
            let missed = (0..2_000).filter(|number| !found.contains(&format!("stays:{number}")));
            assert_eq!(missed.collect::<Vec<_>>(), [0_i32; 0], "{program}, seed {seed}");
        }
    }
}

/// Sends the pieces and then reads so many replies.
fn replies<T: AsRef<[u8]>>(client: &mut Client, pieces: &[T], count: usize) -> Vec<Value> {
    for piece in pieces {
        client.send_raw(piece.as_ref()).expect("the server reads on");
    }
    (0..count).map(|_| client.read().expect("a reply")).collect()
}

/// The stream in pieces of one byte to a few hundred.
fn cut<'a>(mut stream: &'a [u8], generator: &mut Generator) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    while !stream.is_empty() {
        let longest = if generator.below(2) == 0 { 8 } else { 400 };
        let len = (1 + generator.below(longest)).min(stream.len());
        let (piece, rest) = stream.split_at(len);
        pieces.push(piece);
        stream = rest;
    }
    pieces
}

fn subjects() -> Rc<[Subject]> {
    Subject::all(Version::of("7.0.15")).into()
}

fn seeds() -> Vec<u64> {
    match env::var("REDARIUM_SEED") {
        Ok(seed) => vec![seed.parse().expect("REDARIUM_SEED is a number")],
        Err(_) => (1..=SEEDS).collect(),
    }
}

const SEEDS: u64 = 4;
const COMMANDS: usize = 4000;
const PIPELINE: usize = 1500;
