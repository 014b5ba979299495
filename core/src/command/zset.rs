//! Sorted sets: scores, ranks and counts of members.

use super::Context;
use super::Outcome;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Run;
use super::string::reply_string;
use crate::data::LexRange;
use crate::data::ScoreRange;
use crate::data::StrRef;
use crate::data::ZSet;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Protocol;
use crate::resp::Reply;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "zcard",
        since: "1.2.0",
        summary: "Counts the members of a sorted set.",
        arity: 2,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RO)],
        args: &[Arg::key("key")],
        run: Run::Data(zcard),
        ..BASE
    },
    Command {
        name: "zscore",
        since: "1.2.0",
        summary: "Tells the score of a member.",
        arity: 3,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::string("member")],
        run: Run::Data(zscore),
        ..BASE
    },
    Command {
        name: "zmscore",
        since: "6.2.0",
        summary: "Tells the scores of several members.",
        complexity: "O(N) for N members asked about",
        arity: -3,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::string("member").multiple()],
        run: Run::Data(zmscore),
        ..BASE
    },
    Command {
        name: "zrank",
        since: "2.0.0",
        summary: "Tells how many members have a lower score than this one.",
        complexity: "O(log(N)) for a set of N",
        arity: -3,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::string("member"),
            Arg::word("withscore", "WITHSCORE").since("7.2.0").optional(),
        ],
        history: &[("7.2.0", "`WITHSCORE`.")],
        run: Run::Data(zrank),
        ..BASE
    },
    Command {
        name: "zrevrank",
        since: "2.0.0",
        summary: "Tells how many members have a higher score than this one.",
        complexity: "O(log(N)) for a set of N",
        arity: -3,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::string("member"),
            Arg::word("withscore", "WITHSCORE").since("7.2.0").optional(),
        ],
        history: &[("7.2.0", "`WITHSCORE`.")],
        run: Run::Data(zrevrank),
        ..BASE
    },
    Command {
        name: "zcount",
        since: "2.0.0",
        summary: "Counts the members whose scores are in a range.",
        complexity: "O(log(N)) for a set of N",
        arity: 4,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::double("min"), Arg::double("max")],
        run: Run::Data(zcount),
        ..BASE
    },
    Command {
        name: "zlexcount",
        since: "2.8.9",
        summary: "Counts the members between two others, where all scores are equal.",
        complexity: "O(log(N)) for a set of N",
        arity: 4,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::string("min"), Arg::string("max")],
        run: Run::Data(zlexcount),
        ..BASE
    },
];

/// What the entries of all sorted set commands have in common.
pub(super) const BASE: Command =
    Command { group: Group::SortedSet, categories: Categories::SORTED_SET, ..Command::BASE };

fn zcard(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let members = ctx.read_as::<ZSet>(args.at(1))?.map_or(0, ZSet::len);
    ctx.reply.count(members);
    Ok(())
}

fn zscore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let score = ctx.read_as::<ZSet>(args.at(1))?.and_then(|zset| zset.score(args.at(2)));
    reply_score(&mut ctx.reply, score);
    Ok(())
}

fn zmscore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let members = args.from(2);
    let (zset, reply) = ctx.read_as_for_reply::<ZSet>(args.at(1))?;
    reply.array(members.len());
    for member in members.iter() {
        reply_score(reply, zset.and_then(|zset| zset.score(member)));
    }
    Ok(())
}

fn zrank(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    rank(ctx, args, "zrank", |rank, _| rank)
}

fn zrevrank(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    rank(ctx, args, "zrevrank", |rank, members| members - 1 - rank)
}

fn rank(
    ctx: &mut Context<'_>,
    args: Args<'_>,
    name: &str,
    counted: impl FnOnce(usize, usize) -> usize,
) -> Outcome {
    if args.len() > 4 {
        return Err(error::wrong_arity(name));
    }
    let with_score = args.is(3, "WITHSCORE");
    if args.len() > 3 && !with_score {
        return Err(error::SYNTAX);
    }
    let (zset, reply) = ctx.read_as_for_reply::<ZSet>(args.at(1))?;
    let found = zset.and_then(|zset| {
        let (rank, score) = zset.rank(args.at(2))?;
        Some((counted(rank, zset.len()), score))
    });
    match (found, with_score) {
        (Some((rank, _)), false) => reply.count(rank),
        (Some((rank, score)), true) => {
            reply.array(2);
            reply.count(rank);
            reply.double(score);
        }
        (None, false) => reply.null(),
        (None, true) => reply.null_array(),
    }
    Ok(())
}

