/**
 * What the wasm shell and the page say to each other. The Rust side is
 * `wasm/src/objects.js`, which makes these objects; a field is named the same on both sides.
 *
 * Times called `...Us` are microseconds of virtual monotonic time since the
 * world began. Offsets are replication offsets in bytes.
 */

export type NodeId = number;
export type LinkId = number;
export type ClientId = number;
export type PacketId = number;

/** How a world is first built. The same seed and topology give the same world, byte for byte. */
export interface WorldOptions {
  seed: number;
  /** Nodes beside the first one; 0 to 5. */
  replicas: number;
  /** Whose replicas they are: all of the first (`replicas`, the default), each of the one before (`chain`), or nobody's. */
  shape?: "replicas" | "chain" | "apart";
  /** One-way latency of every link, also of links made later; `setLatency` changes one. */
  latencyUs: number;
  /** Nodes are handed what arrives in pieces of at most this size; replies must not depend on it. */
  chunkBytes?: number;
  /** Settings of every node, `name value` a line. */
  settings?: string;
}

/** Everything a person can do to the world. Inputs are never refused: bad ids are ignored. */
export type Input =
  /** A master of its own. */
  | { kind: "addNode" }
  | { kind: "addReplica"; of: NodeId }
  | { kind: "openClient"; node: NodeId }
  | { kind: "closeClient"; client: ClientId }
  /** Ctrl-C: the client connects anew and gives up what it waits for or listens to; its database and protocol stay. */
  | { kind: "interrupt"; client: ClientId }
  /**
   * A line typed at the prompt, quoted as redis-cli quotes. Traffic between a client and its node takes no virtual
   * time: the command runs within `apply`, and unless it blocks, the next frame holds its reply even when time stands still.
   */
  | { kind: "type"; client: ClientId; line: string }
  /** What is sent is lost: both ways (the default), or only what goes to the link's `to`, or to its `from`. */
  | { kind: "cutLink"; link: LinkId; way?: Cut }
  /** Ends a cut and a stall: connections that lost bytes are reset. */
  | { kind: "healLink"; link: LinkId }
  /** Nothing arrives and nothing is lost, until the link is healed. */
  | { kind: "stallLink"; link: LinkId }
  /** Every connection over the link is reset, now. */
  | { kind: "resetLink"; link: LinkId }
  /** Each packet takes up to `jitterUs` longer than `latencyUs`. */
  | { kind: "setLatency"; link: LinkId; latencyUs: number; jitterUs?: number }
  /**
   * What becomes of what was written and not synced: `kept` when only the process is killed, `lost` when the machine
   * loses power, `torn` when the disk had begun to write it. Peers of a machine without power are told nothing.
   */
  | { kind: "crash"; node: NodeId; disk: "kept" | "lost" | "torn" }
  /** Starts a node that is down from what its disk holds, with the settings of its beginning or of CONFIG REWRITE. */
  | { kind: "restart"; node: NodeId }
  /** The process stands still, as after SIGSTOP. */
  | { kind: "pause"; node: NodeId }
  | { kind: "resume"; node: NodeId }
  /** REPLICAOF NO ONE, said by an operator; a restart does not undo it. */
  | { kind: "promote"; node: NodeId }
  /** REPLICAOF another node, likewise. */
  | { kind: "attach"; node: NodeId; to: NodeId }
  /** The node's wall clock jumps, back if negative. */
  | { kind: "shiftClock"; node: NodeId; byMs: number }
  /** Nothing can be appended to a full disk. */
  | { kind: "setDisk"; node: NodeId; full: boolean }
  /** Puts a file on the node's disk, say a dump.rdb before a restart. */
  | { kind: "dropFile"; node: NodeId; name: string; bytes: Uint8Array };

export type Cut = "both" | "to" | "from";

export interface View {
  nowUs: number;
  /** Wall clock of the virtual world, in milliseconds since 1970. */
  wallMs: number;
  /** When the next thing happens by itself; null when nothing is scheduled. */
  nextUs: number | null;
  nodes: NodeView[];
  links: LinkView[];
  packets: PacketView[];
  clients: ClientView[];
}

