//! MODULE: there are none, and none can be loaded.

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
    name: "module",
    summary: "Manages modules, which Redarium has none of.",
    complexity: "Depends on the subcommand",
    arity: -2,
    flags: Flags::NONE,
    subcommands: SUBCOMMANDS,
    ..BASE
}];

const SUBCOMMANDS: &[Command] = &[
    Command {
        name: "list",
        summary: "Lists the modules that are loaded.",
        complexity: "O(N) for N modules",
        arity: 2,
        flags: Flags::ADMIN.with(Flags::NOSCRIPT),
        tips: &["nondeterministic_output_order"],
        run: Run::Data(module_list),
        ..BASE
    },
    Command {
        name: "load",
        summary: "Loads a module.",
        arity: -3,
        args: &[Arg::string("path"), Arg::string("arg").optional().multiple()],
        run: Run::Node(NodeCommand::ModuleLoad),
        ..BASE
    },
    Command {
        name: "loadex",
        since: "7.0.0",
        summary: "Loads a module with settings.",
        arity: -3,
        args: &[
            Arg::string("path"),
            Arg::block("configs", &[Arg::string("name"), Arg::string("value")])
                .token("CONFIG")
                .optional()
                .multiple()
                .multiple_token(),
            Arg::string("args").token("ARGS").optional().multiple(),
        ],
        run: Run::Node(NodeCommand::ModuleLoad),
        ..BASE
    },
    Command {
        name: "unload",
        summary: "Unloads a module.",
        arity: 3,
        args: &[Arg::string("name")],
        run: Run::Node(NodeCommand::ModuleUnload),
        ..BASE
    },
    Command {
        name: "help",
        since: "5.0.0",
        summary: "Lists the subcommands of MODULE.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(module_help),
        ..BASE
    },
];

const BASE: Command = Command {
    group: Group::Server,
    since: "4.0.0",
    flags: Flags::NO_ASYNC_LOADING.with(Flags::ADMIN).with(Flags::NOSCRIPT).with(Flags::PROTECTED),
    ..Command::BASE
};

fn module_list(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    ctx.reply.array(0);
    Ok(())
}

fn module_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "MODULE", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    ("LIST", &["The modules that are loaded: none."]),
    ("LOAD <path> [<arg> ...]", &["Refused: Redarium loads no modules."]),
    (
        "LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]",
        &["Refused: Redarium loads no modules."],
    ),
    ("UNLOAD <name>", &["Refused: there is none to unload."]),
];
