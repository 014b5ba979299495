//! What the engine knows about a command: the types of the command table.
//!
//! All of it is `const`: a family file lists its commands beside their
//! handlers, [`super::table`] joins the families and proves at compile time
//! that they agree. Dispatch, arity errors, COMMAND, key extraction, ACL
//! categories, admission, propagation, hints and the generator of test
//! commands are all read from here.

use super::Context;
use crate::error::CommandError;
use crate::resp::Args;

/// One command or subcommand.
pub struct Command {
    /// Lower case; a subcommand's own word only ("kill" of "client kill").
    pub name: &'static str,
    pub group: Group,
    pub since: &'static str,
    /// One sentence of our own.
    pub summary: &'static str,
    pub complexity: &'static str,
    /// Words including the name; at least that many when negative.
    pub arity: i16,
    pub flags: Flags,
    /// ACL categories that do not follow from the flags.
    pub categories: Categories,
    pub keys: &'static [KeySpec],
    /// Finds the keys where the specs alone can't, or their flags depend on the arguments.
    pub find_keys: Option<FindKeysFn>,
    pub args: &'static [Arg],
    pub tips: &'static [&'static str],
    /// Versions in which it changed: (version, what changed, in our words).
    pub history: &'static [(&'static str, &'static str)],
    /// Version from which it is deprecated, and what replaces it.
    pub deprecated: Option<(&'static str, &'static str)>,
    pub propagation: Rule,
    /// Internal: documented with the flag `syscmd`, not meant for applications.
    pub system: bool,
    pub subcommands: &'static [Self],
    pub run: Run,
}

impl Command {
    /// What a table entry leaves out: no flags, no keys, no arguments, never propagated.
    pub const BASE: Self = Self {
        name: "",
        group: Group::Generic,
        since: "1.0.0",
        summary: "",
        complexity: "O(1)",
        arity: 1,
        flags: Flags::NONE,
        categories: Categories::NONE,
        keys: &[],
        find_keys: None,
        args: &[],
        tips: &[],
        history: &[],
        deprecated: None,
        propagation: Rule::Never,
        system: false,
        subcommands: &[],
        run: Run::Container,
    };

    /// The categories given and those that follow from the flags.
    pub const fn all_categories(&self) -> Categories {
        let mut all = self.categories;
        if self.flags.has(Flags::WRITE) {
            all = all.with(Categories::WRITE);
        }
        if self.flags.has(Flags::READONLY) && !all.has(Categories::SCRIPTING) {
            all = all.with(Categories::READ);
        }
        if self.flags.has(Flags::ADMIN) {
            all = all.with(Categories::ADMIN).with(Categories::DANGEROUS);
        }
        if self.flags.has(Flags::PUBSUB) {
            all = all.with(Categories::PUBSUB);
        }
        if self.flags.has(Flags::BLOCKING) {
            all = all.with(Categories::BLOCKING);
        }
        all.with(if self.flags.has(Flags::FAST) { Categories::FAST } else { Categories::SLOW })
    }

    /// Whether `words` words, the name included, are a legal count.
    pub const fn accepts(&self, words: usize) -> bool {
        let arity = self.arity.unsigned_abs() as usize;
        if self.arity < 0 { words >= arity } else { words == arity }
    }
}

/// Appends the keys among the words of a command line.
pub type FindKeysFn = fn(Args<'_>, &mut Vec<KeyPlace>);

/// Which word is a key, and what the command does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPlace {
    pub word: usize,
    pub flags: KeyFlags,
}

/// What executes a command.
#[derive(Clone, Copy)]
pub enum Run {
    /// Works on the keyspace and nothing else.
    Data(fn(&mut Context<'_>, Args<'_>) -> Result<(), CommandError>),
    /// Works on the node: connections, configuration, replication, persistence.
    Node(NodeCommand),
    /// Only its subcommands do anything.
    Container,
}

