//! INFO: sections of `name:value` lines, in the order dashboards know.

use std::fmt::Write;

use super::ConnId;
use super::Node;
use super::REDARIUM_VERSION;
use super::REDIS_VERSION;
use super::primary;
use crate::command::Outcome;
use crate::resp::Args;

/// One section: its name in any case, whether a bare INFO shows it, and what writes it.
struct Section {
    name: &'static str,
    title: &'static str,
    shown: Shown,
    write: fn(&Node, &mut Lines),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    ByDefault,
    /// With `all` and `everything`, or by name.
    WhenAsked,
}

const SECTIONS: &[Section] = &[
    Section { name: "server", title: "Server", shown: Shown::ByDefault, write: Node::info_server },
    Section {
        name: "clients",
        title: "Clients",
        shown: Shown::ByDefault,
        write: Node::info_clients,
    },
    Section { name: "memory", title: "Memory", shown: Shown::ByDefault, write: Node::info_memory },
    Section {
        name: "persistence",
        title: "Persistence",
        shown: Shown::ByDefault,
        write: Node::info_persistence,
    },
    Section { name: "stats", title: "Stats", shown: Shown::ByDefault, write: Node::info_stats },
    Section {
        name: "replication",
        title: "Replication",
        shown: Shown::ByDefault,
        write: Node::info_replication,
    },
    Section { name: "cpu", title: "CPU", shown: Shown::ByDefault, write: |_, _| {} },
    Section { name: "modules", title: "Modules", shown: Shown::ByDefault, write: |_, _| {} },
    Section {
        name: "commandstats",
        title: "Commandstats",
        shown: Shown::WhenAsked,
        write: |_, _| {},
    },
    Section { name: "errorstats", title: "Errorstats", shown: Shown::ByDefault, write: |_, _| {} },
    Section {
        name: "cluster",
        title: "Cluster",
        shown: Shown::ByDefault,
        write: |_, lines| lines.put("cluster_enabled", 0),
    },
    Section {
        name: "keyspace",
        title: "Keyspace",
        shown: Shown::ByDefault,
        write: Node::info_keyspace,
    },
];

/// The text being written.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn put(&mut self, name: &str, value: impl std::fmt::Display) {
        // Writing to a String can't fail.
        let _ = write!(self.0, "{name}:{value}\r\n");
    }
}

impl Node {
    pub(super) fn info(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let wanted: Vec<String> = args
            .iter()
            .skip(1)
            .map(|word| String::from_utf8_lossy(word).to_ascii_lowercase())
            .collect();
        let mut lines = Lines::default();
        for section in SECTIONS.iter().filter(|section| is_wanted(section, &wanted)) {
            if !lines.0.is_empty() {
                lines.0.push_str("\r\n");
            }
            lines.0 += &format!("# {}\r\n", section.title);
            (section.write)(self, &mut lines);
        }
        self.reply(id, |reply| reply.verbatim(b"txt", lines.0.as_bytes()));
        Ok(())
    }

    fn info_server(&self, lines: &mut Lines) {
        let uptime_s = self.now.mono.since_us(self.started.mono) / 1_000_000;
        lines.put("redis_version", REDIS_VERSION);
        lines.put("redarium_version", REDARIUM_VERSION);
        lines.put("redis_git_sha1", "00000000");
        lines.put("redis_git_dirty", 0);
        lines.put("redis_mode", "standalone");
        lines.put("arch_bits", usize::BITS);
        lines.put("process_id", self.config.process_id);
        lines.put("process_supervised", "no");
        lines.put("run_id", String::from_utf8_lossy(&self.run_id));
        lines.put("tcp_port", self.config.port);
        lines.put("server_time_usec", self.now.wall.as_us());
        lines.put("uptime_in_seconds", uptime_s);
        lines.put("uptime_in_days", uptime_s / 86_400);
        lines.put("hz", self.config.hz);
        lines.put("configured_hz", self.config.hz);
        lines.put("lru_clock", self.now.wall.as_secs() & 0xff_ffff);
        lines.put("executable", "redarium");
        lines.put("config_file", &self.config.config_file);
        lines.put("io_threads_active", 0);
    }

