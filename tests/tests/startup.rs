//! The command line and the configuration file: both programs make the same of the same words.

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use redarium_tests::client::Client;
use redarium_tests::program::Program;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;

const BOTH: [Program; 2] = [Program::Redarium, Program::Redis];

#[test]
fn wrong_settings_end_the_start_with_the_same_words() {
    const CASES: &[&[&str]] = &[
        &["--nosuch", "1"],
        &["--maxmemory"],
        &["--port", "abc"],
        &["--port", "65536"],
        &["--port", "-1"],
        &["--maxmemory", "1xb"],
        &["--maxmemory", "-1"],
        &["--save", "10"],
        &["--save", "10", "x"],
        &["--appendonly", "maybe"],
        &["--dir", "/nonexistent"],
        &["--replicaof", "localhost"],
        &["--replicaof", "a", "b", "c"],
        &["--replicaof", "localhost", "x"],
        &["--databases", "0"],
        &["--maxmemory-policy", "sometimes"],
        &["--dbfilename", "a/b"],
        &["--timeout", "-1"],
        &["--hz"],
        &["--repl-backlog-size", "x"],
        &["--client-output-buffer-limit", "nosuch 0 0 0"],
        &["--enable-debug-command", "perhaps"],
        &["--notify-keyspace-events", "?"],
        &["--proto-max-bulk-len", "1"],
    ];
    for case in CASES {
        let [ours, theirs] =
            BOTH.map(|program| refusal(Setup::new(program).args(case.iter().copied())));
        assert_eq!(ours, theirs, "{case:?}");
    }
}

#[test]
fn wrong_lines_of_the_file_are_named() {
    const CASES: &[&str] = &[
        "nosuch 1",
        "port",
        "\n\n# a comment\nport 1 2",
        "save 10",
        "maxmemory 1xb",
        "dir \"open",
        "dir 'open",
        "hz ten",
        "include /nonexistent/file.conf",
        "replicaof localhost",
        "rename-command",
        "user",
    ];
    for text in CASES {
        let [ours, theirs] = BOTH.map(|program| refusal(with_file(program, text, &[])));
        assert_eq!(ours, theirs, "{text:?}");
    }
}

#[test]
fn settings_come_from_the_file_and_then_from_the_flags() {
    for (text, flags) in SETTINGS {
        let [ours, theirs] = BOTH.map(|program| {
            let setup = with_file(program, text, flags).file("more.conf", b"hz 88\ntimeout 5\n");
            setup.start().client().call(NAMES).sorted()
        });
        assert_eq!(ours, theirs, "{text:?} {flags:?}");
    }
}

#[test]
fn a_taken_port_is_an_error_that_says_so() {
    for program in BOTH {
        let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = taken.local_addr().expect("the listener's address").port();
        let mut server = Setup::new(program).args(["--bind", "127.0.0.1"]).on_port(port).spawn();
        let status = server.await_exit();
        assert_eq!(status.code(), Some(1), "{program}");
        let log = server.log();
        assert!(log.contains("Address already in use") && log.contains(&port.to_string()), "{log}");
        assert!(log.contains("Failed listening on port"), "{log}");
    }
}

#[test]
fn the_log_has_the_lines_that_tools_wait_for() {
    let program = Program::Redarium;
    let mut server = Setup::bare(program).args(["--save", "3600 1"]).start();
    server.client().call(&["SET", "k", "v"]);
    server.signal("TERM");
    server.await_exit();
    let log = server.log();
    let wanted = [
        format!("PID: {}", server.pid()),
        "Server initialized".to_owned(),
        "Ready to accept connections tcp".to_owned(),
        "DB saved on disk".to_owned(),
        "ready to exit, bye bye".to_owned(),
    ];
    let mut rest = log.as_str();
    for line in wanted {
        let at = rest.find(&line).unwrap_or_else(|| panic!("the log lacks `{line}` here: {rest}"));
        rest = &rest[at..];
    }
    let ready = log.lines().find(|line| line.contains("Ready to accept")).expect("found before");
    assert!(ready.starts_with(&format!("{}:M ", server.pid())), "{ready}");
}

#[test]
fn an_empty_file_changes_nothing() {
    for program in BOTH {
        let server = with_file(program, "", &[]).start();
        assert!(
            server.client().call(&["CONFIG", "GET", "dir"]).items()[1].text()
                == server.dir().to_string_lossy()
        );
        assert!(fs::metadata(server.path("test.conf")).is_ok());
    }
}

#[test]
fn standard_input_is_read_after_the_file_and_before_the_flags() {
    for program in BOTH {
        let setup = with_file(program, "hz 20\ntimeout 5\n", &["--repl-timeout", "9", "-"]);
        let setup = setup.file("more.conf", b"hz 30\nrepl-timeout 8\n").input("more.conf");
        let server = setup.start();
        for (name, value) in [("hz", "30"), ("timeout", "5"), ("repl-timeout", "9")] {
            let shown = server.client().call(&["CONFIG", "GET", name]);
            assert_eq!(shown.items()[1].text(), value, "{program} {name}");
        }
    }
}

