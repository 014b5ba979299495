//! When fields expire: HEXPIRE and its kin, HPERSIST.
//!
//! Replicas are told the absolute time in milliseconds, whatever the client gave, and only of the
//! fields that take it; a time that is past already travels as the HDEL it amounts to.

use super::Context;
use super::Outcome;
use super::digits;
use super::hash::BASE;
use super::hash_field::expire_met;
use super::hash_field_args::FIELDS;
use super::hash_field_args::fields;
use super::hash_field_args::instant;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::time_form::TimeForm;
use crate::data::Hash;
use crate::error;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "hexpire",
        summary: "Sets how many seconds fields have left to live.",
        args: &[Arg::key("key"), Arg::integer("seconds"), CONDITION, FIELDS],
        run: Run::Data(hexpire),
        ..EXPIRE
    },
    Command {
        name: "hpexpire",
        summary: "Sets how many milliseconds fields have left to live.",
        args: &[Arg::key("key"), Arg::integer("milliseconds"), CONDITION, FIELDS],
        run: Run::Data(hpexpire),
        ..EXPIRE
    },
    Command {
        name: "hexpireat",
        summary: "Sets the Unix time, in seconds, at which fields expire.",
        args: &[Arg::key("key"), Arg::unix_time("unix-time-seconds"), CONDITION, FIELDS],
        run: Run::Data(hexpireat),
        ..EXPIRE
    },
    Command {
        name: "hpexpireat",
        summary: "Sets the Unix time, in milliseconds, at which fields expire.",
        args: &[Arg::key("key"), Arg::unix_time("unix-time-milliseconds"), CONDITION, FIELDS],
        run: Run::Data(hpexpireat),
        ..EXPIRE
    },
    Command {
        name: "hpersist",
        summary: "Lets fields live as long as their hash.",
        arity: -5,
        flags: Flags::WRITE.with(Flags::FAST),
        args: &[Arg::key("key"), FIELDS],
        propagation: Rule::Verbatim,
        run: Run::Data(hpersist),
        ..EXPIRE
    },
];

const EXPIRE: Command = Command {
    since: "7.4.0",
    complexity: "O(N) for N fields",
    arity: -6,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
    propagation: Rule::Effect,
    ..BASE
};

const CONDITION: Arg = Arg::one_of(
    "condition",
    &[Arg::word("nx", "NX"), Arg::word("xx", "XX"), Arg::word("gt", "GT"), Arg::word("lt", "LT")],
)
.optional();

fn hexpire(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    expire_generic(ctx, args, TimeForm::EX, "hexpire")
}

fn hpexpire(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    expire_generic(ctx, args, TimeForm::PX, "hpexpire")
}

fn hexpireat(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    expire_generic(ctx, args, TimeForm::EXAT, "hexpireat")
}

fn hpexpireat(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    expire_generic(ctx, args, TimeForm::PXAT, "hpexpireat")
}

fn expire_generic(ctx: &mut Context<'_>, args: Args<'_>, form: TimeForm, name: &str) -> Outcome {
    let key = args.at(1);
    ctx.peek_as::<Hash>(key)?;
    let at = instant(args.at(2), form, ctx.now, name)?;
    let condition = Condition::named(args.at(3));
    let fields_at = if condition.is_some() { 4 } else { 3 };
    let fields = fields(args, fields_at, error::NUMFIELDS_NOT_POSITIVE)?;
    let names: Vec<&[u8]> = fields.iter().collect();
    expire_met(ctx, key, &names)?;
    let changed = set_expiries(ctx, key, &names, at, condition)?;
    match changed.is_empty() {
        true => ctx.propagation.spell(),
        false => tell_expiries(ctx, key, at, condition.map(|_| args.at(3)), &changed),
    }
    Ok(())
}

