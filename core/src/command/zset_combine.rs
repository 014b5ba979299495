//! Sorted sets, and sets, combined: unions, intersections and differences.
//!
//! Scores are multiplied by weights and aggregated in the order of the inputs' sizes, as Redis does it:
//! that decides a sum's last digits. A set's members count as of score 1. What is no number becomes 0.

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
use super::zset::reply_members;
use super::zset_range::store;
use crate::data::DataRef;
use crate::data::Limits;
use crate::data::Set;
use crate::data::StrRef;
use crate::data::ZSet;
use crate::data::number;
use crate::data::order;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "zunion",
        since: "6.2.0",
        summary: "Joins sorted sets, adding up the scores of a member.",
        complexity: "O(N)+O(M*log(M)) for N members in all and M in the result",
        arity: -3,
        flags: Flags::READONLY,
        keys: &[KeySpec::numbered(1, KeyFlags::READ)],
        args: &[
            Arg::integer("numkeys"),
            Arg::key("key").multiple(),
            WEIGHTS,
            AGGREGATE,
            WITH_SCORES,
        ],
        run: Run::Data(zunion),
        ..BASE
    },
    Command {
        name: "zinter",
        since: "6.2.0",
        summary: "Finds the members that several sorted sets have in common.",
        complexity: "O(N*K)+O(M*log(M)) for K sets, N members in the smallest and M in the result",
        arity: -3,
        flags: Flags::READONLY,
        keys: &[KeySpec::numbered(1, KeyFlags::READ)],
        args: &[
            Arg::integer("numkeys"),
            Arg::key("key").multiple(),
            WEIGHTS,
            AGGREGATE,
            WITH_SCORES,
        ],
        run: Run::Data(zinter),
        ..BASE
    },
    Command {
        name: "zdiff",
        since: "6.2.0",
        summary: "Finds the members of the first sorted set that no other has.",
        complexity: "O(N*K)+O(M*log(M)) for K sets, N members in the first and M in the result",
        arity: -3,
        flags: Flags::READONLY,
        keys: &[KeySpec::numbered(1, KeyFlags::READ)],
        args: &[Arg::integer("numkeys"), Arg::key("key").multiple(), WITH_SCORES],
        run: Run::Data(zdiff),
        ..BASE
    },
    Command {
        name: "zunionstore",
        since: "2.0.0",
        summary: "Stores the union of sorted sets.",
        complexity: "O(N)+O(M*log(M)) for N members in all and M in the result",
        arity: -4,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::OVERWRITE), KeySpec::numbered(2, KeyFlags::READ)],
        args: &[
            Arg::key("destination"),
            Arg::integer("numkeys"),
            Arg::key("key").of_spec(1).multiple(),
            WEIGHTS,
            AGGREGATE,
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(zunionstore),
        ..BASE
    },
    Command {
        name: "zinterstore",
        since: "2.0.0",
        summary: "Stores the members that several sorted sets have in common.",
        complexity: "O(N*K)+O(M*log(M)) for K sets, N members in the smallest and M in the result",
        arity: -4,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::OVERWRITE), KeySpec::numbered(2, KeyFlags::READ)],
        args: &[
            Arg::key("destination"),
            Arg::integer("numkeys"),
            Arg::key("key").of_spec(1).multiple(),
            WEIGHTS,
            AGGREGATE,
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(zinterstore),
        ..BASE
    },
    Command {
        name: "zdiffstore",
        since: "6.2.0",
        summary: "Stores the members of the first sorted set that no other has.",
        complexity: "O(N*K)+O(M*log(M)) for K sets, N members in the first and M in the result",
        arity: -4,
        flags: Flags::WRITE.with(Flags::DENYOOM),
        keys: &[KeySpec::at(1, KeyFlags::OVERWRITE), KeySpec::numbered(2, KeyFlags::READ)],
        args: &[
            Arg::key("destination"),
            Arg::integer("numkeys"),
            Arg::key("key").of_spec(1).multiple(),
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(zdiffstore),
        ..BASE
    },
    Command {
        name: "zintercard",
        since: "7.0.0",
        summary: "Counts the members that several sorted sets have in common.",
        complexity: "O(N*K) for K sets and N members in the smallest",
        arity: -3,
        flags: Flags::READONLY,
        keys: &[KeySpec::numbered(1, KeyFlags::READ)],
        args: &[
            Arg::integer("numkeys"),
            Arg::key("key").multiple(),
            Arg::integer("limit").token("LIMIT").optional(),
        ],
        run: Run::Data(zintercard),
        ..BASE
    },
];

