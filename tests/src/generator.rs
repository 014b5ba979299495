//! Random commands on strings and keys, made from templates by a seed.
//!
//! Few keys and many kinds of values, so that commands meet the leavings of others. Times to live are
//! long, or over where that deletes the key at once: nothing expires between the two servers' answers.

use redarium_core::rng::Rng;

use crate::transcript::Compare;

/// An endless sequence of commands.
#[derive(Debug)]
pub struct Generator {
    rng: Rng,
}

/// A command and how to compare its replies.
#[derive(Clone, Debug)]
pub struct Request {
    pub words: Vec<Vec<u8>>,
    pub compare: Compare,
}

impl Generator {
    /// The same seed gives the same sequence.
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed) }
    }

    /// The next command.
    pub fn request(&mut self) -> Request {
        let (compare, template) = *self.pick(TEMPLATES);
        let words = template.split(' ').map(|word| self.word(word)).collect();
        Request { words, compare }
    }

    /// The next command whose reply is the same bytes whenever it is asked.
    pub fn repeatable_request(&mut self) -> Request {
        loop {
            let request = self.request();
            if request.compare == Compare::Bytes {
                return request;
            }
        }
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.below(bound as u64)).expect("below a usize")
    }

    fn word(&mut self, word: &str) -> Vec<u8> {
        let from: &[&str] = match word {
            "{key}" => KEYS,
            "{value}" => return self.value(),
            "{int}" => INTEGERS,
            "{float}" => FLOATS,
            "{index}" => INDEXES,
            "{offset}" => OFFSETS,
            "{seconds}" => &["100", "5000", "86400"],
            "{millis}" => &["100000", "5000000"],
            "{wrong_time}" => &["0", "-1", "abc", "", "1.5", "9223372036854775807"],
            "{future}" => &["33177117420", "4102444800"],
            "{future_ms}" => &["33177117420123", "4102444800000"],
            "{at}" => &["33177117420", "4102444800", "1", "0"],
            "{at_ms}" => &["33177117420123", "4102444800000", "1"],
            "{db}" => &["0", "1"],
            "{pattern}" => PATTERNS,
            // GT and LT would compare two relative times, which depends on the millisecond.
            "{presence}" => &["NX", "XX"],
            "{condition}" => &["NX", "XX", "GT", "LT"],
            word => return word.as_bytes().to_vec(),
        };
        self.pick(from).as_bytes().to_vec()
    }

    /// A text, a number, bytes of any value, or many of one byte.
    fn value(&mut self) -> Vec<u8> {
        match self.below(5) {
            0 => self.pick(TEXTS).as_bytes().to_vec(),
            1 => self.pick(INTEGERS).as_bytes().to_vec(),
            2 => self.pick(FLOATS).as_bytes().to_vec(),
            3 => (0..self.below(60)).map(|_| self.rng.next_u64().to_le_bytes()[0]).collect(),
            _ => vec![b'x'; self.below(300)],
        }
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

const KEYS: &[&str] = &["a", "b", "c", "d", "e", "f", "key:1", "key:2", "key:3", "", "\u{e9}"];
const TEXTS: &[&str] =
    &["", "abc", "hello world", "a\r\nb", "Redis", "0x10", "1 ", "01", "-0", "+1", "nan"];
const INTEGERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "7",
    "42",
    "9999",
    "10000",
    "-128",
    "32768",
    "2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "abc",
    "1.5",
    "",
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
    "inf",
    "abc",
    ".5",
    "5.",
];
const INDEXES: &[&str] = &["0", "1", "3", "-1", "-3", "10", "100", "-100", "5000000000", "x"];
const OFFSETS: &[&str] = &["0", "1", "5", "30", "100", "-1", "x"];
const PATTERNS: &[&str] =
    &["*", "?", "key:*", "key:[1-2]", "[a-c]", "[^a-c]", "\\a", "*[", "", "k*y:?"];

