//! Redarium and Redis as each other's master and replica, and Redarium with itself.
//!
//! Each scenario runs for every pairing, so that what is asked of Redarium is what Redis does.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::time::Duration;

use redarium_tests::client::Client;
use redarium_tests::program::Program;
use redarium_tests::program::redis_tool;
use redarium_tests::proxy::Proxy;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;
use redarium_tests::snapshot::Snapshot;

/// Master and replica.
const PAIRINGS: [(Program, Program); 3] = [
    (Program::Redarium, Program::Redis),
    (Program::Redis, Program::Redarium),
    (Program::Redarium, Program::Redarium),
];

#[test]
fn a_replica_gets_a_copy_and_then_the_stream() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &[]);
        let mut client = master.client();
        fill(&mut client);
        let replica = attach(replica, master.port(), &[]);
        assert_same(&master, &replica);
        write_some_of_each(&mut client);
        assert_same(&master, &replica);
        assert_eq!(info(&master, "sync_full"), "1", "one copy is enough");
        assert_eq!(info(&master, "connected_slaves"), "1");
        let online = format!("ip=127.0.0.1,port={},state=online", replica.port());
        eventually("the replica is online", || info(&master, "slave0").starts_with(&online));
    }
}

#[test]
fn redis_sends_its_copy_with_and_without_a_file() {
    for diskless in ["yes", "no"] {
        for compression in ["yes", "no"] {
            let args = ["--repl-diskless-sync", diskless, "--rdbcompression", compression];
            let master = start(Program::Redis, &args);
            fill(&mut master.client());
            let replica = attach(Program::Redarium, master.port(), &[]);
            assert_same(&master, &replica);
        }
    }
}

#[test]
fn a_short_cut_needs_no_second_copy() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &[]);
        let mut client = master.client();
        fill(&mut client);
        let proxy = Proxy::new(master.port());
        let replica = attach(replica, proxy.port(), &[]);
        for round in 0..3 {
            proxy.cut();
            await_link(&replica, "down");
            client.call(&["SET", &format!("while-cut:{round}"), "x"]);
            write_some_of_each(&mut client);
            proxy.heal();
            await_link(&replica, "up");
            assert_same(&master, &replica);
        }
        assert_eq!(info(&master, "sync_full"), "1");
        assert_eq!(info(&master, "sync_partial_ok"), "3");
    }
}

#[test]
fn a_cut_longer_than_the_backlog_needs_another_copy() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &["--repl-backlog-size", "16384"]);
        let mut client = master.client();
        fill(&mut client);
        let proxy = Proxy::new(master.port());
        let replica = attach(replica, proxy.port(), &[]);
        proxy.cut();
        await_link(&replica, "down");
        for number in 0..100 {
            client.call(&["SET", &format!("long:{}", number % 7), &"y".repeat(1000 + number)]);
        }
        client.call(&["DEL", "text"]);
        proxy.heal();
        await_link(&replica, "up");
        assert_same(&master, &replica);
        assert_eq!(info(&master, "sync_full"), "2");
    }
}

#[test]
fn a_master_that_vanishes_during_the_copy_costs_the_replica_nothing() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &["--rdbcompression", "no"]);
        let mut client = master.client();
        for number in 0..200 {
            client.call(&["SET", &format!("big:{number}"), &"z".repeat(20_000)]);
        }
        let mut replica = start(replica, &[]);
        replica.client().call(&["SET", "own", "kept"]);
        for bytes in [0, 10, 60, 70_000, 2_000_000] {
            let proxy = Proxy::new(master.port());
            proxy.cut_after(bytes);
            let port = proxy.port().to_string();
            assert!(replica.client().call(&["REPLICAOF", "127.0.0.1", &port]).is_status("OK"));
            eventually("the link is cut during the copy", || proxy.has_cut());
            assert_eq!(
                replica.client().call(&["GET", "own"]).text(),
                "kept",
                "cut after {bytes} bytes"
            );
            await_link(&replica, "down");
            assert!(replica.is_alive());
            assert!(replica.client().call(&["REPLICAOF", "NO", "ONE"]).is_status("OK"));
        }
        let port = master.port().to_string();
        replica.client().call(&["REPLICAOF", "127.0.0.1", &port]);
        await_link(&replica, "up");
        assert_same(&master, &replica);
    }
}

