//! A server with an append-only file is killed under load, over and over: it always starts again, holds a
//! prefix of what was done, with `always` all that was acknowledged, and with `everysec` at least what was
//! acknowledged two seconds before.
//!
//! Several clients add to one list, in transactions and in pipelines; the reply says at which place an element
//! stands, so that the list found later can be compared with what each was told. Now and then the log is
//! rewritten meanwhile. `cargo xtask crash` does it more often: `REDARIUM_ROUNDS` says how many times under each
//! policy, and `REDARIUM_POLICY` names the only one.

use std::env;
use std::io;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use redarium_tests::client::Client;
use redarium_tests::client::encode;
use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;

#[test]
fn kill_leaves_what_was_acknowledged_under_always_and_a_prefix_under_any_policy() {
    let rounds = env::var("REDARIUM_ROUNDS").map_or(4, |text| text.parse().expect("a number"));
    let one = env::var("REDARIUM_POLICY").ok();
    for policy in ["always", "everysec", "no"] {
        if one.as_ref().is_none_or(|one| one == policy) {
            kill_again_and_again(policy, rounds);
        }
    }
}

fn kill_again_and_again(policy: &str, rounds: u64) {
    let mut tally = Tally::default();
    let mut server = start(policy);
    for round in 0..rounds {
        if round > 0 && round % ROUNDS_PER_LOG == 0 {
            println!("{policy}: {round} of {rounds} kills: {tally:?}");
            server = start(policy);
        }
        let run = run_until_killed(&mut server, round);
        server.restart();
        let list = server.client().call(&["LRANGE", "log", "0", "-1"]);
        let held: Vec<String> = list.items().iter().map(|item| item.text()).collect();
        assert_is_prefix(&held, &run.told, round);
        assert_transactions_are_whole(&mut server.client(), &held);
        tally.add(&run, held.len());
        assert!(policy != "always" || tally.lost == 0, "{policy}, round {round}: {tally:?}");
        let seconds = tally.oldest_lost.as_secs();
        assert!(policy != "everysec" || seconds < 2, "{policy}, round {round}: {tally:?}");
    }
    println!("{policy}: {rounds} kills: {tally:?}");
}

/// What was seen under a policy.
#[derive(Debug, Default)]
struct Tally {
    acknowledged: usize,
    lost: usize,
    /// How long before the kill the oldest of them was acknowledged.
    oldest_lost: Duration,
    /// Written before the kill, but not acknowledged any more.
    unheard: usize,
}

impl Tally {
    fn add(&mut self, run: &Run, held: usize) {
        self.acknowledged += run.told.len();
        let highest = run.told.iter().map(|told| told.place).max().unwrap_or(0);
        self.unheard += held.saturating_sub(highest);
        for told in run.told.iter().filter(|told| told.place > held) {
            self.lost += 1;
            let age = run.killed_at.saturating_duration_since(told.at);
            self.oldest_lost = self.oldest_lost.max(age);
        }
    }
}

/// What clients were told before the server died.
struct Run {
    told: Vec<Told>,
    killed_at: Instant,
}

/// An acknowledged element: what it is and, counted from 1, where it stands.
struct Told {
    element: String,
    place: usize,
    at: Instant,
}

/// Lets clients write until the server is killed, at a moment that the round decides.
fn run_until_killed(server: &mut Server, round: u64) -> Run {
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let client = server.client();
            thread::spawn(move || write_until_gone(client, &format!("{round}-{writer}")))
        })
        .collect();
    thread::sleep(Duration::from_micros(20_000 + round * 7_919 % 60_000));
    if round % 3 == 2 {
        // It may be under way still when the end comes.
        let reply = server.client().call(&["BGREWRITEAOF"]);
        assert!(!reply.is_error(), "{reply:?}");
        thread::sleep(Duration::from_micros(round * 1_237 % 30_000));
    }
    let killed_at = Instant::now();
    server.kill();
    let told = writers.into_iter().flat_map(|writer| writer.join().expect("a writer"));
    Run { told: told.collect(), killed_at }
}

/// Adds numbered elements, several transactions at a time; what was acknowledged.
fn write_until_gone(mut client: Client, name: &str) -> Vec<Told> {
    let mut told = Vec::new();
    for first in (1..).step_by(PIPELINE) {
        let elements = (first..first + PIPELINE).map(|number| format!("{name}-{number}"));
        let elements: Vec<String> = elements.collect();
        let requests = elements.iter().flat_map(|element| transaction(name, element));
        let requests: Vec<u8> = requests.collect();
        if client.send_raw(&requests).is_err() {
            break;
        }
        for element in elements {
            match read_place(&mut client) {
                Ok(place) => told.push(Told { element, place, at: Instant::now() }),
                Err(_) => return told,
            }
        }
    }
    told
}

fn transaction(name: &str, element: &str) -> Vec<u8> {
    let last = format!("last-{name}");
    [&["MULTI"][..], &["RPUSH", "log", element], &["SET", &last, element], &["EXEC"]]
        .map(encode)
        .concat()
}

/// Reads the replies of one transaction.
fn read_place(client: &mut Client) -> io::Result<usize> {
    for _ in 0..3 {
        client.read()?;
    }
    let results = client.read()?;
    let [place, _] = results.items() else { panic!("EXEC gives {results:?}") };
    Ok(usize::try_from(place.integer()).expect("a place"))
}

/// What was acknowledged and is held stands where it was said to; and of each writer nothing is missing in
/// between.
fn assert_is_prefix(held: &[String], told: &[Told], round: u64) {
    for told in told.iter().filter(|told| told.place <= held.len()) {
        assert_eq!(held[told.place - 1], told.element, "round {round}");
    }
    for writer in 0..WRITERS {
        let prefix = format!("{round}-{writer}-");
        let numbers = held.iter().filter_map(|element| element.strip_prefix(&prefix));
        for (index, number) in numbers.enumerate() {
            assert_eq!(number, (index + 1).to_string(), "round {round}, writer {writer}");
        }
    }
}

/// The last element of each writer is what its transaction set too.
fn assert_transactions_are_whole(client: &mut Client, held: &[String]) {
    let mut seen = Vec::new();
    for element in held.iter().rev() {
        let (name, _) = element.rsplit_once('-').expect("a name and a number");
        if !seen.contains(&name) {
            seen.push(name);
            assert_eq!(client.call(&["GET", &format!("last-{name}")]).text(), *element);
        }
    }
    let lasts = client.call(&["KEYS", "last-*"]);
    assert_eq!(lasts.items().len(), seen.len(), "a transaction is torn: {lasts:?}");
}

fn start(policy: &str) -> Server {
    let args = ["--appendonly", "yes", "--appendfsync", policy];
    Setup::new(Program::Redarium).args(args).start()
}

const WRITERS: usize = 4;
const PIPELINE: usize = 10;

/// Then it begins anew, lest ever more time goes into loading.
const ROUNDS_PER_LOG: u64 = 20;
