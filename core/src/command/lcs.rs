//! LCS: the longest common subsequence of two strings.
//!
//! The whole table of lengths is held, as the way back through it tells which
//! bytes belong to the subsequence; it may take as much memory as the longest
//! string may. Matches are listed from the end of the strings, as Redis does.

use std::ops::Range;

use super::Context;
use super::Outcome;
use super::integer;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Run;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;

pub const COMMANDS: &[Command] = &[Command {
    name: "lcs",
    since: "7.0.0",
    summary: "Finds the longest subsequence that two strings have in common.",
    complexity: "O(N*M) for strings of N and M bytes",
    arity: -3,
    flags: Flags::READONLY,
    keys: &[KeySpec::range(1, 1, 1, KeyFlags::READ)],
    args: &[
        Arg::key("key1"),
        Arg::key("key2"),
        Arg::word("len", "LEN").optional(),
        Arg::word("idx", "IDX").optional(),
        Arg::integer("min-match-len").token("MINMATCHLEN").optional(),
        Arg::word("withmatchlen", "WITHMATCHLEN").optional(),
    ],
    run: Run::Data(lcs),
    ..BASE
}];

const BASE: Command =
    Command { group: Group::String, categories: Categories::STRING, ..Command::BASE };

fn lcs(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let a = ctx.read(args.at(1)).map(|entry| entry.string().map(|value| value.to_vec()));
    let b = ctx.read(args.at(2)).map(|entry| entry.string().map(|value| value.to_vec()));
    let (Some(a), Some(b)) = (a.unwrap_or(Some(Vec::new())), b.unwrap_or(Some(Vec::new()))) else {
        return Err(error::LCS_NOT_STRINGS);
    };
    let options = LcsOptions::parse(args.from(3))?;
    let table = Table::fill(&a, &b, ctx.config.proto_max_bulk_len)?;
    match options {
        LcsOptions { len: true, .. } => ctx.reply.count(table.len()),
        LcsOptions { idx: true, .. } => reply_matches(&mut ctx.reply, &table, &options),
        _ => ctx.reply.bulk(&table.subsequence()),
    }
    Ok(())
}

fn reply_matches(reply: &mut Reply<'_>, table: &Table<'_>, options: &LcsOptions) {
    let mut matches = table.matches();
    matches.retain(|found| found.a.len() >= options.len_min);
    reply.map(2);
    reply.bulk(b"matches");
    reply.array(matches.len());
    for found in matches {
        reply.array(if options.with_len { 3 } else { 2 });
        for range in [&found.a, &found.b] {
            reply.array(2);
            reply.count(range.start);
            reply.count(range.end - 1);
        }
        if options.with_len {
            reply.count(found.a.len());
        }
    }
    reply.bulk(b"len");
    reply.count(table.len());
}

#[derive(Clone, Copy, Debug, Default)]
struct LcsOptions {
    len: bool,
    idx: bool,
    with_len: bool,
    len_min: usize,
}

impl LcsOptions {
    fn parse(args: Args<'_>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        let mut at = 0;
        while at < args.len() {
            if args.is(at, "LEN") {
                options.len = true;
            } else if args.is(at, "IDX") {
                options.idx = true;
            } else if args.is(at, "WITHMATCHLEN") {
                options.with_len = true;
            } else if args.is(at, "MINMATCHLEN") && at + 1 < args.len() {
                at += 1;
                let len_min = integer(args.at(at))?.max(0);
                options.len_min = usize::try_from(len_min).unwrap_or(usize::MAX);
            } else {
                return Err(error::SYNTAX);
            }
            at += 1;
        }
        match options {
            Self { len: true, idx: true, .. } => Err(error::LCS_LEN_AND_IDX),
            _ => Ok(options),
        }
    }
}

/// A run of bytes that both strings have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Match {
    a: Range<usize>,
    b: Range<usize>,
}

/// The lengths of the longest common subsequences of all pairs of beginnings of `a` and `b`.
struct Table<'s> {
    a: &'s [u8],
    b: &'s [u8],
    lengths: Vec<u32>,
}

