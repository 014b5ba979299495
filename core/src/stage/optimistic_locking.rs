//! Optimistic locking: a transaction that runs only if the keys it relies on are as they were.

use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "jb7",
        number: 1,
        title: "The WATCH command",
        learn: "WATCH names keys that the next transaction relies on. Nothing is locked: others go on as \
                they like, and it is the transaction that gives way.",
        steps: &[
            Step::Open(A),
            Step::Claim("WATCH is answered with OK."),
            Step::Ask(A, &["SET", "{key}", "1"], OK),
            Step::Ask(A, &["WATCH", "{key}"], OK),
            Step::Claim("It takes several keys."),
            Step::Ask(A, &["WATCH", "{other}", "{third}"], OK),
        ],
        ..LOCKING
    },
    Stage {
        slug: "jq9",
        number: 2,
        title: "WATCH inside transaction",
        learn: "WATCH belongs before MULTI: what a transaction relies on has to be read before it \
                begins. Inside, WATCH is refused.",
        steps: &[
            Step::Open(A),
            Step::Claim("WATCH inside a transaction is an error."),
            Step::Ask(A, &["MULTI"], OK),
            Step::Ask(
                A,
                &["WATCH", "{key}"],
                Pattern::Error(Text::Is("ERR WATCH inside MULTI is not allowed")),
            ),
            Step::Claim("The transaction goes on."),
            Step::Ask(A, &["SET", "{key}", "1"], QUEUED),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[OK])),
        ],
        ..LOCKING
    },
    Stage {
        slug: "mh8",
        number: 3,
        title: "Tracking key modifications",
        learn: "If a watched key has been changed by the time EXEC comes, EXEC runs nothing and answers \
                with a null array. The client reads again and tries anew.",
        steps: &[
            Step::Do(WATCHED),
            Step::Claim("A change by another client calls the transaction off."),
            Step::Ask(B, &["SET", "{key}", "theirs"], OK),
            Step::Ask(A, &["MULTI"], OK),
            Step::Ask(A, &["SET", "{key}", "mine"], QUEUED),
            Step::Ask(A, &["EXEC"], Pattern::NullArray),
            Step::Ask(A, &["GET", "{key}"], bulk("theirs")),
            Step::Claim("So does one that comes after MULTI."),
            Step::Ask(A, &["WATCH", "{key}"], OK),
            Step::Ask(A, &["MULTI"], OK),
            Step::Ask(A, &["SET", "{key}", "mine"], QUEUED),
            Step::Ask(B, &["SET", "{key}", "theirs again"], OK),
            Step::Ask(A, &["EXEC"], Pattern::NullArray),
            Step::Claim("A transaction whose keys stayed as they were runs."),
            Step::Ask(A, &["WATCH", "{key}"], OK),
            Step::Ask(B, &["SET", "{other}", "1"], OK),
            Step::Ask(A, &["MULTI"], OK),
            Step::Ask(A, &["SET", "{key}", "mine"], QUEUED),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[OK])),
            Step::Ask(B, &["GET", "{key}"], bulk("mine")),
        ],
        ..LOCKING
    },
    Stage {
        slug: "fp0",
        number: 4,
        title: "Watching multiple keys",
        learn: "A transaction may rely on many keys. One change among them is enough to call it off.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Ask(A, &["MSET", "{one}", "1", "{two}", "2", "{three}", "3"], OK),
            Step::Claim("The last of several watched keys counts like the first."),
            Step::Ask(A, &["WATCH", "{one}", "{two}"], OK),
            Step::Ask(A, &["WATCH", "{three}"], OK),
            Step::Ask(B, &["SET", "{two}", "20"], OK),
            Step::Do(QUEUE_ONE),
            Step::Ask(A, &["EXEC"], Pattern::NullArray),
            Step::Ask(A, &["GET", "{one}"], bulk("1")),
            Step::Claim("With none of them changed the transaction runs."),
            Step::Ask(A, &["WATCH", "{one}", "{two}", "{three}"], OK),
            Step::Do(QUEUE_ONE),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[OK])),
        ],
        ..LOCKING
    },
    Stage {
        slug: "uo9",
        number: 5,
        title: "Watching missing keys",
        learn: "A key need not exist to be watched. That it comes into being is a change like any \
                other.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Claim("A watched key that is made calls the transaction off."),
            Step::Ask(A, &["WATCH", "{missing}"], OK),
            Step::Ask(B, &["SET", "{missing}", "1"], OK),
            Step::Do(QUEUE_ONE),
            Step::Ask(A, &["EXEC"], Pattern::NullArray),
            Step::Claim("One that stays missing does not."),
            Step::Ask(A, &["WATCH", "{nowhere}"], OK),
            Step::Ask(B, &["DEL", "{nowhere}"], Pattern::Integer(0)),
            Step::Do(QUEUE_ONE),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[OK])),
        ],
        ..LOCKING
    },
    Stage {
        slug: "bn1",
        number: 6,
        title: "The UNWATCH command",
        learn: "UNWATCH forgets all watched keys, and what has happened to them since.",
        steps: &[
            Step::Do(WATCHED),
            Step::Ask(B, &["SET", "{key}", "theirs"], OK),
            Step::Claim("UNWATCH is answered with OK."),
            Step::Ask(A, &["UNWATCH"], OK),
            Step::Claim("Changes before it and after it are no matter any more."),
            Step::Ask(B, &["SET", "{key}", "theirs again"], OK),
            Step::Do(QUEUE_ONE),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[OK])),
        ],
        ..LOCKING
    },
    Stage {
        slug: "fn4",
        number: 7,
        title: "Unwatch on EXEC",
        learn: "EXEC forgets the watched keys, whether the transaction ran or not. Each transaction has \
                to be preceded by its own WATCH.",
        steps: &[
            Step::Do(WATCHED),
            Step::Do(QUEUE_ONE),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[OK])),
            Step::Claim("After an EXEC that ran the key is not watched."),
            Step::Ask(B, &["SET", "{key}", "theirs"], OK),
            Step::Do(QUEUE_ONE),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[OK])),
            Step::Claim("Nor is it after one that did not."),
            Step::Ask(A, &["WATCH", "{key}"], OK),
            Step::Ask(B, &["SET", "{key}", "theirs again"], OK),
            Step::Do(QUEUE_ONE),
            Step::Ask(A, &["EXEC"], Pattern::NullArray),
            Step::Do(QUEUE_ONE),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[OK])),
        ],
        ..LOCKING
    },
    Stage {
        slug: "hq1",
        number: 8,
        title: "Unwatch on DISCARD",
        learn: "DISCARD forgets the watched keys together with the queue.",
        steps: &[
            Step::Do(WATCHED),
            Step::Ask(B, &["SET", "{key}", "theirs"], OK),
            Step::Do(QUEUE_ONE),
            Step::Claim("After DISCARD nothing is watched."),
            Step::Ask(A, &["DISCARD"], OK),
            Step::Ask(B, &["SET", "{key}", "theirs again"], OK),
            Step::Do(QUEUE_ONE),
            Step::Ask(A, &["EXEC"], Pattern::Array(&[OK])),
        ],
        ..LOCKING
    },
];

const LOCKING: Stage = Stage::of(Group::OptimisticLocking);

const A: Peer = Peer::Client(1);
const B: Peer = Peer::Client(2);

/// Two clients, the first of which watches a key.
const WATCHED: &[Step] = &[
    Step::Open(A),
    Step::Open(B),
    Step::Ask(A, &["SET", "{key}", "1"], OK),
    Step::Ask(A, &["WATCH", "{key}"], OK),
];

/// The first client's transaction of one command.
const QUEUE_ONE: &[Step] =
    &[Step::Ask(A, &["MULTI"], OK), Step::Ask(A, &["SET", "{one}", "mine"], QUEUED)];

const OK: Pattern = Pattern::Simple(Text::Is("OK"));
const QUEUED: Pattern = Pattern::Simple(Text::Is("QUEUED"));

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}
