//! HRANDFIELD: fields picked by chance, with repetitions when the count is negative.

use std::collections::BTreeSet;

use super::Context;
use super::Outcome;
use super::hash::BASE;
use super::hash_field::Sight;
use super::hash_field::expire_all;
use super::integer;
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
use crate::data::StrRef;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Protocol;
use crate::resp::Reply;
use crate::rng::Rng;

pub const COMMANDS: &[Command] = &[Command {
    name: "hrandfield",
    since: "6.2.0",
    summary: "Picks fields of a hash by chance.",
    complexity: "O(N) for N fields picked",
    arity: -2,
    flags: Flags::READONLY,
    keys: &[KeySpec::at(1, KeyFlags::READ)],
    args: &[
        Arg::key("key"),
        Arg::block(
            "options",
            &[Arg::integer("count"), Arg::word("withvalues", "WITHVALUES").optional()],
        )
        .optional(),
    ],
    tips: &["nondeterministic_output"],
    run: Run::Data(hrandfield),
    ..BASE
}];

fn hrandfield(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let request = Request::parse(args)?;
    let mut rng = Rng::new(ctx.rng.next_u64());
    expire_all(ctx, args.at(1))?;
    let sight = Sight::of(ctx);
    let (hash, reply) = ctx.read_as_for_reply::<Hash>(args.at(1))?;
    let picks = hash.map(|hash| Picks::of(hash, sight)).filter(|picks| picks.len() > 0);
    match (request, picks) {
        (Request::One, None) => reply.null(),
        (Request::One, Some(picks)) => {
            if let Some(pair) = picks.one(&mut rng) {
                reply_string(reply, pair.field);
            }
        }
        (Request::Many { .. }, None) => reply.array(0),
        (Request::Many { count, repeats, with_values }, Some(picks)) => {
            let count = if repeats { count } else { count.min(picks.len()) };
            let mut writer = Writer::begin(reply, count, with_values);
            if repeats {
                (0..count).filter_map(|_| picks.one(&mut rng)).for_each(|pair| writer.put(pair));
            } else {
                picks.distinct(count, &mut rng).into_iter().for_each(|pair| writer.put(pair));
            }
        }
    }
    Ok(())
}

enum Request {
    One,
    Many { count: usize, repeats: bool, with_values: bool },
}

impl Request {
    fn parse(args: Args<'_>) -> Result<Self, CommandError> {
        let Some(count) = args.maybe(2) else { return Ok(Self::One) };
        let count = integer(count)?;
        if count == i64::MIN {
            return Err(error::integer_range(-i64::MAX, i64::MAX));
        }
        let with_values = args.len() == 4 && args.is(3, "WITHVALUES");
        if args.len() > 3 && !with_values {
            return Err(error::SYNTAX);
        }
        let is_too_many = with_values && count.unsigned_abs() > i64::MAX.unsigned_abs() / 2;
        let is_too_many = is_too_many || count < -PICKS_MAX;
        let picked = usize::try_from(count.unsigned_abs()).ok().filter(|_| !is_too_many);
        let picked = picked.ok_or(error::OUT_OF_RANGE)?;
        Ok(Self::Many { count: picked, repeats: count < 0, with_values })
    }
}

/// What there is to pick from.
enum Picks<'a> {
    /// A large hash, which picks by itself.
    Large(HashRef<'a>),
    /// All fields of a small one, or those of a large one that are not hidden.
    Listed(Vec<Pair<'a>>),
}

impl<'a> Picks<'a> {
    fn of(hash: HashRef<'a>, sight: Sight) -> Self {
        match hash.picks_cheaply() && !sight.is_partial(hash) {
            true => Self::Large(hash),
            false => Self::Listed(hash.iter().filter(|pair| !sight.hides(pair)).collect()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Large(hash) => hash.len(),
            Self::Listed(pairs) => pairs.len(),
        }
    }

    fn one(&self, rng: &mut Rng) -> Option<Pair<'a>> {
        match self {
            Self::Large(hash) => hash.random(|bound| rng.below(bound)),
            Self::Listed(pairs) => pairs.get(rng.below(pairs.len() as u64) as usize).copied(),
        }
    }

    /// `count` different fields, of which there are so many.
    fn distinct(self, count: usize, rng: &mut Rng) -> Vec<Pair<'a>> {
        match self {
            Self::Large(hash) if count * WORTH_LISTING < hash.len() => {
                let (mut picked, mut names) = (Vec::with_capacity(count), BTreeSet::new());
                while picked.len() < count
                    && let Some(pair) = hash.random(|bound| rng.below(bound))
                {
                    if let StrRef::Bytes(name) = pair.field
                        && names.insert(name)
                    {
                        picked.push(pair);
                    }
                }
                picked
            }
            Self::Large(hash) => shuffled(hash.iter().collect(), count, rng),
            Self::Listed(pairs) => shuffled(pairs, count, rng),
        }
    }
}

