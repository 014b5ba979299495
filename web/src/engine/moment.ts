/**
 * Places in a world's history. A world is its options and its script, so a place
 * in it is how much of the script was done, and what time it is.
 */

import type { Input } from "./types.ts";

/** Something done to a world, with the virtual time at which it was done. */
export type ScriptEntry = { atUs: number; input: Input } | { atUs: number; step: true };
export type Script = readonly ScriptEntry[];

export interface Moment {
  /** How many entries of the script were done. */
  readonly entries: number;
  readonly atUs: number;
}

export const BEGINNING: Moment = { entries: 0, atUs: 0 };

/** Whether `moment` is no later than `limit`. What happens at one instant follows what was done at it. */
export function isUntil(moment: Moment, limit: Moment): boolean {
  return moment.entries <= limit.entries && moment.atUs <= limit.atUs;
}

/** Of two moments of one script. */
export function laterOf(a: Moment, b: Moment): Moment {
  return { entries: Math.max(a.entries, b.entries), atUs: Math.max(a.atUs, b.atUs) };
}

export function earlierOf(a: Moment, b: Moment): Moment {
  return { entries: Math.min(a.entries, b.entries), atUs: Math.min(a.atUs, b.atUs) };
}

/** The moment at which a script stands at a time: all that was done until then is done. */
export function momentAt(script: Script, atUs: number): Moment {
  return { entries: countUntil(script.length, (index) => (script[index]?.atUs ?? 0) <= atUs), atUs };
}

/**
 * What it takes to get to a moment by doing everything again, in entries: half a
 * second in which heartbeats alone go on costs about as much as one.
 */
export function effortOf({ entries, atUs }: Moment): number {
  return entries + atUs / IDLE_US;
}

/** The moment of a script up to which so much effort is needed. */
export function momentOfEffort(script: Script, effort: number): Moment {
  const entries = countUntil(script.length, (index) => index + 1 + (script[index]?.atUs ?? 0) / IDLE_US <= effort);
  const atUs = Math.floor(Math.max(0, effort - entries) * IDLE_US);
  return { entries, atUs: Math.max(script[entries - 1]?.atUs ?? 0, Math.min(atUs, (script[entries]?.atUs ?? Infinity) - 1)) };
}

/** The moment at which two scripts part: until there, both tell the same. */
export function partingOf(a: Script, b: Script): Moment {
  const differs = a.findIndex((entry, index) => entry !== b[index]);
  const entries = differs < 0 ? a.length : differs;
  return { entries, atUs: Math.min(a[entries]?.atUs ?? Infinity, b[entries]?.atUs ?? Infinity) };
}

const IDLE_US = 500_000;

/** Of `length` indices that meet a condition up to one of them: how many do. */
function countUntil(length: number, meets: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (meets(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