#[test]
fn what_is_no_server_says_so_and_ends() {
    for (args, status, text) in [
        (&["--version"][..], 0, "Redarium server v=7.4.0 redarium="),
        (&["-v"], 0, "Redarium server v=7.4.0 redarium="),
        (&["--help"], 0, "Usage: redarium [FILE]"),
        (&["-h"], 0, "Usage: redarium [FILE]"),
        (&["--test-memory", "100"], 1, "Redarium does not test memory"),
        (&["--check-system"], 1, "Redarium does not check the system"),
        (&["--sentinel"], 1, "Redarium is no Sentinel"),
        (&["nosuch.conf"], 1, "/nosuch.conf': No such file or directory"),
    ] {
        let output = Command::new(Program::Redarium.path()).args(args).output().expect("it runs");
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {told}");
        assert!(told.contains(text), "{args:?}: {told}");
    }
}

#[test]
fn nothing_is_logged_when_nothing_is_wanted() {
    let setup = Setup::new(Program::Redarium).args(["--loglevel", "nothing"]);
    let mut server = setup.args(["--logfile", "quiet.log"]).start();
    server.signal("TERM");
    server.await_exit();
    assert_eq!(fs::read_to_string(server.path("quiet.log")).expect("an empty log"), "");
}

#[test]
fn the_log_goes_on_in_a_new_file_when_the_old_one_is_moved_away() {
    for program in BOTH {
        let mut server = Setup::new(program).args(["--logfile", "kept.log"]).start();
        fs::rename(server.path("kept.log"), server.path("rotated.log")).expect("another name");
        server.signal("TERM");
        server.await_exit();
        let read = |name| fs::read_to_string(server.path(name)).expect("a log");
        assert!(read("rotated.log").contains("Ready to accept connections"), "{program}");
        assert!(read("kept.log").contains("bye bye"), "{program}");
    }
}

#[test]
fn a_log_that_cannot_be_written_ends_the_start() {
    for program in BOTH {
        let mut server = Setup::new(program).args(["--logfile", "no/such/folder.log"]).spawn();
        assert_eq!(server.await_exit().code(), Some(1), "{program}");
        let line = "Can't open the log file: No such file or directory";
        assert!(server.log().contains(line), "{program}: {}", server.log());
    }
}

/// More clients than the system has descriptors for.
#[test]
fn maxclients_is_lowered_to_what_the_system_allows() {
    let setup = Setup::new(Program::Redarium).args(["--maxclients", "2000000000"]);
    let server = setup.open_files_max(300).start();
    let shown = server.client().call(&["CONFIG", "GET", "maxclients"]);
    assert_eq!(shown.items()[1].text(), "268");
    let log = server.log();
    for line in [
        "# You requested maxclients of 2000000000 requiring at least 2000000032 max file descriptors.",
        "# Server can't set maximum open files to 2000000032 because of OS error: ",
        "# Current maximum open files is 300. maxclients has been reduced to 268 to compensate for low \
         ulimit. If you need higher maxclients increase 'ulimit -n'.",
    ] {
        assert!(log.contains(line), "the log lacks `{line}`: {log}");
    }
    let mut server = Setup::new(Program::Redarium)
        .args(["--maxclients", "2000000000"])
        .open_files_max(30)
        .spawn();
    assert_eq!(server.await_exit().code(), Some(1));
    assert!(server.log().contains("Your current 'ulimit -n' of 30 is not enough"));
}

#[test]
fn a_service_manager_is_told() {
    for program in BOTH {
        let setup = Setup::new(program).args(["--supervised", "systemd"]);
        let address = setup.dir().join("notify.sock");
        let manager = UnixDatagram::bind(&address).expect("a socket");
        manager.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        let setup = setup.environment("NOTIFY_SOCKET", &address.to_string_lossy());
        let mut server = setup.start();
        assert!(heard(&manager, "READY=1"), "{program}");
        let info = server.client().call(&["INFO", "server"]);
        assert!(info.text().contains("process_supervised:systemd"), "{program}");
        server.signal("TERM");
        server.await_exit();
        assert!(heard(&manager, "STOPPING=1"), "{program}");
    }
}

#[test]
fn a_daemon_leaves_its_starter_and_a_file_with_its_id() {
    for program in BOTH {
        let flags = ["--daemonize", "yes", "--pidfile", "it.pid", "--logfile", "it.log"];
        let mut starter = Setup::new(program).args(flags).spawn();
        assert_eq!(starter.await_exit().code(), Some(0), "{program}");
        let port = starter.port();
        eventually("the daemon answers", || Client::connect(port).is_ok());
        let shown = starter.client().call(&["CONFIG", "GET", "daemonize"]);
        assert_eq!(shown.items()[1].text(), "yes", "{program}");
        let file = starter.path("it.pid");
        eventually("its id is written", || {
            fs::read_to_string(&file).is_ok_and(|id| !id.is_empty())
        });
        let id = fs::read_to_string(&file).expect("its id");
        let info = starter.client().call(&["INFO", "server"]);
        assert!(info.text().contains(&format!("process_id:{}\r", id.trim())), "{program}");
        // It goes without an answer.
        let _ = starter.client().try_call(&["SHUTDOWN", "NOSAVE"]);
        eventually("it takes its file along", || !file.exists());
    }
}

