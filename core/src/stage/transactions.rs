//! Transactions: commands that are queued by MULTI and run as one by EXEC.

use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "si4",
        number: 1,
        title: "The INCR command (1/3)",
        learn: "INCR reads a text as a number, adds one and stores it again, in one step: nobody can come \
                between. It answers with the new number.",
        steps: &[
            Step::Open(A),
            Step::Claim("A number grows by one."),
            Step::Ask(A, &["SET", "{key}", "41"], OK),
            Step::Ask(A, &["INCR", "{key}"], Pattern::Integer(42)),
            Step::Ask(A, &["INCR", "{key}"], Pattern::Integer(43)),
            Step::Claim("What is stored is a text as before."),
            Step::Ask(A, &["GET", "{key}"], bulk("43")),
            Step::Claim("Numbers may be negative."),
            Step::Ask(A, &["SET", "{key}", "-1"], OK),
            Step::Ask(A, &["INCR", "{key}"], Pattern::Integer(0)),
        ],
        ..TRANSACTIONS
    },
    Stage {
        slug: "lz8",
        number: 2,
        title: "The INCR command (2/3)",
        learn: "A key that is not there counts as 0, so a counter needs no beginning.",
        steps: &[
            Step::Open(A),
            Step::Claim("The first INCR of a missing key makes it 1."),
            Step::Ask(A, &["INCR", "{key}"], Pattern::Integer(1)),
            Step::Ask(A, &["INCR", "{key}"], Pattern::Integer(2)),
            Step::Ask(A, &["GET", "{key}"], bulk("2")),
        ],
        ..TRANSACTIONS
    },
    Stage {
        slug: "mk1",
        number: 3,
        title: "The INCR command (3/3)",
        learn: "A text that is no 64-bit integer can't be counted up: INCR refuses and leaves it alone.",
        steps: &[
            Step::Open(A),
            Step::Ask(A, &["SET", "{key}", "{value}x"], OK),
            Step::Claim("A text that is no number is refused."),
            Step::Ask(A, &["INCR", "{key}"], NOT_AN_INTEGER),
            Step::Claim("It is as it was."),
            Step::Ask(A, &["GET", "{key}"], bulk("{value}x")),
        ],
        ..TRANSACTIONS
    },
    Stage {
        slug: "pn0",
        number: 4,
        title: "The MULTI command",
        learn: "MULTI begins a transaction: the connection's next commands are to be run together.",
        steps: &[
            Step::Open(A),
            Step::Claim("MULTI is answered with OK."),
            Step::Ask(A, &["MULTI"], OK),
        ],
        ..TRANSACTIONS
    },
    Stage {
        slug: "lo4",
        number: 5,
        title: "The EXEC command",
        learn: "EXEC runs what was queued since MULTI. Without MULTI there is nothing to run, which is an \
                error.",
        steps: &[
            Step::Open(A),
            Step::Claim("EXEC without MULTI is refused."),
            Step::Ask(A, &["EXEC"], EXEC_WITHOUT_MULTI),
        ],
        ..TRANSACTIONS
    },
    Stage {
        slug: "we1",
        number: 6,
        title: "Empty transaction",
        learn: "EXEC answers with an array, one reply for each command that was queued. Then the \
                transaction is over.",
        steps: &[
            Step::Open(A),
            Step::Claim("A transaction without commands gives an empty array."),
            Step::Ask(A, &["MULTI"], OK),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[])),
            Step::Claim("It is over: a second EXEC has nothing to run."),
            Step::Ask(A, &["EXEC"], EXEC_WITHOUT_MULTI),
        ],
        ..TRANSACTIONS
    },
    Stage {
        slug: "rs9",
        number: 7,
        title: "Queueing commands",
        learn: "Between MULTI and EXEC a command is not run but kept, and the answer says so. Nobody \
                sees anything of it yet.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Claim("Commands are answered with QUEUED."),
            Step::Ask(A, &["MULTI"], OK),
            Step::Ask(A, &["SET", "{key}", "41"], QUEUED),
            Step::Ask(A, &["INCR", "{key}"], QUEUED),
            Step::Claim("None of them has run."),
            Step::Ask(B, &["GET", "{key}"], Pattern::NullBulk),
        ],
        ..TRANSACTIONS
    },
    Stage {
        slug: "fy6",
        number: 8,
        title: "Executing a transaction",
        learn: "EXEC runs the queue in order, without any other client's command in between, and \
                answers with all replies in one array.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Do(QUEUE_OF_FOUR),
            Step::Claim("EXEC answers with every command's reply, in order."),
            Step::Ask(
                A,
                &["EXEC"],
                Pattern::Array(&[
                    OK,
                    Pattern::Integer(7),
                    bulk("7"),
                    Pattern::Simple(Text::Is("string")),
                ]),
            ),
            Step::Claim("What they did is there for all to see."),
            Step::Ask(B, &["GET", "{key}"], bulk("7")),
            Step::Claim("Commands run at once again."),
            Step::Ask(A, &["INCR", "{key}"], Pattern::Integer(8)),
        ],
        ..TRANSACTIONS
    },
    Stage {
        slug: "rl9",
        number: 9,
        title: "The DISCARD command",
        learn: "DISCARD ends a transaction without running it. What was queued is forgotten.",
        steps: &[
            Step::Open(A),
            Step::Ask(A, &["SET", "{key}", "1"], OK),
            Step::Do(QUEUE_OF_FOUR),
            Step::Claim("DISCARD is answered with OK, and nothing has changed."),
            Step::Ask(A, &["DISCARD"], OK),
            Step::Ask(A, &["GET", "{key}"], bulk("1")),
            Step::Claim("There is no transaction any more."),
            Step::Ask(A, &["EXEC"], EXEC_WITHOUT_MULTI),
            Step::Ask(A, &["DISCARD"], Pattern::Error(Text::Is("ERR DISCARD without MULTI"))),
        ],
        ..TRANSACTIONS
    },
    Stage {
        slug: "sg9",
        number: 10,
        title: "Failures within transactions",
        learn: "A command that fails while the transaction runs is one error among the replies; the \
                others run all the same, for nothing is rolled back. A command that could not even be \
                queued calls the whole transaction off.",
        steps: &[
            Step::Open(A),
            Step::Ask(A, &["SET", "{text}", "abc"], OK),
            Step::Ask(A, &["SET", "{number}", "7"], OK),
            Step::Claim("The others run although one fails."),
            Step::Ask(A, &["MULTI"], OK),
            Step::Ask(A, &["INCR", "{text}"], QUEUED),
            Step::Ask(A, &["INCR", "{number}"], QUEUED),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[NOT_AN_INTEGER, Pattern::Integer(8)])),
            Step::Ask(A, &["GET", "{number}"], bulk("8")),
            Step::Claim("A command that can't be queued is refused at once."),
            Step::Ask(A, &["MULTI"], OK),
            Step::Ask(A, &["INCR", "{number}"], QUEUED),
            Step::Ask(A, &["INCR"], Pattern::Error(Text::Prefix("ERR "))),
            Step::Claim("EXEC then runs nothing."),
            Step::Ask(A, &["EXEC"], Pattern::Error(Text::Prefix("EXECABORT "))),
            Step::Ask(A, &["GET", "{number}"], bulk("8")),
        ],
        ..TRANSACTIONS
    },
    Stage {
        slug: "jf8",
        number: 11,
        title: "Multiple transactions",
        learn: "Each connection has its own queue. Transactions that are open at the same time know \
                nothing of each other; the one whose EXEC comes first runs first.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Ask(A, &["SET", "{one}", "10"], OK),
            Step::Ask(A, &["SET", "{two}", "20"], OK),
            Step::Claim("Two connections queue side by side."),
            Step::Ask(A, &["MULTI"], OK),
            Step::Ask(B, &["MULTI"], OK),
            Step::Ask(A, &["INCR", "{one}"], QUEUED),
            Step::Ask(B, &["INCR", "{one}"], QUEUED),
            Step::Ask(B, &["INCR", "{two}"], QUEUED),
            Step::Claim("Each EXEC runs its own queue, in the order in which they come."),
            Step::Ask(B, &["EXEC"], Pattern::Array(&[Pattern::Integer(11), Pattern::Integer(21)])),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[Pattern::Integer(12)])),
            Step::Ask(A, &["GET", "{two}"], bulk("21")),
        ],
        ..TRANSACTIONS
    },
];

const TRANSACTIONS: Stage = Stage::of(Group::Transactions);

const A: Peer = Peer::Client(1);
const B: Peer = Peer::Client(2);

const QUEUE_OF_FOUR: &[Step] = &[
    Step::Ask(A, &["MULTI"], OK),
    Step::Ask(A, &["SET", "{key}", "6"], QUEUED),
    Step::Ask(A, &["INCR", "{key}"], QUEUED),
    Step::Ask(A, &["GET", "{key}"], QUEUED),
    Step::Ask(A, &["TYPE", "{key}"], QUEUED),
];

const OK: Pattern = Pattern::Simple(Text::Is("OK"));
const QUEUED: Pattern = Pattern::Simple(Text::Is("QUEUED"));
const EXEC_WITHOUT_MULTI: Pattern = Pattern::Error(Text::Is("ERR EXEC without MULTI"));
const NOT_AN_INTEGER: Pattern =
    Pattern::Error(Text::Is("ERR value is not an integer or out of range"));

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}
