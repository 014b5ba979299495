//! The socket in the file system, compared with a real Redis's.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use redarium_tests::program::Program;
use redarium_tests::program::redis_tool;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;

const BOTH: [Program; 2] = [Program::Redarium, Program::Redis];

#[test]
fn commands_are_answered_and_the_file_goes_at_the_end() {
    for program in BOTH {
        let mut server = serve(program, &[]);
        let socket = server.path("r.sock");
        assert_eq!(ask(&socket, &["SET", "k", "v"]), "OK", "{program}");
        assert_eq!(ask(&socket, &["GET", "k"]), "v", "{program}");
        let list = ask(&socket, &["CLIENT", "LIST"]);
        for field in [" addr=r.sock:0 ", " laddr=r.sock:0 ", " flags=U "] {
            assert!(list.contains(field), "{program}: {list}");
        }
        server.signal("TERM");
        assert_eq!(server.await_exit().code(), Some(0), "{program}");
        assert!(!socket.exists(), "{program} leaves its socket");
        assert!(server.log().contains("Removing the unix socket file."), "{program}");
    }
}

#[test]
fn permissions_are_set_before_anybody_connects() {
    for program in BOTH {
        for mode in [0o700, 0o770, 0o606] {
            let server = serve(program, &["--unixsocketperm", &format!("{mode:o}")]);
            let found = fs::metadata(server.path("r.sock")).expect("a socket");
            assert!(found.file_type().is_socket());
            assert_eq!(found.permissions().mode() & 0o777, mode, "{program}");
        }
    }
}

#[test]
fn a_stale_file_is_replaced() {
    for program in BOTH {
        let setup = on_socket(program, &[]);
        drop(UnixListener::bind(setup.dir().join("r.sock")).expect("a socket"));
        let server = ready(setup);
        assert_eq!(ask(&server.path("r.sock"), &["PING"]), "PONG", "{program}");
    }
}

#[test]
fn a_place_that_cannot_be_had_ends_the_start() {
    for program in BOTH {
        let mut server = on_socket(program, &["--unixsocket", "no/such/folder.sock"]).spawn();
        assert_eq!(server.await_exit().code(), Some(1), "{program}");
        let line = "Failed opening Unix socket: bind: No such file or directory";
        assert!(server.log().contains(line), "{program}: {}", server.log());
    }
}

#[test]
fn without_any_place_there_is_no_start() {
    for program in BOTH {
        for args in [["--port", "0"], ["--bind", ""]] {
            let mut server = Setup::new(program).args(args).spawn();
            assert_eq!(server.await_exit().code(), Some(1), "{program}");
            let line = "Configured to not listen anywhere, exiting.";
            assert!(server.log().contains(line), "{program} {args:?}: {}", server.log());
        }
    }
}

#[test]
fn pipelines_and_large_replies_travel_whole() {
    for program in BOTH {
        let server = serve(program, &[]);
        let mut stream = UnixStream::connect(server.path("r.sock")).expect("a connection");
        let value = "x".repeat(300_000);
        let set = format!("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${}\r\n{value}\r\n", value.len());
        stream.write_all(set.as_bytes()).expect("the server reads");
        stream.write_all("GET k\r\n".repeat(50).as_bytes()).expect("the server reads");
        let reply = format!("${}\r\n{value}\r\n", value.len());
        let mut received = vec![0; 5 + 50 * reply.len()];
        stream.read_exact(&mut received).expect("all replies");
        assert!(received == ["+OK\r\n", &reply.repeat(50)].concat().as_bytes(), "{program}");
    }
}

fn on_socket(program: Program, args: &[&str]) -> Setup {
    let setup = Setup::new(program).args(["--port", "0", "--unixsocket", "r.sock"]);
    setup.args(args.iter().copied())
}

fn serve(program: Program, args: &[&str]) -> Server {
    ready(on_socket(program, args))
}

fn ready(setup: Setup) -> Server {
    let server = setup.spawn();
    eventually("it answers", || ask(&server.path("r.sock"), &["PING"]) == "PONG");
    server
}

fn ask(socket: &Path, words: &[&str]) -> String {
    let mut command = Command::new(redis_tool("redis-cli"));
    let output = command.arg("-s").arg(socket).args(words).output().expect("redis-cli runs");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}
