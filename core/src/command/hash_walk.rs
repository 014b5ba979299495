//! Hashes as a whole: HGETALL, HKEYS and HVALS, and HSCAN, which takes a few fields at each call.

use super::Context;
use super::Outcome;
use super::hash::BASE;
use super::hash_field::Sight;
use super::scan_options::Names;
use super::scan_options::ScanOptions;
use super::scan_options::parse_cursor;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Run;
use super::string::reply_string;
use crate::data::Hash;
use crate::data::HashRef;
use crate::data::Pair;
use crate::resp::Args;
use crate::resp::Reply;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "hgetall",
        summary: "Replies with all fields and their values.",
        complexity: "O(N) for N fields in the hash",
        run: Run::Data(hgetall),
        ..WHOLE
    },
    Command {
        name: "hkeys",
        summary: "Replies with all fields.",
        complexity: "O(N) for N fields in the hash",
        run: Run::Data(hkeys),
        ..WHOLE
    },
    Command {
        name: "hvals",
        summary: "Replies with the values of all fields.",
        complexity: "O(N) for N fields in the hash",
        run: Run::Data(hvals),
        ..WHOLE
    },
    Command {
        name: "hscan",
        since: "2.8.0",
        summary: "Walks through the fields of a hash, some at each call.",
        complexity: "O(1) for a call, O(N) for the whole walk over N fields",
        arity: -3,
        args: &[
            Arg::key("key"),
            Arg::integer("cursor"),
            Arg::pattern("pattern").token("MATCH").optional(),
            Arg::integer("count").token("COUNT").optional(),
            Arg::word("novalues", "NOVALUES").since("7.4.0").optional(),
        ],
        tips: &["nondeterministic_output"],
        run: Run::Data(hscan),
        ..WHOLE
    },
];

const WHOLE: Command = Command {
    arity: 2,
    flags: Flags::READONLY,
    keys: &[KeySpec::at(1, KeyFlags::READ)],
    args: &[Arg::key("key")],
    tips: &["nondeterministic_output_order"],
    ..BASE
};

fn hgetall(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    reply_all(
        ctx,
        args,
        |reply, fields| reply.map(fields),
        |reply, pair| {
            reply_string(reply, pair.field);
            reply_string(reply, pair.value);
        },
    )
}

fn hkeys(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    reply_all(
        ctx,
        args,
        |reply, fields| reply.array(fields),
        |reply, pair| reply_string(reply, pair.field),
    )
}

fn hvals(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    reply_all(
        ctx,
        args,
        |reply, fields| reply.array(fields),
        |reply, pair| reply_string(reply, pair.value),
    )
}

/// Replies with what `write` makes of each field, after a head that says how many there are.
fn reply_all(
    ctx: &mut Context<'_>,
    args: Args<'_>,
    head: impl FnOnce(&mut Reply<'_>, usize),
    write: impl Fn(&mut Reply<'_>, Pair<'_>),
) -> Outcome {
    let sight = Sight::of(ctx);
    let (hash, reply) = ctx.read_as_for_reply::<Hash>(args.at(1))?;
    let Some(hash) = hash else {
        head(reply, 0);
        return Ok(());
    };
    let is_visible = |pair: &Pair<'_>| !sight.hides(pair);
    let is_partial = sight.is_partial(hash);
    head(reply, if is_partial { hash.iter().filter(is_visible).count() } else { hash.len() });
    hash.iter().filter(is_visible).for_each(|pair| write(reply, pair));
    Ok(())
}

fn hscan(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let mut cursor = parse_cursor(args.at(2))?;
    let sight = Sight::of(ctx);
    let (hash, reply) = ctx.read_as_for_reply::<Hash>(args.at(1))?;
    let mut found = Vec::new();
    let mut omits_values = false;
    if let Some(hash) = hash {
        let options = ScanOptions::parse(args.from(3), Names::Fields)?;
        omits_values = options.omits_values;
        cursor = collect(hash, cursor, &options, sight, &mut found);
    } else {
        cursor = 0;
    }
    reply.array(2);
    reply.bulk(cursor.to_string().as_bytes());
    reply.array(if omits_values { found.len() } else { found.len() * 2 });
    for pair in found {
        reply_string(reply, pair.field);
        if !omits_values {
            reply_string(reply, pair.value);
        }
    }
    Ok(())
}

/// The fields of one call, and the cursor of the next.
fn collect<'a>(
    hash: HashRef<'a>,
    cursor: u64,
    options: &ScanOptions<'_>,
    sight: Sight,
    found: &mut Vec<Pair<'a>>,
) -> u64 {
    let mut buffer = itoa::Buffer::new();
    options.walk(cursor, |cursor, seen| {
        hash.scan(cursor, |pair| {
            *seen += 1;
            if options.pattern.matches(pair.field.as_bytes(&mut buffer)) && !sight.hides(&pair) {
                found.push(pair);
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::command::testing::Bench;
    use crate::resp::Protocol;

    #[test]
    fn replies_with_all_of_a_small_hash_in_its_order() {
        let transcript = r#"
            > HSET h a 1 b two 3 c
            3
            ~ HSET h a 1 b two 3 c
            > HKEYS h
            ["a", "b", "3"]
            > HVALS h
            ["1", "two", "c"]
            > HKEYS nope
            []
            > HSCAN h 0
            ["0", ["a", "1", "b", "two", "3", "c"]]
            > HSCAN h 0 COUNT 1 MATCH ?
            ["0", ["a", "1", "b", "two", "3", "c"]]
            > HSCAN h 7 match [ab] novalues
            ["0", ["a", "b"]]
            > HSCAN nope 5
            ["0", []]
            > HSCAN nope 5 NONSENSE
            ["0", []]
            > HSCAN h x
            (error) ERR invalid cursor
            > HSCAN h 0 TYPE hash
            (error) ERR syntax error
            > HSCAN h 0 COUNT 0
            (error) ERR syntax error
            "#;
        for (protocol, all, none) in [
            (Protocol::Resp2, r#"["a", "1", "b", "two", "3", "c"]"#, "[]"),
            (Protocol::Resp3, r#"{"a", "1", "b", "two", "3", "c"}"#, "{}"),
        ] {
            let mut bench = Bench::new();
            bench.protocol = protocol;
            bench.check(transcript);
            assert_eq!(bench.run("HGETALL h"), [all]);
            assert_eq!(bench.run("HGETALL nope"), [none]);
        }
    }

    #[test]
    fn a_walk_names_every_field_while_the_hash_changes() {
        let mut bench = Bench::new();
        for i in 0..1000 {
            bench.run(&format!("HSET h stays:{i} {i}"));
        }
        for options in ["", "COUNT 1", "COUNT 70 MATCH stays:*", "COUNT 100000"] {
            let mut names = BTreeSet::new();
            let mut cursor = "0".to_owned();
            for step in 0..10_000 {
                let line = format!("HSCAN h {cursor} {options} NOVALUES");
                let reply = bench.run(&line).swap_remove(0);
                let (head, tail) = reply.split_once(", [").unwrap();
                let found = tail.trim_end_matches(']').split(", ").map(str::to_owned);
                names.extend(found.filter(|name| name.contains("stays")));
                cursor = head.trim_matches(['[', '"']).to_owned();
                if cursor == "0" {
                    break;
                }
                let action = if step % 2 == 0 { "HSET h" } else { "HDEL h" };
                let fields = (0..40).map(|i| format!(" goes:{i} 0"));
                bench.run(&fields.fold(action.to_owned(), |line, field| line + &field));
            }
            assert_eq!((names.len(), cursor.as_str()), (1000, "0"), "{options}");
        }
    }
}
