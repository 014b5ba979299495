//! TLS as redis-cli and a real Redis speak it, in both directions of replication.

use redarium_tests::certificates::Certificates;
use redarium_tests::client::Client;
use redarium_tests::ports::Port;
use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;

const BOTH: [Program; 2] = [Program::Redarium, Program::Redis];

#[test]
fn clients_are_let_in_as_tls_auth_clients_says() {
    let (certificates, foreign) = (Certificates::new("ours"), Certificates::new("foreign"));
    for program in BOTH {
        for (policy, bare, with_foreign) in
            [("yes", false, false), ("optional", true, false), ("no", true, true)]
        {
            let server = serve(program, &certificates, &["--tls-auth-clients", policy]);
            let port = server.tls.number();
            assert_eq!(certificates.ask(port, true, &["PING"]), "PONG", "{program} {policy}");
            let answer = certificates.ask(port, false, &["PING"]);
            assert_eq!(answer == "PONG", bare, "{program} {policy}: {answer}");
            let shown = mixed(&certificates, &foreign).ask(port, true, &["PING"]);
            assert_eq!(shown == "PONG", with_foreign, "{program} {policy}: {shown}");
            // A client that knows the server's authority as little as it is known.
            assert_ne!(foreign.ask(port, true, &["PING"]), "PONG", "{program} {policy}");
        }
    }
}

#[test]
fn authorities_may_lie_in_a_folder() {
    let certificates = Certificates::new("ours");
    let folder = certificates.path("authorities");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::copy(certificates.path("ca.crt"), folder.join("ours.pem")).expect("a copy");
    std::fs::write(folder.join("README"), "no certificate").expect("a file");
    let place = folder.to_string_lossy();
    let args = ["--tls-ca-cert-file", "", "--tls-ca-cert-dir", &place];
    let server = serve(Program::Redarium, &certificates, &args);
    assert_ne!(certificates.ask(server.tls.number(), false, &["PING"]), "PONG");
}

/// More connections that say nothing than there are handshakes at once.
#[test]
fn silent_connections_keep_nobody_out() {
    let certificates = Certificates::new("ours");
    let server = serve(Program::Redarium, &certificates, &[]);
    let port = server.tls.number();
    let silent: Vec<_> = (0..1200).map(|_| Client::connect(port).expect("a connection")).collect();
    assert_eq!(certificates.ask(port, true, &["PING"]), "PONG");
    drop(silent);
}

#[test]
fn who_does_not_speak_tls_is_dropped_and_harms_nobody() {
    let certificates = Certificates::new("ours");
    let server = serve(Program::Redarium, &certificates, &[]);
    let port = server.tls.number();
    let mut silent = Client::connect(port).expect("a connection");
    for garbage in [&b"PING\r\n"[..], &[0x16, 3, 1, 0xff, 0xff], &[0; 300]] {
        let mut client = Client::connect(port).expect("a connection");
        client.send_raw(garbage).expect("the server reads");
        client.finish_sending();
        let answer = client.read_to_end().expect("the connection ends");
        assert!(!answer.contains(&b'+'), "{}", answer.escape_ascii());
    }
    assert_eq!(certificates.ask(port, true, &["PING"]), "PONG");
    let failure = "Error accepting a client connection: ";
    eventually(failure, || server.process.log().contains(failure));
    // A handshake that never comes holds up nobody.
    assert!(silent.send_raw(&[0x16]).is_ok());
}

#[test]
fn large_values_and_deep_pipelines_travel_whole() {
    let certificates = Certificates::new("ours");
    let server = serve(Program::Redarium, &certificates, &[]);
    let port = server.tls.number();
    let large = "0123456789abcdef".repeat(8_000);
    assert_eq!(certificates.ask(port, true, &["SET", "large", &large]), "OK");
    assert_eq!(certificates.ask(port, true, &["GET", "large"]), large);
    for doublings in 0..6 {
        certificates.ask(port, true, &["APPEND", "large", &large]);
        let length = certificates.ask(port, true, &["STRLEN", "large"]);
        assert_eq!(length, ((doublings + 2) * large.len()).to_string());
    }
    assert_eq!(certificates.ask(port, true, &["GET", "large"]), large.repeat(7));
    let counted = certificates.ask(port, true, &["-r", "3000", "INCR", "n"]);
    assert!(counted.ends_with("3000"), "{counted}");
}

#[test]
fn replicas_follow_masters_over_tls() {
    let certificates = Certificates::new("ours");
    for (above, below) in [
        (Program::Redarium, Program::Redarium),
        (Program::Redis, Program::Redarium),
        (Program::Redarium, Program::Redis),
    ] {
        let master = serve(above, &certificates, &["--repl-diskless-sync-delay", "0"]);
        assert_eq!(certificates.ask(master.tls.number(), true, &["SET", "before", "1"]), "OK");
        let place = format!("127.0.0.1 {}", master.tls.number());
        let replica =
            serve(below, &certificates, &["--tls-replication", "yes", "--replicaof", &place]);
        let read = |key| certificates.ask(replica.tls.number(), true, &["GET", key]);
        eventually("the replica has the data", || read("before") == "1");
        assert_eq!(certificates.ask(master.tls.number(), true, &["SET", "after", "2"]), "OK");
        eventually("the replica follows", || read("after") == "2");
        let listed = format!("port={},state=online", replica.tls.number());
        eventually("the master knows the replica's port", || {
            certificates.ask(master.tls.number(), true, &["INFO", "replication"]).contains(&listed)
        });
    }
}

