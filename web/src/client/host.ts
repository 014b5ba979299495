/**
 * One node and those who talk with it, in this thread: moves bytes between its memory and
 * its connections, and wakes it when it wants to be.
 *
 * Invariant: no byte waits. Whatever a call into the engine has caused, for whichever
 * connection, is handed on before that call returns to who made it.
 */

import type { Engine } from "../engine/pkg/engine.js";
import type { Loaded } from "./module.ts";

/** The other end of a connection. */
export interface Peer {
  /** Bytes of the engine's memory: what is to be kept has to be copied. */
  receive(bytes: Uint8Array): void;
  /** The node has closed the connection. */
  closed(): void;
}

/** Finds who listens at an address, for nodes that talk with each other. */
export type Directory = (address: string) => Host | undefined;

export interface HostOptions {
  seed: number;
  address: string;
  master: string | null;
  directory: Directory;
  /** Told, once for many, that data may have changed. */
  touched: () => void;
}

export class Host {
  readonly address: string;
  readonly #memory: WebAssembly.Memory;
  readonly #engine: Engine;
  readonly #peers = new Map<number, Peer>();
  readonly #options: HostOptions;
  #view: Uint8Array;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #timerUs = Infinity;
  #pumping = false;
  /** Who waits for something that only time brings. */
  #waiting = 0;
  #closed = false;
  #peersOpened = 0;

