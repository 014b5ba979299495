/** Time travel on the real engine: wherever one comes from, a moment is the same moment. */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Host } from "../../src/engine/host.ts";
import { BEGINNING, effortOf, momentAt, momentOfEffort, type Moment, type Script } from "../../src/engine/moment.ts";
import type { FromWorker, News, ToWorker } from "../../src/engine/protocol.ts";
import { parseStory, storyText } from "../../src/engine/script-text.ts";
import type { Input, WorldEvent, WorldOptions } from "../../src/engine/types.ts";
import { makeWorld, play } from "../engine.ts";

const options: WorldOptions = { seed: 7, replicas: 3, latencyUs: 20_000 };

/** A host, the script that it recorded, and what it told. */
class Rig {
  readonly script: Script[number][] = [];
  readonly told: WorldEvent[] = [];
  at: Moment = BEGINNING;
  known: Moment = BEGINNING;
  #answer: FromWorker | null = null;
  readonly #host = new Host(makeWorld, (answer) => (this.#answer = answer));

  constructor(past: Script = [], to: Moment = BEGINNING, known: Moment = BEGINNING) {
    this.script.push(...past);
    this.send({ type: "start", options, script: past, to, known });
  }

  send(message: ToWorker): FromWorker & News {
    this.#host.handle(message);
    const answer = this.#answer;
    if (!answer || !("view" in answer)) throw new Error(`${message.type}: ${JSON.stringify(answer)}`);
    if (message.type === "input" || (message.type === "step" && answer.at.entries > this.script.length)) {
      this.script.length = answer.at.entries - 1;
      this.script.push(...answer.chapters.flatMap(({ entry }) => entry ?? []));
      this.known = answer.at;
    }
    this.at = answer.at;
    if (answer.at.atUs > this.known.atUs || answer.at.entries > this.known.entries) this.known = answer.at;
    this.told.push(...answer.chapters.flatMap(({ events }) => events));
    return answer;
  }

  input(input: Input): void {
    this.send({ type: "input", input });
  }

  runTo(untilUs: number): void {
    while (this.at.atUs < Math.floor(untilUs)) this.send({ type: "run", untilUs });
  }

  seek(to: Moment): FromWorker & News {
    return this.send({ type: "seek", to, turn: null });
  }

  tend(): void {
    while (this.#host.tend()) continue;
  }
}

/** What there is to see at a moment, of a world that came straight there. */
function straight(script: Script, { entries, atUs }: Moment): unknown {
  const world = play(storyText({ options, script: script.slice(0, entries), end: { entries, atUs } }));
  const { view } = world.frame();
  world.free();
  return view;
}

function busy(seconds: number, perSecond: number): Rig {
  const rig = new Rig();
  for (const node of [1, 2]) rig.input({ kind: "openClient", node });
  for (let n = 0; n < seconds * perSecond; n++) {
    rig.input({ kind: "type", client: 1, line: `SET key:${n % 50} ${n}` });
    if (n % 17 === 3) rig.input({ kind: n % 2 === 0 ? "cutLink" : "healLink", link: 2 });
    rig.runTo(((n + 1) * 1_000_000) / perSecond);
    rig.tend();
  }
  return rig;
}

test("every moment is the same, from wherever one comes", () => {
  const rig = busy(60, 4);
  for (const atUs of [59_000_000, 30_000_001, 30_000_000, 1_000_000, 45_123_456, 2, 59_999_999]) {
    const to = momentAt(rig.script, atUs);
    expect(rig.seek(to).view).toEqual(straight(rig.script, to));
    rig.tend();
  }
});

test("single steps are gone back to, and repeated", () => {
  const rig = busy(2, 2);
  rig.input({ kind: "type", client: 1, line: "INCR n" });
  const moments: Moment[] = [];
  for (let n = 0; n < 12; n++) moments.push(rig.send({ type: "step" }).at);
  rig.input({ kind: "type", client: 1, line: "INCR n" });
  for (const to of moments.toReversed()) expect(rig.seek(to).view).toEqual(straight(rig.script, to));
});

test("what the page knows is not told again, and what it does not is", () => {
  const rig = busy(10, 2);
  const told = rig.told.length;
  rig.seek(momentAt(rig.script, 3_000_000));
  rig.runTo(10_000_000);
  expect(rig.told).toHaveLength(told);
  rig.runTo(12_000_000);
  const straightOn = new Rig(rig.script, { entries: rig.script.length, atUs: 12_000_000 });
  expect(rig.told).toEqual(straightOn.told);
});

test("what is done in the past makes another future, byte for byte the one its script tells", () => {
  const rig = busy(20, 3);
  rig.tend();
  rig.seek(momentAt(rig.script, 9_500_000));
  rig.input({ kind: "type", client: 2, line: "PING" });
  rig.runTo(15_000_000);
  expect(rig.script.at(-1)).toEqual({ atUs: 9_500_000, input: { kind: "type", client: 2, line: "PING" } });
  expect(rig.seek(rig.at).view).toEqual(straight(rig.script, rig.at));
  rig.seek(momentAt(rig.script, 12_000_000));
  expect(rig.send({ type: "run", untilUs: 12_000_000 }).view).toEqual(straight(rig.script, momentAt(rig.script, 12_000_000)));
});

test.each([8_000_000, 12_000_000])("another script takes over where the two part, and goes on until %i", (endUs) => {
  const rig = busy(10, 2);
  const parting = { entries: 12, atUs: rig.script[12]?.atUs ?? 0 };
  const script: Script = [...rig.script.slice(0, 12), { atUs: parting.atUs + 100, input: { kind: "type", client: 1, line: "FLUSHALL" } }];
  const end = { entries: 13, atUs: endUs };
  const told = rig.send({ type: "seek", to: end, turn: { parting, entries: script.slice(12) } });
  expect(told.view).toEqual(straight(script, end));
  expect(told.chapters.flatMap(({ entry }) => entry ?? [])).toEqual(script.slice(12));
});

test("a script that lies ahead is done as time passes, no sooner", () => {
  const { script } = busy(10, 3);
  const rig = new Rig(script);
  for (let atUs = 37_037; atUs <= 9_000_000; atUs += 37_037) {
    rig.runTo(atUs);
    expect(rig.at).toEqual(momentAt(script, rig.at.atUs));
  }
  expect(rig.seek(rig.at).view).toEqual(straight(script, rig.at));
});

test("a script tells of the clients it opened", () => {
  const script: Script = [
    { atUs: 0, input: { kind: "openClient", node: 2 } },
    { atUs: 0, input: { kind: "openClient", node: 99 } },
    { atUs: 5, input: { kind: "openClient", node: 1 } },
  ];
  const rig = new Rig();
  const { chapters } = rig.send({ type: "seek", to: { entries: 3, atUs: 5 }, turn: { parting: BEGINNING, entries: script } });
  expect(chapters.flatMap(({ entry, opened }) => (entry ? [opened] : []))).toEqual([1, null, 2]);
});

test("going back a minute, in a fleet of four, takes a tenth of a second at most", () => {
  const rig = busy(600, 3);
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    const before = performance.now();
    rig.seek(momentAt(rig.script, rig.at.atUs - 60_000_000));
    times.push(performance.now() - before);
    rig.tend();
  }
  console.log(`back a minute: ${times.map((ms) => `${ms.toFixed(0)} ms`).join(", ")}`);
  // Half the machine may be others': the middle one counts.
  expect(times.sort((a, b) => a - b)[2]).toBeLessThan(100);
});

