//! The language stages are written in: const data that says what to start, what to send, what must
//! come back and what must not.
//!
//! Every text in a stage may hold placeholders in braces. `{dir}`, `{port}` and `{master_port}` say
//! where the target runs; `{offset}` is the replication offset of the connection at hand before its
//! latest message (see [`Step::Stream`]); a name bound by [`Text::Bind`] stands for what was
//! captured. Any other name stands for a word drawn from the seed, the same one throughout the run,
//! so a server that has learnt its answers by heart does not pass.

/// One claim about how Redis behaves and the steps that prove it.
#[derive(Debug)]
pub struct Stage {
    /// Three characters that name the stage for good.
    pub slug: &'static str,
    pub group: Group,
    /// Place within the group, from 1.
    pub number: u8,
    pub title: &'static str,
    /// What a reader takes away, in one to three sentences.
    pub learn: &'static str,
    pub setup: Setup,
    pub steps: &'static [Step],
}

impl Stage {
    /// What the stages of a group have in common: a plain setup. All else is each one's own.
    pub const fn of(group: Group) -> Self {
        Self { slug: "", group, number: 0, title: "", learn: "", setup: Setup::PLAIN, steps: &[] }
    }

    /// The claims the stage makes, in the order in which they are tested.
    pub fn claims(&self) -> impl Iterator<Item = &'static str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Claim(text) => Some(*text),
            _ => None,
        })
    }
}

/// What stages are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Base,
    Replication,
    PersistenceRdb,
    PersistenceAof,
    Lists,
    Streams,
    Transactions,
    OptimisticLocking,
    PubSub,
    SortedSets,
    Geospatial,
    Authentication,
}

impl Group {
    pub const ALL: &[Self] = &[
        Self::Base,
        Self::Replication,
        Self::PersistenceRdb,
        Self::PersistenceAof,
        Self::Lists,
        Self::Streams,
        Self::Transactions,
        Self::OptimisticLocking,
        Self::PubSub,
        Self::SortedSets,
        Self::Geospatial,
        Self::Authentication,
    ];

    /// The name used on the command line and in links.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Replication => "replication",
            Self::PersistenceRdb => "persistence-rdb",
            Self::PersistenceAof => "persistence-aof",
            Self::Lists => "lists",
            Self::Streams => "streams",
            Self::Transactions => "transactions",
            Self::OptimisticLocking => "optimistic-locking",
            Self::PubSub => "pub-sub",
            Self::SortedSets => "sorted-sets",
            Self::Geospatial => "geospatial",
            Self::Authentication => "authentication",
        }
    }
}

/// What stands before the first step.
#[derive(Debug)]
pub struct Setup {
    pub topology: Topology,
    /// Command-line arguments of the target beyond its port.
    pub flags: &'static [&'static str],
    /// Files laid into `{dir}` before the target starts.
    pub files: &'static [File],
}

impl Setup {
    /// A server on its own, without flags or files.
    pub const PLAIN: Self = Self { topology: Topology::Alone, flags: &[], files: &[] };

    /// A server whose master the checker plays.
    pub const REPLICA: Self = Self {
        topology: Topology::ReplicaOfChecker,
        flags: &["--replicaof", "127.0.0.1 {master_port}"],
        files: &[],
    };
}

/// Who the target talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topology {
    Alone,
    /// The driver listens on `{master_port}` before the target starts.
    ReplicaOfChecker,
}

/// A file in the target's directory.
#[derive(Debug)]
pub struct File {
    pub name: &'static str,
    pub contents: Contents,
}

