//! Commands about the server as a whole: its state, its clock, its files.

use super::Context;
use super::Outcome;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::NodeCommand;
use super::spec::Run;
use crate::resp::Args;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "info",
        summary: "Reports on the server's state and counters.",
        arity: -1,
        flags: Flags::LOADING.with(Flags::STALE),
        categories: Categories::DANGEROUS,
        args: &[Arg::string("section").optional().multiple()],
        tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
        history: &[("7.0.0", "Takes more than one section.")],
        run: Run::Node(NodeCommand::Info),
        ..BASE
    },
    Command {
        name: "time",
        since: "2.6.0",
        summary: "Tells the server's time.",
        flags: Flags::LOADING.with(Flags::STALE).with(Flags::FAST),
        tips: &["nondeterministic_output"],
        run: Run::Data(time),
        ..BASE
    },
    Command {
        name: "debug",
        summary: "Tools for looking into the server and for testing it.",
        complexity: "Depends on the subcommand",
        arity: -2,
        flags: Flags::ADMIN
            .with(Flags::NOSCRIPT)
            .with(Flags::LOADING)
            .with(Flags::STALE)
            .with(Flags::PROTECTED),
        system: true,
        run: Run::Node(NodeCommand::Debug),
        ..BASE
    },
    Command {
        name: "monitor",
        summary: "Sends every command that is carried out, from now on.",
        flags: Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE),
        run: Run::Node(NodeCommand::Monitor),
        ..BASE
    },
    Command {
        name: "shutdown",
        summary: "Saves where it should and ends the server.",
        complexity: "O(N) for N keys when it saves, else O(1)",
        arity: -1,
        flags: Flags::ADMIN
            .with(Flags::NOSCRIPT)
            .with(Flags::LOADING)
            .with(Flags::STALE)
            .with(Flags::NO_MULTI)
            .with(Flags::ALLOW_BUSY),
        args: &[Arg::one_of(
            "abort-selector",
            &[
                Arg::block(
                    "save-selector-block",
                    &[
                        Arg::one_of(
                            "save-selector",
                            &[Arg::word("nosave", "NOSAVE"), Arg::word("save", "SAVE")],
                        )
                        .optional(),
                        Arg::word("now", "NOW").since("7.0.0").optional(),
                        Arg::word("force", "FORCE").since("7.0.0").optional(),
                    ],
                ),
                Arg::word("abort", "ABORT").since("7.0.0"),
            ],
        )
        .optional()],
        history: &[("7.0.0", "`NOW`, `FORCE` and `ABORT`.")],
        run: Run::Node(NodeCommand::Shutdown),
        ..BASE
    },
    Command {
        name: "save",
        summary: "Writes the data to disk before answering.",
        complexity: "O(N) for N keys in all databases",
        flags: Flags::NO_ASYNC_LOADING
            .with(Flags::ADMIN)
            .with(Flags::NOSCRIPT)
            .with(Flags::NO_MULTI),
        run: Run::Node(NodeCommand::Save),
        ..BASE
    },
    Command {
        name: "bgsave",
        summary: "Begins to write the data to disk in the background.",
        arity: -1,
        flags: Flags::NO_ASYNC_LOADING.with(Flags::ADMIN).with(Flags::NOSCRIPT),
        args: &[Arg::word("schedule", "SCHEDULE").since("3.2.2").optional()],
        history: &[("3.2.2", "`SCHEDULE`.")],
        run: Run::Node(NodeCommand::BgSave),
        ..BASE
    },
    Command {
        name: "bgrewriteaof",
        summary: "Begins to rewrite the append-only file in the background.",
        flags: Flags::NO_ASYNC_LOADING.with(Flags::ADMIN).with(Flags::NOSCRIPT),
        run: Run::Node(NodeCommand::BgRewriteAof),
        ..BASE
    },
    Command {
        name: "lastsave",
        summary: "Tells when the data was last written to disk.",
        flags: Flags::LOADING.with(Flags::STALE).with(Flags::FAST),
        categories: Categories::ADMIN.with(Categories::DANGEROUS),
        tips: &["nondeterministic_output"],
        run: Run::Node(NodeCommand::LastSave),
        ..BASE
    },
];

const BASE: Command = Command { group: Group::Server, ..Command::BASE };

/// Seconds and the microseconds of the second.
fn time(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    let us = ctx.now.wall.as_us();
    ctx.reply.array(2);
    ctx.reply.bulk_integer(us.div_euclid(1_000_000));
    ctx.reply.bulk_integer(us.rem_euclid(1_000_000));
    Ok(())
}
