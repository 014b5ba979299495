//! Every setting: its field, its default, its names, how it is read and printed, when it may change.
//!
//! Names, aliases, bounds and defaults are Redis 7.4's; `http-port` and `http-bind` are our own. A row is all there
//! is to a setting: the field, CONFIG GET and SET, the file and the command line follow from it.
//!
//! These are taken and kept, but nothing reads them yet, since what they tune is not there or needs
//! no tuning here: freeing (`lazyfree-*`),
//! clusters, active defragmentation, I/O threads, CPU lists, OOM scores, process titles, the
//! logo, socket marks, crash logs, the age of TLS's sessions and its Diffie-Hellman parameters, which
//! rustls has its own of. They are harmless: no data is lost for their being ignored. What would do
//! harm by being ignored is refused instead, with a text that says so.

use super::choice::ACL_PUBSUB;
use super::choice::ALLOWED_FOR;
use super::choice::APPEND_FSYNC;
use super::choice::AclPubsub;
use super::choice::AllowedFor;
use super::choice::AppendFsync;
use super::choice::DISKLESS_LOAD;
use super::choice::DisklessLoad;
use super::choice::EVICTION_POLICY;
use super::choice::EvictionPolicy;
use super::choice::LOG_LEVEL;
use super::choice::LogLevel;
use super::choice::OOM_SCORE_ADJ;
use super::choice::OomScoreAdj;
use super::choice::PROPAGATION_ERROR;
use super::choice::PropagationError;
use super::choice::SANITIZE_DUMP;
use super::choice::SUPERVISED;
use super::choice::SanitizeDump;
use super::choice::Supervised;
use super::choice::TLS_AUTH_CLIENTS;
use super::choice::TlsAuthClients;
use super::kind::Clamped;
use super::kind::FileName;
use super::kind::Flag;
use super::kind::Memory;
use super::kind::MemoryOrPercent;
use super::kind::MemoryWithFloor;
use super::kind::Octal;
use super::kind::OnlyEmpty;
use super::kind::OnlyNo;
use super::kind::Text;
use super::kind::integer;
use super::kind::integer_from;
use super::kind::long_from;
use super::kind::memory_from;
use super::setting::Change;
use super::setting::Kind;
use super::setting::Setting;
use super::setting::settings;
use super::value::Addresses;
use super::value::BufferLimit;
use super::value::BufferLimits;
use super::value::BufferLimitsKind;
use super::value::MasterAddress;
use super::value::MasterKind;
use super::value::NotifyClasses;
use super::value::NotifyKind;
use super::value::OomScores;
use super::value::Percentiles;
use super::value::SavePoint;
use super::value::SavePointsKind;
use super::value::ShutdownKind;
use super::value::ShutdownOptions;
use crate::limits;

