//! What a node asks its shell to do. Nothing here is awaited: each request is
//! answered later by an input, or never, and the node copes with both.

use bytes::Bytes;

use crate::config::Config;

/// A connection of a node: a slot, and how often the slot has been used. A late input for a
/// connection that is gone is recognised and ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

impl ConnId {
    /// A dense index: small, and reused after the connection closes. For a shell's own table.
    pub fn slot(self) -> usize {
        self.slot as usize
    }

    /// Both numbers in one, for sets that are kept of numbers.
    pub(super) fn to_bits(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.slot)
    }

    pub(super) fn from_bits(bits: u64) -> Self {
        // Each half is a whole `u32`.
        Self { slot: (bits & u64::from(u32::MAX)) as u32, generation: (bits >> 32) as u32 }
    }
}

/// An outgoing connection that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DialId(pub(super) u64);

/// A storage operation that was asked for. Operations complete in the order of their ids, except that
/// those on a log and all others may overtake each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StorageId(pub(super) u64);

/// One thing for the shell to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Connect, over TLS if `tls`; answer with `handle_open` (`Origin::Dialed`) or
    /// `handle_dial_failed`.
    Dial { dial: DialId, host: String, port: u16, tls: bool },
    /// What was asked for is not wanted any more. A connection that comes of it is closed at once.
    AbandonDial { dial: DialId },
    /// Write what the outbox still holds if the peer takes it, close, then `handle_close`.
    Close { conn: ConnId },
    /// Do this to the node's directory; answer with `handle_storage`.
    Storage { id: StorageId, op: StorageOp },
    /// Make the machine follow these settings where they concern it: the files of TLS, addresses and ports, the
    /// descriptors for `maxclients`. All of it or nothing; answer with `handle_adopted`. There is one at a time.
    Adopt { config: Box<Config> },
    /// All is written: end the process with this status.
    Shutdown { status: i32 },
}

/// An operation on the files of the node's directory. A name is a file's, or a folder's and a file's
/// in it with a `/` between; that of the ACL file is a path, as the settings have it.
#[derive(Clone, Debug, PartialEq)]
pub enum StorageOp {
    /// Make the folder, unless it is there.
    MakeFolder {
        folder: String,
    },
    /// Make the file, or empty it.
    Create {
        file: String,
    },
    Append {
        file: String,
        data: Bytes,
    },
    /// Make what was appended survive a crash.
    Sync {
        file: String,
    },
    /// Replace `to` by `from` in one step, and make that survive a crash. It fails if anything that was
    /// to be appended to `from` was not: the file it would replace is better.
    Rename {
        from: String,
        to: String,
    },
    /// Write the settings into this file, which need not be in the directory, by way of another one
    /// beside it: what is in it now, or nothing if it is not there, becomes
    /// [`Config::rewritten`] of these. That survives a crash.
    Rewrite {
        path: String,
        config: Box<Config>,
        users: Vec<String>,
        every: bool,
    },
    /// Remove the file; a missing one is no failure.
    Remove {
        file: String,
    },
    /// Append to a file that is there; then, if asked to, make it and what was appended before
    /// survive a crash. What failed has appended nothing, as far as that can be arranged. A shell that
    /// can appends before it sends what this turn has written to connections, as Redis does.
    Log {
        file: String,
        data: Bytes,
        sync: bool,
    },
    /// Cut the file off behind so many bytes, and make that survive a crash.
    Truncate {
        file: String,
        len: u64,
    },
    /// Say how long the file is.
    Measure {
        file: String,
    },
    /// Read so many bytes, or as many as there are.
    Read {
        file: String,
        offset: u64,
        bytes_max: usize,
    },
}

/// What a storage operation found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StorageOutput {
    #[default]
    Nothing,
    /// Of [`StorageOp::Measure`]; `None` if there is no such file.
    Length(Option<u64>),
    /// Of [`StorageOp::Read`].
    Bytes(Bytes),
}

/// How a storage operation went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageDone {
    pub id: StorageId,
    /// The operating system's words on failure, e.g. "No space left on device".
    pub outcome: Result<StorageOutput, String>,
}

/// Where a connection comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody connected to us.
    Accepted {
        /// `ip:port` of the peer and of our side, as CLIENT LIST prints them.
        peer: String,
        local: String,
        via: Via,
    },
    /// The connection an [`Effect::Dial`] asked for.
    Dialed { dial: DialId, peer: String, local: String },
}

/// The way an accepted connection came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Network,
    /// From this machine: protected mode lets it in.
    Loopback,
    /// A socket in the file system, so from this machine as well.
    UnixSocket,
}

impl Via {
    /// Whether the peer is on this machine.
    pub fn is_local(self) -> bool {
        self != Self::Network
    }
}

/// A request to end, from outside the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: as `shutdown-on-sigterm` says.
    Terminate,
    /// SIGINT: as `shutdown-on-sigint` says.
    Interrupt,
}

/// Why a connection ended, as the shell saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The peer closed it.
    Peer,
    /// The network failed.
    Reset,
    /// The node asked for it.
    Requested,
}

/// What became of the bytes handed to `handle_bytes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Every whole request was run; bring more bytes.
    NeedsBytes,
    /// Whole requests are left: finish the turn, let others run, then call again.
    Yielded,
    /// The client is blocked or paused: keep the bytes until `poll_resumed` names it.
    Blocked,
    /// The connection is closing; its bytes are of no more use.
    Closing,
}

/// Why a node wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wakeup {
    /// A background job has more to do now.
    Job,
    /// A blocked client's timeout.
    BlockedClient,
    /// Keys whose time has passed.
    ActiveExpiry,
    /// Replication's clock: PING, REPLCONF ACK, timeouts, reconnection.
    Replication,
    /// A save point may be due.
    SavePoint,
    /// A client may have been silent for too long.
    IdleClient,
    /// Paused clients go on.
    Unpause,
    /// A bounded shutdown.
    Shutdown,
}
