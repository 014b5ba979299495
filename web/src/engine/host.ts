/**
 * Runs one world for the page: the worker's inside, without the worker, so that
 * tests can drive it directly.
 *
 * Invariant: replaying `(options, script)` through `start` gives the same world
 * as the messages that recorded the script, byte for byte. For that, time never
 * moves as a side effect: only `run` and `step` move it.
 */

import type { FromWorker, Script, ScriptEntry, ToWorker } from "./protocol.ts";
import type { Frame, World, WorldOptions } from "./types.ts";

export type MakeWorld = (options: WorldOptions) => World;

/** Events handled in one message: about 10 ms of work, so that a pause is never far away. */
const RUN_EVENTS_MAX = 20_000;

export class Host {
  readonly #make: MakeWorld;
  readonly #post: (message: FromWorker) => void;
  #world: World | null = null;
  #nowUs = 0;

  constructor(make: MakeWorld, post: (message: FromWorker) => void) {
    this.#make = make;
    this.#post = post;
  }

  handle(message: ToWorker): void {
    try {
      this.#post(this.#answer(message));
    } catch (error) {
      this.#world = null;
      this.#post({ type: "failed", during: message.type, message: describe(error) });
    }
  }

  #answer(message: ToWorker): FromWorker {
    switch (message.type) {
      case "start":
        return { type: "started", frame: this.#start(message.options, message.script) };
      case "run": {
        this.#run(message.untilUs);
        const frame = this.#frame();
        return { type: "ran", frame, reachedAll: this.#nowUs >= message.untilUs };
      }
      case "step":
        return this.#record({ atUs: this.#nowUs, step: true });
      case "input":
        return this.#record({ atUs: this.#nowUs, input: message.input });
      case "open":
        return { type: "opened", packet: message.packet, detail: this.#live().packet(message.packet) };
      case "keys":
        return { type: "keys", node: message.node, keys: this.#live().keys(message.node) };
      case "hint":
        return { type: "hint", client: message.client, line: message.line, hint: this.#live().hint(message.client, message.line) };
    }
  }

  #start(options: WorldOptions, script: Script): Frame {
    this.#world?.free();
    this.#world = this.#make(options);
    this.#nowUs = 0;
    for (const entry of script) {
      while (this.#nowUs < entry.atUs) {
        this.#run(entry.atUs);
        this.#frame();
      }
      this.#apply(entry);
      // Draining as it goes keeps a long script's events from piling up; the page already has them.
      this.#frame();
    }
    return this.#frame();
  }

  #run(untilUs: number): void {
    if (untilUs > this.#nowUs) this.#live().runUntil(untilUs, RUN_EVENTS_MAX);
  }

  #record(entry: ScriptEntry): FromWorker {
    this.#apply(entry);
    return { type: "done", frame: this.#frame(), entry };
  }

  #apply(entry: ScriptEntry): void {
    if ("input" in entry) this.#live().apply(entry.input);
    else this.#live().step();
  }

  #frame(): Frame {
    const frame = this.#live().frame();
    this.#nowUs = frame.view.nowUs;
    return frame;
  }

  #live(): World {
    if (!this.#world) throw new Error("there is no world");
    return this.#world;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
