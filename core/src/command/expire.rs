//! How long keys live: EXPIRE and its kin, TTL and its kin, PERSIST.
//!
//! Replicas are told the absolute time in milliseconds, whatever the client
//! gave; a time that is past already travels as the DEL it amounts to.

use super::Context;
use super::Outcome;
use super::digits;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::time_form::TimeForm;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "expire",
        summary: "Sets how many seconds a key has left to live.",
        arity: -3,
        flags: WRITE_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[
            Arg::key("key"),
            Arg::integer("seconds"),
            Arg::one_of(
                "condition",
                &[
                    Arg::word("nx", "NX"),
                    Arg::word("xx", "XX"),
                    Arg::word("gt", "GT"),
                    Arg::word("lt", "LT"),
                ],
            )
            .since("7.0.0")
            .optional(),
        ],
        history: &[("7.0.0", "`NX`, `XX`, `GT` and `LT`.")],
        propagation: Rule::Verbatim,
        run: Run::Data(expire),
        ..BASE
    },
    Command {
        name: "pexpire",
        since: "2.6.0",
        summary: "Sets how many milliseconds a key has left to live.",
        arity: -3,
        flags: WRITE_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[
            Arg::key("key"),
            Arg::integer("milliseconds"),
            Arg::one_of(
                "condition",
                &[
                    Arg::word("nx", "NX"),
                    Arg::word("xx", "XX"),
                    Arg::word("gt", "GT"),
                    Arg::word("lt", "LT"),
                ],
            )
            .since("7.0.0")
            .optional(),
        ],
        history: &[("7.0.0", "`NX`, `XX`, `GT` and `LT`.")],
        propagation: Rule::Verbatim,
        run: Run::Data(pexpire),
        ..BASE
    },
    Command {
        name: "expireat",
        since: "1.2.0",
        summary: "Sets the Unix time, in seconds, at which a key expires.",
        arity: -3,
        flags: WRITE_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[
            Arg::key("key"),
            Arg::unix_time("unix-time-seconds"),
            Arg::one_of(
                "condition",
                &[
                    Arg::word("nx", "NX"),
                    Arg::word("xx", "XX"),
                    Arg::word("gt", "GT"),
                    Arg::word("lt", "LT"),
                ],
            )
            .since("7.0.0")
            .optional(),
        ],
        history: &[("7.0.0", "`NX`, `XX`, `GT` and `LT`.")],
        propagation: Rule::Verbatim,
        run: Run::Data(expireat),
        ..BASE
    },
    Command {
        name: "pexpireat",
        since: "2.6.0",
        summary: "Sets the Unix time, in milliseconds, at which a key expires.",
        arity: -3,
        flags: WRITE_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[
            Arg::key("key"),
            Arg::unix_time("unix-time-milliseconds"),
            Arg::one_of(
                "condition",
                &[
                    Arg::word("nx", "NX"),
                    Arg::word("xx", "XX"),
                    Arg::word("gt", "GT"),
                    Arg::word("lt", "LT"),
                ],
            )
            .since("7.0.0")
            .optional(),
        ],
        history: &[("7.0.0", "`NX`, `XX`, `GT` and `LT`.")],
        propagation: Rule::Verbatim,
        run: Run::Data(pexpireat),
        ..BASE
    },
    Command {
        name: "ttl",
        summary: "Tells how many seconds a key has left to live.",
        arity: 2,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key")],
        tips: &["nondeterministic_output"],
        history: &[("2.8.0", "Answers -2 when there is no such key.")],
        run: Run::Data(ttl),
        ..BASE
    },
    Command {
        name: "pttl",
        since: "2.6.0",
        summary: "Tells how many milliseconds a key has left to live.",
        arity: 2,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key")],
        tips: &["nondeterministic_output"],
        history: &[("2.8.0", "Answers -2 when there is no such key.")],
        run: Run::Data(pttl),
        ..BASE
    },
    Command {
        name: "expiretime",
        since: "7.0.0",
        summary: "Tells the Unix time, in seconds, at which a key expires.",
        arity: 2,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key")],
        run: Run::Data(expiretime),
        ..BASE
    },
    Command {
        name: "pexpiretime",
        since: "7.0.0",
        summary: "Tells the Unix time, in milliseconds, at which a key expires.",
        arity: 2,
        flags: READ_FAST,
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key")],
        run: Run::Data(pexpiretime),
        ..BASE
    },
    Command {
        name: "persist",
        since: "2.2.0",
        summary: "Lets a key live for ever again.",
        arity: 2,
        flags: WRITE_FAST,
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::UPDATE))],
        args: &[Arg::key("key")],
        propagation: Rule::Verbatim,
        run: Run::Data(persist),
        ..BASE
    },
];

