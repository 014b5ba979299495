//! How much memory the node counts as used. Every figure is kept as it changes, none is summed over
//! keys or clients.

use super::ConnId;
use super::Node;
use super::conn::Conn;

impl Node {
    /// INFO's `used_memory`.
    pub(super) fn used_bytes(&self) -> u64 {
        self.store.heap_bytes() as u64 + self.overhead_bytes()
    }

    /// What is used for anything but keys.
    pub(super) fn overhead_bytes(&self) -> u64 {
        self.backlog_bytes() + self.client_bytes + self.store.changes.heap_bytes() as u64
    }

    pub(super) fn backlog_bytes(&self) -> u64 {
        self.feed.backlog().map_or(0, |backlog| backlog.heap_bytes() as u64)
    }

    /// Of the clients' bytes, those of replicas.
    pub(super) fn replica_bytes(&self) -> u64 {
        let replicas = self.replicas.iter().filter_map(|id| self.conns.find(*id));
        replicas.map(|conn| conn.counted_bytes).sum()
    }

    /// Notes how much memory is used if it never was more.
    pub(super) fn note_peak(&mut self) {
        self.peak_bytes = self.peak_bytes.max(self.used_bytes());
    }

    /// Counts a connection's buffers anew: after every input that concerns it.
    pub(super) fn note_client(&mut self, id: ConnId) {
        let Some(conn) = self.conns.find_mut(id) else { return };
        let bytes = conn.bytes();
        self.client_bytes = self.client_bytes - conn.counted_bytes + bytes;
        conn.counted_bytes = bytes;
    }

    /// Counts a connection out that is gone.
    pub(super) fn forget_client(&mut self, conn: &Conn) {
        self.client_bytes -= conn.counted_bytes;
    }
}

impl Conn {
    /// What this connection takes; of its buffers what is in them.
    pub(super) fn bytes(&self) -> u64 {
        let queue = self.transaction.as_ref().map_or(0, |transaction| transaction.bytes());
        let names = self.subscriptions.as_ref().map_or(0, |all| all.bytes());
        let tracking = self.tracking.as_ref().map_or(0, |tracking| tracking.bytes());
        let names = names + self.watching.bytes() + tracking;
        (CONN_BYTES + self.query_bytes + self.outbox.own_bytes() + queue + names) as u64
    }
}

/// About what a connection costs beside its buffers; one figure for every machine.
pub(super) const CONN_BYTES: usize = 512;
