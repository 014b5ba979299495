//! INFO stats, errorstats and cpu: what the server has done so far.

use super::Lines;
use crate::node::Node;
use crate::node::pubsub::Kind;

impl Node {
    pub(super) fn info_stats(&self, lines: &mut Lines) {
        self.info_traffic(lines);
        self.info_keys(lines);
        lines.put("total_forks", 0);
        lines.put("migrate_cached_sockets", 0);
        self.info_defragmentation(lines);
        let tracked = self.store.changes.tracked();
        lines.put("tracking_total_keys", tracked.len());
        lines.put("tracking_total_items", tracked.pairs());
        lines.put("tracking_total_prefixes", self.trackers.prefixes());
        let stats = &self.stats;
        lines.put("unexpected_error_replies", 0);
        lines.put("total_error_replies", stats.errors);
        lines.put("dump_payload_sanitizations", 0);
        lines.put("total_reads_processed", stats.reads);
        lines.put("total_writes_processed", stats.writes);
        lines.put_zeros(&["io_threaded_reads_processed", "io_threaded_writes_processed"]);
        lines.put("client_query_buffer_limit_disconnections", stats.query_limit_closed);
        lines.put("client_output_buffer_limit_disconnections", stats.output_limit_closed);
        lines.put_zeros(&["reply_buffer_shrinks", "reply_buffer_expands"]);
        let denials = self.acl.denials();
        lines.put("acl_access_denied_auth", denials.auth);
        lines.put("acl_access_denied_cmd", denials.command);
        lines.put("acl_access_denied_key", denials.key);
        lines.put("acl_access_denied_channel", denials.channel);
    }

    pub(super) fn info_errorstats(&self, lines: &mut Lines) {
        for (kind, count) in self.stats.error_kinds.iter() {
            let name = format!("errorstat_{}", String::from_utf8_lossy(kind));
            lines.put(&name, format_args!("count={count}"));
        }
    }

    pub(super) fn info_cpu(&self, lines: &mut Lines) {
        let seconds = |us: u64| format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
        let (system, user) = (seconds(self.host.cpu_system_us), seconds(self.host.cpu_user_us));
        lines.put("used_cpu_sys", &system);
        lines.put("used_cpu_user", &user);
        // No child processes; and one thread does the engine's work.
        lines.put("used_cpu_sys_children", seconds(0));
        lines.put("used_cpu_user_children", seconds(0));
        lines.put("used_cpu_sys_main_thread", &system);
        lines.put("used_cpu_user_main_thread", &user);
    }

    fn info_traffic(&self, lines: &mut Lines) {
        let (stats, rates) = (&self.stats, self.stats.latest_rates());
        let kib = |bytes: u64| format!("{}.{:02}", bytes / 1024, bytes % 1024 * 100 / 1024);
        lines.put("total_connections_received", stats.connections);
        lines.put("total_commands_processed", stats.commands);
        lines.put("instantaneous_ops_per_sec", rates.commands);
        lines.put("total_net_input_bytes", stats.net_in);
        lines.put("total_net_output_bytes", stats.net_out);
        lines.put("total_net_repl_input_bytes", stats.repl_in);
        lines.put("total_net_repl_output_bytes", stats.repl_out);
        lines.put("instantaneous_input_kbps", kib(rates.net_in));
        lines.put("instantaneous_output_kbps", kib(rates.net_out));
        lines.put("instantaneous_input_repl_kbps", kib(rates.repl_in));
        lines.put("instantaneous_output_repl_kbps", kib(rates.repl_out));
        lines.put("rejected_connections", stats.rejected);
        lines.put("sync_full", stats.sync_full);
        lines.put("sync_partial_ok", stats.sync_partial_ok);
        lines.put("sync_partial_err", stats.sync_partial_err);
    }

    fn info_keys(&self, lines: &mut Lines) {
        let keys = &self.store.stats;
        lines.put("expired_subkeys", keys.expired_fields);
        lines.put("expired_keys", keys.expired);
        lines.put("expired_stale_perc", "0.00");
        lines.put_zeros(&["expired_time_cap_reached_count", "expire_cycle_cpu_milliseconds"]);
        lines.put("evicted_keys", self.stats.evicted);
        lines.put("evicted_clients", self.stats.evicted_clients);
        lines.put("evicted_scripts", 0);
        lines.put_zeros(&["total_eviction_exceeded_time", "current_eviction_exceeded_time"]);
        lines.put("keyspace_hits", keys.hits);
        lines.put("keyspace_misses", keys.misses);
        lines.put("pubsub_channels", self.pubsub.len(Kind::Channel));
        lines.put("pubsub_patterns", self.pubsub.len(Kind::Pattern));
        lines.put("pubsubshard_channels", self.pubsub.len(Kind::ShardChannel));
        lines.put("latest_fork_usec", 0);
        lines.put("slave_expires_tracked_keys", 0);
    }

    /// Memory is never moved about, so that there is nothing to count.
    fn info_defragmentation(&self, lines: &mut Lines) {
        lines.put_zeros(&["active_defrag_hits", "active_defrag_misses"]);
        lines.put_zeros(&["active_defrag_key_hits", "active_defrag_key_misses"]);
        lines.put_zeros(&["total_active_defrag_time", "current_active_defrag_time"]);
    }
}
