//! Every stage against the built server and against a real Redis, over TCP; and proof that a server
//! that answers wrongly, or not at all, does not pass.

use std::io::Read;
use std::net::TcpListener;
use std::net::TcpStream;
use std::thread;

use redarium_core::stage::Direction;
use redarium_core::stage::Exchange;
use redarium_core::stage::Report;
use redarium_core::stage::Stage;
use redarium_core::stage::stages;
use redarium_tests::program::Program;
use redarium_tests::stage::Outcome;
use redarium_tests::stage::replay;
use redarium_tests::stage::run;
use redarium_tests::stage::run_against;

const SEED: u64 = 20_260_321;

#[test]
fn redis_passes_every_stage() {
    assert_all_pass(Program::Redis);
}

#[test]
fn redarium_passes_every_stage() {
    assert_all_pass(Program::Redarium);
}

#[test]
fn a_stage_fails_when_any_message_is_of_another_kind() {
    let survivors = for_each_stage(|stage| {
        let Outcome { place, report, log } = run(stage, Program::Redis, SEED);
        assert!(report.passed(), "{}\n{log}", explain(stage, &report));
        let again = replay(stage, &place, SEED, &report.exchanges);
        assert!(again.passed(), "replayed: {}", explain(stage, &again));
        let mutants = (0..report.exchanges.len()).filter_map(|at| mutate(&report.exchanges, at));
        let passed = mutants.filter(|record| replay(stage, &place, SEED, record).passed());
        passed.map(|record| format!("{} passed with {:?}", stage.slug, record)).collect()
    });
    assert!(survivors.is_empty(), "{survivors:#?}");
}

#[test]
fn a_server_that_never_answers_passes_no_stage_but_the_first() {
    let passed = for_each_stage(|stage| {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("the listener's address").port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(|| swallow(stream));
            }
        });
        let passed = run_against(stage, port, SEED, 300).report.passed();
        passed.then(|| stage.slug.to_owned()).into_iter().collect()
    });
    assert_eq!(passed, ["jm1"]);
}

fn assert_all_pass(program: Program) {
    let failures = for_each_stage(|stage| {
        let Outcome { report, log, .. } = run(stage, program, SEED);
        let failure = (!report.passed()).then(|| format!("{}{log}", explain(stage, &report)));
        failure.into_iter().collect()
    });
    assert!(failures.is_empty(), "{program} fails:\n{}", failures.join("\n"));
}

/// The record with the marker of one received message turned into a push's, which no stage takes.
fn mutate(record: &[Exchange], at: usize) -> Option<Vec<Exchange>> {
    let mut record = record.to_vec();
    let exchange = record.get_mut(at)?;
    if exchange.direction == Direction::ToTarget {
        return None;
    }
    *exchange.bytes.first_mut()? = b'>';
    Some(record)
}

/// What `check` says about each stage, in order, a few stages at a time since they mostly wait.
fn for_each_stage(check: impl Fn(&'static Stage) -> Vec<String> + Sync) -> Vec<String> {
    let all: Vec<&'static Stage> = stages().collect();
    let mut found = Vec::new();
    for some in all.chunks(AT_ONCE) {
        thread::scope(|scope| {
            let threads: Vec<_> = some.iter().map(|stage| scope.spawn(|| check(stage))).collect();
            for thread in threads {
                found.extend(thread.join().expect("a check that panics fails the test"));
            }
        });
    }
    found
}

fn explain(stage: &Stage, report: &Report) -> String {
    let failure = report.failure.as_ref().map(ToString::to_string).unwrap_or_default();
    let exchanges: Vec<String> = report.exchanges.iter().map(ToString::to_string).collect();
    let (group, number, title) = (stage.group.slug(), stage.number, stage.title);
    format!("{} ({group} {number}, {title})\n{failure}\n{}\n", stage.slug, exchanges.join("\n"))
}

/// Reads until the peer leaves.
fn swallow(mut stream: TcpStream) {
    let mut chunk = [0; 1024];
    while matches!(stream.read(&mut chunk), Ok(1..)) {}
}

const AT_ONCE: usize = 8;
