//! Redarium among real servers: as their replica, as their master, and between two of them, with data of
//! every type that is written to all the while. At the end all hold the same, by their own digests.
//!
//! `REDARIUM_REPLICATION_KEYS=1000000 cargo test --release -p redarium-tests --test peers` is the long form.

use std::env;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use redarium_tests::client::Client;
use redarium_tests::client::encode;
use redarium_tests::client::is_timeout;
use redarium_tests::program::Program;
use redarium_tests::program::has_old_redis;
use redarium_tests::program::has_valkey;
use redarium_tests::proxy::Proxy;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::snapshot::Snapshot;

/// A server that others may follow, with what it listens to its own master through.
struct Link {
    server: Server,
    proxy: Option<Proxy>,
}

#[test]
fn redarium_follows_real_servers() {
    for peer in peers() {
        check_chain(&[peer, Program::Redarium], "yes");
    }
    check_chain(&[Program::Redis, Program::Redarium], "no");
}

#[test]
fn real_servers_follow_redarium() {
    // A Redis 6 reads the encodings of Redis 7 from nobody.
    for peer in peers().into_iter().filter(|peer| *peer != Program::OldRedis) {
        check_chain(&[Program::Redarium, peer], "yes");
    }
    check_chain(&[Program::Redarium, Program::Redis], "no");
}

#[test]
fn mixed_chains_carry_one_stream() {
    use Program::OldRedis;
    use Program::Redarium;
    use Program::Redis;
    check_chain(&[Redis, Redarium, Redis], "yes");
    check_chain(&[Redarium, Redis, Redarium], "yes");
    if has_old_redis() {
        check_chain(&[OldRedis, Redarium, Redis], "yes");
    }
    if has_valkey() {
        check_chain(&[Redis, Redarium, Program::Valkey], "yes");
    }
}

/// Data of all types, writers, each link cut and healed: one copy for each, and the same data at last.
fn check_chain(programs: &[Program], diskless: &str) {
    println!("{programs:?}, diskless {diskless}");
    let keys = keys();
    let mut chain: Vec<Link> = Vec::new();
    for program in programs {
        let above = chain.last().map(|link| link.server.port());
        let proxy = above.map(Proxy::new);
        let server = start(*program, diskless, proxy.as_ref());
        if proxy.is_none() {
            fill(&server, keys);
        }
        let writers = Writers::start(&chain.first().map_or(server.port(), |l| l.server.port()));
        chain.push(Link { server, proxy });
        if above.is_some() {
            within_minutes("the copy is there", || link_status(chain.last()) == "up");
        }
        writers.stop();
    }
    let writers = Writers::start(&chain[0].server.port());
    for round in 0..4 {
        let proxy = chain[1 + round % (chain.len() - 1)].proxy.as_ref().expect("a replica's");
        thread::sleep(Duration::from_millis(60));
        proxy.cut();
        thread::sleep(Duration::from_millis(40));
        proxy.heal();
    }
    writers.stop();
    for link in &chain[1..] {
        within_minutes("it has caught up", || {
            let offset = |server| info(server, "master_repl_offset");
            link_status(Some(link)) == "up" && offset(&chain[0].server) == offset(&link.server)
        });
    }
    wait_for_same_data(&chain);
    for link in &chain[..chain.len() - 1] {
        assert_eq!(info(&link.server, "sync_full"), "1", "{programs:?}: one copy is enough");
    }
}

fn peers() -> Vec<Program> {
    let mut peers = vec![Program::Redis];
    peers.extend(has_valkey().then_some(Program::Valkey));
    peers.extend(has_old_redis().then_some(Program::OldRedis));
    peers
}

fn start(program: Program, diskless: &str, above: Option<&Proxy>) -> Server {
    let mut setup = Setup::new(program)
        .args(["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"])
        .args(["--repl-backlog-size", "256mb", "--repl-diskless-sync", diskless])
        .args(["--client-output-buffer-limit", "replica", "0", "0", "0"]);
    if program != Program::OldRedis {
        setup = setup.args(["--enable-debug-command", "yes"]);
    }
    match above {
        // Redis 6 takes the address in two words only.
        Some(proxy) => setup.args(["--replicaof", "127.0.0.1", &proxy.port().to_string()]).start(),
        None => setup.start(),
    }
}

/// So many keys of all types, and a few large ones.
fn fill(server: &Server, keys: u64) {
    let mut client = server.client();
    let mut number = 0;
    while number < keys {
        let batch: Vec<Vec<String>> = (number..keys.min(number + 500)).map(entry).collect();
        number += batch.len() as u64;
        pipeline(&mut client, &batch);
    }
    let large: Vec<Vec<String>> = (0..3000).flat_map(element).collect();
    large.chunks(500).for_each(|batch| pipeline(&mut client, batch));
}

fn entry(n: u64) -> Vec<String> {
    words(&match n % 9 {
        0 => format!("SET s:{n} value:{n}"),
        1 => format!("SET n:{n} {n} EX 100000"),
        2 => format!("RPUSH l:{n} a {n} {}", n * n),
        3 => format!("SADD i:{n} 1 2 {n}"),
        4 => format!("SADD m:{n} one two m{n}"),
        5 => format!("HSET h:{n} field {n} other value"),
        6 => format!("ZADD z:{n} 1.5 a {n} b"),
        7 => format!("XADD x:{n} {}-1 field {n}", n + 1),
        _ => format!("SETRANGE r:{n} {} end", n % 300),
    })
}

fn element(n: u64) -> [Vec<String>; 6] {
    [
        words(&format!("RPUSH large:l element:{n}")),
        words(&format!("SADD large:s member:{n}")),
        words(&format!("HSET large:h field:{n} value:{n}")),
        words(&format!("ZADD large:z {n}.25 member:{n}")),
        words(&format!("XADD large:x {}-0 field value:{n}", n + 1)),
        words(&format!("PFADD large:p {n}")),
    ]
}

