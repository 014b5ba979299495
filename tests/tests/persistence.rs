//! RDB files: what one program writes the other loads, and what is damaged neither does.

use std::fs;
use std::process::Command;
use std::process::ExitStatus;
use std::thread;
use std::time::Duration;

use redarium_tests::client::Client;
use redarium_tests::client::encode;
use redarium_tests::program::Program;
use redarium_tests::program::redis_tool;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;
use redarium_tests::snapshot::Snapshot;

/// Who writes and who reads.
const PAIRINGS: [(Program, Program); 3] = [
    (Program::Redarium, Program::Redis),
    (Program::Redis, Program::Redarium),
    (Program::Redarium, Program::Redarium),
];

const BOTH: [Program; 2] = [Program::Redis, Program::Redarium];

#[test]
fn what_one_saves_the_other_loads() {
    for (writer, reader) in PAIRINGS {
        for options in [&[][..], &["--rdbcompression", "no"], &["--rdbchecksum", "no"]] {
            let writer = Setup::new(writer).args(options.iter().copied()).start();
            let mut client = writer.client();
            fill(&mut client);
            let held = Snapshot::of(&mut client);
            for save in ["SAVE", "BGSAVE"] {
                let file = save_with(&writer, save);
                let reader = Setup::new(reader).file("dump.rdb", &file).start();
                let loaded = Snapshot::of(&mut reader.client());
                let differences = held.differences(&loaded, 0);
                assert!(
                    differences.is_empty(),
                    "{} {options:?} {save}: {differences:#?}",
                    writer.program()
                );
            }
        }
    }
}

#[test]
fn redis_check_rdb_accepts_what_redarium_saves() {
    for options in [&[][..], &["--rdbcompression", "no"], &["--rdbchecksum", "no"]] {
        let server = Setup::new(Program::Redarium).args(options.iter().copied()).start();
        fill(&mut server.client());
        save_with(&server, "SAVE");
        let check =
            Command::new(redis_tool("redis-check-rdb")).arg(server.path("dump.rdb")).output();
        let check = check.expect("redis-check-rdb runs");
        let said = String::from_utf8_lossy(&check.stdout);
        assert!(check.status.success() && said.contains("RDB looks OK"), "{options:?}: {said}");
    }
}

#[test]
fn check_rdb_finds_what_redis_check_rdb_finds() {
    let server = Setup::new(Program::Redarium).start();
    fill(&mut server.client());
    let whole = save_with(&server, "SAVE");
    let half = whole.len() / 2;
    let mut flipped = whole.clone();
    flipped[half] ^= 1;
    let cases: [(&[u8], &str); 5] = [
        (&whole, "Checksum OK"),
        (&whole[..half], &format!("[offset {half}] ")),
        (&flipped, "--- RDB ERROR DETECTED ---\n[offset "),
        (b"REDIX0011", "Wrong signature trying to load DB from file"),
        (b"", "[offset 0] "),
    ];
    let file = server.path("checked.rdb");
    for (index, (bytes, expect)) in cases.into_iter().enumerate() {
        fs::write(&file, bytes).expect("a file");
        let ours = Command::new(Program::Redarium.path()).arg("check-rdb").arg(&file).output();
        let theirs = Command::new(redis_tool("redis-check-rdb")).arg(&file).output();
        let (ours, theirs) = (ours.expect("ours runs"), theirs.expect("theirs runs"));
        let said = String::from_utf8_lossy(&ours.stdout);
        assert!(said.contains(expect), "{index}: {said}");
        assert_eq!(ours.status.code(), Some(i32::from(index > 0)), "{index}: {said}");
        assert_eq!(ours.status.code(), theirs.status.code(), "{index}");
        assert_eq!(said.contains(r"\o/ RDB looks OK! \o/"), index == 0, "{said}");
    }
}

