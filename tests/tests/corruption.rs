//! Damaged files: every single-byte change and every truncation of a snapshot and of an append-only file gives
//! the data or an error that says where; never a panic, a start without end, or memory beyond what the file
//! could need.
//!
//! The engine runs on a disk in memory, and an allocator counts what each load takes. Requests carry no
//! checksum: a changed byte in one may be another valid request, so that for the append-only file "the data" is
//! what its requests now say. Each byte has one of its bits changed; with `REDARIUM_MASKS=255` it is changed in
//! every way there is.

use std::alloc::GlobalAlloc;
use std::alloc::Layout;
use std::alloc::System;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::env;

use redarium_core::config::AllowedFor;
use redarium_core::config::Config;
use redarium_core::node::ConnId;
use redarium_core::node::Effect;
use redarium_core::node::Event;
use redarium_core::node::Node;
use redarium_core::node::Origin;
use redarium_core::node::StorageDone;
use redarium_core::node::StorageOp;
use redarium_core::node::StorageOutput;
use redarium_core::node::Via;
use redarium_core::time::Mono;
use redarium_core::time::Now;
use redarium_core::time::Wall;
use redarium_tests::client::encode;

/// Counts what a thread has, and the most it has had.
struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is passed on as it is; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

fn count(more: usize, less: usize) {
    // A thread that ends has nothing to count with any more.
    let _ = HELD.try_with(|held| {
        held.set((held.get() + more).saturating_sub(less));
        MOST.with(|most| most.set(most.get().max(held.get())));
    });
}

type Files = BTreeMap<String, Vec<u8>>;

/// A node, its disk, and the lines of its log.
struct Machine {
    node: Node,
    files: Files,
    log: String,
    has_ended: bool,
    client: Option<ConnId>,
}

impl Machine {
    /// Starts on these files.
    fn start(config: &Config, files: Files) -> Self {
        let node = Node::restored(config.clone(), 7, now());
        let mut machine = Self { node, files, log: String::new(), has_ended: false, client: None };
        machine.settle();
        machine
    }

    fn is_serving(&self) -> bool {
        !self.has_ended && !self.node.is_loading()
    }

    /// Ends turns until nothing is left to do.
    fn settle(&mut self) {
        for _ in 0..TURNS_MAX {
            self.node.finish_turn(now());
            let mut is_quiet = true;
            while let Some(effect) = self.node.poll_effect() {
                is_quiet = false;
                match effect {
                    Effect::Storage { id, op } => {
                        let outcome = self.operate(op);
                        self.node.handle_storage(StorageDone { id, outcome }, now());
                    }
                    Effect::Shutdown { .. } => self.has_ended = true,
                    _ => {}
                }
            }
            while let Some(event) = self.node.poll_event() {
                if let Event::Log { text, .. } = event {
                    self.log += &text;
                    self.log.push('\n');
                }
            }
            if self.node.poll_timeout().is_some_and(|(at, _)| at <= now().mono) {
                self.node.handle_timeout(now());
                is_quiet = false;
            }
            if is_quiet || self.has_ended {
                return;
            }
        }
        panic!("it never comes to rest: {}", self.log);
    }

    fn operate(&mut self, op: StorageOp) -> Result<StorageOutput, String> {
        let missing = || "No such file or directory".to_owned();
        match op {
            StorageOp::Create { file } => drop(self.files.insert(file, Vec::new())),
            StorageOp::Append { file, data } | StorageOp::Log { file, data, .. } => {
                self.files.get_mut(&file).ok_or_else(missing)?.extend_from_slice(&data);
            }
            StorageOp::Rename { from, to } => {
                let file = self.files.remove(&from).ok_or_else(missing)?;
                self.files.insert(to, file);
            }
            StorageOp::Remove { file } => drop(self.files.remove(&file)),
            StorageOp::Truncate { file, len } => {
                self.files.get_mut(&file).ok_or_else(missing)?.truncate(len as usize);
            }
            StorageOp::Measure { file } => {
                let length = self.files.get(&file).map(|file| file.len() as u64);
                return Ok(StorageOutput::Length(length));
            }
            StorageOp::Read { file, offset, bytes_max } => {
                let file = self.files.get(&file).ok_or_else(missing)?;
                let rest = file.get(offset as usize..).unwrap_or_default();
                let read = rest.get(..bytes_max).unwrap_or(rest);
                return Ok(StorageOutput::Bytes(read.to_vec().into()));
            }
            StorageOp::MakeFolder { .. } | StorageOp::Sync { .. } | StorageOp::Rewrite { .. } => {}
        }
        Ok(StorageOutput::Nothing)
    }

    /// What a request is answered.
    fn ask(&mut self, words: &[&str]) -> Vec<u8> {
        let conn = self.client.unwrap_or_else(|| {
            let (peer, local) = ("c".into(), "n".into());
            self.node.handle_open(Origin::Accepted { peer, local, via: Via::Loopback }, now())
        });
        self.client = Some(conn);
        let mut request = encode(words).as_slice().into();
        self.node.handle_bytes(conn, &mut request, now());
        self.settle();
        let mut reply = Vec::new();
        loop {
            let mut slices = [std::io::IoSlice::new(&[]); 8];
            let filled = self.node.outbox(conn, &mut slices);
            let bytes: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect();
            if bytes.is_empty() {
                return reply;
            }
            self.node.handle_sent(conn, bytes.len(), now());
            reply.extend(bytes);
        }
    }
}

fn now() -> Now {
    Now::new(Mono::ZERO, Wall::from_ms(1_800_000_000_000))
}

