//! Publish and subscribe. The node carries these out: who listens to what concerns connections.

use super::Context;
use super::Outcome;
use super::help;
use super::spec::Arg;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::NodeCommand;
use super::spec::Run;
use crate::resp::Args;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "subscribe",
        since: "2.0.0",
        summary: "Listens to channels.",
        complexity: "O(N) for N channels",
        arity: -2,
        flags: LISTENING,
        args: &[Arg::string("channel").multiple()],
        run: Run::Node(NodeCommand::Subscribe),
        ..BASE
    },
    Command {
        name: "unsubscribe",
        since: "2.0.0",
        summary: "Stops listening to channels, or to all of them.",
        complexity: "O(N) for N subscribers of the channels",
        arity: -1,
        flags: LISTENING,
        args: &[Arg::string("channel").optional().multiple()],
        run: Run::Node(NodeCommand::Unsubscribe),
        ..BASE
    },
    Command {
        name: "psubscribe",
        since: "2.0.0",
        summary: "Listens to all channels whose names match patterns.",
        complexity: "O(N) for N patterns",
        arity: -2,
        flags: LISTENING,
        args: &[Arg::pattern("pattern").multiple()],
        run: Run::Node(NodeCommand::PSubscribe),
        ..BASE
    },
    Command {
        name: "punsubscribe",
        since: "2.0.0",
        summary: "Stops listening by patterns, or by all of them.",
        complexity: "O(N) for N subscribers of the patterns",
        arity: -1,
        flags: LISTENING,
        args: &[Arg::pattern("pattern").optional().multiple()],
        run: Run::Node(NodeCommand::PUnsubscribe),
        ..BASE
    },
    Command {
        name: "ssubscribe",
        since: "7.0.0",
        summary: "Listens to channels of a cluster's shard.",
        complexity: "O(N) for N channels",
        arity: -2,
        flags: LISTENING,
        keys: &[KeySpec::range(1, -1, 1, KeyFlags::NOT_KEY)],
        args: &[Arg::string("shardchannel").multiple()],
        run: Run::Node(NodeCommand::SSubscribe),
        ..BASE
    },
    Command {
        name: "sunsubscribe",
        since: "7.0.0",
        summary: "Stops listening to channels of a shard, or to all of them.",
        complexity: "O(N) for N subscribers of the channels",
        arity: -1,
        flags: LISTENING,
        keys: &[KeySpec::range(1, -1, 1, KeyFlags::NOT_KEY)],
        args: &[Arg::string("shardchannel").optional().multiple()],
        run: Run::Node(NodeCommand::SUnsubscribe),
        ..BASE
    },
    Command {
        name: "publish",
        since: "2.0.0",
        summary: "Sends a message to everybody who listens to a channel.",
        complexity: "O(N+M) for N subscribers of the channel and M patterns",
        arity: 3,
        flags: PUBLISHING.with(Flags::SENTINEL),
        args: &[Arg::string("channel"), Arg::string("message")],
        run: Run::Node(NodeCommand::Publish),
        ..BASE
    },
    Command {
        name: "spublish",
        since: "7.0.0",
        summary: "Sends a message to everybody who listens to a channel of a shard.",
        complexity: "O(N) for N subscribers of the channel",
        arity: 3,
        flags: PUBLISHING,
        keys: &[KeySpec::at(1, KeyFlags::NOT_KEY)],
        args: &[Arg::string("shardchannel"), Arg::string("message")],
        run: Run::Node(NodeCommand::SPublish),
        ..BASE
    },
    Command {
        name: "pubsub",
        since: "2.8.0",
        summary: "Tells which channels and patterns have listeners.",
        complexity: "Depends on the subcommand",
        arity: -2,
        subcommands: SUBCOMMANDS,
        run: Run::Container,
        ..BASE
    },
];

const SUBCOMMANDS: &[Command] = &[
    Command {
        name: "channels",
        since: "2.8.0",
        summary: "Lists channels that somebody listens to.",
        complexity: "O(N) for N such channels",
        arity: -2,
        flags: LOOKING,
        args: &[Arg::pattern("pattern").optional()],
        run: Run::Node(NodeCommand::PubSubChannels),
        ..BASE
    },
    Command {
        name: "numsub",
        since: "2.8.0",
        summary: "Counts the listeners of channels.",
        complexity: "O(N) for N channels asked for",
        arity: -2,
        flags: LOOKING,
        args: &[Arg::string("channel").optional().multiple()],
        run: Run::Node(NodeCommand::PubSubNumSub),
        ..BASE
    },
    Command {
        name: "numpat",
        since: "2.8.0",
        summary: "Counts the patterns that somebody listens by.",
        arity: 2,
        flags: LOOKING,
        run: Run::Node(NodeCommand::PubSubNumPat),
        ..BASE
    },
    Command {
        name: "shardchannels",
        since: "7.0.0",
        summary: "Lists channels of the shard that somebody listens to.",
        complexity: "O(N) for N such channels",
        arity: -2,
        flags: LOOKING,
        args: &[Arg::pattern("pattern").optional()],
        run: Run::Node(NodeCommand::PubSubShardChannels),
        ..BASE
    },
    Command {
        name: "shardnumsub",
        since: "7.0.0",
        summary: "Counts the listeners of channels of the shard.",
        complexity: "O(N) for N channels asked for",
        arity: -2,
        flags: LOOKING,
        args: &[Arg::string("shardchannel").optional().multiple()],
        run: Run::Node(NodeCommand::PubSubShardNumSub),
        ..BASE
    },
    Command {
        name: "help",
        since: "6.2.0",
        summary: "Lists the subcommands of PUBSUB.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(pubsub_help),
        ..BASE
    },
];

const LOOKING: Flags = Flags::PUBSUB.with(Flags::LOADING).with(Flags::STALE);
const LISTENING: Flags = LOOKING.with(Flags::NOSCRIPT);
const PUBLISHING: Flags = LOOKING.with(Flags::FAST).with(Flags::MAY_REPLICATE);

const BASE: Command = Command { group: Group::PubSub, ..Command::BASE };

fn pubsub_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "PUBSUB", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    ("CHANNELS [<pattern>]", &["Names of channels with listeners, those that match <pattern>."]),
    ("NUMPAT", &["How many different patterns clients listen by."]),
    (
        "NUMSUB [<channel> ...]",
        &["For each <channel> how many listen to it; those who do by a pattern don't count."],
    ),
    (
        "SHARDCHANNELS [<pattern>]",
        &["Names of the shard's channels with listeners, those that match <pattern>."],
    ),
    ("SHARDNUMSUB [<shardchannel> ...]", &["For each <shardchannel> how many listen to it."]),
];
