//! Lists: elements at both ends, ranges of them, and clients that wait for one.

use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "mh6",
        number: 1,
        title: "Create a list",
        learn: "RPUSH puts an element at the end of a list and makes the list if there is none. It \
                answers with the length.",
        steps: &[
            Step::Open(A),
            Step::Claim("The first element makes a list of length 1."),
            Step::Ask(A, &["RPUSH", "{key}", "{a}"], Pattern::Integer(1)),
            Step::Ask(A, &["TYPE", "{key}"], Pattern::Simple(Text::Is("list"))),
        ],
        ..LISTS
    },
    Stage {
        slug: "tn7",
        number: 2,
        title: "Append an element",
        learn: "A list keeps the order in which elements were appended, and the same element may be in \
                it more than once.",
        steps: &[
            Step::Open(A),
            Step::Claim("Each element makes the list one longer."),
            Step::Ask(A, &["RPUSH", "{key}", "{a}"], Pattern::Integer(1)),
            Step::Ask(A, &["RPUSH", "{key}", "{b}"], Pattern::Integer(2)),
            Step::Ask(A, &["RPUSH", "{key}", "{a}"], Pattern::Integer(3)),
            Step::Claim("Lists under other keys are lists of their own."),
            Step::Ask(A, &["RPUSH", "{other}", "{a}"], Pattern::Integer(1)),
        ],
        ..LISTS
    },
    Stage {
        slug: "lx4",
        number: 3,
        title: "Append multiple elements",
        learn: "RPUSH takes several elements at once and appends them in the order given.",
        steps: &[
            Step::Open(A),
            Step::Claim("The answer is the length with all of them."),
            Step::Ask(A, &["RPUSH", "{key}", "a", "b", "c"], Pattern::Integer(3)),
            Step::Ask(A, &["RPUSH", "{key}", "d", "e"], Pattern::Integer(5)),
            Step::Claim("They stand in the order given."),
            Step::Ask(
                A,
                &["LRANGE", "{key}", "0", "4"],
                texts(&[TEXT_A, TEXT_B, TEXT_C, TEXT_D, TEXT_E]),
            ),
        ],
        ..LISTS
    },
    Stage {
        slug: "sf6",
        number: 4,
        title: "List elements (positive indexes)",
        learn: "LRANGE reads elements by their first and last index, both included and counted from 0. \
                An index past the end is no error: there is just nothing more.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("Both ends of the range are included."),
            Step::Ask(A, &["LRANGE", "{key}", "0", "1"], texts(&[TEXT_A, TEXT_B])),
            Step::Ask(A, &["LRANGE", "{key}", "2", "4"], texts(&[TEXT_C, TEXT_D, TEXT_E])),
            Step::Claim("A range beyond the end stops at the end."),
            Step::Ask(A, &["LRANGE", "{key}", "3", "99"], texts(&[TEXT_D, TEXT_E])),
            Step::Claim("A range that begins after its end, or after the list, is empty."),
            Step::Ask(A, &["LRANGE", "{key}", "3", "1"], texts(&[])),
            Step::Ask(A, &["LRANGE", "{key}", "5", "9"], texts(&[])),
            Step::Ask(A, &["LRANGE", "{missing}", "0", "9"], texts(&[])),
        ],
        ..LISTS
    },
    Stage {
        slug: "ri1",
        number: 5,
        title: "List elements (negative indexes)",
        learn: "Negative indexes count from the end: -1 is the last element.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("-1 is the last element and -2 the one before it."),
            Step::Ask(A, &["LRANGE", "{key}", "-2", "-1"], texts(&[TEXT_D, TEXT_E])),
            Step::Ask(A, &["LRANGE", "{key}", "0", "-3"], texts(&[TEXT_A, TEXT_B, TEXT_C])),
            Step::Claim("An index before the first element means the first."),
            Step::Ask(A, &["LRANGE", "{key}", "-99", "1"], texts(&[TEXT_A, TEXT_B])),
        ],
        ..LISTS
    },
    Stage {
        slug: "gu5",
        number: 6,
        title: "Prepend elements",
        learn: "LPUSH puts elements at the front, one after the other: the last one given comes to stand \
                first.",
        steps: &[
            Step::Open(A),
            Step::Claim("LPUSH answers with the length."),
            Step::Ask(A, &["LPUSH", "{key}", "c"], Pattern::Integer(1)),
            Step::Ask(A, &["LPUSH", "{key}", "b", "a"], Pattern::Integer(3)),
            Step::Claim("What was given last stands first."),
            Step::Ask(A, &["LRANGE", "{key}", "0", "-1"], texts(&[TEXT_A, TEXT_B, TEXT_C])),
        ],
        ..LISTS
    },
    Stage {
        slug: "fv6",
        number: 7,
        title: "Query list length",
        learn: "LLEN counts the elements, at the same cost however many there are.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("LLEN answers with the number of elements."),
            Step::Ask(A, &["LLEN", "{key}"], Pattern::Integer(5)),
            Step::Claim("A list that does not exist has none."),
            Step::Ask(A, &["LLEN", "{missing}"], Pattern::Integer(0)),
        ],
        ..LISTS
    },
    Stage {
        slug: "ef1",
        number: 8,
        title: "Remove an element",
        learn: "LPOP takes the first element out and answers with it. A list that lost its last element \
                is gone: there are no empty lists.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("The first element is taken."),
            Step::Ask(A, &["LPOP", "{key}"], bulk("a")),
            Step::Ask(A, &["LRANGE", "{key}", "0", "1"], texts(&[TEXT_B, TEXT_C])),
            Step::Claim("There is nothing to take from a list that does not exist."),
            Step::Ask(A, &["LPOP", "{missing}"], Pattern::NullBulk),
            Step::Claim("With its last element the list goes too."),
            Step::Ask(A, &["RPUSH", "{one}", "a"], Pattern::Integer(1)),
            Step::Ask(A, &["LPOP", "{one}"], bulk("a")),
            Step::Ask(A, &["TYPE", "{one}"], Pattern::Simple(Text::Is("none"))),
        ],
        ..LISTS
    },
    Stage {
        slug: "jp1",
        number: 9,
        title: "Remove multiple elements",
        learn: "LPOP with a count takes so many elements, or as many as there are.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("The elements come in their order."),
            Step::Ask(A, &["LPOP", "{key}", "2"], texts(&[TEXT_A, TEXT_B])),
            Step::Claim("A count beyond the end takes what is left."),
            Step::Ask(A, &["LPOP", "{key}", "9"], texts(&[TEXT_C, TEXT_D, TEXT_E])),
            Step::Ask(A, &["LLEN", "{key}"], Pattern::Integer(0)),
        ],
        ..LISTS
    },
    Stage {
        slug: "ec3",
        number: 10,
        title: "Blocking retrieval",
        learn: "BLPOP waits until there is an element. It answers with the key and the element, and the \
                client who has waited longest is served first.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Open(C),
            Step::Claim("Clients wait while the list does not exist."),
            Step::Send(A, &["BLPOP", "{key}", "0"]),
            Step::Silence(A, 100, Pattern::Nothing),
            Step::Send(B, &["BLPOP", "{key}", "0"]),
            Step::Silence(B, 100, Pattern::Nothing),
            Step::Claim("An element goes to the one who came first."),
            Step::Ask(C, &["RPUSH", "{key}", "a"], Pattern::Integer(1)),
            Step::Expect(A, POPPED_A),
            Step::Silence(B, 100, Pattern::Nothing),
            Step::Claim("The next one to the next."),
            Step::Ask(C, &["RPUSH", "{key}", "a"], Pattern::Integer(1)),
            Step::Expect(B, POPPED_A),
            Step::Claim("Nothing is left behind."),
            Step::Ask(C, &["LLEN", "{key}"], Pattern::Integer(0)),
        ],
        ..LISTS
    },
    Stage {
        slug: "xj7",
        number: 11,
        title: "Blocking retrieval with timeout",
        learn: "The wait may be limited, in seconds and fractions of them; when it is over the answer is \
                null.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Claim("When the time is over the answer is a null array."),
            Step::Ask(A, &["BLPOP", "{key}", "0.1"], Pattern::NullArray),
            Step::Claim("An element in time is answered with."),
            Step::Send(A, &["BLPOP", "{key}", "5"]),
            Step::Silence(A, 100, Pattern::Nothing),
            Step::Ask(B, &["RPUSH", "{key}", "a"], Pattern::Integer(1)),
            Step::Expect(A, POPPED_A),
        ],
        ..LISTS
    },
];

const LISTS: Stage = Stage::of(Group::Lists);

const A: Peer = Peer::Client(1);
const B: Peer = Peer::Client(2);
const C: Peer = Peer::Client(3);

/// A client, and a list of a to e.
const FIVE: &[Step] = &[
    Step::Open(A),
    Step::Ask(A, &["RPUSH", "{key}", "a", "b", "c", "d", "e"], Pattern::Integer(5)),
];

const TEXT_A: Text = Text::Is("a");
const TEXT_B: Text = Text::Is("b");
const TEXT_C: Text = Text::Is("c");
const TEXT_D: Text = Text::Is("d");
const TEXT_E: Text = Text::Is("e");

const POPPED_A: Pattern = texts(&[Text::Is("{key}"), TEXT_A]);

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}

/// An array of bulk strings.
const fn texts(parts: &'static [Text]) -> Pattern {
    Pattern::Request(parts)
}
