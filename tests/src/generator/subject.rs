//! Which commands are generated, how often, on which keys, and how their replies compare.
//!
//! The table of commands decides nearly all of it: groups, flags, tips, versions. What it can't say
//! stands in the lists at the end.

use redarium_core::command::spec::Arg;
use redarium_core::command::spec::Command;
use redarium_core::command::spec::Flags;
use redarium_core::command::spec::Group;
use redarium_core::command::table;
use redarium_core::command::table::Entry;

use super::outline;
use super::source::covers;
use crate::transcript::Compare;
use crate::version::Version;

/// A command to generate.
#[derive(Clone)]
pub struct Subject {
    /// As COMMAND prints it: `get`, `object|freq`.
    pub name: String,
    pub command: &'static Command,
    pub kin: Kin,
    pub compare: Compare,
    /// How often it comes up, in proportion to the others.
    pub weight: usize,
    /// Whether it concerns the keyspace, and not connections or the server.
    pub is_data: bool,
    /// The version up to which its arguments are generated.
    pub version: Version,
}

/// The kind of value a command works on, which decides the keys it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kin {
    Any,
    Text,
    Bits,
    HyperLogLog,
    List,
    Hash,
    Set,
    SortedSet,
    Geo,
    Stream,
}

impl Subject {
    /// All that a server of this version is to be asked.
    pub fn all(version: Version) -> Vec<Self> {
        let entries = table::entries().iter().filter(|entry| is_wanted(entry));
        let known = entries.filter(|entry| Version::of(entry.command.since) <= version);
        known
            .map(|entry| Self::new(entry.full_name().to_string(), entry.command, version))
            .collect()
    }

    pub fn new(name: String, command: &'static Command, version: Version) -> Self {
        let kin = kin(&name, command.group);
        let compare = compare(&name, command.tips);
        let mut weights = WEIGHTS.iter().chain(SESSION);
        let weight = match weights.find(|(named, _)| covers(named, &name)) {
            Some((_, weight)) => *weight,
            None => 20 + 5 * outline::places(command.args),
        };
        let is_data = is_data(&name, command.group);
        Self { name, command, kin, compare, weight, is_data, version }
    }

    /// The same command without what came after this version.
    #[must_use]
    pub fn as_of(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// The command's own words: one, or two for a subcommand.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.name.split('|')
    }

    pub fn blocks(&self) -> bool {
        self.command.flags.has(Flags::BLOCKING)
    }

    /// Whether it may leave the two keyspaces different when the replies are.
    pub fn writes(&self) -> bool {
        self.command.flags.has(Flags::WRITE)
    }

    /// Whether servers of its version know this argument.
    pub fn knows(&self, arg: &Arg) -> bool {
        arg.since.is_none_or(|since| Version::of(since) <= self.version)
    }
}

fn is_wanted(entry: &Entry) -> bool {
    let name = entry.full_name().to_string();
    let is_session = SESSION.iter().any(|(named, _)| covers(named, &name));
    entry.command.subcommands.is_empty()
        && (is_session || is_data(&name, entry.command.group))
        && !NOT.contains(&&*name)
}

fn is_data(name: &str, group: Group) -> bool {
    let data = matches!(
        group,
        Group::Bitmap
            | Group::Generic
            | Group::Geo
            | Group::Hash
            | Group::HyperLogLog
            | Group::List
            | Group::Set
            | Group::SortedSet
            | Group::Stream
            | Group::String
    );
    data || ALSO.contains(&name)
}

fn kin(name: &str, group: Group) -> Kin {
    match group {
        Group::Bitmap => Kin::Bits,
        Group::Geo => Kin::Geo,
        Group::Hash => Kin::Hash,
        Group::HyperLogLog => Kin::HyperLogLog,
        Group::List => Kin::List,
        Group::Set => Kin::Set,
        Group::SortedSet => Kin::SortedSet,
        Group::Stream => Kin::Stream,
        Group::String if !name.starts_with("object") => Kin::Text,
        _ => Kin::Any,
    }
}

fn compare(name: &str, tips: &[&str]) -> Compare {
    if let Some((_, compare)) = COMPARES.iter().find(|(named, _)| covers(named, name)) {
        return *compare;
    }
    if tips.contains(&"nondeterministic_output") {
        Compare::Shape
    } else if tips.contains(&"nondeterministic_output_order") {
        Compare::Sorted
    } else {
        Compare::Bytes
    }
}

/// Commands of other groups that concern the keyspace.
const ALSO: &[&str] =
    &["dbsize", "flushall", "flushdb", "swapdb", "select", "memory|usage", "echo", "ping"];

