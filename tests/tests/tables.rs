//! What the two servers say about themselves: commands, settings, and the fields of their reports.

use redarium_tests::client::Client;
use redarium_tests::deviations::Deviations;
use redarium_tests::pair::Pair;
use redarium_tests::pair::Protocol;
use redarium_tests::value::Value;

#[test]
fn commands_have_the_same_facts() {
    let pair = Pair::start(&[]);
    let mut clients = pair.clients(Protocol::Resp3);
    let ours = names(&clients.redarium.call(&["COMMAND", "LIST"]));
    let theirs = names(&clients.redis.call(&["COMMAND", "LIST"]));
    let missing: Vec<&&str> =
        REQUIRED.iter().filter(|name| !ours.contains(&name.to_string())).collect();
    assert!(missing.is_empty(), "COMMAND LIST lacks {missing:?}");
    let deviations = Deviations::of("Command facts");
    let mut differences = Vec::new();
    for name in ours.iter().filter(|name| theirs.contains(name)) {
        let request = ["COMMAND", "INFO", name];
        let (left, right) = (clients.redarium.call(&request), clients.redis.call(&request));
        for (field, difference) in differing_facts(&left.items()[0], &right.items()[0]) {
            if !deviations.excuse(&format!("{name}, {field}")) {
                differences.push(format!("{name}: {field} {difference}"));
            }
        }
    }
    for name in ours.iter().filter(|name| theirs.contains(name)) {
        let request = ["COMMAND", "DOCS", name];
        let left = facts_of_docs(clients.redarium.call(&request));
        let right = facts_of_docs(clients.redis.call(&request));
        if left != right && !deviations.excuse(&format!("{name}, docs")) {
            differences.push(format!("{name}\n    redarium {left:?}\n    redis    {right:?}"));
        }
    }
    deviations.assert_all_used();
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn commands_are_counted_as_they_are_listed() {
    let pair = Pair::start(&[]);
    let mut client = pair.clients(Protocol::Resp2).redarium;
    let listed = client.call(&["COMMAND", "LIST"]);
    let top: Vec<String> = names(&listed).into_iter().filter(|name| !name.contains('|')).collect();
    let count = client.call(&["COMMAND", "COUNT"]).integer();
    assert_eq!(usize::try_from(count), Ok(top.len()));
    assert_eq!(client.call(&["COMMAND"]).items().len(), top.len());
    assert_eq!(client.call(&["COMMAND", "DOCS"]).items().len(), 2 * top.len());
}

#[test]
fn settings_have_the_same_names_and_defaults() {
    let pair = Pair::start(&[]);
    let mut clients = pair.clients(Protocol::Resp3);
    let ours = settings(&mut clients.redarium);
    let theirs = settings(&mut clients.redis);
    let deviations = Deviations::of("Settings");
    let mut differences = Vec::new();
    for (name, value) in &theirs {
        let own = ours.iter().find(|(own, _)| own == name).map(|(_, own)| own);
        if own != Some(value) && !deviations.excuse(name) {
            differences.push(format!("{name} is {own:?} and \"{value}\" in Redis"));
        }
    }
    let is_known = |name: &String| theirs.iter().any(|(known, _)| known == name);
    let added = ours.iter().filter(|(name, _)| !is_known(name) && !deviations.excuse(name));
    differences.extend(added.map(|(name, _)| format!("{name} is not known to Redis")));
    deviations.assert_all_used();
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn reports_have_the_fields_of_redis() {
    let pair = Pair::start(&[]);
    let mut clients = pair.clients(Protocol::Resp2);
    let deviations = Deviations::of("Report fields");
    let mut differences = Vec::new();
    for section in [
        "server",
        "clients",
        "memory",
        "persistence",
        "stats",
        "replication",
        "cpu",
        "modules",
        "errorstats",
        "cluster",
        "keyspace",
    ] {
        for client in [&mut clients.redarium, &mut clients.redis] {
            client.call(&["SET", "k", "v"]);
            client.call(&["NOSUCHCOMMAND"]);
        }
        let ours = fields(&clients.redarium.call(&["INFO", section]));
        let theirs = fields(&clients.redis.call(&["INFO", section]));
        let missing = theirs.iter().filter(|name| !ours.contains(name) && !deviations.excuse(name));
        let missing: Vec<&String> = missing.collect();
        differences.extend(missing.into_iter().map(|name| format!("INFO {section} lacks {name}")));
    }
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
    deviations.assert_all_used();
}

#[test]
fn commands_count_the_same_changes() {
    let pair = Pair::start(&["--enable-debug-command", "yes"]);
    let mut clients = pair.clients(Protocol::Resp2);
    for client in [&mut clients.redarium, &mut clients.redis] {
        // A key that expires by itself counts as well, sooner or later.
        assert!(client.call(&["DEBUG", "SET-ACTIVE-EXPIRE", "0"]).is_status("OK"));
    }
    for command in CHANGES {
        let words: Vec<&str> = command.split(' ').collect();
        let [ours, theirs] = [&mut clients.redarium, &mut clients.redis].map(|client| {
            let before = changes(client);
            client.call(&words);
            changes(client) - before
        });
        assert_eq!(
            ours, theirs,
            "rdb_changes_since_last_save grows by another number for {command}"
        );
    }
}

#[test]
fn hello_describes_the_server() {
    let pair = Pair::start(&[]);
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let mut clients = pair.clients(protocol);
        let (left, right) = (clients.redarium.call(&["HELLO"]), clients.redis.call(&["HELLO"]));
        let flat = |value: Value| match value {
            Value::Map(pairs) => {
                pairs.into_iter().flat_map(|(name, value)| [name, value]).collect()
            }
            other => other.items().to_vec(),
        };
        let (left, right): (Vec<Value>, Vec<Value>) = (flat(left), flat(right));
        assert_eq!(left.len(), right.len());
        for (at, (left, right)) in left.iter().zip(&right).enumerate() {
            let version_or_id = at == 3 || at == 7;
            assert!(left == right || version_or_id, "{left:?} and {right:?}");
        }
        assert!(left[3].text().starts_with("7.4."), "{:?}", left[3]);
    }
}

/// Name, arity, flags, first key, last key, step, categories, and where the keys are.
fn differing_facts(left: &Value, right: &Value) -> Vec<(&'static str, String)> {
    const FIELDS: [(usize, &str); 8] = [
        (0, "name"),
        (1, "arity"),
        (2, "flags"),
        (3, "first key"),
        (4, "last key"),
        (5, "step"),
        (6, "categories"),
        (8, "key specifications"),
    ];
    let fact = |value: &Value, at: usize| without_notes(value.items()[at].clone()).sorted();
    let differing = FIELDS.into_iter().filter_map(|(at, field)| {
        let (left, right) = (fact(left, at), fact(right, at));
        (left != right).then(|| (field, format!("{left:?} and in Redis {right:?}")))
    });
    differing.collect()
}

/// Key specifications without the remarks for human readers.
fn without_notes(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(without_notes).collect()),
        Value::Set(items) => Value::Set(items.into_iter().map(without_notes).collect()),
        Value::Map(pairs) => {
            let pairs = pairs.into_iter().filter(|(name, _)| name.text() != "notes");
            Value::Map(pairs.map(|(name, value)| (name, without_notes(value))).collect())
        }
        other => other,
    }
}

