//! SLOWLOG: the commands that took long. The node keeps the log.

use super::Context;
use super::Outcome;
use super::help;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::NodeCommand;
use super::spec::Run;
use crate::resp::Args;

pub const COMMANDS: &[Command] = &[Command {
    name: "slowlog",
    summary: "Shows the commands that took long.",
    complexity: "Depends on the subcommand",
    arity: -2,
    flags: Flags::NONE,
    subcommands: SUBCOMMANDS,
    ..BASE
}];

const SUBCOMMANDS: &[Command] = &[
    Command {
        name: "get",
        summary: "Shows the newest entries of the slow log.",
        complexity: "O(N) for N entries shown",
        arity: -2,
        args: &[Arg::integer("count").optional()],
        tips: &["request_policy:all_nodes", "nondeterministic_output"],
        history: &[("4.0.0", "The client's address and name.")],
        run: Run::Node(NodeCommand::SlowLogGet),
        ..BASE
    },
    Command {
        name: "len",
        summary: "Counts the entries of the slow log.",
        arity: 2,
        tips: &["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
        run: Run::Node(NodeCommand::SlowLogLen),
        ..BASE
    },
    Command {
        name: "reset",
        summary: "Empties the slow log.",
        complexity: "O(N) for N entries",
        arity: 2,
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        run: Run::Node(NodeCommand::SlowLogReset),
        ..BASE
    },
    Command {
        name: "help",
        since: "6.2.0",
        summary: "Lists the subcommands of SLOWLOG.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(slowlog_help),
        ..BASE
    },
];

const BASE: Command = Command {
    group: Group::Server,
    since: "2.2.12",
    flags: Flags::ADMIN.with(Flags::LOADING).with(Flags::STALE),
    ..Command::BASE
};

fn slowlog_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "SLOWLOG", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    (
        "GET [<count>]",
        &[
            "The newest <count> entries, ten where nothing is said, all for -1. An entry is:",
            "its number, the time in seconds, microseconds taken, the words, the client's address",
            "and its name.",
        ],
    ),
    ("LEN", &["How many entries there are."]),
    ("RESET", &["Remove all entries."]),
];
