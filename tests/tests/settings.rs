//! CONFIG SET of what the machine does not go along with is refused in Redis's words, and changes nothing.

use std::net::TcpListener;

use redarium_tests::certificates::Certificates;
use redarium_tests::client::Client;
use redarium_tests::ports::Port;
use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;

const BOTH: [Program; 2] = [Program::Redarium, Program::Redis];

/// What a server answers to CONFIG SET of these, and the same settings afterwards.
fn outcome(client: &mut Client, pairs: &[&str]) -> (String, Vec<String>) {
    let reply = client.call(&[&["CONFIG", "SET"], pairs].concat());
    let names = pairs.iter().step_by(2);
    let after = names.map(|name| client.call(&["CONFIG", "GET", name]).items()[1].text());
    (format!("{reply:?}"), after.collect())
}

/// Both say the same of each; the first of the pairs says where the refused ones stood before.
fn compare(servers: &[Server; 2], cases: &[&[&str]]) {
    for pairs in cases {
        let [ours, theirs] = servers.each_ref().map(|server| outcome(&mut server.client(), pairs));
        assert_eq!(ours, theirs, "{pairs:?}");
    }
}

#[test]
fn ports_and_addresses_that_cannot_be_had() {
    // The same port for both, one after the other.
    let port = Port::reserve();
    let taken = port.number().to_string();
    let said = BOTH.map(|program| {
        let held = TcpListener::bind(("127.0.0.1", port.number())).expect("the port");
        let server = Setup::new(program).args(["--bind", "127.0.0.1"]).start();
        let old = server.port().to_string();
        let mut client = server.client();
        let mut said = Vec::new();
        for pairs in [
            &["port", &taken][..],
            &["hz", "50", "port", &taken, "lfu-decay-time", "7"],
            &["bind", "203.0.113.1"],
            &["bind", "203.0.113.1", "hz", "50"],
            &["bind", "127.0.0.1 nowhere.invalid"],
            &["bind", "127.0.0.1 -203.0.113.1", "hz", "20"],
        ] {
            let (reply, after) = outcome(&mut client, pairs);
            said.push((reply, after.into_iter().filter(|value| *value != old).collect::<Vec<_>>()));
        }
        // Where it was, it still is.
        assert!(server.client().call(&["PING"]).is_status("PONG"), "{program}");
        drop(held);
        assert!(client.call(&["CONFIG", "SET", "port", &taken]).is_status("OK"), "{program}");
        let moved = Client::connect(port.number());
        assert!(
            moved.is_ok_and(|mut client| client.call(&["PING"]).is_status("PONG")),
            "{program}"
        );
        said
    });
    assert_eq!(said[0], said[1]);
}

#[test]
fn certificates_that_cannot_be_used() {
    let certificates = Certificates::new("ours");
    let foreign = Certificates::new("foreign");
    let [cert, key, ca] = ["own.crt", "own.key", "ca.crt"].map(|name| certificates.file(name));
    let other_key = foreign.file("own.key");
    let ports = BOTH.map(|_| Port::reserve());
    let servers = [0, 1].map(|at: usize| {
        let setup = Setup::new(BOTH[at]).args(["--tls-port", &ports[at].number().to_string()]);
        setup
            .args(["--tls-cert-file", &cert, "--tls-key-file", &key, "--tls-ca-cert-file", &ca])
            .start()
    });
    compare(
        &servers,
        &[
            &["tls-cert-file", "/nowhere/own.crt"],
            &["hz", "50", "tls-cert-file", "/nowhere/own.crt", "lfu-decay-time", "7"],
            &["tls-key-file", &other_key],
            &["tls-key-file", &ca],
            &["tls-ca-cert-file", "/nowhere/ca.crt"],
            &["tls-cert-file", ""],
            &["tls-ciphers", "nope"],
            &["tls-protocols", "SSLv3"],
            &["hz", "60", "tls-auth-clients", "optional"],
        ],
    );
    for (server, port) in servers.iter().zip(&ports) {
        assert_eq!(certificates.ask(port.number(), true, &["PING"]), "PONG");
        assert_eq!(certificates.ask(port.number(), false, &["PING"]), "PONG");
        drop(server.client());
    }
}

/// TLS that was off until now.
#[test]
fn a_port_of_tls_needs_certificates() {
    let servers = BOTH.map(|program| Setup::new(program).start());
    let port = Port::reserve().number().to_string();
    compare(
        &servers,
        &[
            &["tls-port", &port],
            &["tls-replication", "yes"],
            &["tls-cert-file", "/nowhere/own.crt"],
            &["hz", "60", "tls-port", &port],
        ],
    );
}

#[test]
fn more_clients_than_there_are_descriptors() {
    let servers = BOTH.map(|program| {
        Setup::new(program).args(["--maxclients", "64"]).open_files_max(500).start()
    });
    compare(
        &servers,
        &[
            &["maxclients", "400"],
            &["maxclients", "469"],
            &["maxclients", "100000"],
            &["hz", "50", "maxclients", "1000000"],
            &["maxclients", "468"],
            &["maxclients", "1"],
        ],
    );
}