  constructor({ Engine, memory }: Loaded, options: HostOptions) {
    this.address = options.address;
    this.#options = options;
    this.#memory = memory;
    this.#engine = new Engine(options.seed, options.address, options.master ?? "", now(), Date.now());
    this.#view = new Uint8Array(memory.buffer);
    // Its first dials are looked up once everybody is there.
    queueMicrotask(() => this.#settle());
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get changes(): number {
    return this.#engine.changes();
  }

  connect(peer: Peer): number {
    this.#live();
    this.#peersOpened += 1;
    const slot = this.#engine.open(`127.0.0.1:${32768 + (this.#peersOpened % 28000)}`, now(), Date.now());
    this.#peers.set(slot, peer);
    this.#settle();
    return slot;
  }

  /** Sends what `write` puts into the memory handed to it, of which it returns the end. */
  send(slot: number, room: number, write: (memory: Uint8Array, at: number) => number): void {
    const peer = this.#peers.get(slot);
    if (!peer) return;
    const at = this.#engine.input(room) >>> 0;
    const len = write(this.#bytes(), at) - at;
    const got = this.#engine.feed(slot, len, now(), Date.now());
    if (got > 0) this.#deliver(peer, got);
    this.#settle();
  }

  sendBytes(slot: number, bytes: Uint8Array): void {
    this.send(slot, bytes.length, (memory, at) => {
      memory.set(bytes, at);
      return at + bytes.length;
    });
  }

  /** The peer goes. */
  disconnect(slot: number): void {
    if (!this.#peers.delete(slot) || this.#closed) return;
    this.#engine.close(slot, now(), Date.now());
    this.#settle();
  }

  /** Somebody waits (1), or no longer does (-1): under Node, a timer that somebody waits for keeps the program alive. */
  wait(change: 1 | -1): void {
    this.#waiting += change;
    this.#holdTimer();
  }

  snapshot(): Uint8Array {
    this.#live();
    return this.#engine.snapshot();
  }

  restore(dump: Uint8Array): void {
    this.#engine.restore(dump, now(), Date.now());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const peer of this.#peers.values()) peer.closed();
    this.#peers.clear();
    this.#engine.free();
  }

  #live(): void {
    if (this.#closed) throw new Error("This Redarium is closed.");
  }

  /** The memory; a new view of it when it has grown. */
  #bytes(): Uint8Array {
    if (this.#view.length === 0) this.#view = new Uint8Array(this.#memory.buffer);
    return this.#view;
  }

  #deliver(peer: Peer, length: number): void {
    const start = this.#engine.output() >>> 0;
    peer.receive(this.#bytes().subarray(start, start + length));
  }

  /** Hands on what the node has to say, does what it asks for, and notes when it wants to be woken. */
  #settle(): void {
    // A peer that answers at once comes back here; the outermost goes on until all is quiet.
    if (this.#closed || this.#pumping) return;
    this.#pumping = true;
    try {
      let next = this.#engine.nextUs();
      while (next === MORE) {
        this.#pump();
        if (this.#closed) return;
        next = this.#engine.nextUs();
      }
      this.#alarm(next);
    } finally {
      this.#pumping = false;
    }
    this.#options.touched();
  }

  #pump(): void {
    for (let slot = this.#engine.nextDirty(); slot !== undefined; slot = this.#engine.nextDirty()) {
      const peer = this.#peers.get(slot);
      const length = this.#engine.take(slot);
      if (peer && length > 0) this.#deliver(peer, length);
      if (this.#closed) return;
    }
    const effect = this.#engine.nextEffect();
    if (effect !== undefined) this.#perform(effect.split(" "));
  }

  #perform([kind, number, address = ""]: string[]): void {
    if (kind === "dial") {
      // Who is dialed gets a turn of its own, as over a network.
      queueMicrotask(() => this.#dial(Number(number), address));
    } else if (kind === "close") {
      const slot = Number(number);
      const peer = this.#peers.get(slot);
      this.#peers.delete(slot);
      this.#engine.close(slot, now(), Date.now());
      peer?.closed();
    } else {
      this.close();
    }
  }

  #dial(number: number, address: string): void {
    if (this.#closed) return;
    const other = this.#options.directory(address);
    if (!other || other.isClosed) {
      this.#engine.dialFailed(number, now(), Date.now());
    } else {
      const slot = this.#engine.dialed(number, now(), Date.now());
      if (slot !== undefined) new Wire(this, slot, other);
    }
    this.#settle();
  }

  /** Makes `peer` the other end of a connection that this node has dialed. */
  attach(slot: number, peer: Peer): void {
    this.#peers.set(slot, peer);
  }

  #alarm(nextUs: number): void {
    const dueUs = nextUs < 0 ? Infinity : nextUs;
    // A timer that comes too early only looks and waits on: rarer than a timer for each command.
    if (this.#timer !== null && this.#timerUs <= dueUs) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerUs = dueUs;
    if (dueUs === Infinity) return;
    const waitMs = Math.min(Math.max(0, (dueUs - now()) / 1000), TIMER_MS_MAX);
    this.#timer = setTimeout(() => this.#wake(), Math.ceil(waitMs));
    this.#holdTimer();
  }

  #holdTimer(): void {
    const timer = this.#timer as { ref?: () => void; unref?: () => void } | null;
    if (this.#waiting > 0) timer?.ref?.();
    else timer?.unref?.();
  }

  #wake(): void {
    this.#timer = null;
    this.#timerUs = Infinity;
    if (this.#closed) return;
    this.#engine.wake(now(), Date.now());
    this.#settle();
  }
}

/** A connection between two nodes of one program. Bytes pass a microtask later, so that neither is called from within its own turn. */
class Wire {
  readonly #ends: readonly [End, End];

  constructor(from: Host, slot: number, to: Host) {
    const near: End = { host: from, slot };
    const far: End = { host: to, slot: -1 };
    this.#ends = [near, far];
    from.attach(slot, this.#peer(far));
    far.slot = to.connect(this.#peer(near));
  }

  /** What one end says goes to the other. */
  #peer(other: End): Peer {
    return {
      receive: (bytes) => {
        const copy = bytes.slice();
        queueMicrotask(() => other.host.isClosed || other.host.sendBytes(other.slot, copy));
      },
      closed: () => queueMicrotask(() => this.#ends.forEach(({ host, slot }) => host.disconnect(slot))),
    };
  }
}

interface End {
  host: Host;
  slot: number;
}

/** Microseconds of a clock that never goes back. */
function now(): number {
  return performance.now() * 1000;
}

/** What `nextUs` says while there is more to hand on. */
const MORE = -2;
/** Timers hold 31 bits of milliseconds. */
const TIMER_MS_MAX = 2 ** 31 - 1;
