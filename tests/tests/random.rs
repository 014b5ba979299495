//! Random commands: Redarium answers as Redis does, and however the bytes are cut.
//!
//! A failure prints its seed; `REDARIUM_SEED=n` runs that one alone.

use std::env;

use redarium_tests::client::Client;
use redarium_tests::client::encode;
use redarium_tests::generator::Generator;
use redarium_tests::pair::Pair;
use redarium_tests::pair::Protocol;
use redarium_tests::program::Program;
use redarium_tests::server::Setup;
use redarium_tests::snapshot::Snapshot;
use redarium_tests::value::Value;

#[test]
fn random_commands_get_the_same_replies_and_leave_the_same_keys() {
    let pair = Pair::start(&[]);
    for seed in seeds() {
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            let mut clients = pair.clients(protocol);
            clients.redarium.call(&["FLUSHALL"]);
            clients.redis.call(&["FLUSHALL"]);
            let mut generator = Generator::new(seed);
            for number in 0..COMMANDS {
                let request = generator.request();
                if let Err(difference) = clients.check(&request.words, request.compare) {
                    panic!("seed {seed}, {protocol:?}, command {number}: {difference:#?}");
                }
            }
            let (ours, theirs) =
                (Snapshot::of(&mut clients.redarium), Snapshot::of(&mut clients.redis));
            let differences = ours.differences(&theirs, SLACK_MS);
            assert!(differences.is_empty(), "seed {seed}, {protocol:?}: {differences:#?}");
            assert!(!ours.is_empty(), "seed {seed} leaves nothing to compare");
        }
    }
}

#[test]
fn chunks_and_pipelines_change_no_reply() {
    let server = Setup::new(Program::Redarium).start();
    for seed in seeds() {
        let mut generator = Generator::new(seed);
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

fn seeds() -> Vec<u64> {
    match env::var("REDARIUM_SEED") {
        Ok(seed) => vec![seed.parse().expect("REDARIUM_SEED is a number")],
        Err(_) => (1..=SEEDS).collect(),
    }
}

const SEEDS: u64 = 4;
const COMMANDS: usize = 4000;
const PIPELINE: usize = 1500;
/// Both servers are told a relative time one after the other.
const SLACK_MS: u64 = 5_000;
