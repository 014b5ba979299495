//! Starting from an RDB file: where it lies, which keys it holds, and when they expire.

use super::spec::Contents;
use super::spec::Entry;
use super::spec::Expires;
use super::spec::File;
use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Setup;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;
use super::spec::Topology;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "zg5",
        group: Group::PersistenceRdb,
        number: 1,
        title: "RDB file config",
        learn: "Two settings say where the snapshot of all data lies: `dir` and `dbfilename`. Settings come \
                from the command line, and CONFIG GET reads them back as pairs of name and value.",
        setup: with(&[]),
        steps: &[
            Step::Open(A),
            Step::Claim("CONFIG GET dir answers with the name and the directory."),
            Step::Ask(A, &["CONFIG", "GET", "dir"], Pattern::Array(&[bulk("dir"), bulk("{dir}")])),
            Step::Claim("CONFIG GET dbfilename answers with the name and the file."),
            Step::Ask(
                A,
                &["CONFIG", "GET", "dbfilename"],
                Pattern::Array(&[bulk("dbfilename"), bulk("{file}.rdb")]),
            ),
        ],
    },
    Stage {
        slug: "jz6",
        group: Group::PersistenceRdb,
        number: 2,
        title: "Read a key",
        learn: "An RDB file is a header, fields about its origin, and a section per database: its number, a \
                size hint, then the keys. A server loads it at start; KEYS * lists what it found.",
        setup: with(ONE_KEY),
        steps: &[
            Step::Open(A),
            Step::Claim("KEYS * lists the key of the file."),
            Step::Poll(A, &["KEYS", "*"], Pattern::Array(&[bulk("{key1}")])),
            Step::Claim("A pattern that fits no key lists nothing."),
            Step::Ask(A, &["KEYS", "no{key1}"], Pattern::Array(&[])),
        ],
    },
    Stage {
        slug: "gc6",
        group: Group::PersistenceRdb,
        number: 3,
        title: "Read a string value",
        learn: "Each key of the file starts with a byte for its type; 0 is a string. Key and value are \
                strings with a length in front, and a short length is one byte.",
        setup: with(ONE_KEY),
        steps: &[
            Step::Open(A),
            Step::Claim("GET answers with the value from the file."),
            Step::Poll(A, &["GET", "{key1}"], bulk("{value1}")),
            Step::Claim("A key that the file does not hold is null."),
            Step::Ask(A, &["GET", "{missing}"], Pattern::NullBulk),
        ],
    },
    Stage {
        slug: "jw4",
        group: Group::PersistenceRdb,
        number: 4,
        title: "Read multiple keys",
        learn: "The keys of a database follow one another without a separator; only a byte that is no type \
                ends them. The order in which KEYS lists them is up to the server.",
        setup: with(SOME_KEYS),
        steps: &[
            Step::Open(A),
            Step::Claim("KEYS * lists every key of the file once, in any order."),
            Step::Poll(
                A,
                &["KEYS", "*"],
                Pattern::Unordered(&[
                    bulk("{key1}"),
                    bulk("{key2}"),
                    bulk("{key3}"),
                    bulk("{key4}"),
                ]),
            ),
        ],
    },
    Stage {
        slug: "dq3",
        group: Group::PersistenceRdb,
        number: 5,
        title: "Read multiple string values",
        learn: "Strings of 64 bytes and more have a length of two bytes or more; its first two bits say \
                which. A server that reads one length wrongly reads everything after it wrongly.",
        setup: with(SOME_KEYS),
        steps: &[
            Step::Open(A),
            Step::Claim("Every key has its own value."),
            Step::Poll(A, &["GET", "{key1}"], bulk("{value1}")),
            Step::Ask(A, &["GET", "{key2}"], bulk("{value2}")),
            Step::Ask(A, &["GET", "{key4}"], bulk("{value4}")),
            Step::Claim("A value longer than 63 bytes is read whole."),
            Step::Ask(A, &["GET", "{key3}"], bulk(LONG_VALUE)),
        ],
    },
    Stage {
        slug: "sm4",
        group: Group::PersistenceRdb,
        number: 6,
        title: "Read value with expiry",
        learn: "A key that expires has its moment in front, as an absolute time in seconds or milliseconds, \
                little-endian. A key whose moment has passed while the server was down is not there.",
        setup: with(EXPIRING_KEYS),
        steps: &[
            Step::Open(A),
            Step::Claim("A key that expires in the future is there."),
            Step::Poll(A, &["GET", "{later}"], bulk("{value1}")),
            Step::Ask(A, &["GET", "{later_seconds}"], bulk("{value2}")),
            Step::Claim("A key whose time is over is not."),
            Step::Ask(A, &["GET", "{over}"], Pattern::NullBulk),
            Step::Ask(A, &["GET", "{over_seconds}"], Pattern::NullBulk),
            Step::Claim("A key without an expiry is there."),
            Step::Ask(A, &["GET", "{lasting}"], bulk("{value3}")),
        ],
    },
];

/// A server that finds these files at start.
const fn with(files: &'static [File]) -> Setup {
    let flags = &["--dir", "{dir}", "--dbfilename", "{file}.rdb"];
    Setup { topology: Topology::Alone, flags, files }
}

/// The file the flags name.
const fn holding(entries: &'static [Entry]) -> File {
    File { name: "{file}.rdb", contents: Contents::Rdb(entries) }
}

const fn lasting(key: &'static str, value: &'static str) -> Entry {
    Entry { key, value, expires: Expires::Never }
}

const ONE_KEY: &[File] = &[holding(&[lasting("{key1}", "{value1}")])];

const SOME_KEYS: &[File] = &[holding(&[
    lasting("{key1}", "{value1}"),
    lasting("{key2}", "{value2}"),
    lasting("{key3}", LONG_VALUE),
    lasting("{key4}", "{value4}"),
])];

const LONG_VALUE: &str =
    "{value3} and, so that the length of the value needs two bytes, a few more words than that";

const EXPIRING_KEYS: &[File] = &[holding(&[
    Entry { key: "{over}", value: "{value4}", expires: Expires::UnixMillis(YEAR_2022 * 1000) },
    Entry { key: "{later}", value: "{value1}", expires: Expires::UnixMillis(YEAR_2037 * 1000) },
    lasting("{lasting}", "{value3}"),
    Entry {
        key: "{over_seconds}",
        value: "{value4}",
        expires: Expires::UnixSeconds(YEAR_2022 as i32),
    },
    Entry {
        key: "{later_seconds}",
        value: "{value2}",
        expires: Expires::UnixSeconds(YEAR_2037 as i32),
    },
])];

/// The first second of the year, counted from 1970. Seconds in the file are signed and end in 2038.
const YEAR_2022: u64 = 1_640_995_200;
const YEAR_2037: u64 = 2_114_380_800;

const A: Peer = Peer::Client(1);

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}
