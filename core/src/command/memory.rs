//! MEMORY: what a key takes.

use super::Context;
use super::Outcome;
use super::help;
use super::integer;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::NodeCommand;
use super::spec::Run;
use crate::error;
use crate::resp::Args;

pub const COMMANDS: &[Command] = &[Command {
    name: "memory",
    summary: "What memory is used for.",
    complexity: "Depends on the subcommand",
    arity: -2,
    subcommands: SUBCOMMANDS,
    run: Run::Container,
    ..BASE
}];

const SUBCOMMANDS: &[Command] = &[
    Command {
        name: "usage",
        summary: "Estimates the memory that a key takes with its value.",
        complexity: "O(1)",
        arity: -3,
        flags: Flags::READONLY,
        keys: &[KeySpec::at(2, KeyFlags::RO)],
        args: &[Arg::key("key"), Arg::integer("count").token("SAMPLES").optional()],
        run: Run::Data(usage),
        ..BASE
    },
    Command {
        name: "stats",
        summary: "Tells what memory is used for.",
        arity: 2,
        tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
        run: Run::Node(NodeCommand::MemoryStats),
        ..BASE
    },
    Command {
        name: "doctor",
        summary: "Says in words what is unusual about the use of memory.",
        arity: 2,
        tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
        run: Run::Node(NodeCommand::MemoryDoctor),
        ..BASE
    },
    Command {
        name: "purge",
        summary: "Gives memory that is not used back to the system.",
        arity: 2,
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        run: Run::Node(NodeCommand::MemoryPurge),
        ..BASE
    },
    Command {
        name: "malloc-stats",
        summary: "Shows what the allocator knows.",
        arity: 2,
        tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
        run: Run::Node(NodeCommand::MemoryMallocStats),
        ..BASE
    },
    Command {
        name: "help",
        summary: "Lists the subcommands of MEMORY.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(memory_help),
        ..BASE
    },
];

const BASE: Command = Command { group: Group::Server, since: "4.0.0", ..Command::BASE };

/// Redis samples the elements of a collection; here all of it is known, however many the samples.
fn usage(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    let mut at = 3;
    while at < args.len() {
        if !args.is(at, "SAMPLES") || at + 1 == args.len() {
            return Err(error::SYNTAX);
        }
        if integer(args.at(at + 1))? < 0 {
            return Err(error::SYNTAX);
        }
        at += 2;
    }
    match ctx.peek(args.at(2)).map(|entry| entry.heap_bytes()) {
        Some(bytes) => ctx.reply.count(bytes + PLACE_BYTES),
        None => ctx.reply.null(),
    }
    Ok(())
}

fn memory_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "MEMORY", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    ("DOCTOR", &["What is unusual about the use of memory, in words."]),
    ("MALLOC-STATS", &["What the allocator knows."]),
    ("PURGE", &["Give memory that is not used back to the system."]),
    ("STATS", &["What memory is used for, in bytes."]),
    (
        "USAGE <key> [SAMPLES <count>]",
        &["The bytes that <key> takes, with all of its value; SAMPLES changes nothing."],
    ),
];

/// A key's share of the keyspace's table: a bucket of 64 bytes holds seven, and some are chained.
const PLACE_BYTES: usize = 13;

#[cfg(test)]
mod tests {
    use crate::command::testing::check;

    #[test]
    fn usage_is_of_the_key_and_all_of_its_value() {
        check(
            r#"
            > MEMORY USAGE nope
            nil
            > SET key:000000000001 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
            OK
            ~ SET key:000000000001 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
            > MEMORY USAGE key:000000000001
            69
            > PEXPIRE key:000000000001 100000
            1
            ~ PEXPIREAT key:000000000001 1100000
            > MEMORY usage key:000000000001 samples 0
            77
            > MEMORY USAGE key:000000000001 SAMPLES
            (error) ERR syntax error
            > MEMORY USAGE key:000000000001 SAMPLES x
            (error) ERR value is not an integer or out of range
            > MEMORY USAGE key:000000000001 SAMPLES -1
            (error) ERR syntax error
            > MEMORY USAGE key:000000000001 TIMES 1
            (error) ERR syntax error
            > MEMORY USAGE
            (error) ERR wrong number of arguments for 'memory|usage' command
            "#,
        );
    }
}
