//! Words for a request: keys, texts, numbers and bounds.
//!
//! Few of each, so that commands meet the leavings of others. Relative times to live are so long and
//! so far apart that which of two ends later never depends on the millisecond.

use super::dice::Dice;
use super::source::Source;
use super::subject::Kin;

/// A word of this source; of a key, mostly one that values of this kin live under.
pub fn word(dice: &mut Dice, source: Source, kin: Kin) -> Vec<u8> {
    if is_number(source) && dice.chance(5) {
        return dice.pick(EDGES).as_bytes().to_vec();
    }
    match source {
        Source::Key => key(dice, kin),
        Source::Text => text(dice),
        Source::Element => element(dice),
        Source::LexBound => lex_bound(dice),
        Source::Payload | Source::Number => Vec::new(),
        source => match around_connections(dice, source) {
            Some(word) => word.into_bytes(),
            None => number_or_name(dice, source).into_bytes(),
        },
    }
}

/// Words of commands on connections and about the server.
fn around_connections(dice: &mut Dice, source: Source) -> Option<String> {
    let words = match source {
        Source::Channel => CHANNELS,
        Source::ChannelPattern => CHANNEL_PATTERNS,
        Source::ClientId => &["@0", "@1", "@2", "@3", "999999", "0", "-1", "x"],
        Source::ClientName => &["alice", "bob", "", "a b", "\u{e9}"],
        Source::Address => &["127.0.0.1:1", "10.0.0.1:6379", "x", ""],
        Source::PauseMillis => &["1", "0", "2", "-1", "x"],
        Source::Protocol => &["2", "3", "3", "1", "4", "x"],
        Source::User => &["nobody", "carol", "dave"],
        Source::Login => &["default", "default", "erin"],
        Source::Category => &["read", "Write", "dangerous", "@read", "nope", ""],
        Source::Setting => &["hll-sparse-max-bytes", "lfu-decay-time", "slowlog-max-len", "nope"],
        Source::SettingValue => &["5", "7", "10", "-1", "x", ""],
        Source::CommandName => &["get", "MSET", "zunion", "config|get", "nope", ""],
        Source::AclRule => ACL_RULES,
        _ => return None,
    };
    Some(pick(dice, words))
}

/// One of the few keys values of this kin live under; sometimes any key.
pub fn key(dice: &mut Dice, kin: Kin) -> Vec<u8> {
    let kin = if kin == Kin::Any || dice.chance(6) { *dice.pick(KINS) } else { kin };
    let prefix = match kin {
        Kin::Any => return dice.pick(ODD_KEYS).to_vec(),
        Kin::Text => 's',
        Kin::Bits => 'b',
        Kin::HyperLogLog => 'p',
        Kin::List => 'l',
        Kin::Hash => 'h',
        Kin::Set => 't',
        Kin::SortedSet => 'z',
        Kin::Geo => 'g',
        Kin::Stream => 'x',
    };
    format!("{prefix}{}", 1 + dice.below(5)).into_bytes()
}

/// The kin that all keys of a request on any keys belong to, mostly.
pub fn any_kin(dice: &mut Dice) -> Kin {
    *dice.pick(KINS)
}

/// A place somewhere between this angle and its negative, hardly ever the same one twice.
pub fn degrees(dice: &mut Dice, most: i64) -> Vec<u8> {
    let millionths = dice.within(-most * 1_000_000, most * 1_000_000);
    format!("{:.6}", millionths as f64 / 1e6).into_bytes()
}

/// A word that means nothing where it stands, or something else.
pub fn junk(dice: &mut Dice) -> Vec<u8> {
    match dice.below(3) {
        0 => dice.pick(TOKENS).as_bytes().to_vec(),
        1 => dice.pick(EDGES).as_bytes().to_vec(),
        _ => text(dice),
    }
}

