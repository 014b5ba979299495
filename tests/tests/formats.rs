//! RDB files of every version and encoding: written by hand for those of long ago, and by servers of several
//! ages with settings that force each encoding. What they hold is the same in every server that reads them,
//! key by key; and what Redarium makes of them goes back into each.

use std::fs;

use redarium_tests::client::Client;
use redarium_tests::program::Program;
use redarium_tests::program::has_old_redis;
use redarium_tests::program::has_valkey;
use redarium_tests::rdb_file::RdbFile;
use redarium_tests::rdb_file::intset;
use redarium_tests::rdb_file::listpack;
use redarium_tests::rdb_file::lzf;
use redarium_tests::rdb_file::string;
use redarium_tests::rdb_file::strings;
use redarium_tests::rdb_file::ziplist;
use redarium_tests::rdb_file::zipmap;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::snapshot::Snapshot;
use redarium_tests::value::Value;

/// A value as it is written: its key, the first version with this form, its type, its bytes.
type Form = (&'static str, u16, u8, Vec<u8>);

/// Every form of strings, lists, sets, sorted sets and hashes, oldest first.
fn forms() -> Vec<Form> {
    let long = "abcdefghij".repeat(700);
    let node = |container: u8, bytes: Vec<u8>| [vec![container], string(&bytes)].concat();
    let scores = |pairs: &[(&str, f64)]| {
        let pair = |(member, score): &(&str, f64)| {
            [string(member.as_bytes()), score.to_le_bytes().to_vec()].concat()
        };
        [vec![pairs.len() as u8], pairs.iter().flat_map(pair).collect()].concat()
    };
    vec![
        ("string", 1, 0, string(b"a value")),
        ("empty string", 1, 0, string(b"")),
        ("int8", 1, 0, b"\xc0\x85".to_vec()),
        ("int16", 1, 0, b"\xc1\x01\x80".to_vec()),
        ("int32", 1, 0, b"\xc2\x01\x02\x03\x84".to_vec()),
        ("digits", 1, 0, string(b"12345678901")),
        ("long string", 1, 0, string(long.as_bytes())),
        ("32 bit length", 1, 0, [b"\x80\0\0\0\x03", &b"abc"[..]].concat()),
        ("64 bit length", 1, 0, [b"\x81\0\0\0\0\0\0\0\x03", &b"abc"[..]].concat()),
        ("lzf", 1, 0, lzf(b"the same the same the same", 9)),
        ("list", 1, 1, [b"\x03", &strings(&["a", "b", ""])[..]].concat()),
        ("set", 1, 2, [b"\x03", &strings(&["a", "b"])[..], b"\xc0\x07"].concat()),
        ("zset", 1, 3, [b"\x04", &b"\x01a\x012\x01b\x041e-3\x01c\xfe\x01d\xff"[..]].concat()),
        ("hash", 1, 4, [b"\x02", &strings(&["f", "v", "g", ""])[..]].concat()),
        ("zipmap", 2, 9, string(&zipmap(&[("f", "v"), ("g", &long)]))),
        ("list ziplist", 2, 10, string(&ziplist(&ELEMENTS))),
        ("list ziplist lzf", 2, 10, lzf(&ziplist(&ELEMENTS), 3)),
        ("intset 16", 2, 11, string(&intset(2, &[-3, 1, 32767]))),
        ("intset 32", 2, 11, string(&intset(4, &[-70_000, 1, 70_000]))),
        ("intset 64", 2, 11, string(&intset(8, &[i64::MIN, 0, i64::MAX]))),
        ("zset ziplist", 2, 12, string(&ziplist(&["a", "-inf", "b", "1", "c", "2.5"]))),
        ("hash ziplist", 4, 13, string(&ziplist(&ELEMENTS[..12]))),
        (
            "quicklist",
            7,
            14,
            [b"\x02", &string(&ziplist(&ELEMENTS))[..], &lzf(&ziplist(&["x"]), 2)].concat(),
        ),
        ("zset 2", 8, 5, scores(&[("a", 0.1), ("b", -1e300), ("c", f64::INFINITY)])),
        ("hash listpack", 10, 16, string(&listpack(&ELEMENTS[..12]))),
        ("zset listpack", 10, 17, string(&listpack(&["a", "-inf", "b", "1", "c", "2.5"]))),
        (
            "quicklist 2",
            10,
            18,
            [&b"\x02"[..], &node(2, listpack(&ELEMENTS)), &node(1, long.clone().into())].concat(),
        ),
        ("set listpack", 11, 20, string(&listpack(&["a", "7", "b"]))),
    ]
}

/// Integers of every length that a ziplist and a listpack know, and strings of three.
const ELEMENTS: [&str; 13] = [
    "0",
    "12",
    "13",
    "-128",
    "-5000",
    "32767",
    "-8388608",
    "2147483647",
    "-9000000000",
    "text",
    "",
    "a string that is longer than the sixty-three bytes of the shortest kind of length",
    "last",
];

/// A file of this version with all forms that it may have, and with all that is said beside them.
fn file_of(version: u16) -> Vec<u8> {
    let mut file = RdbFile::new(version);
    if version >= 7 {
        file.aux("redis-ver", "3.2.0").aux("redis-bits", "64").resize(30, 2);
    }
    for (name, since, kind, value) in forms() {
        if since <= version {
            file.entry(kind, name, &value);
        }
    }
    file.select_db(3);
    file.record(b"\xfd\xff\xff\xff\x7f").entry(0, "expires in 2038", b"\x01v");
    if version >= 3 {
        let at = 33_177_117_420_000_i64.to_le_bytes();
        file.record(&[b"\xfc", &at[..]].concat()).entry(0, "expires in 3021", b"\x01v");
    }
    if version >= 9 {
        file.record(b"\xf8\x40\x80").entry(0, "idle", b"\x01v");
        file.record(b"\xf9\x07").entry(0, "frequent", b"\x01v");
    }
    file.finish()
}

#[test]
fn files_of_every_version_hold_the_same_for_all_who_read_them() {
    for version in 1..=12 {
        let file = file_of(version);
        let ours = load(Program::Redarium, &file, &[]);
        let held = Snapshot::of(&mut ours.client());
        let counted = forms().iter().filter(|form| form.1 <= version).count();
        assert!(held.len() > counted, "version {version}: {held:?}");
        for (program, newest) in readers() {
            if version > newest {
                continue;
            }
            let theirs = load(program, &file, &[]);
            assert_same(&format!("version {version} in {program}"), &ours, &theirs);
        }
    }
}

/// What a real server of 7.4 would be asked; the forms of hashes that none at hand reads.
#[test]
fn hashes_whose_fields_expire_are_read_in_their_four_forms() {
    let at = 33_177_117_420_000_i64;
    let later = |ms: i64| [b"\x81", &ms.to_be_bytes()[..]].concat();
    let triples = listpack(&["f", "v", &at.to_string(), "g", "w", "0"]);
    let first = at.to_le_bytes().to_vec();
    for (kind, value) in [
        (22, [b"\x02", &later(at)[..], b"\x01f\x01v\x00\x01g\x01w"].concat()),
        (23, string(&triples)),
        (24, [&first[..], b"\x02\x01\x01f\x01v\x00\x01g\x01w"].concat()),
        (25, [&first[..], &string(&triples)].concat()),
    ] {
        let mut file = RdbFile::new(12);
        // Sizes of a cluster's slot come between.
        file.record(b"\xf4\x05\x01\x01").entry(kind, "h", &value);
        let server = load(Program::Redarium, &file.finish(), &[]);
        let mut client = server.client();
        let expiries = client.call(&["HPEXPIRETIME", "h", "FIELDS", "2", "f", "g"]);
        let numbers: Vec<i64> = expiries.items().iter().map(Value::integer).collect();
        assert_eq!(numbers, [at, -1], "type {kind}");
        let fields = client.call(&["HMGET", "h", "f", "g"]);
        let texts: Vec<String> = fields.items().iter().map(Value::text).collect();
        assert_eq!(texts, ["v", "w"], "type {kind}");
    }
}

#[test]
fn data_of_modules_is_refused_by_name() {
    // ReJSON-RL, version 3.
    let id = b"\x81\x45\xe2\x52\x38\xdf\x91\x2c\x03";
    for (record, kind) in [(&b"\x07\x01k"[..], "data I can't load"), (b"\xf7", "AUX module data")] {
        let mut file = RdbFile::new(9);
        file.record(&[record, id, b"\x02\x01\x05\x01v\x00"].concat());
        let file = file.finish();
        for program in [Program::Redarium, Program::Redis] {
            let mut server = Setup::new(program).file("dump.rdb", &file).spawn();
            assert!(server.await_ready_or_exit().is_some(), "{program} starts");
            let log = server.log();
            assert!(log.contains("ReJSON-RL") && log.contains(kind), "{program}: {log}");
        }
    }
}

/// Settings under which small values are kept in the small forms, and in the large.
const SHAPES: [&[(&str, &str)]; 3] = [
    &[],
    &[
        ("hash-max-LP-entries", "0"),
        ("zset-max-LP-entries", "0"),
        ("set-max-intset-entries", "0"),
        ("list-max-LP-size", "2"),
        ("list-compress-depth", "1"),
        ("stream-node-max-entries", "2"),
    ],
    &[("rdbcompression", "no"), ("rdbchecksum", "no"), ("maxmemory-policy", "allkeys-lfu")],
];

#[test]
fn files_of_other_servers_hold_the_same_and_ours_go_back() {
    for (program, _) in readers() {
        for (index, shape) in SHAPES.into_iter().enumerate() {
            let case = format!("{program}, shape {index}");
            let theirs = start(program, shape, None);
            fill(&mut theirs.client());
            let file = save(&theirs);
            let ours = start(Program::Redarium, shape, Some(&file));
            assert_same(&format!("{case}: theirs"), &ours, &theirs);
            if program == Program::OldRedis {
                // Streams are written as Redis 7.0 does, which 6.2 does not read.
                ours.client().call(&["DEL", "stream", "empty stream"]);
            }
            let again = start(program, shape, Some(&save(&ours)));
            assert_same(&format!("{case}: ours"), &ours, &again);
        }
    }
}

/// Fields that expire, which Valkey 9 writes in a form of its own.
#[test]
fn hashes_of_valkey_whose_fields_expire_are_read() {
    if !has_valkey() {
        return;
    }
    for shape in SHAPES {
        let theirs = start(Program::Valkey, shape, None);
        let mut client = theirs.client();
        client.call(&["HSET", "h", "a", "1", "b", "2", "c", "3"]);
        client.call(&["HPEXPIREAT", "h", "33177117420000", "FIELDS", "1", "b"]);
        let ours = start(Program::Redarium, shape, Some(&save(&theirs)));
        let question = ["HPEXPIRETIME", "h", "FIELDS", "3", "a", "b", "c"];
        assert_eq!(client.call(&question), ours.client().call(&question));
        assert_same("valkey", &ours, &theirs);
    }
}

/// Who reads files, and up to which version of the format.
fn readers() -> Vec<(Program, u16)> {
    let mut readers = vec![(Program::Redis, 10)];
    if has_old_redis() {
        readers.push((Program::OldRedis, 9));
    }
    if has_valkey() {
        readers.push((Program::Valkey, 11));
    }
    readers
}

fn load(program: Program, file: &[u8], args: &[&str]) -> Server {
    begin(Setup::new(program).file("dump.rdb", file), program, args)
}

fn begin(mut setup: Setup, program: Program, args: &[&str]) -> Server {
    setup = setup.args(args.iter().copied());
    if program != Program::OldRedis {
        setup = setup.args(["--enable-debug-command", "yes"]);
    }
    setup.start()
}

/// Starts with settings, in the words of the program's age, and perhaps a file.
fn start(program: Program, shape: &[(&str, &str)], file: Option<&[u8]>) -> Server {
    let name = if program == Program::OldRedis { "ziplist" } else { "listpack" };
    let args = shape
        .iter()
        .flat_map(|(key, value)| [format!("--{}", key.replace("LP", name)), (*value).to_owned()]);
    let args: Vec<String> = args.collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match file {
        Some(file) => load(program, file, &args),
        None => begin(Setup::new(program), program, &args),
    }
}

/// The same keys with the same values and expiries, by what each type's commands tell and by the digest of
/// every value.
fn assert_same(case: &str, ours: &Server, theirs: &Server) {
    let (mut left, mut right) = (ours.client(), theirs.client());
    let held = Snapshot::of(&mut left).without_encodings();
    let other = Snapshot::of(&mut right).without_encodings();
    let slack_ms = if theirs.program() == Program::OldRedis { 1_000 } else { 0 };
    let differences = held.differences(&other, slack_ms);
    assert!(differences.is_empty(), "{case}: {differences:#?}");
    for database in ["0", "3"] {
        for client in [&mut left, &mut right] {
            client.call(&["SELECT", database]);
        }
        for key in left.call(&["KEYS", "*"]).items() {
            let Value::Bulk(key) = key else { panic!("KEYS lists {key:?}") };
            // Valkey 9 digests scores in other digits, and the expiries of fields.
            let kind = left.call(&[&b"TYPE"[..], key]).text();
            if theirs.program() == Program::Valkey && ["zset", "hash"].contains(&kind.as_str()) {
                continue;
            }
            let words = [&b"DEBUG"[..], b"DIGEST-VALUE", key];
            let name = key.escape_ascii();
            assert_eq!(left.call(&words), right.call(&words), "{case}: digest of {name}");
        }
    }
}

fn save(server: &Server) -> Vec<u8> {
    assert!(server.client().call(&["SAVE"]).is_status("OK"), "{}", server.program());
    fs::read(server.path("dump.rdb")).expect("the file")
}

/// Every type in small and in large, with bytes of all kinds.
fn fill(client: &mut Client) {
    let incompressible: Vec<u8> = (0..20_000_u32).map(|i| ((i * i) >> 5) as u8).collect();
    for text in ["", "a", "-128", "30000", "-2000000000", "9223372036854775807", "3.5"] {
        client.call(&["SET", &format!("string {text}"), text]);
    }
    client.call(&[&b"SET"[..], b"bytes \x00\xff", &incompressible]);
    client.call(&["SET", "compressible", &"abc".repeat(5_000)]);
    client.call(&["SET", "expiring", "v", "PXAT", "33177117420000"]);
    for (suffix, count) in [("few", 5_i64), ("many", 700)] {
        let key = |name: &str| format!("{name} {suffix}");
        for number in 0..count {
            let (text, long) = (number.to_string(), format!("element {number} {}", "x".repeat(30)));
            let wide = (number * 3_000_000_019 - 9_000_000_000).to_string();
            client.call(&["RPUSH", &key("list"), &text, &long, &wide]);
            client.call(&["SADD", &key("ints 16"), &text]);
            client.call(&["SADD", &key("ints 64"), &wide]);
            client.call(&["SADD", &key("texts"), &text, &long]);
            client.call(&["ZADD", &key("zset"), &text, &wide, &format!("{number}.25"), &long]);
            client.call(&["HSET", &key("hash"), &text, &long, &long, &wide]);
        }
        client.call(&["ZADD", &key("zset"), "-inf", "lowest", "inf", "highest", "1e-300", "tiny"]);
    }
    client.call(&["RPUSH", "huge element", &"y".repeat(20_000), "small"]);
    for id in 1..=9 {
        client.call(&["XADD", "stream", &format!("5-{id}"), "field", &id.to_string()]);
    }
    client.call(&["XADD", "stream", "6-0", "other", "v", "field", ""]);
    client.call(&["XDEL", "stream", "5-3", "5-9"]);
    client.call(&["XGROUP", "CREATE", "stream", "idle group", "5-2"]);
    client.call(&["XGROUP", "CREATE", "stream", "group", "0"]);
    for consumer in ["one", "two"] {
        let count = ["COUNT", "2", "STREAMS", "stream", ">"];
        client.call(&[&["XREADGROUP", "GROUP", "group", consumer][..], &count].concat());
    }
    client.call(&["XACK", "stream", "group", "5-1"]);
    client.call(&["XADD", "empty stream", "3-3", "f", "v"]);
    client.call(&["XDEL", "empty stream", "3-3"]);
    client.call(&["SELECT", "3"]);
    client.call(&["SET", "here", "3"]);
    client.call(&["SELECT", "0"]);
}
