//! Streams: entries with ids that ascend, ranges of them, and readers that wait for more.

use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "cc3",
        number: 1,
        title: "The TYPE command",
        learn: "Every value has a type, and TYPE names it. A key that does not exist is of type none.",
        steps: &[
            Step::Open(A),
            Step::Claim("A string is of type string, whatever it spells."),
            Step::Ask(A, &["SET", "{key}", "{value}"], OK),
            Step::Ask(A, &["TYPE", "{key}"], simple("string")),
            Step::Ask(A, &["SET", "{key}", "12"], OK),
            Step::Ask(A, &["TYPE", "{key}"], simple("string")),
            Step::Claim("A missing key is of type none."),
            Step::Ask(A, &["TYPE", "{missing}"], simple("none")),
        ],
        ..STREAMS
    },
    Stage {
        slug: "cf6",
        number: 2,
        title: "Create a stream",
        learn: "A stream is a log: XADD puts an entry at its end and makes the stream if there is none. \
                An entry has an id and fields with values, and XADD answers with the id.",
        steps: &[
            Step::Open(A),
            Step::Claim("XADD answers with the entry's id, as a bulk string."),
            Step::Ask(A, &["XADD", "{key}", "0-1", "{field}", "{value}"], bulk("0-1")),
            Step::Claim("The key is now of type stream."),
            Step::Ask(A, &["TYPE", "{key}"], simple("stream")),
            Step::Claim("An entry may have several fields."),
            Step::Ask(A, &["XADD", "{key}", "0-2", "{f1}", "{v1}", "{f2}", "{v2}"], bulk("0-2")),
        ],
        ..STREAMS
    },
    Stage {
        slug: "hq8",
        number: 3,
        title: "Validating entry IDs",
        learn: "An id is a time in milliseconds and a sequence number. Ids only ever ascend, which is \
                what lets a reader go on where it stopped; 0-0 is the id before the first.",
        steps: &[
            Step::Open(A),
            Step::Claim("An id that follows the last one is taken."),
            Step::Ask(A, &["XADD", "{key}", "5-5", "{field}", "1"], bulk("5-5")),
            Step::Ask(A, &["XADD", "{key}", "5-6", "{field}", "2"], bulk("5-6")),
            Step::Claim("The same id again is refused."),
            Step::Ask(A, &["XADD", "{key}", "5-6", "{field}", "3"], TOO_SMALL),
            Step::Claim("A smaller sequence number or an earlier time is refused."),
            Step::Ask(A, &["XADD", "{key}", "5-5", "{field}", "3"], TOO_SMALL),
            Step::Ask(A, &["XADD", "{key}", "4-9", "{field}", "3"], TOO_SMALL),
            Step::Claim("0-0 is refused, with an error of its own."),
            Step::Ask(
                A,
                &["XADD", "{key}", "0-0", "{field}", "3"],
                Pattern::Error(Text::Is("ERR The ID specified in XADD must be greater than 0-0")),
            ),
            Step::Claim("What was refused has left no entry."),
            Step::Ask(A, &["XLEN", "{key}"], Pattern::Integer(2)),
        ],
        ..STREAMS
    },
    Stage {
        slug: "yh3",
        number: 4,
        title: "Partially auto-generated IDs",
        learn: "With `*` in place of the sequence number the stream chooses it: the next one of that \
                millisecond, or 0 for a new millisecond. Only time 0 begins with 1, since 0-0 is no id.",
        steps: &[
            Step::Open(A),
            Step::Claim("A new millisecond begins with sequence number 0."),
            Step::Ask(A, &["XADD", "{key}", "5-*", "{field}", "1"], bulk("5-0")),
            Step::Claim("The same millisecond goes on counting."),
            Step::Ask(A, &["XADD", "{key}", "5-*", "{field}", "2"], bulk("5-1")),
            Step::Ask(A, &["XADD", "{key}", "6-*", "{field}", "3"], bulk("6-0")),
            Step::Claim("Time 0 begins with 1."),
            Step::Ask(A, &["XADD", "{other}", "0-*", "{field}", "1"], bulk("0-1")),
        ],
        ..STREAMS
    },
    Stage {
        slug: "xu5",
        number: 5,
        title: "Fully auto-generated IDs",
        learn: "A lone `*` leaves the whole id to the server: its clock and a sequence number. Should the \
                clock go back, the ids do not.",
        steps: &[
            Step::Open(A),
            Step::Claim("The id is a time in unix milliseconds and a sequence number."),
            Step::Ask(
                A,
                &["XADD", "{key}", "*", "{field}", "1"],
                Pattern::Bulk(Text::Bind("id", &Text::Contains("-"))),
            ),
            Step::Ask(A, &["XRANGE", "{key}", "1000000000000", "+"], ONE_OF_ID),
            Step::Claim("A last id in the future is followed all the same."),
            Step::Ask(A, &["XADD", "{other}", "99999999999999-7", "{field}", "1"], Pattern::Any),
            Step::Ask(A, &["XADD", "{other}", "*", "{field}", "2"], bulk("99999999999999-8")),
        ],
        ..STREAMS
    },
    Stage {
        slug: "zx1",
        number: 6,
        title: "Query entries from stream",
        learn: "XRANGE reads the entries between two ids, both included. An id without a sequence number \
                means the first of its millisecond at the start, and the last at the end.",
        steps: &[
            Step::Do(THREE_ENTRIES),
            Step::Claim("Entries come with their ids and fields, in order."),
            Step::Ask(A, &["XRANGE", "{key}", "1-1", "2-1"], array(&[FIRST, SECOND])),
            Step::Claim("An id may leave its sequence number out."),
            Step::Ask(A, &["XRANGE", "{key}", "1", "2"], array(&[FIRST, SECOND])),
            Step::Ask(A, &["XRANGE", "{key}", "2", "2"], array(&[SECOND])),
            Step::Claim("Where there is nothing, the answer is an empty array."),
            Step::Ask(A, &["XRANGE", "{key}", "7", "9"], array(&[])),
            Step::Ask(A, &["XRANGE", "{missing}", "1", "9"], array(&[])),
        ],
        ..STREAMS
    },
    Stage {
        slug: "yp1",
        number: 7,
        title: "Query with -",
        learn: "`-` is the smallest id there can be: a range from `-` starts at the first entry.",
        steps: &[
            Step::Do(THREE_ENTRIES),
            Step::Claim("A range from - begins with the first entry."),
            Step::Ask(A, &["XRANGE", "{key}", "-", "2-1"], array(&[FIRST, SECOND])),
            Step::Ask(A, &["XRANGE", "{key}", "-", "0-9"], array(&[])),
        ],
        ..STREAMS
    },
    Stage {
        slug: "fs1",
        number: 8,
        title: "Query with +",
        learn: "`+` is the greatest id there can be: from `-` to `+` is the whole stream.",
        steps: &[
            Step::Do(THREE_ENTRIES),
            Step::Claim("A range to + ends with the last entry."),
            Step::Ask(A, &["XRANGE", "{key}", "2-1", "+"], array(&[SECOND, THIRD])),
            Step::Claim("From - to + is all there is."),
            Step::Ask(A, &["XRANGE", "{key}", "-", "+"], array(&[FIRST, SECOND, THIRD])),
        ],
        ..STREAMS
    },
    Stage {
        slug: "um0",
        number: 9,
        title: "Query single stream using XREAD",
        learn: "XREAD reads what comes after an id: a reader names the last entry it has seen, and is \
                given those it has not.",
        steps: &[
            Step::Do(THREE_ENTRIES),
            Step::Claim("The id itself is left out."),
            Step::Ask(
                A,
                &["XREAD", "STREAMS", "{key}", "1-1"],
                array(&[stream(&[bulk("{key}"), array(&[SECOND, THIRD])])]),
            ),
            Step::Claim("After the last entry there is nothing: a null array."),
            Step::Ask(A, &["XREAD", "STREAMS", "{key}", "3-1"], Pattern::NullArray),
            Step::Ask(A, &["XREAD", "STREAMS", "{missing}", "0"], Pattern::NullArray),
        ],
        ..STREAMS
    },
    Stage {
        slug: "ru9",
        number: 10,
        title: "Query multiple streams using XREAD",
        learn: "XREAD takes all keys first and then as many ids. Streams without news are no part of the \
                answer.",
        steps: &[
            Step::Do(THREE_ENTRIES),
            Step::Ask(A, &["XADD", "{other}", "0-2", "f", "b"], bulk("0-2")),
            Step::Claim("Each stream comes with what is new in it."),
            Step::Ask(
                A,
                &["XREAD", "STREAMS", "{key}", "{other}", "2-1", "0-1"],
                array(&[
                    stream(&[bulk("{key}"), array(&[THIRD])]),
                    stream(&[bulk("{other}"), array(&[OF_OTHER])]),
                ]),
            ),
            Step::Claim("A stream without news is left out."),
            Step::Ask(
                A,
                &["XREAD", "STREAMS", "{key}", "{other}", "3-1", "0-1"],
                array(&[stream(&[bulk("{other}"), array(&[OF_OTHER])])]),
            ),
        ],
        ..STREAMS
    },
    Stage {
        slug: "bs1",
        number: 11,
        title: "Blocking reads",
        learn: "With BLOCK a reader waits, for so many milliseconds, until an entry comes. Others are \
                served meanwhile: a blocked client costs the server nothing.",
        steps: &[
            Step::Do(THREE_ENTRIES),
            Step::Open(B),
            Step::Claim("The reader is told nothing while there is nothing."),
            Step::Send(A, &["XREAD", "BLOCK", "5000", "STREAMS", "{key}", "3-1"]),
            Step::Silence(A, 100, Pattern::Nothing),
            Step::Claim("The entry wakes the reader."),
            Step::Ask(B, &["XADD", "{key}", "4-1", "f", "d"], bulk("4-1")),
            Step::Expect(A, array(&[stream(&[bulk("{key}"), array(&[FOURTH])])])),
            Step::Claim("When the time is over the answer is null."),
            Step::Ask(A, &["XREAD", "BLOCK", "100", "STREAMS", "{key}", "4-1"], Pattern::NullArray),
        ],
        ..STREAMS
    },
    Stage {
        slug: "hw1",
        number: 12,
        title: "Blocking reads without timeout",
        learn: "BLOCK 0 waits for as long as it takes: there is no time after which the answer is null.",
        steps: &[
            Step::Do(THREE_ENTRIES),
            Step::Open(B),
            Step::Claim("The reader goes on waiting."),
            Step::Send(A, &["XREAD", "BLOCK", "0", "STREAMS", "{key}", "3-1"]),
            Step::Silence(A, 500, Pattern::Nothing),
            Step::Claim("An entry ends the wait."),
            Step::Ask(B, &["XADD", "{key}", "4-1", "f", "d"], bulk("4-1")),
            Step::Expect(A, array(&[stream(&[bulk("{key}"), array(&[FOURTH])])])),
        ],
        ..STREAMS
    },
    Stage {
        slug: "xu1",
        number: 13,
        title: "Blocking reads using $",
        learn: "`$` stands for the stream's last id at the moment of asking: only what comes from now on \
                is read.",
        steps: &[
            Step::Do(THREE_ENTRIES),
            Step::Open(B),
            Step::Claim("What is there already does not end the wait."),
            Step::Send(A, &["XREAD", "BLOCK", "0", "STREAMS", "{key}", "$"]),
            Step::Silence(A, 100, Pattern::Nothing),
            Step::Claim("The next entry does."),
            Step::Ask(B, &["XADD", "{key}", "4-1", "f", "d"], bulk("4-1")),
            Step::Expect(A, array(&[stream(&[bulk("{key}"), array(&[FOURTH])])])),
            Step::Claim("Without an entry the wait ends with its time."),
            Step::Ask(A, &["XREAD", "BLOCK", "100", "STREAMS", "{key}", "$"], Pattern::NullArray),
        ],
        ..STREAMS
    },
];

