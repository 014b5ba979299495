//! INFO persistence: snapshots, and the append-only file.

use super::Lines;
use crate::node::Node;
use crate::node::admit::Loading;
use crate::node::load::LoadProgress;

impl Node {
    pub(super) fn info_persistence(&self, lines: &mut Lines) {
        let saves = &self.saves;
        let saving = u8::from(self.is_saving());
        let state = self.loading_state();
        let is_loading = self.loading.is_some() || state == Loading::Blocking;
        let status = if saves.last_failed { "err" } else { "ok" };
        let last_s = saves.last_duration_s.map_or(-1, |s| i64::try_from(s).unwrap_or(i64::MAX));
        let current_s = saves.file.as_ref().map_or(-1, |file| {
            let elapsed = self.now.mono.since_us(file.started.mono) / 1_000_000;
            i64::try_from(elapsed).unwrap_or(i64::MAX)
        });
        lines.put("loading", u8::from(is_loading));
        lines.put("async_loading", u8::from(state == Loading::Beside));
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
        self.info_rewrites(lines);
        lines.put("aof_last_cow_size", 0);
        lines.put("module_fork_in_progress", 0);
        lines.put("module_fork_last_cow_size", 0);
        if self.config.appendonly {
            lines.put("aof_current_size", self.log_bytes());
            lines.put("aof_base_size", self.aof.rewritten_bytes);
            lines.put("aof_pending_rewrite", u8::from(self.aof.scheduled));
            lines.put("aof_buffer_length", self.feed.log.buffered_bytes());
            lines.put("aof_pending_bio_fsync", 0);
            lines.put("aof_delayed_fsync", 0);
        }
        if let Some(load) = &self.load {
            self.info_loading(load.progress(), lines);
        } else if let (Some(payload), true) = (self.payload(), state != Loading::No) {
            self.info_loading(payload.progress(), lines);
        }
    }

    fn info_rewrites(&self, lines: &mut Lines) {
        let stats = &self.aof.stats;
        let seconds = |s: Option<u64>| s.map_or(-1, |s| i64::try_from(s).unwrap_or(i64::MAX));
        let status = |ok| if ok { "ok" } else { "err" };
        lines.put("aof_rewrite_in_progress", u8::from(self.aof.is_rewriting()));
        lines.put("aof_rewrite_scheduled", u8::from(self.aof.scheduled));
        lines.put("aof_last_rewrite_time_sec", seconds(stats.last_duration_s));
        lines.put("aof_current_rewrite_time_sec", seconds(self.rewrite_elapsed_s()));
        lines.put("aof_last_bgrewrite_status", status(!stats.last_failed));
        lines.put("aof_rewrites", stats.rewrites);
        lines.put("aof_rewrites_consecutive_failures", stats.failures_in_a_row);
        lines.put("aof_last_write_status", status(self.aof.failure().is_none()));
    }

    fn info_loading(&self, progress: LoadProgress, lines: &mut Lines) {
        let LoadProgress { started, total_bytes, loaded_bytes, saved_memory_bytes } = progress;
        let elapsed_s = self.now.mono.since_us(started.mono) / 1_000_000;
        // With nothing to go by Redis guesses one second.
        let eta_s = match elapsed_s.checked_mul(total_bytes.saturating_sub(loaded_bytes)) {
            Some(product) if elapsed_s > 0 && loaded_bytes > 0 => product / loaded_bytes,
            _ => 1,
        };
        let percent = loaded_bytes as f64 / total_bytes.max(1) as f64 * 100.0;
        lines.put("loading_start_time", started.wall.as_secs());
        lines.put("loading_total_bytes", total_bytes);
        // Of a log's payload that is loaded already there is nothing in the file at hand.
        let saved_memory_bytes = saved_memory_bytes.max(self.last_load.saved_memory_bytes);
        lines.put("loading_rdb_used_mem", saved_memory_bytes);
        lines.put("loading_loaded_bytes", loaded_bytes);
        lines.put("loading_loaded_perc", format_args!("{percent:.2}"));
        lines.put("loading_eta_seconds", eta_s);
    }
}