const TEMPLATES: &[(Compare, &str)] = &[
    (Compare::Bytes, "SET {key} {value}"),
    (Compare::Bytes, "SET {key} {value}"),
    (Compare::Bytes, "SET {key} {value}"),
    (Compare::Bytes, "SET {key} {value} NX"),
    (Compare::Bytes, "SET {key} {value} XX"),
    (Compare::Bytes, "SET {key} {value} GET"),
    (Compare::Bytes, "SET {key} {value} KEEPTTL"),
    (Compare::Bytes, "SET {key} {value} NX GET EX {seconds}"),
    (Compare::Bytes, "SET {key} {value} EX {seconds}"),
    (Compare::Bytes, "SET {key} {value} EX {wrong_time}"),
    (Compare::Bytes, "SET {key} {value} PX {millis} XX"),
    (Compare::Bytes, "SET {key} {value} EXAT {future}"),
    (Compare::Bytes, "SET {key} {value} PXAT {future_ms} GET"),
    (Compare::Bytes, "SETNX {key} {value}"),
    (Compare::Bytes, "SETEX {key} {seconds} {value}"),
    (Compare::Bytes, "PSETEX {key} {millis} {value}"),
    (Compare::Bytes, "GET {key}"),
    (Compare::Bytes, "GET {key}"),
    (Compare::Bytes, "GETSET {key} {value}"),
    (Compare::Bytes, "GETDEL {key}"),
    (Compare::Bytes, "GETEX {key}"),
    (Compare::Bytes, "GETEX {key} PERSIST"),
    (Compare::Bytes, "GETEX {key} EX {seconds}"),
    (Compare::Bytes, "GETEX {key} PXAT {at_ms}"),
    (Compare::Bytes, "MSET {key} {value} {key} {value}"),
    (Compare::Bytes, "MSETNX {key} {value} {key} {value}"),
    (Compare::Bytes, "MGET {key} {key} {key}"),
    (Compare::Bytes, "APPEND {key} {value}"),
    (Compare::Bytes, "STRLEN {key}"),
    (Compare::Bytes, "INCR {key}"),
    (Compare::Bytes, "DECR {key}"),
    (Compare::Bytes, "INCRBY {key} {int}"),
    (Compare::Bytes, "DECRBY {key} {int}"),
    (Compare::Bytes, "INCRBYFLOAT {key} {float}"),
    (Compare::Bytes, "GETRANGE {key} {index} {index}"),
    (Compare::Bytes, "SETRANGE {key} {offset} {value}"),
    (Compare::Bytes, "LCS {key} {key}"),
    (Compare::Bytes, "LCS {key} {key} LEN"),
    (Compare::Bytes, "LCS {key} {key} IDX MINMATCHLEN 2 WITHMATCHLEN"),
    (Compare::Bytes, "DEL {key}"),
    (Compare::Bytes, "DEL {key} {key}"),
    (Compare::Bytes, "UNLINK {key}"),
    (Compare::Bytes, "EXISTS {key} {key}"),
    (Compare::Bytes, "TOUCH {key} {key}"),
    (Compare::Bytes, "TYPE {key}"),
    (Compare::Bytes, "RENAME {key} {key}"),
    (Compare::Bytes, "RENAMENX {key} {key}"),
    (Compare::Bytes, "COPY {key} {key}"),
    (Compare::Bytes, "COPY {key} {key} REPLACE"),
    (Compare::Bytes, "COPY {key} {key} DB {db} REPLACE"),
    (Compare::Bytes, "MOVE {key} {db}"),
    (Compare::Bytes, "SELECT {db}"),
    (Compare::Bytes, "SWAPDB 0 1"),
    (Compare::Bytes, "DBSIZE"),
    (Compare::Bytes, "EXPIRE {key} {seconds}"),
    (Compare::Bytes, "EXPIRE {key} {seconds} {presence}"),
    (Compare::Bytes, "PEXPIRE {key} {millis} {presence}"),
    (Compare::Bytes, "EXPIREAT {key} {at}"),
    (Compare::Bytes, "EXPIREAT {key} {at} {condition}"),
    (Compare::Bytes, "PEXPIREAT {key} {at_ms} {condition}"),
    (Compare::Bytes, "PERSIST {key}"),
    (Compare::Near(2), "TTL {key}"),
    (Compare::Near(2000), "PTTL {key}"),
    (Compare::Near(2), "EXPIRETIME {key}"),
    (Compare::Near(2000), "PEXPIRETIME {key}"),
    (Compare::Bytes, "OBJECT ENCODING {key}"),
    (Compare::Sorted, "KEYS {pattern}"),
    (Compare::Sorted, "SCAN 0 COUNT 1000 MATCH {pattern}"),
    (Compare::Shape, "RANDOMKEY"),
    (Compare::Bytes, "PING"),
    (Compare::Bytes, "ECHO {value}"),
    (Compare::Bytes, "GET"),
    (Compare::Bytes, "SET {key}"),
    (Compare::Bytes, "SET {key} {value} {value}"),
    (Compare::Bytes, "EXPIRE {key} {value} {condition}"),
    (Compare::Bytes, "NOSUCH {key} {value}"),
];

#[cfg(test)]
mod tests {
    use super::Generator;

    #[test]
    fn a_seed_repeats_its_commands() {
        let words = |seed| {
            let mut generator = Generator::new(seed);
            (0..50).map(|_| generator.request().words).collect::<Vec<_>>()
        };
        assert_eq!(words(1), words(1));
        assert_ne!(words(1), words(2));
    }
}
