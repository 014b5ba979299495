/** A Redis in this program: `const r = await Redarium.open()`. No socket, no process, no configuration. */

import { Connection, type MessageListener } from "./connection.ts";
import { ioredisConnector, nodeRedisSocket, type IoredisConnector, type NodeRedisSocket } from "./connectors.ts";
import { openDuplex, type InProcessSocket } from "./duplex.ts";
import { Host } from "./host.ts";
import { loadModule, type EngineSource, type Loaded } from "./module.ts";
import { storeFor, type SnapshotStore } from "./storage.ts";
import type { Arg, Reply, ReplyOf } from "./types.ts";

export interface OpenOptions {
  /** Keep the data: a file under Node, a name in IndexedDB elsewhere, or anything that keeps a snapshot. */
  persist?: string | URL | SnapshotStore;
  /** How long after a change it is kept, in milliseconds; 0 for only at `save` and `close`. */
  persistAfterMs?: number;
  /** Told when the data could not be kept; else it is printed. */
  onPersistError?: (error: Error) => void;
  /** A dump file to begin with, as `snapshot` gives it or Redis writes it. */
  snapshot?: Uint8Array;
  /** Settings, as CONFIG SET takes them. */
  config?: Readonly<Record<string, string | number>>;
  /** Where randomness comes from; without it, different each time. */
  seed?: number;
  /** The WebAssembly file, or what has been made of it, if it is not beside this script. */
  engine?: EngineSource;
}

/** A master and its replicas. */
export interface Fleet {
  readonly master: Redarium;
  readonly replicas: readonly Redarium[];
  /** Closes the replicas. */
  close(): Promise<void>;
}

/** Nodes of one program find each other here. */
const nodes = new Map<string, Host>();
let nextPort = 6379;

export class Redarium {
  readonly #loaded: Loaded;
  readonly #store: SnapshotStore | null;
  readonly #options: OpenOptions;
  #host: Host;
  #own: Connection;
  #keptChanges = 0;
  #keepTimer: ReturnType<typeof setTimeout> | null = null;
  #keeping: Promise<void> = Promise.resolve();
  #closed = false;

  static async open(options: OpenOptions = {}): Promise<Redarium> {
    const loaded = await loadModule(options.engine);
    const { persist } = options;
    const store = persist === undefined ? null : typeof persist === "string" || persist instanceof URL ? storeFor(persist) : persist;
    const snapshot = options.snapshot ?? (await store?.load()) ?? null;
    const r = new Redarium(loaded, options, store, snapshot, null);
    try {
      for (const [name, value] of Object.entries(options.config ?? {})) await r.call("CONFIG", "SET", name, value);
    } catch (error) {
      r.#abandon();
      throw error;
    }
    return r;
  }

  private constructor(loaded: Loaded, options: OpenOptions, store: SnapshotStore | null, snapshot: Uint8Array | null, master: string | null) {
    this.#loaded = loaded;
    this.#options = options;
    this.#store = store;
    const address = `127.0.0.1:${nextPort++}`;
    this.#host = this.#start(address, snapshot, master);
    this.#own = new Connection(this.#host);
  }

  /** Runs a command. Rejects with a `RedisError` when that is the answer. */
  call<Name extends string>(name: Name, ...args: Arg[]): Promise<ReplyOf<Name>> {
    return this.#own.call(name, ...args);
  }

  /** Runs commands one after the other, and resolves with all their replies, errors among them. */
  pipeline(commands: readonly (readonly [string, ...Arg[]])[]): Promise<Reply[]> {
    return this.#own.pipeline(commands);
  }

  /** Runs commands as one, between MULTI and EXEC. */
  transaction(commands: readonly (readonly [string, ...Arg[]])[]): Promise<Reply[] | null> {
    return this.#own.transaction(commands);
  }

  subscribe(channels: string | readonly string[], listener: MessageListener): Promise<() => Promise<void>> {
    return this.#own.subscribe(channels, listener);
  }

  psubscribe(patterns: string | readonly string[], listener: MessageListener): Promise<() => Promise<void>> {
    return this.#own.psubscribe(patterns, listener);
  }