/// Commands on connections and about the server, a `*` for any ending, with how often they come up. The
/// first row that fits decides.
const SESSION: &[(&str, usize)] = &[
    ("multi", 400),
    ("exec", 400),
    ("discard", 60),
    ("watch", 300),
    ("unwatch", 40),
    ("publish", 400),
    ("spublish", 200),
    ("*subscribe", 120),
    ("pubsub|*", 60),
    ("auth", 20),
    ("hello", 120),
    ("reset", 20),
    ("client|caching", 30),
    ("client|getname", 20),
    ("client|getredir", 20),
    ("client|id", 20),
    ("client|info", 30),
    ("client|kill", 120),
    ("client|list", 80),
    ("client|no-evict", 20),
    ("client|no-touch", 20),
    ("client|pause", 40),
    ("client|setinfo", 20),
    ("client|setname", 30),
    ("client|tracking", 150),
    ("client|trackinginfo", 40),
    ("client|unblock", 20),
    ("client|unpause", 20),
    ("client|help", 5),
    ("config|get", 30),
    ("config|set", 60),
    ("config|resetstat", 5),
    ("config|rewrite", 5),
    ("config|help", 5),
    ("command|getkeys*", 60),
    ("command|docs", 30),
    ("command|list", 40),
    ("command|*", 10),
    ("slowlog|*", 10),
    ("latency|*", 10),
    ("memory|*", 10),
    ("acl|setuser", 200),
    ("acl|genpass", 20),
    ("acl|dryrun", 120),
    ("acl|load", 2),
    ("acl|save", 2),
    ("acl|*", 30),
    ("info", 10),
    ("time", 10),
    ("lastsave", 10),
    ("role", 10),
];

/// Not asked here: WAIT and MIGRATE concern other servers, and the self-test takes long.
const NOT: &[&str] = &["wait", "waitaof", "migrate", "pfselftest"];

/// What would undo the work of others too often, is slow, or waits; and what has much to find out.
const WEIGHTS: &[(&str, usize)] = &[
    ("flushall", 9),
    ("flushdb", 9),
    ("swapdb", 4),
    ("select", 8),
    ("ping", 4),
    ("echo", 4),
    ("dbsize", 8),
    ("lset", 80),
    ("pfdebug", 16),
    ("xsetid", 150),
    ("blpop", 30),
    ("brpop", 30),
    ("blmove", 12),
    ("blmpop", 16),
    ("brpoplpush", 12),
    ("bzpopmin", 12),
    ("bzpopmax", 12),
    ("bzmpop", 16),
    ("object|encoding", 100),
    ("sscan", 80),
    ("zscan", 80),
    ("xread", 20),
    ("xreadgroup", 120),
    ("xadd", 400),
    ("xgroup|create", 300),
    ("xgroup|destroy", 8),
];

/// Replies that depend on the clock, on the server's own bytes, or on an order the tips are silent about.
const COMPARES: &[(&str, Compare)] = &[
    // In words of each server's own.
    ("*|help", Compare::Errors),
    ("client|id", Compare::Shape),
    ("client|getredir", Compare::Shape),
    ("client|trackinginfo", Compare::Shape),
    ("client|info", Compare::Covers),
    ("client|list", Compare::Errors),
    ("hello", Compare::Errors),
    ("config|get", Compare::Errors),
    ("command|getkeys*", Compare::Bytes),
    ("command|info", Compare::Bytes),
    ("command|*", Compare::Errors),
    ("slowlog|*", Compare::Errors),
    ("latency|*", Compare::Errors),
    ("memory|doctor", Compare::Errors),
    ("memory|stats", Compare::Errors),
    ("memory|malloc-stats", Compare::Errors),
    ("info", Compare::Errors),
    ("time", Compare::Shape),
    ("lastsave", Compare::Shape),
    ("pubsub|channels", Compare::Sorted),
    ("pubsub|shardchannels", Compare::Sorted),
    // Newer commands are in the lists of a category too.
    ("acl|cat", Compare::Errors),
    ("acl|list", Compare::Sorted),
    ("acl|users", Compare::Sorted),
    ("acl|genpass", Compare::Shape),
    ("acl|log", Compare::Errors),
    ("ttl", Compare::Near(2)),
    ("pttl", Compare::Near(2000)),
    ("expiretime", Compare::Near(2)),
    ("pexpiretime", Compare::Near(2000)),
    ("httl", Compare::Near(2)),
    ("hpttl", Compare::Near(2000)),
    ("hexpiretime", Compare::Near(2)),
    ("hpexpiretime", Compare::Near(2000)),
    // Small integers are shared in Redis, and with them the moment of their last use.
    ("object|idletime", Compare::Errors),
    ("object|encoding", Compare::Bytes),
    ("object|freq", Compare::Shape),
    ("memory|usage", Compare::Shape),
    ("dump", Compare::Shape),
    ("hgetall", Compare::Pairs),
    // Chosen by the server where the identifier is.
    ("xadd", Compare::Bytes),
    ("xclaim", Compare::Bytes),
    ("xautoclaim", Compare::Bytes),
    ("xpending", Compare::Moments),
    ("xinfo|stream", Compare::Moments),
    ("xinfo|groups", Compare::Moments),
    ("xinfo|consumers", Compare::Moments),
    // From a cursor other than 0, which is a server's own.
    ("scan", Compare::Errors),
    ("hscan", Compare::Errors),
    ("sscan", Compare::Errors),
    ("zscan", Compare::Errors),
];
