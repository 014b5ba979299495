//! Which history a node's data belongs to.
//!
//! A replication id names a history; with an offset it names a state of the
//! data: two nodes with the same id and offset hold the same keys. A promoted
//! replica begins a history of its own and remembers the one it came from, up
//! to where it left it, so that its former siblings can continue with it.

use crate::rng::Rng;

/// 40 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicationId([u8; 40]);

impl ReplicationId {
    /// The id of no history: what INFO shows as `master_replid2` before any change.
    pub const NONE: Self = Self([b'0'; 40]);

    pub fn random(rng: &mut Rng) -> Self {
        Self(rng.hex())
    }

    /// An id as a peer or a file says it; `None` unless it is 40 bytes long.
    pub fn parse(text: &[u8]) -> Option<Self> {
        text.try_into().ok().map(Self)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for ReplicationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// The history a node is in, and the one it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    pub id: ReplicationId,
    /// The history before this one.
    pub previous: ReplicationId,
    /// Up to which offset `previous` may be continued from here, as INFO's `second_repl_offset`:
    /// one past the last byte. `None` when there is no previous history.
    pub previous_until: Option<u64>,
}

impl History {
    pub fn new(id: ReplicationId) -> Self {
        Self { id, previous: ReplicationId::NONE, previous_until: None }
    }

    /// A promoted replica at `position` goes its own way.
    pub fn branch(&mut self, id: ReplicationId, position: u64) {
        self.previous = self.id;
        self.previous_until = Some(position + 1);
        self.id = id;
    }

    /// Takes on another history with all its past forgotten, as a full sync does.
    pub fn restart(&mut self, id: ReplicationId) {
        *self = Self::new(id);
    }
}