fn config(settings: &[(&str, &str)]) -> Config {
    let enable_debug_command = AllowedFor::Everybody;
    let mut config = Config { save: Vec::new(), enable_debug_command, ..Config::default() };
    let pairs: Vec<_> = settings.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
    config.apply(&pairs, true).expect("settings");
    config
}

/// All types, in so many elements each: thousands of bytes.
fn fill(machine: &mut Machine, elements: usize) {
    let mut run = |words: &[&str]| {
        let reply = machine.ask(words);
        assert!(!reply.starts_with(b"-"), "{words:?}: {}", reply.escape_ascii());
    };
    for number in 0..elements {
        let text = number.to_string();
        let long = format!("{}{}", "value ".repeat(number), number * 7_919);
        run(&["SET", &format!("string:{text}"), &long]);
        run(&["RPUSH", "list", &text, &long]);
        run(&["SADD", "set", &text, &long]);
        run(&["SADD", "ints", &text]);
        run(&["ZADD", "zset", &format!("{text}.5"), &long]);
        run(&["HSET", "hash", &text, &long]);
        run(&["XADD", "stream", &format!("{}-1", number + 1), "field", &text]);
    }
    run(&["HPEXPIREAT", "hash", "33177117420000", "FIELDS", "1", "3"]);
    run(&["PEXPIREAT", "string:1", "33177117420000"]);
    run(&["XGROUP", "CREATE", "stream", "group", "0"]);
    run(&["XREADGROUP", "GROUP", "group", "me", "COUNT", "3", "STREAMS", "stream", ">"]);
}

/// What damage came to, one number a kind.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    same: usize,
    other: usize,
    refused: usize,
}

/// Loads all damaged versions of one file among `files`.
fn damage_all(config: &Config, files: &Files, name: &str, has_checksum: bool) -> Tally {
    let good = &files[name];
    let digest = Machine::start(config, files.clone()).ask(&["DEBUG", "DIGEST"]);
    let mut tally = Tally::default();
    let mut check = |what: &str, damaged: Vec<u8>| {
        let mut files = files.clone();
        let bytes: usize = files.values().map(Vec::len).sum();
        files.insert(name.to_owned(), damaged);
        let before = HELD.get();
        MOST.set(before);
        let mut machine = Machine::start(config, files);
        let taken = MOST.get() - before;
        assert!(taken <= 2 * bytes + BYTES_MAX, "{name}, {what}: took {taken} bytes");
        let log = &machine.log;
        if !machine.is_serving() {
            assert!(says_where(log), "{name}, {what}: says not where: {log}");
            tally.refused += 1;
        } else if machine.ask(&["DEBUG", "DIGEST"]) == digest {
            tally.same += 1;
        } else {
            let log = &machine.log;
            assert!(!has_checksum, "{name}, {what}: loads as something else: {log}");
            tally.other += 1;
        }
    };
    for len in 0..good.len() {
        check(&format!("cut to {len}"), good[..len].to_vec());
    }
    for at in 0..good.len() {
        for mask in masks(at) {
            let mut damaged = good.clone();
            damaged[at] ^= mask;
            check(&format!("byte {at} ^ {mask:#x}"), damaged);
        }
    }
    println!("{name}, {} bytes: {tally:?}", good.len());
    tally
}

/// Whether an explanation names a place: an offset, or a line of the manifest, or a file that is not there.
fn says_where(log: &str) -> bool {
    ["offset ", "at line ", "length. stat:"].iter().any(|word| log.contains(word))
}

fn masks(at: usize) -> Vec<u8> {
    match env::var("REDARIUM_MASKS") {
        Ok(count) => (1..=count.parse().expect("a number up to 255")).collect(),
        Err(_) => vec![1 << (at % 8)],
    }
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let config = config(&[("rdbcompression", "no")]);
    let mut machine = Machine::start(&config, Files::new());
    fill(&mut machine, 22);
    assert_eq!(machine.ask(&["SAVE"]), b"+OK\r\n");
    let Machine { files, .. } = machine;
    let tally = damage_all(&config, &files, "dump.rdb", true);
    assert!(tally.refused > tally.same, "{tally:?}");
}

#[test]
fn a_damaged_append_only_file_with_a_payload_is_refused_or_says_something_else() {
    damage_logs("yes");
}

#[test]
fn a_damaged_append_only_file_of_requests_is_refused_or_says_something_else() {
    damage_logs("no");
}

fn damage_logs(preamble: &str) {
    let settings =
        [("appendonly", "yes"), ("aof-use-rdb-preamble", preamble), ("rdbcompression", "no")];
    let config = config(&settings);
    let mut machine = Machine::start(&config, Files::new());
    fill(&mut machine, 12);
    machine.ask(&["BGREWRITEAOF"]);
    for number in 0..16 {
        let text = number.to_string();
        machine.ask(&["MULTI"]);
        machine.ask(&["RPUSH", "after", &text]);
        machine.ask(&["SET", &format!("after:{text}"), "v", "PX", "100000"]);
        machine.ask(&["EXEC"]);
    }
    // A start removes what a rewrite has replaced, if nothing else has.
    let Machine { files, .. } = Machine::start(&config, machine.files);
    assert_eq!(files.len(), 3, "{:?}", files.keys());
    for name in files.keys() {
        damage_all(&config, &files, name, name.ends_with(".rdb"));
    }
}

const BYTES_MAX: usize = 64 << 20;

/// Far more than these files need.
const TURNS_MAX: usize = 2_000;
