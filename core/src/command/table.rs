//! The table of all commands: the families joined, indexed and proved to agree
//! with themselves while the crate compiles.
//!
//! Invariant: every name is lower case and unique, an entry's number is its place
//! in [`entries`], and the index finds every top-level name. Names are looked up
//! in any case and without allocation: a name of up to 16 bytes is two machine
//! words, compared as such.
//!
//! Errors and their order are those of Redis's `processCommand`: an unknown
//! command, an unknown subcommand, then a wrong number of arguments.

use std::fmt;

use super::acl;
use super::bitfield;
use super::bitmap;
use super::client;
use super::config;
use super::connection;
use super::dump;
use super::expire;
use super::geo;
use super::geo_search;
use super::hash;
use super::hash_expire;
use super::hash_number;
use super::hash_once;
use super::hash_random;
use super::hash_ttl;
use super::hash_walk;
use super::hyperloglog;
use super::introspect;
use super::keys;
use super::latency;
use super::lcs;
use super::list;
use super::list_element;
use super::list_move;
use super::lolwut;
use super::memory;
use super::migrate;
use super::module;
use super::object;
use super::proof;
use super::pubsub;
use super::replication;
use super::scan;
use super::server;
use super::set;
use super::set_algebra;
use super::set_random;
use super::slowlog;
use super::sort;
use super::spec::Command;
use super::stream;
use super::stream_claim;
use super::stream_delete;
use super::stream_group;
use super::stream_info;
use super::stream_pending;
use super::stream_range;
use super::stream_read;
use super::string;
use super::string_many;
use super::string_number;
use super::string_part;
use super::transaction;
use super::transfer;
use super::zset;
use super::zset_add;
use super::zset_combine;
use super::zset_pop;
use super::zset_range;
use super::zset_remove;
use super::zset_walk;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;

/// The files that contribute commands, in the order COMMAND lists them.
const FAMILIES: &[&[Command]] = &[
    string::COMMANDS,
    string_many::COMMANDS,
    string_part::COMMANDS,
    string_number::COMMANDS,
    lcs::COMMANDS,
    list::COMMANDS,
    list_element::COMMANDS,
    list_move::COMMANDS,
    bitmap::COMMANDS,
    bitfield::COMMANDS,
    hyperloglog::COMMANDS,
    hash::COMMANDS,
    hash_number::COMMANDS,
    hash_walk::COMMANDS,
    hash_random::COMMANDS,
    hash_expire::COMMANDS,
    hash_ttl::COMMANDS,
    hash_once::COMMANDS,
    set::COMMANDS,
    set_random::COMMANDS,
    set_algebra::COMMANDS,
    sort::COMMANDS,
    keys::COMMANDS,
    transfer::COMMANDS,
    dump::COMMANDS,
    migrate::COMMANDS,
    expire::COMMANDS,
    scan::COMMANDS,
    object::COMMANDS,
    stream::COMMANDS,
    stream_range::COMMANDS,
    stream_read::COMMANDS,
    stream_group::COMMANDS,
    stream_pending::COMMANDS,
    stream_claim::COMMANDS,
    stream_delete::COMMANDS,
    stream_info::COMMANDS,
    introspect::COMMANDS,
    zset::COMMANDS,
    zset_add::COMMANDS,
    zset_range::COMMANDS,
    zset_remove::COMMANDS,
    zset_pop::COMMANDS,
    zset_walk::COMMANDS,
    zset_combine::COMMANDS,
    geo::COMMANDS,
    geo_search::COMMANDS,
    connection::COMMANDS,
    acl::COMMANDS,
    client::COMMANDS,
    server::COMMANDS,
    memory::COMMANDS,
    module::COMMANDS,
    lolwut::COMMANDS,
    slowlog::COMMANDS,
    latency::COMMANDS,
    config::COMMANDS,
    replication::COMMANDS,
    transaction::COMMANDS,
    pubsub::COMMANDS,
];

/// One command or subcommand with its place in the table.
#[derive(Clone, Copy)]
pub struct Entry {
    pub command: &'static Command,
    /// The command this is a subcommand of.
    pub container: Option<&'static Command>,
    /// Its place in [`entries`], for counters kept by command.
    pub id: u16,
    /// Where its subcommands stand in [`entries`].
    first_subcommand: u16,
}

impl Entry {
    /// The name as errors and COMMAND print it: `get`, `client|kill`.
    pub fn full_name(&self) -> FullName {
        FullName { container: self.container, command: self.command }
    }

    /// A command that is not in the table.
    #[cfg(test)]
    pub fn of(command: &'static Command) -> Self {
        Self { command, container: None, id: 0, first_subcommand: 0 }
    }

    pub fn subcommands(&self) -> &'static [Self] {
        let first = usize::from(self.first_subcommand);
        ENTRIES.get(first..first + self.command.subcommands.len()).unwrap_or_default()
    }

    pub fn subcommand(&self, name: &[u8]) -> Option<&'static Self> {
        self.subcommands()
            .iter()
            .find(|entry| entry.command.name.as_bytes().eq_ignore_ascii_case(name))
    }
}