/// Whether a number is read from it, which may stand at an edge.
fn is_number(source: Source) -> bool {
    !matches!(
        source,
        Source::Key
            | Source::Text
            | Source::Element
            | Source::LexBound
            | Source::Payload
            | Source::Number
            | Source::Pattern
            | Source::SortPattern
            | Source::Timeout
            | Source::BitOffset
            | Source::ByteOffset
            | Source::DebugWord
            | Source::Cursor
            | Source::Seconds
            | Source::Millis
            | Source::Ttl
            | Source::FutureSeconds
            | Source::FutureMillis
            | Source::Group
            | Source::Consumer
            | Source::BlockMillis
            | Source::IdleTime
            | Source::Channel
            | Source::ChannelPattern
            | Source::ClientId
            | Source::ClientName
            | Source::Address
            | Source::PauseMillis
            | Source::Protocol
            | Source::User
            | Source::Login
            | Source::Category
            | Source::Setting
            | Source::SettingValue
            | Source::CommandName
            | Source::AclRule
    )
}

fn number_or_name(dice: &mut Dice, source: Source) -> String {
    match source {
        Source::Integer => integer(dice),
        Source::Index => dice.within(-12, 12).to_string(),
        Source::Count => dice.within(-1, 12).to_string(),
        Source::SignedCount => dice.within(-8, 8).to_string(),
        Source::Bit => pick(dice, &["0", "1", "0", "1", "0", "1", "2"]),
        Source::BitOffset => bit_offset(dice),
        Source::BitEncoding => format!("{}{}", dice.pick(&['i', 'u']), dice.within(0, 65)),
        Source::ByteOffset => pick(dice, &["0", "1", "5", "30", "200", "-1", "x", "536870912"]),
        Source::Seconds => seconds(dice, dice_far),
        Source::Millis => seconds(dice, |dice| dice_far(dice) * 1000),
        Source::Ttl => pick(dice, &["0", "0", "0", "5000000000", "-1", "x"]),
        Source::UnixSeconds => pick(dice, &["33177117420", "4102444800", "1", "0", "-5"]),
        Source::UnixMillis => pick(dice, &["33177117420123", "4102444800000", "1", "0", "-5"]),
        Source::FutureSeconds => pick(dice, &["33177117420", "4102444800", "0", "1.5"]),
        Source::FutureMillis => pick(dice, &["33177117420123", "4102444800000", "-1", "x"]),
        Source::Timeout => pick(dice, &["0.001", "0.001", "0.002", "1e-3", "-1", "x", "nan", ""]),
        Source::Pattern => pick(dice, PATTERNS),
        Source::SortPattern => pick(dice, SORT_PATTERNS),
        Source::Cursor => pick(dice, &["0", "0", "0", "0", "0", "0", "0", "abc", ""]),
        Source::TypeName => pick(dice, TYPES),
        Source::Database => pick(dice, &["0", "1", "0", "1", "2"]),
        Source::Frequency => pick(dice, &["0", "5", "255", "256", "-1"]),
        Source::DebugWord => pick(dice, &["GETREG", "ENCODING", "TODENSE", "encoding", "NOPE"]),
        Source::NewEntry => new_entry(dice),
        Source::Entry => entry(dice),
        Source::EntryBound => entry_bound(dice),
        Source::ReadFrom => match dice.below(3) {
            0 => entry(dice),
            _ => pick(dice, &[">", ">", ">", "$", "0", "0-0", "-", "("]),
        },
        Source::Group => pick(dice, &["g1", "g1", "g1", "g2", ""]),
        Source::Consumer => pick(dice, &["c1", "c2", "c3", ""]),
        Source::BlockMillis => pick(dice, &["1", "1", "2", "-1", "x"]),
        Source::IdleTime => pick(dice, &["0", "0", "0", "50000000", "100000000", "-1", "x"]),
        source => fraction(dice, source),
    }
}

fn fraction(dice: &mut Dice, source: Source) -> String {
    match source {
        Source::Score => score(dice),
        Source::ScoreBound => score_bound(dice),
        Source::Longitude => pick(dice, LONGITUDES),
        Source::Latitude => pick(dice, LATITUDES),
        Source::Distance => pick(dice, DISTANCES),
        _ => pick(dice, FLOATS),
    }
}

fn pick(dice: &mut Dice, from: &[&str]) -> String {
    (*dice.pick(from)).to_owned()
}

