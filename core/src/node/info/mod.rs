//! INFO: sections of `name:value` lines, in the order dashboards know.

mod commands;
mod memory;
mod persistence;
mod replication;
mod stats;

use std::fmt::Write;

use super::ConnId;
use super::Node;
use super::REDARIUM_VERSION;
use super::REDIS_VERSION;
use crate::command::Outcome;
use crate::resp::Args;
use crate::store::DbSize;

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
    Section { name: "cpu", title: "CPU", shown: Shown::ByDefault, write: Node::info_cpu },
    Section { name: "modules", title: "Modules", shown: Shown::ByDefault, write: |_, _| {} },
    Section {
        name: "commandstats",
        title: "Commandstats",
        shown: Shown::WhenAsked,
        write: Node::info_commandstats,
    },
    Section {
        name: "latencystats",
        title: "Latencystats",
        shown: Shown::WhenAsked,
        write: Node::info_latencystats,
    },
    Section {
        name: "errorstats",
        title: "Errorstats",
        shown: Shown::ByDefault,
        write: Node::info_errorstats,
    },
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

    /// Fields of what does not happen here.
    fn put_zeros(&mut self, names: &[&str]) {
        for name in names {
            self.put(name, 0);
        }
    }
}

impl Node {
    pub(super) fn info(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let wanted: Vec<String> = args
            .iter()
            .skip(1)
            .map(|word| String::from_utf8_lossy(word).to_ascii_lowercase())
            .collect();
        self.stats.take_rates(self.now.mono);
        self.note_peak();
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
        lines.put("redis_build_id", "0000000000000000");
        lines.put("redis_mode", "standalone");
        lines.put("os", &self.host.os);
        // Also in a page: what a client can ask for is the same everywhere, sizes included.
        lines.put("arch_bits", 64);
        lines.put("monotonic_clock", "argument of every input");
        lines.put("multiplexing_api", self.host.multiplexing);
        lines.put("process_id", self.host.process_id);
        let supervised = self.host.supervised;
        lines.put("process_supervised", if supervised.is_empty() { "no" } else { supervised });
        lines.put("run_id", String::from_utf8_lossy(&self.run_id));
        lines.put(
            "tcp_port",
            if self.config.port == 0 { self.config.tls_port } else { self.config.port },
        );
        lines.put("server_time_usec", self.now.wall.as_us());
        lines.put("uptime_in_seconds", uptime_s);
        lines.put("uptime_in_days", uptime_s / 86_400);
        lines.put("hz", self.config.hz);
        lines.put("configured_hz", self.config.hz);
        lines.put("lru_clock", self.now.wall.as_secs() & 0xff_ffff);
        lines.put("executable", &self.host.executable);
        lines.put("config_file", &self.config.config_file);
        lines.put("io_threads_active", 0);
    }

    fn info_clients(&self, lines: &mut Lines) {
        lines.put("connected_clients", self.clients());
        lines.put("cluster_connections", 0);
        lines.put("maxclients", self.config.maxclients);
        lines.put("client_recent_max_input_buffer", 0);
        lines.put("client_recent_max_output_buffer", 0);
        let (awaited, awaited_losses) = self.store.awaited.count();
        let watching = self.conns.iter().filter(|conn| conn.watching.len() > 0).count();
        lines.put("blocked_clients", self.waits.len() + self.blocked.len());
        lines.put("tracking_clients", self.trackers.clients());
        lines.put("pubsub_clients", self.pubsub.listeners());
        lines.put("watching_clients", watching);
        lines.put("clients_in_timeout_table", self.waits.timed_len() + self.blocked.timed_len());
        lines.put("total_watched_keys", self.store.changes.watched().len());
        lines.put("total_blocking_keys", awaited);
        lines.put("total_blocking_keys_on_nokey", awaited_losses);
    }

    fn info_keyspace(&self, lines: &mut Lines) {
        for DbSize { db, keys, volatile, volatile_fields, mean_expiry_ms } in self.store.sizes() {
            let ttl_ms = mean_expiry_ms.map_or(0, |at| at.saturating_sub(self.now.wall_ms()));
            let ttl_ms = ttl_ms.max(0);
            let subexpiry = volatile_fields;
            lines.put(
                &format!("db{db}"),
                format!("keys={keys},expires={volatile},avg_ttl={ttl_ms},subexpiry={subexpiry}"),
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
