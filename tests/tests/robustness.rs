//! Whatever peers send, the process lives, other clients are served, and stored data stays.

use std::thread;
use std::time::Duration;
use std::time::Instant;

use redarium_core::rng::Rng;
use redarium_tests::client::Client;
use redarium_tests::client::encode;
use redarium_tests::pair::Pair;
use redarium_tests::pair::Protocol;
use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;

#[test]
fn damaged_requests_get_the_same_answer_from_both() {
    let pair = Pair::start(&[]);
    let mut rng = Rng::new(7);
    for round in 0..400 {
        let bytes = damaged(&mut rng);
        let (ours, theirs) = (last_words(&pair.redarium, &bytes), last_words(&pair.redis, &bytes));
        let sent = bytes.escape_ascii();
        assert_eq!(
            ours.escape_ascii().to_string(),
            theirs.escape_ascii().to_string(),
            "{round}: {sent}"
        );
    }
    let mut clients = pair.clients(Protocol::Resp2);
    assert_eq!(clients.redarium.call(&["DBSIZE"]), clients.redis.call(&["DBSIZE"]));
}

#[test]
fn garbage_harms_nobody() {
    for program in [Program::Redis, Program::Redarium] {
        let mut server = guarded(program);
        let mut rng = Rng::new(11);
        for _ in 0..200 {
            let len = rng.below(3_000) as usize;
            let bytes: Vec<u8> = (0..len).map(|_| rng.next_u64().to_le_bytes()[0]).collect();
            let mut client = server.client();
            // The server may close before it has read everything.
            let _ = client.send_raw(&bytes);
        }
        assert_unharmed(&mut server);
    }
}

#[test]
fn announced_lengths_cost_no_memory() {
    for program in [Program::Redis, Program::Redarium] {
        let mut server = guarded(program);
        let before = server.resident_bytes();
        let mut clients = Vec::new();
        for request in [
            "*1048576\r\n",
            "*2\r\n$3\r\nGET\r\n$536870912\r\n",
            "*2147483647\r\n$536870912\r\nabc",
        ] {
            for _ in 0..50 {
                let mut client = server.client();
                client.send_raw(request.as_bytes()).expect("the server reads");
                clients.push(client);
            }
        }
        assert_unharmed(&mut server);
        let grown = server.resident_bytes().saturating_sub(before);
        // Redis itself makes room for a bulk of half a gigabyte in advance, without touching it.
        assert!(grown < 100 << 20, "{program} has grown by {grown} bytes");
    }
}

#[test]
fn slow_half_requests_hold_up_nobody() {
    for program in [Program::Redis, Program::Redarium] {
        let mut server = guarded(program);
        let request = encode(&["SET", "slow", "arrived"]);
        let mut slow = server.client();
        let mut quick = server.client();
        for byte in &request {
            slow.send_raw(&[*byte]).expect("the server reads");
            let asked = Instant::now();
            assert!(quick.call(&["PING"]).is_status("PONG"));
            assert!(asked.elapsed() < Duration::from_secs(1), "{program} is held up");
        }
        assert!(slow.read().expect("a reply").is_status("OK"));
        let mut half = server.client();
        half.send_raw(&request[..request.len() - 1]).expect("the server reads");
        drop(half);
        assert_unharmed(&mut server);
    }
}

#[test]
fn a_client_that_stops_sending_still_gets_its_replies() {
    for program in [Program::Redis, Program::Redarium] {
        let server = guarded(program);
        let mut client = server.client();
        client.send_raw(&encode(&["PING"]).repeat(3)).expect("the server reads");
        client.finish_sending();
        let received = client.read_to_end().expect("the connection ends");
        assert!(
            b"+PONG\r\n".repeat(3).starts_with(&received),
            "{program}: {}",
            received.escape_ascii()
        );
    }
}

#[test]
fn a_client_that_does_not_read_holds_up_nobody() {
    for program in [Program::Redis, Program::Redarium] {
        let mut server = guarded(program);
        server.client().call(&["SET", "large", &"l".repeat(200_000)]);
        let mut deaf = server.client();
        deaf.send_raw(&encode(&["GET", "large"]).repeat(200)).expect("the server reads");
        let mut other = server.client();
        for _ in 0..100 {
            assert!(other.call(&["PING"]).is_status("PONG"));
        }
        for _ in 0..200 {
            assert_eq!(deaf.read().expect("a reply").text().len(), 200_000, "{program}");
        }
        assert_unharmed(&mut server);
    }
}

