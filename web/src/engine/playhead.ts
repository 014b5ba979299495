/**
 * A world that follows a script: it stands at a moment, and goes forward from it.
 *
 * Invariant: a playhead that got to a moment, in whatever steps, is the same
 * world, byte for byte, as every other at that moment.
 */

import type { Moment, Script, ScriptEntry } from "./moment.ts";
import type { World } from "./types.ts";

/** Events handled before real time is looked at: a millisecond's work or two. */
const PIECE_EVENTS = 200;

export class Playhead {
  readonly world: World;
  #entries = 0;
  #atUs = 0;

  constructor(world: World) {
    this.world = world;
  }

  get at(): Moment {
    return { entries: this.#entries, atUs: this.#atUs };
  }

  apply(entry: ScriptEntry): void {
    if ("input" in entry) this.world.apply(entry.input);
    else this.world.step();
    this.#entries += 1;
    this.#atUs = this.world.nowUs();
  }

  /**
   * Goes a piece of the way to a later moment: one entry, or a stretch of time. Returns that entry, true after
   * time, false when there is nothing to do: the moment is reached. What is about to be done is told before.
   */
  advance(script: Script, to: Moment, before: () => void = () => {}): ScriptEntry | boolean {
    const next = this.#entries < to.entries ? script[this.#entries] : undefined;
    // The engine's time is whole.
    const untilUs = Math.floor(Math.min(next?.atUs ?? Infinity, to.atUs));
    if (untilUs > this.#atUs) {
      this.#run(untilUs);
      return true;
    }
    // A step may lead beyond: then the time until there is empty.
    if (next && next.atUs <= this.#atUs && !("step" in next && (this.world.nextUs() ?? Infinity) > to.atUs)) {
      before();
      this.apply(next);
      return next;
    }
    const restUs = Math.floor(to.atUs);
    if (restUs <= this.#atUs) return false;
    this.#run(restUs);
    return true;
  }

  #run(untilUs: number): void {
    this.world.runUntil(untilUs, PIECE_EVENTS);
    this.#atUs = this.world.nowUs();
  }
}