settings! {
    // Network.

    /// Addresses to listen on; a leading `-` lets one be missing.
    bind: Vec<String> = vec!["127.0.0.1".into(), "-::1".into()] => "bind", Addresses, Anytime;
    /// RESP port; 0 listens on none.
    port: u16 = 6379 => "port", integer(0, 65535), Anytime;
    /// Port of the page; 0 serves none.
    http_port: u16 = 8080 => "http-port", integer(0, 65535), AtStart;
    /// Addresses to serve the page on. Who reaches it from another machine needs a password.
    http_bind: Vec<String> = vec!["127.0.0.1".into()] => "http-bind", Addresses, AtStart;
    bind_source_addr: String = String::new() => "bind-source-addr", Text, Anytime;
    /// Path of a socket in the file system to listen on too; none when empty.
    unixsocket: String = String::new() => "unixsocket", Text, AtStart;
    /// Permissions of that socket; 0 leaves them to the process's mask.
    unixsocketperm: u32 = 0 => "unixsocketperm", Octal, AtStart;
    protected_mode: bool = true => "protected-mode", Flag, Anytime;
    /// Length of the queue of connections not yet accepted.
    tcp_backlog: u32 = 511 => "tcp-backlog", integer_from(0), AtStart;
    /// Seconds after which an idle client is closed; 0 for never.
    timeout: u32 = 0 => "timeout", integer_from(0), Anytime;
    /// Seconds between probes of an idle connection; 0 for none.
    tcp_keepalive: u32 = 300 => "tcp-keepalive", integer_from(0), Anytime;
    socket_mark_id: u32 = 0 => "socket-mark-id", integer(0, 4_294_967_295), AtStart;
    maxclients: usize = limits::CLIENTS_MAX
        => "maxclients", integer(1, 4_294_967_295), Anytime;
    max_new_connections_per_cycle: u32 = 10
        => "max-new-connections-per-cycle", integer(1, 1000), Anytime;
    max_new_tls_connections_per_cycle: u32 = 1
        => "max-new-tls-connections-per-cycle", integer(1, 1000), Anytime;
    /// Bytes of requests one connection may have buffered.
    client_query_buffer_limit: usize = limits::QUERY_BUFFER_BYTES_MAX
        => "client-query-buffer-limit", memory_from(1 << 20), Anytime;
    client_output_buffer_limit: BufferLimits = OUTPUT_BUFFER_LIMITS
        => "client-output-buffer-limit", BufferLimitsKind, Anytime;
    /// Bytes all clients may use together, or when negative, per cent of `maxmemory`; 0 for any.
    maxmemory_clients: i64 = 0 => "maxmemory-clients", MemoryOrPercent, Anytime;
    /// Longest bulk string a request may hold, in bytes.
    proto_max_bulk_len: usize = limits::BULK_BYTES_MAX
        => "proto-max-bulk-len", memory_from(1 << 20), Anytime;
    io_threads: u32 = 1 => "io-threads", integer(1, 128), AtStart;
    io_threads_do_reads: bool = false => "io-threads-do-reads", Flag, AtStart;

    // TLS. Files are PEM; ciphers go by OpenSSL's names.

    /// Port for RESP over TLS; 0 listens on none.
    tls_port: u16 = 0 => "tls-port", integer(0, 65535), Anytime;
    /// What this server shows of itself.
    tls_cert_file: String = String::new() => "tls-cert-file", Text, Anytime;
    tls_key_file: String = String::new() => "tls-key-file", Text, Anytime;
    tls_key_file_pass: String = String::new()
        => "tls-key-file-pass", OnlyEmpty(ENCRYPTED_KEY), Anytime;
    /// What it shows as a client of its master's; without one, what it shows as a server.
    tls_client_cert_file: String = String::new() => "tls-client-cert-file", Text, Anytime;
    tls_client_key_file: String = String::new() => "tls-client-key-file", Text, Anytime;
    tls_client_key_file_pass: String = String::new()
        => "tls-client-key-file-pass", OnlyEmpty(ENCRYPTED_KEY), Anytime;
    /// Whom peers' certificates have to come from: a file, or a folder of them.
    tls_ca_cert_file: String = String::new() => "tls-ca-cert-file", Text, Anytime;
    tls_ca_cert_dir: String = String::new() => "tls-ca-cert-dir", Text, Anytime;
    tls_auth_clients: TlsAuthClients = TlsAuthClients::Yes
        => "tls-auth-clients", TLS_AUTH_CLIENTS, Anytime;
    /// Whether masters are spoken to over TLS.
    tls_replication: bool = false => "tls-replication", Flag, Anytime;
    /// Whether nodes of a cluster speak TLS to each other; and so does MIGRATE.
    tls_cluster: bool = false => "tls-cluster", Flag, Anytime;
    /// Versions of the protocol, separated by spaces; 1.2 and 1.3 when empty.
    tls_protocols: String = String::new() => "tls-protocols", Text, Anytime;
    tls_ciphers: String = String::new() => "tls-ciphers", Text, Anytime;
    tls_ciphersuites: String = String::new() => "tls-ciphersuites", Text, Anytime;
    tls_prefer_server_ciphers: bool = false => "tls-prefer-server-ciphers", Flag, Anytime;
    tls_dh_params_file: String = String::new() => "tls-dh-params-file", Text, Anytime;
    tls_session_caching: bool = true => "tls-session-caching", Flag, Anytime;
    tls_session_cache_size: u32 = 20 * 1024 => "tls-session-cache-size", integer_from(0), Anytime;
    tls_session_cache_timeout: u32 = 300
        => "tls-session-cache-timeout", integer_from(0), Anytime;

    // The process.

    /// Leave the terminal and go on in the background.
    daemonize: bool = false => "daemonize", Flag, AtStart;
    supervised: Supervised = Supervised::No => "supervised", SUPERVISED, AtStart;
    pidfile: String = String::new() => "pidfile", Text, AtStart;
    loglevel: LogLevel = LogLevel::Notice => "loglevel", LOG_LEVEL, Anytime;
    /// Where the log goes; standard output when empty.
    logfile: String = String::new() => "logfile", Text, AtStart;
    syslog_enabled: bool = false
        => "syslog-enabled", OnlyNo("Redarium writes to no syslog; use logfile"), AtStart;
    syslog_ident: String = "redis".into() => "syslog-ident", Text, AtStart;
    syslog_facility: String = "local0".into() => "syslog-facility", Text, AtStart;
    crash_log_enabled: bool = true => "crash-log-enabled", Flag, Anytime;
    crash_memcheck_enabled: bool = true => "crash-memcheck-enabled", Flag, Anytime;
    always_show_logo: bool = false => "always-show-logo", Flag, AtStart;
    set_proc_title: bool = true => "set-proc-title", Flag, AtStart;
    proc_title_template: String = "{title} {listen-addr} {server-mode}".into()
        => "proc-title-template", Text, Anytime;
    locale_collate: String = String::new() => "locale-collate", Text, Anytime;
    ignore_warnings: String = String::new() => "ignore-warnings", Text, Anytime;
    disable_thp: bool = true => "disable-thp", Flag, AtStart;
    jemalloc_bg_thread: bool = true => "jemalloc-bg-thread", Flag, Anytime;
    oom_score_adj: OomScoreAdj = OomScoreAdj::No => "oom-score-adj", OOM_SCORE_ADJ, Anytime;
    oom_score_adj_values: [i32; 3] = [0, 200, 800] => "oom-score-adj-values", OomScores, Anytime;
    server_cpulist: String = String::new() => "server_cpulist", Text, AtStart;
    bio_cpulist: String = String::new() => "bio_cpulist", Text, AtStart;
    aof_rewrite_cpulist: String = String::new() => "aof_rewrite_cpulist", Text, AtStart;
    bgsave_cpulist: String = String::new() => "bgsave_cpulist", Text, AtStart;
    /// Longest a shutdown waits for replicas that lag, in seconds.
    shutdown_timeout: u32 = 10 => "shutdown-timeout", integer_from(0), Anytime;
    shutdown_on_sigterm: ShutdownOptions = ShutdownOptions::default()
        => "shutdown-on-sigterm", ShutdownKind, Anytime;
    shutdown_on_sigint: ShutdownOptions = ShutdownOptions::default()
        => "shutdown-on-sigint", ShutdownKind, Anytime;

    // What clients may do.

    /// The default user's password; none when empty.
    requirepass: String = String::new() => "requirepass", Text, Anytime;
    aclfile: String = String::new() => "aclfile", Text, AtStart;
    acl_pubsub_default: AclPubsub = AclPubsub::ResetChannels
        => "acl-pubsub-default", ACL_PUBSUB, Anytime;
    acllog_max_len: usize = 128 => "acllog-max-len", long_from(0), Anytime;
    enable_protected_configs: AllowedFor = AllowedFor::Nobody
        => "enable-protected-configs", ALLOWED_FOR, AtStart;
    enable_debug_command: AllowedFor = AllowedFor::Nobody
        => "enable-debug-command", ALLOWED_FOR, AtStart;
    enable_module_command: AllowedFor = AllowedFor::Nobody
        => "enable-module-command", ALLOWED_FOR, AtStart;
    hide_user_data_from_log: bool = false => "hide-user-data-from-log", Flag, Anytime;

    // The keyspace.

    databases: usize = limits::DATABASES => "databases", integer_from(1), AtStart;
    /// How often a second background work is done.
    hz: u32 = 10
        => "hz", Clamped { taken: integer_from(0), min: 1, max: 500 }, Anytime;
    dynamic_hz: bool = true => "dynamic-hz", Flag, Anytime;
    activerehashing: bool = true => "activerehashing", Flag, Anytime;
    active_expire_effort: u32 = 1 => "active-expire-effort", integer(1, 10), Anytime;
    /// Bytes of data above which writes are refused or keys evicted; 0 for no limit.
    maxmemory: u64 = 0 => "maxmemory", Memory { min: 0, max: u64::MAX }, Anytime;
    maxmemory_policy: EvictionPolicy = EvictionPolicy::NoEviction
        => "maxmemory-policy", EVICTION_POLICY, Anytime;
    maxmemory_samples: u32 = 5 => "maxmemory-samples", integer_from(1), Anytime;
    maxmemory_eviction_tenacity: u32 = 10
        => "maxmemory-eviction-tenacity", integer(0, 100), Anytime;
    lfu_log_factor: u32 = 10 => "lfu-log-factor", integer_from(0), Anytime;
    lfu_decay_time: u32 = 1 => "lfu-decay-time", integer_from(0), Anytime;
    lazyfree_lazy_eviction: bool = false => "lazyfree-lazy-eviction", Flag, Anytime;
    lazyfree_lazy_expire: bool = false => "lazyfree-lazy-expire", Flag, Anytime;
    lazyfree_lazy_server_del: bool = false => "lazyfree-lazy-server-del", Flag, Anytime;
    lazyfree_lazy_user_del: bool = false => "lazyfree-lazy-user-del", Flag, Anytime;
    lazyfree_lazy_user_flush: bool = false => "lazyfree-lazy-user-flush", Flag, Anytime;
    activedefrag: bool = false => "activedefrag", Flag, Anytime;
    active_defrag_cycle_min: u32 = 1 => "active-defrag-cycle-min", integer(1, 99), Anytime;
    active_defrag_cycle_max: u32 = 25 => "active-defrag-cycle-max", integer(1, 99), Anytime;
    active_defrag_threshold_lower: u32 = 10
        => "active-defrag-threshold-lower", integer(0, 1000), Anytime;
    active_defrag_threshold_upper: u32 = 100
        => "active-defrag-threshold-upper", integer(0, 1000), Anytime;
    active_defrag_max_scan_fields: u64 = 1000
        => "active-defrag-max-scan-fields", long_from(1), Anytime;
    active_defrag_ignore_bytes: u64 = 100 << 20
        => "active-defrag-ignore-bytes", memory_from(1), Anytime;

    // Encodings: up to these sizes a value is kept in its compact form.

    hash_max_listpack_entries: usize = 512
        => "hash-max-listpack-entries" / "hash-max-ziplist-entries", long_from(0), Anytime;
    hash_max_listpack_value: usize = 64
        => "hash-max-listpack-value" / "hash-max-ziplist-value", memory_from(0), Anytime;
    /// Elements of a list's node when positive; its bytes by a scale from -1 (4 KiB) to -5.
    list_max_listpack_size: i32 = -2
        => "list-max-listpack-size" / "list-max-ziplist-size",
        integer(i32::MIN as i64, i32::MAX as i64), Anytime;
    list_compress_depth: u32 = 0 => "list-compress-depth", integer_from(0), Anytime;
    set_max_intset_entries: usize = 512 => "set-max-intset-entries", long_from(0), Anytime;
    set_max_listpack_entries: usize = 128 => "set-max-listpack-entries", long_from(0), Anytime;
    set_max_listpack_value: usize = 64 => "set-max-listpack-value", memory_from(0), Anytime;
    zset_max_listpack_entries: usize = 128
        => "zset-max-listpack-entries" / "zset-max-ziplist-entries", long_from(0), Anytime;
    zset_max_listpack_value: usize = 64
        => "zset-max-listpack-value" / "zset-max-ziplist-value", memory_from(0), Anytime;
    hll_sparse_max_bytes: usize = 3000 => "hll-sparse-max-bytes", memory_from(0), Anytime;
    stream_node_max_bytes: usize = 4096 => "stream-node-max-bytes", memory_from(0), Anytime;
    stream_node_max_entries: usize = 100 => "stream-node-max-entries", long_from(0), Anytime;

    // Snapshots.

    dir: String = ".".into() => "dir", Text, Protected;
    dbfilename: String = "dump.rdb".into()
        => "dbfilename", FileName { setting: "dbfilename", empty: true }, Protected;
    save: Vec<SavePoint> = save_points() => "save", SavePointsKind, Anytime;
    rdbcompression: bool = true => "rdbcompression", Flag, Anytime;
    rdbchecksum: bool = true => "rdbchecksum", Flag, AtStart;
    rdb_save_incremental_fsync: bool = true => "rdb-save-incremental-fsync", Flag, Anytime;
    rdb_del_sync_files: bool = false => "rdb-del-sync-files", Flag, Anytime;
    stop_writes_on_bgsave_error: bool = true => "stop-writes-on-bgsave-error", Flag, Anytime;
    sanitize_dump_payload: SanitizeDump = SanitizeDump::No
        => "sanitize-dump-payload", SANITIZE_DUMP, Anytime;
    /// Microseconds to wait after each key saved, for tests; below 0, so many keys a microsecond.
    rdb_key_save_delay: i32 = 0
        => "rdb-key-save-delay", integer(i32::MIN as i64, i32::MAX as i64), Hidden;
    key_load_delay: i32 = 0
        => "key-load-delay", integer(i32::MIN as i64, i32::MAX as i64), Hidden;
    loading_process_events_interval_bytes: u64 = 2 << 20
        => "loading-process-events-interval-bytes", memory_from(1024), Hidden;

    // The append-only file.

    appendonly: bool = false => "appendonly", Flag, Anytime;
    appendfsync: AppendFsync = AppendFsync::EverySecond => "appendfsync", APPEND_FSYNC, Anytime;
    appendfilename: String = "appendonly.aof".into()
        => "appendfilename", FileName { setting: "appendfilename", empty: false }, AtStart;
    appenddirname: String = "appendonlydir".into()
        => "appenddirname", FileName { setting: "appenddirname", empty: false }, AtStart;
    no_appendfsync_on_rewrite: bool = false => "no-appendfsync-on-rewrite", Flag, Anytime;
    auto_aof_rewrite_percentage: u32 = 100
        => "auto-aof-rewrite-percentage", integer_from(0), Anytime;
    auto_aof_rewrite_min_size: u64 = 64 << 20
        => "auto-aof-rewrite-min-size", memory_from(0), Anytime;
    aof_load_truncated: bool = true => "aof-load-truncated", Flag, Anytime;
    aof_use_rdb_preamble: bool = true => "aof-use-rdb-preamble", Flag, Anytime;
    aof_timestamp_enabled: bool = false => "aof-timestamp-enabled", Flag, Anytime;
    aof_rewrite_incremental_fsync: bool = true => "aof-rewrite-incremental-fsync", Flag, Anytime;
    aof_disable_auto_gc: bool = false => "aof-disable-auto-gc", Flag, Anytime;

    // Replication.

    /// The master this node follows; the node keeps it up to date with REPLICAOF.
    replicaof: Option<MasterAddress> = None => "replicaof" / "slaveof", MasterKind, AtStart;
    masteruser: String = String::new() => "masteruser", Text, Anytime;
    masterauth: String = String::new() => "masterauth", Text, Anytime;
    replica_announced: bool = true => "replica-announced", Flag, Anytime;
    replica_announce_ip: String = String::new()
        => "replica-announce-ip" / "slave-announce-ip", Text, Anytime;
    replica_announce_port: u16 = 0
        => "replica-announce-port" / "slave-announce-port", integer(0, 65535), Anytime;
    replica_read_only: bool = true => "replica-read-only" / "slave-read-only", Flag, Anytime;
    replica_serve_stale_data: bool = true
        => "replica-serve-stale-data" / "slave-serve-stale-data", Flag, Anytime;
    replica_priority: u32 = 100 => "replica-priority" / "slave-priority", integer_from(0), Anytime;
    replica_lazy_flush: bool = false => "replica-lazy-flush" / "slave-lazy-flush", Flag, Anytime;
    replica_ignore_maxmemory: bool = true
        => "replica-ignore-maxmemory" / "slave-ignore-maxmemory", Flag, Anytime;
    replica_ignore_disk_write_errors: bool = false
        => "replica-ignore-disk-write-errors", Flag, Anytime;
    propagation_error_behavior: PropagationError = PropagationError::Ignore
        => "propagation-error-behavior", PROPAGATION_ERROR, Anytime;
    /// Seconds between a master's PINGs to its replicas.
    repl_ping_replica_period: u32 = 10
        => "repl-ping-replica-period" / "repl-ping-slave-period", integer_from(1), Anytime;
    /// Seconds of silence after which the other end of replication is given up.
    repl_timeout: u32 = 60 => "repl-timeout", integer_from(1), Anytime;
    /// Bytes of the stream kept for partial resynchronisation.
    repl_backlog_size: u64 = limits::BACKLOG_BYTES as u64
        => "repl-backlog-size", MemoryWithFloor { taken: memory_from(1), floor: 16 << 10 }, Anytime;
    /// Seconds without replicas after which the backlog is dropped; 0 for never.
    repl_backlog_ttl: u64 = 3600 => "repl-backlog-ttl", long_from(0), Anytime;
    repl_diskless_sync: bool = true => "repl-diskless-sync", Flag, Anytime;
    /// Seconds a full sync waits for more replicas to join it.
    repl_diskless_sync_delay: u32 = 5 => "repl-diskless-sync-delay", integer_from(0), Anytime;
    repl_diskless_sync_max_replicas: u32 = 0
        => "repl-diskless-sync-max-replicas", integer_from(0), Anytime;
    repl_diskless_load: DisklessLoad = DisklessLoad::Disabled
        => "repl-diskless-load", DISKLESS_LOAD, Anytime;
    repl_disable_tcp_nodelay: bool = false => "repl-disable-tcp-nodelay", Flag, Anytime;
    /// Replicas that must be connected and not lag for a write to be taken; 0 for none.
    min_replicas_to_write: u32 = 0
        => "min-replicas-to-write" / "min-slaves-to-write", integer_from(0), Anytime;
    /// Seconds of lag up to which a replica counts for `min-replicas-to-write`.
    min_replicas_max_lag: u32 = 10
        => "min-replicas-max-lag" / "min-slaves-max-lag", integer_from(0), Anytime;

    // Clusters.

    cluster_enabled: bool = false
        => "cluster-enabled", OnlyNo("Redarium has no cluster mode"), AtStart;
    cluster_config_file: String = "nodes.conf".into() => "cluster-config-file", Text, AtStart;
    cluster_node_timeout: u64 = 15_000 => "cluster-node-timeout", long_from(0), Anytime;
    cluster_port: u16 = 0 => "cluster-port", integer(0, 65535), AtStart;
    cluster_migration_barrier: u32 = 1 => "cluster-migration-barrier", integer_from(0), Anytime;
    cluster_require_full_coverage: bool = true => "cluster-require-full-coverage", Flag, Anytime;
    cluster_allow_reads_when_down: bool = false => "cluster-allow-reads-when-down", Flag, Anytime;
    cluster_allow_replica_migration: bool = true
        => "cluster-allow-replica-migration", Flag, Anytime;
    cluster_replica_no_failover: bool = false
        => "cluster-replica-no-failover" / "cluster-slave-no-failover", Flag, Anytime;
    cluster_replica_validity_factor: u32 = 10
        => "cluster-replica-validity-factor" / "cluster-slave-validity-factor",
        integer_from(0), Anytime;

    // Scripts, events and what is watched.

    /// Milliseconds after which a running script makes the server answer BUSY.
    busy_reply_threshold: u64 = 5000
        => "busy-reply-threshold" / "lua-time-limit", long_from(0), Anytime;
    notify_keyspace_events: NotifyClasses = NotifyClasses::default()
        => "notify-keyspace-events", NotifyKind, Anytime;
    tracking_table_max_keys: u64 = 1_000_000 => "tracking-table-max-keys", long_from(0), Anytime;
    /// Microseconds from which a command is kept in the slow log; -1 for none.
    slowlog_log_slower_than: i64 = 10_000 => "slowlog-log-slower-than", long_from(-1), Anytime;
    slowlog_max_len: usize = 128 => "slowlog-max-len", long_from(0), Anytime;
    latency_monitor_threshold: u64 = 0 => "latency-monitor-threshold", long_from(0), Anytime;
    latency_tracking: bool = true => "latency-tracking", Flag, Anytime;
    latency_tracking_info_percentiles: Vec<i64> = vec![50_000_000, 99_000_000, 99_900_000]
        => "latency-tracking-info-percentiles", Percentiles, Anytime;
}

fn save_points() -> Vec<SavePoint> {
    [(3600, 1), (300, 100), (60, 10_000)]
        .map(|(seconds, changes)| SavePoint { seconds, changes })
        .into()
}

const ENCRYPTED_KEY: &str =
    "Redarium reads no encrypted keys; decrypt the file with `openssl pkey`";

const OUTPUT_BUFFER_LIMITS: BufferLimits = BufferLimits {
    normal: BufferLimit { hard_bytes: 0, soft_bytes: 0, soft_seconds: 0 },
    replica: BufferLimit { hard_bytes: 256 << 20, soft_bytes: 64 << 20, soft_seconds: 60 },
    pubsub: BufferLimit { hard_bytes: 32 << 20, soft_bytes: 8 << 20, soft_seconds: 60 },
};
