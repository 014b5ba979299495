//! What a person, or a test, can do to a world.

use std::fmt;

use super::id::ClientId;
use super::id::LinkId;
use super::id::NodeId;

/// Inputs are never refused: one that names what is not there changes nothing. Its text form is
/// a line of a script (see [`super::Script`]): a verb, a number, and what the verb needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A node more, a master of its own.
    AddNode,
    AddReplica {
        of: NodeId,
    },
    OpenClient {
        node: NodeId,
    },
    CloseClient {
        client: ClientId,
    },
    /// Ctrl-C: the terminal connects anew, and gives up what it waits for or listens to.
    Interrupt {
        client: ClientId,
    },
    /// A line typed at the prompt, quoted as redis-cli quotes. It holds no line end.
    Type {
        client: ClientId,
        line: String,
    },
    /// What is sent that way is lost, also what is on its way.
    CutLink {
        link: LinkId,
        way: Cut,
    },
    /// Ends a cut and a stall.
    HealLink {
        link: LinkId,
    },
    /// Nothing arrives any more, and nothing is lost: all arrives when the link is healed.
    StallLink {
        link: LinkId,
    },
    /// The network forgets every connection over the link: what is on its way is lost, and both
    /// ends are told.
    ResetLink {
        link: LinkId,
    },
    /// A packet takes that long, and up to `jitter_us` longer.
    SetLatency {
        link: LinkId,
        latency_us: u64,
        jitter_us: u64,
    },
    /// The node is gone, in the middle of whatever it did.
    Crash {
        node: NodeId,
        disk: Unsynced,
    },
    /// Starts a node that is down, from what its disk holds. Of settings changed meanwhile it has those
    /// that were written by CONFIG REWRITE.
    Restart {
        node: NodeId,
    },
    /// The process stands still, as after SIGSTOP: what is sent to it waits in its machine.
    Pause {
        node: NodeId,
    },
    Resume {
        node: NodeId,
    },
    /// An operator says REPLICAOF NO ONE, and sees to it that a restart does not undo that.
    Promote {
        node: NodeId,
    },
    /// An operator makes the node a replica of another one, as [`Input::Promote`] does.
    Attach {
        node: NodeId,
        to: NodeId,
    },
    /// The node's wall clock jumps, forwards or back.
    ShiftClock {
        node: NodeId,
        by_ms: i64,
    },
    /// While a disk is full, nothing can be appended.
    SetDisk {
        node: NodeId,
        full: bool,
    },
    /// Puts a file on the node's disk, in place of one of that name.
    DropFile {
        node: NodeId,
        /// Holds no line end.
        name: String,
        bytes: Vec<u8>,
    },
}

/// The ways over a link that a cut closes, by the end that no longer hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    Both,
    /// What goes to the link's `to`.
    To,
    /// What goes to the link's `from`.
    From,
}

/// What becomes of that which a crashed node had written to its disk and not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsynced {
    /// Only the process was killed: its machine has all that was written, and tells its peers.
    Kept,
    /// The machine lost power: nobody is told until it is back.
    Lost,
    /// As `Lost`, but the disk had begun: of each file a part of what was not synced is there, also of
    /// what was just being written.
    Torn,
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddNode => f.write_str(ADD_NODE),
            Self::AddReplica { of } => write!(f, "add-replica {}", of.0),
            Self::OpenClient { node } => write!(f, "open {}", node.0),
            Self::CloseClient { client } => write!(f, "close {}", client.0),
            Self::Interrupt { client } => write!(f, "interrupt {}", client.0),
            Self::Type { client, line } => write!(f, "type {} {line}", client.0),
            Self::CutLink { link, way: Cut::Both } => write!(f, "cut {}", link.0),
            Self::CutLink { link, way } => write!(f, "cut {} {}", link.0, way.name()),
            Self::HealLink { link } => write!(f, "heal {}", link.0),
            Self::StallLink { link } => write!(f, "stall {}", link.0),
            Self::ResetLink { link } => write!(f, "reset {}", link.0),
            Self::SetLatency { link, latency_us, jitter_us: 0 } => {
                write!(f, "latency {} {latency_us}", link.0)
            }
            Self::SetLatency { link, latency_us, jitter_us } => {
                write!(f, "latency {} {latency_us} {jitter_us}", link.0)
            }
            Self::Crash { node, disk } => write!(f, "crash {} {}", node.0, disk.name()),
            Self::Restart { node } => write!(f, "restart {}", node.0),
            Self::Pause { node } => write!(f, "pause {}", node.0),
            Self::Resume { node } => write!(f, "resume {}", node.0),
            Self::Promote { node } => write!(f, "promote {}", node.0),
            Self::Attach { node, to } => write!(f, "attach {} {}", node.0, to.0),
            Self::ShiftClock { node, by_ms } => write!(f, "clock {} {by_ms}", node.0),
            Self::SetDisk { node, full } => {
                write!(f, "disk {} {}", node.0, if *full { "full" } else { "free" })
            }
            Self::DropFile { node, name, bytes } => {
                write!(f, "file {} {name} {}", node.0, hex(bytes))
            }
        }
    }
}

