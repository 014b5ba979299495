/**
 * How real time becomes virtual time: a value and the functions that change it.
 *
 * Invariant: virtual time goes back and leaps only where somebody asked for that: a tab
 * that slept, or a world that could not keep up, loses real time, not virtual events.
 */

export interface Clock {
  readonly playing: boolean;
  /** Virtual seconds a real second. */
  readonly speed: number;
  /** The virtual time the page wants to have reached. */
  readonly virtualUs: number;
  /** The real time of the last tick; null when the next tick only sets it. */
  readonly tickedMs: number | null;
}

/** The longest real time one tick stands for: longer than any frame, shorter than a blink. */
const TICK_MS_MAX = 100;

export function newClock(speed: number): Clock {
  return { playing: true, speed, virtualUs: 0, tickedMs: null };
}

export function tick(clock: Clock, realMs: number): Clock {
  if (!clock.playing) return clock;
  const sinceMs = clock.tickedMs === null ? 0 : realMs - clock.tickedMs;
  const passedMs = Math.min(Math.max(sinceMs, 0), TICK_MS_MAX);
  return { ...clock, tickedMs: realMs, virtualUs: clock.virtualUs + passedMs * 1000 * clock.speed };
}

export function play(clock: Clock): Clock {
  return { ...clock, playing: true, tickedMs: null };
}

export function pause(clock: Clock): Clock {
  return { ...clock, playing: false, tickedMs: null };
}

export function withSpeed(clock: Clock, speed: number): Clock {
  return { ...clock, speed };
}

/** The world says where it is: ahead after a step, behind when it lags. A world merely on its way changes nothing. */
export function settle(clock: Clock, reachedUs: number, lagging: boolean): Clock {
  const waits = !clock.playing || lagging || reachedUs > clock.virtualUs;
  return waits ? { ...clock, virtualUs: reachedUs } : clock;
}

/** Somebody went to another time. */
export function leap(clock: Clock, virtualUs: number): Clock {
  return { ...clock, virtualUs };
}
