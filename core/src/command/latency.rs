//! LATENCY: how long things take. The node keeps count.

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
    name: "latency",
    summary: "Shows how long things take.",
    complexity: "Depends on the subcommand",
    arity: -2,
    flags: Flags::NONE,
    subcommands: SUBCOMMANDS,
    ..BASE
}];

const SUBCOMMANDS: &[Command] = &[
    Command {
        name: "doctor",
        summary: "Says in words what was slow and what may help.",
        arity: 2,
        tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
        run: Run::Node(NodeCommand::LatencyDoctor),
        ..BASE
    },
    Command {
        name: "graph",
        summary: "Draws the samples of an event.",
        arity: 3,
        args: &[Arg::string("event")],
        tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
        run: Run::Node(NodeCommand::LatencyGraph),
        ..BASE
    },
    Command {
        name: "history",
        summary: "Shows the samples of an event with their times.",
        arity: 3,
        args: &[Arg::string("event")],
        tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
        run: Run::Node(NodeCommand::LatencyHistory),
        ..BASE
    },
    Command {
        name: "latest",
        summary: "Shows the latest sample of each event.",
        arity: 2,
        tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
        run: Run::Node(NodeCommand::LatencyLatest),
        ..BASE
    },
    Command {
        name: "reset",
        summary: "Forgets the samples of the events named, or of all.",
        arity: -2,
        args: &[Arg::string("event").optional().multiple()],
        tips: &["request_policy:all_nodes", "response_policy:agg_sum"],
        run: Run::Node(NodeCommand::LatencyReset),
        ..BASE
    },
    Command {
        name: "histogram",
        since: "7.0.0",
        summary: "Shows how many calls of commands took how long.",
        complexity: "O(N) for N commands with calls",
        arity: -2,
        args: &[Arg::string("command").optional().multiple()],
        tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
        run: Run::Node(NodeCommand::LatencyHistogram),
        ..BASE
    },
    Command {
        name: "help",
        summary: "Lists the subcommands of LATENCY.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(latency_help),
        ..BASE
    },
];

const BASE: Command = Command {
    group: Group::Server,
    since: "2.8.13",
    flags: Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE),
    ..Command::BASE
};

fn latency_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "LATENCY", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    ("DOCTOR", &["What was slow and what may help, in words."]),
    ("GRAPH <event>", &["The samples of an event, drawn with letters."]),
    ("HISTORY <event>", &["The samples of an event: seconds of the clock, milliseconds taken."]),
    ("LATEST", &["Of each event its latest sample and its worst."]),
    ("RESET [<event> ...]", &["Forget the samples of the events named, or of all."]),
    (
        "HISTOGRAM [COMMAND ...]",
        &["Of each command, or of those named, how many calls took up to how many microseconds."],
    ),
];
