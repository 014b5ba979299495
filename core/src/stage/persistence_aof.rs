//! The append-only file: its settings, the files it is made of, what is written to them and what a
//! server makes of them when it starts.

use super::spec::Contents;
use super::spec::File;
use super::spec::Group;
use super::spec::OnDisk;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Setup;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;
use super::spec::Topology;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "uj3",
        group: Group::PersistenceAof,
        number: 1,
        title: "Default AOF options",
        learn: "A snapshot loses what was written after it. An append-only file is a log of every write; it is \
                off until `appendonly` says otherwise, and other settings say where it lies and when it is synced.",
        setup: Setup::PLAIN,
        steps: &[
            Step::Open(A),
            Step::Claim("Without flags the append-only file is off."),
            Step::Ask(
                A,
                &["CONFIG", "GET", "appendonly"],
                Pattern::Array(&[bulk("appendonly"), bulk("no")]),
            ),
            Step::Claim("Its folder, its name and its policy have defaults."),
            Step::Ask(A, &["CONFIG", "GET", "appenddirname"], APPENDDIRNAME),
            Step::Ask(A, &["CONFIG", "GET", "appendfilename"], APPENDFILENAME),
            Step::Ask(A, &["CONFIG", "GET", "appendfsync"], EVERYSEC),
        ],
    },
    Stage {
        slug: "vd9",
        group: Group::PersistenceAof,
        number: 2,
        title: "AOF options from flags",
        learn: "Every setting is a flag too. CONFIG GET reads back what the command line said.",
        setup: with(&[]),
        steps: &[
            Step::Open(A),
            Step::Claim("CONFIG GET answers with what the flags said."),
            Step::Poll(A, &["CONFIG", "GET", "appendonly"], ON),
            Step::Ask(A, &["CONFIG", "GET", "appenddirname"], FOLDER),
            Step::Ask(A, &["CONFIG", "GET", "appendfilename"], NAME),
            Step::Ask(A, &["CONFIG", "GET", "appendfsync"], ALWAYS),
        ],
    },
    Stage {
        slug: "fm0",
        group: Group::PersistenceAof,
        number: 3,
        title: "Create append-only directory",
        learn: "The log is more than one file, so it has a folder of its own inside the server's directory.",
        setup: with(&[]),
        steps: &[
            Step::Claim("At its start the server makes the folder."),
            Step::ExpectFile("{folder}", OnDisk::Folder),
        ],
    },
    Stage {
        slug: "dw4",
        group: Group::PersistenceAof,
        number: 4,
        title: "Create append-only file",
        learn: "Writes go to an increment: its name ends in its number and `.incr.aof`. A new one is empty.",
        setup: with(&[]),
        steps: &[
            Step::Claim("The first increment is there, and empty."),
            Step::ExpectFile(INCR, OnDisk::Empty),
        ],
    },
    Stage {
        slug: "pb9",
        group: Group::PersistenceAof,
        number: 5,
        title: "Create manifest file",
        learn: "The manifest names the log's files, a line each, with a number and the letter of their kind. What \
                it does not name does not count, so replacing it replaces the whole log in one step.",
        setup: with(&[]),
        steps: &[
            Step::Claim("The manifest names the first increment."),
            Step::ExpectFile(MANIFEST, OnDisk::Line(INCR_LINE)),
        ],
    },
    Stage {
        slug: "dc8",
        group: Group::PersistenceAof,
        number: 6,
        title: "Write a single command",
        learn: "A write is logged as the request that made it, in the same form as on the wire. With the policy \
                `always` it is on disk before the client gets its reply.",
        setup: with(&[]),
        steps: &[
            Step::Open(A),
            Step::Claim("The increment holds the request, once."),
            Step::Poll(A, &["SET", "{key1}", "{value1}"], OK),
            Step::ExpectFile(INCR, OnDisk::Requests(&[SET1])),
        ],
    },
    Stage {
        slug: "fi1",
        group: Group::PersistenceAof,
        number: 7,
        title: "Write multiple commands",
        learn: "Requests follow one another in the order in which they were run. The file only grows.",
        setup: with(&[]),
        steps: &[
            Step::Open(A),
            Step::Claim("The increment holds all requests in their order."),
            Step::Poll(A, SET1, OK),
            Step::Ask(A, SET2, OK),
            Step::Ask(A, SET3, OK),
            Step::ExpectFile(INCR, OnDisk::Requests(&[SET1, SET2, SET3])),
        ],
    },
    Stage {
        slug: "ep6",
        group: Group::PersistenceAof,
        number: 8,
        title: "Filter write commands",
        learn: "The log is there to make the data again, so what only reads is left out of it.",
        setup: with(&[]),
        steps: &[
            Step::Open(A),
            Step::Claim("Commands that change nothing are not in the increment."),
            Step::Poll(A, &["PING"], Pattern::Simple(Text::Is("PONG"))),
            Step::Ask(A, SET1, OK),
            Step::Ask(A, &["GET", "{key1}"], bulk("{value1}")),
            Step::Ask(A, &["ECHO", "{word}"], bulk("{word}")),
            Step::Ask(A, SET2, OK),
            Step::ExpectFile(INCR, OnDisk::Requests(&[SET1, SET2])),
        ],
    },
    Stage {
        slug: "xz2",
        group: Group::PersistenceAof,
        number: 9,
        title: "Replay a single command",
        learn: "A server that starts runs the log's requests as if a client sent them, and answers nobody.",
        setup: with(&[log_of(&[SET1]), NAMED]),
        steps: &[
            Step::Open(A),
            Step::Claim("The key of the log is there."),
            Step::Poll(A, &["GET", "{key1}"], bulk("{value1}")),
            Step::Claim("No other is."),
            Step::Ask(A, &["GET", "{missing}"], Pattern::NullBulk),
        ],
    },
    Stage {
        slug: "kn2",
        group: Group::PersistenceAof,
        number: 10,
        title: "Replay multiple commands",
        learn: "The order of the log counts: a key that was written twice has its last value.",
        setup: with(&[log_of(&[SET1, SET2, SET3, SET1_AGAIN]), NAMED]),
        steps: &[
            Step::Open(A),
            Step::Claim("Every key of the log has its last value."),
            Step::Poll(A, &["GET", "{key3}"], bulk("{value3}")),
            Step::Ask(A, &["GET", "{key2}"], bulk("{value2}")),
            Step::Ask(A, &["GET", "{key1}"], bulk("{value4}")),
        ],
    },
];