/// Mostly one that comes after all others.
fn new_entry(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 => entry(dice),
        1 => format!("{}-*", dice.grow()),
        2 => pick(dice, &["0-0", "0-*", "x", "1-", "-1", "18446744073709551615-1", "1-2-3"]),
        _ => format!("{}-{}", dice.grow() / 2, dice.below(3)),
    }
}

fn entry(dice: &mut Dice) -> String {
    let newest = dice.grown() / 2;
    match dice.below(12) {
        0 => {
            pick(dice, &["0", "0-0", "0-1", "$", "x", "18446744073709551615-18446744073709551615"])
        }
        1 => dice.within(newest - 12, newest + 1).to_string(),
        _ => format!("{}-{}", dice.within(newest - 12, newest + 1), dice.below(3)),
    }
}

fn entry_bound(dice: &mut Dice) -> String {
    match dice.below(10) {
        0 | 1 => "-".to_owned(),
        2 | 3 => "+".to_owned(),
        4 | 5 => ">".to_owned(),
        6 => format!("({}", entry(dice)),
        7 => pick(dice, &["$", "0", "(", "(+", "(-"]),
        _ => entry(dice),
    }
}

fn integer(dice: &mut Dice) -> String {
    if dice.chance(50) { dice.within(-20, 200).to_string() } else { pick(dice, INTEGERS) }
}

fn bit_offset(dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => pick(dice, &["-1", "x", "4294967296", "#", "#-1", "1.0", "9223372036854775807"]),
        1 => format!("#{}", dice.below(20)),
        2 => dice.below(5000).to_string(),
        _ => dice.below(100).to_string(),
    }
}

/// Seconds, or what takes an expiry in the same breath or refuses it.
fn seconds(dice: &mut Dice, far: fn(&mut Dice) -> i64) -> String {
    match dice.below(8) {
        0 => pick(
            dice,
            &["0", "-1", "", "abc", "1e9", "9223372036854775807", "-9223372036854775808"],
        ),
        _ => far(dice).to_string(),
    }
}

fn dice_far(dice: &mut Dice) -> i64 {
    dice.within(100_000, 1_000_000_000)
}

fn score(dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => pick(dice, FLOATS),
        1 => format!("{}.{}", dice.within(-3, 3), dice.below(100)),
        _ => dice.within(-3, 12).to_string(),
    }
}

fn score_bound(dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => "-inf".to_owned(),
        1 => "+inf".to_owned(),
        2 => pick(dice, &["(", "(-inf", "(inf", "((1", "1)", "[1", "-"]),
        3 => format!("({}", score(dice)),
        _ => score(dice),
    }
}

fn lex_bound(dice: &mut Dice) -> Vec<u8> {
    match dice.below(8) {
        0 | 1 => b"-".to_vec(),
        2 | 3 => b"+".to_vec(),
        4 => dice.pick(&["", "a", "(", "[", "-1", "+inf", "(+"]).as_bytes().to_vec(),
        at => [if at == 5 { b"(" } else { b"[" }, &element(dice)[..]].concat(),
    }
}

/// A text, a number, bytes of any value, or many of one byte.
fn text(dice: &mut Dice) -> Vec<u8> {
    match dice.below(6) {
        0 => dice.pick(TEXTS).as_bytes().to_vec(),
        1 => integer(dice).into_bytes(),
        2 => dice.pick(FLOATS).as_bytes().to_vec(),
        3 => (0..dice.below(60)).map(|_| dice.byte()).collect(),
        4 => dice.pick(EDGES).as_bytes().to_vec(),
        _ => vec![b'x'; dice.below(300)],
    }
}

fn element(dice: &mut Dice) -> Vec<u8> {
    match dice.below(24) {
        0 => dice.pick(EDGES).as_bytes().to_vec(),
        1 => dice.pick(TEXTS).as_bytes().to_vec(),
        2 => vec![b'y'; *dice.pick(&[63, 64, 65, 200])],
        3 => vec![dice.byte(), 0, 0xff],
        4 | 5 => dice.within(1, 400).to_string().into_bytes(),
        6..12 => vec![*dice.pick(b"abcdefgh")],
        _ => dice.within(1, 12).to_string().into_bytes(),
    }
}

const CHANNELS: &[&str] =
    &["a", "b", "news", "news.1", "", "__keyevent@0__:set", "__keyspace@0__:s1"];
