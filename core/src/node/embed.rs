//! For programs that have a node inside them: its data as a file, without a disk.

use bytes::Bytes;

use super::Node;

impl Node {
    /// All data as they are now, as a dump file, which [`Node::load_rdb`] reads. Its work grows with the
    /// data: for programs that can wait.
    pub fn snapshot(&self) -> Bytes {
        self.whole_snapshot()
    }

    /// Changes of the data since the node began or last saved.
    pub fn changes(&self) -> u64 {
        self.saves.changes
    }
}
