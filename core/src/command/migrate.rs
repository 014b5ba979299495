//! MIGRATE: what it is asked for. The node carries it out, as a client of another server.

use super::integer;
use super::spec::Arg;
use super::spec::BeginSearch;
use super::spec::Categories;
use super::spec::Command;
use super::spec::FindKeys;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeyPlace;
use super::spec::KeySpec;
use super::spec::NodeCommand;
use super::spec::Rule;
use super::spec::Run;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;

pub const COMMANDS: &[Command] = &[Command {
    name: "migrate",
    group: Group::Generic,
    since: "2.6.0",
    summary: "Hands keys over to another server, and deletes them here.",
    complexity: "O(N) for N elements and bytes in all values",
    arity: -6,
    flags: Flags::WRITE,
    categories: Categories::KEYSPACE.with(Categories::DANGEROUS),
    keys: &[
        KeySpec::at(3, MOVED),
        KeySpec {
            flags: MOVED.with(KeyFlags::INCOMPLETE),
            begin: BeginSearch::Keyword("KEYS", -2),
            find: FindKeys::Range { last: -1, step: 1, limit: 0 },
            notes: None,
        },
    ],
    find_keys: Some(find_keys),
    args: &[
        Arg::string("host"),
        Arg::integer("port"),
        Arg::one_of("key-selector", &[Arg::key("key"), Arg::word("empty-string", "\"\"")]),
        Arg::integer("destination-db"),
        Arg::integer("timeout"),
        Arg::word("copy", "COPY").since("3.0.0").optional(),
        Arg::word("replace", "REPLACE").since("3.0.0").optional(),
        Arg::one_of(
            "authentication",
            &[
                Arg::string("auth").token("AUTH").display("password").since("4.0.7"),
                Arg::block("auth2", &[Arg::string("username"), Arg::string("password")])
                    .token("AUTH2")
                    .since("6.0.0"),
            ],
        )
        .optional(),
        Arg::key("keys")
            .of_spec(1)
            .token("KEYS")
            .display("key")
            .since("3.0.6")
            .optional()
            .multiple(),
    ],
    tips: &["nondeterministic_output"],
    history: &[
        ("3.0.0", "`COPY` and `REPLACE`."),
        ("3.0.6", "`KEYS`."),
        ("4.0.7", "`AUTH`."),
        ("6.0.0", "`AUTH2`."),
    ],
    propagation: Rule::Effect,
    run: Run::Node(NodeCommand::Migrate),
    ..Command::BASE
}];

const MOVED: KeyFlags = KeyFlags::RW.with(KeyFlags::ACCESS).with(KeyFlags::DELETE);

/// A MIGRATE as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub host: String,
    /// None if it was no number of a port: nobody can be connected to there.
    pub port: Option<u16>,
    pub db: i64,
    /// The longest silence of the other server, in milliseconds.
    pub timeout_ms: u64,
    /// The keys stay here too.
    pub copy: bool,
    pub replace: bool,
    /// The words that follow AUTH: a password, with a user before it or without.
    pub credentials: Vec<Vec<u8>>,
    pub keys: Vec<Vec<u8>>,
}

impl Order {
    pub fn parse(args: Args<'_>) -> Result<Self, CommandError> {
        let mut order = Self {
            host: String::from_utf8_lossy(args.at(1)).into_owned(),
            port: number::parse_i64(args.at(2)).and_then(|port| u16::try_from(port).ok()),
            db: 0,
            timeout_ms: 0,
            copy: false,
            replace: false,
            credentials: Vec::new(),
            keys: vec![args.at(3).to_vec()],
        };
        let mut at = 6;
        while at < args.len() {
            at += order.take(args, at)?;
        }
        let timeout = integer(args.at(5))?;
        order.db = integer(args.at(4))?;
        order.timeout_ms = match u64::try_from(timeout) {
            Ok(timeout @ 1..) => timeout,
            _ => TIMEOUT_MS,
        };
        Ok(order)
    }

