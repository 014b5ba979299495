//! OBJECT: how the value behind a key is kept.

use super::Context;
use super::Outcome;
use super::help;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::Run;
use crate::error;
use crate::resp::Args;
use crate::store::AccessClock;
use crate::store::StrRef;

pub const COMMANDS: &[Command] = &[Command {
    name: "object",
    since: "2.2.3",
    summary: "Looks behind a key at how its value is kept.",
    complexity: "Depends on the subcommand",
    arity: -2,
    categories: Categories::NONE,
    subcommands: OBJECT_SUBCOMMANDS,
    ..BASE
}];

const OBJECT_SUBCOMMANDS: &[Command] = &[
    Command {
        name: "encoding",
        since: "2.2.3",
        summary: "Names the form in which a value is kept in memory.",
        arity: 3,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(2, KeyFlags::RO)],
        args: &[Arg::key("key")],
        tips: &["nondeterministic_output"],
        run: Run::Data(object_encoding),
        ..BASE
    },
    Command {
        name: "refcount",
        since: "2.2.3",
        summary: "Tells how many references a value has.",
        arity: 3,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(2, KeyFlags::RO)],
        args: &[Arg::key("key")],
        tips: &["nondeterministic_output"],
        run: Run::Data(object_refcount),
        ..BASE
    },
    Command {
        name: "idletime",
        since: "2.2.3",
        summary: "Tells how many seconds ago a key was last used.",
        arity: 3,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(2, KeyFlags::RO)],
        args: &[Arg::key("key")],
        tips: &["nondeterministic_output"],
        run: Run::Data(object_idletime),
        ..BASE
    },
    Command {
        name: "freq",
        since: "4.0.0",
        summary: "Tells how often a key is used, on a logarithmic scale.",
        arity: 3,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(2, KeyFlags::RO)],
        args: &[Arg::key("key")],
        tips: &["nondeterministic_output"],
        run: Run::Data(object_freq),
        ..BASE
    },
    Command {
        name: "help",
        since: "6.2.0",
        summary: "Lists the subcommands of OBJECT.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(object_help),
        ..BASE
    },
];

const BASE: Command =
    Command { group: Group::Generic, categories: Categories::KEYSPACE, ..Command::BASE };

fn object_encoding(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    match ctx.inspect(args.at(2)).map(|entry| entry.encoding().name()) {
        Some(name) => ctx.reply.bulk(name.as_bytes()),
        None => ctx.reply.null(),
    }
    Ok(())
}

/// Redis shares the objects of small integers, which then have no count but the largest one.
fn object_refcount(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let shared = ctx.inspect(args.at(2)).map(|entry| {
        matches!(entry.string(), Some(StrRef::Int(value)) if (0..SHARED_INTEGERS).contains(&value))
    });
    match shared {
        Some(true) => ctx.reply.integer(i64::from(i32::MAX)),
        Some(false) => ctx.reply.integer(1),
        None => ctx.reply.null(),
    }
    Ok(())
}

fn object_idletime(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let Some(clock) = ctx.inspect(args.at(2)).map(|entry| entry.lru()) else {
        ctx.reply.null();
        return Ok(());
    };
    if counts_frequency(ctx) {
        return Err(error::IDLE_TIME_UNDER_LFU);
    }
    let idle_s = ctx.store.access_clock.idle_s(clock, ctx.now.wall_ms());
    ctx.reply.integer(idle_s.into());
    Ok(())
}

fn object_freq(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let Some(clock) = ctx.inspect(args.at(2)).map(|entry| entry.lru()) else {
        ctx.reply.null();
        return Ok(());
    };
    if !counts_frequency(ctx) {
        return Err(error::FREQUENCY_WITHOUT_LFU);
    }
    let frequency = ctx.store.access_clock.frequency(clock, ctx.now.wall_ms());
    ctx.reply.integer(frequency.into());
    Ok(())
}

fn counts_frequency(ctx: &Context<'_>) -> bool {
    matches!(ctx.store.access_clock, AccessClock::Frequency { .. })
}

fn object_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "OBJECT", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    ("ENCODING <key>", &["The form in which the value of <key> is kept in memory."]),
    ("FREQ <key>", &["How often <key> is used: a counter that grows as the logarithm of that."]),
    ("IDLETIME <key>", &["How many seconds ago <key> was last used."]),
    ("REFCOUNT <key>", &["How many references the value of <key> has."]),
];

/// Integers from 0 on that Redis keeps one object each for.
const SHARED_INTEGERS: i64 = 10_000;

#[cfg(test)]
mod tests {
    use crate::command::testing::check;

    #[test]
    fn tells_encoding_references_and_idle_time() {
        check(
            r#"
            > SET i 12345678901
            OK
            ~ SET i 12345678901
            > SET e word
            OK
            ~ SET e word
            > SET r 123456789012345678901234567890123456789012345
            OK
            ~ SET r 123456789012345678901234567890123456789012345
            > OBJECT ENCODING i
            "int"
            > OBJECT ENCODING e
            "embstr"
            > OBJECT encoding r
            "raw"
            > OBJECT ENCODING nope
            nil
            > OBJECT REFCOUNT i
            1
            > SET i 9999
            OK
            ~ SET i 9999
            > OBJECT REFCOUNT i
            2147483647
            > OBJECT IDLETIME i
            0
            + 3000
            > OBJECT IDLETIME i
            3
            > EXISTS i
            1
            > OBJECT IDLETIME i
            3
            > TOUCH i
            1
            > OBJECT IDLETIME i
            0
            > OBJECT FREQ nope
            nil
            > OBJECT FREQ i
            (error) ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.
            > OBJECT ENCODING
            (error) ERR wrong number of arguments for 'object|encoding' command
            > OBJECT SIZE k
            (error) ERR unknown subcommand 'SIZE'. Try OBJECT HELP.
            "#,
        );
    }
}
