//! CLIENT: the connections of this node, each shown and steered by its number,
//! address or kind. The node carries the subcommands out.

use super::Context;
use super::Outcome;
use super::help;
use super::spec::Arg;
use super::spec::Categories;
use super::spec::Command;
use super::spec::Flags;
use super::spec::Group;
use super::spec::NodeCommand;
use super::spec::Run;
use crate::resp::Args;

pub const COMMANDS: &[Command] = &[Command {
    name: "client",
    since: "2.4.0",
    summary: "Shows and steers the connections of clients.",
    complexity: "Depends on the subcommand",
    arity: -2,
    categories: Categories::NONE,
    subcommands: CLIENT_SUBCOMMANDS,
    ..BASE
}];

const CLIENT_SUBCOMMANDS: &[Command] = &[
    Command {
        name: "id",
        since: "5.0.0",
        summary: "Tells the number of this connection.",
        arity: 2,
        flags: ANYTIME,
        run: Run::Node(NodeCommand::ClientId),
        ..BASE
    },
    Command {
        name: "setname",
        since: "2.6.9",
        summary: "Gives this connection a name.",
        arity: 3,
        flags: ANYTIME,
        args: &[Arg::string("connection-name")],
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        run: Run::Node(NodeCommand::ClientSetName),
        ..BASE
    },
    Command {
        name: "getname",
        since: "2.6.9",
        summary: "Tells the name of this connection.",
        arity: 2,
        flags: ANYTIME,
        run: Run::Node(NodeCommand::ClientGetName),
        ..BASE
    },
    Command {
        name: "setinfo",
        since: "7.2.0",
        summary: "Tells the server which client library is in use.",
        arity: 4,
        flags: ANYTIME,
        args: &[Arg::one_of(
            "attr",
            &[Arg::string("libname").token("LIB-NAME"), Arg::string("libver").token("LIB-VER")],
        )],
        tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
        run: Run::Node(NodeCommand::ClientSetInfo),
        ..BASE
    },
    Command {
        name: "info",
        since: "6.2.0",
        summary: "Describes this connection.",
        arity: 2,
        flags: ANYTIME,
        tips: &["nondeterministic_output"],
        run: Run::Node(NodeCommand::ClientInfo),
        ..BASE
    },
    Command {
        name: "list",
        since: "2.4.0",
        summary: "Describes the open connections.",
        complexity: "O(N) for N connections",
        arity: -2,
        flags: ADMIN_ANYTIME,
        args: &[
            Arg::one_of(
                "client-type",
                &[
                    Arg::word("normal", "NORMAL"),
                    Arg::word("master", "MASTER"),
                    Arg::word("replica", "REPLICA"),
                    Arg::word("pubsub", "PUBSUB"),
                ],
            )
            .token("TYPE")
            .since("5.0.0")
            .optional(),
            Arg::integer("client-id").token("ID").since("6.2.0").optional().multiple(),
        ],
        tips: &["nondeterministic_output"],
        history: &[
            ("2.8.12", "Field `id`."),
            ("5.0.0", "`TYPE`."),
            ("6.0.0", "Field `user`."),
            ("6.2.0", "Fields `argv-mem`, `tot-mem`, `laddr` and `redir`; the filter `ID`."),
            ("7.0.0", "Fields `resp`, `multi-mem`, `rbs` and `rbp`."),
            ("7.0.3", "Field `ssub`."),
        ],
        run: Run::Node(NodeCommand::ClientList),
        ..BASE
    },
    Command {
        name: "kill",
        since: "2.4.0",
        summary: "Closes connections.",
        complexity: "O(N) for N connections",
        arity: -3,
        flags: ADMIN_ANYTIME,
        args: &[Arg::one_of(
            "filter",
            &[
                Arg::string("old-format").display("ip:port").deprecated("2.8.12"),
                Arg::one_of(
                    "new-format",
                    &[
                        Arg::integer("client-id").token("ID").since("2.8.12").optional(),
                        Arg::one_of(
                            "client-type",
                            &[
                                Arg::word("normal", "NORMAL"),
                                Arg::word("master", "MASTER").since("3.2.0"),
                                Arg::word("slave", "SLAVE"),
                                Arg::word("replica", "REPLICA").since("5.0.0"),
                                Arg::word("pubsub", "PUBSUB"),
                            ],
                        )
                        .token("TYPE")
                        .since("2.8.12")
                        .optional(),
                        Arg::string("username").token("USER").optional(),
                        Arg::string("addr").token("ADDR").display("ip:port").optional(),
                        Arg::string("laddr")
                            .token("LADDR")
                            .display("ip:port")
                            .since("6.2.0")
                            .optional(),
                        Arg::one_of("skipme", &[Arg::word("yes", "YES"), Arg::word("no", "NO")])
                            .token("SKIPME")
                            .optional(),
                        Arg::integer("maxage").token("MAXAGE").since("7.4.0").optional(),
                    ],
                )
                .multiple(),
            ],
        )],
        history: &[
            ("2.8.12", "Filters by name."),
            ("2.8.12", "`ID`."),
            ("3.2.0", "The type `master`."),
            ("5.0.0", "The type `replica`, once `slave`, which is still taken."),
            ("6.2.0", "`LADDR`."),
            ("7.4.0", "`MAXAGE`."),
        ],
        run: Run::Node(NodeCommand::ClientKill),
        ..BASE
    },
    Command {
        name: "tracking",
        since: "6.0.0",
        summary: "Switches on or off that this connection is told when keys it has read change.",
        arity: -3,
        flags: ANYTIME,
        args: &[
            Arg::one_of("status", &[Arg::word("on", "ON"), Arg::word("off", "OFF")]),
            Arg::integer("client-id").token("REDIRECT").optional(),
            Arg::string("prefix").token("PREFIX").optional().multiple().multiple_token(),
            Arg::word("bcast", "BCAST").optional(),
            Arg::word("optin", "OPTIN").optional(),
            Arg::word("optout", "OPTOUT").optional(),
            Arg::word("noloop", "NOLOOP").optional(),
        ],
        run: Run::Node(NodeCommand::ClientTracking),
        ..BASE
    },
    Command {
        name: "trackinginfo",
        since: "6.2.0",
        summary: "Tells how this connection tracks keys.",
        arity: 2,
        flags: ANYTIME,
        run: Run::Node(NodeCommand::ClientTrackingInfo),
        ..BASE
    },
    Command {
        name: "caching",
        since: "6.0.0",
        summary: "Says whether the keys of the next command are tracked.",
        arity: 3,
        flags: ANYTIME,
        args: &[Arg::one_of("mode", &[Arg::word("yes", "YES"), Arg::word("no", "NO")])],
        run: Run::Node(NodeCommand::ClientCaching),
        ..BASE
    },
    Command {
        name: "getredir",
        since: "6.0.0",
        summary: "Tells which connection is told in place of this one when keys change.",
        arity: 2,
        flags: ANYTIME,
        run: Run::Node(NodeCommand::ClientGetRedir),
        ..BASE
    },
    Command {
        name: "reply",
        since: "3.2.0",
        summary: "Switches the replies to this connection on or off.",
        arity: 3,
        flags: ANYTIME,
        args: &[Arg::one_of(
            "action",
            &[Arg::word("on", "ON"), Arg::word("off", "OFF"), Arg::word("skip", "SKIP")],
        )],
        run: Run::Node(NodeCommand::ClientReply),
        ..BASE
    },
    Command {
        name: "no-evict",
        since: "7.0.0",
        summary: "Exempts this connection from being closed to save memory.",
        arity: 3,
        flags: ADMIN_ANYTIME,
        args: &[Arg::one_of("enabled", &[Arg::word("on", "ON"), Arg::word("off", "OFF")])],
        run: Run::Node(NodeCommand::ClientNoEvict),
        ..BASE
    },
    Command {
        name: "no-touch",
        since: "7.2.0",
        summary: "Lets this connection read keys without marking them as used.",
        arity: 3,
        flags: ANYTIME,
        args: &[Arg::one_of("enabled", &[Arg::word("on", "ON"), Arg::word("off", "OFF")])],
        run: Run::Node(NodeCommand::ClientNoTouch),
        ..BASE
    },
    Command {
        name: "pause",
        since: "3.0.0",
        summary: "Holds back the commands of all clients for a while.",
        arity: -3,
        flags: ADMIN_ANYTIME,
        args: &[
            Arg::integer("timeout"),
            Arg::one_of("mode", &[Arg::word("write", "WRITE"), Arg::word("all", "ALL")])
                .since("6.2.0")
                .optional(),
        ],
        history: &[("6.2.0", "The mode, with `WRITE` for holding back writes only.")],
        run: Run::Node(NodeCommand::ClientPause),
        ..BASE
    },
    Command {
        name: "unpause",
        since: "6.2.0",
        summary: "Lets the clients that were paused go on.",
        complexity: "O(N) for N paused clients",
        arity: 2,
        flags: ADMIN_ANYTIME,
        run: Run::Node(NodeCommand::ClientUnpause),
        ..BASE
    },
    Command {
        name: "unblock",
        since: "5.0.0",
        summary: "Wakes a client that waits in a blocking command.",
        complexity: "O(log N) for N connections",
        arity: -3,
        flags: ADMIN_ANYTIME,
        args: &[
            Arg::integer("client-id"),
            Arg::one_of(
                "unblock-type",
                &[Arg::word("timeout", "TIMEOUT"), Arg::word("error", "ERROR")],
            )
            .optional(),
        ],
        run: Run::Node(NodeCommand::ClientUnblock),
        ..BASE
    },
    Command {
        name: "help",
        since: "5.0.0",
        summary: "Lists the subcommands of CLIENT.",
        arity: 2,
        flags: Flags::LOADING.with(Flags::STALE),
        run: Run::Data(client_help),
        ..BASE
    },
];