/// Writers on two connections, in databases of their own, until they are stopped.
struct Writers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Writers {
    fn start(port: &u16) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = (0..2).map(|db| {
            let (port, ends) = (*port, Arc::clone(&stop));
            thread::spawn(move || write(port, db, &ends))
        });
        Self { threads: threads.collect(), stop }
    }

    fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        self.threads.into_iter().for_each(|thread| thread.join().expect("a writer ends"));
    }
}

fn write(port: u16, db: u64, stop: &AtomicBool) {
    let mut client = Client::connect(port).expect("the master accepts");
    pipeline(&mut client, &[words(&format!("SELECT {db}"))]);
    let mut seed = db + 1;
    while !stop.load(Ordering::SeqCst) {
        let batch: Vec<Vec<String>> = (0..40).flat_map(|_| change(next(&mut seed))).collect();
        pipeline(&mut client, &batch);
        thread::sleep(Duration::from_millis(1));
    }
}

/// What changes a key of one type, by its effect or word by word; twice in a transaction.
fn change(n: u64) -> Vec<Vec<String>> {
    let (key, small) = (n / 64 % 500, n / 7 % 50);
    let lines = match n % 22 {
        0 => vec![format!("SET w:s:{key} {n}")],
        1 => vec![format!("APPEND w:s:{key} tail{small}")],
        2 => vec![format!("INCRBYFLOAT w:f:{key} 0.{small}")],
        3 => vec![format!("SET w:t:{key} v PX 9{n:.6}00000")],
        4 => vec![format!("EXPIRE w:s:{key} 5000")],
        5 => vec![format!("DEL w:s:{key} w:f:{small}")],
        6 => vec![format!("LPUSH w:l:{key} {n} {small}"), format!("LTRIM w:l:{key} 0 20")],
        7 => vec![format!("RPOPLPUSH w:l:{key} w:l:{small}")],
        8 => vec![format!("SADD w:i:{key} {small} {n}")],
        9 => vec![format!("SPOP w:i:{key} 2")],
        10 => vec![format!("HSET w:h:{key} f{small} {n}")],
        11 => vec![format!("HINCRBYFLOAT w:h:{key} g {small}.5")],
        12 => vec![format!("ZADD w:z:{key} {small} m{n} 3 m{small}")],
        13 => vec![format!("ZPOPMIN w:z:{key}")],
        14 => vec![format!("XADD w:x:{key} MAXLEN 10 * f {n}")],
        15 => vec![format!("SETBIT w:b:{key} {small} 1"), format!("PFADD w:p:{key} {n}")],
        16 => vec![format!("COPY w:h:{key} w:k:{small} REPLACE")],
        17 => vec![
            "MULTI".into(),
            format!("INCR w:c:{key}"),
            format!("DECR w:c:{small}"),
            "EXEC".into(),
        ],
        18 => vec![format!("SET w:gone:{key} v PX 5")],
        19 => vec![format!("GETEX w:s:{key} PERSIST")],
        20 => vec![format!("SUNIONSTORE w:u:{key} w:i:{key} w:i:{small}")],
        _ => vec![format!("GEOADD w:g:{key} 13.{small} 38.{small} p{n}")],
    };
    lines.iter().map(|line| words(line)).collect()
}

fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

fn pipeline(client: &mut Client, requests: &[Vec<String>]) {
    let bytes: Vec<u8> = requests.iter().flat_map(|words| encode(words)).collect();
    client.send_raw(&bytes).expect("the master takes requests");
    for request in requests {
        let reply = client.read().expect("a reply");
        assert!(!reply.is_error(), "{request:?}: {reply:?}");
    }
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// Keys whose time has passed go when the master comes across them, even between two digests: that all are
/// the same once is what counts, since nobody writes any more.
fn wait_for_same_data(chain: &[Link]) {
    let differing = || {
        let digests: Vec<String> = chain.iter().map(|link| digest(&link.server)).collect();
        digests.iter().position(|digest| *digest != digests[0])
    };
    let start = Instant::now();
    while let Some(at) = differing() {
        if start.elapsed() > Duration::from_secs(30) {
            let read = |at: usize| Snapshot::of(&mut chain[at].server.client()).without_encodings();
            let differences = read(0).differences(&read(at), 0);
            panic!(
                "{} at {at} differs from the first: {differences:#?}",
                chain[at].server.program()
            );
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// A million keys take a server longer than a client waits by itself.
fn digest(server: &Server) -> String {
    let mut client = server.client();
    client.send_raw(&encode(&["DEBUG", "DIGEST"])).expect("the server takes a request");
    for _ in 0..18 {
        match client.read() {
            Ok(reply) => return reply.text(),
            Err(error) => assert!(is_timeout(&error), "{}: {error}", server.program()),
        }
    }
    panic!("{} gives no digest", server.program());
}

fn link_status(link: Option<&Link>) -> String {
    link.map(|link| info(&link.server, "master_link_status")).unwrap_or_default()
}

fn info(server: &Server, name: &str) -> String {
    let text = server.client().call(&["INFO"]).text();
    let field = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    field.unwrap_or_default().to_owned()
}

/// A million keys take their time.
fn within_minutes(what: &str, mut attempt: impl FnMut() -> bool) {
    let start = Instant::now();
    while !attempt() {
        assert!(start.elapsed() < Duration::from_secs(180), "waited in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn keys() -> u64 {
    let asked = env::var("REDARIUM_REPLICATION_KEYS").ok();
    asked.map_or(5_000, |count| count.parse().expect("REDARIUM_REPLICATION_KEYS is a number"))
}