export interface NodeView {
  id: NodeId;
  /** "10.0.0.1:6379": unique in the world, and what INFO and ROLE print. */
  address: string;
  /** False once it was shut down or has crashed: nothing listens there any more. */
  up: boolean;
  /** Down by a crash. */
  crashed: boolean;
  /** Its process stands still. */
  paused: boolean;
  /** How far its wall clock is ahead of the world's. */
  clockShiftMs: number;
  diskFull: boolean;
  role: "master" | "replica";
  /** Of a replica: its master's address as configured. */
  master: string | null;
  /** Of a replica: where its link to the master stands, in Redis's words. */
  masterLink: "connect" | "connecting" | "handshake" | "sync" | "connected" | null;
  replid: string;
  replid2: string;
  /** master_repl_offset. */
  offset: number;
  backlog: { firstOffset: number; length: number; size: number } | null;
  /** Of a master: what it knows of each attached replica. */
  replicas: { address: string; state: "wait_bgsave" | "send_bulk" | "online"; ackOffset: number }[];
  keys: number;
  clients: number;
  blocked: number;
}

export interface LinkView {
  id: LinkId;
  from: NodeId;
  to: NodeId;
  latencyUs: number;
  /** A packet takes up to so much longer. */
  jitterUs: number;
  /** Which way what is sent is lost; null when none. */
  cut: Cut | null;
  /** Nothing arrives, and nothing is lost. */
  stalled: boolean;
}

/** A file of a node's directory. */
export interface FileView {
  /** With its folder, if it is in one. */
  name: string;
  bytes: number;
  /** How many of the bytes would survive a loss of power. */
  synced: number;
}

/** Bytes on their way from one node to another. Client traffic is not shown as packets. */
export interface PacketView {
  id: PacketId;
  link: LinkId;
  from: NodeId;
  to: NodeId;
  sentUs: number;
  arrivesUs: number;
  bytes: number;
  kind: PacketKind;
  /** The shortest useful name: "PSYNC ? -1", "SET k v", "RDB 214 B", "ACK 1234". */
  label: string;
}

export type PacketKind = "handshake" | "sync" | "rdb" | "stream" | "ping" | "ack" | "connect" | "close";

/** One packet opened: every byte and what it says. Packets already delivered can still be opened for a while. */
export interface PacketDetail extends PacketView {
  /** The raw bytes; at most the first 4096. */
  raw: Uint8Array;
  truncated: boolean;
  /** Raw bytes cut into their RESP or RDB parts, in order and without gaps. */
  parts: { start: number; end: number; meaning: string }[];
  /** Why these bytes were sent, in one sentence. */
  why: string;
  /**
   * Replication offsets the packet covers, first byte to one past the last; null when it carries none of the stream.
   * Byte n of the stream is the one that makes `master_repl_offset` n.
   */
  offsets: { start: number; end: number } | null;
}

export interface ClientView {
  id: ClientId;
  node: NodeId;
  /** redis-cli's prompt: "10.0.0.1:6379> ", with "[db]" and "(TX)" as they apply. */
  prompt: string;
  /** A command was sent and its reply has not come, or a stream is shown: nothing can be sent. */
  waiting: boolean;
  /** The command whose messages come in by themselves: "MONITOR", "SYNC", "SUBSCRIBE". */
  streams: string | null;
  protocol: 2 | 3;
  /** The name of the command that blocks, e.g. "WAIT"; null when none does. */
  blockedOn: string | null;
}

/** What a terminal's prompt may say while a line is typed. */
export interface LineHint {
  /** The command's name, as documentation writes it; empty while there is none. */
  name: string;
  summary: string;
  /** Its arguments in the order of its syntax. */
  parts: { text: string; state: "done" | "current" | "ahead" }[];
  /** What can take the place of the last word. */
  completions: string[];
  /** More of these are on their way: a real server is asked for keys. */
  pending?: boolean;
}

/** One key of a node, as a list shows it. */
export interface KeyRow {
  db: number;
  /** At most 200 bytes of it as text, as is every text of a value. */
  name: string;
  /** Its bytes, at most 4096. */
  raw: Uint8Array;
  /** As TYPE names it. */
  type: string;
  /** As OBJECT ENCODING names it. */
  encoding: string;
  /** Milliseconds since 1970; null when it does not expire. */
  expireAtMs: number | null;
  /** What MEMORY USAGE says. */
  bytes: number;
  /** Bytes of a string, elements of anything else. */
  length: number;
}