  /** Another client: its commands that wait hold up nobody else's. */
  connect({ bytes = false }: { bytes?: boolean } = {}): Connection {
    return new Connection(this.#host, bytes);
  }

  /** A connection as a stream of Node's. */
  duplex(): InProcessSocket {
    return openDuplex(this.#host);
  }

  /** For ioredis: `new Redis({ Connector: r.ioredisConnector() })`. */
  ioredisConnector(): new (options?: unknown) => IoredisConnector {
    return ioredisConnector(this.#host);
  }

  /** For node-redis: `createClient({ socket: r.nodeRedisSocket() })`. */
  nodeRedisSocket(): NodeRedisSocket {
    return nodeRedisSocket(this.#host);
  }

  /** Replicas of this node, in this program, once they have all its data. */
  async fleet({ replicas = 1 }: { replicas?: number } = {}): Promise<Fleet> {
    const made = Array.from({ length: replicas }, () => new Redarium(this.#loaded, {}, null, null, this.#host.address));
    const close = async () => void (await Promise.all(made.map((replica) => replica.close())));
    const isOnline = async () => ((await this.call("INFO", "replication")) as string).match(/state=online/g)?.length ?? 0;
    const untilMs = performance.now() + SYNC_MS_MAX;
    while ((await isOnline()) < replicas && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 1));
    return { master: this, replicas: made, close };
  }

  /** All data as a dump file, which any Redis reads. */
  snapshot(): Uint8Array {
    return this.#host.snapshot();
  }

  /** The data of a dump file takes the place of all there is. Other connections are closed. */
  restore(snapshot: Uint8Array): void {
    const { address } = this.#host;
    const before = this.#host;
    // It is made before the old one goes: what is no dump file changes nothing.
    const after = this.#start(address, snapshot, null);
    before.close();
    nodes.set(address, after);
    this.#host = after;
    this.#own = new Connection(after);
    this.#keptChanges = -1;
    this.#touched();
  }

  /** Keeps the data now. */
  save(): Promise<void> {
    const store = this.#store;
    if (!store) throw new Error("Nothing keeps this data: open it with `persist`.");
    const save = this.#keeping.then(async () => {
      if (this.#closed || this.#host.isClosed) return;
      const { changes } = this.#host;
      await store.save(this.#host.snapshot());
      this.#keptChanges = changes;
    });
    this.#keeping = save.catch(() => undefined);
    return save;
  }

  /** Keeps the data, if it is to be kept, and ends. */
  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#keepTimer !== null) clearTimeout(this.#keepTimer);
    try {
      if (this.#store && this.#host.changes !== this.#keptChanges) await this.save();
    } finally {
      this.#abandon();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #start(address: string, snapshot: Uint8Array | null, master: string | null): Host {
    const seed = this.#options.seed ?? Math.floor(Math.random() * 2 ** 48);
    const host = new Host(this.#loaded, { seed, address, master, directory: (other) => nodes.get(other), touched: () => this.#touched() });
    try {
      if (snapshot) host.restore(snapshot);
    } catch (error) {
      host.close();
      throw error;
    }
    nodes.set(address, host);
    return host;
  }

  #abandon(): void {
    this.#closed = true;
    nodes.delete(this.#host.address);
    this.#host.close();
  }

  /** Something ran; whether it changed anything is looked at later. */
  #touched(): void {
    if (!this.#store || this.#keepTimer !== null || this.#closed) return;
    const afterMs = this.#options.persistAfterMs ?? PERSIST_AFTER_MS;
    if (afterMs === 0) return;
    this.#keepTimer = setTimeout(() => {
      this.#keepTimer = null;
      if (this.#closed || this.#host.isClosed || this.#host.changes === this.#keptChanges) return;
      this.save().catch((error: Error) => (this.#options.onPersistError ?? console.error)(error));
    }, afterMs);
    (this.#keepTimer as { unref?: () => void }).unref?.();
  }
}

const PERSIST_AFTER_MS = 1000;
/** How long `fleet` waits for replicas to get in step. */
const SYNC_MS_MAX = 10_000;
