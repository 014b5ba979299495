//! Numbers for the things of a world, counted from 1 in the order they came to be.

/// A node; node n listens at `10.0.0.n:6379`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// The link between two nodes; it comes to be when one first connects to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkId(pub u32);

/// A terminal on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId(pub u32);

/// A packet between nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PacketId(pub u64);

/// A TCP connection between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WireId(pub u64);

impl NodeId {
    pub fn host(self) -> String {
        format!("10.0.0.{}", self.0)
    }

    pub fn address(self) -> String {
        format!("{}:{PORT}", self.host())
    }

    /// The node that listens here, if this is a node's address at all.
    pub(super) fn of_address(host: &str, port: u16) -> Option<Self> {
        let number = host.strip_prefix("10.0.0.")?;
        let node = Self(number.parse().ok()?);
        (port == PORT && node.host() == host).then_some(node)
    }
}

/// Where every node listens.
pub(super) const PORT: u16 = 6379;
