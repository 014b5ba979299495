/**
 * Worlds that follow the present one at growing distances, so that going back
 * never means doing everything again from the beginning: what happened is
 * walked through from the nearest of them, forward.
 *
 * Invariant: each of them stands at a moment of the present script.
 */

import { effortOf, isUntil, momentOfEffort, type Moment, type Script } from "./moment.ts";
import type { Playhead } from "./playhead.ts";

/** The nearest world's distance: what takes some ten milliseconds to walk. Each other is twice as far as the one before. */
const NEAREST = 80;
const FOLLOWERS_MAX = 10;
/** Worlds that stand where going back has left them. */
const SPARES_MAX = 4;

interface Follower {
  playhead: Playhead;
  /** It fell behind, and is on its way. */
  moving: boolean;
}

export class Trail {
  readonly #make: () => Playhead;
  #followers: (Follower | null)[] = Array.from({ length: FOLLOWERS_MAX }, () => null);
  #spares: Playhead[] = [];

  constructor(make: () => Playhead) {
    this.#make = make;
  }

  /** The world from which a moment is reached soonest, which is the caller's from now on. */
  take(to: Moment): Playhead {
    // Strictly earlier: at its own instant a world may have gone on where the script was to be followed.
    const before = this.#all().filter(({ at }) => at.atUs < to.atUs && at.entries <= to.entries);
    const nearest = before.reduce<Playhead | null>((best, one) => (best && effortOf(best.at) >= effortOf(one.at) ? best : one), null);
    if (nearest) this.#remove(nearest);
    return nearest ?? this.#make();
  }

  /** Takes over a world that is no longer the present one. */
  give(playhead: Playhead): void {
    this.#spares.push(playhead);
    if (this.#spares.length > SPARES_MAX) this.#spares.shift()?.world.free();
  }

  /** The script is another from a moment on: what stands beyond it is of the past one. */
  forgetBeyond(moment: Moment): void {
    for (const playhead of this.#all()) {
      if (isUntil(playhead.at, moment)) continue;
      this.#remove(playhead);
      playhead.world.free();
    }
  }

  /** Does a piece of the work of keeping the distances; false when there is none. */
  tend(script: Script, present: Moment): boolean {
    const effort = effortOf(present);
    for (let index = 0; index < FOLLOWERS_MAX; index++) {
      const distance = NEAREST * 2 ** index;
      if (distance * 2 >= effort) return false;
      if (this.#tend(index, script, effort, distance)) return true;
    }
    return false;
  }

  dispose(): void {
    for (const { world } of this.#all()) world.free();
    this.#followers.fill(null);
    this.#spares = [];
  }

  #tend(index: number, script: Script, effort: number, distance: number): boolean {
    const follower = (this.#followers[index] ??= { playhead: this.#make(), moving: true });
    const { playhead } = follower;
    const behind = effort - effortOf(playhead.at);
    if (behind < distance / 2) {
      // Time went back to it, or beyond.
      this.#followers[index] = null;
      this.give(playhead);
      return true;
    }
    follower.moving ||= behind > distance * 2;
    if (!follower.moving) return false;
    follower.moving = behind > distance && playhead.advance(script, momentOfEffort(script, effort - distance)) !== false;
    playhead.world.forget();
    return follower.moving;
  }

  #all(): Playhead[] {
    return [...this.#followers.flatMap((follower) => follower?.playhead ?? []), ...this.#spares];
  }

  #remove(playhead: Playhead): void {
    this.#followers = this.#followers.map((follower) => (follower?.playhead === playhead ? null : follower));
    this.#spares = this.#spares.filter((spare) => spare !== playhead);
  }
}
