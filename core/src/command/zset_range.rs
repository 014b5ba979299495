//! ZRANGE and its elder kin: members by rank, by score or by their bytes, listed or stored.
//!
//! Every form comes to a range of ranks, of which LIMIT takes a part, walked in one direction or the
//! other.

use std::ops::Range;

use itoa::Buffer;

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
use super::zset::reply_members;
use super::zset::score_range;
use crate::data::LexRange;
use crate::data::ScoreRange;
use crate::data::ZSet;
use crate::data::zset;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "zrange",
        since: "1.2.0",
        summary: "Lists members by rank, by score or by their bytes.",
        complexity: "O(log(N)+M) for M of the N members",
        arity: -4,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::string("start"),
            Arg::string("stop"),
            SORT_BY.since("6.2.0").optional(),
            Arg::word("rev", "REV").since("6.2.0").optional(),
            LIMIT.since("6.2.0").optional(),
            WITH_SCORES,
        ],
        history: &[("6.2.0", "`REV`, `BYSCORE`, `BYLEX` and `LIMIT`.")],
        run: Run::Data(zrange),
        ..BASE
    },
    Command {
        name: "zrevrange",
        since: "1.2.0",
        summary: "Lists members by rank, from the highest score to the lowest.",
        complexity: "O(log(N)+M) for M of the N members",
        arity: -4,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::integer("start"), Arg::integer("stop"), WITH_SCORES],
        deprecated: Some(("6.2.0", "`ZRANGE` with the `REV` argument")),
        run: Run::Data(zrevrange),
        ..BASE
    },
    Command {
        name: "zrangebyscore",
        since: "1.0.5",
        summary: "Lists the members whose scores are in a range.",
        complexity: "O(log(N)+M) for M of the N members",
        arity: -4,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::double("min"),
            Arg::double("max"),
            Arg::word("withscores", "WITHSCORES").since("2.0.0").optional(),
            LIMIT.optional(),
        ],
        history: &[("2.0.0", "`WITHSCORES`.")],
        deprecated: Some(("6.2.0", "`ZRANGE` with the `BYSCORE` argument")),
        run: Run::Data(zrangebyscore),
        ..BASE
    },
    Command {
        name: "zrevrangebyscore",
        since: "2.2.0",
        summary: "Lists the members whose scores are in a range, from the highest to the lowest.",
        complexity: "O(log(N)+M) for M of the N members",
        arity: -4,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[
            Arg::key("key"),
            Arg::double("max"),
            Arg::double("min"),
            WITH_SCORES,
            LIMIT.optional(),
        ],
        history: &[("2.1.6", "Bounds that are not part of the range.")],
        deprecated: Some(("6.2.0", "`ZRANGE` with the `REV` and `BYSCORE` arguments")),
        run: Run::Data(zrevrangebyscore),
        ..BASE
    },
    Command {
        name: "zrangebylex",
        since: "2.8.9",
        summary: "Lists the members between two others, where all scores are equal.",
        complexity: "O(log(N)+M) for M of the N members",
        arity: -4,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::string("min"), Arg::string("max"), LIMIT.optional()],
        deprecated: Some(("6.2.0", "`ZRANGE` with the `BYLEX` argument")),
        run: Run::Data(zrangebylex),
        ..BASE
    },
    Command {
        name: "zrevrangebylex",
        since: "2.8.9",
        summary: "Lists the members between two others, from the greatest to the least, where all scores are equal.",
        complexity: "O(log(N)+M) for M of the N members",
        arity: -4,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key"), Arg::string("max"), Arg::string("min"), LIMIT.optional()],
        deprecated: Some(("6.2.0", "`ZRANGE` with the `REV` and `BYLEX` arguments")),
        run: Run::Data(zrevrangebylex),
        ..BASE
    },
    Command {
        name: "zrangestore",
        since: "6.2.0",
        summary: "Stores the members that ZRANGE would list, under another key.",
        complexity: "O(log(N)+M) for M of the N members",
        arity: -5,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::OVERWRITE), KeySpec::at(2, KeyFlags::READ)],
        args: &[
            Arg::key("dst"),
            Arg::key("src").of_spec(1),
            Arg::string("min"),
            Arg::string("max"),
            SORT_BY.optional(),
            Arg::word("rev", "REV").optional(),
            LIMIT.optional(),
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(zrangestore),
        ..BASE
    },
];

