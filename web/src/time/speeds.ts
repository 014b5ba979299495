/** The speeds on offer, and how they are said. */

export const SPEEDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100] as const;

/** Half speed: a packet between nodes 200 ms apart is on its way for 400 ms, long enough to be followed by eye. */
export const SPEED_DEFAULT = 0.5;

/** Where a packet takes two seconds to cross. */
export const SPEED_SLOW = 0.1;

export function speedText(speed: number): string {
  return `${speed}×`;
}

/** For a screen reader, which would read "0.5×" as a name. */
export function speedSpoken(speed: number): string {
  return speed === 1 ? "real time" : `${speed} times real time`;
}