/// The entry of COMMAND DOCS without [`OWN_WORDS`].
fn facts_of_docs(value: Value) -> Value {
    match value {
        Value::Map(pairs) => {
            let sentence = |name: &Value| {
                let name = name.text();
                OWN_WORDS.contains(&name.as_str())
            };
            let pairs = pairs.into_iter().filter(|(name, _)| !sentence(name));
            Value::Map(pairs.map(|(name, value)| (name, facts_of_docs(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(facts_of_docs).collect()),
        other => other,
    }
}

fn changes(client: &mut Client) -> i64 {
    let report = client.call(&["INFO", "persistence"]).text();
    let field = report.lines().find_map(|line| line.strip_prefix("rdb_changes_since_last_save:"));
    field.and_then(|number| number.parse().ok()).expect("the number of changes")
}

fn names(list: &Value) -> Vec<String> {
    let mut names: Vec<String> = list.items().iter().map(Value::text).collect();
    names.sort();
    names
}

fn settings(client: &mut Client) -> Vec<(String, String)> {
    let Value::Map(pairs) = client.call(&["CONFIG", "GET", "*"]) else {
        panic!("CONFIG GET gives a map")
    };
    let mut settings: Vec<_> =
        pairs.into_iter().map(|(name, value)| (name.text(), value.text())).collect();
    settings.sort();
    settings
}

fn fields(report: &Value) -> Vec<String> {
    let text = report.text();
    text.lines().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
}

/// The commands this version promises.
const REQUIRED: &[&str] = &[
    "append",
    "bgsave",
    "client",
    "command",
    "config",
    "copy",
    "dbsize",
    "debug",
    "decr",
    "decrby",
    "del",
    "echo",
    "exists",
    "expire",
    "expireat",
    "expiretime",
    "flushall",
    "flushdb",
    "get",
    "getdel",
    "getex",
    "getrange",
    "getset",
    "hello",
    "incr",
    "incrby",
    "incrbyfloat",
    "info",
    "keys",
    "lastsave",
    "lcs",
    "mget",
    "move",
    "mset",
    "msetnx",
    "object",
    "persist",
    "pexpire",
    "pexpireat",
    "pexpiretime",
    "ping",
    "psetex",
    "psync",
    "pttl",
    "quit",
    "randomkey",
    "rename",
    "renamenx",
    "replconf",
    "replicaof",
    "reset",
    "role",
    "save",
    "scan",
    "select",
    "set",
    "setex",
    "setnx",
    "setrange",
    "shutdown",
    "slaveof",
    "strlen",
    "substr",
    "swapdb",
    "sync",
    "time",
    "touch",
    "ttl",
    "type",
    "unlink",
    "wait",
];

/// Sentences of COMMAND DOCS, which are our own, and the names that 7.2 and later show for arguments.
const OWN_WORDS: &[&str] =
    &["summary", "complexity", "history", "replaced_by", "subcommands", "display_text"];

/// Commands in an order in which each finds what it needs; some change several keys, some none.
const CHANGES: &[&str] = &[
    "SET a 1",
    "SET a 2 NX",
    "SET a 2 XX GET",
    "SET a 3 EX 100",
    "SET a 4 KEEPTTL",
    "GET a",
    "GETEX a",
    "GETEX a EX 10",
    "GETEX a PERSIST",
    "GETEX a PERSIST",
    "GETEX a EXAT 1",
    "SETEX a 10 1",
    "PSETEX a 10000 1",
    "SETNX a 1",
    "SETNX b 1",
    "GETSET b 2",
    "GETDEL b",
    "GETDEL b",
    "MSET c 1 d 2 e 3",
    "MSETNX c 1 f 2",
    "MSETNX f 1 g 2",
    "APPEND f x",
    "APPEND f x",
    "SETRANGE f 0 y",
    "SETRANGE none 0 x",
    "INCR c",
    "INCRBY c 0",
    "DECR c",
    "INCRBYFLOAT c 0.5",
    "INCR f",
    "EXPIRE c 100",
    "EXPIRE c 100 NX",
    "EXPIRE c -1",
    "PEXPIREAT d 1",
    "PERSIST a",
    "PERSIST a",
    "RENAME e h",
    "RENAME h h",
    "RENAMENX h f",
    "RENAMENX h i",
    "COPY i j",
    "COPY i j",
    "COPY i j REPLACE",
    "MOVE i 1",
    "MOVE i 1",
    "DEL j none",
    "DEL none",
    "UNLINK f g none",
    "TOUCH a",
    "EXISTS a",
    "SWAPDB 0 1",
    "SWAPDB 0 0",
    "SELECT 0",
    "FLUSHDB",
    "FLUSHDB",
    "SELECT 1",
    "MSET a 1 b 2",
    "FLUSHALL",
    "FLUSHALL",
    "SET a 1 PXAT 1",
    "SET a 1 PX 1",
    "CONFIG SET hz 10",
    "DEBUG SLEEP 0",
];