const READ_FAST: Flags = Flags::READONLY.with(Flags::FAST);
const WRITE_FAST: Flags = Flags::WRITE.with(Flags::FAST);

const BASE: Command =
    Command { group: Group::Generic, categories: Categories::KEYSPACE, ..Command::BASE };

fn expire(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    expire_generic(ctx, args, TimeForm::EX, "expire")
}

fn pexpire(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    expire_generic(ctx, args, TimeForm::PX, "pexpire")
}

fn expireat(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    expire_generic(ctx, args, TimeForm::EXAT, "expireat")
}

fn pexpireat(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    expire_generic(ctx, args, TimeForm::PXAT, "pexpireat")
}

fn expire_generic(ctx: &mut Context<'_>, args: Args<'_>, form: TimeForm, name: &str) -> Outcome {
    let key = args.at(1);
    let conditions = Conditions::parse(args.from(3))?;
    let at = form.instant(args.at(2), ctx.now, name)?;
    let applies = ctx.peek(key).is_some_and(|entry| conditions.allow(entry.expire_at(), at));
    ctx.reply.flag(applies);
    if !applies {
        return Ok(());
    }
    ctx.changed(1);
    if ctx.is_past(at) {
        ctx.delete(key);
        ctx.propagate(&[b"DEL", key]);
        return Ok(());
    }
    ctx.store.set_expiry(ctx.db, key, Some(at));
    ctx.notify(KeyEvent::EXPIRE, key);
    if form != TimeForm::PXAT {
        let at = digits(at);
        let head: [&[u8]; 3] = [b"PEXPIREAT", key, at.as_bytes()];
        let words: Vec<&[u8]> = head.into_iter().chain(args.from(3).iter()).collect();
        ctx.propagate(&words);
    }
    Ok(())
}

/// NX, XX, GT and LT: what the present expiry has to be like.
#[derive(Clone, Copy, Debug, Default)]
struct Conditions {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
}

impl Conditions {
    fn parse(options: Args<'_>) -> Result<Self, CommandError> {
        let mut conditions = Self::default();
        for option in options.iter() {
            let flag = match option.to_ascii_uppercase().as_slice() {
                b"NX" => &mut conditions.nx,
                b"XX" => &mut conditions.xx,
                b"GT" => &mut conditions.gt,
                b"LT" => &mut conditions.lt,
                _ => return Err(error::unsupported_option(option)),
            };
            *flag = true;
        }
        let Self { nx, xx, gt, lt } = conditions;
        if nx && (xx || gt || lt) {
            return Err(error::NX_WITH_XX_GT_LT);
        }
        if gt && lt {
            return Err(error::GT_WITH_LT);
        }
        Ok(conditions)
    }

    /// A key without an expiry counts as one that lives longest.
    fn allow(self, present: Option<i64>, at: i64) -> bool {
        match present {
            None => !self.xx && !self.gt,
            Some(present) => !self.nx && (!self.gt || at > present) && (!self.lt || at < present),
        }
    }
}

fn ttl(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let now_ms = ctx.now.wall_ms();
    reply_expiry(ctx, args.at(1), |at| seconds((at - now_ms).max(0)))
}

fn pttl(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let now_ms = ctx.now.wall_ms();
    reply_expiry(ctx, args.at(1), |at| (at - now_ms).max(0))
}

fn expiretime(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    reply_expiry(ctx, args.at(1), seconds)
}

fn pexpiretime(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    reply_expiry(ctx, args.at(1), |at| at)
}

/// Replies with the expiry as `shown`: -2 where there is no key, -1 where it lives for ever.
fn reply_expiry(ctx: &mut Context<'_>, key: &[u8], shown: impl Fn(i64) -> i64) -> Outcome {
    let reply = match ctx.look(key).map(|entry| entry.expire_at()) {
        None => -2,
        Some(None) => -1,
        Some(Some(at)) => shown(at),
    };
    ctx.reply.integer(reply);
    Ok(())
}