#[test]
fn large_values_travel_whole() {
    for program in [Program::Redis, Program::Redarium] {
        let mut server = guarded(program);
        let value: Vec<u8> =
            (0..30_000_000_u32).map(|at| at.to_le_bytes()[at as usize % 3]).collect();
        let mut client = server.client();
        assert!(client.call(&[&b"SET"[..], b"large", &value]).is_status("OK"));
        assert_eq!(client.call(&["STRLEN", "large"]).integer(), 30_000_000);
        let (_, bytes) = {
            client.send_raw(&encode(&["GET", "large"])).expect("the server reads");
            client.read_with_bytes().expect("the value")
        };
        assert!(bytes[11..bytes.len() - 2] == value[..], "{program}: the value is another one");
        assert_unharmed(&mut server);
    }
}

#[test]
fn many_connections_are_served() {
    for program in [Program::Redis, Program::Redarium] {
        let mut server = guarded(program);
        let mut clients: Vec<Client> = (0..400).map(|_| server.client()).collect();
        for client in &mut clients {
            client.send_raw(&encode(&["INCR", "visits"])).expect("the server reads");
        }
        let mut seen: Vec<i64> =
            clients.iter_mut().map(|client| client.read().expect("a reply").integer()).collect();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(1..=400), "{program}: every client is counted once");
        drop(clients);
        let mut client = server.client();
        client.call(&["DEL", "visits"]);
        assert_unharmed(&mut server);
    }
}

#[test]
fn more_clients_than_allowed_are_told_so() {
    for program in [Program::Redis, Program::Redarium] {
        let server = Setup::new(program).args(["--maxclients", "5"]).start();
        let mut clients = Vec::new();
        eventually("the connections of before are closed", || {
            clients.clear();
            clients.extend((0..5).map(|_| server.client()));
            clients
                .iter_mut()
                .all(|client| client.try_call(&["PING"]).is_ok_and(|pong| !pong.is_error()))
        });
        let refusal = server.client().read_to_end().expect("the connection ends");
        assert_eq!(refusal, b"-ERR max number of clients reached\r\n", "{program}");
        assert!(clients[0].call(&["PING"]).is_status("PONG"));
    }
}

/// A server with data that must still be there afterwards.
fn guarded(program: Program) -> Server {
    let server = Setup::new(program).start();
    assert!(server.client().call(&["SET", "guarded", "treasure"]).is_status("OK"));
    server
}

fn assert_unharmed(server: &mut Server) {
    assert!(server.is_alive(), "{} has died", server.program());
    assert_eq!(server.client().call(&["GET", "guarded"]).text(), "treasure");
}

/// Everything the server says to these bytes and the end of the stream.
fn last_words(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut client = server.client();
    let _ = client.send_raw(bytes);
    // What follows the damage in a second piece makes Redis answer what it has read before it closes.
    thread::sleep(Duration::from_millis(1));
    client.finish_sending();
    client.read_to_end().expect("the connection ends")
}

/// A few requests of which one has a byte changed, taken out or put in. No NUL: Redis looks for line
/// ends as C does and waits when it finds a NUL first.
fn damaged(rng: &mut Rng) -> Vec<u8> {
    let requests: &[&[&str]] =
        &[&["PING"], &["SET", "k", "value"], &["GET", "k"], &["ECHO", "a b"], &["DEL", "k"]];
    let mut bytes = Vec::new();
    for _ in 0..=rng.below(2) {
        bytes.extend(encode(requests[rng.below(requests.len() as u64) as usize]));
    }
    let at = rng.below(bytes.len() as u64) as usize;
    let byte = b"*$+-:0159 \r\nPq\"'\xff"[rng.below(17) as usize];
    match rng.below(3) {
        0 => bytes[at] = byte,
        1 => bytes.insert(at, byte),
        _ => {
            bytes.remove(at);
        }
    }
    bytes
}
