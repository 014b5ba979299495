//! Strings: reading and replacing whole values.
//!
//! What travels to replicas says the same everywhere and at any time: expiry as an absolute
//! PXAT, GETEX as the PEXPIREAT, PERSIST or DEL it came to.

use super::Context;
use super::Outcome;
use super::digits;
use super::set_options::Condition;
use super::set_options::Expiry;
use super::set_options::SetOptions;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeyPlace;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use super::time_form::TimeForm;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::resp::Reply;
use crate::store::KeyEvent;
use crate::store::StrRef;
use crate::store::Ttl;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "set",
        summary: "Stores a string under a key, replacing whatever the key held.",
        arity: -3,
        flags: GROW,
        keys: &[KeySpec::at(1, KeyFlags::MODIFY.with(KeyFlags::VARIABLE_FLAGS))
            .notes("Reads the old value when `GET` is given")],
        find_keys: Some(find_set_keys),
        args: &[
            Arg::key("key"),
            Arg::string("value"),
            Arg::one_of(
                "condition",
                &[
                    Arg::word("nx", "NX").since("2.6.12"),
                    Arg::word("xx", "XX").since("2.6.12"),
                    Arg::string("comparison-value").token("IFEQ").since("8.1.0"),
                ],
            )
            .optional(),
            Arg::word("get", "GET").since("6.2.0").optional(),
            Arg::one_of(
                "expiration",
                &[
                    Arg::integer("seconds").token("EX").since("2.6.12"),
                    Arg::integer("milliseconds").token("PX").since("2.6.12"),
                    Arg::unix_time("unix-time-seconds").token("EXAT").since("6.2.0"),
                    Arg::unix_time("unix-time-milliseconds").token("PXAT").since("6.2.0"),
                    Arg::word("keepttl", "KEEPTTL").since("6.0.0"),
                ],
            )
            .optional(),
        ],
        history: &[
            ("2.6.12", "`EX`, `PX`, `NX` and `XX`."),
            ("6.0.0", "`KEEPTTL`."),
            ("6.2.0", "`GET`, `EXAT` and `PXAT`."),
            ("7.0.0", "`NX` and `GET` may stand together."),
            ("8.1.0", "`IFEQ`, as Valkey has it."),
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(set),
        ..BASE
    },
    Command {
        name: "get",
        summary: "Reads the string stored under a key.",
        arity: 2,
        flags: Flags::READONLY.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::READ)],
        args: &[Arg::key("key")],
        run: Run::Data(get),
        ..BASE
    },
    Command {
        name: "getex",
        since: "6.2.0",
        summary: "Reads a string and changes when its key expires.",
        arity: -2,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY).notes("Changes the expiry, not the value")],
        args: &[
            Arg::key("key"),
            Arg::one_of(
                "expiration",
                &[
                    Arg::integer("seconds").token("EX"),
                    Arg::integer("milliseconds").token("PX"),
                    Arg::unix_time("unix-time-seconds").token("EXAT"),
                    Arg::unix_time("unix-time-milliseconds").token("PXAT"),
                    Arg::word("persist", "PERSIST"),
                ],
            )
            .optional(),
        ],
        propagation: Rule::Verbatim,
        run: Run::Data(getex),
        ..BASE
    },
    Command {
        name: "getdel",
        since: "6.2.0",
        summary: "Reads a string and deletes its key.",
        arity: 2,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RW.with(KeyFlags::ACCESS).with(KeyFlags::DELETE))],
        args: &[Arg::key("key")],
        propagation: Rule::Verbatim,
        run: Run::Data(getdel),
        ..BASE
    },
    Command {
        name: "delifeq",
        since: "9.0.0",
        summary: "Deletes a key if it holds a certain string; a command of Valkey's.",
        arity: 3,
        flags: Flags::WRITE.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::RM.with(KeyFlags::DELETE))],
        args: &[Arg::key("key"), Arg::string("value")],
        propagation: Rule::Effect,
        run: Run::Data(delifeq),
        ..BASE
    },
    Command {
        name: "getset",
        summary: "Stores a string and answers with the one it replaced.",
        arity: 3,
        flags: GROW.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key"), Arg::string("value")],
        deprecated: Some(("6.2.0", "`SET` with `GET`")),
        propagation: Rule::Verbatim,
        run: Run::Data(getset),
        ..BASE
    },
    Command {
        name: "setnx",
        summary: "Stores a string under a key that does not exist yet.",
        arity: 3,
        flags: GROW.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::CREATE)],
        args: &[Arg::key("key"), Arg::string("value")],
        deprecated: Some(("2.6.12", "`SET` with `NX`")),
        propagation: Rule::Verbatim,
        run: Run::Data(setnx),
        ..BASE
    },
    Command {
        name: "setex",
        since: "2.0.0",
        summary: "Stores a string together with its time to live in seconds.",
        arity: 4,
        flags: GROW,
        keys: &[KeySpec::at(1, KeyFlags::OVERWRITE)],
        args: &[Arg::key("key"), Arg::integer("seconds"), Arg::string("value")],
        deprecated: Some(("2.6.12", "`SET` with `EX`")),
        propagation: Rule::Verbatim,
        run: Run::Data(setex),
        ..BASE
    },
    Command {
        name: "psetex",
        since: "2.6.0",
        summary: "Stores a string together with its time to live in milliseconds.",
        arity: 4,
        flags: GROW,
        keys: &[KeySpec::at(1, KeyFlags::OVERWRITE)],
        args: &[Arg::key("key"), Arg::integer("milliseconds"), Arg::string("value")],
        deprecated: Some(("2.6.12", "`SET` with `PX`")),
        propagation: Rule::Verbatim,
        run: Run::Data(psetex),
        ..BASE
    },
];

