//! Settings whose value is one of a few words, and those words in the order Redis lists them.

use super::kind::Choice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendFsync {
    EverySecond,
    Always,
    No,
}

pub const APPEND_FSYNC: Choice<AppendFsync> = Choice(&[
    ("everysec", AppendFsync::EverySecond),
    ("always", AppendFsync::Always),
    ("no", AppendFsync::No),
]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvictionPolicy {
    VolatileLru,
    VolatileLfu,
    VolatileRandom,
    VolatileTtl,
    AllKeysLru,
    AllKeysLfu,
    AllKeysRandom,
    NoEviction,
}

pub const EVICTION_POLICY: Choice<EvictionPolicy> = Choice(&[
    ("volatile-lru", EvictionPolicy::VolatileLru),
    ("volatile-lfu", EvictionPolicy::VolatileLfu),
    ("volatile-random", EvictionPolicy::VolatileRandom),
    ("volatile-ttl", EvictionPolicy::VolatileTtl),
    ("allkeys-lru", EvictionPolicy::AllKeysLru),
    ("allkeys-lfu", EvictionPolicy::AllKeysLfu),
    ("allkeys-random", EvictionPolicy::AllKeysRandom),
    ("noeviction", EvictionPolicy::NoEviction),
]);

/// Who may use what is dangerous: DEBUG, MODULE, protected settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowedFor {
    Nobody,
    Everybody,
    /// Connections from this machine.
    Local,
}

impl AllowedFor {
    /// Whether a connection is among them; `local` is one from this machine.
    pub fn allows(self, local: bool) -> bool {
        self == Self::Everybody || (self == Self::Local && local)
    }
}

pub const ALLOWED_FOR: Choice<AllowedFor> = Choice(&[
    ("no", AllowedFor::Nobody),
    ("yes", AllowedFor::Everybody),
    ("local", AllowedFor::Local),
]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Debug,
    Verbose,
    Notice,
    Warning,
    /// Above every line: as a setting it leaves all of them out.
    Nothing,
}

pub const LOG_LEVEL: Choice<LogLevel> = Choice(&[
    ("debug", LogLevel::Debug),
    ("verbose", LogLevel::Verbose),
    ("notice", LogLevel::Notice),
    ("warning", LogLevel::Warning),
    ("nothing", LogLevel::Nothing),
]);

/// Whether clients that come over TLS have to show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsAuthClients {
    No,
    Yes,
    /// What they show has to be right, but they may show nothing.
    Optional,
}

pub const TLS_AUTH_CLIENTS: Choice<TlsAuthClients> = Choice(&[
    ("no", TlsAuthClients::No),
    ("yes", TlsAuthClients::Yes),
    ("optional", TlsAuthClients::Optional),
]);

/// The service manager that started the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supervised {
    Upstart,
    Systemd,
    Auto,
    No,
}

pub const SUPERVISED: Choice<Supervised> = Choice(&[
    ("upstart", Supervised::Upstart),
    ("systemd", Supervised::Systemd),
    ("auto", Supervised::Auto),
    ("no", Supervised::No),
]);

/// What the kernel's out-of-memory scores are set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OomScoreAdj {
    No,
    Relative,
    Absolute,
}

pub const OOM_SCORE_ADJ: Choice<OomScoreAdj> = Choice(&[
    ("no", OomScoreAdj::No),
    ("yes", OomScoreAdj::Relative),
    ("relative", OomScoreAdj::Relative),
    ("absolute", OomScoreAdj::Absolute),
]);

/// The channels of a new user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AclPubsub {
    AllChannels,
    ResetChannels,
}

pub const ACL_PUBSUB: Choice<AclPubsub> =
    Choice(&[("allchannels", AclPubsub::AllChannels), ("resetchannels", AclPubsub::ResetChannels)]);

/// Whose RESTORE payloads and dump files are checked in depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SanitizeDump {
    No,
    Yes,
    Clients,
}

pub const SANITIZE_DUMP: Choice<SanitizeDump> = Choice(&[
    ("no", SanitizeDump::No),
    ("yes", SanitizeDump::Yes),
    ("clients", SanitizeDump::Clients),
]);

/// What a replica does about a command of its master that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropagationError {
    Ignore,
    Panic,
    PanicOnReplicas,
}

pub const PROPAGATION_ERROR: Choice<PropagationError> = Choice(&[
    ("ignore", PropagationError::Ignore),
    ("panic", PropagationError::Panic),
    ("panic-on-replicas", PropagationError::PanicOnReplicas),
]);

/// Whether a replica loads a full sync straight from the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisklessLoad {
    Disabled,
    OnEmptyDb,
    SwapDb,
}

pub const DISKLESS_LOAD: Choice<DisklessLoad> = Choice(&[
    ("disabled", DisklessLoad::Disabled),
    ("on-empty-db", DisklessLoad::OnEmptyDb),
    ("swapdb", DisklessLoad::SwapDb),
]);