#[test]
fn rdb_to_json_prints_what_is_there() {
    let server = Setup::new(Program::Redarium).start();
    let mut client = server.client();
    client.call(&[&b"SET"[..], b"bytes \xff", b"\x00\""]);
    client.call(&["HSET", "hash", "f", "v"]);
    client.call(&["HPEXPIREAT", "hash", "33177117420000", "FIELDS", "1", "f"]);
    client.call(&["XADD", "stream", "1-1", "f", "v"]);
    client.call(&["XGROUP", "CREATE", "stream", "group", "0"]);
    client.call(&["SELECT", "3"]);
    client.call(&["ZADD", "zset", "1.5", "m"]);
    let file = save_with(&server, "SAVE");
    let path = server.path("read.rdb");
    let convert = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("a file");
        let output = Command::new(Program::Redarium.path()).arg("rdb-to-json").arg(&path).output();
        let output = output.expect("it runs");
        let [lines, problem] =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("text"));
        (output.status.code(), lines, problem)
    };
    let (status, lines, problem) = convert(&file);
    assert_eq!((status, problem.as_str()), (Some(0), ""));
    for line in [
        r#"{"db":0,"key":{"base64":"Ynl0ZXMg/w=="},"type":"string","value":"\u0000\""}"#,
        r#"{"db":0,"key":"hash","type":"hash","value":[{"field":"f","value":"v","expire_at_ms":33177117420000}]}"#,
        concat!(
            r#"{"db":0,"key":"stream","type":"stream","value":{"entries":[{"id":"1-1","fields":[{"field":"f","value":"v"}]}],"#,
            r#""last_id":"1-1","max_deleted_id":"0-0","entries_added":1,"#,
            r#""groups":[{"name":"group","last_id":"0-0","entries_read":null,"pending":[],"consumers":[]}]}}"#
        ),
        r#"{"db":3,"key":"zset","type":"zset","value":[{"member":"m","score":1.5}]}"#,
        r#"{"checksum":"ok"}"#,
    ] {
        assert!(lines.lines().any(|other| other == line), "{line} is not in {lines}");
    }
    let half = file.len() / 2;
    let (status, cut, problem) = convert(&file[..half]);
    assert!(status == Some(1) && lines.starts_with(&cut), "{cut}");
    assert!(problem.starts_with(&format!("[offset {half}] ")), "{problem}");
    let missing = Command::new(Program::Redarium.path()).args(["rdb-to-json", "none"]).output();
    let missing = missing.expect("it runs");
    assert_eq!((missing.status.code(), missing.stdout.len()), (Some(1), 0));
}

#[test]
fn an_empty_server_saves_and_loads() {
    for (writer, reader) in PAIRINGS {
        let writer = Setup::new(writer).start();
        let file = save_with(&writer, "SAVE");
        let reader = Setup::new(reader).file("dump.rdb", &file).start();
        assert_eq!(reader.client().call(&["DBSIZE"]).integer(), 0);
    }
}

#[test]
fn keys_that_expired_while_nobody_ran_are_not_loaded() {
    for (writer, reader) in PAIRINGS {
        let writer = Setup::new(writer).start();
        let mut client = writer.client();
        client.call(&["DEBUG", "SET-ACTIVE-EXPIRE", "0"]);
        client.call(&["SET", "short", "v", "PX", "300"]);
        client.call(&["SET", "long", "v", "EX", "1000"]);
        let file = save_with(&writer, "SAVE");
        thread::sleep(Duration::from_millis(350));
        let reader = Setup::new(reader).file("dump.rdb", &file).start();
        let mut client = reader.client();
        assert_eq!(client.call(&["DBSIZE"]).integer(), 1, "{}", reader.program());
        assert!(info(&mut client, "rdb_last_load_keys_expired") == "1", "{}", reader.program());
        assert!(info(&mut client, "rdb_last_load_keys_loaded") == "1", "{}", reader.program());
    }
}

#[test]
fn a_background_save_is_one_moment() {
    for (writer, reader) in PAIRINGS {
        let writer = Setup::new(writer).args(["--rdbcompression", "no"]).start();
        let mut client = writer.client();
        // The first and the last key of a large keyspace change together, all the time.
        for number in 0..3_000 {
            client.call(&["SET", &format!("filler:{number}"), &"f".repeat(500)]);
        }
        client.call(&["MSET", "a", "0", "m", "0", "z", "0"]);
        let mut other = writer.client();
        let before = other.call(&["LASTSAVE"]).integer();
        // LASTSAVE has a resolution of one second.
        thread::sleep(Duration::from_millis(1_001));
        assert!(!other.call(&["BGSAVE"]).is_error());
        let mut round = 0;
        eventually("BGSAVE ends", || {
            round += 1;
            let round = round.to_string();
            client.call(&["MSET", "a", &round, "m", &round, "z", &round]);
            other.call(&["LASTSAVE"]).integer() > before
        });
        let file = fs::read(writer.path("dump.rdb")).expect("the file");
        let reader = Setup::new(reader).file("dump.rdb", &file).start();
        let values = reader.client().call(&["MGET", "a", "m", "z"]);
        let [a, m, z] = values.items() else { panic!("three values: {values:?}") };
        assert!(a == m && m == z, "{}: {values:?}", writer.program());
        assert_eq!(reader.client().call(&["DBSIZE"]).integer(), 3_003);
    }
}