const CHANNEL_PATTERNS: &[&str] =
    &["*", "a*", "?", "news.[12]", "new\\s", "[^a]", "", "__key*__:*", "__keyevent@0__:*"];
const ACL_RULES: &[&str] = &[
    "on",
    "off",
    "nopass",
    "resetpass",
    ">secret",
    "<secret",
    "+@all",
    "-@all",
    "+get",
    "-set",
    "+@read",
    "-@write",
    "+config|get",
    "-client|kill",
    "allcommands",
    "nocommands",
    "~*",
    "~a*",
    "%R~b*",
    "%W~c*",
    "allkeys",
    "resetkeys",
    "&*",
    "&news*",
    "resetchannels",
    "allchannels",
    "(+get ~s*)",
    "clearselectors",
    "reset",
    "+nope",
    "+@nope",
    "read",
    "dangerous",
];
const KINS: &[Kin] = &[
    Kin::Any,
    Kin::Text,
    Kin::Bits,
    Kin::HyperLogLog,
    Kin::List,
    Kin::Hash,
    Kin::Set,
    Kin::SortedSet,
    Kin::Geo,
    Kin::Stream,
];
const ODD_KEYS: &[&[u8]] = &[b"", b"\xc3\xa9", b"\0\xff\r\n", b"key:1", b"s*", b"nowhere"];
const TEXTS: &[&str] =
    &["", "abc", "hello world", "a\r\nb", "Redis", "0x10", "1 ", "01", "-0", "+1", "nan"];
const INTEGERS: &[&str] = &[
    "0",
    "42",
    "9999",
    "10000",
    "-128",
    "255",
    "32768",
    "-32769",
    "8388608",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "-9223372036854775808",
];
const FLOATS: &[&str] = &[
    "0.1",
    "-0.25",
    "3.0",
    "1e3",
    "1e-7",
    "123456.789",
    "-1e10",
    "1e17",
    "3.14159265358979",
    "1.7976931348623157e308",
    "5e-324",
    "inf",
    "-inf",
    ".5",
    "5.",
];
/// Where numbers end, and what looks like one.
const EDGES: &[&str] = &[
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "-9223372036854775809",
    "4294967296",
    "-2147483649",
    "0",
    "-0",
    "-1",
    "+1",
    "01",
    " 1",
    "1 ",
    "1.5",
    "1e400",
    "-1e400",
    "1e-400",
    "0x1p3",
    "0x10",
    "inf",
    "-infinity",
    "nan",
    "-nan",
    "abc",
    "",
    "1e3",
    "99999999999999999999999999",
];
const LONGITUDES: &[&str] = &[
    "13.361389",
    "15.087269",
    "-122.4194",
    "0",
    "180",
    "-180",
    "179.9999",
    "180.1",
    "2.35",
    "13.4",
];
const LATITUDES: &[&str] = &[
    "38.115556",
    "37.502669",
    "37.7749",
    "0",
    "85.05112878",
    "-85.05112878",
    "85.06",
    "48.85",
    "52.5",
];
const DISTANCES: &[&str] = &["0", "1", "100", "200", "500.5", "5000", "100000", "30000000", "-1"];
const PATTERNS: &[&str] =
    &["*", "*", "?", "s*", "[hl]?", "[^a-c]", "[1-9]", "\\a", "*[", "", "*1", "y*y", "1?"];
const SORT_PATTERNS: &[&str] =
    &["s*", "b*", "h*->a", "h*->1", "h*->*", "nosort", "#", "s1", "*", "x*->", "", "z*"];
const TYPES: &[&str] = &["string", "list", "set", "zset", "hash", "HASH", "stream", "nope"];
/// Options of many commands.
const TOKENS: &[&str] = &[
    "NX",
    "XX",
    "GT",
    "LT",
    "GET",
    "EX",
    "PX",
    "KEEPTTL",
    "COUNT",
    "LIMIT",
    "WITHSCORES",
    "MATCH",
    "ASC",
    "STORE",
    "ANY",
    "BYLEX",
    "REV",
    "*",
    "~",
    "nx",
    "withscores",
    "WITHVALUES",
    "LEFT",
];
