//! `maxmemory-clients`: what clients take together. Above it the largest are closed, until the rest fits.
//!
//! As in Redis, replicas and masters neither count nor go, and who has asked for CLIENT NO-EVICT counts
//! but stays.

use super::Conn;
use super::ConnId;
use super::LogLevel;
use super::Node;
use super::conn::ConnRole;
use crate::data::order;

impl Node {
    /// At the end of a turn. Looks at single clients only when they take too much.
    pub(super) fn evict_clients(&mut self) {
        let Some(limit) = self.clients_bytes_max() else { return };
        let mut bytes = self.evictable_bytes();
        if bytes < limit {
            return;
        }
        let of_clients = self.conns.iter().filter(|conn| conn.may_be_evicted());
        let mut largest: Vec<(u64, ConnId)> =
            of_clients.map(|conn| (conn.counted_bytes, conn.id)).collect();
        order::sort_by_key(&mut largest, |item| *item);
        while bytes >= limit
            && let Some((own, id)) = largest.pop()
        {
            bytes = bytes.saturating_sub(own);
            self.evict_client(id);
        }
    }

    fn evict_client(&mut self, id: ConnId) {
        let Some(client) = self.conns.find(id).map(|conn| self.client_line(conn)) else {
            return;
        };
        let Some(conn) = self.conns.find_mut(id) else { return };
        conn.outbox.drop_unsent();
        conn.query_bytes = 0;
        conn.query_free = 0;
        self.note_client(id);
        self.stats.evicted_clients += 1;
        self.log(LogLevel::Notice, format!("Evicting client: {client}"));
        self.close(id);
    }

    /// The setting in bytes, if there is a limit.
    fn clients_bytes_max(&self) -> Option<u64> {
        match self.config.maxmemory_clients {
            0 => None,
            bytes @ 1.. => Some(bytes.unsigned_abs()),
            percent => {
                let share = u128::from(self.config.maxmemory) * u128::from(percent.unsigned_abs());
                u64::try_from(share / 100).ok().filter(|bytes| *bytes > 0)
            }
        }
    }

    /// What all connections take but those at the ends of replication.
    fn evictable_bytes(&self) -> u64 {
        let master = self.master.as_ref().and_then(|master| master.state.conn());
        let master = master.and_then(|id| self.conns.find(id)).map_or(0, |conn| conn.counted_bytes);
        self.client_bytes.saturating_sub(self.replica_bytes()).saturating_sub(master)
    }
}

impl Conn {
    fn may_be_evicted(&self) -> bool {
        matches!(self.role, ConnRole::Client) && !self.no_evict && !self.closing
    }
}
