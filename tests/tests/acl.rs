//! Users of Redarium and of a real Redis: made of the same random rules, and kept in the same files.

use std::fs;

use redarium_tests::client::Client;
use redarium_tests::generator::dice::Dice;
use redarium_tests::program::Program;
use redarium_tests::server::Server;
use redarium_tests::server::Setup;
use redarium_tests::server::eventually;
use redarium_tests::value::Value;

/// Redis 7.0 prints commands as the fewest words that make them, Redarium as Redis has since 7.2, in the
/// order they were given. So what Redarium prints is given to Redis again, and has to make the same user.
#[test]
fn random_rules_make_the_same_users() {
    let (ours, theirs) =
        (Setup::new(Program::Redarium).start(), Setup::new(Program::Redis).start());
    let (mut ours, mut theirs) = (ours.client(), theirs.client());
    for seed in 1..=SEEDS {
        let mut dice = Dice::new(seed);
        let mut given: Vec<String> = Vec::new();
        both(&mut ours, &mut theirs, &["ACL", "SETUSER", "u", "reset"], &given);
        for _ in 0..1 + dice.below(12) {
            let rules: Vec<String> = (0..1 + dice.below(3)).map(|_| rule(&mut dice)).collect();
            let mut line = vec!["ACL", "SETUSER", "u"];
            line.extend(rules.iter().map(String::as_str));
            both(&mut ours, &mut theirs, &line, &given);
            given.extend(rules.clone());
        }
        for line in LINES {
            let words: Vec<&str> =
                ["ACL", "DRYRUN", "u"].into_iter().chain(line.split(' ')).collect();
            let (left, right) = (ours.call(&words), theirs.call(&words));
            assert_eq!(left.is_status("OK"), right.is_status("OK"), "{line} after {given:?}");
        }
        let printed = declaration(&mut ours, "u");
        let words: Vec<&str> =
            ["ACL", "SETUSER", "v", "reset"].into_iter().chain(printed.split(' ')).collect();
        let reply = theirs.call(&words);
        assert!(reply.is_status("OK"), "{printed}: {}", reply.text());
        let (same, again) = (declaration(&mut theirs, "u"), declaration(&mut theirs, "v"));
        assert_eq!(same, again, "{printed} after {given:?}");
    }
}

/// The same request to both, with the same reply.
fn both(ours: &mut Client, theirs: &mut Client, words: &[&str], given: &[String]) -> Value {
    let (left, right) = (ours.call(words), theirs.call(words));
    assert_eq!(left, right, "{words:?} after {given:?}");
    left
}

/// What stands after a user's name in ACL LIST.
fn declaration(client: &mut Client, name: &str) -> String {
    let list = client.call(&["ACL", "LIST"]);
    let lines = list.items().iter().map(Value::text);
    let start = format!("user {name} ");
    let found = lines.into_iter().find_map(|line| Some(line.strip_prefix(&start)?.to_owned()));
    found.expect("the user is listed")
}

fn rule(dice: &mut Dice) -> String {
    let sign = *dice.pick(&["+", "-"]);
    match dice.below(10) {
        0..3 => format!("{sign}{}", dice.pick(COMMANDS)),
        3..5 => format!("{sign}@{}", dice.pick(CATEGORIES)),
        5 => format!("{}{}", dice.pick(&["~", "%R~", "%W~", "%RW~"]), dice.pick(KEYS)),
        6 => format!("&{}", dice.pick(PATTERNS)),
        7 => {
            let rules: Vec<String> = (0..dice.below(4)).map(|_| selector_rule(dice)).collect();
            format!("({})", rules.join(" "))
        }
        _ => (*dice.pick(WORDS)).to_owned(),
    }
}

fn selector_rule(dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => format!("+{}", dice.pick(COMMANDS)),
        1 => format!("~{}", dice.pick(KEYS)),
        _ => format!("-@{}", dice.pick(CATEGORIES)),
    }
}

