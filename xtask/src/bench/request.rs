//! Requests as bytes, prebuilt: what changes from one to the next are digits in known places.
//!
//! The words of a command may hold placeholders, in redis-benchmark's manner:
//!
//! - `__rand_int__`: twelve digits below [`KEYSPACE`], another number in each place;
//! - `__rand_page__`: three digits from 100 to 999, one number for the whole request;
//! - `__next__`: twelve digits that count up, by one an item;
//! - `__mixed__`: the same numbers in a scattered order;
//! - `__value__`: a value of the chosen length.

/// redis-benchmark's `-r`: how many random keys, members and fields there are.
pub const KEYSPACE: u64 = 100_000;

/// A command whose last words, the item's, stand there several times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Command {
    pub words: &'static [&'static str],
    pub item: &'static [&'static str],
    pub items: usize,
}

impl Command {
    pub const fn plain(words: &'static [&'static str]) -> Self {
        Self { words, item: &[], items: 0 }
    }

    pub const fn variadic(
        words: &'static [&'static str],
        item: &'static [&'static str],
        items: usize,
    ) -> Self {
        Self { words, item, items }
    }
}

/// Several requests in one buffer, each given its numbers anew for every round.
pub struct Batch {
    bytes: Vec<u8>,
    request_bytes: usize,
    slots: Vec<Slot>,
    /// Items of a request: how far `__next__` goes on from one to the next.
    step: u64,
    numbers: Numbers,
}

impl Batch {
    /// `requests` times the commands, which make up one request together.
    pub fn new(commands: &[Command], requests: usize, value_bytes: usize) -> Self {
        let value = "v".repeat(value_bytes);
        let mut request = Template::default();
        for command in commands {
            request.push(command, &value);
        }
        let items = commands.iter().map(|command| command.items).max().unwrap_or(0);
        Self {
            request_bytes: request.bytes.len(),
            bytes: request.bytes.repeat(requests),
            slots: request.slots,
            step: items.max(1) as u64,
            numbers: Numbers::new(0, u64::MAX),
        }
    }

    /// The same inline request many times over.
    pub fn inline(words: &[&str], requests: usize) -> Self {
        let request = format!("{}\r\n", words.join(" ")).into_bytes();
        Self {
            request_bytes: request.len(),
            bytes: request.repeat(requests),
            slots: Vec::new(),
            step: 1,
            numbers: Numbers::new(0, u64::MAX),
        }
    }

    /// Lets `__next__` count from `start` on, and `__mixed__` stay within `count` numbers.
    pub fn count_from(&mut self, start: u64, count: u64) {
        self.numbers.start = start;
        self.numbers.count = count;
        self.restart();
    }

    /// Begins to count anew.
    pub fn restart(&mut self) {
        self.numbers.next = 0;
    }

    /// Goes on as if so many requests had been sent.
    pub fn skip(&mut self, requests: u64) {
        self.numbers.next += requests * self.step;
    }

    /// The next round of requests, ready to be sent.
    pub fn next(&mut self) -> &[u8] {
        if self.slots.is_empty() {
            return &self.bytes;
        }
        for request in self.bytes.chunks_exact_mut(self.request_bytes) {
            let page = 100 + self.numbers.random() % 900;
            for slot in &self.slots {
                let number = match slot.kind {
                    Kind::Random => self.numbers.random() % KEYSPACE,
                    Kind::Page => page,
                    Kind::Next => self.numbers.nth(slot.item),
                    Kind::Mixed => self.numbers.mixed(slot.item),
                };
                write_digits(&mut request[slot.at..slot.at + slot.digits], number);
            }
            self.numbers.next += self.step;
        }
        &self.bytes
    }
}

/// One request without its numbers.
#[derive(Default)]
struct Template {
    bytes: Vec<u8>,
    slots: Vec<Slot>,
}

struct Slot {
    at: usize,
    digits: usize,
    kind: Kind,
    /// Which of the request's items it is in.
    item: u64,
}

#[derive(Clone, Copy)]
enum Kind {
    Random,
    Page,
    Next,
    Mixed,
}

impl Template {
    fn push(&mut self, command: &Command, value: &str) {
        let count = command.words.len() + command.item.len() * command.items;
        self.bytes.extend_from_slice(format!("*{count}\r\n").as_bytes());
        for word in command.words {
            self.push_word(word, value, 0);
        }
        for item in 0..command.items as u64 {
            for word in command.item {
                self.push_word(word, value, item);
            }
        }
    }