#[test]
fn a_file_that_ends_too_soon_ends_the_start_with_the_words_of_redis() {
    let good = file_of_redis();
    let ends = [good.len() / 2, good.len() - 9, good.len() - 8, good.len() - 1];
    for len in [0, 1, 5, 8, 9, 10, 20, 100, 500].into_iter().chain(ends) {
        let [redis, redarium] = BOTH.map(|program| start_with(program, &good[..len]).err());
        assert!(redis.is_some(), "cut to {len} bytes");
        assert_eq!(redarium, redis, "cut to {len} bytes");
    }
}

#[test]
fn a_file_of_another_kind_ends_the_start_with_the_words_of_redis() {
    let good = file_of_redis();
    let (last, body) = (good.len() - 1, &good[9..]);
    let cases: &[(&str, Vec<u8>)] = &[
        ("no RDB file", [b"RODIS0009", body].concat()),
        ("a newer version", [b"REDIS0099", body].concat()),
        ("an older version", [b"REDIS0000", body].concat()),
        ("a wrong checksum", [&good[..last], &[good[last] ^ 1]].concat()),
        ("more bytes at the end", [&good[..], b"more"].concat()),
        ("an unknown type", b"REDIS0009\xfe\x00\x99\x01a\x01b\xff\0\0\0\0\0\0\0\0".to_vec()),
        (
            "a huge count",
            b"REDIS0009\xfe\x00\xfb\x80\xff\xff\xff\xff\x00\xff\0\0\0\0\0\0\0\0".to_vec(),
        ),
    ];
    for (what, file) in cases {
        let [redis, redarium] = BOTH.map(|program| start_with(program, file));
        let keys = |start: Result<Snapshot, String>| start.map(|keys| keys.len());
        assert_eq!(keys(redarium), keys(redis), "{what}");
    }
}

#[test]
fn a_changed_byte_ends_the_start() {
    let good = file_of_redis();
    for at in (9..good.len()).step_by(good.len() / 40) {
        let mut file = good.clone();
        file[at] ^= 0x55;
        assert!(start_with(Program::Redarium, &file).is_err(), "byte {at} changed");
    }
    let huge_length = b"REDIS0009\xfe\x00\x00\x81\xff\xff\xff\xff\xff\xff\xff\xffa";
    assert!(start_with(Program::Redarium, huge_length).is_err());
}

#[test]
fn signals_save_where_save_points_are_set_and_end_orderly() {
    for program in BOTH {
        for signal in ["TERM", "INT"] {
            for (args, saves) in [(&["--save", "3600 1"][..], true), (&["--save", ""], false)] {
                let mut server = Setup::bare(program).args(args.iter().copied()).start();
                server.client().call(&["SET", "k", "v"]);
                server.signal(signal);
                let status = server.await_exit();
                assert_eq!(status.code(), Some(0), "{program} {signal} {args:?}");
                assert_eq!(server.path("dump.rdb").exists(), saves, "{program} {signal} {args:?}");
                if saves {
                    server.restart();
                    assert_eq!(server.client().call(&["GET", "k"]).text(), "v");
                }
            }
        }
    }
}

#[test]
fn a_signal_lets_replies_in_flight_finish() {
    for program in BOTH {
        let mut server = Setup::new(program).start();
        let mut client = server.client();
        let value = "v".repeat(100_000);
        client.call(&["SET", "k", &value]);
        client.send_raw(&encode(&["GET", "k"]).repeat(3)).expect("the server reads");
        let first = client.read().expect("a reply");
        server.signal("TERM");
        assert_eq!(first.text().len(), value.len());
        for _ in 0..2 {
            assert_eq!(
                client.read().expect("a reply that was due").text().len(),
                value.len(),
                "{program}"
            );
        }
        assert_eq!(server.await_exit().code(), Some(0));
    }
}