#[test]
fn new_certificates_serve_new_connections() {
    let certificates = Certificates::new("ours");
    for program in BOTH {
        let server = serve(program, &certificates, &[]);
        let port = server.tls.number();
        let old = Certificates::new("to be replaced");
        let set = |folder: &Certificates, with: &Certificates| {
            let (cert, key, ca) = (with.file("own.crt"), with.file("own.key"), with.file("ca.crt"));
            let pairs = ["tls-cert-file", &cert, "tls-key-file", &key, "tls-ca-cert-file", &ca];
            folder.ask(port, true, &[&["CONFIG", "SET"], &pairs[..]].concat())
        };
        assert_eq!(set(&certificates, &old), "OK", "{program}");
        assert_ne!(certificates.ask(port, true, &["PING"]), "PONG", "{program}");
        assert_eq!(old.ask(port, true, &["PING"]), "PONG", "{program}");
        // The same names count as well: what is in the files may have changed.
        let copy = copied(&old);
        old.renew("renewed");
        assert_eq!(set(&copy, &old), "OK", "{program}");
        assert_eq!(old.ask(port, true, &["PING"]), "PONG", "{program}");
        assert_ne!(copy.ask(port, true, &["PING"]), "PONG", "{program}");
    }
}

#[test]
fn ports_open_and_close_while_running() {
    let certificates = Certificates::new("ours");
    for program in BOTH {
        let (first, second) = (Port::reserve(), Port::reserve());
        let process = Setup::new(program).args(certificates.settings()).start();
        let set = |port: &Port| {
            let number = port.number().to_string();
            process.client().call(&["CONFIG", "SET", "tls-port", &number]).is_status("OK")
        };
        for port in [&first, &second] {
            assert!(set(port), "{program}");
            eventually("the port opens", || {
                certificates.ask(port.number(), true, &["PING"]) == "PONG"
            });
        }
        assert_ne!(certificates.ask(first.number(), true, &["PING"]), "PONG", "{program}");
    }
}

#[test]
fn what_is_missing_ends_the_start_with_the_same_words() {
    let certificates = Certificates::new("ours");
    let [cert, key, ca] = ["own.crt", "own.key", "ca.crt"].map(|name| certificates.file(name));
    let cases: [(&[&str], &str); 3] = [
        (&[], "No tls-cert-file configured!"),
        (&["--tls-cert-file", &cert], "No tls-key-file configured!"),
        (
            &["--tls-cert-file", &cert, "--tls-key-file", &key],
            "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, \
             tls-replication or tls-auth-clients are enabled!",
        ),
    ];
    for program in BOTH {
        for (args, line) in &cases {
            let log = refusal(program, args);
            assert!(log.contains(line), "{program}: {log}");
        }
    }
    let with = |name: &str, value: &str| {
        let files = ["--tls-cert-file", &cert, "--tls-key-file", &key, "--tls-ca-cert-file", &ca];
        refusal(Program::Redarium, &[&files[..], &[name, value]].concat())
    };
    for (name, value, line) in [
        ("--tls-cert-file", "/nonexistent", "Failed to load certificate: /nonexistent: No such"),
        ("--tls-key-file", cert.as_str(), "Failed to load private key: "),
        ("--tls-ca-cert-file", key.as_str(), "Failed to configure CA certificate(s)"),
        ("--tls-protocols", "TLSv1.1", "Redarium does not speak TLSv1.1"),
        ("--tls-protocols", "SSL", "Invalid tls-protocols specified."),
        ("--tls-ciphers", "RC4", "Failed to configure ciphers: RC4 is none of ECDHE-"),
    ] {
        let log = with(name, value);
        assert!(log.contains(line), "{name} {value}: {log}");
    }
}

/// A server on a port of TLS, and no other.
struct Serving {
    process: Server,
    tls: Port,
}

fn serve(program: Program, certificates: &Certificates, args: &[&str]) -> Serving {
    let tls = Port::reserve();
    let number = tls.number().to_string();
    let setup = Setup::new(program).args(["--port", "0", "--tls-port", &number]);
    let process = setup.args(certificates.settings()).args(args.iter().copied()).spawn();
    let serving = Serving { process, tls };
    eventually("it speaks TLS", || {
        certificates.ask(serving.tls.number(), true, &["PING"]) == "PONG"
    });
    serving
}

/// What a start says that must fail.
fn refusal(program: Program, args: &[&str]) -> String {
    let tls = Port::reserve();
    let setup = Setup::new(program).args(["--tls-port", &tls.number().to_string()]);
    let mut server = setup.args(args.iter().copied()).spawn();
    assert_eq!(server.await_exit().code(), Some(1), "{program} {args:?}");
    server.log()
}

/// A client that trusts one authority and has a certificate of another.
fn mixed(trusted: &Certificates, own: &Certificates) -> Certificates {
    let client = copied(own);
    std::fs::copy(trusted.path("ca.crt"), client.path("ca.crt")).expect("a copy");
    client
}

fn copied(from: &Certificates) -> Certificates {
    let to = Certificates::new("unused");
    for name in ["ca.crt", "own.crt", "own.key"] {
        std::fs::copy(from.path(name), to.path(name)).expect("a copy");
    }
    to
}
