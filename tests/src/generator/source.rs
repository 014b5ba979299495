//! Where the value of an argument comes from: by its name, where its type says too little.

use redarium_core::command::spec::Arg;
use redarium_core::command::spec::ArgKind;

use super::outline::Outline;
use super::subject::Subject;

/// A kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Key,
    /// What a string holds: text, numbers, bytes.
    Text,
    /// A member, a field, an element: from a small pool, so that they meet again.
    Element,
    Integer,
    Float,
    /// A position from either end.
    Index,
    /// A small number that is rarely negative.
    Count,
    /// Negative where that means "with repetitions" or "from the end".
    SignedCount,
    Bit,
    BitOffset,
    BitEncoding,
    ByteOffset,
    Seconds,
    Millis,
    /// A moment that may be over.
    UnixSeconds,
    UnixMillis,
    FutureSeconds,
    FutureMillis,
    /// Nothing, or milliseconds.
    Ttl,
    Timeout,
    Score,
    ScoreBound,
    LexBound,
    Longitude,
    Latitude,
    Distance,
    Pattern,
    SortPattern,
    Cursor,
    TypeName,
    /// How many of the next argument there are.
    Number,
    Database,
    /// What DUMP said earlier.
    Payload,
    Frequency,
    DebugWord,
    /// The name of an entry of a stream, a new one or one that may be there.
    NewEntry,
    Entry,
    /// The same, or a mark that stands for an end.
    EntryBound,
    /// The same, or what is new; `+` came with 7.4.
    ReadFrom,
    Group,
    Consumer,
    BlockMillis,
    IdleTime,
    Channel,
    ChannelPattern,
    /// `@` and the number of a connection, or no connection's identifier.
    ClientId,
    ClientName,
    Address,
    PauseMillis,
    Protocol,
    User,
    /// Who may do everything, or nobody: the connection has to go on answering.
    Login,
    Category,
    Setting,
    SettingValue,
    CommandName,
    AclRule,
}

impl Source {
    /// Where the value of `arg` comes from in a request with this outline.
    pub fn of(subject: &Subject, arg: &Arg, outline: &Outline) -> Self {
        let row = ROWS.iter().find(|row| {
            covers(row.0, &subject.name)
                && row.1 == arg.name
                && (row.2.is_empty() || outline.has_token(row.2))
        });
        match (row, arg.kind) {
            (_, ArgKind::Key) => Self::Key,
            (Some(row), _) => row.3,
            (None, ArgKind::Integer) => Self::Integer,
            (None, ArgKind::Double) => Self::Float,
            (None, ArgKind::Pattern) => Self::Pattern,
            (None, ArgKind::UnixTime) => Self::UnixMillis,
            (None, _) => Self::Element,
        }
    }
}

/// A `*` at one end stands for anything.
pub fn covers(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (_, Some(start)) => name.starts_with(start),
        _ => pattern == name,
    }
}