/// The nearest number of seconds.
const fn seconds(ms: i64) -> i64 {
    // Not by adding 500 first: the largest instant there is would overflow.
    ms / 1000 + (ms % 1000 >= 500) as i64
}

fn persist(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(1);
    let persists = ctx.peek(key).is_some_and(|entry| entry.expire_at().is_some());
    if persists {
        ctx.store.set_expiry(ctx.db, key, None);
        ctx.notify(KeyEvent::PERSIST, key);
        ctx.changed(1);
    }
    ctx.reply.flag(persists);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;
    use crate::store::Policy;

    #[test]
    fn expiry_travels_as_milliseconds_since_1970() {
        check(
            r#"
            > EXPIRE k 10
            0
            > SET k v
            OK
            ~ SET k v
            > EXPIRE k 10
            1
            ~ PEXPIREAT k 1010000
            > pexpire k 10 xx
            1
            ~ PEXPIREAT k 1000010 xx
            > EXPIREAT k 2000
            1
            ~ PEXPIREAT k 2000000
            > pexpireat k 2000001 XX
            1
            ~ pexpireat k 2000001 XX
            > PEXPIRETIME k
            2000001
            > EXPIRETIME k
            2000
            > PTTL k
            1000001
            > TTL k
            1000
            + 999502
            > TTL k
            0
            > PERSIST k
            1
            ~ PERSIST k
            > PERSIST k
            0
            > TTL k
            -1
            > PTTL nope
            -2
            > EXPIRETIME nope
            -2
            > PEXPIRETIME k
            -1
            > PERSIST nope
            0
            "#,
        );
    }

    #[test]
    fn a_past_time_deletes() {
        for past in ["EXPIRE k 0", "EXPIRE k -1", "PEXPIREAT k 1000000", "EXPIREAT k 0"] {
            check(&format!("> SET k v\nOK\n~ SET k v\n> {past}\n1\n~ DEL k\n> EXISTS k\n0"));
        }
        let mut bench = Bench::new();
        bench.policy = Policy::Ignore;
        bench.check("> SET k v\nOK\n~ SET k v\n> PEXPIREAT k 1\n1\n~ PEXPIREAT k 1\n> EXISTS k\n1");
    }

    #[test]
    fn conditions_compare_with_the_present_expiry() {
        for (present, command, applies) in [
            (None, "PEXPIREAT k 2000 NX", true),
            (None, "PEXPIREAT k 2000 XX", false),
            (None, "PEXPIREAT k 9000000 GT", false),
            (None, "PEXPIREAT k 9000000 LT", true),
            (Some(2_000_000), "PEXPIREAT k 3000000 NX", false),
            (Some(2_000_000), "PEXPIREAT k 3000000 XX", true),
            (Some(2_000_000), "PEXPIREAT k 3000000 GT", true),
            (Some(2_000_000), "PEXPIREAT k 2000000 GT", false),
            (Some(2_000_000), "PEXPIREAT k 2000000 LT", false),
            (Some(2_000_000), "PEXPIREAT k 1999999 LT", true),
            (Some(2_000_000), "PEXPIREAT k 1999999 LT XX", true),
            (Some(2_000_000), "PEXPIREAT k 1999999 GT XX", false),
        ] {
            let mut bench = Bench::new();
            bench.run(&match present {
                None => "SET k v".to_owned(),
                Some(at) => format!("SET k v PXAT {at}"),
            });
            let got = bench.run(command).swap_remove(0);
            assert_eq!(got, i32::from(applies).to_string(), "{present:?} {command}");
        }
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (line, expect) in [
            ("EXPIRE k x", "ERR value is not an integer or out of range"),
            ("EXPIRE k 9223372036854775807", "ERR invalid expire time in 'expire' command"),
            ("EXPIRE k -9223372036854775808", "ERR invalid expire time in 'expire' command"),
            ("PEXPIRE k 9223372036854775807", "ERR invalid expire time in 'pexpire' command"),
            ("EXPIRE k x ZZ", "ERR Unsupported option ZZ"),
            (
                "EXPIRE k 1 NX GT",
                "ERR NX and XX, GT or LT options at the same time are not compatible",
            ),
            ("EXPIRE k 1 GT LT", "ERR GT and LT options at the same time are not compatible"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }
}
