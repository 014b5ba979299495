//! Keyspace events: the same generated requests make the same events on Redarium as on Redis, in the
//! same order.
//!
//! Each server has a listener. Behind each request the same connection publishes a mark, so that
//! what lies between two marks is what the request made happen. A failure prints its seed;
//! `REDARIUM_SEED=n` plays that round alone.

use std::collections::BTreeMap;
use std::env;
use std::rc::Rc;

use redarium_tests::client::Client;
use redarium_tests::client::encode;
use redarium_tests::generator::Generator;
use redarium_tests::generator::Request;
use redarium_tests::generator::Subject;
use redarium_tests::pair::Both;
use redarium_tests::pair::Pair;
use redarium_tests::pair::Protocol;
use redarium_tests::payloads::Payloads;
use redarium_tests::server::Server;
use redarium_tests::value::Value;
use redarium_tests::version::Version;

#[test]
fn generated_requests_make_the_same_events() {
    let pair = Pair::start(&["--hz", "500", "--notify-keyspace-events", "KEAmn"]);
    let subjects = subjects(&mut pair.redis.client());
    let mut differences = BTreeMap::new();
    let mut events = 0;
    for seed in seeds() {
        let mut round = Round::new(&pair);
        for request in Generator::new(seed, Rc::clone(&subjects)).round(REQUESTS) {
            if request.cursor.is_some() {
                continue;
            }
            let Some((mut ours, mut theirs)) = round.play(&request) else { continue };
            events += theirs.len();
            let name = &subjects[request.subject].name;
            if UNORDERED.contains(&&**name) {
                ours.retain(|event| !event.contains("keymiss"));
                theirs.retain(|event| !event.contains("keymiss"));
            }
            if ours != theirs {
                let words: Vec<_> =
                    request.words.iter().map(|word| word.escape_ascii().to_string()).collect();
                let report = format!(
                    "seed {seed}: {}\n  redarium {ours:?}\n  redis    {theirs:?}",
                    words.join(" ")
                );
                differences.entry(name.clone()).or_insert(report);
            }
        }
    }
    let reports: Vec<&String> = differences.values().collect();
    assert!(
        reports.is_empty(),
        "{} differences:\n{}",
        reports.len(),
        reports.iter().map(|report| report.as_str()).collect::<Vec<_>>().join("\n")
    );
    assert!(events > REQUESTS, "only {events} events were compared");
}

fn seeds() -> Vec<u64> {
    match env::var("REDARIUM_SEED") {
        Ok(seed) => vec![seed.parse().expect("REDARIUM_SEED is a number")],
        Err(_) => (1..=ROUNDS).collect(),
    }
}

/// What both servers know.
fn subjects(redis: &mut Client) -> Rc<[Subject]> {
    let names = redis.call(&["COMMAND", "LIST"]);
    let mut subjects = Subject::all(Version::of("7.0"));
    subjects.retain(|subject| {
        let name = Value::Bulk(subject.name.clone().into_bytes());
        names.items().contains(&name)
    });
    subjects.into()
}

/// Connections that ask and connections that listen.
struct Round {
    clients: Both,
    listeners: Both,
    payloads: Payloads,
    marks: usize,
}

impl Round {
    fn new(pair: &Pair) -> Self {
        let mut clients = pair.clients(Protocol::Resp2);
        for client in [&mut clients.redarium, &mut clients.redis] {
            assert!(client.call(&["FLUSHALL"]).is_status("OK"));
        }
        let listeners = Both { redarium: listener(&pair.redarium), redis: listener(&pair.redis) };
        Self { clients, listeners, payloads: Payloads::default(), marks: 0 }
    }

    /// Puts a request to both servers; the events that it made, unless only one of them took it.
    fn play(&mut self, request: &Request) -> Option<(Vec<String>, Vec<String>)> {
        self.marks += 1;
        let mark = self.marks.to_string();
        let (ours, theirs) = self.payloads.fill(request);
        let (ours, is_late) = ask(&mut self.clients.redarium, &ours, &mark);
        let (theirs, _) = ask(&mut self.clients.redis, &theirs, &mark);
        self.payloads.keep(&request.words, &ours, &theirs);
        if is_late {
            return None;
        }
        let heard =
            (events(&mut self.listeners.redarium, &mark), events(&mut self.listeners.redis, &mark));
        (ours.is_error() == theirs.is_error()).then_some(heard)
    }
}

fn listener(server: &Server) -> Client {
    let mut client = server.client();
    client.call(&["SUBSCRIBE", MARKS]);
    client.call(&["PSUBSCRIBE", "__key*"]);
    client
}

/// The reply, and whether the mark has to wait for a transaction's end.
fn ask(client: &mut Client, words: &[Vec<u8>], mark: &str) -> (Value, bool) {
    let mut bytes = encode(words);
    bytes.extend(encode(&["PUBLISH", MARKS, mark]));
    client.send_raw(&bytes).expect("the server reads on");
    let reply = client.read().expect("a reply");
    let marked = client.read().expect("the mark is published, or queued");
    (reply, marked.is_status("QUEUED"))
}

/// What was heard up to the mark. Inside a transaction marks come late, and all at once.
fn events(listener: &mut Client, mark: &str) -> Vec<String> {
    let mut events = Vec::new();
    loop {
        let message = listener.read().expect("a message");
        let words: Vec<String> = message.items().iter().map(Value::text).collect();
        match &words[..] {
            [kind, _, text] if kind == "message" && text == mark => return events,
            [kind, ..] if kind == "message" => {}
            [_, _, channel, text] => events.push(format!("{channel} {text}")),
            _ => panic!("what message is {message:?}?"),
        }
    }
}

/// They look up keys for the elements of a value in the order in which it happens to keep them.
const UNORDERED: &[&str] = &["sort", "sort_ro"];

const MARKS: &str = "marks";
const REQUESTS: usize = 5_000;
const ROUNDS: u64 = 6;