#[test]
fn shutdown_saves_as_told() {
    let cases: &[(&[&str], &[&str], bool)] = &[
        (&["SHUTDOWN"], &["--save", ""], false),
        (&["SHUTDOWN"], &["--save", "3600 1"], true),
        (&["SHUTDOWN", "SAVE"], &["--save", ""], true),
        (&["SHUTDOWN", "NOSAVE"], &["--save", "3600 1"], false),
        (&["shutdown", "nosave", "now", "force"], &["--save", "3600 1"], false),
    ];
    for program in BOTH {
        for (command, args, saves) in cases {
            let mut server = Setup::bare(program).args(args.iter().copied()).start();
            let mut client = server.client();
            client.call(&["SET", "k", "v"]);
            client.send_raw(&encode(command)).expect("the server reads");
            assert_eq!(
                client.read_to_end().expect("the connection ends"),
                b"",
                "{program} {command:?}"
            );
            assert_eq!(server.await_exit().code(), Some(0), "{program} {command:?}");
            assert_eq!(server.path("dump.rdb").exists(), *saves, "{program} {command:?} {args:?}");
        }
    }
}

#[test]
fn save_points_save_by_themselves() {
    for program in BOTH {
        let server = Setup::bare(program).args(["--save", "1 2"]).start();
        let mut client = server.client();
        assert_eq!(info(&mut client, "rdb_changes_since_last_save"), "0");
        client.call(&["MSET", "a", "1", "b", "2", "c", "3"]);
        eventually("a save point is reached", || server.path("dump.rdb").exists());
        eventually("the changes are saved", || {
            info(&mut client, "rdb_changes_since_last_save") == "0"
        });
        assert_eq!(info(&mut client, "rdb_last_bgsave_status"), "ok");
    }
}

#[test]
fn flushall_empties_the_file_where_save_points_are_set() {
    for program in BOTH {
        for (args, keys) in [(["--save", "3600 1"], 0), (["--save", ""], 1)] {
            let mut server = Setup::bare(program).args(args).start();
            server.client().call(&["SET", "k", "v"]);
            assert!(server.client().call(&["SAVE"]).is_status("OK"));
            assert!(server.client().call(&["FLUSHALL"]).is_status("OK"));
            let mut client = server.client();
            eventually("it is saved", || info(&mut client, "rdb_bgsave_in_progress") == "0");
            server.kill();
            server.restart();
            assert_eq!(server.client().call(&["DBSIZE"]).integer(), keys, "{program} {args:?}");
        }
    }
}

#[test]
fn a_failed_save_is_reported_and_stops_writes() {
    for program in BOTH {
        let server = Setup::bare(program).args(["--save", "3600 100000"]).start();
        let mut client = server.client();
        client.call(&["SET", "k", "v"]);
        let in_the_way = server.path("dump.rdb").join("full");
        fs::create_dir_all(&in_the_way).expect("a folder in the file's place");
        assert!(client.call(&["SAVE"]).is_error(), "{program}");
        assert!(!client.call(&["BGSAVE"]).is_error(), "{program}: BGSAVE is begun");
        eventually("BGSAVE fails", || info(&mut client, "rdb_last_bgsave_status") == "err");
        let refused = client.call(&["SET", "k", "w"]).text();
        assert!(
            refused.starts_with("MISCONF Redis is configured to save RDB snapshots, but"),
            "{program}: {refused}"
        );
        assert_eq!(client.call(&["GET", "k"]).text(), "v");
        fs::remove_dir_all(server.path("dump.rdb")).expect("the folder goes away");
        save_with(&server, "BGSAVE");
        assert!(
            client.call(&["SET", "k", "w"]).is_status("OK"),
            "{program}: a save that works allows writes"
        );
    }
}