const GROW: Flags = Flags::WRITE.with(Flags::DENYOOM);

const BASE: Command =
    Command { group: Group::String, categories: Categories::STRING, ..Command::BASE };

fn set(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    if args.len() > 3 {
        return set_with_options(ctx, args);
    }
    ctx.set_string(args.at(1), args.at(2), Ttl::Clear);
    ctx.notify(KeyEvent::SET, args.at(1));
    ctx.changed(1);
    ctx.reply.ok();
    Ok(())
}

fn set_with_options(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, value) = (args.at(1), args.at(2));
    let options = SetOptions::parse(args)?;
    let ttl = options.expiry.ttl(ctx.now, "set")?;
    if options.get {
        reply_value(ctx, key)?;
    }
    if !options.condition.allows(ctx.peek(key))? {
        if !options.get {
            ctx.reply.null();
        }
        return Ok(());
    }
    ctx.set_string(key, value, ttl);
    notify_set(ctx, key, ttl);
    ctx.changed(1);
    if !options.get {
        ctx.reply.ok();
    }
    match ttl {
        Ttl::At(at) => propagate_set_at(ctx, key, value, at),
        ttl if matches!(options.condition, Condition::IfEqual(_)) => {
            // A replica may be a Redis, which knows no IFEQ.
            let words = [b"SET".as_slice(), key, value, b"KEEPTTL"];
            ctx.propagate(words.get(..if ttl == Ttl::Keep { 4 } else { 3 }).unwrap_or_default());
        }
        Ttl::Clear | Ttl::Keep if options.get => propagate_without_get(ctx, args),
        Ttl::Clear | Ttl::Keep => {}
    }
    Ok(())
}

/// What SET does to its key: it reads the value only with GET.
fn find_set_keys(args: Args<'_>, places: &mut Vec<KeyPlace>) {
    let gets = args.from(3).iter().any(|option| option.eq_ignore_ascii_case(b"GET"));
    let flags = if gets { KeyFlags::MODIFY } else { KeyFlags::OVERWRITE };
    places.push(KeyPlace { word: 1, flags });
}

/// SETEX and PSETEX: `key`, time, `value`.
fn set_for(ctx: &mut Context<'_>, args: Args<'_>, form: TimeForm, name: &str) -> Outcome {
    let (key, value) = (args.at(1), args.at(3));
    let at = form.positive_instant(args.at(2), ctx.now, name)?;
    ctx.set_string(key, value, Ttl::At(at));
    notify_set(ctx, key, Ttl::At(at));
    ctx.changed(1);
    ctx.reply.ok();
    propagate_set_at(ctx, key, value, at);
    Ok(())
}

fn setex(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    set_for(ctx, args, TimeForm::EX, "setex")
}

fn psetex(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    set_for(ctx, args, TimeForm::PX, "psetex")
}

fn setnx(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let absent = !ctx.exists(args.at(1));
    if absent {
        ctx.set_string(args.at(1), args.at(2), Ttl::Clear);
        ctx.notify(KeyEvent::SET, args.at(1));
        ctx.changed(1);
    }
    ctx.reply.flag(absent);
    Ok(())
}

fn get(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    reply_value(ctx, args.at(1))?;
    Ok(())
}

