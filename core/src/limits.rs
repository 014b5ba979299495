//! Every bound in the engine, with its unit and its reason.
//!
//! Limits a setting changes stand here as the setting's default.

/// Longest bulk string, in bytes: `proto-max-bulk-len`. Also the longest string value.
pub const BULK_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Most arguments of one request. Redis took 1,048,576 up to 6.2 and the C `int` range since;
/// a peer that announces more than this gets "invalid multibulk length".
pub const REQUEST_ARGS_MAX: i64 = i32::MAX as i64;

/// Longest inline request, and longest line that announces a length, in bytes.
pub const INLINE_BYTES_MAX: usize = 64 * 1024;

/// What a connection that has not authenticated may announce: arguments and bytes of a bulk.
pub const UNAUTHENTICATED_ARGS_MAX: i64 = 10;
pub const UNAUTHENTICATED_BULK_BYTES_MAX: i64 = 16 * 1024;

/// Bytes of requests one connection may have buffered: `client-query-buffer-limit`.
pub const QUERY_BUFFER_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// Requests of one connection run before others get their turn: a pipeline of a million commands must
/// not hold up the rest. Some two hundred microseconds' work, beside which the cost of a turn is
/// small; four times as many gain a pipeline nothing and make the others wait half as long again.
pub const REQUESTS_PER_TURN_MAX: usize = 1024;

/// Nanoseconds of one connection's requests after which others get their turn, where the shell has a clock: for
/// requests so slow that few of them hold up the rest. One request is carried out as a whole all the same. A
/// turn sends what it gathered, so with less than a pipeline's time messages to a thousand subscribers go out one
/// by one: a millisecond made PUBLISH 3.5 times as slow.
pub const REQUESTS_NS_PER_TURN: u64 = 4_000_000;

/// Bytes of replies a turn gathers before it should end: sent while still in the processor's cache,
/// replies of 23 KB cost half as much as gathered from fifty connections.
pub const REPLY_BYTES_PER_TURN: usize = 256 * 1024;

/// Longest message that each of its receivers gets a copy of, in bytes; a longer one is shared.
pub const MESSAGE_BYTES_COPIED_MAX: usize = 16 * 1024;

/// Requests of a pipeline read ahead of the one that runs, so that their keys' memory is loaded
/// together: what a processor can wait for at once.
pub const REQUESTS_AHEAD_MAX: usize = 16;

/// Connections: `maxclients`.
pub const CLIENTS_MAX: usize = 10_000;

/// Clients that are looked at in one turn for having been silent for too long: a fraction of a
/// millisecond's work.
pub const IDLE_CLIENTS_PER_TURN_MAX: usize = 1000;

/// Databases: `databases`, fixed at start.
pub const DATABASES: usize = 16;

/// Replication backlog in bytes: `repl-backlog-size`.
pub const BACKLOG_BYTES: usize = 1024 * 1024;

/// Bytes of one block of the replication stream. Blocks are shared by all replicas' cursors, so
/// the size trades the slack of the last block against the number of slices per write.
pub const STREAM_BLOCK_BYTES: usize = 16 * 1024;

/// Keys that DEBUG POPULATE makes at once.
pub const POPULATED_KEYS_MAX: usize = 10_000_000;

/// Events kept for an observer that does not drain them; older ones are dropped and counted.
pub const EVENTS_MAX: usize = 65_536;

/// Keys and buckets that active expiry looks at in one turn: some 30 microseconds' work.
pub const EXPIRE_LOOKS_PER_TURN_MAX: usize = 1000;

/// Keys and buckets that a round of active expiry looks at, unless many are due. Ten rounds a second
/// of some three milliseconds each are a few per cent of a processor.
pub const EXPIRE_LOOKS_PER_ROUND_MAX: usize = 100_000;

/// Elements of values thrown away that are freed in a turn, at least: a few tenths of a millisecond's
/// work.
pub const FREED_ELEMENTS_PER_TURN: usize = 2048;

