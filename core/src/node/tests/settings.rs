//! CONFIG SET of what concerns the machine, which has a say in it.

use bytes::BytesMut;

use super::Bench;
use super::Machine;
use super::request;
use crate::config::Config;
use crate::node::Obstacle;
use crate::node::Progress;

#[test]
fn what_the_machine_refuses_changes_nothing() {
    const TLS: &str = "Unable to update TLS configuration. Check server logs.";
    const PORT: &str = "Unable to listen on this port. Check server logs.";
    let cases: [(Machine, &str, &str, &str); 6] = [
        (|_| Err(Obstacle::Port), "port 7000", "port", PORT),
        (|_| Err(Obstacle::TlsPort), "Tls-Port 7000 bind 1.2.3.4", "Tls-Port", PORT),
        (|_| Err(Obstacle::Tls), "tls-key-file a tls-cert-file b", "tls-key-file", TLS),
        (|_| Err(Obstacle::Bind), "bind ::1", "bind", "Failed to bind to specified addresses."),
        // The address is what stands in the way of the port.
        (|_| Err(Obstacle::Bind), "port 7000", "port", "Failed to bind to specified addresses."),
        (
            |config| Err(Obstacle::Clients { fitting: config.maxclients - 1 }),
            "maxclients 20",
            "maxclients",
            "The operating system is not able to handle the specified number of clients, try with 19",
        ),
    ];
    for (machine, pairs, name, problem) in cases {
        let mut bench = Bench::new(Config::default());
        bench.machine = Some(machine);
        let conn = bench.open();
        let before = bench.ask(conn, "CONFIG GET *");
        let expect = format!(
            r"-ERR CONFIG SET failed (possibly related to argument \'{name}\') - {problem}\r\n"
        );
        assert_eq!(bench.ask(conn, &format!("CONFIG SET hz 50 {pairs}")), expect);
        assert_eq!(bench.ask(conn, "CONFIG GET *"), before);
        bench.machine = None;
        assert_eq!(bench.ask(conn, &format!("CONFIG SET hz 50 {pairs}")), r"+OK\r\n");
        assert_eq!(bench.ask(conn, "CONFIG GET hz"), r"*2\r\n$2\r\nhz\r\n$2\r\n50\r\n");
    }
}

/// Others go on, and may set what does not concern the machine.
#[test]
fn only_who_set_it_waits_for_the_machine() {
    let mut bench = Bench::new(Config::default());
    let [first, second] = [(); 2].map(|()| bench.open());
    let mut asked = BytesMut::from(&request("CONFIG SET hz 50 port 7000")[..]);
    assert_eq!(bench.node.handle_bytes(first, &mut asked, bench.now), Progress::Blocked);
    for (line, expect) in [
        ("CONFIG SET maxclients 20", r"-ERR Another CONFIG SET is being tried already\r\n"),
        ("CONFIG SET hz 20 lfu-decay-time 7", r"+OK\r\n"),
        ("CONFIG GET port", r"*2\r\n$4\r\nport\r\n$4\r\n6379\r\n"),
    ] {
        let mut asked = BytesMut::from(&request(line)[..]);
        bench.node.handle_bytes(second, &mut asked, bench.now);
        assert_eq!(bench.take_output(second).escape_ascii().to_string(), expect, "{line}");
    }
    bench.settle();
    assert_eq!(bench.take_output(first), b"+OK\r\n");
    for (name, value) in [("port", "7000"), ("hz", "50"), ("lfu-decay-time", "7")] {
        let (name_len, len) = (name.len(), value.len());
        let expect = format!(r"*2\r\n${name_len}\r\n{name}\r\n${len}\r\n{value}\r\n");
        assert_eq!(bench.ask(second, &format!("CONFIG GET {name}")), expect);
    }
}

#[test]
fn a_transaction_cannot_wait_for_the_machine() {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    for line in ["MULTI", "CONFIG SET port 7000", "CONFIG SET hz 50"] {
        bench.ask(conn, line);
    }
    let expect = r"*2\r\n-ERR Command not allowed inside a transaction\r\n+OK\r\n";
    assert_eq!(bench.ask(conn, "EXEC"), expect);
}
