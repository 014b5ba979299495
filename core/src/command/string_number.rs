//! Strings as numbers: INCR and its kin, INCRBYFLOAT.
//!
//! INCR takes exactly what an `i64` prints as. INCRBYFLOAT computes in 80-bit
//! numbers as Redis does on x86, and travels as the value it came to, so that
//! replicas of any kind agree.

use super::Context;
use super::Outcome;
use super::integer;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use crate::data::long_double::LongDouble;
use crate::error;
use crate::error::CommandError;
use crate::resp::Args;
use crate::store::KeyEvent;
use crate::store::Ttl;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "incr",
        summary: "Adds one to the integer a key holds, starting from 0.",
        arity: 2,
        flags: GROW.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key")],
        propagation: Rule::Verbatim,
        run: Run::Data(incr),
        ..BASE
    },
    Command {
        name: "decr",
        summary: "Takes one from the integer a key holds, starting from 0.",
        arity: 2,
        flags: GROW.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key")],
        propagation: Rule::Verbatim,
        run: Run::Data(decr),
        ..BASE
    },
    Command {
        name: "incrby",
        summary: "Adds a number to the integer a key holds, starting from 0.",
        arity: 3,
        flags: GROW.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key"), Arg::integer("increment")],
        propagation: Rule::Verbatim,
        run: Run::Data(incrby),
        ..BASE
    },
    Command {
        name: "decrby",
        summary: "Takes a number from the integer a key holds, starting from 0.",
        arity: 3,
        flags: GROW.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key"), Arg::integer("decrement")],
        propagation: Rule::Verbatim,
        run: Run::Data(decrby),
        ..BASE
    },
    Command {
        name: "incrbyfloat",
        since: "2.6.0",
        summary: "Adds a fraction to the number a key holds, starting from 0.",
        arity: 3,
        flags: GROW.with(Flags::FAST),
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key"), Arg::double("increment")],
        propagation: Rule::Verbatim,
        run: Run::Data(incrbyfloat),
        ..BASE
    },
];

const GROW: Flags = Flags::WRITE.with(Flags::DENYOOM);

const BASE: Command =
    Command { group: Group::String, categories: Categories::STRING, ..Command::BASE };

fn incr(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    add(ctx, args.at(1), 1)
}

fn decr(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    add(ctx, args.at(1), -1)
}

fn incrby(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    add(ctx, args.at(1), integer(args.at(2))?)
}

fn decrby(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let decrement = integer(args.at(2))?;
    add(ctx, args.at(1), decrement.checked_neg().ok_or(error::DECREMENT_OVERFLOW)?)
}

fn add(ctx: &mut Context<'_>, key: &[u8], increment: i64) -> Outcome {
    let value = if let Some(mut entry) = ctx.edit(key) {
        let old = entry.string().ok_or(error::WRONG_TYPE)?;
        let old = old.to_int().ok_or(error::NOT_AN_INTEGER)?;
        let value = old.checked_add(increment).ok_or(error::OVERFLOW)?;
        entry.set_int(value);
        value
    } else {
        ctx.set_integer(key, increment, Ttl::Clear);
        increment
    };
    ctx.notify(KeyEvent::INCRBY, key);
    ctx.changed(1);
    ctx.reply.integer(value);
    Ok(())
}

fn incrbyfloat(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let key = args.at(1);
    let old = match ctx.peek(key) {
        Some(entry) => number(&entry.string().ok_or(error::WRONG_TYPE)?.to_cow())?,
        None => number(b"0")?,
    };
    let sum = old.plus(&number(args.at(2))?).filter(|sum| !sum.is_infinite());
    let text = sum.ok_or(error::NAN_OR_INFINITY)?.format();
    ctx.set_bytes(key, text.as_bytes(), Ttl::Keep);
    ctx.notify(KeyEvent::INCRBYFLOAT, key);
    ctx.changed(1);
    ctx.reply.bulk(text.as_bytes());
    ctx.propagate(&[b"SET", key, text.as_bytes(), b"KEEPTTL"]);
    Ok(())
}

fn number(text: &[u8]) -> Result<LongDouble, CommandError> {
    LongDouble::parse(text).ok_or(error::NOT_A_FLOAT)
}

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;

    #[test]
    fn counts_and_keeps_the_expiry() {
        check(
            r#"
            > INCR k
            1
            ~ INCR k
            > INCRBY k 9
            10
            ~ INCRBY k 9
            > DECR k
            9
            ~ DECR k
            > DECRBY k -1
            10
            ~ DECRBY k -1
            > EXPIRE k 100
            1
            ~ PEXPIREAT k 1100000
            > INCR k
            11
            ~ INCR k
            > TTL k
            100
            > OBJECT ENCODING k
            "int"
            > INCRBY k 0
            11
            ~ INCRBY k 0
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (value, command, expect) in [
            ("x", "INCR k", "ERR value is not an integer or out of range"),
            ("1.0", "INCR k", "ERR value is not an integer or out of range"),
            ("\" 1\"", "INCR k", "ERR value is not an integer or out of range"),
            ("01", "DECR k", "ERR value is not an integer or out of range"),
            ("1", "INCRBY k x", "ERR value is not an integer or out of range"),
            ("9223372036854775807", "INCR k", "ERR increment or decrement would overflow"),
            ("-9223372036854775808", "DECR k", "ERR increment or decrement would overflow"),
            ("1", "DECRBY k -9223372036854775808", "ERR decrement would overflow"),
            ("x", "INCRBYFLOAT k 1", "ERR value is not a valid float"),
            ("1", "INCRBYFLOAT k x", "ERR value is not a valid float"),
            ("1", "INCRBYFLOAT k nan", "ERR value is not a valid float"),
            ("1", "INCRBYFLOAT k inf", "ERR increment would produce NaN or Infinity"),
            ("inf", "INCRBYFLOAT k -inf", "ERR increment would produce NaN or Infinity"),
        ] {
            let mut bench = Bench::new();
            bench.run(&format!("SET k {value}"));
            assert_eq!(bench.run(command), [format!("(error) {expect}")], "{value} {command}");
        }
    }

    #[test]
    fn floats_travel_as_what_they_came_to() {
        check(
            r#"
            > INCRBYFLOAT k 10.50
            "10.5"
            ~ SET k 10.5 KEEPTTL
            > INCRBYFLOAT k 0.1
            "10.6"
            ~ SET k 10.6 KEEPTTL
            > INCRBYFLOAT k -5.6
            "5"
            ~ SET k 5 KEEPTTL
            > OBJECT ENCODING k
            "embstr"
            > INCR k
            6
            ~ INCR k
            > SET k 5.0e3 PX 100
            OK
            ~ SET k 5.0e3 PXAT 1000100
            > INCRBYFLOAT k 2.0e2
            "5200"
            ~ SET k 5200 KEEPTTL
            > PTTL k
            100
            "#,
        );
    }
}