    fn info_clients(&self, lines: &mut Lines) {
        lines.put("connected_clients", self.clients());
        lines.put("cluster_connections", 0);
        lines.put("maxclients", self.config.maxclients);
        lines.put("client_recent_max_input_buffer", 0);
        lines.put("client_recent_max_output_buffer", 0);
        lines.put("blocked_clients", self.waits.len());
        lines.put("tracking_clients", 0);
        lines.put("pubsub_clients", 0);
        lines.put("watching_clients", 0);
        lines.put("clients_in_timeout_table", self.waits.len());
        lines.put("total_watched_keys", 0);
        lines.put("total_blocking_keys", 0);
        lines.put("total_blocking_keys_on_nokey", 0);
    }

    fn info_memory(&self, lines: &mut Lines) {
        let tables = self.store.table_bytes();
        let backlog = self.feed.backlog().map_or(0, |backlog| backlog.heap_bytes());
        lines.put("used_memory", tables + backlog);
        lines.put("mem_replication_backlog", backlog);
        lines.put("mem_total_replication_buffers", backlog);
        lines.put("maxmemory", self.config.maxmemory);
        lines.put("maxmemory_human", human(self.config.maxmemory));
        let policy = self.config.settings_matching(&[b"maxmemory-policy"]);
        lines.put("maxmemory_policy", policy.first().map_or("", |(_, value)| value));
        lines.put("mem_allocator", "mimalloc");
        lines.put("lazyfree_pending_objects", 0);
        lines.put("lazyfreed_objects", 0);
    }

    fn info_persistence(&self, lines: &mut Lines) {
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
        lines.put("current_cow_size", 0);
        lines.put("rdb_changes_since_last_save", saves.changes);
        lines.put("rdb_bgsave_in_progress", saving);
        lines.put("rdb_last_save_time", saves.last_save.wall.as_secs());
        lines.put("rdb_last_bgsave_status", status);
        lines.put("rdb_last_bgsave_time_sec", last_s);
        lines.put("rdb_current_bgsave_time_sec", current_s);
        lines.put("rdb_saves", saves.saves);
        lines.put("rdb_last_load_keys_expired", self.last_load.expired);
        lines.put("rdb_last_load_keys_loaded", self.last_load.keys);
        lines.put("aof_enabled", u8::from(self.config.appendonly));
        lines.put("aof_rewrite_in_progress", 0);
        lines.put("aof_rewrite_scheduled", 0);
        lines.put("aof_last_bgrewrite_status", "ok");
        lines.put("aof_last_write_status", "ok");
    }

    fn info_stats(&self, lines: &mut Lines) {
        let stats = &self.stats;
        lines.put("total_connections_received", stats.connections);
        lines.put("total_commands_processed", stats.commands);
        lines.put("total_net_input_bytes", stats.net_in);
        lines.put("total_net_output_bytes", stats.net_out);
        lines.put("rejected_connections", stats.rejected);
        lines.put("sync_full", stats.sync_full);
        lines.put("sync_partial_ok", stats.sync_partial_ok);
        lines.put("sync_partial_err", stats.sync_partial_err);
        lines.put("expired_keys", self.store.stats.expired);
        lines.put("evicted_keys", 0);
        lines.put("keyspace_hits", self.store.stats.hits);
        lines.put("keyspace_misses", self.store.stats.misses);
        lines.put("pubsub_channels", 0);
        lines.put("pubsub_patterns", 0);
        lines.put("total_forks", 0);
        lines.put("total_error_replies", stats.errors);
    }

    fn info_replication(&self, lines: &mut Lines) {
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
        lines.put("master_failover_state", "no-failover");
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
        if let Some(since) = master.down_since {
            lines.put("master_link_down_since_seconds", seconds(since));
        }
        lines.put("slave_priority", self.config.replica_priority);
        lines.put("slave_read_only", u8::from(self.config.replica_read_only));
        lines.put("replica_announced", u8::from(self.config.replica_announced));
    }

    fn info_keyspace(&self, lines: &mut Lines) {
        for (db, keys, volatile) in self.store.sizes() {
            lines.put(
                &format!("db{db}"),
                format!("keys={keys},expires={volatile},avg_ttl=0,subexpiry=0"),
            );
        }
    }
}

fn is_wanted(section: &Section, wanted: &[String]) -> bool {
    let by_default = section.shown == Shown::ByDefault;
    if wanted.is_empty() {
        return by_default;
    }
    wanted.iter().any(|word| match word.as_str() {
        "all" | "everything" => true,
        "default" => by_default,
        word => word == section.name,
    })
}

/// A size as Redis shows it to people: `1.00M`.
fn human(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["K", "M", "G", "T"];
    if bytes < 1024 {
        return format!("{bytes}B");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.2}{}", UNITS.get(unit).unwrap_or(&"T"))
}