/// The replica gets half of a copy, then one of the two dies.
#[test]
fn whoever_is_killed_in_the_middle_of_a_copy_starts_again() {
    for (program, other) in PAIRINGS {
        for diskless in ["yes", "no"] {
            for master_dies in [true, false] {
                let args = ["--rdbcompression", "no", "--repl-diskless-sync", diskless];
                let mut master = start(program, &args);
                let mut client = master.client();
                for number in 0..200 {
                    client.call(&["SET", &format!("big:{number}"), &"z".repeat(20_000)]);
                }
                eventually("SAVE is possible", || client.call(&["SAVE"]).is_status("OK"));
                let mut replica = start(other, &[]);
                replica.client().call(&["SET", "own", "kept"]);
                let proxy = Proxy::new(master.port());
                proxy.stall_after(2_000_000);
                let port = proxy.port().to_string();
                replica.client().call(&["REPLICAOF", "127.0.0.1", &port]);
                eventually("half of the copy is there", || proxy.has_stalled());
                assert_eq!(replica.client().call(&["GET", "own"]).text(), "kept");
                if master_dies {
                    master.kill();
                    proxy.cut();
                    assert_eq!(replica.client().call(&["GET", "own"]).text(), "kept");
                    master.restart();
                } else {
                    replica.kill();
                    client.call(&["SET", "while", "away"]);
                    replica.restart();
                }
                proxy.heal();
                replica.client().call(&["REPLICAOF", "127.0.0.1", &port]);
                await_link(&replica, "up");
                assert_same(&master, &replica);
                assert_eq!(replica.client().call(&["EXISTS", "own"]).integer(), 0);
            }
        }
    }
}

/// A disk that takes no file costs the replica its copy until it takes one, and nobody anything else.
#[test]
fn a_master_whose_disk_fails_serves_on_and_sends_the_copy_later() {
    for (program, other) in PAIRINGS {
        let master =
            start(program, &["--repl-diskless-sync", "no", "--enable-protected-configs", "yes"]);
        let mut client = master.client();
        fill(&mut client);
        let folder = master.path("gone");
        std::fs::create_dir(&folder).expect("a folder");
        let name = folder.to_str().expect("a readable name");
        assert!(client.call(&["CONFIG", "SET", "dir", name]).is_status("OK"));
        std::fs::remove_dir(&folder).expect("it is empty");
        let port = master.port();
        let replica = Setup::new(other).replica_of(port).start();
        eventually("the copy has failed", || {
            info(&master, "sync_full") != "0" && master.log().contains("SYNC failed")
        });
        assert_eq!(info(&replica, "master_link_status"), "down");
        assert!(client.call(&["SET", "still", "served"]).is_status("OK"));
        std::fs::create_dir(&folder).expect("a folder");
        client.call(&["CONFIG", "SET", "dir", name]);
        await_link(&replica, "up");
        assert_same(&master, &replica);
    }
}

/// redis-cli takes copies as a replica does.
#[test]
fn redis_cli_takes_copies_and_follows() {
    for program in [Program::Redis, Program::Redarium] {
        for diskless in ["yes", "no"] {
            let master = start(program, &["--repl-diskless-sync", diskless]);
            fill(&mut master.client());
            let expect = Snapshot::of(&mut master.client()).without_encodings();
            let copy = redis_cli(&master, &["--rdb", "dump.rdb"]);
            assert!(copy.contains("Transfer finished with success"), "{copy}");
            let file = std::fs::read(master.path("dump.rdb")).expect("a copy");
            let loaded = Setup::new(Program::Redis).file("dump.rdb", &file).start();
            let found = Snapshot::of(&mut loaded.client()).without_encodings();
            assert_eq!(expect.differences(&found, 0), Vec::<String>::new());
            let functions = redis_cli(&master, &["--functions-rdb", "functions.rdb"]);
            assert!(functions.contains("Transfer finished with success"), "{functions}");
            let file = std::fs::read(master.path("functions.rdb")).expect("a copy");
            let loaded = Setup::new(Program::Redis).file("dump.rdb", &file).start();
            assert_eq!(loaded.client().call(&["DBSIZE"]).integer(), 0);
            eventually("they are gone", || info(&master, "connected_slaves") == "0");
        }
        let master = start(program, &[]);
        let mut follower = cli_command(&master, &["--replica"]).spawn().expect("redis-cli runs");
        eventually("it follows", || info(&master, "connected_slaves") == "1");
        // It speaks of itself on one stream, and of what it is sent on the other.
        let mut spoken = lines(follower.stderr.take().expect("its messages"));
        assert!(spoken.any(|line| line.contains("SYNC done")));
        master.client().call(&["SET", "seen", "there"]);
        let mut followed = lines(follower.stdout.take().expect("its output"));
        assert!(followed.any(|line| line.contains("\"seen\"")));
        follower.kill().expect("it runs");
        follower.wait().expect("it ends");
    }
}