/// A server that keeps its log in these files and finds them at start.
const fn with(files: &'static [File]) -> Setup {
    const FLAGS: &[&str] = &[
        "--appendonly",
        "yes",
        "--appenddirname",
        "{folder}",
        "--appendfilename",
        "{file}.aof",
        "--appendfsync",
        "always",
    ];
    Setup { topology: Topology::Alone, flags: FLAGS, files }
}

const fn log_of(requests: &'static [&'static [&'static str]]) -> File {
    File { name: INCR, contents: Contents::Requests(requests) }
}

const NAMED: File =
    File { name: MANIFEST, contents: Contents::Text("file {file}.aof.1.incr.aof seq 1 type i\n") };

const INCR: &str = "{folder}/{file}.aof.1.incr.aof";
const INCR_LINE: &str = "file {file}.aof.1.incr.aof seq 1 type i";
const MANIFEST: &str = "{folder}/{file}.aof.manifest";

const SET1: &[&str] = &["SET", "{key1}", "{value1}"];
const SET2: &[&str] = &["SET", "{key2}", "{value2}"];
const SET3: &[&str] = &["SET", "{key3}", "{value3}"];
const SET1_AGAIN: &[&str] = &["SET", "{key1}", "{value4}"];

const A: Peer = Peer::Client(1);
const OK: Pattern = Pattern::Simple(Text::Is("OK"));

const APPENDDIRNAME: Pattern = Pattern::Array(&[bulk("appenddirname"), bulk("appendonlydir")]);
const APPENDFILENAME: Pattern = Pattern::Array(&[bulk("appendfilename"), bulk("appendonly.aof")]);
const EVERYSEC: Pattern = Pattern::Array(&[bulk("appendfsync"), bulk("everysec")]);
const ON: Pattern = Pattern::Array(&[bulk("appendonly"), bulk("yes")]);
const FOLDER: Pattern = Pattern::Array(&[bulk("appenddirname"), bulk("{folder}")]);
const NAME: Pattern = Pattern::Array(&[bulk("appendfilename"), bulk("{file}.aof")]);
const ALWAYS: Pattern = Pattern::Array(&[bulk("appendfsync"), bulk("always")]);

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}
