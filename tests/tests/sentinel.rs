//! Redis Sentinel, unmodified, watches over Redarium nodes: when the master dies a replica takes its
//! place, clients that ask Sentinel follow, and no write that both replicas had confirmed is lost.

use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

use redarium_tests::client::Client;
use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;

#[test]
fn a_replica_takes_over_from_a_master_that_dies_and_nothing_confirmed_is_lost() {
    let mut nodes = nodes();
    let (first, replicas) = (nodes[0].port(), [nodes[1].port(), nodes[2].port()]);
    let sentinels = sentinels(first);
    let ports: Vec<u16> = sentinels.iter().map(Server::port).collect();
    assert_eq!(master_by(&ports), Some(first));
    ask_with_redis_py(&ports, first, "before");

    let writer = Writer::start(ports.clone());
    writer.await_confirmed(100);
    nodes[0].kill();
    eventually("another master is known", || {
        master_by(&ports).is_some_and(|port| replicas.contains(&port))
    });
    let promoted = master_by(&ports).expect("it was known a moment ago");
    let [new_master, other] = if promoted == replicas[0] { [1, 2] } else { [2, 1] };
    eventually("it is a master", || info(&nodes[new_master], "role") == "master");
    eventually("the other replica follows it", || {
        info(&nodes[other], "master_port") == promoted.to_string()
    });

    // The old master comes back as one, and is made a replica.
    nodes[0].restart();
    eventually("the old master follows too", || {
        info(&nodes[0], "role") == "slave" && info(&nodes[0], "master_link_status") == "up"
    });
    // Two replicas can confirm again.
    writer.await_confirmed(100);
    let confirmed = writer.stop();
    for node in &nodes {
        let mut client = node.client();
        eventually("the replicas have caught up", || {
            info(node, "master_repl_offset") == info(&nodes[new_master], "master_repl_offset")
        });
        let lost: Vec<&String> =
            confirmed.iter().filter(|key| client.call(&["GET", key]).text() != **key).collect();
        assert!(lost.is_empty(), "of {} confirmed writes lost: {lost:?}", confirmed.len());
    }
    ask_with_redis_py(&ports, promoted, "after");

    // Sentinel had each node write down what it is now.
    let settings = |node: &Server| std::fs::read_to_string(node.path(CONFIG)).expect("a file");
    let line = format!("replicaof 127.0.0.1 {promoted}");
    eventually("the files say who follows whom", || {
        !settings(&nodes[new_master]).contains("replicaof 1")
            && settings(&nodes[other]).contains(&line)
            && settings(&nodes[0]).contains(&line)
    });
}

/// A master and two replicas, each with a file of settings.
fn nodes() -> [Server; 3] {
    let node = |settings: &str| {
        let common = "save \"\"\nrepl-diskless-sync-delay 0\nrepl-ping-replica-period 1\n";
        let settings = format!("{common}{settings}");
        let setup = Setup::bare(Program::Redarium).file(CONFIG, settings.as_bytes());
        let path = setup.dir().join(CONFIG);
        setup.config_file(path.to_str().expect("a readable path")).start()
    };
    let master = node("");
    let line = format!("replicaof 127.0.0.1 {}\n", master.port());
    let replicas = [node(&line), node(&line)];
    for replica in &replicas {
        eventually("the link is up", || info(replica, "master_link_status") == "up");
    }
    let [second, third] = replicas;
    [master, second, third]
}

/// Three that have found the replicas and each other.
fn sentinels(master: u16) -> Vec<Server> {
    // Long enough that a busy machine is not taken for a dead master.
    let settings = format!(
        "sentinel monitor {NAME} 127.0.0.1 {master} 2\n\
         sentinel down-after-milliseconds {NAME} 2500\n\
         sentinel failover-timeout {NAME} 4000\n\
         sentinel parallel-syncs {NAME} 2\n"
    );
    let start = || {
        let setup = Setup::bare(Program::Redis).file(CONFIG, settings.as_bytes());
        let path = setup.dir().join(CONFIG);
        let path = path.to_str().expect("a readable path");
        setup.config_file(path).args(["--sentinel"]).start()
    };
    let sentinels: Vec<Server> = (0..3).map(|_| start()).collect();
    for sentinel in &sentinels {
        let mut client = sentinel.client();
        // What takes ten seconds otherwise: asking for INFO, and saying hello.
        for (name, ms) in [("info-period", "500"), ("publish-period", "300")] {
            client.call(&["SENTINEL", "DEBUG", name, ms]);
        }
        eventually("it has found everybody", || {
            let state = client.call(&["SENTINEL", "MASTER", NAME]);
            let words: Vec<String> = state.items().iter().map(|item| item.text()).collect();
            let found = |name: &str| {
                let at = words.iter().position(|word| word == name);
                at.and_then(|at| words.get(at + 1)).is_some_and(|count| count == "2")
            };
            found("num-slaves") && found("num-other-sentinels")
        });
    }
    sentinels
}

