//! Clients that come over the page's WebSocket: who may, and that they are clients like all others.

use std::net::SocketAddr;
use std::time::Duration;

use redarium_tests::client::Client;
use redarium_tests::client::encode;
use redarium_tests::ports::Port;
use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;
use redarium_tests::web;
use redarium_tests::web::BINARY;
use redarium_tests::web::CLOSE;
use redarium_tests::web::CONTINUATION;
use redarium_tests::web::Frame;
use redarium_tests::web::LAST;
use redarium_tests::web::PING;
use redarium_tests::web::PONG;
use redarium_tests::web::TEXT;
use redarium_tests::web::WebClient;

#[test]
fn only_pages_of_this_server_come_in() {
    let (server, reserved) = serve(&[]);
    let port = reserved.number();
    let here = format!("127.0.0.1:{port}");
    let local = format!("localhost:{port}");
    let elsewhere = format!("127.0.0.1:{}", server.port());
    for (host, origin, expect) in [
        (here.as_str(), Some(format!("http://{here}")), 101),
        (&here, Some(format!("https://{here}")), 101),
        (&local, Some(format!("http://{local}")), 101),
        (&here, Some(format!("http://{local}")), 403),
        (&here, Some(format!("http://{elsewhere}")), 403),
        (&here, Some("http://evil.example".into()), 403),
        (&here, Some("http://127.0.0.1".into()), 403),
        (&here, Some("null".into()), 403),
        (&here, Some("*".into()), 403),
        (&here, None, 403),
        // A name that was pointed here: script and request agree, and it is still not ours.
        ("evil.example", Some("http://evil.example".into()), 421),
        ("192.0.2.7", Some("http://192.0.2.7".into()), 421),
    ] {
        let mut headers = vec![("Host", host)];
        headers.extend(origin.as_deref().map(|origin| ("Origin", origin)));
        let (answer, _) = web::upgrade(at(port), &headers).expect("an answer");
        assert_eq!(answer.status, expect, "{headers:?}: {}", answer.head);
    }
}

#[test]
fn replies_are_those_of_tcp_byte_for_byte() {
    let (server, reserved) = serve(&[]);
    let port = reserved.number();
    let value = "x".repeat(700_000);
    let mut pipeline = encode(&["SET", "k", &value]);
    for at in 0..2000 {
        pipeline.extend(encode(&["RPUSH", "l", &at.to_string()]));
        pipeline.extend(encode(&["GETRANGE", "k", "0", &at.to_string()]));
    }
    pipeline
        .extend(b"HELLO 3\r\nCONFIG GET maxmemory\r\nNO SUCH\r\nGET k\r\nFLUSHALL\r\nPING end\r\n");
    let mut direct = server.client();
    direct.send_raw(&pipeline).expect("the server reads");
    let mut expect = Vec::new();
    while !expect.ends_with(b"$3\r\nend\r\n") {
        expect.extend(direct.read_with_bytes().expect("a reply").1);
    }
    for piece in [pipeline.len(), 65_536, 1000] {
        let mut bridged = WebClient::connect(port);
        for message in pipeline.chunks(piece.min(1024 * 1024)) {
            bridged.send(message).expect("the server reads");
        }
        let received = bridged.read_bytes(expect.len()).expect("all replies");
        // The connection's own number is in the reply to HELLO.
        assert_eq!(without_id(&received), without_id(&expect), "in messages of {piece} bytes");
    }
}