/// Prints as `get` or `client|kill`.
#[derive(Clone, Copy)]
pub struct FullName {
    container: Option<&'static Command>,
    command: &'static Command,
}

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(container) = self.container {
            write!(f, "{}|", container.name)?;
        }
        f.write_str(self.command.name)
    }
}

/// All commands, each container followed at the table's end by its subcommands.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The commands that are no subcommands.
pub fn commands() -> &'static [Entry] {
    ENTRIES.get(..COMMANDS).unwrap_or_default()
}

/// The top-level command of this name, in any case.
#[inline]
pub fn lookup(name: &[u8]) -> Option<&'static Entry> {
    let fingerprint = Fingerprint::of(name);
    let mut at = fingerprint.slot();
    loop {
        let slot = INDEX.get(at)?;
        let entry = ENTRIES.get(usize::from(slot.entry))?;
        if slot.fingerprint.same(&fingerprint)
            && (name.len() <= FINGERPRINT_BYTES
                || name.eq_ignore_ascii_case(entry.command.name.as_bytes()))
        {
            return Some(entry);
        }
        at = (at + 1) % SLOTS;
    }
}

/// The command or subcommand of a name as [`Entry::full_name`] prints it.
pub fn find(full_name: &[u8]) -> Option<&'static Entry> {
    match full_name.iter().position(|byte| *byte == b'|') {
        None => lookup(full_name),
        Some(bar) => {
            let (container, name) = full_name.split_at_checked(bar)?;
            lookup(container)?.subcommand(name.get(1..)?)
        }
    }
}

