//! A node, or a master and a replica, driven by hand: what goes in, what comes out.

mod aof;
mod block;
mod failover;
mod field_expiry;
mod huge;
mod link;
mod load;
mod memory;
mod notify;
mod observe;
mod pubsub;
mod settings;
mod sync;

use std::io::IoSlice;

use bytes::Bytes;
use bytes::BytesMut;

use super::CloseReason;
use super::ConnId;
use super::Effect;
use super::Event;
use super::Node;
use super::Obstacle;
use super::Origin;
use super::Progress;
use super::Signal;
use super::StorageDone;
use super::StorageOp;
use super::StorageOutput;
use super::Via;
use crate::config::Config;
use crate::resp::split_words;
use crate::resp::write_request;
use crate::time::Mono;
use crate::time::Now;
use crate::time::Wall;

type Machine = fn(&Config) -> Result<(), Obstacle>;

/// A node and the buffers a shell would keep for it.
struct Bench {
    node: Node,
    now: Now,
    /// Files of its directory, as the storage operations left them.
    files: Vec<(String, Vec<u8>)>,
    /// Why nothing can be done with them, if so.
    disk_error: Option<String>,
    /// The log's file is not written to for now.
    log_stands_still: bool,
    /// What is asked for meanwhile.
    log_held: Vec<Effect>,
    dials: Vec<Effect>,
    shutdown: Option<i32>,
    closed: Vec<ConnId>,
    /// What the machine says to settings, if it has a say.
    machine: Option<Machine>,
}

impl Bench {
    /// Full synchronisations begin at once, as if `repl-diskless-sync-delay` were 0.
    fn new(config: Config) -> Self {
        let config = Config { repl_diskless_sync_delay: 0, ..config };
        let now = Now::new(Mono::ZERO, Wall::from_ms(1_700_000_000_000));
        Self {
            node: Node::new(config, 7, now),
            now,
            files: Vec::new(),
            disk_error: None,
            log_stands_still: false,
            log_held: Vec::new(),
            dials: Vec::new(),
            shutdown: None,
            closed: Vec::new(),
            machine: None,
        }
    }

    fn open(&mut self) -> ConnId {
        let origin = Origin::Accepted {
            peer: "127.0.0.1:5000".into(),
            local: "127.0.0.1:6379".into(),
            via: Via::Loopback,
        };
        self.node.handle_open(origin, self.now)
    }

    /// Ends turns until there is no work left, carrying out what the node asks for.
    fn settle(&mut self) {
        loop {
            self.node.finish_turn(self.now);
            while let Some(effect) = self.node.poll_effect() {
                self.carry_out(effect);
            }
            let at = self.node.poll_timeout().map(|(at, _)| at);
            if at.is_none_or(|at| at > self.now.mono) {
                return;
            }
            self.node.handle_timeout(self.now);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Storage { op: StorageOp::Log { .. }, .. } if self.log_stands_still => {
                self.log_held.push(effect);
            }
            Effect::Storage { id, op } => {
                let outcome = match self.disk_error.clone() {
                    Some(words) => Err(words),
                    None => Ok(self.operate(op)),
                };
                self.node.handle_storage(StorageDone { id, outcome }, self.now);
            }
            Effect::Shutdown { status } => self.shutdown = Some(status),
            Effect::Close { conn } => self.closed.push(conn),
            Effect::Dial { .. } => self.dials.push(effect),
            Effect::AbandonDial { .. } => {}
            Effect::Adopt { config } => {
                let outcome = self.machine.map_or(Ok(()), |refuses| refuses(&config));
                self.node.handle_adopted(outcome, self.now);
            }
        }
    }

    fn file(&mut self, name: &str) -> &mut Vec<u8> {
        &mut self.files.iter_mut().find(|(file, _)| file == name).unwrap().1
    }