#[test]
fn the_file_of_the_settings_is_used() {
    for program in BOTH {
        let mut server = Setup::new(program).args(["--dbfilename", "other.rdb"]).start();
        fill(&mut server.client());
        let held = Snapshot::of(&mut server.client());
        assert!(server.client().call(&["SAVE"]).is_status("OK"));
        assert!(server.path("other.rdb").exists() && !server.path("dump.rdb").exists());
        let left: Vec<_> = fs::read_dir(server.dir()).expect("the directory").flatten().collect();
        assert_eq!(left.len(), 2, "the file and the log, and no temporary file: {left:?}");
        server.restart();
        let differences = held.differences(&Snapshot::of(&mut server.client()), 0);
        assert!(differences.is_empty(), "{program}: {differences:#?}");
    }
}

/// Saves and gives the file's bytes.
fn save_with(server: &Server, command: &str) -> Vec<u8> {
    let mut client = server.client();
    let _ = fs::remove_file(server.path("dump.rdb"));
    let reply = client.call(&[command]);
    assert!(!reply.is_error(), "{}: {reply:?}", server.program());
    eventually("the file is written", || info(&mut client, "rdb_bgsave_in_progress") == "0");
    assert_eq!(info(&mut client, "rdb_last_bgsave_status"), "ok");
    fs::read(server.path("dump.rdb")).expect("the file")
}

fn file_of_redis() -> Vec<u8> {
    let writer = Setup::new(Program::Redis).start();
    fill(&mut writer.client());
    save_with(&writer, "SAVE")
}

/// Starts with a file; the keys if it is loaded, the log's first complaint if the process ends.
fn start_with(program: Program, file: &[u8]) -> Result<Snapshot, String> {
    let mut server = Setup::new(program).file("dump.rdb", file).spawn();
    let Some(status) = server.await_ready_or_exit() else {
        return Ok(Snapshot::of(&mut server.client()));
    };
    assert!(ended_badly(status), "{program} ended as if nothing were wrong: {status}");
    let log = server.log();
    let warnings = log.lines().filter_map(|line| Some(line.split_once(" # ")?.1));
    // Redis greets at the level of warnings.
    let greets = |text: &str| {
        ["oO0", "Redis version", "Configuration", "Server init", "WARNING"]
            .iter()
            .any(|start| text.starts_with(start))
    };
    let complaint = warnings.into_iter().find(|text| !greets(text));
    let complaint = complaint.unwrap_or_else(|| panic!("{program} says nothing: {log}"));
    // Redis names a place in its source in front of the reason.
    Err(complaint.split_once(" -> ").map_or(complaint, |(_, reason)| reason).to_owned())
}

/// With an error's exit status or by a signal: Redis aborts on some damage.
fn ended_badly(status: ExitStatus) -> bool {
    status.code() != Some(0)
}

/// Strings of every kind the format writes in its own way.
fn fill(client: &mut Client) {
    client.call(&["SET", "empty", ""]);
    client.call(&[&b"SET"[..], b"bytes\x00\xff", b"\x00\x01\xfe\r\n"]);
    client.call(&["SET", "", "an empty name"]);
    for number in [
        "0",
        "-1",
        "127",
        "-128",
        "128",
        "-129",
        "32767",
        "-32768",
        "32768",
        "2147483647",
        "-2147483648",
        "2147483648",
        "9223372036854775807",
        "007",
        "+1",
        "-0",
        " 1",
    ] {
        client.call(&["SET", &format!("number:{number}"), number]);
    }
    for len in [1, 20, 21, 43, 44, 45, 63, 64, 16_383, 16_384, 70_000] {
        client.call(&["SET", &format!("repetitive:{len}"), &"r".repeat(len)]);
        let varied: Vec<u8> = (0..len).map(|at| (at.wrapping_mul(at) >> 3) as u8).collect();
        client.call(&[b"SET", format!("varied:{len}").as_bytes(), &varied]);
    }
    client.call(&["SET", &"k".repeat(300), "a long name"]);
    client.call(&["SET", "expiring", "v", "EX", "5000"]);
    client.call(&["SET", "expiring-ms", "12", "PXAT", "33177117420123"]);
    for database in ["1", "3"] {
        client.call(&["SELECT", database]);
        client.call(&["SET", "here", database]);
    }
    client.call(&["SELECT", "0"]);
}

fn info(client: &mut Client, name: &str) -> String {
    let text = client.call(&["INFO", "persistence"]).text();
    let field = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    field.unwrap_or_else(|| panic!("INFO has no {name}")).to_owned()
}
