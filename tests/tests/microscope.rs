//! Files of both programs under the microscope: every byte of them has a name, and none makes no sense.

use std::fs;

use redarium_core::persist::SpanKind;
use redarium_core::persist::outline::Outline;
use redarium_core::sim::ClientId;
use redarium_core::sim::Input;
use redarium_core::sim::NodeId;
use redarium_core::sim::Topology;
use redarium_core::sim::World;
use redarium_tests::client::Client;
use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;

#[test]
fn every_byte_of_a_snapshot_has_a_name() {
    for program in [Program::Redis, Program::Redarium] {
        for options in [&[][..], &["--rdbcompression", "no"], &["--rdbchecksum", "no"]] {
            let server = Setup::new(program).args(options.iter().copied()).start();
            fill(&mut server.client());
            server.client().call(&["SAVE"]);
            check(program, &fs::read(server.path("dump.rdb")).expect("a snapshot"));
        }
    }
}

#[test]
fn every_byte_of_a_log_has_a_name() {
    for program in [Program::Redis, Program::Redarium] {
        let server = Setup::new(program).args(["--appendonly", "yes"]).start();
        fill(&mut server.client());
        server.client().call(&["BGREWRITEAOF"]);
        eventually("the rewrite", || {
            let files = log_files(&server);
            let some = |part| files.iter().any(|name| name.contains(part));
            some(".2.base") && some(".2.incr") && !some(".1.") && !some("temp")
        });
        server.client().call(&["SET", "after", "it"]);
        eventually("the command in the log", || {
            log_files(&server).iter().any(|name| {
                let bytes = fs::read(server.path(format!("appendonlydir/{name}")));
                bytes.unwrap_or_default().ends_with(b"after\r\n$2\r\nit\r\n")
            })
        });
        for name in log_files(&server) {
            let file = server.path(format!("appendonlydir/{name}"));
            check(program, &fs::read(file).expect("a file of the log"));
        }
    }
}

fn log_files(server: &Server) -> Vec<String> {
    let names = fs::read_dir(server.path("appendonlydir")).expect("the log's folder");
    names.flatten().map(|file| file.file_name().to_string_lossy().into_owned()).collect()
}

/// All types, small and large, with expiries and groups.
fn fill(client: &mut Client) {
    let long = "long ".repeat(300);
    for line in [
        "SET short v EX 1000",
        "SET number -12345",
        "INCR counter",
        "RPUSH list a 1 -5 70000 5000000000 -70000",
        "SADD ints 1 2 70000 -9",
        "SADD words a b c",
        "HSET hash f 1 g two",
        "ZADD scores 1 a 2.5 b -inf c",
        "XADD stream 1-1 f v g w",
        "XADD stream 2-1 f v",
        "XGROUP CREATE stream g 0",
        "XREADGROUP GROUP g alice COUNT 1 STREAMS stream >",
        "PFADD visits a b c",
    ] {
        client.call(&line.split(' ').collect::<Vec<_>>());
    }
    client.call(&["SET", "long", &long]);
    for number in 0..140 {
        let number = format!("element:{number}");
        client.call(&["RPUSH", "biglist", &number, &long]);
        client.call(&["SADD", "bigset", &number]);
        client.call(&["HSET", "bighash", &number, &long]);
        client.call(&["ZADD", "bigzset", "1.5", &number]);
    }
}

fn check(program: Program, bytes: &[u8]) {
    let outline = Outline::of(bytes);
    assert_eq!(outline.fault(), None, "{program}");
    let mut next = 0;
    for index in 0..outline.len() {
        let record = outline.record(bytes, index).expect("a record");
        let spans = outline.spans(bytes, index);
        for span in spans.iter().filter(|span| span.kind != SpanKind::Group) {
            assert_ne!(span.kind, SpanKind::Damaged, "{program}: {} {span:?}", record.title);
            assert_eq!(span.start, next, "{program}: {} {span:?}", record.title);
            next = span.end;
        }
        assert_eq!(next, record.end, "{program}: {}", record.title);
    }
    assert_eq!(next, bytes.len());
}

#[test]
fn a_simulated_nodes_snapshot_loads_in_a_real_redis() {
    let mut world = World::new(7, &Topology::default());
    world.apply(Input::OpenClient { node: NodeId(1) });
    for line in ["SET k v EX 1000000000", "RPUSH l a b", "HSET h f v", "XADD s 1-1 f v", "SAVE"] {
        world.apply(Input::Type { client: ClientId(1), line: line.into() });
        world.run_until(world.now_us() + 1_000_000, usize::MAX);
    }
    let file = world.file(NodeId(1), "dump.rdb").expect("a snapshot");
    let redis = Setup::new(Program::Redis).file("dump.rdb", file).start();
    let mut client = redis.client();
    for (words, expect) in [
        (&["GET", "k"][..], "\"v\""),
        (&["LRANGE", "l", "0", "-1"], "[\"a\", \"b\"]"),
        (&["HGET", "h", "f"], "\"v\""),
        (&["XLEN", "s"], ":1"),
    ] {
        assert_eq!(format!("{:?}", client.call(words)), expect, "{words:?}");
    }
}
