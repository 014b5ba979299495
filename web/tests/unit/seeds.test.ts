/** Finding a seed: every claim has words, a search finds and ends, and what it finds is told. */

import { expect, test } from "vitest";
import { claims, tryClaim } from "../../src/engine/pkg/engine.js";
import type { Tried, Try } from "../../src/engine/protocol.ts";
import { BELIEVED, PROMISED } from "../../src/seeds/claims.ts";
import { findSeed, type SeedWorker } from "../../src/seeds/search.ts";
import { sentenceOf, taleOf } from "../../src/seeds/tale.ts";
import "../engine.ts";

/** A worker that answers at once, unless it is to be slow. */
class Inline implements SeedWorker {
  onmessage: ((event: MessageEvent<Tried>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  ended = false;
  asked: Try[] = [];
  constructor(readonly answer: (question: Try) => Tried | null) {}
  postMessage(question: Try): void {
    this.asked.push(question);
    const data = this.answer(question);
    if (data) queueMicrotask(() => this.onmessage?.({ data } as MessageEvent<Tried>));
  }
  terminate(): void {
    this.ended = true;
  }
}

const real = ({ claim, seed, nodes, commands, plays }: Try): Tried => ({ type: "tried", trial: tryClaim(claim, seed, nodes, commands, plays) });
const search = (signal = new AbortController().signal) => ({ claim: "acknowledged-is-kept", firstSeed: 0, onHeld: () => {}, onBroken: () => {}, signal });

test("every claim that the engine judges has words", () => {
  const told = [...PROMISED, ...BELIEVED].map(({ name }) => name);
  expect(told).toEqual(claims());
});

test("a seed that loses an acknowledged write is found, and told step by step", async () => {
  const worker = new Inline(real);
  const found = await findSeed(() => worker, search());
  expect(found?.text).toMatch(/^entry \d+ of ledger:\d+ was acknowledged and is lost/);
  expect(worker.ended).toBe(true);
  if (!found) return;
  const tale = taleOf(found, "It is kept");
  expect(tale.steps.map(({ text }) => text).join(" ")).toMatch(/A client of 10\.0\.0\.\d types SET ledger:\d+ \d+\./);
  expect(tale.steps.at(-1)?.text).toBe(`So ${found.text}.`);
  expect(tale.story.script.length).toBeLessThan(60);
});

test("a search that is stopped ends its worker, whatever that is doing", async () => {
  const end = new AbortController();
  const worker = new Inline(() => null);
  const found = findSeed(() => worker, search(end.signal));
  end.abort();
  expect(await found).toBeNull();
  expect(worker.ended).toBe(true);
});

test("an engine that fails fails the search", async () => {
  const worker = new Inline(() => ({ type: "failed", during: "try", message: "unreachable" }));
  await expect(findSeed(() => worker, search())).rejects.toThrow("unreachable");
  expect(worker.ended).toBe(true);
});

test.each([
  [{ kind: "type", client: 2, line: "SET k v" }, "A client of 10.0.0.3 types SET k v."],
  [{ kind: "cutLink", link: 1, way: "to" }, "Link 1 is cut in one direction."],
  [{ kind: "crash", node: 2, disk: "torn" }, "10.0.0.2 loses power, and what it had not synced."],
  [{ kind: "attach", node: 2, to: 1 }, "An operator makes 10.0.0.2 a replica of 10.0.0.1."],
  [{ kind: "shiftClock", node: 1, byMs: -60_000 }, "The clock of 10.0.0.1 jumps by -60 s."],
  [{ kind: "openClient", node: 1 }, null],
] as const)("%j is told as %j", (input, sentence) => {
  expect(sentenceOf(input, () => 3)).toBe(sentence);
});
