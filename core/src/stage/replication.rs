//! Replication from both ends: the checker plays the master of the target, or its replicas.
//!
//! What is sent on a replication link is checked to the byte, since offsets are counts of those bytes.

use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Setup;
use super::spec::Snapshot;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;
use super::spec::Topology;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "bw1",
        group: Group::Replication,
        number: 1,
        title: "Configure listening port",
        learn: "A master and its replicas are programs of the same kind that often share a machine, so each \
                needs a port of its own: `--port` chooses it.",
        setup: Setup { topology: Topology::Alone, flags: &["--port", "{port}"], files: &[] },
        steps: &[
            Step::Claim("The server listens on the port it was given."),
            Step::Open(CLIENT),
            Step::Ask(CLIENT, &["PING"], PONG),
        ],
    },
    Stage {
        slug: "ye5",
        group: Group::Replication,
        number: 2,
        title: "The INFO command",
        learn: "INFO describes the server as lines of `name:value` in sections. The section `replication` \
                says which role the server plays; one that follows nobody is a master.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(CLIENT),
            Step::Claim("INFO replication says role:master."),
            Step::Ask(CLIENT, INFO, fields(&[("role", Text::Is("master"))])),
            Step::Claim("The name of the section may be in any case."),
            Step::Ask(CLIENT, &["info", "REPLICATION"], fields(&[("role", Text::Is("master"))])),
        ],
    },
    Stage {
        slug: "hc6",
        group: Group::Replication,
        number: 3,
        title: "The INFO command on a replica",
        learn: "`--replicaof \"HOST PORT\"` makes a server the replica of another. Its role is `slave` from \
                the start, whether or not its master can be reached.",
        setup: Setup::REPLICA,
        steps: &[
            Step::Open(CLIENT),
            Step::Claim("INFO replication says role:slave."),
            Step::Ask(CLIENT, INFO, fields(&[("role", Text::Is("slave"))])),
        ],
    },
    Stage {
        slug: "xc1",
        group: Group::Replication,
        number: 4,
        title: "Initial replication ID and offset",
        learn: "A master names the history of its data with a replication id, 40 random letters and digits, and \
                counts the bytes of that history: the offset. A new history begins at 0.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(CLIENT),
            Step::Claim("INFO replication has a master_replid of 40 letters and digits."),
            Step::Ask(
                CLIENT,
                INFO,
                fields(&[("master_replid", Text::Bind("replid", &Text::Alphanumeric(40)))]),
            ),
            Step::Claim("INFO replication has a master_repl_offset of 0."),
            Step::Ask(CLIENT, INFO, fields(&[("master_repl_offset", Text::Is("0"))])),
            Step::Claim("The replication id stays the same."),
            Step::Ask(CLIENT, INFO, fields(&[("master_replid", Text::Is("{replid}"))])),
        ],
    },
    Stage {
        slug: "gl7",
        group: Group::Replication,
        number: 5,
        title: "Send handshake (1/3)",
        learn: "The replica opens the connection and speaks first, like any client: it sends PING to learn \
                whether there is a Redis at the other end.",
        setup: Setup::REPLICA,
        steps: &[
            Step::Claim("The replica connects to its master."),
            Step::Accept(MASTER),
            Step::Claim("The replica sends PING as an array of one bulk string."),
            Step::Expect(MASTER, request(&[Text::Word("PING")])),
            Step::Claim("The replica waits for the answer before it says more."),
            Step::Silence(MASTER, 200, Pattern::Nothing),
        ],
    },
    Stage {
        slug: "eh4",
        group: Group::Replication,
        number: 6,
        title: "Send handshake (2/3)",
        learn: "With REPLCONF a replica tells its master about itself: first the port it listens on, which \
                the connection does not show, then what it is capable of.",
        setup: Setup::REPLICA,
        steps: &[
            Step::Accept(MASTER),
            Step::Expect(MASTER, request(&[Text::Word("PING")])),
            Step::SendRaw(MASTER, "+PONG\r\n"),
            Step::Claim("The replica sends REPLCONF listening-port with its own port."),
            Step::Expect(MASTER, LISTENING_PORT),
            Step::SendRaw(MASTER, "+OK\r\n"),
            Step::Claim("The replica sends REPLCONF capa with psync2."),
            Step::Expect(MASTER, CAPABILITIES),
        ],
    },
    Stage {
        slug: "ju6",
        group: Group::Replication,
        number: 7,
        title: "Send handshake (3/3)",
        learn: "PSYNC asks for a history by id and offset. A replica that has none yet asks for `?` and `-1`; \
                the master answers FULLRESYNC with its own id and offset.",
        setup: Setup::REPLICA,
        steps: &[
            Step::Accept(MASTER),
            Step::Do(SERVE_GREETING),
            Step::Claim("The replica sends PSYNC ? -1."),
            Step::Expect(MASTER, PSYNC),
            Step::Claim("The replica accepts FULLRESYNC and waits for the data."),
            Step::SendRaw(MASTER, FULLRESYNC),
            Step::Silence(MASTER, 200, ACK_ANY),
        ],
    },
    Stage {
        slug: "fj0",
        group: Group::Replication,
        number: 8,
        title: "Receive handshake (1/2)",
        learn: "To a master, a replica is at first one more client. PING and both REPLCONF commands each \
                get a short reply.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(REPLICA),
            Step::Claim("PING is answered with PONG."),
            Step::Ask(REPLICA, &["PING"], PONG),
            Step::Claim("REPLCONF listening-port is answered with OK."),
            Step::Ask(REPLICA, &["REPLCONF", "listening-port", "6380"], OK),
            Step::Claim("REPLCONF capa is answered with OK."),
            Step::Ask(REPLICA, &["REPLCONF", "capa", "psync2"], OK),
        ],
    },
    Stage {
        slug: "vm3",
        group: Group::Replication,
        number: 9,
        title: "Receive handshake (2/2)",
        learn: "A replica without a history gets a full copy. FULLRESYNC announces it and names the id and \
                the offset at which the copy is taken.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(CLIENT),
            Step::Open(REPLICA),
            Step::Do(&GREET[0]),
            Step::Claim(
                "PSYNC ? -1 is answered with FULLRESYNC, an id of 40 characters, and offset 0.",
            ),
            Step::Send(REPLICA, &["PSYNC", "?", "-1"]),
            Step::Expect(
                REPLICA,
                Pattern::Simple(Text::Parts(&[
                    Text::Is("FULLRESYNC"),
                    Text::Bind("replid", &Text::Alphanumeric(40)),
                    Text::Is("0"),
                ])),
            ),
            Step::Claim("It is the id that INFO replication shows."),
            Step::Ask(CLIENT, INFO, fields(&[("master_replid", Text::Is("{replid}"))])),
        ],
    },
    Stage {
        slug: "cf8",
        group: Group::Replication,
        number: 10,
        title: "Empty RDB transfer",
        learn: "The full copy is an RDB file: a `$`, its length, a line end, and the bytes. It looks like a bulk \
                string but has no line end after it, because the next byte already belongs to the stream.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(REPLICA),
            Step::Do(&GREET[0]),
            Step::Send(REPLICA, &["PSYNC", "?", "-1"]),
            Step::Expect(REPLICA, FULL),
            Step::Claim("An RDB file without a key follows."),
            Step::ExpectRdb(REPLICA, Snapshot::Empty),
            Step::Claim("Nothing follows the last byte of the file."),
            Step::Silence(REPLICA, 200, NO_DATA),
        ],
    },
    Stage {
        slug: "zn8",
        group: Group::Replication,
        number: 11,
        title: "Single-replica propagation",
        learn: "After the copy the master sends every command that changes data, as a client would have sent \
                it. A replica does not answer: the stream goes one way.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(CLIENT),
            Step::Do(&ATTACH[0]),
            Step::Claim("Clients of the master get their replies."),
            Step::Ask(CLIENT, &["SET", "{a}", "1"], OK),
            Step::Ask(CLIENT, &["SET", "{b}", "2"], OK),
            Step::Ask(CLIENT, &["SET", "{c}", "3"], OK),
            Step::Claim("The replica receives the writes in their order."),
            Step::Await(REPLICA, NO_DATA, SET_A),
            Step::Await(REPLICA, NO_DATA, SET_B),
            Step::Await(REPLICA, NO_DATA, SET_C),
            Step::Claim("A read is not propagated."),
            Step::Ask(CLIENT, &["GET", "{a}"], bulk("1")),
            Step::Silence(REPLICA, 200, NO_DATA),
        ],
    },
    Stage {
        slug: "hd5",
        group: Group::Replication,
        number: 12,
        title: "Multi-replica propagation",
        learn: "Every replica gets the same stream, byte for byte, from the moment of its copy on. One slow \
                or silent replica does not hold up the others.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(CLIENT),
            Step::Do(&ATTACH[0]),
            Step::Do(&ATTACH[1]),
            Step::Do(&ATTACH[2]),
            Step::Ask(CLIENT, &["SET", "{a}", "1"], OK),
            Step::Ask(CLIENT, &["SET", "{b}", "2"], OK),
            Step::Claim("Each of three replicas receives the writes in their order."),
            Step::Await(Peer::Replica(3), NO_DATA, SET_A),
            Step::Await(Peer::Replica(3), NO_DATA, SET_B),
            Step::Await(Peer::Replica(2), NO_DATA, SET_A),
            Step::Await(Peer::Replica(2), NO_DATA, SET_B),
            Step::Await(Peer::Replica(1), NO_DATA, SET_A),
            Step::Await(Peer::Replica(1), NO_DATA, SET_B),
            Step::Claim("When one leaves, the others go on."),
            Step::Close(Peer::Replica(2)),
            Step::Ask(CLIENT, &["SET", "{c}", "3"], OK),
            Step::Await(Peer::Replica(1), NO_DATA, SET_C),
            Step::Await(Peer::Replica(3), NO_DATA, SET_C),
        ],
    },
    Stage {
        slug: "yg4",
        group: Group::Replication,
        number: 13,
        title: "Command processing",
        learn: "A replica applies the stream to its own data and sends nothing back for it. Several commands may \
                arrive in one piece, even together with the end of the copy.",
        setup: Setup::REPLICA,
        steps: &[
            Step::Accept(MASTER),
            Step::Do(SERVE_SYNC),
            Step::SendRaw(
                MASTER,
                "*3\r\n$3\r\nSET\r\n$3\r\nfoo\r\n$3\r\n123\r\n*3\r\n$3\r\nSET\r\n$3\r\nbar\r\n$3\r\n456\r\n",
            ),
            Step::Send(MASTER, &["SET", "{key}", "{value}"]),
            Step::Open(CLIENT),
            Step::Claim("Clients of the replica see the data of the stream."),
            Step::Poll(CLIENT, &["GET", "foo"], bulk("123")),
            Step::Ask(CLIENT, &["GET", "bar"], bulk("456")),
            Step::Poll(CLIENT, &["GET", "{key}"], bulk("{value}")),
            Step::Claim("The replica does not answer its master."),
            Step::Silence(MASTER, 200, ACK_ANY),
        ],
    },
    Stage {
        slug: "xv6",
        group: Group::Replication,
        number: 14,
        title: "ACKs with no commands",
        learn: "REPLCONF GETACK * is the one command of the stream that a replica answers: with REPLCONF ACK and \
                the offset it has processed. Before the first command that is 0.",
        setup: Setup::REPLICA,
        steps: &[
            Step::Accept(MASTER),
            Step::Do(SERVE_SYNC),
            Step::Send(MASTER, GETACK),
            Step::Claim("GETACK is answered with REPLCONF ACK 0."),
            Step::Expect(MASTER, ACK_ZERO),
        ],
    },
    Stage {
        slug: "yd3",
        group: Group::Replication,
        number: 15,
        title: "ACKs with commands",
        learn: "The offset counts every byte of the stream, PINGs and GETACKs included; only the GETACK being \
                answered is not counted yet.",
        setup: Setup::REPLICA,
        steps: &[
            Step::Accept(MASTER),
            Step::Do(SERVE_SYNC),
            Step::Claim("The first GETACK finds offset 0."),
            Step::Send(MASTER, GETACK),
            Step::Await(MASTER, ACK_BELOW, ACK_OFFSET),
            Step::Claim("A PING and the GETACK before it count."),
            Step::Send(MASTER, &["PING"]),
            Step::Send(MASTER, GETACK),
            Step::Await(MASTER, ACK_BELOW, ACK_OFFSET),
            Step::Claim("Writes count with all their bytes."),
            Step::Send(MASTER, &["SET", "{key}", "{value}"]),
            Step::SendRaw(MASTER, "*3\r\n$3\r\nset\r\n$1\r\nk\r\n$5\r\n\r\n\0\r\n\r\n"),
            Step::Send(MASTER, GETACK),
            Step::Await(MASTER, ACK_BELOW, ACK_OFFSET),
            Step::Claim("A PING is not answered."),
            Step::Send(MASTER, &["PING"]),
            Step::Silence(MASTER, 200, ACK_ANY),
        ],
    },
    Stage {
        slug: "my8",
        group: Group::Replication,
        number: 16,
        title: "WAIT with no replicas",
        learn: "Replication is asynchronous: a write is answered before any replica has it. WAIT lets a client \
                wait until so many replicas have; none are needed for zero.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(CLIENT),
            Step::Claim("WAIT 0 answers 0 at once, whatever the timeout."),
            Step::Ask(CLIENT, &["WAIT", "0", "60000"], Pattern::Integer(0)),
            Step::Claim(
                "WAIT 1 without a replica answers 0 when its time is over, and not before.",
            ),
            Step::Send(CLIENT, &["WAIT", "1", "500"]),
            Step::Silence(CLIENT, 350, Pattern::Nothing),
            Step::Expect(CLIENT, Pattern::Integer(0)),
        ],
    },
    Stage {
        slug: "tu8",
        group: Group::Replication,
        number: 17,
        title: "WAIT with no commands",
        learn: "When this client has written nothing, every connected replica already has all there is to \
                wait for, so WAIT counts all of them at once.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(CLIENT),
            Step::Do(&ATTACH[0]),
            Step::Do(&ATTACH[1]),
            Step::Do(&ATTACH[2]),
            Step::Claim("WAIT answers with the number of replicas, fewer wanted or more."),
            // Each from a connection of its own: to Redis 7.0 every command moves the offset that
            // its client waits for, past a PING that the master may have sent meanwhile.
            Step::Ask(CLIENT, &["WAIT", "1", "2000"], Pattern::Integer(3)),
            Step::Open(Peer::Client(2)),
            Step::Ask(Peer::Client(2), &["WAIT", "3", "2000"], Pattern::Integer(3)),
            Step::Open(Peer::Client(3)),
            Step::Ask(Peer::Client(3), &["WAIT", "5", "300"], Pattern::Integer(3)),
        ],
    },
    Stage {
        slug: "na2",
        group: Group::Replication,
        number: 18,
        title: "WAIT with multiple commands",
        learn: "After a write WAIT asks the replicas with GETACK and counts those whose ACK covers the \
                write. It answers as soon as enough have, or with what it has when its time is over.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(CLIENT),
            Step::Do(&ATTACH[0]),
            Step::Do(&ATTACH[1]),
            Step::Claim("Replicas that wait for the write receive it and then GETACK."),
            Step::Ask(CLIENT, &["SET", "{a}", "1"], OK),
            Step::Send(CLIENT, &["WAIT", "1", "4000"]),
            Step::Await(Peer::Replica(1), NO_DATA, SET_A),
            Step::Await(Peer::Replica(1), NO_DATA, GETACK_RECEIVED),
            Step::Await(Peer::Replica(2), NO_DATA, SET_A),
            Step::Await(Peer::Replica(2), NO_DATA, GETACK_RECEIVED),
            Step::Claim("WAIT does not answer before a replica has acknowledged."),
            Step::Silence(CLIENT, 200, Pattern::Nothing),
            Step::Claim("One ACK of the write's offset is enough for WAIT 1."),
            Step::Send(Peer::Replica(1), &["REPLCONF", "ACK", "{offset}"]),
            Step::Expect(CLIENT, Pattern::Integer(1)),
            Step::Claim(
                "When only one of two acknowledges, WAIT 2 answers 1 when its time is over.",
            ),
            Step::Ask(CLIENT, &["SET", "{b}", "2"], OK),
            Step::Send(CLIENT, &["WAIT", "2", "800"]),
            Step::Await(Peer::Replica(2), NO_DATA, SET_B),
            Step::Await(Peer::Replica(2), NO_DATA, GETACK_RECEIVED),
            Step::Send(Peer::Replica(2), &["REPLCONF", "ACK", "{offset}"]),
            Step::Silence(CLIENT, 300, Pattern::Nothing),
            Step::Expect(CLIENT, Pattern::Integer(1)),
            Step::Claim("An ACK of less than the write's offset does not count."),
            Step::Ask(CLIENT, &["SET", "{c}", "3"], OK),
            Step::Send(CLIENT, &["WAIT", "1", "500"]),
            Step::Send(Peer::Replica(2), &["REPLCONF", "ACK", "{offset}"]),
            Step::Expect(CLIENT, Pattern::Integer(0)),
        ],
    },
];

