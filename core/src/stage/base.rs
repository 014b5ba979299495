//! The first steps of a server: a port, replies, several clients, keys and their expiry.

use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Setup;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "jm1",
        group: Group::Base,
        number: 1,
        title: "Bind to a port",
        learn: "A Redis server is a program that waits for TCP connections, by default on port 6379. \
                Everything else happens over such a connection.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Claim("A client can connect to the port."),
            Step::Open(A),
            Step::Claim("The server waits for the client to speak first."),
            Step::Silence(A, 100, Pattern::Nothing),
        ],
    },
    Stage {
        slug: "rg2",
        group: Group::Base,
        number: 2,
        title: "Respond to PING",
        learn: "A request is an array of bulk strings; a short status comes back as a simple string, a \
                `+`, the text and a line end. PING is the smallest such conversation.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(A),
            Step::Claim("PING is answered with the simple string PONG."),
            Step::SendRaw(A, "*1\r\n$4\r\nPING\r\n"),
            Step::Expect(A, PONG),
            Step::Claim("One request gets one reply."),
            Step::Silence(A, 100, Pattern::Nothing),
        ],
    },
    Stage {
        slug: "wy1",
        group: Group::Base,
        number: 3,
        title: "Respond to multiple PINGs",
        learn: "A connection stays open: a client sends request after request, and may send several \
                before it reads the first reply. The replies keep the order of the requests.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(A),
            Step::Claim("The connection serves one PING after another."),
            Step::Ask(A, &["PING"], PONG),
            Step::Ask(A, &["PING"], PONG),
            Step::Ask(A, &["PING"], PONG),
            Step::Claim("Requests sent back to back are all answered."),
            Step::SendRaw(A, "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n"),
            Step::Expect(A, PONG),
            Step::Expect(A, PONG),
            Step::Expect(A, PONG),
            Step::Silence(A, 100, Pattern::Nothing),
        ],
    },
    Stage {
        slug: "zu2",
        group: Group::Base,
        number: 4,
        title: "Handle concurrent clients",
        learn: "Many clients are connected at once. Redis serves them from one thread with an event loop: \
                it takes whoever has sent something, and a silent client holds up nobody.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Open(C),
            Step::Claim("A later client is served while earlier ones stay silent."),
            Step::Ask(C, &["PING"], PONG),
            Step::Ask(B, &["PING"], PONG),
            Step::Claim("Each reply goes to the client that asked."),
            Step::Ask(A, &["PING"], PONG),
            Step::Silence(B, 50, Pattern::Nothing),
            Step::Silence(C, 50, Pattern::Nothing),
            Step::Claim("A client that leaves does not disturb the others."),
            Step::Close(B),
            Step::Ask(A, &["PING"], PONG),
            Step::Ask(C, &["PING"], PONG),
        ],
    },
    Stage {
        slug: "qq0",
        group: Group::Base,
        number: 5,
        title: "Implement the ECHO command",
        learn: "Data travels as bulk strings: a length, a line end, that many bytes, a line end. A bulk \
                string may hold any bytes, which a simple string may not.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(A),
            Step::Claim("ECHO answers with its argument as a bulk string."),
            Step::Ask(A, &["ECHO", "{word}"], bulk("{word}")),
            Step::Ask(A, &["ECHO", "{other}"], bulk("{other}")),
            Step::Claim("The name of a command may be in upper or lower case."),
            Step::Ask(A, &["echo", "{word}"], bulk("{word}")),
            Step::Claim("An argument may hold spaces and line ends."),
            Step::Ask(A, &["ECHO", "two words\r\nand a line"], bulk("two words\r\nand a line")),
        ],
    },
    Stage {
        slug: "la7",
        group: Group::Base,
        number: 6,
        title: "Implement the SET & GET commands",
        learn: "SET stores a value under a key and GET fetches it. A key that does not exist has no value, \
                which is not the same as an empty one: RESP has a null bulk string for that.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Claim("SET answers OK, and GET brings the value back."),
            Step::Ask(A, &["SET", "{key}", "{value}"], OK),
            Step::Ask(A, &["GET", "{key}"], bulk("{value}")),
            Step::Claim("A key that was never set is null."),
            Step::Ask(A, &["GET", "{missing}"], Pattern::NullBulk),
            Step::Claim("A second SET replaces the value."),
            Step::Ask(A, &["SET", "{key}", "{value2}"], OK),
            Step::Ask(A, &["GET", "{key}"], bulk("{value2}")),
            Step::Claim("All clients see the same keys."),
            Step::Ask(B, &["GET", "{key}"], bulk("{value2}")),
            Step::Claim("An empty value is a value."),
            Step::Ask(A, &["SET", "{empty}", ""], OK),
            Step::Ask(A, &["GET", "{empty}"], bulk("")),
        ],
    },
    Stage {
        slug: "yz1",
        group: Group::Base,
        number: 7,
        title: "Expiry",
        learn: "SET takes a time to live: PX in milliseconds. Once it is over the key is gone for \
                every command, whether or not the server has freed its memory yet.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(A),
            Step::Claim("The key is there while its time runs."),
            Step::Ask(A, &["SET", "{key}", "{value}", "PX", "400"], OK),
            Step::Ask(A, &["GET", "{key}"], bulk("{value}")),
            Step::Ask(A, &["SET", "{lasting}", "{value}"], OK),
            Step::Ask(A, &["SET", "{renewed}", "{value}", "px", "400"], OK),
            Step::Ask(A, &["SET", "{renewed}", "{value2}"], OK),
            Step::Claim("The key is gone when its time is over."),
            Step::Wait(500),
            Step::Ask(A, &["GET", "{key}"], Pattern::NullBulk),
            Step::Claim("A key without a time to live stays."),
            Step::Ask(A, &["GET", "{lasting}"], bulk("{value}")),
            Step::Claim("A plain SET ends the time to live of the old value."),
            Step::Ask(A, &["GET", "{renewed}"], bulk("{value2}")),
        ],
    },
];

const A: Peer = Peer::Client(1);
const B: Peer = Peer::Client(2);
const C: Peer = Peer::Client(3);

const OK: Pattern = Pattern::Simple(Text::Is("OK"));
const PONG: Pattern = Pattern::Simple(Text::Is("PONG"));

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}
