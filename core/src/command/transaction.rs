//! Transactions: WATCH, and MULTI to EXEC.

use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::KeyFlags;
use super::spec::KeySpec;
use super::spec::NodeCommand;
use super::spec::Run;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "multi",
        since: "1.2.0",
        summary: "Begins a transaction.",
        flags: ANYTIME.with(Flags::FAST).with(Flags::ALLOW_BUSY),
        run: Run::Node(NodeCommand::Multi),
        ..BASE
    },
    Command {
        name: "exec",
        since: "1.2.0",
        summary: "Runs the commands queued since MULTI.",
        complexity: "Depends on the commands queued",
        flags: ANYTIME.with(Flags::SKIP_SLOWLOG),
        run: Run::Node(NodeCommand::Exec),
        ..BASE
    },
    Command {
        name: "discard",
        since: "2.0.0",
        summary: "Drops the transaction that was begun.",
        complexity: "O(N) for N commands queued",
        flags: ANYTIME.with(Flags::FAST).with(Flags::ALLOW_BUSY),
        run: Run::Node(NodeCommand::Discard),
        ..BASE
    },
    Command {
        name: "watch",
        since: "2.2.0",
        summary: "Makes the next transaction depend on keys staying as they are.",
        complexity: "O(1) for each key",
        arity: -2,
        flags: ANYTIME.with(Flags::FAST).with(Flags::ALLOW_BUSY),
        keys: &[KeySpec::range(1, -1, 1, KeyFlags::RO)],
        args: &[Arg::key("key").multiple()],
        run: Run::Node(NodeCommand::Watch),
        ..BASE
    },
    Command {
        name: "unwatch",
        since: "2.2.0",
        summary: "Forgets the keys that are watched.",
        flags: ANYTIME.with(Flags::FAST).with(Flags::ALLOW_BUSY),
        run: Run::Node(NodeCommand::Unwatch),
        ..BASE
    },
];

const ANYTIME: Flags = Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE);

const BASE: Command =
    Command { group: Group::Transactions, categories: Categories::TRANSACTION, ..Command::BASE };
