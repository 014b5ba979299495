//! Strings, several at a time: MGET, MSET and MSETNX.

use super::Context;
use super::Outcome;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::string::reply_string;
use crate::error;
use crate::resp::Args;
use crate::store::Entry;
use crate::store::KeyEvent;
use crate::store::Ttl;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "mget",
        summary: "Reads the strings of several keys at once.",
        complexity: "O(N) for N keys",
        arity: -2,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::range(1, -1, 1, KeyFlags::READ)],
        args: &[Arg::key("key").multiple()],
        tips: &["request_policy:multi_shard"],
        run: Run::Data(mget),
        ..BASE
    },
    Command {
        name: "mset",
        since: "1.0.1",
        summary: "Stores several strings at once.",
        complexity: "O(N) for N keys",
        arity: -3,
        flags: GROW,
        keys: &[KeySpec::range(1, -1, 2, KeyFlags::OVERWRITE)],
        args: &[Arg::block("data", &[Arg::key("key"), Arg::string("value")]).multiple()],
        tips: &["request_policy:multi_shard", "response_policy:all_succeeded"],
        propagation: Rule::Verbatim,
        run: Run::Data(mset),
        ..BASE
    },
    Command {
        name: "msetnx",
        since: "1.0.1",
        summary: "Stores several strings at once, or none if any of the keys exists.",
        complexity: "O(N) for N keys",
        arity: -3,
        flags: GROW,
        keys: &[KeySpec::range(1, -1, 2, KeyFlags::CREATE)],
        args: &[Arg::block("data", &[Arg::key("key"), Arg::string("value")]).multiple()],
        tips: &["request_policy:multi_shard", "response_policy:agg_min"],
        propagation: Rule::Verbatim,
        run: Run::Data(msetnx),
        ..BASE
    },
];

const GROW: Flags = Flags::WRITE.with(Flags::DENYOOM);

const BASE: Command =
    Command { group: Group::String, categories: Categories::STRING, ..Command::BASE };

fn mget(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    ctx.reply.array(args.len() - 1);
    for key in args.from(1).iter() {
        let (entry, reply) = ctx.read_for_reply(key);
        match entry.and_then(Entry::string) {
            Some(value) => reply_string(reply, value),
            None => reply.null(),
        }
    }
    Ok(())
}

fn mset(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    if args.len().is_multiple_of(2) {
        return Err(error::wrong_arity("mset"));
    }
    set_pairs(ctx, args);
    ctx.reply.ok();
    Ok(())
}

fn msetnx(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    if args.len().is_multiple_of(2) {
        return Err(error::wrong_arity("msetnx"));
    }
    let absent = args.from(1).iter().step_by(2).all(|key| !ctx.exists(key));
    if absent {
        set_pairs(ctx, args);
    }
    ctx.reply.flag(absent);
    Ok(())
}

fn set_pairs(ctx: &mut Context<'_>, args: Args<'_>) {
    for at in (1..args.len()).step_by(2) {
        ctx.set_string(args.at(at), args.at(at + 1), Ttl::Clear);
        ctx.notify(KeyEvent::SET, args.at(at));
        ctx.changed(1);
    }
}

#[cfg(test)]
mod tests {
    use crate::command::testing::check;

    #[test]
    fn msetnx_sets_all_or_nothing() {
        check(
            r#"
            > MSET a 1 b two a 3
            OK
            ~ MSET a 1 b two a 3
            > MSETNX b 1 c 2
            0
            > MSETNX c 2 d 3
            1
            ~ MSETNX c 2 d 3
            > MGET a b c d e
            ["3", "two", "2", "3", nil]
            "#,
        );
    }

    #[test]
    fn pairs_have_to_be_pairs() {
        for (line, expect) in [
            ("MSET a", "ERR wrong number of arguments for 'mset' command"),
            ("MSET a 1 b", "ERR wrong number of arguments for 'mset' command"),
            ("MSETNX a 1 b", "ERR wrong number of arguments for 'msetnx' command"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }
}
