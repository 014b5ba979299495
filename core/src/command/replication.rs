//! Commands between masters, replicas and those who watch over them.

use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::NodeCommand;
use super::spec::Run;

pub const COMMANDS: &[Command] = &[
    Command {
        name: "role",
        since: "2.8.12",
        summary: "Tells the server's part in replication.",
        flags: Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE).with(Flags::FAST),
        categories: Categories::ADMIN.with(Categories::DANGEROUS),
        run: Run::Node(NodeCommand::Role),
        ..BASE
    },
    Command {
        name: "replicaof",
        since: "5.0.0",
        summary: "Makes the server a replica of another, or a master again.",
        arity: 3,
        flags: Flags::NO_ASYNC_LOADING.with(Flags::ADMIN).with(Flags::NOSCRIPT).with(Flags::STALE),
        args: &[Arg::one_of(
            "args",
            &[
                Arg::block("host-port", &[Arg::string("host"), Arg::integer("port")]),
                Arg::block("no-one", &[Arg::word("no", "NO"), Arg::word("one", "ONE")]),
            ],
        )],
        run: Run::Node(NodeCommand::ReplicaOf),
        ..BASE
    },
    Command {
        name: "slaveof",
        summary: "Makes the server a replica of another; the old name of REPLICAOF.",
        arity: 3,
        flags: Flags::NO_ASYNC_LOADING.with(Flags::ADMIN).with(Flags::NOSCRIPT).with(Flags::STALE),
        args: &[Arg::one_of(
            "args",
            &[
                Arg::block("host-port", &[Arg::string("host"), Arg::integer("port")]),
                Arg::block("no-one", &[Arg::word("no", "NO"), Arg::word("one", "ONE")]),
            ],
        )],
        deprecated: Some(("5.0.0", "`REPLICAOF`")),
        run: Run::Node(NodeCommand::ReplicaOf),
        ..BASE
    },
    Command {
        name: "replconf",
        since: "3.0.0",
        summary: "Carries settings and acknowledgements between a replica and its master.",
        arity: -1,
        flags: Flags::ADMIN
            .with(Flags::NOSCRIPT)
            .with(Flags::LOADING)
            .with(Flags::STALE)
            .with(Flags::ALLOW_BUSY),
        system: true,
        run: Run::Node(NodeCommand::ReplConf),
        ..BASE
    },
    Command {
        name: "psync",
        since: "2.8.0",
        summary: "Begins or resumes the stream from a master to its replica.",
        complexity: "",
        arity: -3,
        flags: Flags::NO_ASYNC_LOADING
            .with(Flags::ADMIN)
            .with(Flags::NO_MULTI)
            .with(Flags::NOSCRIPT),
        args: &[Arg::string("replicationid"), Arg::integer("offset")],
        run: Run::Node(NodeCommand::Psync),
        ..BASE
    },
    Command {
        name: "sync",
        summary: "Begins the stream from a master to its replica; the older form of PSYNC.",
        complexity: "",
        flags: Flags::NO_ASYNC_LOADING
            .with(Flags::ADMIN)
            .with(Flags::NO_MULTI)
            .with(Flags::NOSCRIPT),
        run: Run::Node(NodeCommand::Sync),
        ..BASE
    },
    Command {
        name: "failover",
        since: "6.2.0",
        summary: "Hands the master's part over to one of its replicas, without losing a write.",
        flags: Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::STALE),
        arity: -1,
        args: &[
            Arg::block(
                "target",
                &[
                    Arg::string("host"),
                    Arg::integer("port"),
                    Arg::word("force", "FORCE").optional(),
                ],
            )
            .token("TO")
            .optional(),
            Arg::word("abort", "ABORT").optional(),
            Arg::integer("milliseconds").token("TIMEOUT").optional(),
        ],
        run: Run::Node(NodeCommand::Failover),
        ..BASE
    },
    Command {
        name: "wait",
        group: Group::Generic,
        since: "3.0.0",
        summary: "Waits until enough replicas have confirmed this connection's writes.",
        arity: 3,
        flags: Flags::BLOCKING,
        categories: Categories::CONNECTION,
        args: &[Arg::integer("numreplicas"), Arg::integer("timeout")],
        tips: &["request_policy:all_shards", "response_policy:agg_min"],
        run: Run::Node(NodeCommand::Wait),
        ..BASE
    },
    Command {
        name: "waitaof",
        group: Group::Generic,
        since: "7.2.0",
        summary: "Waits until this connection's writes are in append-only files on disk.",
        arity: 4,
        flags: Flags::BLOCKING,
        categories: Categories::CONNECTION,
        args: &[Arg::integer("numlocal"), Arg::integer("numreplicas"), Arg::integer("timeout")],
        tips: &["request_policy:all_shards", "response_policy:agg_min"],
        run: Run::Node(NodeCommand::WaitAof),
        ..BASE
    },
];

const BASE: Command = Command { group: Group::Server, ..Command::BASE };
