//! What the node notes of the commands it ran: counts, the slow log, latency, MONITOR.

use super::Bench;
use crate::config::Config;
use crate::time::Stopwatch;

/// A node whose stopwatch moves on by 1.5 ms each time it is read.
fn bench() -> Bench {
    let mut bench = Bench::new(Config::default());
    bench.node = bench.node.timed_by(Stopwatch(|| {
        thread_local!(static READ: std::cell::Cell<u64> = const { std::cell::Cell::new(0) });
        READ.set(READ.get() + 1_500_000);
        READ.get()
    }));
    bench
}

fn section(bench: &mut Bench, name: &str) -> Vec<String> {
    let conn = bench.open();
    let text = bench.ask(conn, &format!("INFO {name}"));
    let lines = text.split("\\r\\n").filter(|line| line.contains(':'));
    lines.map(str::to_owned).collect()
}

#[test]
fn commands_are_counted_and_timed() {
    let mut bench = bench();
    let conn = bench.open();
    for line in ["SET k v", "SET k v", "LPUSH k v", "GET", "SET", "NOPE"] {
        bench.ask(conn, line);
    }
    assert_eq!(
        section(&mut bench, "commandstats"),
        [
            "cmdstat_set:calls=2,usec=3000,usec_per_call=1500.00,rejected_calls=1,failed_calls=0",
            "cmdstat_get:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0",
            "cmdstat_lpush:calls=1,usec=1500,usec_per_call=1500.00,rejected_calls=0,failed_calls=1",
        ]
    );
    bench.ask(conn, "CONFIG RESETSTAT");
    bench.ask(conn, "SET k v");
    let stats = section(&mut bench, "latencystats");
    assert_eq!(stats[0], "latency_percentiles_usec_set:p50=1507.327,p99=1507.327,p99.9=1507.327");
}

/// In a pipeline the same short commands share their time; others have their own.
#[test]
fn short_commands_of_a_pipeline_are_timed_together() {
    let mut bench = bench();
    let conn = bench.open();
    for (threshold, figures) in
        [("10000", "calls=3,usec=1500,usec_per_call=500.00"), ("999", "calls=3,usec=4500")]
    {
        bench.ask(conn, &format!("CONFIG SET slowlog-log-slower-than {threshold}"));
        bench.ask(conn, "CONFIG RESETSTAT");
        let pipeline = ["GET a", "GET b", "GET c", "SORT a", "SORT b"].map(super::request);
        bench.feed(conn, &pipeline.concat());
        let stats = section(&mut bench, "commandstats");
        for (name, figures) in [("get", figures), ("sort", "calls=2,usec=3000")] {
            let begin = format!("cmdstat_{name}:{figures}");
            assert!(stats.iter().any(|line| line.starts_with(&begin)), "{begin}: {stats:?}");
        }
    }
}

#[test]
fn a_transaction_and_its_commands_are_timed_apart() {
    let mut bench = bench();
    let conn = bench.open();
    for line in ["MULTI", "SET a 1", "SET b 2", "EXEC"] {
        bench.ask(conn, line);
    }
    let stats = section(&mut bench, "commandstats");
    for (name, figures) in [("set", "calls=2,usec=3000"), ("exec", "calls=1,usec=4500")] {
        let begin = format!("cmdstat_{name}:{figures}");
        assert!(stats.iter().any(|line| line.starts_with(&begin)), "{begin}: {stats:?}");
    }
}

#[test]
fn what_waits_counts_once() {
    let mut bench = bench();
    let (waits, pushes, gives_up) = (bench.open(), bench.open(), bench.open());
    bench.ask(waits, "BLPOP list 0");
    bench.ask(pushes, "LPUSH list x");
    bench.ask(gives_up, "BLPOP list 0.1");
    let counted = |bench: &mut Bench, calls: &str| {
        let begin = format!("cmdstat_blpop:calls={calls},");
        section(bench, "commandstats").iter().any(|line| line.starts_with(&begin))
    };
    assert!(counted(&mut bench, "1"));
    bench.pass(200);
    assert!(counted(&mut bench, "2"));
}

#[test]
fn slow_commands_are_logged() {
    let mut bench = bench();
    let conn = bench.open();
    bench.ask(conn, "CONFIG SET slowlog-log-slower-than 1500");
    bench.ask(conn, "SLOWLOG RESET");
    bench.ask(conn, "CLIENT SETNAME me");
    let log = bench.ask(conn, "SLOWLOG GET 1");
    assert!(log.ends_with(
        "$7\\r\\nSETNAME\\r\\n$2\\r\\nme\\r\\n$14\\r\\n127.0.0.1:5000\\r\\n$2\\r\\nme\\r\\n"
    ));
    bench.ask(conn, "CONFIG SET slowlog-log-slower-than 1501");
    bench.ask(conn, "SLOWLOG RESET");
    assert_eq!(bench.ask(conn, "SLOWLOG LEN"), ":0\\r\\n");
}

/// Time that is made up is measured where there is no clock at all.
#[test]
fn a_sleep_is_slow_in_a_simulation() {
    let mut bench = Bench::new(Config {
        enable_debug_command: crate::config::AllowedFor::Everybody,
        ..Config::default()
    });
    let conn = bench.open();
    bench.ask(conn, "CONFIG SET latency-monitor-threshold 20");
    bench.ask(conn, "DEBUG SLEEP 0.019");
    bench.pass(1000);
    bench.take_output(conn);
    assert_eq!(bench.ask(conn, "LATENCY LATEST"), "*0\\r\\n");
    bench.ask(conn, "DEBUG SLEEP 0.02");
    bench.pass(1000);
    bench.take_output(conn);
    assert_eq!(
        bench.ask(conn, "LATENCY LATEST"),
        "*1\\r\\n*4\\r\\n$7\\r\\ncommand\\r\\n:1700000001\\r\\n:20\\r\\n:20\\r\\n"
    );
    assert_eq!(bench.ask(conn, "SLOWLOG LEN"), ":2\\r\\n");
}

#[test]
fn monitors_see_what_was_carried_out() {
    let mut bench = bench();
    let (monitor, conn) = (bench.open(), bench.open());
    assert_eq!(bench.ask(monitor, "MONITOR"), "+OK\\r\\n");
    for line in [
        "MULTI",
        "SET a \"x\\n\\x01\"",
        "EXEC",
        "SELECT 1",
        "CONFIG GET hz",
        "NOPE",
        "GET",
        "AUTH pass",
        "BLPOP q 0.1",
    ] {
        bench.ask(conn, line);
    }
    bench.pass(200);
    let seen = String::from_utf8(bench.take_output(monitor)).unwrap();
    let lines: Vec<&str> = seen.lines().collect();
    assert_eq!(
        lines,
        [
            r#"+1700000000.000000 [0 127.0.0.1:5000] "MULTI""#,
            r#"+1700000000.000000 [0 127.0.0.1:5000] "SET" "a" "x\n\x01""#,
            r#"+1700000000.000000 [0 127.0.0.1:5000] "EXEC""#,
            r#"+1700000000.000000 [1 127.0.0.1:5000] "SELECT" "1""#,
            r#"+1700000000.000000 [1 127.0.0.1:5000] "AUTH" "(redacted)""#,
            r#"+1700000000.000000 [1 127.0.0.1:5000] "BLPOP" "q" "0.1""#,
        ]
    );
    bench.ask(monitor, "RESET");
    bench.ask(conn, "SET a b");
    assert!(bench.take_output(monitor).is_empty());
}