#[test]
fn it_is_a_client_like_all_others() {
    let (server, reserved) = serve(&["--maxclients", "3"]);
    let port = reserved.number();
    let mut direct = server.client();
    let mut bridged = WebClient::connect(port);
    bridged.expect(b"CLIENT SETNAME page\r\n", b"+OK\r\n");
    let list = direct.call(&["CLIENT", "LIST"]).text();
    let line = list.lines().find(|line| line.contains("name=page")).expect("its line");
    assert!(line.contains("addr=127.0.0.1:") && line.contains(&format!("laddr=127.0.0.1:{port} ")));
    assert!(line.contains("flags=N "), "{line}");

    bridged.expect(b"SUBSCRIBE news\r\n", b"*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
    direct.call(&["PUBLISH", "news", "hi"]);
    let message = bridged.read_bytes(30).expect("a message");
    assert_eq!(message, b"*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n");

    let third = WebClient::connect(port);
    eventually("a fourth is refused", || {
        let mut fourth = WebClient::connect(port);
        fourth.read_bytes(1).is_ok_and(|reply| reply == b"-ERR max number of clients reached\r\n")
            && fourth.close_code().is_ok_and(|code| code == Some(1000))
    });
    drop(third);
    eventually("who goes makes room", || {
        let mut next = WebClient::connect(port);
        next.send(b"PING\r\n").is_ok()
            && next.read_bytes(7).is_ok_and(|reply| reply == b"+PONG\r\n")
    });
    direct.call(&["CLIENT", "KILL", "LADDR", &format!("127.0.0.1:{port}")]);
    assert_eq!(bridged.close_code().expect("a goodbye"), Some(1000));
    bridged.send_frame(LAST | CLOSE, &1000_u16.to_be_bytes()).expect("the answer");
    assert!(bridged.is_at_end());
}

#[test]
fn messages_may_come_in_pieces_with_pings_between() {
    let (_server, reserved) = serve(&[]);
    let port = reserved.number();
    let mut client = WebClient::connect(port);
    client.send_frame(BINARY, b"SET k").expect("a piece");
    client.send_frame(LAST | PING, b"are you there").expect("a ping");
    client.send_frame(CONTINUATION, b"").expect("an empty piece");
    client.send_frame(CONTINUATION, b" v\r\nGE").expect("a piece");
    let pong = client.read_frame().expect("an answer to the ping");
    assert_eq!(pong, Frame { opcode: PONG, payload: b"are you there".into() });
    client.send_frame(LAST | CONTINUATION, b"T k").expect("the last piece");
    client.send_frame(LAST | PONG, b"unasked").expect("a pong");
    client.send(b"").expect("an empty message");
    client.expect(b"\r\n", b"+OK\r\n$1\r\nv\r\n");
}

#[test]
fn what_is_no_message_of_ours_closes_with_its_code() {
    let (server, reserved) = serve(&[]);
    let port = reserved.number();
    let long = vec![b'x'; 1024 * 1024 + 1];
    let masked = |first: u8, len: u64| {
        let mut bytes = vec![first, 0x80 | 127];
        bytes.extend(len.to_be_bytes());
        bytes.extend([0; 4]);
        bytes
    };
    type Act<'a> = (&'a str, Vec<u8>, u16);
    let cases: [Act; 8] = [
        ("a claim of a long frame", masked(LAST | BINARY, 1 << 40), 1009),
        ("a claim beyond all numbers", masked(LAST | BINARY, u64::MAX), 1009),
        ("bytes without a mask", vec![LAST | BINARY, 4, b'P', b'I', b'N', b'G'], 1002),
        ("an unknown kind", vec![LAST | 3, 0x80, 0, 0, 0, 0], 1002),
        ("reserved bits", vec![LAST | 0x70 | BINARY, 0x80, 0, 0, 0, 0], 1002),
        ("a continuation of nothing", vec![LAST, 0x80, 0, 0, 0, 0], 1002),
        ("a ping in pieces", vec![PING, 0x80, 0, 0, 0, 0], 1002),
        ("a text", vec![LAST | TEXT, 0x80, 0, 0, 0, 0], 1003),
    ];
    for (what, bytes, code) in cases {
        let mut client = WebClient::connect(port);
        client.send_raw(&bytes).expect("the server reads");
        assert_eq!(client.close_code().expect("a goodbye"), Some(code), "{what}");
    }
    let mut client = WebClient::connect(port);
    // Two pieces that are too long together. The server may be gone before it has read all.
    let _ = client.send_frame(BINARY, &long[..600_000]);
    let _ = client.send_frame(LAST | CONTINUATION, &long[..600_000]);
    assert!(client.close_code().is_ok_and(|code| code == Some(1009)) || client.is_at_end());
    eventually("none of them is left", || clients(&mut server.client()) == 1);
}

#[test]
fn who_says_goodbye_is_answered_and_who_just_leaves_is_forgotten() {
    let (server, reserved) = serve(&[]);
    let port = reserved.number();
    let mut polite = WebClient::connect(port);
    polite.expect(b"PING\r\n", b"+PONG\r\n");
    polite.send_frame(LAST | CLOSE, &[0x03, 0xe9, b'b', b'y', b'e']).expect("a goodbye");
    assert_eq!(polite.close_code().expect("an answer"), Some(1001));
    assert!(polite.is_at_end());
    let mut rude = WebClient::connect(port);
    rude.send(b"BLPOP nothing 0\r\n").expect("a request");
    drop(rude);
    eventually("both are gone", || clients(&mut server.client()) == 1);
}