fn zcount(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let range = score_range(args.at(2), args.at(3))?;
    let zset = ctx.read_as::<ZSet>(args.at(1))?;
    let members = zset.map_or(0, |zset| zset.score_ranks(&range).len());
    ctx.reply.count(members);
    Ok(())
}

fn zlexcount(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let range = lex_range(args.at(2), args.at(3))?;
    let zset = ctx.read_as::<ZSet>(args.at(1))?;
    let members = zset.map_or(0, |zset| zset.lex_ranks(&range, false).len());
    ctx.reply.count(members);
    Ok(())
}

/// A range of scores.
///
/// # Errors
/// "min or max is not a float".
pub(super) fn score_range(min: &[u8], max: &[u8]) -> Result<ScoreRange, CommandError> {
    ScoreRange::parse(min, max).ok_or(error::NOT_A_SCORE_RANGE)
}

/// A range of members.
///
/// # Errors
/// "min or max not valid string range item".
pub(super) fn lex_range<'a>(min: &'a [u8], max: &'a [u8]) -> Result<LexRange<'a>, CommandError> {
    LexRange::parse(min, max).ok_or(error::NOT_A_LEX_RANGE)
}

/// The score, or null.
pub(super) fn reply_score(reply: &mut Reply<'_>, score: Option<f64>) {
    match score {
        Some(score) => reply.double(score),
        None => reply.null(),
    }
}

/// Members, with their scores if these are asked for: in RESP2 one flat list, in RESP3 pairs.
pub(super) fn reply_members<'z>(
    reply: &mut Reply<'_>,
    members: impl ExactSizeIterator<Item = (StrRef<'z>, f64)>,
    with_scores: bool,
) {
    if !with_scores {
        reply.array(members.len());
        return members.for_each(|(member, _)| reply_string(reply, member));
    }
    let is_flat = reply.protocol() == Protocol::Resp2;
    reply.array(if is_flat { members.len() * 2 } else { members.len() });
    for (member, score) in members {
        if !is_flat {
            reply.array(2);
        }
        reply_string(reply, member);
        reply.double(score);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::super::testing::check;
    use crate::resp::Protocol;

    #[test]
    fn scores_and_ranks() {
        check(
            r#"
            > ZADD z 1 a 2 b 2.5 c -inf d
            4
            ~ ZADD z 1 a 2 b 2.5 c -inf d
            > ZCARD z
            4
            > ZSCORE z c
            "2.5"
            > ZSCORE z d
            "-inf"
            > ZSCORE z e
            nil
            > ZMSCORE z a e b
            ["1", nil, "2"]
            > ZMSCORE none a e
            [nil, nil]
            > ZRANK z d
            0
            > ZREVRANK z d
            3
            > ZRANK z c WITHSCORE
            [3, "2.5"]
            > ZREVRANK z c withscore
            [0, "2.5"]
            > ZRANK z e
            nil
            > ZRANK none e WITHSCORE
            nil
            > ZCOUNT z (1 +inf
            2
            > ZCOUNT none 1 2
            0
            > ZADD l 0 a 0 b 0 c
            3
            ~ ZADD l 0 a 0 b 0 c
            > ZLEXCOUNT l (a +
            2
            > SET s 1
            OK
            ~ SET s 1
            > ZCARD s
            (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZCOUNT s x 1
            (error) ERR min or max is not a float
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (line, expect) in [
            ("ZRANK z m x", "ERR syntax error"),
            ("ZRANK z m WITHSCORE x", "ERR wrong number of arguments for 'zrank' command"),
            ("ZREVRANK z m WITHSCORE x", "ERR wrong number of arguments for 'zrevrank' command"),
            ("ZCOUNT z a 1", "ERR min or max is not a float"),
            ("ZCOUNT z 1 nan", "ERR min or max is not a float"),
            ("ZLEXCOUNT z a [b", "ERR min or max not valid string range item"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }

    #[test]
    fn resp3_has_doubles() {
        let mut bench = Bench::new();
        bench.protocol = Protocol::Resp3;
        bench.check(
            r#"
            > ZADD z 1.5 a
            1
            ~ ZADD z 1.5 a
            > ZSCORE z a
            1.5
            > ZSCORE z b
            nil
            > ZRANK z a WITHSCORE
            [0, 1.5]
            > ZRANK z b WITHSCORE
            nil
            "#,
        );
    }
}