/// Files as an administrator may write them: what both servers say to ACL LOAD. A selector that is not
/// closed is left out: Redis 7.0 crashes.
#[test]
fn acl_files_are_loaded_whole_or_not_at_all() {
    let servers = [Program::Redarium, Program::Redis].map(|program| {
        let setup = Setup::new(program).file("users.acl", b"user first on nopass ~* +@all\n");
        setup.args(["--aclfile", "users.acl"]).start()
    });
    let [ours, theirs] = &servers;
    for text in FILES {
        for server in &servers {
            fs::write(server.path("users.acl"), text).expect("the file is written");
        }
        let (mut left, mut right) = (ours.client(), theirs.client());
        both(&mut left, &mut right, &["ACL", "LOAD"], &[]);
        both(&mut left, &mut right, &["ACL", "USERS"], &[]);
    }
    for server in &servers {
        fs::remove_file(server.path("users.acl")).expect("the file is removed");
    }
    let (mut left, mut right) = (ours.client(), theirs.client());
    both(&mut left, &mut right, &["ACL", "LOAD"], &[]);
    both(&mut left, &mut right, &["ACL", "SETUSER", "saved", "on", ">pw", "~a", "(~b +get)"], &[]);
    both(&mut left, &mut right, &["ACL", "SAVE"], &[]);
    let saved = |server: &Server| {
        let text = fs::read_to_string(server.path("users.acl")).expect("the file is there");
        // 7.0 leaves out what has been the default since 7.2.
        text.replace("sanitize-payload ", "")
    };
    assert_eq!(saved(ours), saved(theirs));
    both(&mut left, &mut right, &["ACL", "LOAD"], &[]);
    both(&mut left, &mut right, &["AUTH", "saved", "pw"], &[]);
}

#[test]
fn a_load_ends_the_connections_of_users_who_are_gone() {
    let setup = Setup::new(Program::Redarium);
    let setup = setup.file("users.acl", b"user a on nopass +@all\nuser b on nopass +@all\n");
    let server = setup.args(["--aclfile", "users.acl"]).start();
    let (mut stays, mut goes) = (server.client(), server.client());
    assert!(stays.call(&["AUTH", "a", "x"]).is_status("OK"));
    assert!(goes.call(&["AUTH", "b", "x"]).is_status("OK"));
    fs::write(server.path("users.acl"), "user a on nopass +acl\n").expect("the file is written");
    assert!(server.client().call(&["ACL", "LOAD"]).is_status("OK"));
    eventually("the removed user's connection ends", || goes.try_call(&["PING"]).is_err());
    assert_eq!(stays.call(&["ACL", "WHOAMI"]).text(), "a");
    assert!(stays.call(&["PING"]).is_error());
}

#[test]
fn users_come_from_the_configuration_or_from_a_file() {
    for program in [Program::Redarium, Program::Redis] {
        let users = ["--user", "a", "on", ">pw", "~*", "+@all", "--user", "b", "on", "nopass"];
        let server = Setup::new(program).args(users).start();
        let mut client = server.client();
        assert!(client.call(&["AUTH", "a", "pw"]).is_status("OK"), "{program:?}");
        let names = client.call(&["ACL", "USERS"]);
        let names: Vec<_> = names.items().iter().map(Value::text).collect();
        assert_eq!(names, ["a", "b", "default"], "{program:?}");
        for (line, why) in UNUSABLE {
            let setup = Setup::new(program).file("users.acl", b"user u what\n");
            let mut server = setup.args(line.split(',')).spawn();
            let status = server.await_ready_or_exit();
            assert!(status.is_some_and(|status| !status.success()), "{program:?} {line}");
            assert!(server.log().contains(why), "{program:?} {line}: {}", server.log());
        }
    }
}

