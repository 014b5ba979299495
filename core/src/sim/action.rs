//! What a person, or a test, can do to a world.

use std::fmt;

use super::id::ClientId;
use super::id::LinkId;
use super::id::NodeId;

/// Inputs are never refused: one that names what is not there changes nothing. Its text form is
/// a line of a script: a verb, a number, and what the verb needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    AddReplica {
        of: NodeId,
    },
    OpenClient {
        node: NodeId,
    },
    CloseClient {
        client: ClientId,
    },
    /// A line typed at the prompt, quoted as redis-cli quotes. It holds no line end.
    Type {
        client: ClientId,
        line: String,
    },
    CutLink {
        link: LinkId,
    },
    HealLink {
        link: LinkId,
    },
    SetLatency {
        link: LinkId,
        latency_us: u64,
    },
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddReplica { of } => write!(f, "add-replica {}", of.0),
            Self::OpenClient { node } => write!(f, "open {}", node.0),
            Self::CloseClient { client } => write!(f, "close {}", client.0),
            Self::Type { client, line } => write!(f, "type {} {line}", client.0),
            Self::CutLink { link } => write!(f, "cut {}", link.0),
            Self::HealLink { link } => write!(f, "heal {}", link.0),
            Self::SetLatency { link, latency_us } => write!(f, "latency {} {latency_us}", link.0),
        }
    }
}

impl Input {
    /// Reads the text form; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (verb, rest) = text.split_once(' ')?;
        let (number, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let number = number.parse().ok()?;
        let (node, client, link) = (NodeId(number), ClientId(number), LinkId(number));
        let input = match verb {
            "type" => return Some(Self::Type { client, line: rest.into() }),
            "latency" => return Some(Self::SetLatency { link, latency_us: rest.parse().ok()? }),
            "add-replica" => Self::AddReplica { of: node },
            "open" => Self::OpenClient { node },
            "close" => Self::CloseClient { client },
            "cut" => Self::CutLink { link },
            "heal" => Self::HealLink { link },
            _ => return None,
        };
        rest.is_empty().then_some(input)
    }
}