const LIMIT: Arg =
    Arg::block("offset_count", &[Arg::integer("offset"), Arg::integer("count")]).token("LIMIT");
const SORT_BY: Arg =
    Arg::one_of("sortby", &[Arg::word("byscore", "BYSCORE"), Arg::word("bylex", "BYLEX")]);
const WITH_SCORES: Arg = Arg::word("withscores", "WITHSCORES").optional();

fn zrange(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    list(ctx, args, Syntax::default())
}

fn zrevrange(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    list(ctx, args, Syntax { by: Some(By::Rank), is_reverse: Some(true), ..Syntax::default() })
}

fn zrangebyscore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    list(ctx, args, Syntax { by: Some(By::Score), is_reverse: Some(false), ..Syntax::default() })
}

fn zrevrangebyscore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    list(ctx, args, Syntax { by: Some(By::Score), is_reverse: Some(true), ..Syntax::default() })
}

fn zrangebylex(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    list(ctx, args, Syntax { by: Some(By::Lex), is_reverse: Some(false), ..Syntax::default() })
}

fn zrevrangebylex(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    list(ctx, args, Syntax { by: Some(By::Lex), is_reverse: Some(true), ..Syntax::default() })
}

fn list(ctx: &mut Context<'_>, args: Args<'_>, syntax: Syntax) -> Outcome {
    let query = syntax.parse(args.from(1))?;
    let (zset, reply) = ctx.read_as_for_reply::<ZSet>(args.at(1))?;
    match zset {
        Some(zset) => reply_members(reply, query.of(zset), query.with_scores),
        None => reply.array(0),
    }
    Ok(())
}

fn zrangestore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (target, source) = (args.at(1), args.at(2));
    let query = Syntax { stores: true, ..Syntax::default() }.parse(args.from(2))?;
    let limits = ctx.limits;
    let found = ctx.read_as::<ZSet>(source)?.map(|zset| {
        let members = query.of(zset);
        let mut stored = ZSet::sized_for(query.known_len(members.len()), 0, limits);
        let mut buffer = Buffer::new();
        members.for_each(|(member, score)| {
            stored.insert(member.as_bytes(&mut buffer), score, limits);
        });
        stored
    });
    store(ctx, KeyEvent::ZRANGESTORE, target, found.unwrap_or_default());
    Ok(())
}

/// Puts the result of a command under a key, in place of any value there, and replies with its
/// length. An empty result leaves no key.
pub(super) fn store(ctx: &mut Context<'_>, event: KeyEvent, key: &[u8], zset: ZSet) {
    ctx.reply.count(zset.len());
    if !zset.is_empty() {
        ctx.put(key, zset);
        ctx.notify(event, key);
        ctx.changed(1);
    } else if ctx.delete(key) {
        ctx.changed(1);
    }
}

/// The ranks from `start` to `stop`, which count from the end where they are negative.
pub(super) fn rank_range(start: i64, stop: i64, len: usize) -> Range<usize> {
    let signed = i64::try_from(len).unwrap_or(i64::MAX);
    let absolute = |rank: i64| if rank < 0 { rank + signed } else { rank };
    let stop = absolute(stop).min(signed - 1);
    match (usize::try_from(absolute(start).max(0)), usize::try_from(stop)) {
        (Ok(start), Ok(stop)) if start <= stop => start..stop + 1,
        _ => 0..0,
    }
}

/// What a command leaves to its arguments.
#[derive(Clone, Copy, Default)]
struct Syntax {
    /// What the range is of, where the command's name says it.
    by: Option<By>,
    is_reverse: Option<bool>,
    /// Scores are stored, not shown.
    stores: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Rank,
    Score,
    Lex,
}

/// The members that are asked for.
struct Query<'a> {
    bounds: Bounds<'a>,
    is_reverse: bool,
    limit: Limit,
    with_scores: bool,
}

enum Bounds<'a> {
    Ranks(i64, i64),
    Scores(ScoreRange),
    Members(LexRange<'a>),
}

/// Which of the members in the range: a negative offset leaves none, a negative count is none at
/// all.
#[derive(Clone, Copy)]
struct Limit {
    offset: i64,
    count: i64,
}