impl<'s> Table<'s> {
    fn fill(a: &'s [u8], b: &'s [u8], bytes_max: usize) -> Result<Self, CommandError> {
        let width = b.len() + 1;
        let cells = (a.len() + 1).checked_mul(width);
        let bytes = cells.and_then(|cells| cells.checked_mul(size_of::<u32>()));
        let Some(cells) = cells.filter(|_| bytes.is_some_and(|bytes| bytes <= bytes_max)) else {
            return Err(error::LCS_TOO_LONG);
        };
        let mut lengths = Vec::new();
        lengths.try_reserve_exact(cells).map_err(|_| error::LCS_NO_MEMORY)?;
        lengths.resize(width, 0);
        for byte in a {
            extend_by_row(&mut lengths, *byte, b);
        }
        Ok(Self { a, b, lengths })
    }

    fn len(&self) -> usize {
        self.at(self.a.len(), self.b.len()) as usize
    }

    fn at(&self, i: usize, j: usize) -> u32 {
        self.lengths.get(i * (self.b.len() + 1) + j).copied().unwrap_or(0)
    }

    /// The positions of the subsequence in both strings, from the end.
    fn steps_back(&self) -> impl Iterator<Item = (usize, usize)> {
        let (mut i, mut j) = (self.a.len(), self.b.len());
        std::iter::from_fn(move || {
            while i > 0 && j > 0 {
                if self.a.get(i - 1) == self.b.get(j - 1) {
                    (i, j) = (i - 1, j - 1);
                    return Some((i, j));
                }
                if self.at(i - 1, j) > self.at(i, j - 1) {
                    i -= 1;
                } else {
                    j -= 1;
                }
            }
            None
        })
    }

    fn subsequence(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> =
            self.steps_back().filter_map(|(i, _)| self.a.get(i).copied()).collect();
        bytes.reverse();
        bytes
    }

    fn matches(&self) -> Vec<Match> {
        let mut matches: Vec<Match> = Vec::new();
        for (i, j) in self.steps_back() {
            match matches.last_mut() {
                Some(run) if run.a.start == i + 1 && run.b.start == j + 1 => {
                    (run.a.start, run.b.start) = (i, j);
                }
                _ => matches.push(Match { a: i..i + 1, b: j..j + 1 }),
            }
        }
        matches
    }
}

/// Appends the row of one more byte of `a`.
fn extend_by_row(lengths: &mut Vec<u32>, byte: u8, b: &[u8]) {
    let above = lengths.len() - (b.len() + 1);
    let mut left = 0;
    lengths.push(left);
    for (j, other) in b.iter().enumerate() {
        let cell = |offset| lengths.get(above + offset).copied().unwrap_or(0);
        left = if byte == *other { cell(j) + 1 } else { left.max(cell(j + 1)) };
        lengths.push(left);
    }
}

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;

    fn check(a: &str, b: &str, options: &str, expect: &str) {
        let mut bench = Bench::new();
        bench.run(&format!("MSET a {a} b {b}"));
        assert_eq!(bench.run(&format!("LCS a b {options}")), [expect], "{a} {b} {options}");
    }

    #[test]
    fn finds_the_subsequence_its_length_and_its_matches() {
        check("ohmytext", "mynewtext", "", r#""mytext""#);
        check("ohmytext", "mynewtext", "LEN", "6");
        check(
            "ohmytext",
            "mynewtext",
            "IDX",
            r#"["matches", [[[4, 7], [5, 8]], [[2, 3], [0, 1]]], "len", 6]"#,
        );
        check(
            "ohmytext",
            "mynewtext",
            "IDX MINMATCHLEN 4 WITHMATCHLEN",
            r#"["matches", [[[4, 7], [5, 8], 4]], "len", 6]"#,
        );
        check("abc", "xyz", "", r#""""#);
        check("abc", "xyz", "IDX MINMATCHLEN -1", r#"["matches", [], "len", 0]"#);
        check("12", "312", "len", "2");
    }

    #[test]
    fn missing_keys_are_empty() {
        let mut bench = Bench::new();
        assert_eq!(bench.run("LCS a b"), [r#""""#]);
        assert_eq!(bench.run("LCS a b LEN"), ["0"]);
    }

    #[test]
    fn refuses_what_redis_refuses() {
        check("1", "2", "LEN IDX", LEN_AND_IDX);
        check("1", "2", "MINMATCHLEN", "(error) ERR syntax error");
        check("1", "2", "MINMATCHLEN x", "(error) ERR value is not an integer or out of range");
        check("1", "2", "FOO", "(error) ERR syntax error");
        let long = "x".repeat(12_000);
        check(&long, &long, "", TOO_LONG);
    }

    const LEN_AND_IDX: &str =
        "(error) ERR If you want both the length and indexes, please just use IDX.";
    const TOO_LONG: &str =
        "(error) ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len";
}
