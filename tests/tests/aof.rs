//! The append-only file: what one program writes the other loads, what a crash leaves behind is
//! read, and what is damaged is refused in the words of Redis.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

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
fn what_one_writes_the_other_loads() {
    for (writer, reader) in PAIRINGS {
        for preamble in ["yes", "no"] {
            for rewrites in [false, true] {
                let case = format!("{writer} to {reader}, preamble {preamble}, {rewrites}");
                let writer = start(writer, &["--aof-use-rdb-preamble", preamble]);
                let mut client = writer.client();
                fill(&mut client);
                if rewrites {
                    rewrite(&mut client);
                    client.call(&["RPUSH", "list", "after"]);
                }
                let held = Snapshot::of(&mut client).without_encodings();
                shut_down(writer, |dir| {
                    let reader = start_on(reader, dir, &[]);
                    let loaded = Snapshot::of(&mut reader.client()).without_encodings();
                    let differences = held.differences(&loaded, 0);
                    assert!(differences.is_empty(), "{case}: {differences:#?}");
                    if reader.program() == Program::Redis {
                        assert_valid(&reader.path("appendonlydir"), &case);
                    }
                });
            }
        }
    }
}

#[test]
fn redis_check_aof_accepts_what_redarium_writes() {
    for args in [&[][..], &["--aof-timestamp-enabled", "yes"], &["--aof-use-rdb-preamble", "no"]] {
        let server = start(Program::Redarium, args);
        let mut client = server.client();
        fill(&mut client);
        rewrite(&mut client);
        fill(&mut client);
        shut_down(server, |dir| assert_valid(&dir.join("appendonlydir"), &format!("{args:?}")));
    }
}

/// One whole request of 27 bytes, then `tail`: where it goes wrong, if it does, and whether it can be mended.
const TAILS: [(&str, Option<&str>); 5] = [
    ("", None),
    ("#TS:1\r\n", None),
    ("*3\r\n$3\r\nSE", Some("0x              25: ")),
    ("*1\r\n$5\r\nMULTI\r\n", Some("0x              2a: ")),
    ("SET k w\r\n*1\r\n$4\r\nPING\r\n", Some("0x              1b: ")),
];

#[test]
fn check_aof_finds_what_redis_check_aof_finds_and_mends_it() {
    let setup = Setup::new(Program::Redarium);
    let file = setup.dir().join("log.aof");
    for (tail, offset) in TAILS {
        let whole = encode(&["SET", "k", "v"]);
        fs::write(&file, [&whole[..], tail.as_bytes()].concat()).expect("a file");
        let (status, said) = check_aof(&[], &file, "");
        let theirs = Command::new(redis_tool("redis-check-aof")).arg(&file).output();
        assert_eq!(Some(status), theirs.expect("redis-check-aof runs").status.code(), "{said}");
        assert_eq!(status, i32::from(offset.is_some()), "{said}");
        let Some(offset) = offset else {
            assert!(said.ends_with("AOF log.aof is valid\n"), "{said}");
            continue;
        };
        let size = whole.len() + tail.len();
        let analyzed = format!(
            "AOF analyzed: filename=log.aof, size={size}, ok_up_to=27, diff={}\n",
            tail.len()
        );
        assert!(said.contains(offset) && said.contains(&analyzed), "{said}");
        assert!(said.ends_with("Use the --fix option to try fixing it.\n"), "{said}");
        for (answer, status, bytes) in [("n\n", 1, size), ("", 1, size), ("y\n", 0, 27)] {
            let (ended, said) = check_aof(&["--fix"], &file, answer);
            assert_eq!(
                (ended, fs::read(&file).expect("it is there").len()),
                (status, bytes),
                "{said}"
            );
        }
        assert_eq!(check_aof(&[], &file, "").0, 0);
    }
    fs::write(&file, "").expect("a file");
    assert_eq!(check_aof(&[], &file, "").0, 0);
    let (status, said) = check_aof(&[], &setup.dir().join("none"), "");
    assert!(status == 1 && said.starts_with("Cannot open file"), "{said}");
}