impl Syntax {
    /// Reads source, both ends of the range, and the options after them.
    fn parse<'a>(self, words: Args<'a>) -> Result<Query<'a>, CommandError> {
        let (mut by, mut is_reverse) = (self.by, self.is_reverse);
        let (mut limit, mut with_scores) = (Limit::NONE, false);
        let mut at = 3;
        while at < words.len() {
            if !self.stores && words.is(at, "WITHSCORES") {
                with_scores = true;
            } else if words.is(at, "LIMIT") && words.len() > at + 2 {
                let (offset, count) = (words.at(at + 1), words.at(at + 2));
                limit = Limit { offset: integer(offset)?, count: integer(count)? };
                at += 2;
            } else if is_reverse.is_none() && words.is(at, "REV") {
                is_reverse = Some(true);
            } else if by.is_none() && words.is(at, "BYLEX") {
                by = Some(By::Lex);
            } else if by.is_none() && words.is(at, "BYSCORE") {
                by = Some(By::Score);
            } else {
                return Err(error::SYNTAX);
            }
            at += 1;
        }
        let (by, is_reverse) = (by.unwrap_or(By::Rank), is_reverse.unwrap_or(false));
        if limit.count != -1 && by == By::Rank {
            return Err(error::LIMIT_OF_RANKS);
        }
        if with_scores && by == By::Lex {
            return Err(error::SCORES_BY_LEX);
        }
        if by == By::Rank {
            limit = Limit::NONE;
        }
        let bounds = by.bounds(words.at(1), words.at(2), is_reverse)?;
        Ok(Query { bounds, is_reverse, limit, with_scores })
    }
}

impl By {
    /// The range between two ends; that of scores and members begins with its greater end in
    /// reverse.
    fn bounds<'a>(
        self,
        start: &'a [u8],
        stop: &'a [u8],
        is_reverse: bool,
    ) -> Result<Bounds<'a>, CommandError> {
        let (min, max) = if is_reverse { (stop, start) } else { (start, stop) };
        Ok(match self {
            Self::Rank => Bounds::Ranks(integer(start)?, integer(stop)?),
            Self::Score => Bounds::Scores(score_range(min, max)?),
            Self::Lex => Bounds::Members(lex_range(min, max)?),
        })
    }
}

impl<'a> Query<'a> {
    /// The members found, in the order asked for.
    fn of<'z>(&self, zset: &'z ZSet) -> zset::Iter<'z> {
        let ranks = match &self.bounds {
            Bounds::Ranks(start, stop) => {
                let ranks = rank_range(*start, *stop, zset.len());
                match self.is_reverse && !ranks.is_empty() {
                    true => zset.len() - ranks.end..zset.len() - ranks.start,
                    false => ranks,
                }
            }
            Bounds::Scores(range) => zset.score_ranks(range),
            Bounds::Members(range) => zset.lex_ranks(range, self.is_reverse),
        };
        match self.is_reverse {
            true => zset.range_back(self.limit.last_of(ranks)),
            false => zset.range(self.limit.first_of(ranks)),
        }
    }

    /// The number of members, where Redis knows it before it walks.
    fn known_len(&self, len: usize) -> usize {
        if matches!(self.bounds, Bounds::Ranks(..)) { len } else { 0 }
    }
}

impl Limit {
    const NONE: Self = Self { offset: 0, count: -1 };

    fn first_of(self, ranks: Range<usize>) -> Range<usize> {
        let (skipped, taken) = self.part_of(ranks.len());
        ranks.start + skipped..ranks.start + skipped + taken
    }

    fn last_of(self, ranks: Range<usize>) -> Range<usize> {
        let (skipped, taken) = self.part_of(ranks.len());
        ranks.end - skipped - taken..ranks.end - skipped
    }