fn lines(stream: impl Read) -> impl Iterator<Item = String> {
    BufReader::new(stream).lines().map_while(Result::ok)
}

fn redis_cli(server: &Server, args: &[&str]) -> String {
    let output = cli_command(server, args).output().expect("redis-cli runs");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn cli_command(server: &Server, args: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(redis_tool("redis-cli"));
    command.args(["-p", &server.port().to_string()]).args(args).current_dir(server.dir());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command
}

#[test]
fn a_master_that_restarts_is_found_again() {
    for (master, replica) in PAIRINGS {
        let mut master = start(master, &[]);
        fill(&mut master.client());
        let replica = attach(replica, master.port(), &[]);
        assert_same(&master, &replica);
        // The child that made the replica's copy may still be about.
        eventually("SAVE is possible", || master.client().call(&["SAVE"]).is_status("OK"));
        master.restart();
        master.client().call(&["SET", "after", "restart"]);
        await_link(&replica, "up");
        assert_same(&master, &replica);
        assert_eq!(replica.client().call(&["GET", "after"]).text(), "restart");
    }
}

#[test]
fn a_replica_that_restarts_catches_up() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &[]);
        fill(&mut master.client());
        let mut replica = attach(replica, master.port(), &[]);
        assert_same(&master, &replica);
        replica.kill();
        master.client().call(&["SET", "while", "away"]);
        replica.restart();
        await_link(&replica, "up");
        assert_same(&master, &replica);
    }
}

/// A dump says which state of which history it is, so neither end needs another copy.
#[test]
fn who_restarts_from_a_dump_goes_on_where_it_was() {
    for (master, replica) in PAIRINGS {
        let mut master = start(master, &[]);
        let mut client = master.client();
        fill(&mut client);
        client.call(&["SELECT", "3"]);
        let mut replica = attach(replica, master.port(), &[]);
        client.call(&["SET", "short", "v", "PX", "1500"]);
        assert_same(&master, &replica);
        eventually("SAVE is possible", || replica.client().call(&["SAVE"]).is_status("OK"));
        replica.kill();
        client.call(&["SET", "while", "away"]);
        replica.restart();
        await_link(&replica, "up");
        assert_same(&master, &replica);
        let syncs = (info(&master, "sync_full"), info(&master, "sync_partial_ok"));
        assert_eq!(syncs, ("1".to_owned(), "1".to_owned()));
        let _ = client.try_call(&["SHUTDOWN", "SAVE"]);
        master.await_exit();
        std::thread::sleep(Duration::from_millis(1500));
        master.restart();
        await_link(&replica, "up");
        write_some_of_each(&mut master.client());
        assert_same(&master, &replica);
        let syncs = (info(&master, "sync_full"), info(&master, "sync_partial_ok"));
        assert_eq!(syncs, ("0".to_owned(), "1".to_owned()));
    }
}

#[test]
fn wait_counts_the_replicas_that_have_the_write() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &[]);
        let replica = attach(replica, master.port(), &[]);
        let second = attach(Program::Redis, master.port(), &[]);
        let mut client = master.client();
        client.call(&["SET", "k", "v"]);
        assert_eq!(client.call(&["WAIT", "2", "5000"]).integer(), 2);
        replica.signal("STOP");
        client.call(&["SET", "k", "w"]);
        assert_eq!(client.call(&["WAIT", "2", "300"]).integer(), 1);
        assert_eq!(client.call(&["WAIT", "1", "5000"]).integer(), 1);
        replica.signal("CONT");
        assert_eq!(client.call(&["WAIT", "2", "5000"]).integer(), 2);
        assert_same(&master, &second);
    }
}

#[test]
fn keys_expire_on_the_replica_when_they_do_on_the_master() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &[]);
        let replica = attach(replica, master.port(), &[]);
        let mut client = master.client();
        client.call(&["SET", "first", "v"]);
        assert_eq!(client.call(&["WAIT", "1", "5000"]).integer(), 1);
        client.call(&["SET", "short", "v", "PX", "1500"]);
        client.call(&["SET", "long", "v", "EX", "1000"]);
        client.call(&["WAIT", "1", "5000"]);
        let mut reader = replica.client();
        assert_eq!(reader.call(&["PEXPIRETIME", "long"]), client.call(&["PEXPIRETIME", "long"]));
        assert_eq!(reader.call(&["EXISTS", "short"]).integer(), 1);
        std::thread::sleep(Duration::from_millis(1550));
        assert_eq!(reader.call(&["EXISTS", "short"]).integer(), 0, "expired for readers at once");
        eventually("the master's DEL reaches the replica", || {
            reader.call(&["DBSIZE"]).integer() == 2
        });
        assert_same(&master, &replica);
    }
}

