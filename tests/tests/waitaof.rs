//! WAITAOF between servers: what disks hold is acknowledged, by Redarium and by a server that knows the command.

use redarium_tests::client::Client;
use redarium_tests::program::Program;
use redarium_tests::program::has_valkey;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;
use redarium_tests::value::Value;

/// A master and its replica, each with or without a log of its own.
struct Pair {
    master: Server,
    replica: Server,
}

impl Pair {
    fn start(programs: (Program, Program), logs: (&str, &str), policy: &str) -> Self {
        let setup = |program, log: &str| {
            Setup::new(program).args(["--appendonly", log, "--appendfsync", policy])
        };
        let master = setup(programs.0, logs.0).args(["--repl-diskless-sync-delay", "0"]).start();
        let replica = setup(programs.1, logs.1).replica_of(master.port()).start();
        eventually("the replica follows", || is_online(&mut master.client()));
        // The log of what a full synchronisation brought is begun anew.
        eventually("the replica's log is on", || is_logging(&mut replica.client()));
        Self { master, replica }
    }
}

fn is_online(master: &mut Client) -> bool {
    master.call(&["INFO", "replication"]).text().contains("state=online")
}

fn is_logging(replica: &mut Client) -> bool {
    let info = replica.call(&["INFO", "persistence"]).text();
    ["aof_rewrite_in_progress:0", "aof_rewrite_scheduled:0"].iter().all(|word| info.contains(word))
}

fn programs() -> Vec<(Program, Program)> {
    let mut pairs = vec![(Program::Redarium, Program::Redarium)];
    if has_valkey() {
        pairs.extend([
            (Program::Redarium, Program::Valkey),
            (Program::Valkey, Program::Redarium),
            (Program::Valkey, Program::Valkey),
        ]);
    }
    pairs
}

fn counts(reply: &Value) -> Vec<i64> {
    reply.items().iter().map(Value::integer).collect()
}

#[test]
fn it_counts_the_disks_that_hold_what_was_written() {
    for programs in programs() {
        for (logs, policy, words, expect) in [
            (("yes", "yes"), "always", ["1", "1", "5000"], [1, 1]),
            (("yes", "yes"), "everysec", ["1", "1", "5000"], [1, 1]),
            (("yes", "no"), "everysec", ["1", "1", "1200"], [1, 0]),
            (("no", "yes"), "everysec", ["0", "1", "5000"], [0, 1]),
        ] {
            let pair = Pair::start(programs, logs, policy);
            let mut client = pair.master.client();
            for number in 0..3 {
                assert!(client.call(&["SET", "k", &number.to_string()]).is_status("OK"));
            }
            let reply = client.call(&[&["WAITAOF"][..], &words].concat());
            assert_eq!(counts(&reply), expect, "{programs:?} {logs:?} {policy} {words:?}");
        }
    }
}

#[test]
fn it_is_refused_where_there_is_nothing_to_wait_for() {
    for programs in programs() {
        let pair = Pair::start(programs, ("no", "no"), "everysec");
        let refused = pair.master.client().call(&["WAITAOF", "1", "0", "0"]);
        let text = "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";
        assert_eq!(refused.text(), text, "{programs:?}");
        let refused = pair.replica.client().call(&["WAITAOF", "0", "0", "0"]).text();
        assert!(
            refused.starts_with("ERR WAITAOF cannot be used with replica instances."),
            "{refused}"
        );
    }
}