const WEIGHTS: Arg = Arg::integer("weight").token("WEIGHTS").optional().multiple();
const AGGREGATE: Arg = Arg::one_of(
    "aggregate",
    &[Arg::word("sum", "SUM"), Arg::word("min", "MIN"), Arg::word("max", "MAX")],
)
.token("AGGREGATE")
.optional();
const WITH_SCORES: Arg = Arg::word("withscores", "WITHSCORES").optional();

fn zunion(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    list(ctx, args, Operation::Union)
}

fn zinter(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    list(ctx, args, Operation::Inter)
}

fn zdiff(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    list(ctx, args, Operation::Diff)
}

fn zunionstore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    combine_and_store(ctx, args, Operation::Union)
}

fn zinterstore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    combine_and_store(ctx, args, Operation::Inter)
}

fn zdiffstore(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    combine_and_store(ctx, args, Operation::Diff)
}

fn list(ctx: &mut Context<'_>, args: Args<'_>, operation: Operation) -> Outcome {
    let keys = read_keys(ctx, args.from(1), operation.list_name())?;
    let purpose = Purpose { operation, result: Reply::Members };
    let options = Options::parse(args.from(2 + keys.len()), keys.len(), purpose)?;
    // Scores are shown as they are computed, which a listpack does not keep: -0.
    let mut result = ZSet::sized_for(usize::MAX, 0, ctx.limits);
    operation.combine(Input::all(ctx, &keys, &options), &options, &mut result, ctx.limits);
    reply_members(&mut ctx.reply, result.iter(), options.with_scores);
    Ok(())
}

fn combine_and_store(ctx: &mut Context<'_>, args: Args<'_>, operation: Operation) -> Outcome {
    let keys = read_keys(ctx, args.from(2), operation.store_name())?;
    let purpose = Purpose { operation, result: Reply::Stored };
    let options = Options::parse(args.from(3 + keys.len()), keys.len(), purpose)?;
    let mut result = ZSet::sized_for(usize::MAX, 0, ctx.limits);
    operation.combine(Input::all(ctx, &keys, &options), &options, &mut result, ctx.limits);
    let result = in_its_form(result, ctx.limits);
    store(ctx, operation.stored(), args.at(1), result);
    Ok(())
}

/// What was gathered in the large form, in the one that it asks for. A set that stays large has never
/// been in a listpack, which would have lost the sign of a zero.
fn in_its_form(result: ZSet, limits: &Limits) -> ZSet {
    let mut buffer = Buffer::new();
    let longest = result.iter().map(|(member, _)| member.as_bytes(&mut buffer).len()).max();
    if result.len() > limits.zset_max_listpack_entries
        || longest.is_some_and(|bytes| bytes > limits.zset_max_listpack_value)
    {
        return result;
    }
    let mut small = ZSet::new();
    for (member, score) in result.iter() {
        small.insert(member.as_bytes(&mut buffer), score, limits);
    }
    small
}

fn zintercard(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let keys = read_keys(ctx, args.from(1), "zintercard")?;
    let purpose = Purpose { operation: Operation::Inter, result: Reply::Count };
    let options = Options::parse(args.from(2 + keys.len()), keys.len(), purpose)?;
    let mut inputs = Input::all(ctx, &keys, &options);
    order::sort_by_key(&mut inputs, Input::len);
    let (mut count, most) = (0, if options.limit == 0 { usize::MAX } else { options.limit });
    if let Some((smallest, others)) = inputs.split_first() {
        let mut buffer = Buffer::new();
        count = smallest
            .iter()
            .filter(|(member, _)| {
                let member = member.as_bytes(&mut buffer);
                others.iter().all(|other| other.score(member).is_some())
            })
            .take(most)
            .count();
    }
    ctx.reply.count(count);
    Ok(())
}