/// The commands the node itself executes; `node::dispatch` has an arm for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeCommand {
    Acl(AclCommand),
    Auth,
    BgRewriteAof,
    BgSave,
    ClientCaching,
    ClientGetName,
    ClientGetRedir,
    ClientId,
    ClientInfo,
    ClientKill,
    ClientList,
    ClientNoEvict,
    ClientNoTouch,
    ClientPause,
    ClientReply,
    ClientSetInfo,
    ClientSetName,
    ClientTracking,
    ClientTrackingInfo,
    ClientUnblock,
    ClientUnpause,
    ConfigGet,
    ConfigResetStat,
    ConfigRewrite,
    ConfigSet,
    Debug,
    Discard,
    Exec,
    Failover,
    Hello,
    Info,
    LastSave,
    LatencyDoctor,
    LatencyGraph,
    LatencyHistogram,
    LatencyHistory,
    LatencyLatest,
    LatencyReset,
    MemoryDoctor,
    MemoryMallocStats,
    MemoryPurge,
    MemoryStats,
    Migrate,
    ModuleLoad,
    ModuleUnload,
    Monitor,
    Multi,
    Ping,
    PSubscribe,
    Psync,
    PubSubChannels,
    PubSubNumPat,
    PubSubNumSub,
    PubSubShardChannels,
    PubSubShardNumSub,
    Publish,
    PUnsubscribe,
    Quit,
    ReplConf,
    ReplicaOf,
    Reset,
    Role,
    Save,
    Select,
    Shutdown,
    SPublish,
    SSubscribe,
    Subscribe,
    SUnsubscribe,
    SlowLogGet,
    SlowLogLen,
    SlowLogReset,
    Sync,
    Unsubscribe,
    Unwatch,
    Wait,
    WaitAof,
    Watch,
}

/// The subcommands of ACL that ask or change who may do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AclCommand {
    DelUser,
    DryRun,
    GenPass,
    GetUser,
    List,
    Load,
    Log,
    Save,
    SetUser,
    Users,
    WhoAmI,
}

/// How a command that changed something reaches replicas and the append-only file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Not at all.
    Never,
    /// As the client sent it, when it changed anything and its handler spelled nothing else.
    Verbatim,
    /// Always as its handler spells the effect with `Context::propagate`: absolute times, chosen
    /// members.
    Effect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Bitmap,
    Cluster,
    Connection,
    Generic,
    Geo,
    Hash,
    HyperLogLog,
    List,
    PubSub,
    Scripting,
    Sentinel,
    Server,
    Set,
    SortedSet,
    Stream,
    String,
    Transactions,
}

impl Group {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bitmap => "bitmap",
            Self::Cluster => "cluster",
            Self::Connection => "connection",
            Self::Generic => "generic",
            Self::Geo => "geo",
            Self::Hash => "hash",
            Self::HyperLogLog => "hyperloglog",
            Self::List => "list",
            Self::PubSub => "pubsub",
            Self::Scripting => "scripting",
            Self::Sentinel => "sentinel",
            Self::Server => "server",
            Self::Set => "set",
            Self::SortedSet => "sorted-set",
            Self::Stream => "stream",
            Self::String => "string",
            Self::Transactions => "transactions",
        }
    }
}