/// Sets the expiry of each field that is there and meets the condition, or removes it if the time
/// is past; replies with what came of each. Returns those that were changed.
fn set_expiries<'a>(
    ctx: &mut Context<'_>,
    key: &[u8],
    names: &[&'a [u8]],
    at: i64,
    condition: Option<Condition>,
) -> Result<Vec<&'a [u8]>, error::CommandError> {
    let is_past = ctx.is_past(at);
    let mut replies = vec![NO_FIELD; names.len()];
    let (mut changed, mut is_emptied) = (Vec::new(), false);
    if let Some(mut hash) = ctx.edit_as::<Hash>(key)? {
        for (name, reply) in names.iter().zip(&mut replies) {
            let Some(pair) = hash.get(name) else { continue };
            if condition.is_some_and(|condition| !condition.allows(pair.expire_at, at)) {
                *reply = NOT_SET;
                continue;
            }
            if is_past {
                hash.remove(name);
            } else {
                hash.set_expiry(name, Some(at));
            }
            *reply = if is_past { REMOVED } else { SET };
            changed.push(*name);
        }
        is_emptied = hash.is_empty();
    }
    if !changed.is_empty() {
        ctx.notify(if is_past { KeyEvent::HDEL } else { KeyEvent::HEXPIRE }, key);
    }
    if is_emptied {
        ctx.remove_emptied(key);
    }
    ctx.reply.array(replies.len());
    replies.into_iter().for_each(|reply| ctx.reply.integer(reply));
    Ok(changed)
}

/// Counts and propagates that these fields expire at an instant, which may be past.
pub(super) fn tell_expiries(
    ctx: &mut Context<'_>,
    key: &[u8],
    at: i64,
    condition: Option<&[u8]>,
    names: &[&[u8]],
) {
    ctx.changed(names.len());
    if ctx.is_past(at) {
        ctx.store.stats.expired_fields += names.len() as u64;
        let words: Vec<&[u8]> = [b"HDEL", key].into_iter().chain(names.iter().copied()).collect();
        return ctx.propagate(&words);
    }
    let (at, number) = (digits(at), names.len().to_string());
    let mut words: Vec<&[u8]> = vec![b"HPEXPIREAT", key, at.as_bytes()];
    words.extend(condition);
    words.extend([b"FIELDS".as_slice(), number.as_bytes()]);
    words.extend(names);
    ctx.propagate(&words);
}

/// What the present expiry has to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Nx,
    Xx,
    Gt,
    Lt,
}

impl Condition {
    fn named(word: &[u8]) -> Option<Self> {
        Some(match word.to_ascii_uppercase().as_slice() {
            b"NX" => Self::Nx,
            b"XX" => Self::Xx,
            b"GT" => Self::Gt,
            b"LT" => Self::Lt,
            _ => return None,
        })
    }

    /// A field without an expiry counts as one that lives longest.
    fn allows(self, present: Option<i64>, at: i64) -> bool {
        match self {
            Self::Nx => present.is_none(),
            Self::Xx => present.is_some(),
            Self::Gt => present.is_some_and(|present| at > present),
            Self::Lt => present.is_none_or(|present| at < present),
        }
    }
}

fn hpersist(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(1);
    ctx.peek_as::<Hash>(key)?;
    let names: Vec<&[u8]> = fields(args, 2, error::FIELDS_NOT_POSITIVE)?.iter().collect();
    expire_met(ctx, key, &names)?;
    let mut replies = vec![NO_FIELD; names.len()];
    if let Some(mut hash) = ctx.edit_as::<Hash>(key)? {
        for (name, reply) in names.iter().zip(&mut replies) {
            match hash.get(name).map(|pair| pair.expire_at) {
                None => {}
                Some(None) => *reply = NO_EXPIRY,
                Some(Some(_)) => {
                    hash.set_expiry(name, None);
                    *reply = SET;
                }
            }
        }
    }
    if replies.contains(&SET) {
        ctx.notify(KeyEvent::HPERSIST, key);
    }
    ctx.changed(usize::from(replies.contains(&SET)));
    ctx.reply.array(replies.len());
    replies.into_iter().for_each(|reply| ctx.reply.integer(reply));
    Ok(())
}