/// Command, argument, a token that has to be there, source; the first row that fits decides.
const ROWS: &[(&str, &str, &str, Source)] = &[
    // Connections and the server.
    ("*publish", "channel", "", Source::Channel),
    ("*publish", "shardchannel", "", Source::Channel),
    ("*subscribe", "channel", "", Source::Channel),
    ("*subscribe", "shardchannel", "", Source::Channel),
    ("pubsub|*", "channel", "", Source::Channel),
    ("pubsub|*", "shardchannel", "", Source::Channel),
    ("*subscribe", "pattern", "", Source::ChannelPattern),
    ("pubsub|*", "pattern", "", Source::ChannelPattern),
    ("client|*", "client-id", "", Source::ClientId),
    ("client|*", "connection-name", "", Source::ClientName),
    ("client|*", "prefix", "", Source::Element),
    ("client|*", "ip:port", "", Source::Address),
    ("client|*", "addr", "", Source::Address),
    ("client|*", "laddr", "", Source::Address),
    ("client|*", "username", "", Source::User),
    ("client|pause", "timeout", "", Source::PauseMillis),
    ("auth", "username", "", Source::Login),
    ("hello", "username", "", Source::Login),
    ("hello", "protover", "", Source::Protocol),
    ("hello", "clientname", "", Source::ClientName),
    ("*", "username", "", Source::User),
    ("acl|*", "rule", "", Source::AclRule),
    ("acl|cat", "categoryname", "", Source::Category),
    ("acl|*", "command", "", Source::CommandName),
    ("acl|*", "bits", "", Source::Count),
    ("config|*", "parameter", "", Source::Setting),
    ("config|*", "value", "", Source::SettingValue),
    ("command|*", "command", "", Source::CommandName),
    ("command|*", "command-name", "", Source::CommandName),
    // Streams.
    ("xadd", "id", "", Source::NewEntry),
    ("xadd", "value", "", Source::Element),
    ("xreadgroup", "id", "", Source::ReadFrom),
    ("xread", "id", "", Source::ReadFrom),
    ("x*", "id", "", Source::Entry),
    ("x*", "last-id", "", Source::EntryBound),
    ("x*", "lastid", "", Source::Entry),
    ("x*", "max-deleted-id", "", Source::Entry),
    ("x*", "max_deleted_entry_id", "", Source::Entry),
    ("x*", "start", "", Source::EntryBound),
    ("x*", "end", "", Source::EntryBound),
    ("x*", "threshold", "MINID", Source::Entry),
    ("x*", "threshold", "", Source::Count),
    ("x*", "entries_read", "", Source::Count),
    ("x*", "entries-read", "", Source::Count),
    ("x*", "entries_added", "", Source::Count),
    ("x*", "entries-added", "", Source::Count),
    ("x*", "group", "", Source::Group),
    ("x*", "groupname", "", Source::Group),
    ("x*", "consumer", "", Source::Consumer),
    ("x*", "consumername", "", Source::Consumer),
    ("x*", "min-idle-time", "", Source::IdleTime),
    ("x*", "ms", "", Source::IdleTime),
    ("xread*", "milliseconds", "", Source::BlockMillis),
    // Strings and bits.
    ("setbit", "value", "", Source::Bit),
    ("bitfield", "value", "", Source::Integer),
    ("*", "bit", "", Source::Bit),
    ("setbit", "offset", "", Source::BitOffset),
    ("getbit", "offset", "", Source::BitOffset),
    ("bitfield*", "offset", "", Source::BitOffset),
    ("*", "encoding", "", Source::BitEncoding),
    ("setrange", "offset", "", Source::ByteOffset),
    ("pfdebug", "subcommand", "", Source::DebugWord),
    ("h*", "value", "", Source::Element),
    ("*", "value", "", Source::Text),
    ("echo", "message", "", Source::Text),
    // Times.
    ("*", "timeout", "", Source::Timeout),
    ("restore", "ttl", "ABSTTL", Source::FutureMillis),
    ("restore", "ttl", "", Source::Ttl),
    ("restore", "seconds", "", Source::Count),
    ("restore", "frequency", "", Source::Frequency),
    ("restore", "serialized-value", "", Source::Payload),
    ("*", "seconds", "", Source::Seconds),
    ("*", "milliseconds", "", Source::Millis),
    // A value that is over when it is set stays until it is looked at.
    ("set", "unix-time-seconds", "", Source::FutureSeconds),
    ("set", "unix-time-milliseconds", "", Source::FutureMillis),
    ("*", "unix-time-seconds", "", Source::UnixSeconds),
    ("*", "unix-time-milliseconds", "", Source::UnixMillis),
    // Ranges.
    ("zrange*", "start", "BYSCORE", Source::ScoreBound),
    ("zrange*", "stop", "BYSCORE", Source::ScoreBound),
    ("zrange*", "start", "BYLEX", Source::LexBound),
    ("zrange*", "stop", "BYLEX", Source::LexBound),
    ("zrangestore", "min", "BYSCORE", Source::ScoreBound),
    ("zrangestore", "max", "BYSCORE", Source::ScoreBound),
    ("zrangestore", "min", "BYLEX", Source::LexBound),
    ("zrangestore", "max", "BYLEX", Source::LexBound),
    ("zrangestore", "min", "", Source::Index),
    ("zrangestore", "max", "", Source::Index),
    ("zlexcount", "min", "", Source::LexBound),
    ("zlexcount", "max", "", Source::LexBound),
    ("zrangebylex", "min", "", Source::LexBound),
    ("zrangebylex", "max", "", Source::LexBound),
    ("zrevrangebylex", "min", "", Source::LexBound),
    ("zrevrangebylex", "max", "", Source::LexBound),
    ("zremrangebylex", "min", "", Source::LexBound),
    ("zremrangebylex", "max", "", Source::LexBound),
    ("z*", "min", "", Source::ScoreBound),
    ("z*", "max", "", Source::ScoreBound),
    ("select", "index", "", Source::Database),
    ("*", "start", "", Source::Index),
    ("*", "stop", "", Source::Index),
    ("*", "end", "", Source::Index),
    ("*", "index", "", Source::Index),
    // Counts.
    ("*", "numkeys", "", Source::Number),
    ("*", "numfields", "", Source::Number),
    ("*", "num-fields", "", Source::Number),
    ("lrem", "count", "", Source::SignedCount),
    ("lpos", "rank", "", Source::SignedCount),
    ("srandmember", "count", "", Source::SignedCount),
    ("hrandfield", "count", "", Source::SignedCount),
    ("zrandmember", "count", "", Source::SignedCount),
    ("*", "offset", "", Source::Count),
    ("*", "count", "", Source::Count),
    ("*", "num-matches", "", Source::Count),
    ("*", "len", "", Source::Count),
    ("*", "min-match-len", "", Source::Count),
    ("*", "limit", "", Source::Count),
    // Sorted sets and places on earth.
    ("*", "score", "", Source::Score),
    ("*", "weight", "", Source::Score),
    ("zincrby", "increment", "", Source::Score),
    ("*", "longitude", "", Source::Longitude),
    ("*", "latitude", "", Source::Latitude),
    ("*", "radius", "", Source::Distance),
    ("*", "width", "", Source::Distance),
    ("*", "height", "", Source::Distance),
    // The keyspace.
    ("sort*", "pattern", "", Source::SortPattern),
    ("sort*", "by-pattern", "", Source::SortPattern),
    ("sort*", "get-pattern", "", Source::SortPattern),
    ("*", "cursor", "", Source::Cursor),
    ("scan", "type", "", Source::TypeName),
    ("*", "db", "", Source::Database),
    ("*", "destination-db", "", Source::Database),
    ("swapdb", "index1", "", Source::Database),
    ("swapdb", "index2", "", Source::Database),
];