/// A set of named bits, printable by name in the order of the table.
macro_rules! bit_set {
    ($(#[$doc:meta])* $name:ident: $repr:ty { $($(#[$bit_doc:meta])* $bit:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name($repr);

        impl $name {
            pub const NONE: Self = Self(0);
            bit_set!(@bits $repr, 0; $($(#[$bit_doc])* $bit)*);

            /// Every bit with the word clients see.
            pub const NAMES: &'static [(Self, &'static str)] = &[$((Self::$bit, $text)),*];

            pub const fn has(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            pub const fn with(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }

            pub fn names(self) -> impl Iterator<Item = &'static str> + Clone {
                Self::NAMES.iter().filter(move |(bit, _)| self.has(*bit)).map(|(_, name)| *name)
            }
        }
    };
    (@bits $repr:ty, $at:expr; $(#[$doc:meta])* $bit:ident $($rest:tt)*) => {
        $(#[$doc])*
        pub const $bit: Self = Self(1 << ($at));
        bit_set!(@bits $repr, $at + 1; $($rest)*);
    };
    (@bits $repr:ty, $at:expr;) => {};
}

bit_set! {
    /// Command flags, as COMMAND INFO prints them.
    Flags: u32 {
        WRITE = "write",
        READONLY = "readonly",
        DENYOOM = "denyoom",
        MODULE = "module",
        ADMIN = "admin",
        PUBSUB = "pubsub",
        NOSCRIPT = "noscript",
        BLOCKING = "blocking",
        LOADING = "loading",
        STALE = "stale",
        SKIP_MONITOR = "skip_monitor",
        SKIP_SLOWLOG = "skip_slowlog",
        ASKING = "asking",
        FAST = "fast",
        NO_AUTH = "no_auth",
        MAY_REPLICATE = "may_replicate",
        NO_MANDATORY_KEYS = "no_mandatory_keys",
        PROTECTED = "protected",
        NO_ASYNC_LOADING = "no_async_loading",
        NO_MULTI = "no_multi",
        /// Derived when keys can't be found from the specs alone.
        MOVABLEKEYS = "movablekeys",
        ALLOW_BUSY = "allow_busy",
        SENTINEL = "sentinel",
        ONLY_SENTINEL = "only_sentinel",
        TOUCHES_ARBITRARY_KEYS = "touches_arbitrary_keys",
    }
}

impl Flags {
    /// What COMMAND INFO does not show.
    pub const HIDDEN: Self = Self::PROTECTED
        .with(Self::MAY_REPLICATE)
        .with(Self::SENTINEL)
        .with(Self::ONLY_SENTINEL)
        .with(Self::TOUCHES_ARBITRARY_KEYS);
}

bit_set! {
    /// ACL categories, without the leading `@`.
    Categories: u32 {
        KEYSPACE = "keyspace",
        READ = "read",
        WRITE = "write",
        SET = "set",
        SORTED_SET = "sortedset",
        LIST = "list",
        HASH = "hash",
        STRING = "string",
        BITMAP = "bitmap",
        HYPERLOGLOG = "hyperloglog",
        GEO = "geo",
        STREAM = "stream",
        PUBSUB = "pubsub",
        ADMIN = "admin",
        FAST = "fast",
        SLOW = "slow",
        BLOCKING = "blocking",
        DANGEROUS = "dangerous",
        CONNECTION = "connection",
        TRANSACTION = "transaction",
        SCRIPTING = "scripting",
    }
}

impl Categories {
    /// The category of this name, in any case and without its `@`.
    pub fn named(name: &[u8]) -> Option<Self> {
        let named = |(_, own): &&(Self, &str)| own.as_bytes().eq_ignore_ascii_case(name);
        Self::NAMES.iter().find(named).map(|(category, _)| *category)
    }
}

bit_set! {
    /// What a command does with the keys of one spec.
    KeyFlags: u16 {
        RO = "RO",
        RW = "RW",
        OW = "OW",
        RM = "RM",
        ACCESS = "access",
        UPDATE = "update",
        INSERT = "insert",
        DELETE = "delete",
        NOT_KEY = "not_key",
        INCOMPLETE = "incomplete",
        VARIABLE_FLAGS = "variable_flags",
    }
}

/// Where a command's keys stand among its arguments.
#[derive(Clone, Copy)]
pub struct KeySpec {
    pub flags: KeyFlags,
    pub begin: BeginSearch,
    pub find: FindKeys,
    /// Why the flags are what they are, where that is not plain.
    pub notes: Option<&'static str>,
}

impl KeyFlags {
    /// The value is read.
    pub const READ: Self = Self::RO.with(Self::ACCESS);
    /// The value is replaced without a look at the old one.
    pub const OVERWRITE: Self = Self::OW.with(Self::UPDATE);
    /// A value is stored where there was none.
    pub const CREATE: Self = Self::OW.with(Self::INSERT);
    /// The value is read or answered with, and changed.
    pub const MODIFY: Self = Self::RW.with(Self::ACCESS).with(Self::UPDATE);
}

impl KeySpec {
    /// One key, at word `index`.
    pub const fn at(index: i16, flags: KeyFlags) -> Self {
        Self::range(index, 0, 1, flags)
    }

    /// From word `first`, every `step`th word up to `last`, as [`FindKeys::Range`] counts it.
    pub const fn range(first: i16, last: i16, step: i16, flags: KeyFlags) -> Self {
        let find = FindKeys::Range { last, step, limit: 0 };
        Self { flags, begin: BeginSearch::Index(first), find, notes: None }
    }

    /// As many keys as word `index` says, after that word.
    pub const fn numbered(index: i16, flags: KeyFlags) -> Self {
        let find = FindKeys::Numbered { number: 0, first: 1, step: 1 };
        Self { flags, begin: BeginSearch::Index(index), find, notes: None }
    }

    pub const fn notes(self, notes: &'static str) -> Self {
        Self { notes: Some(notes), ..self }
    }
}

#[derive(Clone, Copy)]
pub enum BeginSearch {
    /// At this word, counted from the command's name as 0.
    Index(i16),
    /// After this word, looked for from the given word on (from the end when negative).
    Keyword(&'static str, i16),
    Unknown,
}

#[derive(Clone, Copy)]
pub enum FindKeys {
    /// `last` counts from the first key (from the last word when negative); every `step`th; with
    /// a `limit` of 2 or more only that fraction of the words is searched.
    Range {
        last: i16,
        step: i16,
        limit: i16,
    },
    /// A word says how many keys follow.
    Numbered {
        number: i16,
        first: i16,
        step: i16,
    },
    Unknown,
}

/// One argument in a command's syntax; groups nest.
#[derive(Clone, Copy)]
pub struct Arg {
    pub name: &'static str,
    pub kind: ArgKind,
    /// The literal word before the value, e.g. `EX`.
    pub token: Option<&'static str>,
    /// What a hint shows for the value when it is not its name.
    pub display: Option<&'static str>,
    /// Of a key: its spec's index in `Command::keys`.
    pub key_spec: Option<u8>,
    pub since: Option<&'static str>,
    pub deprecated_since: Option<&'static str>,
    pub flags: ArgFlags,
}

#[derive(Clone, Copy)]
pub enum ArgKind {
    String,
    Integer,
    Double,
    Key,
    Pattern,
    UnixTime,
    /// A literal word without a value.
    PureToken,
    OneOf(&'static [Arg]),
    Block(&'static [Arg]),
}

impl ArgKind {
    /// The word COMMAND DOCS has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Double => "double",
            Self::Key => "key",
            Self::Pattern => "pattern",
            Self::UnixTime => "unix-time",
            Self::PureToken => "pure-token",
            Self::OneOf(_) => "oneof",
            Self::Block(_) => "block",
        }
    }

    /// The arguments it consists of.
    pub const fn parts(self) -> &'static [Arg] {
        match self {
            Self::OneOf(parts) | Self::Block(parts) => parts,
            _ => &[],
        }
    }
}

bit_set! {
    /// How often an argument may stand.
    ArgFlags: u8 {
        OPTIONAL = "optional",
        MULTIPLE = "multiple",
        MULTIPLE_TOKEN = "multiple_token",
    }
}

impl Arg {
    pub const fn new(name: &'static str, kind: ArgKind) -> Self {
        Self {
            name,
            kind,
            token: None,
            display: None,
            key_spec: None,
            since: None,
            deprecated_since: None,
            flags: ArgFlags::NONE,
        }
    }

    /// A key of the command's first key spec.
    pub const fn key(name: &'static str) -> Self {
        Self { key_spec: Some(0), ..Self::new(name, ArgKind::Key) }
    }

    pub const fn string(name: &'static str) -> Self {
        Self::new(name, ArgKind::String)
    }

    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, ArgKind::Integer)
    }

    pub const fn double(name: &'static str) -> Self {
        Self::new(name, ArgKind::Double)
    }

    pub const fn pattern(name: &'static str) -> Self {
        Self::new(name, ArgKind::Pattern)
    }

    pub const fn unix_time(name: &'static str) -> Self {
        Self::new(name, ArgKind::UnixTime)
    }

    pub const fn one_of(name: &'static str, choices: &'static [Self]) -> Self {
        Self::new(name, ArgKind::OneOf(choices))
    }

    pub const fn block(name: &'static str, args: &'static [Self]) -> Self {
        Self::new(name, ArgKind::Block(args))
    }

    pub const fn word(name: &'static str, token: &'static str) -> Self {
        Self { token: Some(token), ..Self::new(name, ArgKind::PureToken) }
    }

    pub const fn token(self, token: &'static str) -> Self {
        Self { token: Some(token), ..self }
    }

    pub const fn display(self, display: &'static str) -> Self {
        Self { display: Some(display), ..self }
    }

    pub const fn since(self, since: &'static str) -> Self {
        Self { since: Some(since), ..self }
    }

    pub const fn deprecated(self, since: &'static str) -> Self {
        Self { deprecated_since: Some(since), ..self }
    }

    pub const fn of_spec(self, index: u8) -> Self {
        Self { key_spec: Some(index), ..self }
    }

    pub const fn optional(self) -> Self {
        Self { flags: self.flags.with(ArgFlags::OPTIONAL), ..self }
    }

    pub const fn multiple(self) -> Self {
        Self { flags: self.flags.with(ArgFlags::MULTIPLE), ..self }
    }

    /// Repeated together with its token.
    pub const fn multiple_token(self) -> Self {
        Self { flags: self.flags.with(ArgFlags::MULTIPLE_TOKEN), ..self }
    }
}