const CLIENT: Peer = Peer::Client(1);
const REPLICA: Peer = Peer::Replica(1);
const MASTER: Peer = Peer::Master;

const INFO: &[&str] = &["INFO", "replication"];
const GETACK: &[&str] = &["REPLCONF", "GETACK", "*"];

const OK: Pattern = Pattern::Simple(Text::Is("OK"));
const PONG: Pattern = Pattern::Simple(Text::Is("PONG"));

/// What a master may send besides data: the choice of the database, a sign of life, a question.
const NO_DATA: Pattern = Pattern::AnyOf(&[
    Pattern::Request(&[Text::Word("SELECT"), Text::Is("0")]),
    Pattern::Request(&[Text::Word("PING")]),
    GETACK_RECEIVED,
]);

const GETACK_RECEIVED: Pattern =
    Pattern::Request(&[Text::Word("REPLCONF"), Text::Word("GETACK"), Text::Is("*")]);

/// A replica reports its offset every second without being asked.
const ACK_ANY: Pattern =
    request(&[Text::Word("REPLCONF"), Text::Word("ACK"), Text::Number(0, i64::MAX)]);
const ACK_BELOW: Pattern =
    request(&[Text::Word("REPLCONF"), Text::Word("ACK"), Text::Below("{offset}")]);