/// A replica comes in as the user and with the password it was told.
#[test]
fn a_replica_is_a_user_of_its_primary() {
    for programs in [
        [Program::Redarium, Program::Redarium],
        [Program::Redarium, Program::Redis],
        [Program::Redis, Program::Redarium],
    ] {
        let users = ["--user", "default", "off", "--user", "admin", "on", ">pw", "~*", "&*"];
        let users = users.into_iter().chain(["+@all", "--user", "copy", "on", ">secret"]);
        let setup = Setup::new(programs[0]).args(users).args(["+psync", "+replconf", "+ping"]);
        let primary = setup.args(["--repl-diskless-sync-delay", "0"]).start();
        let mut admin = primary.client();
        assert!(admin.call(&["AUTH", "admin", "pw"]).is_status("OK"), "{programs:?}");
        assert!(admin.call(&["SET", "key", "value"]).is_status("OK"), "{programs:?}");
        let setup = Setup::new(programs[1]).replica_of(primary.port());
        let replica = setup.args(["--masteruser", "copy", "--masterauth", "wrong"]).start();
        let mut client = replica.client();
        eventually("the primary refuses the replica", || {
            format!("{:?}", admin.call(&["ACL", "LOG"])).contains("copy")
        });
        assert_eq!(client.call(&["EXISTS", "key"]), Value::Integer(0), "{programs:?}");
        let value = Value::Bulk(b"value".to_vec());
        client.call(&["CONFIG", "SET", "masterauth", "secret"]);
        eventually("the replica has the key", || client.call(&["GET", "key"]) == value);
    }
}

const SEEDS: u64 = 150;

const COMMANDS: &[&str] = &[
    "get",
    "GET",
    "set",
    "mget",
    "del",
    "keys",
    "ping",
    "config",
    "config|get",
    "CONFIG|SET",
    "config|resetstat",
    "select",
    "select|0",
    "select|1",
    "SELECT|0",
    "client",
    "client|id",
    "object|encoding",
    "nope",
    "config|nope",
    "get|",
    "copy",
];

const CATEGORIES: &[&str] = &[
    "all",
    "read",
    "write",
    "keyspace",
    "string",
    "dangerous",
    "admin",
    "slow",
    "FAST",
    "connection",
    "nope",
];

/// No `*`: made of `%R~*` and `%W~*` it prints as the `~*` after which no server takes other patterns.
const KEYS: &[&str] = &["a*", "b*", "a?", "x"];

const PATTERNS: &[&str] = &["*", "a*", "b*", "a?", "x"];

const WORDS: &[&str] = &[
    "on",
    "off",
    "nopass",
    "resetpass",
    ">one",
    ">two",
    "<one",
    "allkeys",
    "~*",
    "resetkeys",
    "allchannels",
    "resetchannels",
    "allcommands",
    "nocommands",
    "clearselectors",
    "reset",
    "skip-sanitize-payload",
    "sanitize-payload",
    "+@all",
    "-@all",
    "",
];

/// Allowed and denied alike by every version's categories.
const LINES: &[&str] = &[
    "GET a1",
    "GET b1",
    "SET a1 v",
    "SET b1 v",
    "MGET a1 b1",
    "COPY a1 b1",
    "COPY b1 a1",
    "DEL x",
    "CONFIG GET port",
    "CONFIG RESETSTAT",
    "SELECT 0",
    "SELECT 1",
    "CLIENT ID",
    "PING",
    "KEYS *",
    "OBJECT ENCODING a1",
    "PUBLISH a1 m",
    "SUBSCRIBE a1 b1",
    "PSUBSCRIBE a*",
    "PSUBSCRIBE a1",
];

const FILES: &[&str] = &[
    "",
    "\n\nuser a on nopass ~* +@all\r\n  user b off\t\n",
    "user a on\nuser a off\n",
    "user default on nopass +@all ~* &*\nuser default on nopass +@all ~* &*\n",
    "bad a on\n",
    "user\n",
    "user a on what\nuser b +nope -nope\nuser c ~* ~a ~b\n",
    "user a\tb on\n",
    "user ok on nopass (~a +get) %R~b +@read -get\n",
];

/// Arguments with which neither server starts, and what both say of them.
const UNUSABLE: &[(&str, &str)] = &[
    ("--user,a,on,--aclfile,users.acl", "but not both."),
    ("--user,a,+nope", "Unknown command or category name in ACL"),
    // The word in between is Redarium's alone: Redis names the one at the wrong place.
    ("--user,a,what", "': Syntax error"),
    ("--user,a b,on", "Spaces not allowed in ACL usernames"),
    ("--user,a,on,--user,a,off", "Duplicate user found"),
    ("--aclfile,missing.acl", "opening file 'missing.acl': No such file or directory"),
    ("--aclfile,users.acl", "users.acl:1: Syntax error."),
];