const ANYTIME: Flags = Flags::NOSCRIPT.with(Flags::LOADING).with(Flags::STALE);
const ADMIN_ANYTIME: Flags =
    Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE);

const BASE: Command =
    Command { group: Group::Connection, categories: Categories::CONNECTION, ..Command::BASE };

fn client_help(ctx: &mut Context<'_>, _args: Args<'_>) -> Outcome {
    help::reply(ctx, "CLIENT", HELP);
    Ok(())
}

const HELP: help::Lines = &[
    (
        "CACHING (YES|NO)",
        &["Whether the keys of the next command are tracked: with OPTIN or OPTOUT."],
    ),
    ("GETREDIR", &["The number of the connection that is told when tracked keys change."]),
    ("GETNAME", &["The name of this connection."]),
    ("ID", &["The number of this connection."]),
    ("INFO", &["What CLIENT LIST says of this connection."]),
    ("KILL <ip:port>", &["Close the connection from this address."]),
    (
        "KILL <option> <value> [<option> <value> [...]]",
        &[
            "Close the connections that pass every filter given:",
            "* ADDR (<ip:port>|<unixsocket>:0)",
            "  The client's address.",
            "* LADDR (<ip:port>|<unixsocket>:0)",
            "  The server's address that the client connected to.",
            "* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
            "  What the connection is for.",
            "* USER <username>",
            "  The user it has authenticated as.",
            "* SKIPME (YES|NO)",
            "  Whether to spare this connection; yes where nothing is said.",
            "* ID <client-id>",
            "  The number of the connection.",
            "* MAXAGE <maxage>",
            "  Connections at least this many seconds old.",
        ],
    ),
    (
        "LIST [options ...]",
        &[
            "A line for each connection. Options:",
            "* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
            "  Only connections of this kind.",
        ],
    ),
    ("NO-EVICT (ON|OFF)", &["Whether this connection is spared when memory for clients runs out."]),
    ("NO-TOUCH (ON|OFF)", &["Whether the commands of this connection leave access times alone."]),
    (
        "PAUSE <timeout> [WRITE|ALL]",
        &["Hold back all commands, or writes only, for <timeout> milliseconds."],
    ),
    ("REPLY (ON|OFF|SKIP)", &["Which replies this connection gets: all, none, all but the next."]),
    ("SETINFO <option> <value>", &["Note which library the client uses: LIB-NAME or LIB-VER."]),
    ("SETNAME <name>", &["Name this connection."]),
    (
        "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]] [OPTIN] [OPTOUT] [NOLOOP]",
        &["Be told when keys change that were read or, with BCAST, that begin as given."],
    ),
    ("TRACKINGINFO", &["How this connection tracks keys."]),
    ("UNBLOCK <clientid> [TIMEOUT|ERROR]", &["Wake a client that waits in a blocking command."]),
    ("UNPAUSE", &["End what CLIENT PAUSE began."]),
];