    fn operate(&mut self, op: StorageOp) -> StorageOutput {
        match op {
            StorageOp::MakeFolder { .. } | StorageOp::Sync { .. } => {}
            StorageOp::Create { file } => {
                self.files.retain(|(name, _)| *name != file);
                self.files.push((file, Vec::new()));
            }
            StorageOp::Append { file, data } | StorageOp::Log { file, data, .. } => {
                self.file(&file).extend_from_slice(&data);
            }
            StorageOp::Rename { from, to } => {
                self.files.retain(|(name, _)| *name != to);
                self.files.iter_mut().find(|(f, _)| *f == from).unwrap().0 = to;
            }
            StorageOp::Rewrite { path, config, users, every } => {
                let old = self.files.iter().find(|(name, _)| *name == path);
                let old = old.map(|(_, text)| text.clone()).unwrap_or_default();
                self.files.retain(|(name, _)| *name != path);
                self.files.push((path, config.rewritten(&old, &users, every)));
            }
            StorageOp::Remove { file } => self.files.retain(|(name, _)| *name != file),
            StorageOp::Truncate { file, len } => self.file(&file).truncate(len as usize),
            StorageOp::Measure { file } => {
                let found = self.files.iter().find(|(name, _)| *name == file);
                return StorageOutput::Length(found.map(|(_, bytes)| bytes.len() as u64));
            }
            StorageOp::Read { file, offset, bytes_max } => {
                let rest = self.file(&file).split_off(offset as usize);
                self.file(&file).extend_from_slice(&rest);
                return StorageOutput::Bytes(rest.into_iter().take(bytes_max).collect());
            }
        }
        StorageOutput::Nothing
    }

    fn feed(&mut self, conn: ConnId, bytes: &[u8]) -> Progress {
        let mut buffer = BytesMut::from(bytes);
        let progress = self.node.handle_bytes(conn, &mut buffer, self.now);
        self.settle();
        progress
    }

    fn take_output(&mut self, conn: ConnId) -> Vec<u8> {
        let mut output = Vec::new();
        loop {
            let mut slices = [IoSlice::new(&[]); 8];
            let filled = self.node.outbox(conn, &mut slices);
            let bytes: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
            if bytes.is_empty() {
                return output;
            }
            self.node.handle_sent(conn, bytes.len(), self.now);
            output.extend(bytes);
        }
    }

    /// What a command typed at a prompt gets as its reply, escaped.
    fn ask(&mut self, conn: ConnId, line: &str) -> String {
        self.feed(conn, &request(line));
        self.take_output(conn).escape_ascii().to_string()
    }

    fn pass(&mut self, ms: u64) {
        let mono = self.now.mono.plus_ms(ms);
        let wall = Wall::from_ms(self.now.wall_ms() + ms as i64);
        self.now = Now::new(mono, wall);
        self.node.handle_timeout(self.now);
        self.settle();
    }

    fn logs(&mut self) -> String {
        let mut lines = String::new();
        while let Some(event) = self.node.poll_event() {
            if let Event::Log { text, .. } = event {
                lines += &text;
                lines.push('\n');
            }
        }
        lines
    }
}

fn request(line: &str) -> Bytes {
    let words = split_words(line.as_bytes()).unwrap();
    let mut out = BytesMut::new();
    write_request(&mut out, words.iter().map(Vec::as_slice));
    out.freeze()
}

/// Replies to `lines` on one connection of a fresh node.
fn check(lines: &[(&str, &str)]) {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    for (line, expect) in lines {
        assert_eq!(bench.ask(conn, line), *expect, "{line}");
    }
}

#[test]
fn commands_are_answered() {
    check(&[
        ("PING", r"+PONG\r\n"),
        ("SET k v", r"+OK\r\n"),
        ("GET k", r"$1\r\nv\r\n"),
        ("GET missing", r"$-1\r\n"),
        ("NOPE a", r"-ERR unknown command \'NOPE\', with args beginning with: \'a\' \r\n"),
        ("GET", r"-ERR wrong number of arguments for \'get\' command\r\n"),
        ("SELECT 16", r"-ERR DB index is out of range\r\n"),
    ]);
}