const ACK_OFFSET: Pattern =
    request(&[Text::Word("REPLCONF"), Text::Word("ACK"), Text::Is("{offset}")]);
const ACK_ZERO: Pattern = request(&[Text::Word("REPLCONF"), Text::Word("ACK"), Text::Is("0")]);

const SET_A: Pattern = request(&[Text::Word("SET"), Text::Is("{a}"), Text::Is("1")]);
const SET_B: Pattern = request(&[Text::Word("SET"), Text::Is("{b}"), Text::Is("2")]);
const SET_C: Pattern = request(&[Text::Word("SET"), Text::Is("{c}"), Text::Is("3")]);

const LISTENING_PORT: Pattern =
    request(&[Text::Word("REPLCONF"), Text::Word("listening-port"), Text::Is("{port}")]);

/// The words after `capa` come in pairs; which others a replica knows depends on its age.
const CAPABILITIES: Pattern = Pattern::AnyOf(&[
    request(&[Text::Word("REPLCONF"), Text::Word("capa"), Text::Word("psync2")]),
    request(&[
        Text::Word("REPLCONF"),
        Text::Word("capa"),
        Text::Word("eof"),
        Text::Word("capa"),
        Text::Word("psync2"),
    ]),
]);

const PSYNC: Pattern = request(&[Text::Word("PSYNC"), Text::Is("?"), Text::Is("-1")]);