/// The keys that a number of keys announces; all of them hold sets, sorted or not, or nothing.
fn read_keys<'a>(
    ctx: &mut Context<'_>,
    words: Args<'a>,
    command: &str,
) -> Result<Vec<&'a [u8]>, CommandError> {
    let number = integer(words.at(0))?;
    if number < 1 {
        return Err(error::no_input_keys(command));
    }
    let number = usize::try_from(number).ok().filter(|number| *number < words.len());
    let keys: Vec<&[u8]> = words.from(1).iter().take(number.ok_or(error::SYNTAX)?).collect();
    for key in &keys {
        if ctx.read(key).is_some_and(|entry| !is_combinable(entry.data())) {
            return Err(error::WRONG_TYPE);
        }
    }
    Ok(keys)
}

fn is_combinable(data: Option<DataRef<'_>>) -> bool {
    matches!(data, Some(DataRef::ZSet(_) | DataRef::Set(_)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Union,
    Inter,
    Diff,
}

/// What becomes of the result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reply {
    Members,
    Stored,
    Count,
}

/// What decides which options there are.
#[derive(Clone, Copy)]
struct Purpose {
    operation: Operation,
    result: Reply,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Aggregate {
    #[default]
    Sum,
    Min,
    Max,
}

struct Options {
    /// One for each key, or none at all.
    weights: Vec<f64>,
    aggregate: Aggregate,
    with_scores: bool,
    /// 0 for none.
    limit: usize,
}

impl Options {
    fn parse(words: Args<'_>, keys: usize, purpose: Purpose) -> Result<Self, CommandError> {
        let aggregate = Aggregate::default();
        let mut options = Self { weights: Vec::new(), aggregate, with_scores: false, limit: 0 };
        let has_scores = purpose.operation != Operation::Diff && purpose.result != Reply::Count;
        let mut at = 0;
        while at < words.len() {
            let left = words.len() - at;
            at += if has_scores && left > keys && words.is(at, "WEIGHTS") {
                let weights = words.from(at + 1).iter().take(keys).map(weight);
                options.weights = weights.collect::<Result<_, _>>()?;
                1 + keys
            } else if has_scores && left >= 2 && words.is(at, "AGGREGATE") {
                options.aggregate = Aggregate::parse(words, at + 1)?;
                2
            } else if purpose.result == Reply::Members && words.is(at, "WITHSCORES") {
                options.with_scores = true;
                1
            } else if purpose.result == Reply::Count && left >= 2 && words.is(at, "LIMIT") {
                let limit = number::parse_i64(words.at(at + 1)).map(usize::try_from);
                options.limit = limit.and_then(Result::ok).ok_or(error::COUNT_LIMIT_NEGATIVE)?;
                2
            } else {
                return Err(error::SYNTAX);
            };
        }
        Ok(options)
    }
}

fn weight(word: &[u8]) -> Result<f64, CommandError> {
    number::parse_f64(word).ok_or(error::WEIGHT_NOT_A_FLOAT)
}

impl Aggregate {
    fn parse(words: Args<'_>, at: usize) -> Result<Self, CommandError> {
        match words {
            _ if words.is(at, "SUM") => Ok(Self::Sum),
            _ if words.is(at, "MIN") => Ok(Self::Min),
            _ if words.is(at, "MAX") => Ok(Self::Max),
            _ => Err(error::SYNTAX),
        }
    }

    fn of(self, score: f64, other: f64) -> f64 {
        match self {
            Self::Sum => number_or_zero(score + other),
            Self::Min if other < score => other,
            Self::Max if other > score => other,
            Self::Min | Self::Max => score,
        }
    }
}

fn number_or_zero(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score }
}

/// The value under one of the keys.
struct Input<'a> {
    members: Members<'a>,
    weight: f64,
}