const STREAMS: Stage = Stage::of(Group::Streams);

const A: Peer = Peer::Client(1);
const B: Peer = Peer::Client(2);

const OK: Pattern = simple("OK");

/// A client, and a stream of three entries a millisecond apart.
const THREE_ENTRIES: &[Step] = &[
    Step::Open(A),
    Step::Ask(A, &["XADD", "{key}", "1-1", "f", "a"], bulk("1-1")),
    Step::Ask(A, &["XADD", "{key}", "2-1", "f", "b"], bulk("2-1")),
    Step::Ask(A, &["XADD", "{key}", "3-1", "f", "c"], bulk("3-1")),
];

const FIRST: Pattern = entry(&[bulk("1-1"), array(&[bulk("f"), bulk("a")])]);
const SECOND: Pattern = entry(&[bulk("2-1"), array(&[bulk("f"), bulk("b")])]);
const THIRD: Pattern = entry(&[bulk("3-1"), array(&[bulk("f"), bulk("c")])]);
const FOURTH: Pattern = entry(&[bulk("4-1"), array(&[bulk("f"), bulk("d")])]);
const OF_OTHER: Pattern = entry(&[bulk("0-2"), array(&[bulk("f"), bulk("b")])]);

/// One entry of the id that was captured.
const ONE_OF_ID: Pattern = array(&[entry(&[bulk("{id}"), Pattern::Any])]);

const TOO_SMALL: Pattern = Pattern::Error(Text::Is(
    "ERR The ID specified in XADD is equal or smaller than the target stream top item",
));

const fn simple(text: &'static str) -> Pattern {
    Pattern::Simple(Text::Is(text))
}

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}

const fn array(parts: &'static [Pattern]) -> Pattern {
    Pattern::Array(parts)
}

/// An id, and fields with values.
const fn entry(parts: &'static [Pattern]) -> Pattern {
    Pattern::Array(parts)
}

/// A key, and entries.
const fn stream(parts: &'static [Pattern]) -> Pattern {
    Pattern::Array(parts)
}