fn getset(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, value) = (args.at(1), args.at(2));
    reply_value(ctx, key)?;
    ctx.set_string(key, value, Ttl::Clear);
    ctx.notify(KeyEvent::SET, key);
    ctx.changed(1);
    ctx.propagate(&[b"SET", key, value]);
    Ok(())
}

fn getdel(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(1);
    if reply_value(ctx, key)? {
        ctx.delete(key);
        ctx.changed(1);
        ctx.propagate(&[b"DEL", key]);
    }
    Ok(())
}

fn delifeq(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, value) = (args.at(1), args.at(2));
    let is_equal = Condition::IfEqual(value).allows(ctx.peek(key))?;
    if is_equal {
        ctx.delete(key);
        ctx.changed(1);
        // A replica may be a Redis, which has no DELIFEQ.
        ctx.propagate(&[b"DEL", key]);
    }
    ctx.reply.flag(is_equal);
    Ok(())
}

fn getex(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(1);
    let expiry = Expiry::parse_getex(args)?;
    let now = ctx.now;
    let (entry, reply) = ctx.read_for_reply(key);
    let Some(entry) = entry else {
        reply.null();
        return Ok(());
    };
    let value = entry.string().ok_or(error::WRONG_TYPE)?;
    let had_expiry = entry.expire_at().is_some();
    let ttl = expiry.ttl(now, "getex")?;
    reply_string(reply, value);
    match (expiry, ttl) {
        (Expiry::Given(form, _), Ttl::At(at)) if !form.is_from_now() && ctx.is_past(at) => {
            ctx.delete(key);
            ctx.changed(1);
            ctx.propagate(&[b"DEL", key]);
        }
        (_, Ttl::At(at)) => {
            ctx.store.set_expiry(ctx.db, key, Some(at));
            ctx.notify(KeyEvent::EXPIRE, key);
            ctx.changed(1);
            ctx.propagate(&[b"PEXPIREAT", key, digits(at).as_bytes()]);
        }
        (Expiry::Persist, _) if had_expiry => {
            ctx.store.set_expiry(ctx.db, key, None);
            ctx.notify(KeyEvent::PERSIST, key);
            ctx.changed(1);
            ctx.propagate(&[b"PERSIST", key]);
        }
        _ => {}
    }
    Ok(())
}

/// Replies with the string at `key`, or null; says whether there is one.
fn reply_value(ctx: &mut Context<'_>, key: &[u8]) -> Result<bool, CommandError> {
    let (entry, reply) = ctx.read_for_reply(key);
    let Some(entry) = entry else {
        reply.null();
        return Ok(false);
    };
    reply_string(reply, entry.string().ok_or(error::WRONG_TYPE)?);
    Ok(true)
}

pub(super) fn reply_string(reply: &mut Reply<'_>, value: StrRef<'_>) {
    match value {
        StrRef::Int(value) => reply.bulk_integer(value),
        StrRef::Bytes(bytes) => reply.bulk(bytes),
    }
}

fn notify_set(ctx: &mut Context<'_>, key: &[u8], ttl: Ttl) {
    ctx.notify(KeyEvent::SET, key);
    if matches!(ttl, Ttl::At(_)) {
        ctx.notify(KeyEvent::EXPIRE, key);
    }
}

fn propagate_set_at(ctx: &mut Context<'_>, key: &[u8], value: &[u8], at: i64) {
    ctx.propagate(&[b"SET", key, value, b"PXAT", digits(at).as_bytes()]);
}