#[derive(Clone, Copy)]
enum Members<'a> {
    Missing,
    ZSet(&'a ZSet),
    Set(&'a Set),
}

impl<'a> Input<'a> {
    fn all(ctx: &'a Context<'_>, keys: &[&[u8]], options: &Options) -> Vec<Self> {
        let weights = options.weights.iter().copied().chain(std::iter::repeat(1.0));
        let inputs = keys.iter().zip(weights).map(|(key, weight)| {
            let members = match ctx.store.find(ctx.db, key).and_then(|entry| entry.data()) {
                Some(DataRef::ZSet(zset)) => Members::ZSet(zset),
                Some(DataRef::Set(set)) => Members::Set(set),
                _ => Members::Missing,
            };
            Self { members, weight }
        });
        inputs.collect()
    }

    fn len(&self) -> usize {
        match self.members {
            Members::Missing => 0,
            Members::ZSet(zset) => zset.len(),
            Members::Set(set) => set.len(),
        }
    }

    fn score(&self, member: &[u8]) -> Option<f64> {
        match self.members {
            Members::Missing => None,
            Members::ZSet(zset) => zset.score(member),
            Members::Set(set) => set.contains(member).then_some(1.0),
        }
    }

    fn iter(&self) -> Box<dyn Iterator<Item = (StrRef<'a>, f64)> + 'a> {
        match self.members {
            Members::Missing => Box::new(std::iter::empty()),
            Members::ZSet(zset) => Box::new(zset.iter()),
            Members::Set(set) => Box::new(set.iter().map(|member| (member, 1.0))),
        }
    }
}

impl Operation {
    const fn list_name(self) -> &'static str {
        match self {
            Self::Union => "zunion",
            Self::Inter => "zinter",
            Self::Diff => "zdiff",
        }
    }

    const fn stored(self) -> KeyEvent {
        match self {
            Self::Union => KeyEvent::ZUNIONSTORE,
            Self::Inter => KeyEvent::ZINTERSTORE,
            Self::Diff => KeyEvent::ZDIFFSTORE,
        }
    }

    const fn store_name(self) -> &'static str {
        match self {
            Self::Union => "zunionstore",
            Self::Inter => "zinterstore",
            Self::Diff => "zdiffstore",
        }
    }

    fn combine(
        self,
        mut inputs: Vec<Input<'_>>,
        options: &Options,
        result: &mut ZSet,
        limits: &Limits,
    ) {
        if self != Self::Diff {
            order::sort_by_key(&mut inputs, Input::len);
        }
        let Some((first, others)) = inputs.split_first() else { return };
        let mut buffer = Buffer::new();
        match self {
            Self::Union => unite(&inputs, options.aggregate, result, limits),
            Self::Inter => first.iter().for_each(|(member, score)| {
                let member = member.as_bytes(&mut buffer);
                let start = number_or_zero(first.weight * score);
                let score = others.iter().try_fold(start, |score, other| {
                    let value = other.score(member)? * other.weight;
                    Some(options.aggregate.of(score, value))
                });
                if let Some(score) = score {
                    result.insert(member, score, limits);
                }
            }),
            Self::Diff => first.iter().for_each(|(member, score)| {
                let member = member.as_bytes(&mut buffer);
                if others.iter().all(|other| other.score(member).is_none()) {
                    result.insert(member, score, limits);
                }
            }),
        }
    }
}