#[test]
fn check_aof_follows_a_manifest_and_mends_the_last_file_alone() {
    let server = start(Program::Redarium, &[]);
    let mut client = server.client();
    fill(&mut client);
    rewrite(&mut client);
    client.call(&["SET", "k", "v"]);
    shut_down(server, |dir| {
        let file = |name: &str| dir.join("appendonlydir").join(format!("appendonly.aof.{name}"));
        let manifest = file("manifest");
        let (status, said) = check_aof(&[], &manifest, "");
        assert!(status == 0 && said.contains("RDB looks OK"), "{said}");
        assert!(said.ends_with("All AOF files and manifest are valid\n"), "{said}");
        let (base, incr) = (file("2.base.rdb"), file("2.incr.aof"));
        let whole = fs::read(&incr).expect("an increment");
        fs::write(&incr, &whole[..whole.len() - 1]).expect("it can be written");
        let (status, said) = check_aof(&["--fix"], &manifest, "yes\n");
        assert!(status == 0 && said.contains("Successfully truncated AOF"), "{said}");
        let payload = fs::read(&base).expect("a base");
        fs::write(&base, &payload[..payload.len() / 2]).expect("it can be written");
        let (status, said) = check_aof(&["--fix"], &manifest, "yes\n");
        assert!(status == 1 && said.contains("RDB preamble of AOF file is not sane"), "{said}");
        let text = format!("{}\n", fs::read_to_string(&manifest).expect("a manifest"));
        fs::write(&manifest, text).expect("it can be written");
        let (status, said) = check_aof(&[], &manifest, "");
        assert!(status == 1 && said.contains("Invalid AOF manifest file format"), "{said}");
    });
}

/// Exit status and words of `redarium check-aof`.
fn check_aof(options: &[&str], file: &Path, answer: &str) -> (i32, String) {
    let mut check = Command::new(Program::Redarium.path())
        .arg("check-aof")
        .args(options)
        .arg(file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // It may have ended without asking.
    let _ = check.stdin.take().expect("a pipe").write_all(answer.as_bytes());
    let output = check.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().expect("it ends by itself"), said)
}

#[test]
fn a_log_of_the_older_form_is_moved_into_the_folder() {
    let old = encode(&["SET", "k", "v"]);
    for program in BOTH {
        let setup = Setup::new(program).file("appendonly.aof", &old);
        let mut server = setup.args(["--appendonly", "yes"]).start();
        assert_eq!(server.client().call(&["GET", "k"]).text(), "v", "{program}");
        let manifest = fs::read_to_string(server.path("appendonlydir/appendonly.aof.manifest"));
        let expect =
            "file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n";
        assert_eq!(manifest.expect("a manifest"), expect, "{program}");
        assert!(!server.path("appendonly.aof").exists(), "{program}");
        server.client().call(&["SET", "k", "w"]);
        server.signal("TERM");
        server.await_exit();
        server.restart();
        assert_eq!(server.client().call(&["GET", "k"]).text(), "w", "{program}");
    }
}

#[test]
fn a_tail_that_a_crash_cut_off_is_taken_or_refused_as_set() {
    let whole = encode(&["SET", "k", "v"]);
    let open = [&whole[..], &encode(&["MULTI"]), &encode(&["SET", "k", "w"])].concat();
    let cut = [&whole[..], &encode(&["SET", "k", "w"])[..20]].concat();
    for tail in [&open, &cut] {
        for program in BOTH {
            let server = start_with(program, tail, &["--aof-load-truncated", "yes"]);
            let mut server = server.unwrap_or_else(|log| panic!("{program}: {log}"));
            assert_eq!(server.client().call(&["GET", "k"]).text(), "v", "{program}");
            server.client().call(&["SET", "l", "v"]);
            server.signal("TERM");
            server.await_exit();
            server.restart();
            assert_eq!(server.client().call(&["DBSIZE"]).integer(), 2, "{program}");
        }
        let refusals = BOTH
            .map(|program| complaints(start_with(program, tail, &["--aof-load-truncated", "no"])));
        let said = "Unexpected end of file reading the append only file appendonly.aof.1.incr.aof. You can";
        for refusal in &refusals {
            assert!(refusal.contains(said), "{refusal}");
        }
    }
}

#[test]
fn what_is_no_log_ends_the_start_with_the_words_of_redis() {
    let whole = encode(&["SET", "k", "v"]);
    let cases: &[(Vec<u8>, &str)] = &[
        ([&whole[..], b"SET k w\r\n"].concat(), "Bad file format reading the append only file"),
        ([&whole[..], b"*2\r\n+GET\r\n"].concat(), "Bad file format reading the append only file"),
        (
            encode(&["NOSUCHCOMMAND", "x"]),
            "Unknown command 'NOSUCHCOMMAND' reading the append only",
        ),
    ];
    for (log, said) in cases {
        for program in BOTH {
            let refusal = complaints(start_with(program, log, &[]));
            assert!(refusal.contains(said), "{program}: {refusal}");
        }
    }
}

