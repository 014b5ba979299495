//! What the terminals print is what redis-cli prints: the same replies are put to both.
//!
//! Redis-cli asks a server that answers anything with the reply in question.

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::process::Command;
use std::process::Stdio;
use std::thread;

use redarium_core::client::Decoder;
use redarium_core::client::Value;
use redarium_core::client::print;
use redarium_core::client::print_push;
use redarium_core::client::print_raw;
use redarium_tests::program::redis_tool;

/// Replies of every kind that redis-cli 7.0 can read (it knows neither attributes, big numbers
/// nor errors of several lines), alone and inside each other.
const REPLIES: &[&str] = &[
    "+OK\r\n",
    "+\r\n",
    "-ERR no\r\n",
    ":0\r\n",
    ":-9223372036854775808\r\n",
    "$0\r\n\r\n",
    "$5\r\na b'c\r\n",
    "$9\r\n\"\\\n\r\t\u{7}\u{8}\0\u{7f}\r\n",
    "$6\r\né→x\r\n",
    "$-1\r\n",
    "*-1\r\n",
    "%-1\r\n",
    "_\r\n",
    "#t\r\n",
    "#f\r\n",
    ",3.141\r\n",
    ",10\r\n",
    ",1e+300\r\n",
    ",-0\r\n",
    ",inf\r\n",
    ",-inf\r\n",
    "=6\r\ntxt:hi\r\n",
    "=8\r\nmkd:a\r\nb\r\n",
    "*0\r\n",
    "~0\r\n",
    "%0\r\n",
    "*1\r\n*1\r\n*1\r\n*0\r\n",
    "*3\r\n$1\r\na\r\n_\r\n:3\r\n",
    "*3\r\n-ERR in\r\n+in\r\n#t\r\n",
    "*2\r\n*2\r\n:1\r\n*3\r\n$1\r\na\r\n$1\r\nb\r\n*2\r\n:5\r\n:6\r\n$1\r\nc\r\n",
    "*12\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n:7\r\n:8\r\n*2\r\n:1\r\n:2\r\n:10\r\n:11\r\n%1\r\n+k\r\n:1\r\n",
    "~3\r\n$1\r\nx\r\n$1\r\ny\r\n~2\r\n:1\r\n:2\r\n",
    "%2\r\n+k\r\n:1\r\n$1\r\nl\r\n,2.5\r\n",
    "%2\r\n$1\r\na\r\n*2\r\n:1\r\n:2\r\n$1\r\nb\r\n*1\r\n:3\r\n",
    "%1\r\n$1\r\na\r\n%2\r\n$1\r\nb\r\n~2\r\n:1\r\n:2\r\n$1\r\nc\r\n*0\r\n",
    "%1\r\n$1\r\na\r\n*1\r\n*2\r\n:1\r\n:2\r\n",
    "%1\r\n*2\r\n:1\r\n:2\r\n:3\r\n",
    "%2\r\n*1\r\n%1\r\n:1\r\n:2\r\n:3\r\n~0\r\n*0\r\n",
    "%11\r\n:1\r\n:1\r\n:2\r\n:2\r\n:3\r\n:3\r\n:4\r\n:4\r\n:5\r\n:5\r\n:6\r\n:6\r\n:7\r\n:7\r\n:8\r\n:8\r\n:9\r\n:9\r\n:10\r\n:10\r\n:11\r\n*2\r\n:1\r\n:2\r\n",
    "*2\r\n%1\r\n$1\r\nx\r\n*2\r\n:1\r\n:2\r\n%1\r\n$1\r\ny\r\n%0\r\n",
    "*1\r\n>2\r\n:1\r\n~1\r\n=5\r\ntxt:v\r\n",
];

#[test]
fn replies_look_as_redis_cli_prints_them() {
    for reply in REPLIES {
        let ours = print(&values(reply)[0]);
        for options in [&["--no-raw"][..], &["--no-raw", "-3"]] {
            compare(reply, options, &ours);
        }
    }
}

#[test]
fn texts_for_people_look_as_redis_cli_prints_them() {
    for reply in [
        "=8\r\ntxt:a\r\nb\r\n",
        "$7\r\na:1\r\nb:\r\n",
        "$0\r\n\r\n",
        "+OK\r\n",
        ":5\r\n",
        "#t\r\n",
        ",2.50\r\n",
    ] {
        // Redis-cli leaves its prompt in the middle of a line where such a text does not end in one.
        let ours = print_raw(&values(reply)[0]);
        let mut theirs = asked(reply, &["--no-raw", "-3"], "INFO");
        if !theirs.is_empty() && !theirs.ends_with(b"\n") {
            theirs.push(b'\n');
        }
        assert_eq!(shown(&ours), shown(&theirs), "{reply:?}");
    }
}

#[test]
fn messages_look_as_redis_cli_prints_them() {
    for pushes in [
        ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n",
        ">2\r\n+a\r\n*2\r\n:1\r\n:2\r\n",
        ">0\r\n",
        ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n",
        ">2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$4\r\nb\"cd\r\n>1\r\n:1\r\n",
        ">2\r\n$10\r\ninvalidate\r\n_\r\n",
    ] {
        let reply = format!("{pushes}+OK\r\n");
        let ours: Vec<u8> = values(&reply).iter().flat_map(print_push).collect();
        compare(&reply, &["--no-raw", "-3", "--show-pushes", "yes"], &ours);
    }
}

fn values(reply: &str) -> Vec<Value> {
    let (mut decoder, mut buffer) = (Decoder::default(), reply.into());
    std::iter::from_fn(|| decoder.next(&mut buffer).expect("a reply")).collect()
}

fn compare(reply: &str, options: &[&str], ours: &[u8]) {
    assert_eq!(shown(ours), shown(&asked(reply, options, "PING")), "{reply:?} {options:?}");
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string().replace("\\n", "\n")
}

/// What redis-cli prints of this reply to a command.
fn asked(reply: &str, options: &[&str], command: &str) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let reply = reply.to_owned();
    let server = thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("redis-cli connects");
        answer(&mut socket, reply.as_bytes());
    });
    let asked = Command::new(redis_tool("redis-cli"))
        .args(["-p", &port])
        .args(options)
        .arg(command)
        .stdin(Stdio::null())
        .output()
        .expect("redis-cli runs");
    server.join().expect("the server was asked");
    asked.stdout
}

/// Answers every request with the reply, but HELLO with what it is asked for.
fn answer(socket: &mut TcpStream, reply: &[u8]) {
    let mut asked = [0; 4096];
    while let Ok(read @ 1..) = socket.read(&mut asked) {
        let asked = &asked[..read];
        let is_hello = asked.windows(5).any(|word| word.eq_ignore_ascii_case(b"hello"));
        let reply = if is_hello { &b"%1\r\n+proto\r\n:3\r\n"[..] } else { reply };
        if socket.write_all(reply).is_err() {
            return;
        }
    }
}
