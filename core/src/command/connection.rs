//! Commands about the connection itself. The node carries them out, except the
//! ones that only answer.

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
        name: "auth",
        summary: "Proves to the server who the connection is.",
        complexity: "O(N) for N passwords of the user",
        arity: -2,
        flags: ANYTIME.with(Flags::FAST).with(Flags::NO_AUTH).with(Flags::ALLOW_BUSY),
        args: &[Arg::string("username").since("6.0.0").optional(), Arg::string("password")],
        history: &[("6.0.0", "Takes a username before the password.")],
        run: Run::Node(NodeCommand::Auth),
        ..BASE
    },
    Command {
        name: "hello",
        since: "6.0.0",
        summary: "Greets the server: picks the protocol version, may authenticate and name the connection.",
        arity: -1,
        flags: ANYTIME.with(Flags::FAST).with(Flags::NO_AUTH).with(Flags::ALLOW_BUSY),
        args: &[Arg::block(
            "arguments",
            &[
                Arg::integer("protover"),
                Arg::block("auth", &[Arg::string("username"), Arg::string("password")])
                    .token("AUTH")
                    .optional(),
                Arg::string("clientname").token("SETNAME").optional(),
            ],
        )
        .optional()],
        history: &[("6.2.0", "Without a version it reports on the connection as it is.")],
        run: Run::Node(NodeCommand::Hello),
        ..BASE
    },
    Command {
        name: "ping",
        summary: "Asks for a sign of life.",
        arity: -1,
        flags: Flags::FAST,
        args: &[Arg::string("message").optional()],
        tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
        run: Run::Node(NodeCommand::Ping),
        ..BASE
    },
    Command {
        name: "echo",
        summary: "Sends the given message back.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE).with(Flags::FAST),
        args: &[Arg::string("message")],
        run: Run::Data(echo),
        ..BASE
    },
    Command {
        name: "quit",
        summary: "Ends the connection.",
        arity: -1,
        flags: Flags::ALLOW_BUSY
            .with(Flags::NOSCRIPT)
            .with(Flags::LOADING)
            .with(Flags::STALE)
            .with(Flags::FAST)
            .with(Flags::NO_AUTH),
        deprecated: Some(("7.2.0", "closing the connection")),
        run: Run::Node(NodeCommand::Quit),
        ..BASE
    },
    Command {
        name: "reset",
        since: "6.2.0",
        summary: "Puts the connection back into its first state.",
        flags: ANYTIME.with(Flags::FAST).with(Flags::NO_AUTH).with(Flags::ALLOW_BUSY),
        run: Run::Node(NodeCommand::Reset),
        ..BASE
    },
    Command {
        name: "select",
        summary: "Picks the database that the connection works on.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE).with(Flags::FAST),
        args: &[Arg::integer("index")],
        run: Run::Node(NodeCommand::Select),
        ..BASE
    },
];

const ANYTIME: Flags = Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE);

const BASE: Command =
    Command { group: Group::Connection, categories: Categories::CONNECTION, ..Command::BASE };

fn echo(ctx: &mut Context<'_>, args: Args<'_>) -> Outcome {
    ctx.reply.bulk(args.at(1));
    Ok(())
}