#[test]
fn a_manifest_that_is_wrong_ends_the_start_with_the_words_of_redis() {
    for (manifest, said) in [
        ("file x seq 1\n", "Invalid AOF manifest file format"),
        ("file a/b seq 1 type b\n", "File can't be a path, just a filename"),
        ("file x seq 1 type z\n", "Unknown AOF file type"),
        ("", "Found an empty AOF manifest"),
        ("file x seq 1 type i", "The AOF manifest file contains too long line"),
        ("file missing.aof seq 1 type i\n", "missing.aof"),
    ] {
        for program in BOTH {
            let setup = Setup::new(program);
            fs::create_dir(setup.dir().join("appendonlydir")).expect("a folder");
            let setup = setup.file("appendonlydir/appendonly.aof.manifest", manifest.as_bytes());
            let refusal = complaints(finish_start(setup.args(["--appendonly", "yes"])));
            assert!(refusal.contains(said), "{program} {manifest}: {refusal}");
        }
    }
}

#[test]
fn it_is_turned_on_and_off_while_the_server_runs() {
    for program in BOTH {
        let mut server = Setup::new(program).start();
        let mut client = server.client();
        client.call(&["SET", "before", "v"]);
        assert!(client.call(&["CONFIG", "SET", "appendonly", "yes"]).is_status("OK"));
        client.call(&["SET", "during", "v"]);
        eventually("the first base is written", || {
            server.path("appendonlydir/appendonly.aof.manifest").exists()
                && info(&mut client, "aof_rewrite_in_progress") == "0"
        });
        client.call(&["SET", "after", "v"]);
        // Redis waits with what it writes for a sync under way.
        eventually("the log is written", || info(&mut client, "aof_buffer_length") == "0");
        server.kill();
        let dir = server.dir();
        let reader = start_on(Program::Redarium, &dir, &[]);
        assert_eq!(reader.client().call(&["DBSIZE"]).integer(), 3, "{program}");
        drop(reader);
        server.restart();
        assert!(server.client().call(&["CONFIG", "SET", "appendonly", "no"]).is_status("OK"));
        assert!(server.client().call(&["SET", "k", "v"]).is_status("OK"));
    }
}

#[test]
fn save_is_allowed_while_it_is_rewritten() {
    for program in BOTH {
        let server = start(program, &[]);
        let mut client = server.client();
        client.call(&["SET", "k", "v"]);
        client.send_raw(&[encode(&["BGREWRITEAOF"]), encode(&["SAVE"])].concat()).expect("read");
        let replies = [(); 2].map(|()| client.read().expect("a reply"));
        assert!(replies[1].is_status("OK"), "{program}: {replies:?}");
        assert!(server.path("dump.rdb").exists(), "{program}");
        eventually("the rewrite ends", || info(&mut client, "aof_rewrite_in_progress") == "0");
    }
}

#[test]
fn it_is_rewritten_when_it_has_grown() {
    let args = ["--auto-aof-rewrite-min-size", "10kb", "--auto-aof-rewrite-percentage", "100"];
    let server = start(Program::Redarium, &args);
    let mut client = server.client();
    for _ in 0..400 {
        client.call(&["SET", "k", &"v".repeat(100)]);
    }
    eventually("a rewrite", || info(&mut client, "aof_rewrites") == "1");
    eventually("it ends", || info(&mut client, "aof_rewrite_in_progress") == "0");
    let bytes: u64 = info(&mut client, "aof_current_size").parse().expect("a number");
    assert!(bytes < 1_000, "{bytes} bytes");
}

fn start(program: Program, args: &[&str]) -> Server {
    Setup::new(program).args(["--appendonly", "yes"]).args(args.iter().copied()).start()
}

/// Starts on the files of another server.
fn start_on(program: Program, dir: &Path, args: &[&str]) -> Server {
    let mut setup = Setup::new(program).args(["--appendonly", "yes"]).args(args.iter().copied());
    let from = dir.join("appendonlydir");
    fs::create_dir(setup.dir().join("appendonlydir")).expect("a folder");
    for file in fs::read_dir(from).expect("the log's folder").flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        let bytes = fs::read(file.path()).expect("a file of the log");
        setup = setup.file(&format!("appendonlydir/{name}"), &bytes);
    }
    setup.start()
}

