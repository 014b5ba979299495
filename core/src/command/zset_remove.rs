//! Sorted sets: members go, by name or by range.

use std::ops::Range;

use super::Context;
use super::Outcome;
use super::integer;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::zset::BASE;
use super::zset::lex_range;
use super::zset::score_range;
use super::zset_range::rank_range;
use crate::data::ZSet;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "zrem",
        since: "1.2.0",
        summary: "Removes members.",
        complexity: "O(M*log(N)) for M members and a set of N",
        arity: -3,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, REMOVE)],
        args: &[Arg::key("key"), Arg::string("member").multiple()],
        history: &[("2.4.0", "More than one member.")],
        propagation: Rule::Verbatim,
        run: Run::Data(zrem),
        ..BASE
    },
    Command {
        name: "zremrangebyrank",
        since: "2.0.0",
        summary: "Removes the members of a range of ranks.",
        complexity: "O(log(N)+M) for M of the N members",
        arity: 4,
        flags: Flags::WRITE,
        keys: &[KeySpec::at(1, REMOVE)],
        args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("stop")],
        propagation: Rule::Verbatim,
        run: Run::Data(zremrangebyrank),
        ..BASE
    },
    Command {
        name: "zremrangebyscore",
        since: "1.2.0",
        summary: "Removes the members whose scores are in a range.",
        complexity: "O(log(N)+M) for M of the N members",
        arity: 4,
        flags: Flags::WRITE,
        keys: &[KeySpec::at(1, REMOVE)],
        args: &[Arg::key("key"), Arg::double("min"), Arg::double("max")],
        propagation: Rule::Verbatim,
        run: Run::Data(zremrangebyscore),
        ..BASE
    },
    Command {
        name: "zremrangebylex",
        since: "2.8.9",
        summary: "Removes the members between two others, where all scores are equal.",
        complexity: "O(log(N)+M) for M of the N members",
        arity: 4,
        flags: Flags::WRITE,
        keys: &[KeySpec::at(1, REMOVE)],
        args: &[Arg::key("key"), Arg::string("min"), Arg::string("max")],
        propagation: Rule::Verbatim,
        run: Run::Data(zremrangebylex),
        ..BASE
    },
];

const REMOVE: KeyFlags = KeyFlags::RW.with(KeyFlags::DELETE);

fn zrem(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    remove(ctx, KeyEvent::ZREM, args.at(1), |zset| {
        args.from(2).iter().filter(|member| zset.remove(member).is_some()).count()
    })
}

fn zremrangebyrank(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (start, stop) = (integer(args.at(2))?, integer(args.at(3))?);
    remove_ranks(ctx, KeyEvent::ZREMRANGEBYRANK, args.at(1), |zset| {
        rank_range(start, stop, zset.len())
    })
}

fn zremrangebyscore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let range = score_range(args.at(2), args.at(3))?;
    remove_ranks(ctx, KeyEvent::ZREMRANGEBYSCORE, args.at(1), |zset| zset.score_ranks(&range))
}

fn zremrangebylex(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let range = lex_range(args.at(2), args.at(3))?;
    remove_ranks(ctx, KeyEvent::ZREMRANGEBYLEX, args.at(1), |zset| zset.lex_ranks(&range, false))
}

fn remove_ranks(
    ctx: &mut Context<'_>,
    event: KeyEvent,
    key: &[u8],
    ranks: impl FnOnce(&ZSet) -> Range<usize>,
) -> Outcome {
    remove(ctx, event, key, |zset| {
        let ranks = ranks(zset);
        zset.remove_ranks(ranks.clone());
        ranks.len()
    })
}

/// Replies with the number of members that `change` says it removed.
fn remove(
    ctx: &mut Context<'_>,
    event: KeyEvent,
    key: &[u8],
    change: impl FnOnce(&mut ZSet) -> usize,
) -> Outcome {
    let (mut removed, mut is_emptied) = (0, false);
    if let Some(mut zset) = ctx.edit_as::<ZSet>(key)? {
        removed = change(&mut zset);
        is_emptied = zset.is_empty();
    }
    if removed > 0 {
        ctx.notify(event, key);
    }
    if is_emptied {
        ctx.remove_emptied(key);
    }
    ctx.changed(removed);
    ctx.reply.count(removed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn members_go() {
        check(
            r#"
            > ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g
            7
            ~ ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g
            > ZREM z a a none
            1
            ~ ZREM z a a none
            > ZREM z none
            0
            > ZREMRANGEBYRANK z 1 0
            0
            > ZREMRANGEBYRANK z -1 -1
            1
            ~ ZREMRANGEBYRANK z -1 -1
            > ZREMRANGEBYSCORE z (2 3
            1
            ~ ZREMRANGEBYSCORE z (2 3
            > ZREMRANGEBYSCORE z 10 20
            0
            > ZRANGE z 0 -1
            ["b", "d", "e", "f"]
            > ZREMRANGEBYRANK z 0 -1
            4
            ~ ZREMRANGEBYRANK z 0 -1
            > EXISTS z
            0
            > ZADD l 0 a 0 b
            2
            ~ ZADD l 0 a 0 b
            > ZREMRANGEBYLEX l - [a
            1
            ~ ZREMRANGEBYLEX l - [a
            > ZREM l b
            1
            ~ ZREM l b
            > EXISTS l
            0
            > ZREM l b
            0
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (line, expect) in [
            ("ZREMRANGEBYRANK z a 1", "ERR value is not an integer or out of range"),
            ("ZREMRANGEBYSCORE z a 1", "ERR min or max is not a float"),
            ("ZREMRANGEBYLEX z a +", "ERR min or max not valid string range item"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }
}