/// The port of the master that the sentinels agree on.
fn master_by(sentinels: &[u16]) -> Option<u16> {
    let mut answers: Vec<Option<u16>> = sentinels.iter().map(|port| ask_sentinel(*port)).collect();
    answers.dedup();
    if let [one] = answers[..] { one } else { None }
}

fn ask_sentinel(port: u16) -> Option<u16> {
    let question = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME];
    let reply = Client::connect(port).ok()?.try_call(&question).ok()?;
    reply.items().get(1)?.text().parse().ok()
}

/// Writes to whoever Sentinel says is the master, and notes what both replicas have confirmed.
struct Writer {
    stop: Arc<AtomicBool>,
    confirmed: Arc<AtomicUsize>,
    thread: JoinHandle<Vec<String>>,
}

impl Writer {
    fn start(sentinels: Vec<u16>) -> Self {
        let (stop, confirmed) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let (ends, counter) = (Arc::clone(&stop), Arc::clone(&confirmed));
        let thread = thread::spawn(move || write(&sentinels, &ends, &counter));
        Self { stop, confirmed, thread }
    }

    /// Waits until so many more writes are confirmed.
    fn await_confirmed(&self, count: usize) {
        let goal = self.confirmed.load(Ordering::SeqCst) + count;
        eventually("writes are confirmed", || self.confirmed.load(Ordering::SeqCst) >= goal);
    }

    fn stop(self) -> Vec<String> {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().expect("the writer ends")
    }
}

fn write(sentinels: &[u16], stop: &AtomicBool, counter: &AtomicUsize) -> Vec<String> {
    let (mut confirmed, mut number, mut master) = (Vec::new(), 0, None);
    while !stop.load(Ordering::SeqCst) {
        number += 1;
        let key = format!("written:{number}");
        if write_one(&mut master, sentinels, &key).unwrap_or(false) {
            confirmed.push(key);
            counter.fetch_add(1, Ordering::SeqCst);
        } else {
            // As a client library does: forget the connection, ask again.
            master = None;
            thread::sleep(Duration::from_millis(20));
        }
    }
    confirmed
}

/// Whether two replicas have confirmed it; `None` when the master can't be had.
fn write_one(master: &mut Option<Client>, sentinels: &[u16], key: &str) -> Option<bool> {
    if master.is_none() {
        let port = sentinels.iter().find_map(|port| ask_sentinel(*port))?;
        *master = Client::connect(port).ok();
    }
    let client = master.as_mut()?;
    if !client.try_call(&["SET", key, key]).ok()?.is_status("OK") {
        return None;
    }
    let confirmed = client.try_call(&["WAIT", "2", "500"]).ok()?;
    Some(!confirmed.is_error() && confirmed.integer() >= 2)
}

/// An application's library finds the master and its replicas.
fn ask_with_redis_py(sentinels: &[u16], master: u16, key: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let mut command = Command::new(root.join("target/redis-py/bin/python"));
    command.arg(root.join("tests/clients/redis_py_sentinel.py")).args([NAME, key]);
    command.args(sentinels.iter().map(u16::to_string));
    let output = command.stderr(Stdio::inherit()).output().expect(INSTALL);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
    assert_eq!(printed.trim(), format!("master {master}, 2 replicas, wrote and read {key}"));
}

fn info(server: &Server, name: &str) -> String {
    let text = server.client().call(&["INFO"]).text();
    let field = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    field.unwrap_or_default().to_owned()
}

const NAME: &str = "the-master";
const CONFIG: &str = "node.conf";
const INSTALL: &str = "`cargo xtask test` installs redis-py under target/ with Python's pip";