impl Input {
    /// Reads the text form; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == ADD_NODE {
            return Some(Self::AddNode);
        }
        let (verb, rest) = text.split_once(' ')?;
        let (number, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let number = number.parse().ok()?;
        let (node, client, link) = (NodeId(number), ClientId(number), LinkId(number));
        Some(match (verb, rest) {
            ("type", line) => Self::Type { client, line: line.into() },
            ("add-replica", "") => Self::AddReplica { of: node },
            ("open", "") => Self::OpenClient { node },
            ("close", "") => Self::CloseClient { client },
            ("interrupt", "") => Self::Interrupt { client },
            ("cut", way) => Self::CutLink { link, way: Cut::named(way)? },
            ("heal", "") => Self::HealLink { link },
            ("stall", "") => Self::StallLink { link },
            ("reset", "") => Self::ResetLink { link },
            ("latency", times) => {
                let (latency, jitter) = times.split_once(' ').unwrap_or((times, "0"));
                let (latency_us, jitter_us) = (latency.parse().ok()?, jitter.parse().ok()?);
                Self::SetLatency { link, latency_us, jitter_us }
            }
            ("crash", disk) => Self::Crash { node, disk: Unsynced::named(disk)? },
            ("restart", "") => Self::Restart { node },
            ("pause", "") => Self::Pause { node },
            ("resume", "") => Self::Resume { node },
            ("promote", "") => Self::Promote { node },
            ("attach", to) => Self::Attach { node, to: NodeId(to.parse().ok()?) },
            ("clock", by) => Self::ShiftClock { node, by_ms: by.parse().ok()? },
            ("disk", "full") => Self::SetDisk { node, full: true },
            ("disk", "free") => Self::SetDisk { node, full: false },
            ("file", rest) => {
                let (name, bytes) = rest.rsplit_once(' ')?;
                Self::DropFile { node, name: name.into(), bytes: from_hex(bytes)? }
            }
            _ => return None,
        })
    }
}

impl Cut {
    /// As the link's view and scripts say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::To => "to",
            Self::From => "from",
        }
    }

    /// The cut of this name; no name at all is `both`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "" | "both" => Self::Both,
            "to" => Self::To,
            "from" => Self::From,
            _ => return None,
        })
    }
}

impl Unsynced {
    fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Lost => "lost",
            Self::Torn => "torn",
        }
    }

    /// As scripts say it.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "kept" => Self::Kept,
            "lost" => Self::Lost,
            "torn" => Self::Torn,
            _ => return None,
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
    bytes.iter().flat_map(digits).map(char::from).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let value = |digit: u8| DIGITS.iter().position(|known| *known == digit);
    let bytes = pairs.iter().map(|[high, low]| {
        // Two digits make a byte.
        Some((value(*high)? << 4 | value(*low)?) as u8)
    });
    bytes.collect()
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

const ADD_NODE: &str = "add-node";