#[test]
fn a_replica_refuses_writes() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &[]);
        let replica = attach(replica, master.port(), &[]);
        let mut client = replica.client();
        for command in [&["SET", "k", "v"][..], &["DEL", "k"], &["FLUSHALL"], &["INCR", "n"]] {
            let reply = client.call(command);
            assert_eq!(
                reply.text(),
                "READONLY You can't write against a read only replica.",
                "{command:?}"
            );
        }
        assert!(client.call(&["CONFIG", "SET", "replica-read-only", "no"]).is_status("OK"));
        assert!(client.call(&["SET", "k", "v"]).is_status("OK"));
    }
}

#[test]
fn a_chain_carries_data_and_a_promoted_link_keeps_its_replicas() {
    for (first, second, third) in [
        (Program::Redis, Program::Redarium, Program::Redis),
        (Program::Redarium, Program::Redis, Program::Redarium),
        (Program::Redarium, Program::Redarium, Program::Redarium),
    ] {
        let first = start(first, &[]);
        fill(&mut first.client());
        let second = attach(second, first.port(), &[]);
        let third = attach(third, second.port(), &[]);
        write_some_of_each(&mut first.client());
        assert_same(&first, &second);
        assert_same(&first, &third);
        assert_eq!(info(&first, "master_replid"), info(&third, "master_replid"));
        assert!(second.client().call(&["REPLICAOF", "NO", "ONE"]).is_status("OK"));
        assert_eq!(info(&second, "role"), "master");
        let port = second.port().to_string();
        assert!(first.client().call(&["REPLICAOF", "127.0.0.1", &port]).is_status("OK"));
        second.client().call(&["SET", "promoted", "yes"]);
        for replica in [&first, &third] {
            await_link(replica, "up");
            assert_same(&second, replica);
        }
        assert_eq!(info(&second, "sync_full"), "1", "only the copy of before");
    }
}

/// The master hands over while somebody writes to it: not one write that was confirmed is lost.
#[test]
fn a_failover_loses_nothing() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &[]);
        let replica = attach(replica, master.port(), &[]);
        let mut writer = master.client();
        let writing = std::thread::spawn(move || {
            (0_i64..).find(|_| writer.call(&["INCR", "written"]).is_error()).unwrap_or_default()
        });
        let mut admin = master.client();
        eventually("some is written", || admin.call(&["STRLEN", "written"]).integer() > 2);
        let port = replica.port().to_string();
        let words = ["FAILOVER", "TO", "127.0.0.1", &port, "TIMEOUT", "10000"];
        eventually("the replica is online", || admin.call(&words).is_status("OK"));
        eventually("the roles have changed", || info(&replica, "role") == "master");
        await_link(&master, "up");
        let confirmed = writing.join().expect("the writer ends when it is refused");
        assert_eq!(replica.client().call(&["GET", "written"]).text(), confirmed.to_string());
        assert_eq!(info(&master, "master_failover_state"), "no-failover");
        replica.client().call(&["SET", "after", "failover"]);
        assert_same(&replica, &master);
        assert_eq!(info(&replica, "sync_full"), "0");
    }
}

#[test]
fn both_ends_describe_the_link_alike() {
    for (master, replica) in PAIRINGS {
        let master = start(master, &[]);
        let replica = attach(replica, master.port(), &[]);
        let port = master.port().to_string();
        let role = replica.client().call(&["ROLE"]);
        let role: Vec<String> = role.items().iter().map(|item| format!("{item:?}")).collect();
        assert_eq!(role[..4], ["\"slave\"", "\"127.0.0.1\"", &format!(":{port}"), "\"connected\""]);
        eventually("the replica is online", || info(&master, "slave0").contains("state=online"));
        let role = master.client().call(&["ROLE"]);
        assert_eq!((role.items()[0].text().as_str(), role.items()[2].items().len()), ("master", 1));
        let peer: Vec<String> =
            role.items()[2].items()[0].items().iter().map(|part| part.text()).collect();
        assert_eq!(peer[..2], ["127.0.0.1".to_owned(), replica.port().to_string()]);
        assert_eq!(info(&replica, "master_host"), "127.0.0.1");
        assert_eq!(info(&replica, "master_port"), port);
        assert_eq!(info(&replica, "master_link_status"), "up");
        assert_eq!(info(&replica, "master_sync_in_progress"), "0");
        assert_eq!(info(&replica, "slave_read_only"), "1");
    }
}