#[test]
fn hello_changes_the_protocol() {
    check(&[
        ("HELLO 4", r"-NOPROTO unsupported protocol version\r\n"),
        ("GET k", r"$-1\r\n"),
        (
            "HELLO 3",
            concat!(
                r"%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.4.0\r\n",
                r"$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n",
                r"$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"
            ),
        ),
        ("GET k", r"_\r\n"),
        ("RESET", r"+RESET\r\n"),
        ("GET k", r"$-1\r\n"),
    ]);
}

#[test]
fn a_transaction_runs_as_one() {
    check(&[
        ("EXEC", r"-ERR EXEC without MULTI\r\n"),
        ("MULTI", r"+OK\r\n"),
        ("MULTI", r"-ERR MULTI calls can not be nested\r\n"),
        ("SET k 1", r"+QUEUED\r\n"),
        ("APPEND k 2", r"+QUEUED\r\n"),
        ("EXEC", r"*2\r\n+OK\r\n:2\r\n"),
        ("MULTI", r"+OK\r\n"),
        ("NOPE", r"-ERR unknown command \'NOPE\', with args beginning with: \r\n"),
        ("EXEC", r"-EXECABORT Transaction discarded because of previous errors.\r\n"),
        ("MULTI", r"+OK\r\n"),
        ("SET k 9", r"+QUEUED\r\n"),
        ("DISCARD", r"+OK\r\n"),
        ("GET k", r"$2\r\n12\r\n"),
    ]);
}

#[test]
fn client_reply_silences() {
    check(&[
        ("CLIENT REPLY SKIP", ""),
        ("SET k v", ""),
        ("GET k", r"$1\r\nv\r\n"),
        ("CLIENT REPLY OFF", ""),
        ("GET k", ""),
        ("NOPE", ""),
        ("CLIENT REPLY ON", r"+OK\r\n"),
        ("GET k", r"$1\r\nv\r\n"),
    ]);
}

#[test]
fn no_touch_reads_without_using() {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    bench.ask(conn, "SET k v");
    bench.ask(conn, "CLIENT NO-TOUCH ON");
    bench.pass(5000);
    bench.ask(conn, "GET k");
    assert_eq!(bench.ask(conn, "OBJECT IDLETIME k"), r":5\r\n");
    bench.ask(conn, "TOUCH k");
    assert_eq!(bench.ask(conn, "OBJECT IDLETIME k"), r":0\r\n");
}

#[test]
fn a_peer_that_speaks_no_resp_is_told_and_closed() {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    assert_eq!(bench.feed(conn, b"*1\r\n+4\r\n"), Progress::Closing);
    let output = bench.take_output(conn);
    assert_eq!(output, b"-ERR Protocol error: expected '$', got '+'\r\n");
    assert_eq!(bench.closed, [conn]);
    assert_eq!(bench.feed(conn, &request("PING")), Progress::Closing);
}

