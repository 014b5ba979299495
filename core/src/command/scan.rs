//! KEYS and SCAN: the names of the keys.
//!
//! SCAN keeps Redis's guarantee: a key that is there from the first call to the
//! last is named at least once, and a call does bounded work. KEYS is one long
//! sweep, which is what it is in Redis too. KEYS passes over keys whose time has
//! passed, SCAN removes those that it would have named.

use super::Context;
use super::Outcome;
use super::scan_options::Names;
use super::scan_options::Pattern;
use super::scan_options::ScanOptions;
use super::scan_options::parse_cursor;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::Run;
use crate::resp::Args;
use crate::store::Policy;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "keys",
        summary: "Lists the keys whose names match a pattern.",
        complexity: "O(N) for N keys in the database",
        arity: 2,
        flags: Flags::READONLY,
        categories: Categories::KEYSPACE.with(Categories::DANGEROUS),
        args: &[Arg::pattern("pattern")],
        tips: &["nondeterministic_output_order", "request_policy:all_shards"],
        run: Run::Data(keys),
        ..BASE
    },
    Command {
        name: "scan",
        since: "2.8.0",
        summary: "Walks through the keys of the database, some at each call.",
        complexity: "O(1) for a call, O(N) for the whole walk over N keys",
        arity: -2,
        flags: Flags::READONLY.with(Flags::TOUCHES_ARBITRARY_KEYS),
        args: &[
            Arg::integer("cursor"),
            Arg::pattern("pattern").token("MATCH").optional(),
            Arg::integer("count").token("COUNT").optional(),
            Arg::string("type").token("TYPE").since("6.0.0").optional(),
        ],
        tips: &["nondeterministic_output", "request_policy:special", "response_policy:special"],
        history: &[("6.0.0", "`TYPE`.")],
        run: Run::Data(scan),
        ..BASE
    },
];

const BASE: Command =
    Command { group: Group::Generic, categories: Categories::KEYSPACE, ..Command::BASE };

fn keys(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let pattern = Pattern::new(args.at(1));
    let now_ms = ctx.now.wall_ms();
    let names_expired = ctx.policy == Policy::Ignore;
    let matching = ctx.store.iter(ctx.db).filter(|entry| {
        let is_due = entry.expire_at().is_some_and(|at| at <= now_ms);
        (names_expired || !is_due) && pattern.matches(entry.key())
    });
    let found: Vec<&[u8]> = matching.map(|entry| entry.key()).collect();
    ctx.reply.array(found.len());
    for key in found {
        ctx.reply.bulk(key);
    }
    Ok(())
}

fn scan(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let cursor = parse_cursor(args.at(1))?;
    let options = ScanOptions::parse(args.from(2), Names::Keys)?;
    ctx.propagation.scatter();
    let mut found: Vec<Vec<u8>> = Vec::new();
    let cursor = options.walk(cursor, |cursor, seen| {
        ctx.store.scan(ctx.db, cursor, |entry| {
            *seen += 1;
            if options.pattern.matches(entry.key()) {
                found.push(entry.key().to_vec());
            }
        })
    });
    found.retain(|key| ctx.peek(key).is_some_and(|entry| options.includes(entry.type_name())));
    ctx.reply.array(2);
    ctx.reply.bulk(cursor.to_string().as_bytes());
    ctx.reply.array(found.len());
    for key in found {
        ctx.reply.bulk(&key);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::command::testing::Bench;
    use crate::command::testing::check;

    #[test]
    fn keys_lists_what_matches_and_lives() {
        check(
            r#"
            > MSET one 1 two 2 "" 0
            OK
            ~ MSET one 1 two 2 "" 0
            > SET gone 1 PX 5
            OK
            ~ SET gone 1 PXAT 1000005
            > KEYS o*
            ["one"]
            > KEYS [^og]*
            ["two"]
            + 5
            > KEYS g*
            []
            > DBSIZE
            4
            > SCAN 0 MATCH g* COUNT 1000
            ["0", []]
            ~ DEL gone
            "#,
        );
    }

    /// All names that a whole walk with these options emits.
    fn walk(bench: &mut Bench, options: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut cursor = "0".to_owned();
        for _ in 0..10_000 {
            let reply = bench.run(&format!("SCAN {cursor} {options}")).swap_remove(0);
            let (head, tail) = reply.split_once(", [").unwrap();
            let tail = tail.trim_end_matches(']');
            names.extend(tail.split(", ").filter(|name| !name.is_empty()).map(str::to_owned));
            cursor = head.trim_matches(['[', '"']).to_owned();
            if cursor == "0" {
                return names;
            }
        }
        panic!("the walk does not end");
    }

    #[test]
    fn a_walk_names_every_key() {
        let mut bench = Bench::new();
        for i in 0..1000 {
            bench.run(&format!("SET key:{i} {i}"));
        }
        for options in ["", "COUNT 1", "COUNT 7 MATCH *", "COUNT 100000", "TYPE STRING"] {
            assert_eq!(walk(&mut bench, options).len(), 1000, "{options}");
        }
        assert_eq!(walk(&mut bench, "MATCH key:?5").len(), 9);
        assert_eq!(walk(&mut bench, "TYPE list").len(), 0);
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (line, expect) in [
            ("SCAN x", "ERR invalid cursor"),
            ("SCAN -1", "ERR invalid cursor"),
            ("SCAN 18446744073709551616", "ERR invalid cursor"),
            ("SCAN 0 COUNT 0", "ERR syntax error"),
            ("SCAN 0 COUNT x", "ERR value is not an integer or out of range"),
            ("SCAN 0 MATCH", "ERR syntax error"),
            ("SCAN 0 NOVALUES", "ERR NOVALUES option can only be used in HSCAN"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }
}
