//! Sorted sets: members of the lowest or highest scores are taken, now or when there are any.
//!
//! What is taken travels as ZPOPMIN or ZPOPMAX of the key that had it.

use super::Block;
use super::BlockKind;
use super::Context;
use super::Outcome;
use super::block::timeout_s;
use super::digits;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::zset::BASE;
use crate::data::ZSet;
use crate::data::number;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Protocol;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "zpopmin",
        since: "5.0.0",
        summary: "Removes the members of the lowest scores and answers with them.",
        complexity: "O(M*log(N)) for M of the N members",
        arity: -2,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, POP)],
        args: &[Arg::key("key"), Arg::integer("count").optional()],
        propagation: Rule::Verbatim,
        run: Run::Data(zpopmin),
        ..BASE
    },
    Command {
        name: "zpopmax",
        since: "5.0.0",
        summary: "Removes the members of the highest scores and answers with them.",
        complexity: "O(M*log(N)) for M of the N members",
        arity: -2,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, POP)],
        args: &[Arg::key("key"), Arg::integer("count").optional()],
        propagation: Rule::Verbatim,
        run: Run::Data(zpopmax),
        ..BASE
    },
    Command {
        name: "zmpop",
        since: "7.0.0",
        summary: "Removes members from the first of the sorted sets that has any.",
        complexity: "O(K)+O(M*log(N)) for K keys and M of the N members",
        arity: -4,
        flags: Flags::WRITE,
        keys: &[KeySpec::numbered(1, POP)],
        args: &[Arg::integer("numkeys"), Arg::key("key").multiple(), WHERE, COUNT],
        propagation: Rule::Verbatim,
        run: Run::Data(zmpop),
        ..BASE
    },
    Command {
        name: "bzpopmin",
        since: "5.0.0",
        summary: "Removes the member of the lowest score from the first sorted set that has one, or waits for one.",
        complexity: "O(log(N)) for a set of N",
        arity: -3,
        flags: Flags::WRITE.with(Flags::BLOCKING).with(Flags::FAST),
        keys: &[KeySpec::range(1, -2, 1, POP)],
        args: &[Arg::key("key").multiple(), Arg::double("timeout")],
        history: &[("6.0.0", "Fractions of a second.")],
        propagation: Rule::Verbatim,
        run: Run::Data(bzpopmin),
        ..BASE
    },
    Command {
        name: "bzpopmax",
        since: "5.0.0",
        summary: "Removes the member of the highest score from the first sorted set that has one, or waits for one.",
        complexity: "O(log(N)) for a set of N",
        arity: -3,
        flags: Flags::WRITE.with(Flags::BLOCKING).with(Flags::FAST),
        keys: &[KeySpec::range(1, -2, 1, POP)],
        args: &[Arg::key("key").multiple(), Arg::double("timeout")],
        history: &[("6.0.0", "Fractions of a second.")],
        propagation: Rule::Verbatim,
        run: Run::Data(bzpopmax),
        ..BASE
    },
    Command {
        name: "bzmpop",
        since: "7.0.0",
        summary: "Removes members from the first of the sorted sets that has any, or waits for one.",
        complexity: "O(K)+O(M*log(N)) for K keys and M of the N members",
        arity: -5,
        flags: Flags::WRITE.with(Flags::BLOCKING),
        keys: &[KeySpec::numbered(2, POP)],
        args: &[
            Arg::double("timeout"),
            Arg::integer("numkeys"),
            Arg::key("key").multiple(),
            WHERE,
            COUNT,
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(bzmpop),
        ..BASE
    },
];

const POP: KeyFlags = KeyFlags::RW.with(KeyFlags::ACCESS).with(KeyFlags::DELETE);
const WHERE: Arg = Arg::one_of("where", &[Arg::word("min", "MIN"), Arg::word("max", "MAX")]);
const COUNT: Arg = Arg::integer("count").token("COUNT").optional();

/// The end of a set that members are taken from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Min,
    Max,
}

/// Members taken, and their scores.
type Taken = Vec<(Vec<u8>, f64)>;

fn zpopmin(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    pop(ctx, args, End::Min)
}

fn zpopmax(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    pop(ctx, args, End::Max)
}

fn pop(ctx: &mut Context<'_>, args: Args<'_>, end: End) -> Outcome {
    if args.len() > 3 {
        return Err(error::SYNTAX);
    }
    let count = match args.maybe(2) {
        Some(count) => Some(at_least(count, 0, error::NOT_POSITIVE)?),
        None => None,
    };
    let taken = take(ctx, args.at(1), end, count.unwrap_or(1))?.unwrap_or_default();
    ctx.changed(taken.len());
    let is_nested = count.is_some() && ctx.reply.protocol() == Protocol::Resp3;
    if is_nested {
        reply_pairs(ctx, &taken);
    } else {
        ctx.reply.array(taken.len() * 2);
        reply_flat(ctx, &taken);
    }
    Ok(())
}

