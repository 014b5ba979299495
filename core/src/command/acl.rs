//! ACL: the users of this node and what they may do. The node carries the
//! subcommands out; the categories are read from the command table.

use super::Context;
use super::Outcome;
use super::help;
use super::spec::AclCommand;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::NodeCommand;
use super::spec::Run;
use super::table;
use crate::error;
use crate::resp::Args;

pub const COMMANDS: &[Command] = &[Command {
    name: "acl",
    summary: "Shows and changes users and what they may do.",
    complexity: "Depends on the subcommand",
    arity: -2,
    flags: Flags::NONE,
    subcommands: ACL_SUBCOMMANDS,
    run: Run::Container,
    ..ANYONE
}];

const ACL_SUBCOMMANDS: &[Command] = &[
    Command {
        name: "cat",
        summary: "Lists the categories of commands, or the commands of one.",
        complexity: "O(1), since both are fixed",
        arity: -2,
        args: &[Arg::string("categoryname").optional()],
        run: Run::Data(acl_cat),
        ..ANYONE
    },
    Command {
        name: "deluser",
        summary: "Removes users, and ends their connections.",
        arity: -3,
        args: &[Arg::string("username").multiple()],
        tips: ON_ALL_NODES,
        run: Run::Node(NodeCommand::Acl(AclCommand::DelUser)),
        ..ADMIN
    },
    Command {
        name: "dryrun",
        since: "7.0.0",
        summary: "Tells whether a user may run a command, without running it.",
        arity: -4,
        args: &[
            Arg::string("username"),
            Arg::string("command"),
            Arg::string("arg").optional().multiple(),
        ],
        run: Run::Node(NodeCommand::Acl(AclCommand::DryRun)),
        ..ADMIN
    },
    Command {
        name: "genpass",
        summary: "Makes up a password.",
        arity: -2,
        args: &[Arg::integer("bits").optional()],
        run: Run::Node(NodeCommand::Acl(AclCommand::GenPass)),
        ..ANYONE
    },
    Command {
        name: "getuser",
        summary: "Shows the rules of a user.",
        complexity: "O(N) for N rules of the user",
        arity: 3,
        args: &[Arg::string("username")],
        history: &[
            ("6.2.0", "Shows patterns of channels."),
            ("7.0.0", "Shows selectors, and patterns in the form of rules."),
        ],
        run: Run::Node(NodeCommand::Acl(AclCommand::GetUser)),
        ..ADMIN
    },
    Command {
        name: "list",
        summary: "Lists the users with their rules, as in a configuration file.",
        complexity: "O(N) for N users",
        arity: 2,
        run: Run::Node(NodeCommand::Acl(AclCommand::List)),
        ..ADMIN
    },
    Command {
        name: "load",
        summary: "Replaces the users by those of the ACL file.",
        complexity: "O(N) for N users",
        arity: 2,
        tips: ON_ALL_NODES,
        run: Run::Node(NodeCommand::Acl(AclCommand::Load)),
        ..ADMIN
    },
    Command {
        name: "log",
        summary: "Lists what was denied lately, and to whom.",
        complexity: "O(N) for N entries shown",
        arity: -2,
        args: &[Arg::one_of("operation", &[Arg::integer("count"), Arg::word("reset", "RESET")])
            .optional()],
        history: &[("7.2.0", "Shows the entry's number, and when it was made and changed.")],
        run: Run::Node(NodeCommand::Acl(AclCommand::Log)),
        ..ADMIN
    },
    Command {
        name: "save",
        summary: "Writes the users to the ACL file.",
        complexity: "O(N) for N users",
        arity: 2,
        tips: ON_ALL_NODES,
        run: Run::Node(NodeCommand::Acl(AclCommand::Save)),
        ..ADMIN
    },
    Command {
        name: "setuser",
        summary: "Makes a user, or changes one by further rules.",
        complexity: "O(N) for N rules given",
        arity: -3,
        args: &[Arg::string("username"), Arg::string("rule").optional().multiple()],
        tips: ON_ALL_NODES,
        history: &[
            ("6.2.0", "Takes patterns of channels."),
            ("7.0.0", "Takes selectors, and rights to read or write keys."),
        ],
        run: Run::Node(NodeCommand::Acl(AclCommand::SetUser)),
        ..ADMIN
    },
    Command {
        name: "users",
        summary: "Lists the names of the users.",
        complexity: "O(N) for N users",
        arity: 2,
        run: Run::Node(NodeCommand::Acl(AclCommand::Users)),
        ..ADMIN
    },
    Command {
        name: "whoami",
        summary: "Tells which user this connection is.",
        arity: 2,
        run: Run::Node(NodeCommand::Acl(AclCommand::WhoAmI)),
        ..ANYONE
    },
    Command {
        name: "help",
        summary: "Lists the subcommands of ACL.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(acl_help),
        ..ANYONE
    },
];

const ANYONE: Command = Command {
    group: Group::Server,
    since: "6.0.0",
    flags: Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE),
    ..Command::BASE
};

const ADMIN: Command = Command { flags: ANYONE.flags.with(Flags::ADMIN), ..ANYONE };

const ON_ALL_NODES: &[&str] = &["request_policy:all_nodes", "response_policy:all_succeeded"];

fn acl_cat(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    if args.len() > 3 {
        return Err(error::subcommand_syntax(args.at(1), "ACL"));
    }
    let Some(name) = args.maybe(2) else {
        ctx.reply.array(Categories::NAMES.len());
        Categories::NAMES.iter().for_each(|(_, name)| ctx.reply.bulk(name.as_bytes()));
        return Ok(());
    };
    let category = Categories::named(name).ok_or_else(|| error::acl::unknown_category(name))?;
    let entries = table::entries().iter();
    let of_category: Vec<_> =
        entries.filter(|entry| entry.command.all_categories().has(category)).collect();
    ctx.reply.array(of_category.len());
    for entry in of_category {
        ctx.reply.bulk(entry.full_name().to_string().as_bytes());
    }
    Ok(())
}

fn acl_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "ACL", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    ("CAT [<category>]", &["The commands of a category, or the categories."]),
    ("DELUSER <username> [<username> ...]", &["Remove users and end their connections."]),
    (
        "DRYRUN <username> <command> [<arg> ...]",
        &["Whether the user may run the command; it is not run."],
    ),
    ("GETUSER <username>", &["The rules of a user."]),
    ("GENPASS [<bits>]", &["Make up a password of 256 bits, or of as many as are asked for."]),
    ("LIST", &["The users with their rules, as in a configuration file."]),
    ("LOAD", &["Replace the users by those of the ACL file."]),
    ("LOG [<count> | RESET]", &["What was denied lately, or forget that."]),
    ("SAVE", &["Write the users to the ACL file."]),
    ("SETUSER <username> <attribute> [<attribute> ...]", &["Make or change a user."]),
    ("USERS", &["The names of the users."]),
    ("WHOAMI", &["The user of this connection."]),
];