const FULL: Pattern = Pattern::Simple(Text::Parts(&[
    Text::Is("FULLRESYNC"),
    Text::Alphanumeric(40),
    Text::Bind("start", &Text::Number(0, i64::MAX)),
]));

const FULLRESYNC: &str = "+FULLRESYNC 8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb 0\r\n";

/// The checker as a master, up to PSYNC.
const SERVE_GREETING: &[Step] = &[
    Step::Expect(MASTER, request(&[Text::Word("PING")])),
    Step::SendRaw(MASTER, "+PONG\r\n"),
    Step::Expect(MASTER, LISTENING_PORT),
    Step::SendRaw(MASTER, "+OK\r\n"),
    Step::Expect(MASTER, CAPABILITIES),
    Step::SendRaw(MASTER, "+OK\r\n"),
];

/// The checker as a master, through the full copy; then the stream begins.
const SERVE_SYNC: &[Step] = &[
    Step::Do(SERVE_GREETING),
    Step::Expect(MASTER, PSYNC),
    Step::SendRaw(MASTER, FULLRESYNC),
    Step::SendRdb(MASTER, &[]),
    Step::Stream(MASTER, "0"),
];

/// The checker as a replica, up to PSYNC.
const GREET: [[Step; 3]; 3] = [greet(1), greet(2), greet(3)];