#[test]
fn a_password_is_asked_for() {
    let mut bench = Bench::new(Config { requirepass: "secret".into(), ..Config::default() });
    let conn = bench.open();
    for (line, expect) in [
        ("GET k", r"-NOAUTH Authentication required.\r\n"),
        ("AUTH wrong", r"-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
        ("AUTH default secret", r"+OK\r\n"),
        ("GET k", r"$-1\r\n"),
    ] {
        assert_eq!(bench.ask(conn, line), expect, "{line}");
    }
}

#[test]
fn keys_expire_on_the_virtual_clock() {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    bench.ask(conn, "SET lazy v PX 50");
    bench.ask(conn, "SET active v PX 1000");
    bench.pass(49);
    assert_eq!(bench.ask(conn, "GET lazy"), r"$1\r\nv\r\n");
    bench.pass(1);
    assert_eq!(bench.ask(conn, "GET lazy"), r"$-1\r\n");
    assert_eq!(bench.ask(conn, "DBSIZE"), r":1\r\n");
    (0..12).for_each(|_| bench.pass(100));
    assert_eq!(bench.ask(conn, "DBSIZE"), r":0\r\n");
    assert_eq!(bench.node.poll_timeout().map(|(_, why)| why), Some(super::Wakeup::Replication));
}

#[test]
fn a_pause_holds_writes_and_lets_them_go() {
    let mut bench = Bench::new(Config::default());
    let (a, b) = (bench.open(), bench.open());
    bench.ask(a, "CLIENT PAUSE 1000 WRITE");
    assert_eq!(bench.ask(b, "GET k"), r"$-1\r\n");
    let mut buffer = BytesMut::from(&request("SET k v")[..]);
    assert_eq!(bench.node.handle_bytes(b, &mut buffer, bench.now), Progress::Blocked);
    bench.settle();
    assert!(!buffer.is_empty() && bench.take_output(b).is_empty());
    bench.pass(1000);
    assert_eq!(bench.node.poll_resumed(), Some(b));
    assert_eq!(bench.node.handle_bytes(b, &mut buffer, bench.now), Progress::NeedsBytes);
    assert_eq!(bench.take_output(b), b"+OK\r\n");
}

#[test]
fn save_writes_a_file_that_loads() {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    bench.ask(conn, "SET k v");
    bench.ask(conn, "SELECT 3");
    bench.ask(conn, "SET n 42 EX 100");
    assert_eq!(bench.ask(conn, "SAVE"), r"+OK\r\n");
    let (name, bytes) = bench.files.first().cloned().unwrap();
    assert_eq!((name.as_str(), bench.files.len()), ("dump.rdb", 1));
    for chunk in [1, 7, 1000] {
        let mut loaded = Bench::new(Config::default());
        for piece in bytes.chunks(chunk) {
            loaded.node.load_rdb(&mut BytesMut::from(piece), loaded.now).unwrap();
        }
        assert_eq!(loaded.node.finish_load(loaded.now).unwrap().keys, 2);
        let conn = loaded.open();
        assert_eq!(loaded.ask(conn, "GET k"), r"$1\r\nv\r\n");
        loaded.ask(conn, "SELECT 3");
        assert_eq!(loaded.ask(conn, "TTL n"), r":100\r\n");
    }
}

/// INFO's `loading_rdb_used_mem`.
#[test]
fn a_load_knows_how_much_memory_the_writer_had() {
    for (bytes, expect) in [
        (&b"REDIS0009\xfa\x08used-mem\xc2\x40\x42\x0f\x00"[..], 1_000_000),
        (b"REDIS0009\xfa\x08used-mem\xc0\xff", 0),
        (b"REDIS0009\xfa\x08used-mem\x03abc", 0),
        (b"REDIS0009", 0),
    ] {
        let mut bench = Bench::new(Config::default());
        // A checksum of zero is none.
        let file = [bytes, b"\xff\0\0\0\0\0\0\0\0"].concat();
        bench.node.load_rdb(&mut BytesMut::from(&file[..]), bench.now).unwrap();
        let summary = bench.node.finish_load(bench.now).unwrap();
        assert_eq!(summary.saved_memory_bytes, expect, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_damaged_file_leaves_the_data_as_it_was() {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    bench.ask(conn, "SET k v");
    bench.ask(conn, "SAVE");
    let bytes = bench.files.first().cloned().unwrap().1;
    let mut broken = Bench::new(Config::default());
    broken.node.load_rdb(&mut BytesMut::from(&bytes[..bytes.len() - 1]), broken.now).unwrap();
    assert!(broken.node.finish_load(broken.now).is_err());
    let conn = broken.open();
    assert_eq!(broken.ask(conn, "DBSIZE"), r":0\r\n");
}

#[test]
fn a_signal_saves_where_save_points_are_set_and_ends() {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    bench.ask(conn, "SET k v");
    bench.node.handle_signal(Signal::Terminate, bench.now);
    bench.settle();
    assert_eq!((bench.shutdown, bench.files.len()), (Some(0), 1));
    assert!(bench.logs().contains("DB saved on disk"));
    let mut bench = Bench::new(Config { save: Vec::new(), ..Config::default() });
    bench.node.handle_signal(Signal::Terminate, bench.now);
    bench.settle();
    assert_eq!((bench.shutdown, bench.files.len()), (Some(0), 0));
}

#[test]
fn save_points_save_by_themselves() {
    let mut bench = Bench::new(Config::default());
    let conn = bench.open();
    bench.ask(conn, "SET k v");
    (0..3602).for_each(|_| bench.pass(1000));
    assert_eq!(bench.files.len(), 1);
    assert!(bench.logs().contains("1 changes in 3600 seconds. Saving..."));
    assert_eq!(bench.node.poll_timeout(), None, "an idle node sleeps");
}

/// A master, a replica, and the connection between them.
struct Pair {
    master: Bench,
    replica: Bench,
    /// The replica's end and the master's end.
    link: Option<(ConnId, ConnId)>,
    /// Bytes the replica's shell has not got rid of.
    replica_buffer: BytesMut,
}

impl Pair {
    fn new() -> Self {
        let replicaof = Some(crate::config::MasterAddress { host: "m".into(), port: 6379 });
        let mut pair = Self {
            master: Bench::new(Config::default()),
            replica: Bench::new(Config { replicaof, port: 6380, ..Config::default() }),
            link: None,
            replica_buffer: BytesMut::new(),
        };
        pair.replica.settle();
        pair
    }

    fn connect(&mut self) {
        let Some(Effect::Dial { dial, .. }) = self.replica.dials.pop() else {
            panic!("the replica has not dialed")
        };
        let origin = Origin::Dialed { dial, peer: "m:6379".into(), local: "r:1".into() };
        let here = self.replica.node.handle_open(origin, self.replica.now);
        self.link = Some((here, self.master.open()));
    }

    /// Carries bytes both ways until nothing moves, downwards `chunk` at a time.
    fn exchange(&mut self, chunk: usize) {
        let Some((here, there)) = self.link else { return };
        loop {
            let up = self.replica.take_output(here);
            if !up.is_empty() {
                self.master.feed(there, &up);
            }
            self.master.settle();
            let down = self.master.take_output(there);
            for piece in down.chunks(chunk) {
                self.replica_buffer.extend_from_slice(piece);
                let now = self.replica.now;
                self.replica.node.handle_bytes(here, &mut self.replica_buffer, now);
                self.replica.settle();
            }
            if up.is_empty() && down.is_empty() {
                return;
            }
        }
    }

    fn cut(&mut self) {
        let Some((here, there)) = self.link.take() else { return };
        self.replica_buffer.clear();
        self.replica.node.handle_close(here, CloseReason::Reset, self.replica.now);
        self.master.node.handle_close(there, CloseReason::Reset, self.master.now);
        self.replica.settle();
        self.master.settle();
    }

    fn assert_equal(&mut self) {
        assert_eq!(self.master.node.view().offset, self.replica.node.view().offset);
        assert_eq!(self.master.node.view().id, self.replica.node.view().id);
        assert_eq!(self.master.node.view().keys, self.replica.node.view().keys);
    }
}

#[test]
fn a_replica_gets_the_data_and_then_the_stream_however_it_is_cut_up() {
    for chunk in [1, 3, 64, 100_000] {
        let mut pair = Pair::new();
        let client = pair.master.open();
        pair.master.ask(client, "SET before 1");
        pair.connect();
        pair.exchange(chunk);
        pair.master.ask(client, "SELECT 2");
        pair.master.ask(client, "SET after 2 EX 1000");
        pair.exchange(chunk);
        let reader = pair.replica.open();
        assert_eq!(pair.replica.ask(reader, "GET before"), r"$1\r\n1\r\n", "chunk {chunk}");
        assert!(pair.replica.ask(reader, "SET x y").starts_with("-READONLY"));
        pair.replica.ask(reader, "SELECT 2");
        assert_eq!(pair.replica.ask(reader, "TTL after"), r":1000\r\n");
        pair.assert_equal();
    }
}

#[test]
fn wait_counts_acknowledgements() {
    let mut pair = Pair::new();
    pair.connect();
    pair.exchange(100_000);
    let client = pair.master.open();
    pair.master.ask(client, "SET k v");
    assert_eq!(pair.master.ask(client, "WAIT 1 0"), "");
    pair.exchange(100_000);
    assert_eq!(pair.master.take_output(client), b":1\r\n");
    assert_eq!(pair.master.ask(client, "WAIT 2 100"), "");
    pair.master.pass(100);
    assert_eq!(pair.master.take_output(client), b":1\r\n");
}

#[test]
fn a_cut_link_is_continued_from_the_backlog() {
    let mut pair = Pair::new();
    pair.connect();
    pair.exchange(100_000);
    let client = pair.master.open();
    pair.master.ask(client, "SET a 1");
    pair.exchange(100_000);
    pair.cut();
    pair.master.ask(client, "SET b 2");
    pair.connect();
    pair.exchange(100_000);
    assert!(pair.replica.logs().contains("Successful partial resynchronization"));
    pair.assert_equal();
    let reader = pair.replica.open();
    assert_eq!(pair.replica.ask(reader, "GET b"), r"$1\r\n2\r\n");
}

#[test]
fn a_master_that_vanishes_mid_sync_costs_nothing() {
    let mut pair = Pair::new();
    pair.connect();
    let client = pair.master.open();
    pair.master.ask(client, "SET old 1");
    pair.exchange(100_000);
    pair.assert_equal();
    // The master starts afresh under another history, and its payload is cut at every byte.
    for cut_at in 0..400 {
        pair.cut();
        pair.master = Bench::new(Config::default());
        let client = pair.master.open();
        pair.master.ask(client, "SET new 1");
        (0..2).for_each(|_| pair.replica.pass(1000));
        pair.connect();
        let (here, there) = pair.link.unwrap();
        let mut left = cut_at;
        loop {
            let up = pair.replica.take_output(here);
            if !up.is_empty() {
                pair.master.feed(there, &up);
            }
            let down = pair.master.take_output(there);
            let now = pair.replica.now;
            let taken = left.min(down.len());
            left -= taken;
            pair.replica_buffer.extend_from_slice(&down[..taken]);
            pair.replica.node.handle_bytes(here, &mut pair.replica_buffer, now);
            pair.replica.settle();
            if (up.is_empty() && down.is_empty()) || left == 0 {
                break;
            }
        }
        let reader = pair.replica.open();
        let old = pair.replica.ask(reader, "GET old");
        let new = pair.replica.ask(reader, "GET new");
        let has_old = old == r"$1\r\n1\r\n" && new == r"$-1\r\n";
        let has_new = old == r"$-1\r\n" && new == r"$1\r\n1\r\n";
        assert!(has_old || has_new, "cut at {cut_at}: {old} {new}");
        if has_new {
            assert!(cut_at > 100);
            return;
        }
    }
    panic!("the new data never arrived");
}

#[test]
fn a_promoted_replica_keeps_its_past() {
    let mut pair = Pair::new();
    pair.connect();
    let client = pair.master.open();
    pair.master.ask(client, "SET a 1");
    pair.exchange(100_000);
    let before = pair.replica.node.view();
    let admin = pair.replica.open();
    assert_eq!(pair.replica.ask(admin, "REPLICAOF NO ONE"), r"+OK\r\n");
    let after = pair.replica.node.view();
    assert_eq!((after.previous_id, after.offset), (before.id, before.offset));
    assert_ne!(after.id, before.id);
    assert_eq!(pair.replica.ask(admin, "SET b 2"), r"+OK\r\n");
    assert!(pair.replica.node.view().offset > before.offset);
}