/// A replica has nobody to answer to.
fn propagate_without_get(ctx: &mut Context<'_>, args: Args<'_>) {
    let options = args.from(3).iter().filter(|option| !option.eq_ignore_ascii_case(b"GET"));
    let words: Vec<&[u8]> = args.iter().take(3).chain(options).collect();
    ctx.propagate(&words);
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::super::testing::check;
    use crate::store::Policy;

    #[test]
    fn set_stores_and_answers_as_its_options_say() {
        check(
            r#"
            > SET k v
            OK
            ~ SET k v
            > set k w xx get
            "v"
            ~ set k w xx
            > SET k x NX
            nil
            > SET k x NX GET
            "w"
            > SET n x NX GET
            nil
            ~ SET n x NX
            > SET m x XX
            nil
            > MGET k n m
            ["w", "x", nil]
            > SET k "a b" KEEPTTL GET get
            "w"
            ~ SET k "a b" KEEPTTL
            "#,
        );
    }

    #[test]
    fn set_travels_with_the_absolute_time() {
        check(
            r#"
            > SET k v EX 10
            OK
            ~ SET k v PXAT 1010000
            > SET k v PX 5 NX
            nil
            > SET k v PX 5 ex 6
            (error) ERR syntax error
            > SET k v PX 5 PX 7 GET
            "v"
            ~ SET k v PXAT 1000007
            > SET k v EXAT 2000
            OK
            ~ SET k v PXAT 2000000
            > SET k v pxat 2000000 XX
            OK
            ~ SET k v PXAT 2000000
            > SET k w KEEPTTL
            OK
            ~ SET k w KEEPTTL
            + 1000000
            > GET k
            nil
            ~ DEL k
            > SETEX k 1 v
            OK
            ~ SET k v PXAT 2001000
            > PSETEX k 1 v
            OK
            ~ SET k v PXAT 2000001
            + 1
            > SET k v
            OK
            ~ MULTI
            ~ DEL k
            ~ SET k v
            ~ EXEC
            "#,
        );
    }

    #[test]
    fn set_refuses_what_redis_refuses() {
        for (line, expect) in [
            ("SET k", "ERR wrong number of arguments for 'set' command"),
            ("SET k v NX XX", "ERR syntax error"),
            ("SET k v EX", "ERR syntax error"),
            ("SET k v EX 1 KEEPTTL", "ERR syntax error"),
            ("SET k v PERSIST", "ERR syntax error"),
            ("SET k v EX 1 PXAT 1", "ERR syntax error"),
            ("SET k v EX 0", "ERR invalid expire time in 'set' command"),
            ("SET k v EX -1", "ERR invalid expire time in 'set' command"),
            ("SET k v EX 9223372036854775807", "ERR invalid expire time in 'set' command"),
            ("SET k v PX 9223372036854775807", "ERR invalid expire time in 'set' command"),
            ("SET k v EX 1.0", "ERR value is not an integer or out of range"),
            ("SETEX k 0 v", "ERR invalid expire time in 'setex' command"),
            ("PSETEX k -5 v", "ERR invalid expire time in 'psetex' command"),
            ("GETEX k PERSIST EX 1", "ERR syntax error"),
            ("GETEX k KEEPTTL", "ERR syntax error"),
        ] {
            check(&format!("> {line}\n(error) {expect}"));
        }
    }

    #[test]
    fn what_compares_first_travels_as_what_it_did() {
        check(
            r#"
            > SET k v IFEQ v
            nil
            > SET k v
            OK
            ~ SET k v
            > SET k w IFEQ x
            nil
            > SET k w IFEQ v
            OK
            ~ SET k w
            > SET k 10 GET IFEQ w EX 10
            "w"
            ~ SET k 10 PXAT 1010000
            > SET k 11 IFEQ 10 KEEPTTL GET
            "10"
            ~ SET k 11 KEEPTTL
            > SET k 12 IFEQ 10 GET
            "11"
            > SET k 12 IFEQ 11 XX
            (error) ERR syntax error
            > DELIFEQ k 12
            0
            > DELIFEQ k 11
            1
            ~ DEL k
            > DELIFEQ k 11
            0
            "#,
        );
    }

    #[test]
    fn getex_travels_as_what_it_did() {
        check(
            r#"
            > GETEX k EX 0
            nil
            > SET k v
            OK
            ~ SET k v
            > GETEX k EX 0
            (error) ERR invalid expire time in 'getex' command
            > GETEX k
            "v"
            > GETEX k PERSIST
            "v"
            > GETEX k EX 10
            "v"
            ~ PEXPIREAT k 1010000
            > GETEX k PERSIST
            "v"
            ~ PERSIST k
            > GETEX k PXAT 1000000
            "v"
            ~ DEL k
            > GET k
            nil
            "#,
        );
    }

    #[test]
    fn getset_getdel_and_setnx() {
        check(
            r#"
            > GETSET k 1
            nil
            ~ SET k 1
            > GETSET k 2
            "1"
            ~ SET k 2
            > SETNX k 3
            0
            > SETNX n 3
            1
            ~ SETNX n 3
            > GETDEL k
            "2"
            ~ DEL k
            > GETDEL k
            nil
            "#,
        );
    }

    #[test]
    fn a_replica_hides_what_its_master_has_yet_to_delete() {
        let mut bench = Bench::new();
        bench.check("> SET k v PX 5\nOK\n~ SET k v PXAT 1000005\n+ 5");
        bench.policy = Policy::Hide;
        bench.check("> GET k\nnil");
        bench.policy = Policy::Ignore;
        bench.check("> GET k\n\"v\"");
    }
}