fn zmpop(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let request = Many::parse(args.from(1))?;
    if !request.serve(ctx)? {
        ctx.reply.null_array();
    }
    Ok(())
}

fn bzpopmin(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    pop_or_wait(ctx, args, End::Min)
}

fn bzpopmax(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    pop_or_wait(ctx, args, End::Max)
}

fn pop_or_wait(ctx: &mut Context<'_>, args: Args<'_>, end: End) -> Outcome {
    let last = args.len() - 1;
    let until = timeout_s(ctx.now, args.at(last))?;
    let keys = args.from(1).iter().take(last - 1);
    for key in keys.clone() {
        let Some(taken) = take(ctx, key, end, 1)? else { continue };
        ctx.changed(taken.len());
        ctx.propagate(&[end.command(), key]);
        ctx.reply.array(1 + taken.len() * 2);
        ctx.reply.bulk(key);
        reply_flat(ctx, &taken);
        return Ok(());
    }
    wait(ctx, Block::new(BlockKind::SortedSet, keys, until));
    Ok(())
}

fn bzmpop(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let request = Many::parse(args.from(2))?;
    let until = timeout_s(ctx.now, args.at(1))?;
    if !request.serve(ctx)? {
        let keys = request.keys.iter().copied();
        wait(ctx, Block::new(BlockKind::SortedSet, keys, until));
    }
    Ok(())
}

/// Waits, or answers that there is nothing where waiting is not allowed.
fn wait(ctx: &mut Context<'_>, block: Block) {
    match ctx.may_block() {
        true => ctx.block(block),
        false => ctx.reply.null_array(),
    }
}

/// What ZMPOP and BZMPOP ask for: a number of keys, the keys, an end, how many at most.
struct Many<'a> {
    keys: Vec<&'a [u8]>,
    end: End,
    count: usize,
}

impl<'a> Many<'a> {
    fn parse(words: Args<'a>) -> Result<Self, CommandError> {
        let keys = at_least(words.at(0), 1, error::NUMKEYS_NOT_POSITIVE)?;
        let options = words.from(keys.saturating_add(1));
        let end = match options {
            _ if options.is(0, "MIN") => End::Min,
            _ if options.is(0, "MAX") => End::Max,
            _ => return Err(error::SYNTAX),
        };
        let count = match options.len() {
            1 => 1,
            3 if options.is(1, "COUNT") => at_least(options.at(2), 1, error::POPPED_NOT_POSITIVE)?,
            _ if options.len() > 3 && options.is(1, "COUNT") => {
                at_least(options.at(2), 1, error::POPPED_NOT_POSITIVE)?;
                return Err(error::SYNTAX);
            }
            _ => return Err(error::SYNTAX),
        };
        Ok(Self { keys: words.from(1).iter().take(keys).collect(), end, count })
    }

    /// Takes from the first key that has members and replies with them; whether there was one.
    fn serve(&self, ctx: &mut Context<'_>) -> Result<bool, CommandError> {
        for key in &self.keys {
            let Some(taken) = take(ctx, key, self.end, self.count)? else { continue };
            ctx.changed(taken.len());
            let count = digits(i64::try_from(taken.len()).unwrap_or(i64::MAX));
            ctx.propagate(&[self.end.command(), key, count.as_bytes()]);
            ctx.reply.array(2);
            ctx.reply.bulk(key);
            reply_pairs(ctx, &taken);
            return Ok(true);
        }
        Ok(false)
    }
}

impl End {
    const fn popped(self) -> KeyEvent {
        match self {
            Self::Min => KeyEvent::ZPOPMIN,
            Self::Max => KeyEvent::ZPOPMAX,
        }
    }

    /// The command that takes from this end, as it travels.
    const fn command(self) -> &'static [u8] {
        match self {
            Self::Min => b"ZPOPMIN",
            Self::Max => b"ZPOPMAX",
        }
    }
}

/// Takes up to `count` members out of the set at `key`, if there is one.
fn take(
    ctx: &mut Context<'_>,
    key: &[u8],
    end: End,
    count: usize,
) -> Result<Option<Taken>, CommandError> {
    let (taken, is_emptied) = if let Some(mut zset) = ctx.edit_as::<ZSet>(key)? {
        let (len, count) = (zset.len(), count.min(zset.len()));
        let ranks = if end == End::Min { 0..count } else { len - count..len };
        let members = match end {
            End::Min => zset.range(ranks.clone()),
            End::Max => zset.range_back(ranks.clone()),
        };
        let taken: Taken = members.map(|(member, score)| (member.to_vec(), score)).collect();
        zset.remove_ranks(ranks);
        (taken, zset.is_empty())
    } else {
        return Ok(None);
    };
    if !taken.is_empty() {
        ctx.notify(end.popped(), key);
    }
    if is_emptied {
        ctx.remove_emptied(key);
    }
    Ok(Some(taken))
}