const fn greet(number: u8) -> [Step; 3] {
    let port = match number {
        1 => &["REPLCONF", "listening-port", "6381"],
        2 => &["REPLCONF", "listening-port", "6382"],
        _ => &["REPLCONF", "listening-port", "6383"],
    };
    [
        Step::Ask(Peer::Replica(number), &["PING"], PONG),
        Step::Ask(Peer::Replica(number), port, OK),
        Step::Ask(Peer::Replica(number), &["REPLCONF", "capa", "psync2"], OK),
    ]
}

/// The checker as a replica, through the full copy; then the stream begins.
const ATTACH: [[Step; 6]; 3] = [attach(1), attach(2), attach(3)];

const fn attach(number: u8) -> [Step; 6] {
    let replica = Peer::Replica(number);
    let greeting = match number {
        1 => &GREET[0],
        2 => &GREET[1],
        _ => &GREET[2],
    };
    [
        Step::Open(replica),
        Step::Do(greeting),
        Step::Send(replica, &["PSYNC", "?", "-1"]),
        Step::Expect(replica, FULL),
        Step::ExpectRdb(replica, Snapshot::Any),
        Step::Stream(replica, "{start}"),
    ]
}

const fn request(words: &'static [Text]) -> Pattern {
    Pattern::Request(words)
}

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}

const fn fields(lines: &'static [(&'static str, Text)]) -> Pattern {
    Pattern::Bulk(Text::Fields(lines))
}
