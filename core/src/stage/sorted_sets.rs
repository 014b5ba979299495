//! Sorted sets: members with scores, in the order of their scores.

use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "ct1",
        number: 1,
        title: "Create a sorted set",
        learn: "ZADD gives a member a score, and makes the sorted set if there is none. It answers with \
                how many members are new.",
        steps: &[
            Step::Open(A),
            Step::Claim("One new member is counted."),
            Step::Ask(A, &["ZADD", "{key}", "10.5", "{member}"], Pattern::Integer(1)),
            Step::Ask(A, &["TYPE", "{key}"], Pattern::Simple(Text::Is("zset"))),
        ],
        ..SORTED_SETS
    },
    Stage {
        slug: "hf1",
        number: 2,
        title: "Add members",
        learn: "A member is in the set once. Giving it another score moves it, and counts as nothing new.",
        steps: &[
            Step::Open(A),
            Step::Claim("New members are counted."),
            Step::Ask(A, &["ZADD", "{key}", "1", "{m1}"], Pattern::Integer(1)),
            Step::Ask(A, &["ZADD", "{key}", "2", "{m2}"], Pattern::Integer(1)),
            Step::Claim("A member that is there gets its new score and is not counted."),
            Step::Ask(A, &["ZADD", "{key}", "7", "{m1}"], Pattern::Integer(0)),
            Step::Ask(A, &["ZSCORE", "{key}", "{m1}"], bulk("7")),
        ],
        ..SORTED_SETS
    },
    Stage {
        slug: "lg6",
        number: 3,
        title: "Retrieve member rank",
        learn: "The rank of a member is its place in the order of scores, from 0. Members of one score \
                stand in the order of their bytes.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("The lowest score has rank 0."),
            Step::Ask(A, &["ZRANK", "{key}", "foo"], Pattern::Integer(0)),
            Step::Ask(A, &["ZRANK", "{key}", "caz"], Pattern::Integer(4)),
            Step::Claim("Equal scores are ordered by the members' bytes."),
            Step::Ask(A, &["ZRANK", "{key}", "bar"], Pattern::Integer(1)),
            Step::Ask(A, &["ZRANK", "{key}", "baz"], Pattern::Integer(2)),
            Step::Claim("What is not there has no rank."),
            Step::Ask(A, &["ZRANK", "{key}", "nobody"], Pattern::NullBulk),
            Step::Ask(A, &["ZRANK", "{missing}", "foo"], Pattern::NullBulk),
        ],
        ..SORTED_SETS
    },
    Stage {
        slug: "ic1",
        number: 4,
        title: "List sorted set members",
        learn: "ZRANGE lists the members between two ranks, both included.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("Members come in the order of their ranks."),
            Step::Ask(A, &["ZRANGE", "{key}", "0", "2"], texts(&[FOO, BAR, BAZ])),
            Step::Ask(A, &["ZRANGE", "{key}", "3", "99"], texts(&[PAZ, CAZ])),
            Step::Claim("Where there are none, the answer is an empty array."),
            Step::Ask(A, &["ZRANGE", "{key}", "5", "9"], texts(&[])),
            Step::Ask(A, &["ZRANGE", "{key}", "3", "1"], texts(&[])),
            Step::Ask(A, &["ZRANGE", "{missing}", "0", "9"], texts(&[])),
        ],
        ..SORTED_SETS
    },
    Stage {
        slug: "bj4",
        number: 5,
        title: "ZRANGE with negative indexes",
        learn: "Negative ranks count from the end: -1 is the member of the highest score.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("-1 is the last member."),
            Step::Ask(A, &["ZRANGE", "{key}", "-2", "-1"], texts(&[PAZ, CAZ])),
            Step::Ask(A, &["ZRANGE", "{key}", "0", "-4"], texts(&[FOO, BAR])),
            Step::Claim("A rank before the first means the first."),
            Step::Ask(A, &["ZRANGE", "{key}", "-99", "0"], texts(&[FOO])),
        ],
        ..SORTED_SETS
    },
    Stage {
        slug: "kn4",
        number: 6,
        title: "Count sorted set members",
        learn: "ZCARD counts the members, at the same cost however many there are.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("ZCARD answers with the number of members."),
            Step::Ask(A, &["ZCARD", "{key}"], Pattern::Integer(5)),
            Step::Ask(A, &["ZADD", "{key}", "1", "foo"], Pattern::Integer(0)),
            Step::Ask(A, &["ZCARD", "{key}"], Pattern::Integer(5)),
            Step::Claim("A sorted set that does not exist has none."),
            Step::Ask(A, &["ZCARD", "{missing}"], Pattern::Integer(0)),
        ],
        ..SORTED_SETS
    },
    Stage {
        slug: "gd7",
        number: 7,
        title: "Retrieve member score",
        learn: "A score is a double, a number with a fraction. It comes back as text, a bulk string.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("ZSCORE answers with the score, as a bulk string."),
            Step::Ask(A, &["ZSCORE", "{key}", "caz"], bulk("100.25")),
            Step::Ask(A, &["ZADD", "{key}", "-2.5", "{below}"], Pattern::Integer(1)),
            Step::Ask(A, &["ZSCORE", "{key}", "{below}"], bulk("-2.5")),
            Step::Claim("A whole number comes without a fraction."),
            Step::Ask(A, &["ZSCORE", "{key}", "baz"], bulk("20")),
            Step::Claim("What is not there has no score."),
            Step::Ask(A, &["ZSCORE", "{key}", "nobody"], Pattern::NullBulk),
            Step::Ask(A, &["ZSCORE", "{missing}", "caz"], Pattern::NullBulk),
        ],
        ..SORTED_SETS
    },
    Stage {
        slug: "sq7",
        number: 8,
        title: "Remove a member",
        learn: "ZREM removes members and answers with how many were there. With its last member the \
                sorted set goes too.",
        steps: &[
            Step::Do(FIVE),
            Step::Claim("A member that was there is counted, one that was not is not."),
            Step::Ask(A, &["ZREM", "{key}", "bar"], Pattern::Integer(1)),
            Step::Ask(A, &["ZREM", "{key}", "bar"], Pattern::Integer(0)),
            Step::Ask(A, &["ZRANGE", "{key}", "0", "1"], texts(&[FOO, BAZ])),
            Step::Claim("With its last member the sorted set goes."),
            Step::Ask(A, &["ZREM", "{key}", "foo", "baz", "paz", "caz"], Pattern::Integer(4)),
            Step::Ask(A, &["TYPE", "{key}"], Pattern::Simple(Text::Is("none"))),
        ],
        ..SORTED_SETS
    },
];

const SORTED_SETS: Stage = Stage::of(Group::SortedSets);

const A: Peer = Peer::Client(1);

/// A client, and a sorted set in which two members have one score.
const FIVE: &[Step] = &[
    Step::Open(A),
    Step::Ask(
        A,
        &["ZADD", "{key}", "100.25", "caz", "-1", "foo", "20", "baz", "20", "bar", "30", "paz"],
        Pattern::Integer(5),
    ),
];

const FOO: Text = Text::Is("foo");
const BAR: Text = Text::Is("bar");
const BAZ: Text = Text::Is("baz");
const PAZ: Text = Text::Is("paz");
const CAZ: Text = Text::Is("caz");

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}

/// An array of bulk strings.
const fn texts(parts: &'static [Text]) -> Pattern {
    Pattern::Request(parts)
}