/** A stretch of the keys of a node, by database and name. */
export interface KeyPage {
  /** Keys that match, of which the rows begin at `from`. */
  total: number;
  from: number;
  /** A key that has gone since the keys were put in order is null. */
  rows: (KeyRow | null)[];
}

/** A key with its value from the element (of a string: the byte) `from` on. */
export interface KeyView extends KeyRow {
  from: number;
  value: ValueView;
}

export type ValueView =
  /** A stretch of the bytes; the registers, if they are a HyperLogLog's. */
  | { kind: "text"; raw: Uint8Array; registers: Uint8Array | null }
  /**
   * A stretch of the elements. Only fields of a hash and members of a sorted set have a value: theirs, or the score.
   * Where every score may be a place's, the places they stand for.
   */
  | { kind: "items"; items: Item[]; points: Point[] | null }
  | StreamView;

/** In degrees. */
export interface Point {
  longitude: number;
  latitude: number;
}

export interface Item {
  name: string;
  value: string | null;
}

export interface StreamView {
  kind: "stream";
  /** The newest entries, the oldest of them first. */
  entries: { id: string; fields: Item[] }[];
  /** The tree's nodes, each by the id of its first entry. */
  nodes: { id: string; bytes: number | null }[];
  /** How many nodes there are, of a server that does not tell which entries each of them holds. */
  nodeCount?: number | undefined;
  lastId: string;
  groups: GroupView[];
}

export interface GroupView {
  name: string;
  /** The last entry delivered to a consumer that asked for new ones. */
  lastId: string;
  /** Entries still to be delivered; null when that is not known. */
  lag: number | null;
  pendingCount: number;
  pending: { id: string; consumer: string; deliveredMs: number; deliveries: number }[];
  consumers: { name: string; seenMs: number; pending: number }[];
}

/** A connection: its line of CLIENT LIST, and the command (and keys) it waits for. */
export interface ConnectionView {
  line: string;
  waitsFor: string | null;
}

/** A setting as CONFIG GET shows it, and its value where nothing was set, if that is known. `fixed`: CONFIG SET cannot change it. */
export interface SettingView {
  name: string;
  value: string;
  usual: string | null;
  fixed: boolean;
}

/** What a stretch of a file's bytes is. One inside another comes after it and has a higher level. */
export interface ByteSpan {
  start: number;
  end: number;
  level: number;
  kind: "opcode" | "length" | "encoding" | "key" | "value" | "fact" | "checksum" | "group" | "damaged";
  text: string;
}

/** A stretch of a file's records, and what is wrong with the file. */
export interface RecordPage {
  total: number;
  /** Of the file. */
  bytes: number;
  from: number;
  rows: { start: number; end: number; title: string; damaged: boolean }[];
  fault: { record: number; text: string } | null;
}

export interface RecordView {
  index: number;
  start: number;
  end: number;
  title: string;
  spans: ByteSpan[];
}

export interface ByteWindow {
  from: number;
  raw: Uint8Array;
  spans: ByteSpan[];
}

/** What can be asked of a node without doing anything to it: each question by its name, and its answer. */
export interface Looks {
  keys: { asks: { node: NodeId; pattern: string; from: number; count: number; fresh: boolean }; answer: KeyPage };
  value: { asks: { node: NodeId; db: number; key: Uint8Array; from: number }; answer: KeyView | null };
  connections: { asks: { node: NodeId }; answer: ConnectionView[] };
  settings: { asks: { node: NodeId }; answer: SettingView[] | null };
  files: { asks: { node: NodeId }; answer: FileView[] };
  file: { asks: { node: NodeId; file: string; offset: number; length: number }; answer: Uint8Array | null };
  records: { asks: { node: NodeId; file: string; from: number; count: number; fresh: boolean }; answer: RecordPage | null };
  window: { asks: { node: NodeId; file: string; from: number; count: number }; answer: ByteWindow | null };
  record: { asks: { node: NodeId; file: string; at: number }; answer: RecordView | null };
}

