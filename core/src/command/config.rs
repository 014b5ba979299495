//! CONFIG: the settings while the server runs.

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
    name: "config",
    since: "2.0.0",
    summary: "Shows and changes the server's settings.",
    complexity: "Depends on the subcommand",
    arity: -2,
    subcommands: CONFIG_SUBCOMMANDS,
    ..BASE
}];

const CONFIG_SUBCOMMANDS: &[Command] = &[
    Command {
        name: "get",
        since: "2.0.0",
        summary: "Shows the settings whose names match.",
        complexity: "O(N) for N patterns",
        arity: -3,
        flags: ADMIN_ANYTIME,
        args: &[Arg::string("parameter").multiple()],
        history: &[("7.0.0", "Takes more than one pattern.")],
        run: Run::Node(NodeCommand::ConfigGet),
        ..BASE
    },
    Command {
        name: "set",
        since: "2.0.0",
        summary: "Changes settings while the server runs.",
        complexity: "O(N) for N settings",
        arity: -4,
        flags: ADMIN_ANYTIME,
        args: &[Arg::block("data", &[Arg::string("parameter"), Arg::string("value")]).multiple()],
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        history: &[("7.0.0", "Takes more than one setting.")],
        run: Run::Node(NodeCommand::ConfigSet),
        ..BASE
    },
    Command {
        name: "resetstat",
        since: "2.0.0",
        summary: "Sets the counters of INFO back to zero.",
        arity: 2,
        flags: ADMIN_ANYTIME,
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        run: Run::Node(NodeCommand::ConfigResetStat),
        ..BASE
    },
    Command {
        name: "rewrite",
        since: "2.8.0",
        summary: "Writes the settings into the configuration file.",
        arity: 2,
        flags: ADMIN_ANYTIME,
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        run: Run::Node(NodeCommand::ConfigRewrite),
        ..BASE
    },
    Command {
        name: "help",
        since: "5.0.0",
        summary: "Lists the subcommands of CONFIG.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(config_help),
        ..BASE
    },
];

const ADMIN_ANYTIME: Flags =
    Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE);

const BASE: Command = Command { group: Group::Server, ..Command::BASE };

fn config_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "CONFIG", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    ("GET <pattern>", &["The settings whose names match the pattern, and their values."]),
    ("SET <directive> <value>", &["Change a setting from now on."]),
    ("REWRITE", &["Write the settings as they are now into the configuration file."]),
    ("RESETSTAT", &["Set the counters of INFO back to zero."]),
];
