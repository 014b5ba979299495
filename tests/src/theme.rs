//! What the requests of a round are about, and the settings it is played under.

use std::fmt;

use redarium_core::command::spec::Group;

use crate::generator::Subject;

/// What the requests of a round are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// All commands on data, each type's commands on the leavings of others.
    Data,
    /// Streams alone, their nodes mostly small.
    Streams,
    /// Several connections at once: transactions, messages, and what servers tell about themselves.
    Sessions,
}

pub type Settings = &'static [(&'static str, &'static str)];

impl Theme {
    /// What is played unless one is asked for by name.
    pub const USUAL: &[Self] = &[Self::Data, Self::Streams, Self::Sessions];
    /// The same for the comparison with Valkey, whose words about connections and users are its own.
    pub const WITH_VALKEY: &[Self] = &[Self::Data, Self::Streams];

    /// How many of so many requests are made: few of those that travel one by one.
    pub fn share(self, requests: u64) -> u64 {
        if self == Self::Sessions { requests / 4 } else { requests }
    }

    /// The theme of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Data, Self::Streams, Self::Sessions]
            .into_iter()
            .find(|theme| theme.to_string() == name)
    }

    /// How often a command comes up, in proportion to the others.
    pub fn weight(self, subject: &Subject) -> usize {
        match self {
            Self::Streams if subject.command.group != Group::Stream => 0,
            Self::Data | Self::Streams if !subject.is_data => 0,
            Self::Sessions if subject.is_data => subject.weight / 4,
            _ => subject.weight,
        }
    }

    /// Settings that differ from the defaults in the round of this seed.
    pub fn settings(self, seed: u64) -> Settings {
        let choices = match self {
            Self::Data => DATA,
            Self::Streams => STREAMS,
            Self::Sessions => SESSIONS,
        };
        // Two rounds each, since every other one speaks the other protocol.
        let at = seed / 2 % choices.len() as u64;
        choices[usize::try_from(at).expect("a place in the list")]
    }

    /// Whether connections are told of keyspace events in the round of this seed.
    pub fn has_events(self, seed: u64) -> bool {
        self.settings(seed).iter().any(|(name, _)| *name == "notify-keyspace-events")
    }

    /// What is there before the first request: for streams, keys of other types.
    pub fn preparation(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Data | Self::Sessions => &[],
            Self::Streams => OTHER_TYPES,
        }
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "data",
            Self::Streams => "streams",
            Self::Sessions => "sessions",
        })
    }
}

pub const DEFAULTS: Settings = &[
    ("maxmemory-policy", "noeviction"),
    ("hash-max-listpack-entries", "128"),
    ("hash-max-listpack-value", "64"),
    ("set-max-intset-entries", "512"),
    ("zset-max-listpack-entries", "128"),
    ("zset-max-listpack-value", "64"),
    ("list-max-listpack-size", "-2"),
    ("list-compress-depth", "0"),
    ("hll-sparse-max-bytes", "3000"),
    ("stream-node-max-entries", "100"),
    ("stream-node-max-bytes", "4096"),
    ("notify-keyspace-events", ""),
];

/// Nothing, what counts as use, or where encodings change.
const DATA: &[Settings] = &[
    &[],
    &[("maxmemory-policy", "allkeys-lfu")],
    &[
        ("hash-max-listpack-entries", "4"),
        ("hash-max-listpack-value", "8"),
        ("set-max-intset-entries", "5"),
        ("zset-max-listpack-entries", "4"),
        ("zset-max-listpack-value", "8"),
        ("list-max-listpack-size", "3"),
        ("list-compress-depth", "1"),
        ("hll-sparse-max-bytes", "64"),
        ("stream-node-max-entries", "3"),
    ],
    &[("list-max-listpack-size", "-1"), ("list-compress-depth", "2")],
];

const STREAMS: &[Settings] = &[
    &[("stream-node-max-entries", "3")],
    &[],
    &[("stream-node-max-bytes", "100")],
    &[("stream-node-max-entries", "0"), ("stream-node-max-bytes", "0")],
    &[("stream-node-max-entries", "1")],
];

/// Without keyspace events and with them, but for those whose moment is left to chance.
const SESSIONS: &[Settings] = &[&[], &[("notify-keyspace-events", "KEg$lshztdn")]];

const OTHER_TYPES: &[&[&str]] = &[
    &["SET", "s1", "a"],
    &["RPUSH", "l1", "a"],
    &["SADD", "t1", "a"],
    &["HSET", "h1", "a", "b"],
    &["ZADD", "z1", "1", "a"],
];