/// What is said of each field.
pub(super) const NO_FIELD: i64 = -2;
pub(super) const NO_EXPIRY: i64 = -1;
const NOT_SET: i64 = 0;
const SET: i64 = 1;
const REMOVED: i64 = 2;

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::store::Policy;

    #[test]
    fn expiry_travels_as_milliseconds_since_1970() {
        check(
            r#"
            > HEXPIRE h 10 FIELDS 1 a
            [-2]
            > HSET h a 1 b 2 c 3
            3
            ~ HSET h a 1 b 2 c 3
            > HEXPIRE h 10 FIELDS 3 a nope b
            [1, -2, 1]
            ~ HPEXPIREAT h 1010000 FIELDS 2 a b
            > OBJECT ENCODING h
            "listpackex"
            > HPEXPIRE h 5000 gt FIELDS 1 a
            [0]
            > HPEXPIRE h 20000 gt FIELDS 2 a c
            [1, 0]
            ~ HPEXPIREAT h 1020000 gt FIELDS 1 a
            > HEXPIREAT h 2000 FIELDS 1 a
            [1]
            ~ HPEXPIREAT h 2000000 FIELDS 1 a
            > HPEXPIREAT h 2000001 XX FIELDS 1 a
            [1]
            ~ HPEXPIREAT h 2000001 XX FIELDS 1 a
            > HGETALL h
            ["b", "2", "a", "1", "c", "3"]
            > HPERSIST h FIELDS 3 a c nope
            [1, -1, -2]
            ~ HPERSIST h FIELDS 3 a c nope
            > HPERSIST h FIELDS 1 a
            [-1]
            > HPERSIST nope FIELDS 2 a b
            [-2, -2]
            > HGETALL h
            ["b", "2", "c", "3", "a", "1"]
            "#,
        );
    }

    #[test]
    fn a_past_time_removes_fields_and_the_hash_with_the_last() {
        check(
            r#"
            > HSET h a 1 b 2 c 3
            3
            ~ HSET h a 1 b 2 c 3
            > HEXPIRE h 0 FIELDS 2 nope a
            [-2, 2]
            ~ HDEL h a
            > HPEXPIREAT h 1 NX FIELDS 2 b c
            [2, 2]
            ~ HDEL h b c
            > EXISTS h
            0
            "#,
        );
        let mut replica = Bench::new();
        replica.policy = Policy::Ignore;
        replica.check("> HSET h a 1\n1\n~ HSET h a 1\n> HPEXPIREAT h 1 FIELDS 1 a\n[1]\n~ HPEXPIREAT h 1 FIELDS 1 a\n> HGET h a\n\"1\"");
    }

    #[test]
    fn fields_that_are_due_are_gone_for_whoever_meets_them() {
        for encoding in ["listpackex", "hashtable"] {
            let mut bench = Bench::new();
            if encoding == "hashtable" {
                bench.run(&format!("HSET h long {}", "x".repeat(100)));
            }
            bench.run("HSET h a 1 b 2 c 3 d 4 keeps 5");
            bench.run("HPEXPIRE h 100 FIELDS 4 a b c d");
            bench.check(&format!("> OBJECT ENCODING h\n\"{encoding}\""));
            if encoding == "hashtable" {
                bench.run("HDEL h long");
            }
            bench.check(
                r#"
                + 99
                > HMGET h a b
                ["1", "2"]
                + 1
                > HLEN h
                5
                > HKEYS h
                ["keeps"]
                > HGETALL h
                ["keeps", "5"]
                > HSCAN h 0
                ["0", ["keeps", "5"]]
                > HPTTL h FIELDS 2 a keeps
                [-2, -1]
                > HMGET h a keeps b
                [nil, "5", nil]
                ~ HDEL h a b
                > HLEN h
                3
                > HINCRBY h c 1
                1
                ~ MULTI
                ~ HDEL h c
                ~ HINCRBY h c 1
                ~ EXEC
                > HPTTL h FIELDS 1 c
                [-1]
                > HRANDFIELD h 0
                []
                ~ HDEL h d
                > HDEL h keeps
                1
                ~ HDEL h keeps
                > HPEXPIRE h 5 FIELDS 1 c
                [1]
                ~ HPEXPIREAT h 1000105 FIELDS 1 c
                + 5
                > HLEN h
                1
                > HEXISTS h c
                0
                ~ HDEL h c
                > EXISTS h
                0
                "#,
            );
        }
    }

    #[test]
    fn a_replica_hides_what_is_due_and_leaves_it_to_its_master() {
        let mut bench = Bench::new();
        bench.run("HSET h a 1 b 2");
        bench.run("HPEXPIRE h 100 FIELDS 1 a");
        bench.policy = Policy::Hide;
        bench.check(
            r#"
            + 100
            > HGET h a
            nil
            > HGETALL h
            ["b", "2"]
            > HRANDFIELD h -2
            ["b", "b"]
            > HSTRLEN h a
            0
            > HLEN h
            2
            "#,
        );
        bench.policy = Policy::Ignore;
        bench.check(
            r#"
            > HGET h a
            "1"
            > HDEL h a
            1
            ~ HDEL h a
            "#,
        );
    }

    #[test]
    fn setting_clears_an_expiry_and_counting_keeps_it() {
        for long in ["", "x"] {
            let mut bench = Bench::new();
            bench.run(&format!("HSET h a 1 b 2 long \"{}\"", long.repeat(100)));
            bench.run("HPEXPIRE h 100 FIELDS 2 a b");
            bench.check(
                r#"
                > HINCRBY h a 1
                2
                ~ HINCRBY h a 1
                > HINCRBYFLOAT h a 0.5
                "2.5"
                ~ MULTI
                ~ HSET h a 2.5
                ~ HPEXPIREAT h 1000100 FIELDS 1 a
                ~ EXEC
                > HPTTL h FIELDS 2 a b
                [100, 100]
                > HSET h a 3
                0
                ~ HSET h a 3
                > HSETNX h b 3
                0
                > HPTTL h FIELDS 2 a b
                [-1, 100]
                > RENAME h g
                OK
                ~ RENAME h g
                > COPY g h
                1
                ~ COPY g h
                > HPTTL h FIELDS 2 a b
                [-1, 100]
                > HPTTL g FIELDS 2 a b
                [-1, 100]
                "#,
            );
        }
    }

    #[test]
    fn refuses_what_redis_refuses() {
        let missing = "ERR Mandatory argument FIELDS is missing or not at the right position";
        let mismatch = "ERR The `numfields` parameter must match the number of arguments";
        let not_positive = "ERR Parameter `numFields` should be greater than 0";
        for (line, expect) in [
            ("HEXPIRE h x FIELDS 1 f", "ERR value is not an integer or out of range"),
            ("HEXPIRE h -1 FIELDS 1 f", "ERR invalid expire time, must be >= 0"),
            ("HEXPIRE h 70368744178 FIELDS 1 f", "ERR invalid expire time in 'hexpire' command"),
            (
                "HPEXPIREAT h 70368744177664 FIELDS 1 f",
                "ERR invalid expire time in 'hpexpireat' command",
            ),
            ("HEXPIRE h 1 NX GT FIELDS 1 f", missing),
            ("HEXPIRE h 1 ZZ 1 f f", missing),
            ("HEXPIRE h 1 FIELDS 0 f", not_positive),
            ("HEXPIRE h 1 FIELDS x f", not_positive),
            ("HEXPIRE h 1 FIELDS 2 f", mismatch),
            ("HEXPIRE h 1 NX FIELDS 1", mismatch),
            ("HEXPIRE h 1 FIELDS 1", "ERR wrong number of arguments for 'hexpire' command"),
            ("HPERSIST h FIELDS 0 f", "ERR Number of fields must be a positive integer"),
            ("HPERSIST h 1 FIELDS f", missing),
            ("HTTL h FIELDS 2 f", mismatch),
            ("HTTL h 1 f f", missing),
            ("HPEXPIRETIME h FIELDS -1 f", "ERR Number of fields must be a positive integer"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
        for command in ["HEXPIRE k x y z f", "HTTL k y z f", "HPERSIST k y z f", "HGETDEL k y z f"]
        {
            check(&format!(
                "> SET k v\nOK\n~ SET k v\n> {command}\n(error) WRONGTYPE Operation against a key holding the wrong kind of value"
            ));
        }
    }
}