/// Bytes of a snapshot handed to storage or to replicas and not known to have arrived: it waits for
/// a slow disk, and for the slowest replica.
pub const SNAPSHOT_BYTES_IN_FLIGHT_MAX: usize = 4 * 1024 * 1024;

/// Bytes of the append-only file gathered and not known to be written; then commands that write wait
/// for the disk.
pub const LOG_BYTES_WAITING_MAX: u64 = 64 * 1024 * 1024;

/// Microseconds that commands gathered for the append-only file wait for the disk, before others that
/// write wait with them: what `everysec` may lose at most is Redis's two seconds.
pub const LOG_WAITS_US_MAX: u64 = 2_000_000;

/// Bytes of snapshot a turn may produce, so that a full sync never freezes the page.
pub const SNAPSHOT_BYTES_PER_TURN: usize = 256 * 1024;

/// Bytes of snapshot that a turn produces for each read of a connection and for each command, while
/// there are any, which is about an eighth of the time these take; and what it produces at least. Turns
/// in which nobody is served produce twice as much each time.
pub const SNAPSHOT_BYTES_PER_TURN_MIN: usize = 2 * 1024;
pub const SNAPSHOT_BYTES_PER_READ: usize = 320;
pub const SNAPSHOT_BYTES_PER_COMMAND: usize = 40;

/// Longest string a snapshot compresses, in bytes. A string is written within one turn, and compressing
/// this much takes a few milliseconds; Redis compresses in a process of its own.
pub const RDB_COMPRESS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Nesting of a reply that a client follows; no command comes near it.
pub const REPLY_DEPTH_MAX: usize = 64;

/// Longest status, error or length line of a reply, in bytes.
pub const REPLY_LINE_BYTES_MAX: usize = 64 * 1024;

/// Lines typed ahead at a prompt whose command has not answered.
pub const TYPED_LINES_MAX: usize = 1024;

/// Bytes of a request or reply of a terminal that its event holds.
pub const WIRE_BYTES_SHOWN: usize = 1024;

/// Bytes of a packet between nodes that an observer can look at.
pub const PACKET_BYTES_SHOWN: usize = 4096;

/// Packets of a simulated world that can be looked at after they have arrived.
pub const PACKETS_KEPT: usize = 2048;

/// Nodes of a simulated world.
pub const WORLD_NODES_MAX: usize = 16;

/// Terminals of a simulated world.
pub const WORLD_CLIENTS_MAX: usize = 256;

/// Events a world keeps for whoever draws it; older ones are dropped.
pub const WORLD_EVENTS_MAX: usize = 65_536;

/// Things done to a world that its script keeps: with more it can't be made again.
pub const WORLD_SCRIPT_STEPS_MAX: usize = 1 << 20;

/// Bytes a connection of a simulated world takes while its link is cut, as a kernel's send buffer
/// does; the rest waits in the node's outbox.
pub const WORLD_SEND_BUFFER_BYTES: usize = 256 * 1024;

/// Requests a terminal's typed repetition runs at one instant before the world goes on.
pub const WORLD_ROUNDS_PER_TURN_MAX: usize = 1000;

/// Keys that a dump file's claims make room for, in all databases: tables of 20 MiB.
pub const LOAD_KEYS_EXPECTED_MAX: usize = 1 << 21;

/// Elements of one collection that a dump file's claim makes room for: a table of 20 MiB.
pub const LOAD_ELEMENTS_EXPECTED_MAX: usize = 1 << 21;

/// Rules of one kind in a selector of a user: patterns of keys or channels, first arguments; and a
/// user's passwords. Each new one is compared with all before.
pub const ACL_RULES_MAX: usize = 4096;

/// Selectors of a user beside the first: a command that is denied asks each.
pub const ACL_SELECTORS_MAX: usize = 256;

/// Longest ACL file, in bytes: it is read as a whole.
pub const ACL_FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Keys that a terminal offers to complete a word.
pub const COMPLETIONS_MAX: usize = 50;