/// Each member and its score, in the same list.
fn reply_flat(ctx: &mut Context<'_>, taken: &Taken) {
    for (member, score) in taken {
        ctx.reply.bulk(member);
        ctx.reply.double(*score);
    }
}

/// Each member with its score in a list of its own.
fn reply_pairs(ctx: &mut Context<'_>, taken: &Taken) {
    ctx.reply.array(taken.len());
    for (member, score) in taken {
        ctx.reply.array(2);
        ctx.reply.bulk(member);
        ctx.reply.double(*score);
    }
}

/// A count that is not below `min`.
fn at_least(arg: &[u8], min: usize, refusal: CommandError) -> Result<usize, CommandError> {
    let count = number::parse_i64(arg).and_then(|count| usize::try_from(count).ok());
    count.filter(|count| *count >= min).ok_or(refusal)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::super::testing::check;
    use crate::resp::Protocol;

    #[test]
    fn members_are_taken_from_either_end() {
        check(
            r#"
            > ZADD z 1 a 2 b 3 c 4 d
            4
            ~ ZADD z 1 a 2 b 3 c 4 d
            > ZPOPMIN z
            ["a", "1"]
            ~ ZPOPMIN z
            > ZPOPMAX z 2
            ["d", "4", "c", "3"]
            ~ ZPOPMAX z 2
            > ZPOPMIN z 0
            []
            > ZPOPMAX z 9
            ["b", "2"]
            ~ ZPOPMAX z 9
            > EXISTS z
            0
            > ZPOPMIN z
            []
            "#,
        );
    }

    #[test]
    fn the_first_set_that_has_members_gives_them() {
        check(
            r#"
            > ZADD z 1 a 2 b 3 c
            3
            ~ ZADD z 1 a 2 b 3 c
            > ZMPOP 2 none z MIN
            ["z", [["a", "1"]]]
            ~ ZPOPMIN z 1
            > ZMPOP 1 none MAX
            nil
            > BZPOPMAX none z 0
            ["z", "c", "3"]
            ~ ZPOPMAX z
            > BZMPOP 0.5 1 z MAX COUNT 5
            ["z", [["b", "2"]]]
            ~ ZPOPMAX z 1
            > BZPOPMIN z none 1
            nil
            > BZMPOP 1 1 z MIN
            nil
            > SET s 1
            OK
            ~ SET s 1
            > ZMPOP 2 none s MIN
            (error) WRONGTYPE Operation against a key holding the wrong kind of value
            "#,
        );
    }

    #[test]
    fn resp3_nests_what_a_count_asked_for() {
        let mut bench = Bench::new();
        bench.protocol = Protocol::Resp3;
        bench.check(
            r#"
            > ZADD z 1 a 2 b 3 c
            3
            ~ ZADD z 1 a 2 b 3 c
            > ZPOPMIN z
            ["a", 1]
            ~ ZPOPMIN z
            > ZPOPMIN z 1
            [["b", 2]]
            ~ ZPOPMIN z 1
            > BZPOPMIN z 0
            ["z", "c", 3]
            ~ ZPOPMIN z
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (line, expect) in [
            ("ZPOPMIN z -1", "ERR value is out of range, must be positive"),
            ("ZPOPMAX z x", "ERR value is out of range, must be positive"),
            ("ZPOPMIN z 1 2", "ERR syntax error"),
            ("ZMPOP 0 z MIN", "ERR numkeys should be greater than 0"),
            ("ZMPOP x z MIN", "ERR numkeys should be greater than 0"),
            ("ZMPOP 2 z MIN", "ERR syntax error"),
            ("ZMPOP 1 z LOW", "ERR syntax error"),
            ("ZMPOP 1 z MIN COUNT 0", "ERR count should be greater than 0"),
            ("ZMPOP 1 z MIN COUNT", "ERR syntax error"),
            ("ZMPOP 1 z MIN COUNT 1 COUNT 1", "ERR syntax error"),
            ("ZMPOP 1 z MIN COUNT x COUNT 1", "ERR count should be greater than 0"),
            ("BZPOPMIN z x", "ERR timeout is not a float or out of range"),
            ("BZPOPMIN z -1", "ERR timeout is negative"),
            ("BZMPOP x 0 z MIN", "ERR numkeys should be greater than 0"),
            ("BZMPOP x 1 z MIN", "ERR timeout is not a float or out of range"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }
}
