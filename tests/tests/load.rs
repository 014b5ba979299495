//! What one client, or ten thousand, can take from a server: bounded, said in INFO and in the log, and
//! given back. How fast others are served meanwhile is measured by `cargo xtask bench --crowds`.

use std::io;
use std::time::Duration;

use redarium_tests::client::Client;
use redarium_tests::client::encode;
use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;

const BOTH: [Program; 2] = [Program::Redarium, Program::Redis];

#[test]
fn ten_thousand_idle_connections_cost_a_hundred_megabytes_at_most() {
    const CROWD: usize = 10_000;
    rlimit::increase_nofile_limit(CROWD as u64 + 1000).expect("descriptors for a crowd");
    let server = start(Program::Redarium, &["--maxclients", "12000", "--timeout", "3600"]);
    let before = server.resident_bytes();
    let mut crowd: Vec<Client> = (0..CROWD).map(|_| server.client()).collect();
    for client in &mut crowd {
        client.send_raw(&encode(&["PING"])).expect("the server reads");
    }
    for client in &mut crowd {
        assert!(client.read().expect("a reply").is_status("PONG"));
    }
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown <= 100 << 20, "{CROWD} connections take {grown} bytes");
    assert_eq!(field(&server, "connected_clients"), CROWD as u64 + 1);
    drop(crowd);
    eventually("they are gone", || field(&server, "connected_clients") == 1);
}

#[test]
fn a_subscriber_that_never_reads_is_closed_and_its_memory_comes_back() {
    for program in BOTH {
        let server =
            start(program, &["--client-output-buffer-limit", "pubsub", "8mb", "4mb", "60"]);
        let before = field(&server, "used_memory");
        let mut deaf = server.client();
        deaf.call(&["SUBSCRIBE", "news"]);
        let mut publisher = server.client();
        let message = "m".repeat(100_000);
        let heard =
            (0..1000).take_while(|_| publisher.call(&["PUBLISH", "news", &message]).integer() > 0);
        let heard = heard.count();
        // What the kernel holds for it comes on top of the limit.
        assert!((80..900).contains(&heard), "{program}: {heard}");
        await_logged(&server, "for overcoming of output buffer limits");
        eventually("its memory is back", || {
            field(&server, "used_memory") < before + (1 << 20)
                && field(&server, "connected_clients") == 2
        });
        assert_closed(&mut deaf, program);
        assert_counted(&server, "client_output_buffer_limit_disconnections");
    }
}

#[test]
fn a_client_that_never_reads_its_replies_is_closed() {
    for program in BOTH {
        let server = start(program, &["--client-output-buffer-limit", "normal", "4mb", "0", "0"]);
        server.client().call(&["SET", "large", &"l".repeat(1_000_000)]);
        let before = field(&server, "used_memory");
        let mut deaf = server.client();
        deaf.send_raw(&encode(&["GET", "large"]).repeat(50)).expect("the server reads");
        eventually("it is closed", || field(&server, "connected_clients") == 1);
        assert!(field(&server, "used_memory") < before + (2 << 20), "{program}");
        await_logged(&server, "for overcoming of output buffer limits");
        assert_closed(&mut deaf, program);
        assert_counted(&server, "client_output_buffer_limit_disconnections");
    }
}

#[test]
fn a_request_that_never_ends_is_closed() {
    for program in BOTH {
        let server = start(program, &["--client-query-buffer-limit", "2mb"]);
        let mut greedy = server.client();
        // Closed before it has sent all.
        let _ = greedy.send_raw(b"*2\r\n$4\r\nECHO\r\n$99999999\r\n");
        let _ = greedy.send_raw(&vec![b'x'; 8 << 20]);
        assert_closed(&mut greedy, program);
        await_logged(&server, "Closing client that reached max query buffer length: id=");
        if program == Program::Redarium {
            await_logged(&server, r#"(qbuf initial bytes: "*2\r\n$4\r\nECHO\r\n$99999999\r\n"#);
        }
        assert_counted(&server, "client_query_buffer_limit_disconnections");
    }
}

/// The log may be written just after the connection is closed.
fn await_logged(server: &Server, words: &str) {
    eventually(words, || server.log().contains(words));
}

#[test]
fn the_largest_clients_go_when_all_take_too_much() {
    for program in BOTH {
        let server = start(program, &["--maxmemory-clients", "4mb"]);
        let [mut small, mut large] = [server.client(), server.client()];
        let half =
            |bytes: usize| [&b"*2\r\n$4\r\nECHO\r\n$99999999\r\n"[..], &vec![b'x'; bytes]].concat();
        small.send_raw(&half(100_000)).expect("the server reads");
        let _ = large.send_raw(&half(6 << 20));
        assert_closed(&mut large, program);
        // Redis may take others along, since it makes room for more than has come.
        let evicted = field(&server, "evicted_clients");
        assert!(evicted == 1 || (evicted > 1 && program == Program::Redis), "{program}: {evicted}");
        await_logged(&server, "Evicting client: id=");
        assert!(program == Program::Redis || small.is_silent(Duration::from_millis(50)));
    }
}

#[test]
fn a_client_that_says_nothing_is_closed_after_the_timeout() {
    for program in BOTH {
        let server = start(program, &["--timeout", "1", "--loglevel", "verbose"]);
        let [mut silent, mut listening] = [server.client(), server.client()];
        listening.call(&["SUBSCRIBE", "news"]);
        assert_eq!(silent.read_to_end().expect("the connection ends"), b"", "{program}");
        await_logged(&server, "Closing idle client");
        assert!(listening.is_silent(Duration::from_millis(50)), "{program}");
    }
}

#[test]
fn a_pipeline_of_a_million_holds_up_nobody() {
    const COMMANDS: usize = 1_000_000;
    let server = start(Program::Redarium, &[]);
    let mut greedy = server.client();
    let mut others = server.client();
    greedy.send_raw(&encode(&["CLIENT", "REPLY", "OFF"])).expect("the server reads");
    let sending = std::thread::spawn(move || {
        let requests = encode(&["INCR", "n"]).repeat(10_000);
        for _ in 0..COMMANDS / 10_000 {
            greedy.send_raw(&requests).expect("the server reads");
        }
        greedy
    });
    // How often somebody else is answered until all is done.
    let end = COMMANDS.to_string();
    let answered = (0..).take_while(|_| {
        let counted = others.call(&["INCRBY", "n", "0"]);
        counted.integer().to_string() != end
    });
    let answered = answered.count();
    drop(sending.join().expect("all is sent"));
    assert!(answered > 50, "others were answered {answered} times");
}

fn start(program: Program, args: &[&str]) -> Server {
    Setup::new(program).args(args.iter().copied()).start()
}

/// A number that INFO shows.
fn field(server: &Server, name: &str) -> u64 {
    let info = server.client().call(&["INFO", "everything"]);
    let line =
        info.text().lines().find_map(|line| line.strip_prefix(&format!("{name}:"))?.parse().ok());
    line.unwrap_or_else(|| panic!("INFO shows no {name}"))
}

/// Redis counts it from 7.2 on.
fn assert_counted(server: &Server, name: &str) {
    if server.program() == Program::Redarium {
        assert_eq!(field(server, name), 1);
    }
}

/// What is still on its way may come first; the rest of what was sent may make it a reset.
fn assert_closed(client: &mut Client, program: Program) {
    match client.read_to_end() {
        Ok(_) => {}
        Err(error) => assert_ne!(error.kind(), io::ErrorKind::WouldBlock, "{program}: still open"),
    }
}