    /// Takes the option at word `at`; returns how many words it is.
    fn take(&mut self, args: Args<'_>, at: usize) -> Result<usize, CommandError> {
        if args.is(at, "COPY") {
            self.copy = true;
        } else if args.is(at, "REPLACE") {
            self.replace = true;
        } else if let Some(words) = credential_words(args, at) {
            if args.len() - at <= words {
                return Err(error::SYNTAX);
            }
            self.credentials = args.from(at + 1).iter().take(words).map(<[u8]>::to_vec).collect();
            return Ok(1 + words);
        } else if args.is(at, "KEYS") {
            if !args.at(3).is_empty() {
                return Err(error::MIGRATE_KEY_AND_KEYS);
            }
            self.keys = args.from(at + 1).iter().map(<[u8]>::to_vec).collect();
            return Ok(args.len() - at);
        } else {
            return Err(error::SYNTAX);
        }
        Ok(1)
    }
}

/// How many words follow AUTH or AUTH2 at word `at`, if one of them stands there.
fn credential_words(args: Args<'_>, at: usize) -> Option<usize> {
    if args.is(at, "AUTH") { Some(1) } else { args.is(at, "AUTH2").then_some(2) }
}

/// The keys after KEYS, or the one before the options.
fn find_keys(args: Args<'_>, places: &mut Vec<KeyPlace>) {
    let mut at = 6;
    while at < args.len() && !args.is(at, "KEYS") {
        at += 1 + credential_words(args, at).unwrap_or(0);
    }
    let keys = if at < args.len() && args.at(3).is_empty() { at + 1..args.len() } else { 3..4 };
    places.extend(keys.map(|word| KeyPlace { word, flags: MOVED }));
}

/// Without a timeout that makes sense.
const TIMEOUT_MS: u64 = 1000;

#[cfg(test)]
mod tests {
    use super::Order;
    use crate::resp::OwnedArgs;

    fn parse(line: &str) -> Result<Order, String> {
        let words = crate::resp::split_words(line.as_bytes()).expect("balanced quotes");
        let words = OwnedArgs::from(words.iter().map(Vec::as_slice));
        Order::parse(words.args()).map_err(|error| String::from_utf8_lossy(error.text()).into())
    }

    #[test]
    fn options_are_read_in_any_order_up_to_the_keys() {
        let order = parse("MIGRATE h 1 \"\" 2 -1 replace AUTH2 KEYS copy COPY KEYS a REPLACE");
        let words = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect();
        let expect = Order {
            host: "h".into(),
            port: Some(1),
            db: 2,
            timeout_ms: 1000,
            copy: true,
            replace: true,
            credentials: words(&["KEYS", "copy"]),
            keys: words(&["a", "REPLACE"]),
        };
        assert_eq!(order, Ok(expect));
        let order = parse("MIGRATE h 70000 k 0 5 AUTH pw").expect("it makes sense");
        assert_eq!((order.port, order.timeout_ms, order.keys), (None, 5, words(&["k"])));
        assert_eq!(order.credentials, words(&["pw"]));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let both =
            "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string";
        let not_integer = "ERR value is not an integer or out of range";
        for (line, expect) in [
            ("MIGRATE h 1 k 0 x", not_integer),
            ("MIGRATE h 1 k x 0", not_integer),
            ("MIGRATE h 1 k 0 0 AUTH", "ERR syntax error"),
            ("MIGRATE h 1 k 0 0 AUTH2 user", "ERR syntax error"),
            ("MIGRATE h 1 k 0 0 MOVE", "ERR syntax error"),
            ("MIGRATE h 1 k 0 0 KEYS a", both),
            ("MIGRATE h 1 k 0 x KEYS a", both),
        ] {
            assert_eq!(parse(line), Err(expect.to_owned()), "{line}");
        }
    }
}
