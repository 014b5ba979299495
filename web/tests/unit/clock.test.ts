import { expect, test } from "vitest";
import { newClock, pause, play, settle, tick, withSpeed, type Clock } from "../../src/time/clock.ts";

/** Ticks at these real times, and says what virtual time came of it. */
function after(clock: Clock, ...realMs: number[]): number {
  return realMs.reduce(tick, clock).virtualUs;
}

test.each([
  { name: "the first tick only sets the clock", clock: newClock(1), at: [5000], us: 0 },
  { name: "real time", clock: newClock(1), at: [0, 16, 32], us: 32_000 },
  { name: "slow motion", clock: newClock(0.01), at: [0, 50], us: 500 },
  { name: "a hundredfold", clock: newClock(100), at: [0, 10], us: 1_000_000 },
  { name: "a tab that slept loses the time", clock: newClock(1), at: [0, 60_000], us: 100_000 },
  { name: "real time that goes back counts nothing", clock: newClock(1), at: [50, 20], us: 0 },
  { name: "paused", clock: pause(newClock(1)), at: [0, 50], us: 0 },
])("$name", ({ clock, at, us }) => {
  expect(after(clock, ...at)).toBe(us);
});

test("a pause is not caught up", () => {
  const ran = [0, 50].reduce(tick, newClock(1));
  const resumed = play([100, 9000].reduce(tick, pause(ran)));
  expect(after(resumed, 9000, 9010)).toBe(60_000);
});

test("a change of speed keeps the time reached", () => {
  const ran = [0, 50].reduce(tick, newClock(1));
  expect(after(withSpeed(ran, 0.1), 60)).toBe(51_000);
});

test.each([
  { name: "on its way", clock: { ...newClock(1), virtualUs: 900 }, reached: 500, lagging: false, us: 900 },
  { name: "lagging", clock: { ...newClock(1), virtualUs: 900 }, reached: 500, lagging: true, us: 500 },
  { name: "ahead after a step", clock: { ...pause(newClock(1)), virtualUs: 900 }, reached: 1200, lagging: false, us: 1200 },
  { name: "paused before it got there", clock: { ...pause(newClock(1)), virtualUs: 900 }, reached: 500, lagging: false, us: 500 },
])("settles with a world that is $name", ({ clock, reached, lagging, us }) => {
  expect(settle(clock, reached, lagging).virtualUs).toBe(us);
});