fn heard(manager: &UnixDatagram, state: &str) -> bool {
    let mut message = [0; 1024];
    while let Ok(length) = manager.recv(&mut message) {
        if String::from_utf8_lossy(&message[..length]).contains(state) {
            return true;
        }
    }
    false
}

/// A server that reads this file, which goes first on the command line.
fn with_file(program: Program, text: &str, flags: &[&str]) -> Setup {
    let setup = Setup::bare(program).file("test.conf", text.as_bytes());
    setup.config_file("test.conf").args(flags.iter().copied())
}

/// The status and the last words of a start that must fail, without the program's name and the
/// number of the line, which counts the words the test itself put in front.
fn refusal(setup: Setup) -> (Option<i32>, String) {
    let mut server = setup.spawn();
    let status = server.await_exit();
    let log = server.log();
    let begun = log.lines().skip_while(|line| !line.to_ascii_lowercase().contains("fatal"));
    let told = begun.filter(|line| !line.contains("***") && !line.starts_with("Reading the"));
    // One of them is a line of the log for Redis, with a time in front.
    let complaint = told.map(|line| line.split_once(" # ").map_or(line, |(_, text)| text));
    (status.code(), complaint.collect::<Vec<_>>().join("\n"))
}

/// Texts of the file, and flags.
const SETTINGS: &[(&str, &[&str])] = &[
    ("", &[]),
    ("maxmemory 100mb\nmaxmemory-policy allkeys-lru\n", &[]),
    ("maxmemory 100mb\n", &["--maxmemory", "1gb"]),
    ("MAXMEMORY 2gb\n  hz   50  \n\ttimeout 7\t\n", &[]),
    ("# nothing\n\n   # more nothing\nhz 20", &[]),
    ("save 100 10\nsave 60 5\n", &[]),
    ("save 100 10 60 5\n", &[]),
    ("save ''\n", &[]),
    ("save \"\"\nsave 10 1\n", &[]),
    ("", &["--save", ""]),
    ("", &["--save"]),
    ("", &["--save", "100", "10"]),
    ("", &["--save", "100 10"]),
    ("", &["--save", "100", "10", "--save", "60 5"]),
    ("save 100 10\n", &["--save", "60 5"]),
    ("", &["--maxmemory 700mb"]),
    ("", &["--maxmemory", "700mb", "--hz", "33"]),
    ("", &["--maxmemory 700mb", "--hz 33"]),
    ("dbfilename \"a b.rdb\"\n", &[]),
    ("dbfilename 'a b.rdb'\n", &[]),
    ("dbfilename \"\\x61.rdb\"\n", &[]),
    ("slave-read-only no\nslave-priority 50\n", &[]),
    ("", &["--replica-read-only", "no", "--slave-priority", "7"]),
    ("client-output-buffer-limit normal 1mb 2mb 3\n", &[]),
    ("notify-keyspace-events KEA\n", &[]),
    ("notify-keyspace-events \"\"\n", &[]),
    ("databases 4\n", &["--loglevel", "verbose"]),
    ("include more.conf\nhz 77\n", &[]),
    ("hz 77\ninclude more.conf\n", &[]),
    ("bind 127.0.0.1\nprotected-mode no\n", &[]),
    ("appendonly no\nappendfsync always\n", &[]),
    ("repl-backlog-size 3mb\nrepl-timeout 9\nmin-replicas-to-write 2\n", &[]),
    ("hash-max-ziplist-entries 9\nset-max-intset-entries 8\n", &[]),
    ("masterauth secret\nmasteruser me\n", &[]),
    ("lazyfree-lazy-expire yes\nactivedefrag no\n", &[]),
    ("oom-score-adj no\ntcp-keepalive 10\ntcp-backlog 100\n", &[]),
];

/// What is asked for to compare.
const NAMES: &[&str] = &[
    "CONFIG",
    "GET",
    "maxmemory",
    "maxmemory-policy",
    "hz",
    "timeout",
    "save",
    "dbfilename",
    "replica-read-only",
    "replica-priority",
    "client-output-buffer-limit",
    "notify-keyspace-events",
    "databases",
    "loglevel",
    "protected-mode",
    "appendfsync",
    "repl-backlog-size",
    "repl-timeout",
    "min-replicas-to-write",
    "hash-max-listpack-entries",
    "set-max-intset-entries",
    "masterauth",
    "masteruser",
    "lazyfree-lazy-expire",
    "tcp-keepalive",
    "tcp-backlog",
    "oom-score-adj",
];
