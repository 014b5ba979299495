//! What the settings of replication do, for Redarium and Redis in both parts.

use std::thread;
use std::time::Duration;

use redarium_tests::client::Client;
use redarium_tests::program::Program;
use redarium_tests::proxy::Proxy;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;

/// Master and replica.
const PAIRINGS: [(Program, Program); 3] = [
    (Program::Redarium, Program::Redis),
    (Program::Redis, Program::Redarium),
    (Program::Redarium, Program::Redarium),
];

#[test]
fn a_replica_says_who_it_is_to_a_master_that_asks() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &["--requirepass", "secret"]);
        let mut client = guarded(&master);
        let rules = ["on", ">sesame", "+psync", "+replconf", "+ping"];
        let user = [&["ACL", "SETUSER", "follower"][..], &rules].concat();
        assert!(client.call(&user).is_status("OK"));
        client.call(&["SET", "k", "v"]);
        let replica = Setup::new(replica).replica_of(master.port()).start();
        let mut reader = replica.client();
        let mut try_with = |user: &str, password: &str, up: bool| {
            for (name, value) in [("masteruser", user), ("masterauth", password)] {
                assert!(reader.call(&["CONFIG", "SET", name, value]).is_status("OK"));
            }
            let port = master.port().to_string();
            reader.call(&["REPLICAOF", "NO", "ONE"]);
            reader.call(&["REPLICAOF", "127.0.0.1", &port]);
            if up {
                eventually("the link is up", || info(&mut reader, "master_link_status") == "up");
            } else {
                thread::sleep(Duration::from_millis(300));
                assert_eq!(info(&mut reader, "master_link_status"), "down");
            }
        };
        try_with("", "wrong", false);
        try_with("", "secret", true);
        try_with("follower", "secret", false);
        try_with("follower", "sesame", true);
        assert_eq!(reader.call(&["GET", "k"]).text(), "v");
    }
}

#[test]
fn a_replica_announces_itself_as_it_is_told_to() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &[]);
        let args = ["--replica-announce-ip", "replica.example", "--replica-announce-port", "7777"];
        let more = ["--replica-priority", "42", "--replica-announced", "no"];
        let replica = attach(replica, master.port(), &[&args[..], &more].concat());
        let mut client = master.client();
        eventually("it is known by that name", || {
            info(&mut client, "slave0").starts_with("ip=replica.example,port=7777,state=online")
        });
        let role = client.call(&["ROLE"]);
        let first = role.items()[2].items()[0].items().to_vec();
        assert_eq!(first[0].text(), "replica.example");
        assert_eq!(first[1].text(), "7777");
        let mut reader = replica.client();
        assert_eq!(info(&mut reader, "slave_priority"), "42");
        assert_eq!(info(&mut reader, "replica_announced"), "0");
    }
}

#[test]
fn a_master_without_enough_good_replicas_takes_no_writes() {
    for (master, replica) in PAIRINGS {
        let args = ["--min-replicas-to-write", "1", "--min-replicas-max-lag", "2"];
        let master = start(master, &args);
        let mut client = master.client();
        let refusal = "NOREPLICAS Not enough good replicas to write.";
        assert_eq!(client.call(&["SET", "k", "v"]).text(), refusal);
        let replica = attach(replica, master.port(), &[]);
        eventually("there is one", || client.call(&["SET", "k", "v"]).is_status("OK"));
        replica.signal("STOP");
        eventually("it lags", || client.call(&["SET", "k", "w"]).text() == refusal);
        assert_eq!(client.call(&["EXISTS", "k"]).integer(), 1, "reads go on");
        replica.signal("CONT");
        eventually("it is good again", || client.call(&["SET", "k", "x"]).is_status("OK"));
    }
}

