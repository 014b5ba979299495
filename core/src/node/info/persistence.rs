//! INFO persistence: snapshots, and the append-only file.

use super::Lines;
use crate::node::Node;

impl Node {
    pub(super) fn info_persistence(&self, lines: &mut Lines) {
        let saves = &self.saves;
        let saving = u8::from(saves.file.is_some());
        let status = if saves.last_failed { "err" } else { "ok" };
        let last_s = saves.last_duration_s.map_or(-1, |s| i64::try_from(s).unwrap_or(i64::MAX));
        let current_s = saves.file.as_ref().map_or(-1, |file| {
            let elapsed = self.now.mono.since_us(file.started.mono) / 1_000_000;
            i64::try_from(elapsed).unwrap_or(i64::MAX)
        });
        lines.put("loading", u8::from(self.loading.is_some()));
        lines.put("async_loading", 0);
        // No process is forked, so no page is copied; progress is that of the snapshot's cursor.
        lines.put("current_cow_peak", 0);
        lines.put("current_cow_size", 0);
        lines.put("current_cow_size_age", 0);
        lines.put("current_fork_perc", "0.00");
        lines.put("current_save_keys_processed", 0);
        lines.put("current_save_keys_total", 0);
        lines.put("rdb_changes_since_last_save", saves.changes);
        lines.put("rdb_bgsave_in_progress", saving);
        lines.put("rdb_last_save_time", saves.last_save.wall.as_secs());
        lines.put("rdb_last_bgsave_status", status);
        lines.put("rdb_last_bgsave_time_sec", last_s);
        lines.put("rdb_current_bgsave_time_sec", current_s);
        lines.put("rdb_saves", saves.saves);
        lines.put("rdb_last_cow_size", 0);
        lines.put("rdb_last_load_keys_expired", self.last_load.expired);
        lines.put("rdb_last_load_keys_loaded", self.last_load.keys);
        lines.put("aof_enabled", u8::from(self.config.appendonly));
        lines.put("aof_rewrite_in_progress", 0);
        lines.put("aof_rewrite_scheduled", 0);
        lines.put("aof_last_rewrite_time_sec", -1);
        lines.put("aof_current_rewrite_time_sec", -1);
        lines.put("aof_last_bgrewrite_status", "ok");
        lines.put("aof_rewrites", 0);
        lines.put("aof_rewrites_consecutive_failures", 0);
        lines.put("aof_last_write_status", "ok");
        lines.put("aof_last_cow_size", 0);
        lines.put("module_fork_in_progress", 0);
        lines.put("module_fork_last_cow_size", 0);
    }
}
