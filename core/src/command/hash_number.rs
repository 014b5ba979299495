//! Fields of hashes as numbers: HINCRBY and HINCRBYFLOAT. A field that expires still does.
//!
//! HINCRBYFLOAT travels as the value it came to, and as the expiry that this would clear.

use std::borrow::Cow;

use super::Context;
use super::Outcome;
use super::digits;
use super::hash::BASE;
use super::hash::edit_or_create;
use super::hash_field::Sight;
use super::hash_field::expire_met;
use super::integer;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Rule;
use super::spec::Run;
use crate::data::Hash;
use crate::data::long_double::LongDouble;
use crate::error;
use crate::resp::Args;
use crate::store::KeyEvent;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "hincrby",
        summary: "Adds a number to the integer in a field, starting from 0.",
        arity: 4,
        flags: GROW_FAST,
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key"), Arg::string("field"), Arg::integer("increment")],
        propagation: Rule::Verbatim,
        run: Run::Data(hincrby),
        ..BASE
    },
    Command {
        name: "hincrbyfloat",
        since: "2.6.0",
        summary: "Adds a fraction to the number in a field, starting from 0.",
        arity: 4,
        flags: GROW_FAST,
        keys: &[KeySpec::at(1, KeyFlags::MODIFY)],
        args: &[Arg::key("key"), Arg::string("field"), Arg::double("increment")],
        propagation: Rule::Effect,
        run: Run::Data(hincrbyfloat),
        ..BASE
    },
];

const GROW_FAST: Flags = Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST);

fn hincrby(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, field) = (args.at(1), args.at(2));
    let increment = integer(args.at(3))?;
    expire_met(ctx, key, &[field])?;
    let sight = Sight::of(ctx);
    let old = match ctx.peek_as::<Hash>(key)?.and_then(|hash| sight.get(hash, field)) {
        Some(pair) => pair.value.to_int().ok_or(error::HASH_NOT_AN_INTEGER)?,
        None => 0,
    };
    let sum = old.checked_add(increment).ok_or(error::OVERFLOW)?;
    let text = digits(sum);
    edit_or_create(ctx, key, args.from(2), |hash, limits| {
        hash.update(field, text.as_bytes(), limits)
    })?;
    ctx.notify(KeyEvent::HINCRBY, key);
    ctx.changed(1);
    ctx.reply.integer(sum);
    Ok(())
}

fn hincrbyfloat(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let (key, field) = (args.at(1), args.at(2));
    let increment = LongDouble::parse(args.at(3)).ok_or(error::NOT_A_FLOAT)?;
    if increment.is_infinite() {
        return Err(error::INFINITE_INCREMENT);
    }
    expire_met(ctx, key, &[field])?;
    let sight = Sight::of(ctx);
    let pair = ctx.peek_as::<Hash>(key)?.and_then(|hash| sight.get(hash, field));
    let expire_at = pair.and_then(|pair| pair.expire_at);
    let old = pair.map_or(Cow::Borrowed(b"0".as_slice()), |pair| pair.value.to_cow());
    let old = LongDouble::parse(&old).ok_or(error::HASH_NOT_A_FLOAT)?;
    let sum = old.plus(&increment).filter(|sum| !sum.is_infinite());
    let text = sum.ok_or(error::NAN_OR_INFINITY)?.format();
    let text = text.as_bytes();
    edit_or_create(ctx, key, args.from(2), |hash, limits| hash.update(field, text, limits))?;
    ctx.notify(KeyEvent::HINCRBYFLOAT, key);
    ctx.changed(1);
    ctx.reply.bulk(text);
    ctx.propagate(&[b"HSET", key, field, text]);
    if let Some(at) = expire_at {
        ctx.propagate(&[b"HPEXPIREAT", key, digits(at).as_bytes(), b"FIELDS", b"1", field]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::command::testing::Bench;
    use crate::command::testing::check;

    #[test]
    fn counts_from_zero() {
        check(
            r#"
            > HINCRBY h n 5
            5
            ~ HINCRBY h n 5
            > HINCRBY h n -7
            -2
            ~ HINCRBY h n -7
            > HINCRBYFLOAT h n 0.5
            "-1.5"
            ~ HSET h n -1.5
            > HINCRBYFLOAT h m 1e3
            "1000"
            ~ HSET h m 1000
            > HINCRBY h m 1
            1001
            ~ HINCRBY h m 1
            > HGET h m
            "1001"
            "#,
        );
    }

    #[test]
    fn refuses_what_redis_refuses() {
        for (value, command, expect) in [
            ("x", "HINCRBY h f 1", "ERR hash value is not an integer"),
            ("1.0", "HINCRBY h f 1", "ERR hash value is not an integer"),
            ("01", "HINCRBY h f 1", "ERR hash value is not an integer"),
            ("1", "HINCRBY h f x", "ERR value is not an integer or out of range"),
            ("9223372036854775807", "HINCRBY h f 1", "ERR increment or decrement would overflow"),
            ("x", "HINCRBYFLOAT h f 1", "ERR hash value is not a float"),
            ("1", "HINCRBYFLOAT h f x", "ERR value is not a valid float"),
            ("1", "HINCRBYFLOAT h f nan", "ERR value is not a valid float"),
            ("1", "HINCRBYFLOAT h f inf", "ERR value is NaN or Infinity"),
            ("inf", "HINCRBYFLOAT h f 1", "ERR increment would produce NaN or Infinity"),
        ] {
            let mut bench = Bench::new();
            bench.run(&format!("HSET h f {value}"));
            assert_eq!(bench.run(command), [format!("(error) {expect}")], "{value} {command}");
        }
    }
}