#[test]
fn a_backlog_nobody_uses_is_given_up_with_its_history() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &["--repl-backlog-ttl", "1"]);
        let mut client = master.client();
        let mut replica = attach(replica, master.port(), &[]);
        client.call(&["SET", "k", "v"]);
        let id = info(&mut client, "master_replid");
        assert_eq!(info(&mut client, "repl_backlog_active"), "1");
        replica.kill();
        eventually("it is given up", || info(&mut client, "repl_backlog_active") == "0");
        assert_ne!(info(&mut client, "master_replid"), id);
        replica.restart();
        let mut reader = replica.client();
        eventually("the link is up", || info(&mut reader, "master_link_status") == "up");
        eventually("it has another copy", || reader.call(&["GET", "k"]).text() == "v");
    }
}

#[test]
fn either_end_gives_a_silent_other_up() {
    for (master, replica) in PAIRINGS {
        let timeout = ["--repl-timeout", "2"];
        let master = start(master, &timeout);
        let mut client = master.client();
        let replica = attach(replica, master.port(), &timeout);
        let mut reader = replica.client();
        replica.signal("STOP");
        eventually("its replica is gone", || info(&mut client, "connected_slaves") == "0");
        client.call(&["SET", "while", "away"]);
        replica.signal("CONT");
        eventually("it is back", || info(&mut client, "sync_partial_ok") == "1");
        master.signal("STOP");
        eventually("its master is gone", || info(&mut reader, "master_link_status") == "down");
        master.signal("CONT");
        eventually("it is back", || info(&mut reader, "master_link_status") == "up");
        assert_eq!(reader.call(&["GET", "while"]).text(), "away");
        assert_eq!(info(&mut client, "sync_full"), "1");
    }
}

#[test]
fn a_replica_too_far_behind_is_closed_and_starts_again() {
    for (master, replica) in PAIRINGS {
        let args =
            ["--repl-backlog-size", "16kb", "--client-output-buffer-limit", "replica 1mb 0 0"];
        let master = start(master, &args);
        let mut client = master.client();
        let replica = attach(replica, master.port(), &[]);
        replica.signal("STOP");
        let value = "x".repeat(100_000);
        // More than the sockets take.
        eventually("it is closed", || {
            client.call(&["SET", "k", &value]);
            info(&mut client, "connected_slaves") == "0"
        });
        replica.signal("CONT");
        let mut reader = replica.client();
        eventually("it has another copy", || {
            info(&mut client, "sync_full") == "2" && info(&mut reader, "master_link_status") == "up"
        });
        assert_eq!(reader.call(&["STRLEN", "k"]).integer(), 100_000);
    }
}

#[test]
fn a_replica_without_its_master_serves_old_data_or_says_so() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &[]);
        master.client().call(&["SET", "k", "v"]);
        let proxy = Proxy::new(master.port());
        let replica = attach(replica, proxy.port(), &[]);
        let mut reader = replica.client();
        proxy.cut();
        eventually("the link is down", || info(&mut reader, "master_link_status") == "down");
        assert_eq!(reader.call(&["GET", "k"]).text(), "v");
        reader.call(&["CONFIG", "SET", "replica-serve-stale-data", "no"]);
        assert!(reader.call(&["GET", "k"]).text().starts_with("MASTERDOWN "));
        assert!(reader.call(&["PING"]).text().starts_with("MASTERDOWN "));
        assert_eq!(info(&mut reader, "role"), "slave");
        proxy.heal();
        eventually("it serves again", || reader.call(&["GET", "k"]).text() == "v");
    }
}

fn start(program: Program, args: &[&str]) -> Server {
    let common = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
    Setup::new(program).args(common).args(args.iter().copied()).start()
}

/// A replica that has its copy.
fn attach(program: Program, master: u16, args: &[&str]) -> Server {
    let replica = Setup::new(program).args(args.iter().copied()).replica_of(master).start();
    let mut reader = replica.client();
    eventually("the link is up", || info(&mut reader, "master_link_status") == "up");
    replica
}

fn guarded(server: &Server) -> Client {
    let mut client = server.client();
    assert!(client.call(&["AUTH", "secret"]).is_status("OK"));
    client
}

/// A field of INFO.
fn info(client: &mut Client, name: &str) -> String {
    let text = client.call(&["INFO"]).text();
    let field = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    field.unwrap_or_default().to_owned()
}