/// The first `count` of the pairs in random order.
fn shuffled<'a>(mut pairs: Vec<Pair<'a>>, count: usize, rng: &mut Rng) -> Vec<Pair<'a>> {
    for at in 0..count.min(pairs.len()) {
        let other = at + rng.below((pairs.len() - at) as u64) as usize;
        pairs.swap(at, other);
    }
    pairs.truncate(count);
    pairs
}

/// Writes the fields picked: with values a flat array in RESP2, pairs in RESP3.
struct Writer<'r, 'a> {
    reply: &'r mut Reply<'a>,
    with_values: bool,
}

impl<'r, 'a> Writer<'r, 'a> {
    fn begin(reply: &'r mut Reply<'a>, count: usize, with_values: bool) -> Self {
        let is_flat = with_values && reply.protocol() == Protocol::Resp2;
        reply.array(if is_flat { count * 2 } else { count });
        Self { reply, with_values }
    }

    fn put(&mut self, pair: Pair<'_>) {
        if self.with_values && self.reply.protocol() == Protocol::Resp3 {
            self.reply.array(2);
        }
        reply_string(self.reply, pair.field);
        if self.with_values {
            reply_string(self.reply, pair.value);
        }
    }
}

/// Fields picked with repetitions in one call. Redis fills its memory with the reply, however long.
pub(super) const PICKS_MAX: i64 = 1 << 24;

/// From this part of a hash on, listing it all is cheaper than picking until enough are different.
const WORTH_LISTING: usize = 3;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::resp::Protocol;

    #[test]
    fn picks_by_count_and_protocol() {
        check(
            r#"
            > HRANDFIELD nope
            nil
            > HRANDFIELD nope 3
            []
            > HRANDFIELD nope -3 WITHVALUES
            []
            > HSET h f v
            1
            ~ HSET h f v
            > HRANDFIELD h
            "f"
            > HRANDFIELD h 0
            []
            > HRANDFIELD h 5
            ["f"]
            > HRANDFIELD h 5 withvalues
            ["f", "v"]
            > HRANDFIELD h -3
            ["f", "f", "f"]
            > HRANDFIELD h -2 WITHVALUES
            ["f", "v", "f", "v"]
            > HRANDFIELD h x
            (error) ERR value is not an integer or out of range
            > HRANDFIELD h -9223372036854775808
            (error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
            > HRANDFIELD h 4611686018427387904 WITHVALUES
            (error) ERR value is out of range
            > HRANDFIELD h 1 VALUES
            (error) ERR syntax error
            > HRANDFIELD h 1 WITHVALUES 1
            (error) ERR syntax error
            "#,
        );
        let mut bench = Bench::new();
        bench.protocol = Protocol::Resp3;
        bench.run("HSET h f v");
        assert_eq!(bench.run("HRANDFIELD h -2 WITHVALUES"), [r#"[["f", "v"], ["f", "v"]]"#]);
    }

    #[test]
    fn picks_evenly_and_without_repetition() {
        for fields in [10, 2000] {
            let mut bench = Bench::new();
            for i in 0..fields {
                bench.run(&format!("HSET h {i} v"));
            }
            for count in [1, 3, fields / 4, fields / 2, fields - 1, fields, fields + 1] {
                let reply = bench.run(&format!("HRANDFIELD h {count}")).swap_remove(0);
                let names: Vec<&str> = reply.trim_matches(['[', ']']).split(", ").collect();
                let distinct: BTreeSet<&str> = names.iter().copied().collect();
                assert_eq!((names.len(), distinct.len()), (count.min(fields), count.min(fields)));
            }
            let reply = bench.run(&format!("HRANDFIELD h -{}", fields * 20)).swap_remove(0);
            let names: Vec<&str> = reply.trim_matches(['[', ']']).split(", ").collect();
            assert_eq!(names.len(), fields * 20);
            let distinct: BTreeSet<&str> = names.into_iter().collect();
            assert_eq!(distinct.len(), fields, "each of twenty is missed once in 10^8 times");
        }
    }
}