fn unite(inputs: &[Input<'_>], aggregate: Aggregate, result: &mut ZSet, limits: &Limits) {
    let mut buffer = Buffer::new();
    for input in inputs {
        for (member, score) in input.iter() {
            let score = number_or_zero(score * input.weight);
            let member = member.as_bytes(&mut buffer);
            let mut loses_sign = false;
            let aggregated = |old: Option<f64>| {
                let new = old.map_or(score, |old| aggregate.of(old, score));
                loses_sign = old.is_some_and(|old| old == new && old.to_bits() != new.to_bits());
                Some(new)
            };
            let updated = result.update(member, limits, aggregated);
            debug_assert!(updated.is_ok(), "no aggregate is NaN");
            if loses_sign {
                // Only a zero can; to an update, both are the same number.
                result.remove(member);
                result.insert(member, 0.0, limits);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::super::testing::check;
    use super::Aggregate;
    use crate::resp::Protocol;

    #[test]
    fn sets_are_combined() {
        let mut bench = Bench::new();
        bench.run("ZADD a 1 x 2 y 3 z");
        bench.run("ZADD b 10 y 20 z 30 w");
        bench.run("SADD s x y");
        for (line, expect) in [
            ("ZUNION 2 a b", r#"["x", "y", "z", "w"]"#),
            ("ZUNION 2 a b WITHSCORES", r#"["x", "1", "y", "12", "z", "23", "w", "30"]"#),
            ("ZUNION 2 a s WITHSCORES", r#"["x", "2", "y", "3", "z", "3"]"#),
            ("ZUNION 1 none", "[]"),
            (
                "ZUNION 2 a b WEIGHTS 2 -1 WITHSCORES AGGREGATE MIN",
                r#"["w", "-30", "z", "-20", "y", "-10", "x", "2"]"#,
            ),
            ("ZINTER 2 a b WITHSCORES", r#"["y", "12", "z", "23"]"#),
            ("ZINTER 3 a b s WITHSCORES AGGREGATE MAX", r#"["y", "10"]"#),
            ("ZINTER 2 a none", "[]"),
            ("ZINTER 2 a a WITHSCORES", r#"["x", "2", "y", "4", "z", "6"]"#),
            ("ZDIFF 2 a b WITHSCORES", r#"["x", "1"]"#),
            ("ZDIFF 2 a none", r#"["x", "y", "z"]"#),
            ("ZDIFF 2 none a", "[]"),
            ("ZDIFF 1 s WITHSCORES", r#"["x", "1", "y", "1"]"#),
            ("ZUNION 1 s WEIGHTS -0 WITHSCORES", r#"["x", "-0", "y", "-0"]"#),
            ("ZINTERCARD 2 a b", "2"),
            ("ZINTERCARD 2 a b LIMIT 1", "1"),
            ("ZINTERCARD 2 a b LIMIT 0", "2"),
            ("ZINTERCARD 2 a none", "0"),
        ] {
            bench.check(&format!("> {line}\n{expect}"));
        }
        bench.protocol = Protocol::Resp3;
        bench.check("> ZDIFF 2 a b WITHSCORES\n[[\"x\", 1]]");
    }

    #[test]
    fn results_are_stored() {
        check(
            r#"
            > ZADD a 1 x 2 y
            2
            ~ ZADD a 1 x 2 y
            > ZUNIONSTORE a 2 a a
            2
            ~ ZUNIONSTORE a 2 a a
            > ZRANGE a 0 -1 WITHSCORES
            ["x", "2", "y", "4"]
            > ZINTERSTORE d 1 a WEIGHTS 3
            2
            ~ ZINTERSTORE d 1 a WEIGHTS 3
            > OBJECT ENCODING d
            "listpack"
            > ZDIFFSTORE d 2 a a
            0
            ~ ZDIFFSTORE d 2 a a
            > EXISTS d
            0
            > ZDIFFSTORE d 1 none
            0
            "#,
        );
    }

    #[test]
    fn what_is_no_number_becomes_zero() {
        let infinity = f64::INFINITY;
        assert_eq!(Aggregate::Sum.of(infinity, -infinity), 0.0);
        assert_eq!(Aggregate::Min.of(1.0, f64::NAN), 1.0);
        check(
            r#"
            > ZADD a inf x
            1
            ~ ZADD a inf x
            > ZUNION 2 a a WEIGHTS 1 -1 WITHSCORES
            ["x", "0"]
            > ZINTER 1 a WEIGHTS 0 WITHSCORES
            ["x", "0"]
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (line, expect) in [
            ("ZUNION 0 a", "ERR at least 1 input key is needed for 'zunion' command"),
            ("ZINTERSTORE d -1 a", "ERR at least 1 input key is needed for 'zinterstore' command"),
            ("ZINTERCARD 0 a", "ERR at least 1 input key is needed for 'zintercard' command"),
            ("ZUNION x a", "ERR value is not an integer or out of range"),
            ("ZUNION 2 a", "ERR syntax error"),
            ("ZUNION 1 a WEIGHTS", "ERR syntax error"),
            ("ZUNION 1 a WEIGHTS x", "ERR weight value is not a float"),
            ("ZUNION 1 a WEIGHTS 1 2", "ERR syntax error"),
            ("ZUNION 1 a AGGREGATE AVG", "ERR syntax error"),
            ("ZUNIONSTORE d 1 a WITHSCORES", "ERR syntax error"),
            ("ZDIFF 1 a WEIGHTS 1", "ERR syntax error"),
            ("ZINTERCARD 1 a WEIGHTS 1", "ERR syntax error"),
            ("ZINTERCARD 1 a LIMIT -1", "ERR LIMIT can't be negative"),
            ("ZINTERCARD 1 a LIMIT x", "ERR LIMIT can't be negative"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
        check(
            r#"
            > SET s 1
            OK
            ~ SET s 1
            > ZUNION 1 s FOO
            (error) WRONGTYPE Operation against a key holding the wrong kind of value
            "#,
        );
    }
}
