//! What happened in a world, for a terminal and a log to show.

use super::id::ClientId;
use super::id::LinkId;
use super::id::NodeId;
use super::id::PacketId;
use crate::node::LogLevel;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub at_us: u64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A command's answer, as redis-cli prints it. It took so long since it was sent.
    Reply {
        client: ClientId,
        text: String,
        is_error: bool,
        elapsed_us: u64,
    },
    /// Printed without having been asked for: a message, a line of MONITOR.
    Push {
        client: ClientId,
        text: String,
    },
    Disconnected {
        client: ClientId,
        reason: &'static str,
    },
    /// What went over a terminal's connection; of long ones the beginning.
    Wire {
        client: ClientId,
        /// By the terminal, to its node.
        sent: bool,
        head: Vec<u8>,
        bytes: usize,
    },
    Log {
        node: NodeId,
        level: LogLevel,
        text: String,
    },
    Packet {
        packet: PacketId,
        fate: Fate,
    },
    Command {
        node: NodeId,
        source: Source,
        text: String,
    },
    Link {
        link: LinkId,
        change: LinkChange,
    },
    Node {
        node: NodeId,
        change: NodeChange,
    },
    Role {
        node: NodeId,
        replica: bool,
    },
    Expired {
        node: NodeId,
        key: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Sent,
    Delivered,
    Lost,
}

/// Who had a node run a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A terminal.
    Client,
    /// A node that replicates this one: its handshake, its acknowledgements.
    Replica,
    Master,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkChange {
    Cut,
    Healed,
    Latency,
    Stalled,
    Reset,
}

/// What was done to a node from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeChange {
    Crashed,
    Restarted,
    Paused,
    Resumed,
    ClockShifted,
    DiskFull,
    DiskFree,
}