/// What `args` asks for: a command, or a subcommand where the command has any.
///
/// # Errors
/// Unknown command, unknown subcommand, wrong number of arguments.
#[inline]
pub fn resolve(args: Args<'_>) -> Result<&'static Entry, CommandError> {
    let entry = lookup_line(args).ok_or_else(|| unknown(args))?;
    if entry.command.accepts(args.len()) {
        return Ok(entry);
    }
    Err(error::wrong_arity(&entry.full_name().to_string()))
}

/// The command or subcommand that a command line names, whatever its number of words.
#[inline]
pub fn lookup_line(args: Args<'_>) -> Option<&'static Entry> {
    let entry = lookup(args.at(0))?;
    match args.maybe(1) {
        Some(name) if !entry.command.subcommands.is_empty() => entry.subcommand(name),
        _ => Some(entry),
    }
}

#[cold]
fn unknown(args: Args<'_>) -> CommandError {
    match lookup(args.at(0)) {
        Some(container) => error::unknown_subcommand(container.command.name, args.at(1)),
        None => error::unknown_command(args.at(0), args.from(1).iter()),
    }
}

/// A name in lower case: its length and its first and last bytes, which are all of it for names
/// of up to [`FINGERPRINT_BYTES`].
#[derive(Clone, Copy)]
struct Fingerprint {
    head: u64,
    tail: u64,
    len: usize,
}

impl Fingerprint {
    #[inline]
    const fn of(name: &[u8]) -> Self {
        let (head, tail) = match (name.first_chunk(), name.last_chunk()) {
            (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
            _ => (short_word(name), 0),
        };
        Self { head: lower_case(head), tail: lower_case(tail), len: name.len() }
    }

    #[inline]
    const fn same(&self, other: &Self) -> bool {
        self.head == other.head && self.tail == other.tail && self.len == other.len
    }

    #[inline]
    const fn slot(&self) -> usize {
        let mixed = (self.head ^ self.tail.rotate_left(29) ^ self.len as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> (u64::BITS - SLOTS.trailing_zeros())) as usize
    }
}

/// A name of less than eight bytes, in a word that differs for names that differ or are not
/// equally long.
#[inline]
const fn short_word(name: &[u8]) -> u64 {
    if let (Some(head), Some(tail)) = (name.first_chunk(), name.last_chunk()) {
        return u32::from_le_bytes(*head) as u64 | (u32::from_le_bytes(*tail) as u64) << 32;
    }
    match *name {
        [a, b, c] => u32::from_le_bytes([a, b, c, 0]) as u64,
        [a, b] => u32::from_le_bytes([a, b, 0, 0]) as u64,
        [a] => a as u64,
        _ => 0,
    }
}

/// Turns the upper-case letters among eight bytes into lower case, all at once.
#[inline]
const fn lower_case(word: u64) -> u64 {
    let low_bits = word & (0x7f * EACH_BYTE);
    let from_a = low_bits + (0x80 - b'A' as u64) * EACH_BYTE;
    let beyond_z = low_bits + (0x7f - b'Z' as u64) * EACH_BYTE;
    let upper = (from_a ^ beyond_z) & !word & (0x80 * EACH_BYTE);
    word | upper >> 2
}

const EACH_BYTE: u64 = 0x0101_0101_0101_0101;
const FINGERPRINT_BYTES: usize = 16;

/// A place of the index. An empty one points nowhere.
#[derive(Clone, Copy)]
struct Slot {
    fingerprint: Fingerprint,
    entry: u16,
}

const _: () = prove();

const COMMANDS: usize = count_commands();
const TOTAL: usize = COMMANDS + count_subcommands();
static ENTRIES: [Entry; TOTAL] = flatten();

/// Twice the room the names need, so that nearly every lookup is one comparison.
const SLOTS: usize = (COMMANDS * 2).next_power_of_two();
static INDEX: [Slot; SLOTS] = index();

/// Proves each family and each pair of families.
const fn prove() {
    let mut family = 0;
    while family < FAMILIES.len() {
        proof::commands(FAMILIES[family], 1);
        let mut other = family + 1;
        while other < FAMILIES.len() {
            proof::disjoint(FAMILIES[family], FAMILIES[other]);
            other += 1;
        }
        family += 1;
    }
}

const fn count_commands() -> usize {
    let (mut count, mut family) = (0, 0);
    while family < FAMILIES.len() {
        count += FAMILIES[family].len();
        family += 1;
    }
    count
}

const fn count_subcommands() -> usize {
    let (mut count, mut family) = (0, 0);
    while family < FAMILIES.len() {
        let mut at = 0;
        while at < FAMILIES[family].len() {
            count += FAMILIES[family][at].subcommands.len();
            at += 1;
        }
        family += 1;
    }
    count
}

const fn flatten() -> [Entry; TOTAL] {
    let nothing = Entry { command: &Command::BASE, container: None, id: 0, first_subcommand: 0 };
    let mut entries = [nothing; TOTAL];
    let (mut next, mut next_sub, mut family) = (0, COMMANDS, 0);
    while family < FAMILIES.len() {
        let mut at = 0;
        while at < FAMILIES[family].len() {
            let command = &FAMILIES[family][at];
            entries[next] = Entry {
                command,
                container: None,
                id: next as u16,
                first_subcommand: next_sub as u16,
            };
            next += 1;
            next_sub = place_subcommands(&mut entries, command, next_sub);
            at += 1;
        }
        family += 1;
    }
    entries
}

/// Places a container's subcommands from `next` on; returns where the following ones go.
const fn place_subcommands(
    entries: &mut [Entry; TOTAL],
    container: &'static Command,
    mut next: usize,
) -> usize {
    let mut at = 0;
    while at < container.subcommands.len() {
        entries[next] = Entry {
            command: &container.subcommands[at],
            container: Some(container),
            id: next as u16,
            first_subcommand: TOTAL as u16,
        };
        next += 1;
        at += 1;
    }
    next
}

const fn index() -> [Slot; SLOTS] {
    let empty =
        Slot { fingerprint: Fingerprint { head: 0, tail: 0, len: usize::MAX }, entry: u16::MAX };
    let mut slots = [empty; SLOTS];
    let mut at = 0;
    while at < COMMANDS {
        let fingerprint = Fingerprint::of(ENTRIES[at].command.name.as_bytes());
        let mut slot = fingerprint.slot();
        while slots[slot].entry != u16::MAX {
            slot = (slot + 1) % SLOTS;
        }
        slots[slot] = Slot { fingerprint, entry: at as u16 };
        at += 1;
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resp::OwnedArgs;

    #[test]
    fn finds_every_name_in_any_case() {
        for entry in entries() {
            let name = entry.full_name().to_string();
            let found = find(name.to_ascii_uppercase().as_bytes()).map(|found| found.id);
            assert_eq!(found, Some(entry.id), "{name}");
            for wrong in [format!("{name}x"), format!("x{name}"), name[1..].to_owned()] {
                let found = find(wrong.as_bytes());
                assert!(found.is_none_or(|found| found.full_name().to_string() == wrong));
            }
        }
        assert!(lookup(b"").is_none());
    }

    #[test]
    fn lower_case_touches_letters_only() {
        for byte in 0..=u8::MAX {
            let word = u64::from_le_bytes([byte, b'Z', 0, 0xff, byte, b'[', b'@', b'A']);
            let expect = word.to_le_bytes().map(|byte| byte.to_ascii_lowercase());
            assert_eq!(lower_case(word).to_le_bytes(), expect);
        }
    }

    /// What resolving `line` gives: a full name or an error text.
    fn check(line: &str, expect: &str) {
        let args = OwnedArgs::from(line.split(' ').map(str::as_bytes));
        let got = match resolve(args.args()) {
            Ok(entry) => entry.full_name().to_string(),
            Err(error) => String::from_utf8_lossy(error.text()).into_owned(),
        };
        assert_eq!(got, expect, "{line}");
    }

    #[test]
    fn resolves_commands_and_subcommands_or_says_why_not() {
        for (line, expect) in [
            ("GeT k", "get"),
            ("get", "ERR wrong number of arguments for 'get' command"),
            ("CONFIG GET save", "config|get"),
            ("config set a", "ERR wrong number of arguments for 'config|set' command"),
            ("config", "ERR wrong number of arguments for 'config' command"),
            ("config nope", "ERR unknown subcommand 'nope'. Try CONFIG HELP."),
            ("nope a b", "ERR unknown command 'nope', with args beginning with: 'a' 'b' "),
            ("config|get", "ERR unknown command 'config|get', with args beginning with: "),
        ] {
            check(line, expect);
        }
    }
}