/// What a file holds before the target starts.
#[derive(Debug)]
pub enum Contents {
    /// An RDB file with these keys in database 0.
    Rdb(&'static [Entry]),
    /// Requests, one after the other.
    Requests(&'static [&'static [&'static str]]),
    Text(&'static str),
}

/// What has to be found in the target's directory.
#[derive(Clone, Copy, Debug)]
pub enum OnDisk {
    Folder,
    /// A file of no bytes.
    Empty,
    /// A manifest of an append-only file, of which this is a line.
    Line(&'static str),
    /// A file of exactly these requests; it may name a database between them.
    Requests(&'static [&'static [&'static str]]),
}

/// A string key of an RDB file.
#[derive(Debug)]
pub struct Entry {
    pub key: &'static str,
    pub value: &'static str,
    pub expires: Expires,
}

/// When a key expires, in the two units an RDB file knows.
#[derive(Clone, Copy, Debug)]
pub enum Expires {
    Never,
    UnixSeconds(i32),
    UnixMillis(u64),
}

/// One end of a connection to the target. The checker plays it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    Client(u8),
    /// A connection that does a replica's part of the handshake.
    Replica(u8),
    /// The connection the target made to its master.
    Master,
    /// No connection: the target's directory, which is looked into.
    Disk,
}

/// One step of a stage. Waiting for a message ends after the run's patience.
#[derive(Debug)]
pub enum Step {
    /// Opens a check: the steps up to the next claim decide whether it holds.
    Claim(&'static str),
    /// Runs these steps in place.
    Do(&'static [Step]),
    /// Connects to the target, trying again while it is still starting.
    Open(Peer),
    /// Waits for the target to connect to its master.
    Accept(Peer),
    Close(Peer),
    /// Sends a request: an array of bulk strings.
    Send(Peer, &'static [&'static str]),
    /// Sends exactly this text.
    SendRaw(Peer, &'static str),
    /// Sends an RDB file as a master does: a length line and the bytes, with no line end after them.
    SendRdb(Peer, &'static [Entry]),
    /// The next message must match.
    Expect(Peer, Pattern),
    /// Sends a request, and the next message must match.
    Ask(Peer, &'static [&'static str], Pattern),
    /// Reads past messages that match the first pattern until one matches the second.
    Await(Peer, Pattern, Pattern),
    /// Repeats a request until the reply matches: for what happens in its own time.
    Poll(Peer, &'static [&'static str], Pattern),
    /// The next message must be an RDB file as a master sends it.
    ExpectRdb(Peer, Snapshot),
    /// This comes to be in the target's directory.
    ExpectFile(&'static str, OnDisk),
    /// For this many milliseconds no message arrives except ones that match.
    Silence(Peer, u32, Pattern),
    /// The target must close the connection without another byte.
    ExpectClosed(Peer),
    /// Lets milliseconds pass.
    Wait(u32),
    /// Here the replication stream of this connection begins, at this offset: what a replica has
    /// received from now on, or what the master has sent, counts in `{offset}`.
    Stream(Peer, &'static str),
}

/// What an RDB file must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// A well-formed file without a key.
    Empty,
    Any,
}

/// What a message must look like.
#[derive(Debug)]
pub enum Pattern {
    Any,
    /// Matches no message.
    Nothing,
    Simple(Text),
    Error(Text),
    Integer(i64),
    IntegerIn(i64, i64),
    Bulk(Text),
    NullBulk,
    NullArray,
    Array(&'static [Pattern]),
    /// An array of these in any order.
    Unordered(&'static [Pattern]),
    /// An array that begins with these.
    ArrayPrefix(&'static [Pattern]),
    /// An array with an item for each of the first, and none for any of the second.
    ArrayWith(&'static [Pattern], &'static [Pattern]),
    /// A request: an array of exactly these bulk strings.
    Request(&'static [Text]),
    /// A request that starts with these bulk strings.
    RequestPrefix(&'static [Text]),
    AnyOf(&'static [Pattern]),
}

/// What a text must look like.
#[derive(Debug)]
pub enum Text {
    Any,
    /// These bytes.
    Is(&'static str),
    /// These letters in upper or lower case.
    Word(&'static str),
    Prefix(&'static str),
    Contains(&'static str),
    /// This many letters or digits.
    Alphanumeric(usize),
    /// A decimal number between these, both included.
    Number(i64, i64),
    /// A decimal number less than the one this text gives.
    Below(&'static str),
    /// These parts, separated by single spaces.
    Parts(&'static [Text]),
    /// Lines `name:value`, as INFO writes them, among them these.
    Fields(&'static [(&'static str, Text)]),
    /// As the inner text says; what matched gets this name.
    Bind(&'static str, &'static Text),
}
