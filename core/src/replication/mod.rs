//! Replication's rules, apart from connections: what the stream is, which
//! history it belongs to, when a replica may continue it, and what a replica
//! says to its master. The node moves the bytes.

mod backlog;
mod handshake;
mod history;
mod psync;
mod transfer;

pub use backlog::Backlog;
pub use handshake::Handshake;
pub use handshake::HandshakeError;
pub use handshake::HandshakeStep;
pub use handshake::Introduction;
pub use history::History;
pub use history::ReplicationId;
pub use psync::Decision;
pub use psync::Refusal;
pub use psync::SyncRequest;
pub use psync::decide;
pub use transfer::TransferError;
pub use transfer::TransferKind;