    /// How many of `len` members to skip, and how many to take then.
    fn part_of(self, len: usize) -> (usize, usize) {
        let skipped = usize::try_from(self.offset).map_or(len, |offset| offset.min(len));
        let left = len - skipped;
        (skipped, usize::try_from(self.count).map_or(left, |count| count.min(left)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::super::testing::check;
    use crate::resp::Protocol;

    #[test]
    fn ranges_of_every_kind() {
        let mut bench = Bench::new();
        bench.run("ZADD z 1 a 2 b 3 c 4 d 5 e");
        bench.run("ZADD l 0 a 0 b 0 c 0 d 0 e");
        for (line, expect) in [
            ("ZRANGE z 0 1", r#"["a", "b"]"#),
            ("ZRANGE z -2 100", r#"["d", "e"]"#),
            ("ZRANGE z -100 -5", r#"["a"]"#),
            ("ZRANGE z 3 1", "[]"),
            ("ZRANGE z 5 9", "[]"),
            ("ZRANGE z 0 -9223372036854775808", "[]"),
            ("ZRANGE z 0 1 REV", r#"["e", "d"]"#),
            ("ZREVRANGE z 1 2 WITHSCORES", r#"["d", "4", "c", "3"]"#),
            ("ZRANGE z 0 0 LIMIT 3 -1", r#"["a"]"#),
            ("ZRANGE z (1 3 BYSCORE", r#"["b", "c"]"#),
            ("ZRANGE z 3 (1 byscore rev", r#"["c", "b"]"#),
            ("ZRANGE z -inf +inf BYSCORE LIMIT 1 2 WITHSCORES", r#"["b", "2", "c", "3"]"#),
            ("ZRANGEBYSCORE z 2 4 LIMIT 1 -1", r#"["c", "d"]"#),
            ("ZRANGEBYSCORE z 2 4 LIMIT 3 1", "[]"),
            ("ZRANGEBYSCORE z 2 4 LIMIT -1 1", "[]"),
            ("ZRANGEBYSCORE z 2 4 LIMIT 0 0", "[]"),
            ("ZREVRANGEBYSCORE z 4 2 LIMIT 1 1", r#"["c"]"#),
            ("ZREVRANGEBYSCORE z 2 4", "[]"),
            ("ZRANGE l [b (d BYLEX", r#"["b", "c"]"#),
            ("ZRANGE l + [c BYLEX REV LIMIT 1 5", r#"["d", "c"]"#),
            ("ZRANGEBYLEX l - + LIMIT 4 10", r#"["e"]"#),
            ("ZREVRANGEBYLEX l (c -", r#"["b", "a"]"#),
            ("ZRANGE none 0 -1", "[]"),
        ] {
            bench.check(&format!("> {line}\n{expect}"));
        }
        bench.protocol = Protocol::Resp3;
        bench.check("> ZRANGE z 0 1 WITHSCORES\n[[\"a\", 1], [\"b\", 2]]");
    }

    #[test]
    fn ranges_are_stored() {
        check(
            r#"
            > ZADD z 1 a 2 b 3 c
            3
            ~ ZADD z 1 a 2 b 3 c
            > ZRANGESTORE d z 1 9
            2
            ~ ZRANGESTORE d z 1 9
            > ZRANGE d 0 -1 WITHSCORES
            ["b", "2", "c", "3"]
            > ZRANGESTORE z z 3 2 BYSCORE REV LIMIT 1 1
            1
            ~ ZRANGESTORE z z 3 2 BYSCORE REV LIMIT 1 1
            > ZRANGE z 0 -1
            ["b"]
            > ZRANGESTORE d none 0 -1
            0
            ~ ZRANGESTORE d none 0 -1
            > ZRANGESTORE d none 0 -1
            0
            > EXISTS d
            0
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        let limit =
            "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX";
        let scores = "ERR syntax error, WITHSCORES not supported in combination with BYLEX";
        for (line, expect) in [
            ("ZRANGE z 0 1 LIMIT 0 1", limit),
            ("ZREVRANGE z 0 1 LIMIT 0 1", limit),
            ("ZRANGE z - + BYLEX WITHSCORES", scores),
            ("ZRANGEBYLEX z - + WITHSCORES", scores),
            ("ZRANGE z 0 1 REV REV", "ERR syntax error"),
            ("ZREVRANGE z 0 1 REV", "ERR syntax error"),
            ("ZRANGEBYSCORE z 0 1 BYSCORE", "ERR syntax error"),
            ("ZRANGE z 0 1 BYSCORE BYSCORE", "ERR syntax error"),
            ("ZRANGEBYSCORE z 0 1 LIMIT 1", "ERR syntax error"),
            ("ZRANGEBYSCORE z x 1 LIMIT x 1", "ERR value is not an integer or out of range"),
            ("ZRANGE z a 1", "ERR value is not an integer or out of range"),
            ("ZRANGE z a 1 BYSCORE", "ERR min or max is not a float"),
            ("ZRANGE z a + BYLEX", "ERR min or max not valid string range item"),
            ("ZRANGESTORE d z 0 1 WITHSCORES", "ERR syntax error"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }
}