fn start(program: Program, args: &[&str]) -> Server {
    let common = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
    Setup::new(program).args(common).args(args.iter().copied()).start()
}

/// A replica that has its copy.
fn attach(program: Program, master: u16, args: &[&str]) -> Server {
    let common = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
    let replica =
        Setup::new(program).args(common).args(args.iter().copied()).replica_of(master).start();
    await_link(&replica, "up");
    replica
}

fn await_link(replica: &Server, status: &str) {
    eventually(&format!("the link of {} is {status}", replica.program()), || {
        info(replica, "master_link_status") == status
    });
}

/// Strings of every kind a snapshot writes in its own way, in two databases.
fn fill(client: &mut Client) {
    client.call(&["SET", "text", "some text"]);
    client.call(&["SET", "empty", ""]);
    client.call(&[&b"SET"[..], b"bytes\x00\xff", b"\x00\x01\xfe\r\n"]);
    for number in
        ["0", "-1", "127", "-128", "128", "32767", "32768", "-32769", "2147483647", "2147483648"]
    {
        client.call(&["SET", &format!("number:{number}"), number]);
    }
    client.call(&["SET", "compressible", &"abc".repeat(5_000)]);
    client.call(&["SET", "sixty-four", &"q".repeat(64)]);
    client.call(&["SET", "long", &"0123456789".repeat(30_000)]);
    client.call(&["SET", "expiring", "v", "EX", "5000"]);
    client.call(&["SET", "expiring-ms", "12", "PXAT", "33177117420123"]);
    for number in 0..300 {
        client.call(&["SET", &format!("many:{number}"), &number.to_string()]);
    }
    client.call(&["SELECT", "3"]);
    client.call(&["SET", "text", "in another database"]);
    client.call(&["SELECT", "0"]);
}

/// Writes whose effect is not what was sent: relative times, floats, moves.
fn write_some_of_each(client: &mut Client) {
    let commands: &[&[&str]] = &[
        &["SET", "text", "new text", "EX", "500"],
        &["SET", "text2", "v", "PX", "900000", "NX", "GET"],
        &["SETEX", "setex", "700", "v"],
        &["EXPIRE", "many:1", "800"],
        &["PERSIST", "expiring"],
        &["GETEX", "many:2", "EX", "900"],
        &["GETDEL", "many:3"],
        &["INCRBYFLOAT", "number:127", "0.1"],
        &["INCR", "number:0"],
        &["APPEND", "empty", "not any more"],
        &["SETRANGE", "text2", "3", "abc"],
        &["MSET", "m1", "1", "m2", "2"],
        &["RENAME", "m1", "m3"],
        &["COPY", "m3", "m4"],
        &["MOVE", "m4", "2"],
        &["SELECT", "3"],
        &["SET", "third", "v", "EXAT", "33177117420"],
        &["SELECT", "0"],
        &["DEL", "many:4", "many:5"],
        &["UNLINK", "many:6"],
        &["EXPIRE", "many:7", "-1"],
        &["SET", "many:8", "gone", "PXAT", "1"],
        &["SWAPDB", "2", "1"],
    ];
    for command in commands {
        let reply = client.call(command);
        assert!(!reply.is_error(), "{command:?}: {reply:?}");
    }
}

/// Waits until the replica has processed all of the master's stream and holds the same.
fn assert_same(master: &Server, replica: &Server) {
    let (mut left, mut right) = (master.client(), replica.client());
    let mut differences = Vec::new();
    eventually("the replica's offset is the master's", || {
        info(replica, "master_link_status") != "down"
            && info(master, "master_repl_offset") == info(replica, "master_repl_offset")
    });
    for _ in 0..5 {
        differences = Snapshot::of(&mut left).differences(&Snapshot::of(&mut right), 0);
        if differences.is_empty() {
            return;
        }
    }
    panic!("{} and its replica {} differ: {differences:#?}", master.program(), replica.program());
}

/// A field of INFO.
fn info(server: &Server, name: &str) -> String {
    let text = server.client().call(&["INFO"]).text();
    let field = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    field.unwrap_or_else(|| panic!("INFO of {} has no {name}", server.program())).to_owned()
}