/// Starts with an increment; the server, or its log if it ends.
fn start_with(program: Program, incr: &[u8], args: &[&str]) -> Result<Server, String> {
    let setup = Setup::new(program);
    fs::create_dir(setup.dir().join("appendonlydir")).expect("a folder");
    let setup = setup
        .file("appendonlydir/appendonly.aof.1.incr.aof", incr)
        .file(
            "appendonlydir/appendonly.aof.manifest",
            b"file appendonly.aof.1.incr.aof seq 1 type i\n",
        )
        .args(["--appendonly", "yes"])
        .args(args.iter().copied());
    finish_start(setup)
}

fn finish_start(setup: Setup) -> Result<Server, String> {
    let mut server = setup.spawn();
    match server.await_ready_or_exit() {
        None => Ok(server),
        Some(status) => {
            assert_ne!(status.code(), Some(0), "ended as if nothing were wrong");
            Err(server.log())
        }
    }
}

fn complaints(start: Result<Server, String>) -> String {
    match start {
        Ok(server) => panic!("{} starts: {}", server.program(), server.log()),
        Err(log) => log,
    }
}

/// Ends a server in order and lets `look` at its directory, which goes with it.
fn shut_down(mut server: Server, look: impl FnOnce(&Path)) {
    server.signal("TERM");
    assert_eq!(server.await_exit().code(), Some(0));
    look(&server.dir());
}

fn assert_valid(folder: &Path, case: &str) {
    let manifest = folder.join("appendonly.aof.manifest");
    let check = Command::new(redis_tool("redis-check-aof")).arg(manifest).output();
    let check = check.expect("redis-check-aof runs");
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(
        check.status.success() && said.contains("All AOF files and manifest are valid"),
        "{case}: {said}"
    );
}

fn rewrite(client: &mut Client) {
    assert!(!client.call(&["BGREWRITEAOF"]).is_error());
    eventually("the rewrite ends", || info(client, "aof_rewrite_in_progress") == "0");
    assert_eq!(info(client, "aof_last_bgrewrite_status"), "ok");
}

/// Every type in its forms, expiries, several databases, a transaction.
fn fill(client: &mut Client) {
    client.call(&["SET", "string", "v"]);
    client.call(&["SET", "number", "12345"]);
    client.call(&[&b"SET"[..], b"bytes\x00\xff", b"\x00\r\n*1\r\n"]);
    client.call(&["SET", "expiring", "v", "EX", "5000"]);
    client.call(&["MULTI"]);
    client.call(&["INCR", "counter"]);
    client.call(&["APPEND", "string", "w"]);
    client.call(&["EXEC"]);
    for number in 0..300 {
        let text = number.to_string();
        client.call(&["RPUSH", "long list", &text]);
        client.call(&["SADD", "ints", &text]);
        client.call(&["SADD", "texts", &format!("member {text}")]);
        client.call(&["ZADD", "large zset", &format!("{number}.5"), &format!("member {text}")]);
        client.call(&["HSET", "large hash", &format!("field {text}"), &"v".repeat(70)]);
    }
    client.call(&["RPUSH", "list", "a", "b", ""]);
    client.call(&["SADD", "set", "a", "1"]);
    client.call(&["ZADD", "zset", "1.25", "a", "-inf", "b", "inf", "c", "3", "d"]);
    client.call(&["HSET", "hash", "f", "v", "", "empty"]);
    client.call(&["SPOP", "ints", "3"]);
    for id in ["1-1", "1-2", "5-0"] {
        client.call(&["XADD", "stream", id, "field", "value", "other", id]);
    }
    client.call(&["XDEL", "stream", "1-2"]);
    client.call(&["XGROUP", "CREATE", "stream", "group", "0"]);
    client.call(&["XGROUP", "CREATECONSUMER", "stream", "group", "idle"]);
    client.call(&["XREADGROUP", "GROUP", "group", "busy", "COUNT", "1", "STREAMS", "stream", ">"]);
    client.call(&["XADD", "empty stream", "3-3", "f", "v"]);
    client.call(&["XDEL", "empty stream", "3-3"]);
    client.call(&["SELECT", "3"]);
    client.call(&["SET", "here", "3"]);
    client.call(&["DEL", "gone"]);
    client.call(&["SELECT", "0"]);
}

fn info(client: &mut Client, name: &str) -> String {
    let text = client.call(&["INFO", "persistence"]).text();
    let field = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    field.unwrap_or_else(|| panic!("INFO has no {name}")).to_owned()
}
