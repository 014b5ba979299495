//! How long fields have left to live: HTTL and its kin.

use super::Context;
use super::Outcome;
use super::hash::BASE;
use super::hash_expire::NO_EXPIRY;
use super::hash_expire::NO_FIELD;
use super::hash_field::Sight;
use super::hash_field_args::FIELDS;
use super::hash_field_args::fields;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Run;
use crate::data::Hash;
use crate::error;
use crate::resp::Args;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "httl",
        summary: "Tells how many seconds fields have left to live.",
        tips: &["nondeterministic_output"],
        run: Run::Data(httl),
        ..TTL
    },
    Command {
        name: "hpttl",
        summary: "Tells how many milliseconds fields have left to live.",
        tips: &["nondeterministic_output"],
        run: Run::Data(hpttl),
        ..TTL
    },
    Command {
        name: "hexpiretime",
        summary: "Tells the Unix time, in seconds, at which fields expire.",
        run: Run::Data(hexpiretime),
        ..TTL
    },
    Command {
        name: "hpexpiretime",
        summary: "Tells the Unix time, in milliseconds, at which fields expire.",
        run: Run::Data(hpexpiretime),
        ..TTL
    },
];

const TTL: Command = Command {
    since: "7.4.0",
    complexity: "O(N) for N fields",
    arity: -5,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: &[KeySpec::at(1, KeyFlags::READ)],
    args: &[Arg::key("key"), FIELDS],
    ..BASE
};

fn httl(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let now_ms = ctx.now.wall_ms();
    reply_expiries(ctx, args, |at| seconds(at - now_ms))
}

fn hpttl(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let now_ms = ctx.now.wall_ms();
    reply_expiries(ctx, args, |at| at - now_ms)
}

fn hexpiretime(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    reply_expiries(ctx, args, seconds)
}

fn hpexpiretime(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    reply_expiries(ctx, args, |at| at)
}

/// Replies for each field with its expiry as `shown`, or that it has none, or that it is not there.
fn reply_expiries(ctx: &mut Context<'_>, args: Args<'_>, shown: impl Fn(i64) -> i64) -> Outcome {
    let sight = Sight::of(ctx);
    let (hash, reply) = ctx.read_as_for_reply::<Hash>(args.at(1))?;
    let fields = fields(args, 2, error::FIELDS_NOT_POSITIVE)?;
    reply.array(fields.len());
    for field in fields.iter() {
        let pair = hash.and_then(|hash| sight.get(hash, field));
        reply.integer(match pair.map(|pair| pair.expire_at) {
            None => NO_FIELD,
            Some(None) => NO_EXPIRY,
            Some(Some(at)) => shown(at),
        });
    }
    Ok(())
}

/// Whole seconds, rounded up.
const fn seconds(ms: i64) -> i64 {
    // Not by adding 999 first: a field of a forged file may expire at the end of time.
    ms.div_euclid(1000) + (ms.rem_euclid(1000) > 0) as i64
}

#[cfg(test)]
mod tests {
    use super::seconds;
    use crate::command::testing::check;

    #[test]
    fn tells_what_is_left_in_every_form() {
        check(
            r#"
            > HSET h a 1 b 2
            2
            ~ HSET h a 1 b 2
            > HTTL h FIELDS 2 a nope
            [-1, -2]
            > HTTL nope FIELDS 2 a b
            [-2, -2]
            > HPEXPIREAT h 1001001 FIELDS 1 a
            [1]
            ~ HPEXPIREAT h 1001001 FIELDS 1 a
            > HTTL h FIELDS 3 a b nope
            [2, -1, -2]
            > HPTTL h FIELDS 1 a
            [1001]
            > HEXPIRETIME h FIELDS 1 a
            [1002]
            > HPEXPIRETIME h FIELDS 1 a
            [1001001]
            "#,
        );
    }

    #[test]
    fn seconds_are_rounded_up_without_overflow() {
        for (ms, expect) in
            [(0, 0), (1, 1), (1000, 1), (1001, 2), (-1, 0), (i64::MAX, 9_223_372_036_854_776)]
        {
            assert_eq!(seconds(ms), expect);
        }
    }
}