#[test]
fn who_does_not_read_is_closed_by_the_limit_of_its_output() {
    let (server, reserved) = serve(&["--client-output-buffer-limit", "normal 4mb 0 0"]);
    let port = reserved.number();
    let mut direct = server.client();
    direct.call(&["SET", "k", &"x".repeat(1_000_000)]);
    let mut idle = WebClient::connect(port);
    idle.expect(b"CLIENT SETNAME idle\r\n", b"+OK\r\n");
    // Far more than sockets and pieces on their way can hold.
    idle.send(&b"GET k\r\n".repeat(64)).expect("requests");
    eventually("it is closed", || !direct.call(&["CLIENT", "LIST"]).text().contains("name=idle"));
    assert!(server.log().contains("output buffer limits"), "{}", server.log());
    assert_eq!(direct.call(&["PING"]).text(), "PONG");
}

#[test]
fn who_sends_and_waits_is_closed_by_the_limit_of_its_input() {
    let (server, reserved) = serve(&["--client-query-buffer-limit", "1mb"]);
    let mut flood = WebClient::connect(reserved.number());
    flood.send(b"BLPOP nothing 0\r\n").expect("a request");
    let piece = vec![b'x'; 500_000];
    // The server may be gone before it has taken all.
    let sent = (0..40).take_while(|_| flood.send(&piece).is_ok()).count();
    assert!(flood.close_code().is_ok_and(|code| code == Some(1000)) || flood.is_at_end());
    assert!(sent >= 2, "{sent}");
    eventually("it is gone", || clients(&mut server.client()) == 1);
    assert!(server.log().contains("max query buffer length"), "{}", server.log());
}

#[test]
fn a_password_is_asked_for_here_as_well() {
    let (_server, reserved) = serve(&["--requirepass", "secret"]);
    let port = reserved.number();
    let mut client = WebClient::connect(port);
    client.expect(b"PING\r\n", b"-NOAUTH Authentication required.\r\n");
    client.expect(b"AUTH secret\r\n", b"+OK\r\n");
    client.expect(b"PING\r\n", b"+PONG\r\n");
}

/// Nothing leaves the machine: the server is asked for at one of the machine's own addresses, which it
/// does not take for loopback. A machine without a network has none to ask at.
#[test]
fn from_elsewhere_nobody_comes_in_without_a_password() {
    let Some(address) = web::own_address() else { return };
    for (args, expect) in [
        (&["--protected-mode", "yes"][..], None),
        (&["--protected-mode", "no"], None),
        (&["--protected-mode", "yes", "--requirepass", "secret"], Some(())),
    ] {
        let bind = ["--http-bind", "0.0.0.0"];
        let (_server, reserved) = serve(&[&bind, args].concat());
        let port = reserved.number();
        let at = SocketAddr::new(address, port);
        let (host, origin) = (at.to_string(), format!("http://{at}"));
        let upgraded = web::upgrade(at, &[("Host", &host), ("Origin", &origin)]);
        let (answer, client) = upgraded.expect("an answer");
        assert_eq!(answer.status, 101, "{}", answer.head);
        let mut client = client.expect("a WebSocket");
        match expect {
            None => assert_eq!(client.close_code().expect("a reason"), Some(1008), "{args:?}"),
            Some(()) => {
                client.expect(b"PING\r\n", b"-NOAUTH Authentication required.\r\n");
                client.expect(b"AUTH secret\r\n", b"+OK\r\n");
            }
        }
        let (answer, _) =
            web::upgrade(at, &[("Host", "evil.example"), ("Origin", "http://evil.example")])
                .expect("an answer");
        assert_eq!(answer.status, 421);
        // From this machine it is as ever.
        let mut local = WebClient::connect(port);
        local.send(b"PING\r\n").expect("a request");
        assert!(local.read_bytes(7).is_ok());
    }
}

/// A server, and the port of its page.
fn serve(args: &[&str]) -> (Server, Port) {
    let port = Port::reserve();
    let own = ["--http-port".to_owned(), port.number().to_string()];
    let args = args.iter().map(|&arg| arg.to_owned()).chain(own);
    // The page's thread listens before the server answers.
    (Setup::new(Program::Redarium).args(args).start(), port)
}

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn clients(client: &mut Client) -> usize {
    std::thread::sleep(Duration::from_millis(5));
    client.call(&["CLIENT", "LIST"]).text().lines().count()
}

fn without_id(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.windows(8).position(|eight| eight == b"$2\r\nid\r\n").expect("an id") + 8;
    let len = bytes[start..].iter().position(|&byte| byte == b'\r').expect("a line");
    [&bytes[..start], &bytes[start + len..]].concat()
}
