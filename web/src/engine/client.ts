/**
 * The page's side of the engine: owns the worker, remembers the script, and can
 * build the same world again in a new worker.
 *
 * Invariant: at most one `run` is out at a time, so a slow world never builds a
 * queue of frames; everything else is sent at once and answered in order.
 */

import type { FromWorker, Script, ScriptEntry, ToWorker } from "./protocol.ts";
import type { ClientId, Frame, Input, KeyView, LineHint, NodeId, PacketDetail, PacketId, WorldOptions } from "./types.ts";

/** The part of `Worker` that is used: tests give their own. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export interface EngineFailure {
  message: string;
  /** The input it failed on, which a rebuild leaves out; null when time alone was moving. */
  input: Input | null;
}

export interface EngineListener {
  /** `entry` is what was done, if this frame answers something done; `replayed` is true once after a rebuild. */
  onFrame(frame: Frame, about: { entry: ScriptEntry | null; lagging: boolean; replayed: boolean }): void;
  onKeys(node: NodeId, keys: readonly KeyView[]): void;
  onHint(client: ClientId, line: string, hint: LineHint): void;
  onFailure(failure: EngineFailure): void;
}

/** A run is some 10 ms of work. One that takes this long is in a loop, and only a new worker helps. */
const RUN_MS_MAX = 8000;

export class EngineClient {
  readonly #spawn: () => WorkerLike;
  readonly #listener: EngineListener;
  readonly #options: WorldOptions;
  #worker: WorkerLike;
  #script: ScriptEntry[] = [];
  /** When the run that is out was asked for, in real time. */
  #runSinceMs: number | null = null;
  /** Inputs sent and not answered, oldest first: the first is the culprit when the worker fails. */
  #inputsOut: Input[] = [];
  /** The node whose keys were asked for and have not come: more often would be in vain. */
  #keysOut: NodeId | null = null;
  #opens = new Map<PacketId, (detail: PacketDetail | null) => void>();

  constructor(spawn: () => WorkerLike, options: WorldOptions, listener: EngineListener) {
    this.#spawn = spawn;
    this.#options = options;
    this.#listener = listener;
    this.#worker = this.#start();
  }

  get script(): Script {
    return this.#script;
  }

  /** Asks for time to move, once a frame; while an earlier ask is not answered it only watches how long that takes. */
  run(untilUs: number, realMs: number): void {
    if (this.#runSinceMs === null) {
      this.#runSinceMs = realMs;
      this.#worker.postMessage({ type: "run", untilUs });
    } else if (realMs - this.#runSinceMs > RUN_MS_MAX) {
      this.#fail(`it has not answered for ${RUN_MS_MAX / 1000} seconds`);
    }
  }

  step(): void {
    this.#worker.postMessage({ type: "step" });
  }

  input(input: Input): void {
    this.#inputsOut.push(input);
    this.#worker.postMessage({ type: "input", input });
  }

  /** The bytes of a packet; null when the world no longer has them. */
  open(packet: PacketId): Promise<PacketDetail | null> {
    this.#opens.get(packet)?.(null);
    return new Promise((resolve) => {
      this.#opens.set(packet, resolve);
      this.#worker.postMessage({ type: "open", packet });
    });
  }

  /** Asks for a node's keys as they are now. */
  keys(node: NodeId): void {
    if (this.#keysOut === node) return;
    this.#keysOut = node;
    this.#worker.postMessage({ type: "keys", node });
  }

  /** Asks what the prompt may say of a line that is being typed. */
  hint(client: ClientId, line: string): void {
    this.#worker.postMessage({ type: "hint", client, line });
  }

  /** Throws the worker away and builds the same world in a new one. */
  rebuild(): void {
    this.dispose();
    this.#worker = this.#start();
  }

  dispose(): void {
    this.#worker.onmessage = null;
    this.#worker.onerror = null;
    this.#worker.terminate();
    this.#runSinceMs = null;
    this.#keysOut = null;
    this.#inputsOut = [];
    for (const resolve of this.#opens.values()) resolve(null);
    this.#opens.clear();
  }

  #start(): WorkerLike {
    const worker = this.#spawn();
    worker.onmessage = (event) => this.#receive(event.data);
    worker.onerror = (event) => this.#fail(event.message || "the worker stopped");
    worker.postMessage({ type: "start", options: this.#options, script: this.#script });
    return worker;
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "started":
        return this.#listener.onFrame(message.frame, { entry: null, lagging: false, replayed: this.#script.length > 0 });
      case "ran":
        this.#runSinceMs = null;
        return this.#listener.onFrame(message.frame, { entry: null, lagging: !message.reachedAll, replayed: false });
      case "done":
        this.#script.push(message.entry);
        if ("input" in message.entry) this.#inputsOut.shift();
        return this.#listener.onFrame(message.frame, { entry: message.entry, lagging: false, replayed: false });
      case "opened":
        this.#opens.get(message.packet)?.(message.detail);
        this.#opens.delete(message.packet);
        return;
      case "keys":
        if (this.#keysOut === message.node) this.#keysOut = null;
        return this.#listener.onKeys(message.node, message.keys);
      case "hint":
        return this.#listener.onHint(message.client, message.line, message.hint);
      case "failed":
        return this.#fail(message.message, message.during === "input");
    }
  }

  #fail(message: string, onInput = false): void {
    const input = onInput ? (this.#inputsOut[0] ?? null) : null;
    this.dispose();
    this.#listener.onFailure({ message, input });
  }
}
