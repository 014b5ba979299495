//! INFO replication, from a master's and from a replica's side.

use super::Lines;
use crate::node::Node;
use crate::node::failover::Failover;
use crate::node::load::LoadProgress;
use crate::node::primary;

impl Node {
    pub(super) fn info_replication(&self, lines: &mut Lines) {
        match &self.master {
            None => lines.put("role", "master"),
            Some(_) => self.info_replica(lines),
        }
        lines.put("connected_slaves", self.replicas.len());
        for (at, id) in self.replicas.iter().enumerate() {
            let Some(conn) = self.conns.find(*id) else { continue };
            let Some(replica) = conn.replica() else { continue };
            let (ip, port) = primary::address(conn, replica);
            let (state, ack) = (replica.state.name(), replica.ack);
            let lag = replica.lag_s(self.now.mono);
            lines.put(
                &format!("slave{at}"),
                format!("ip={ip},port={port},state={state},offset={ack},lag={lag}"),
            );
        }
        let history = &self.feed.history;
        lines.put("master_failover_state", Failover::name(self.failover.as_ref()));
        lines.put("master_replid", history.id);
        lines.put("master_replid2", history.previous);
        lines.put("master_repl_offset", self.feed.position());
        let second = history.previous_until.map_or(-1, |n| i64::try_from(n).unwrap_or(i64::MAX));
        lines.put("second_repl_offset", second);
        let backlog = self.feed.backlog();
        lines.put("repl_backlog_active", u8::from(backlog.is_some()));
        lines.put("repl_backlog_size", self.config.repl_backlog_size);
        lines.put("repl_backlog_first_byte_offset", backlog.map_or(0, |b| b.start() + 1));
        lines.put("repl_backlog_histlen", backlog.map_or(0, |b| b.len()));
    }

    fn info_replica(&self, lines: &mut Lines) {
        let Some(master) = &self.master else { return };
        let now = self.now.mono;
        let seconds = |since| now.since_us(since) / 1_000_000;
        let connected = self.master_is_connected();
        let io = match connected {
            true => i64::try_from(seconds(master.last_io)).unwrap_or(i64::MAX),
            false => -1,
        };
        lines.put("role", "slave");
        lines.put("master_host", &master.host);
        lines.put("master_port", master.port);
        lines.put("master_link_status", if connected { "up" } else { "down" });
        lines.put("master_last_io_seconds_ago", io);
        lines.put("master_sync_in_progress", u8::from(master.state.name() == "sync"));
        lines.put("slave_read_repl_offset", self.feed.position());
        lines.put("slave_repl_offset", self.feed.position());
        if let Some(payload) = self.payload() {
            let LoadProgress { total_bytes, loaded_bytes, .. } = payload.progress();
            let left = i128::from(total_bytes) - i128::from(loaded_bytes);
            let percent = loaded_bytes as f64 / total_bytes as f64 * 100.0;
            lines.put("master_sync_total_bytes", total_bytes);
            lines.put("master_sync_read_bytes", loaded_bytes);
            lines.put("master_sync_left_bytes", left);
            lines.put(
                "master_sync_perc",
                format_args!("{:.2}", if total_bytes == 0 { 0.0 } else { percent }),
            );
            lines.put("master_sync_last_io_seconds_ago", seconds(master.last_io));
        }
        if let Some(since) = master.down_since {
            lines.put("master_link_down_since_seconds", seconds(since));
        }
        lines.put("slave_priority", self.config.replica_priority);
        lines.put("slave_read_only", u8::from(self.config.replica_read_only));
        lines.put("replica_announced", u8::from(self.config.replica_announced));
    }
}