    fn push_word(&mut self, word: &str, value: &str, item: u64) {
        let mut text = word.replace("__value__", value);
        let mut found = Vec::new();
        for (name, kind, digits) in PLACEHOLDERS {
            while let Some(at) = text.find(name) {
                text.replace_range(at..at + name.len(), &"0".repeat(digits));
                found.push((at, kind, digits));
            }
        }
        self.bytes.extend_from_slice(format!("${}\r\n", text.len()).as_bytes());
        let start = self.bytes.len();
        let slot = |(at, kind, digits)| Slot { at: start + at, digits, kind, item };
        self.slots.extend(found.into_iter().map(slot));
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
    }
}

/// Where the numbers come from.
struct Numbers {
    start: u64,
    count: u64,
    next: u64,
    state: u64,
}

impl Numbers {
    fn new(start: u64, count: u64) -> Self {
        Self { start, count, next: 0, state: 0x9E37_79B9_7F4A_7C15 }
    }

    fn nth(&self, item: u64) -> u64 {
        self.start + self.next + item
    }

    /// Every number of the range comes once, far from its neighbours.
    fn mixed(&self, item: u64) -> u64 {
        self.start + (self.next + item).wrapping_mul(SCATTER) % self.count
    }

    /// Marsaglia's xorshift: a few instructions, and the keys need no better.
    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

fn write_digits(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// A request on its own.
pub fn encode(words: &[&str]) -> Vec<u8> {
    let bulks = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
    format!("*{}\r\n{}", words.len(), bulks.collect::<String>()).into_bytes()
}

/// Each placeholder with its width in digits.
const PLACEHOLDERS: [(&str, Kind, usize); 4] = [
    ("__rand_int__", Kind::Random, 12),
    ("__rand_page__", Kind::Page, 3),
    ("__next__", Kind::Next, 12),
    ("__mixed__", Kind::Mixed, 12),
];

/// A prime, so that its multiples pass through all numbers of any smaller range it does not divide.
const SCATTER: u64 = 2_147_483_647;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Batch, Command, KEYSPACE, encode};

    fn words(batch: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(batch).into_owned();
        let parts = text.split("\r\n").filter(|part| !part.starts_with(['*', '$']));
        parts.filter(|part| !part.is_empty()).map(String::from).collect()
    }

    #[test]
    fn a_batch_without_placeholders_is_its_command_repeated() {
        let mut batch = Batch::new(&[Command::plain(&["GET", "a"])], 2, 3);
        assert_eq!(batch.next(), encode(&["GET", "a"]).repeat(2));
        assert_eq!(Batch::inline(&["PING"], 2).next(), b"PING\r\nPING\r\n");
    }

    #[test]
    fn random_numbers_stay_in_the_keyspace_and_change() {
        let mut batch = Batch::new(&[Command::plain(&["key:__rand_int__", "__value__"])], 50, 3);
        let mut seen = BTreeSet::new();
        for word in words(batch.next()) {
            match word.strip_prefix("key:") {
                Some(number) => {
                    assert_eq!(number.len(), 12);
                    assert!(number.parse().is_ok_and(|number: u64| number < KEYSPACE), "{word}");
                    seen.insert(word);
                }
                None => assert_eq!(word, "vvv"),
            }
        }
        assert!(seen.len() > 40, "{seen:?}");
    }

    #[test]
    fn a_page_is_one_number_for_the_request() {
        const PAGE: &[&str] = &["__rand_page__000", "__rand_page__999"];
        let mut batch = Batch::new(&[Command::variadic(&[], PAGE, 1)], 20, 0);
        for pair in words(batch.next()).chunks_exact(2) {
            assert_eq!(pair[0][..3], pair[1][..3], "{pair:?}");
            assert!(pair[0].as_str() >= "100000" && pair[0].len() == 6, "{pair:?}");
        }
    }

    #[test]
    fn items_count_on_through_requests_and_batches() {
        let command = Command::variadic(&["SADD", "s"], &["__next__"], 3);
        let mut batch = Batch::new(&[command], 2, 0);
        batch.count_from(5, 12);
        let mut numbers = Vec::new();
        for _ in 0..2 {
            numbers.extend(words(batch.next()).iter().filter_map(|word| word.parse::<u64>().ok()));
        }
        assert_eq!(numbers, (5..17).collect::<Vec<_>>());
    }

    #[test]
    fn mixed_numbers_are_a_permutation() {
        let mut batch = Batch::new(&[Command::variadic(&[], &["__mixed__"], 10)], 10, 0);
        batch.count_from(7, 100);
        let numbers: Vec<u64> = words(batch.next()).iter().flat_map(|word| word.parse()).collect();
        assert!(!numbers.is_sorted());
        assert_eq!(numbers.into_iter().collect::<BTreeSet<_>>(), (7..107).collect());
    }
}