test("effort and moment are each other's inverse", () => {
  const script: Script = [100, 100, 2_000_000, 9_000_000].map((atUs) => ({ atUs, step: true }));
  for (const effort of [0, 1, 1.5, 2, 5.5, 8, 21, 30]) expect(effortOf(momentOfEffort(script, effort))).toBeLessThanOrEqual(effort);
});

const EVERYTHING = [
  "redarium-script 1", "seed 7", "chain 2", "latency 5000", "chunk 3", "config maxmemory 1mb", "config appendonly yes",
  "@0 open 1", '@0 type 1 SET k "a  b"', "@10 cut 1", "@10 cut 1 to", "@10 step", "@20 heal 1", "@30 latency 2 70", "@30 latency 2 70 9",
  "@30 interrupt 1", "@30 close 1", "@40 add-replica 1", "@40 add-node", "@41 stall 2", "@42 reset 2", "@43 crash 2 torn", "@44 restart 2", "@45 pause 1", "@46 resume 1",
  "@47 promote 2", "@48 attach 2 1", "@49 clock 1 -500", "@50 disk 1 full", "@51 disk 1 free", "@52 file 1 dump.rdb 00ff10", "@53 file 1 a b.rdb 00", "@54 file 1 empty ", "@60 end", "",
].join("\n");

test("a story is its text, and the engine reads the same in it", () => {
  const story = parseStory(EVERYTHING);
  expect(storyText(story)).toBe(EVERYTHING);
  const world = play(EVERYTHING);
  expect(world.script()).toBe(EVERYTHING);
});

const SCRIPTS = ["tests/scripts", "tests/scripts/found"].flatMap((folder) => {
  const url = new URL(`../../../${folder}/`, import.meta.url);
  return readdirSync(url).filter((name) => name.endsWith(".txt")).map((name) => [name, readFileSync(new URL(name, url), "utf8")] as const);
});

test.each(SCRIPTS)("what the engine's own tests play is read: %s", (_, text) => {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  expect(storyText(parseStory(text)).trimEnd().split("\n").sort()).toEqual(lines.sort());
});

test.each([
  ["", 'this is no script: its first line is not "redarium-script 1"'],
  ["redarium-script 2\n", 'this is no script: its first line is not "redarium-script 1"'],
  ["redarium-script 1\nseed x\n", "line 2 is not understood: seed x"],
  ["redarium-script 1\n# note\n\n@5 fly 1\n", "line 4 does nothing that is known: @5 fly 1"],
  ["redarium-script 1\n@5 cut 1 2\n", "line 2 does nothing that is known: @5 cut 1 2"],
  ["redarium-script 1\n@5 cut 1\n@4 cut 1\n", "line 3 goes back in time: @4 cut 1"],
])("a text that is no script is refused: %j", (text, message) => {
  expect(() => parseStory(text)).toThrow(message);
});