/** Something that happened, in order. `reply` and `push` are for a terminal; the rest is for the log. */
export type WorldEvent =
  | { atUs: number; kind: "reply"; client: ClientId; text: string; isError: boolean; elapsedUs: number }
  | { atUs: number; kind: "push"; client: ClientId; text: string }
  | { atUs: number; kind: "disconnected"; client: ClientId; reason: string }
  /** What went over a client's connection: at most the first 1024 bytes of so many. */
  | { atUs: number; kind: "wire"; client: ClientId; sent: boolean; raw: Uint8Array; bytes: number }
  | { atUs: number; kind: "log"; node: NodeId; level: "debug" | "verbose" | "notice" | "warning"; text: string }
  | { atUs: number; kind: "packet"; packet: PacketView; fate: "sent" | "delivered" | "lost" }
  | { atUs: number; kind: "command"; node: NodeId; source: "client" | "replica" | "master"; text: string }
  | { atUs: number; kind: "link"; link: LinkId; change: LinkChange }
  | { atUs: number; kind: "node"; node: NodeId; change: NodeChange }
  | { atUs: number; kind: "role"; node: NodeId; role: "master" | "replica" }
  | { atUs: number; kind: "expired"; node: NodeId; key: string };

export type LinkChange = "cut" | "healed" | "latency" | "stalled" | "reset";
export type NodeChange = "crashed" | "restarted" | "paused" | "resumed" | "clockShifted" | "diskFull" | "diskFree";

/** What one frame of the page asks for and gets. */
export interface Frame {
  view: View;
  events: WorldEvent[];
}

/** The wasm class `World`, as JavaScript sees it. */
export interface World {
  apply(input: Input): void;
  /** Runs until virtual time `untilUs` or until `maxEvents` events were handled, whichever comes first. */
  runUntil(untilUs: number, maxEvents: number): void;
  /** Handles the next scheduled event, whenever it is. */
  step(): void;
  frame(): Frame;
  /** Forgets what has happened since the last frame. */
  forget(): void;
  nowUs(): number;
  /** When the next thing happens by itself; undefined when nothing is to come. */
  nextUs(): number | undefined;
  /** Fails as a bug in the engine would, for tests of what the page does then. */
  trap(): void;
  packet(id: PacketId): PacketDetail | null;
  /** Keys of a node whose names match: a pattern as KEYS takes it, or a part of the name. Unless `fresh`, in the order of the last question. */
  keys(node: NodeId, pattern: string, from: number, count: number, fresh: boolean): KeyPage;
  value(node: NodeId, db: number, key: Uint8Array, from: number): KeyView | null;
  connections(node: NodeId): ConnectionView[];
  settings(node: NodeId): SettingView[] | null;
  files(node: NodeId): FileView[];
  /** A piece of a file, as much of it as there is; null when there is no such file. */
  file(node: NodeId, name: string, offset: number, length: number): Uint8Array | null;
  /** Records of a file; unless `fresh`, as they were when it was looked into last. */
  records(node: NodeId, name: string, from: number, count: number, fresh: boolean): RecordPage | null;
  window(node: NodeId, name: string, from: number, count: number): ByteWindow | null;
  /** The record that a byte belongs to. */
  record(node: NodeId, name: string, at: number): RecordView | null;
  /** The script (`core/src/sim/script.rs`) that makes this world again, up to now; undefined after more than a million inputs. */
  script(): string | undefined;
  /** Changes nothing. */
  hint(client: ClientId, line: string): LineHint;
  /** Hex digest of everything that happened so far: equal for the same seed and inputs, natively and here. */
  digest(): string;
  free(): void;
}

/** redis-cli at its prompt for a server elsewhere: what to send, and what to print of what comes. */
export interface Prompt {
  /** The connection is open, or it is gone. */
  connected(isOpen: boolean): void;
  /** Takes a typed line: whether it asks for the connection to be closed. */
  type(line: string): boolean;
  /** The next request, when one may be sent now. */
  request(): Uint8Array | undefined;
  feed(bytes: Uint8Array): void;
  /** The next thing to print. Throws when the bytes are no reply. */
  output(): Extract<WorldEvent, { kind: "reply" | "push" }> | undefined;
  view(): ClientView;
  hint(line: string): LineHint;
  /** What is typed of a key, where one can stand. */
  partial(line: string): Uint8Array | undefined;
  free(): void;
}

export type MakePrompt = (address: string) => Prompt;

/**
 * What came of the world of one seed, which the engine's `tryClaim(claim, seed, nodes, commands, plays)` plays: some
 * hundredths of a second for a hundred commands. `claims()` names the claims; only `acknowledged-is-kept` is one that
 * nobody promises. A script that breaks a claim is made smaller within `plays` plays.
 */
export interface Trial {
  digest: string;
  failure: { text: string; atUs: number; script: string } | null;
}
