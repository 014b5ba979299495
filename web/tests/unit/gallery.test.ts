/** Every scenario plays to what it says: the replies are those its `#:` lines tell. `BLESS=1` writes them anew. */

import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseStory } from "../../src/engine/script-text.ts";
import type { WorldEvent } from "../../src/engine/types.ts";
import { parseTale } from "../../src/gallery/tale.ts";
import { makeWorld } from "../engine.ts";

const FILE = new URL("../../src/gallery/scenarios.txt", import.meta.url);
const parts = readFileSync(FILE, "utf8").split(/^(?=redarium-script )/m);

/** A scenario's lines, with what each typed one is answered. */
function played(text: string): string {
  const told = text.split("\n").filter((line) => !line.startsWith("#:"));
  const replies = answers(text);
  return told.flatMap((line) => (/^@\d+ type /.test(line) ? [line, ...(replies.shift() ?? [])] : [line])).join("\n");
}

/** Of each typed line, in order: the lines that its client was sent until it typed again. */
function answers(text: string): string[][] {
  const { options, script, end } = parseStory(text);
  const world = makeWorld(options);
  const all: string[][] = [];
  const open = new Map<number, string[]>();
  const take = (events: readonly WorldEvent[]) => {
    for (const event of events) {
      if (event.kind !== "reply" && event.kind !== "push") continue;
      for (const line of event.text.trimEnd().split("\n")) open.get(event.client)?.push(`#: ${line}`);
    }
  };
  for (const entry of script) {
    world.runUntil(entry.atUs, 1_000_000);
    take(world.frame().events);
    if (!("input" in entry)) continue;
    if (entry.input.kind === "type") {
      const mine: string[] = [];
      all.push(mine);
      open.set(entry.input.client, mine);
    }
    world.apply(entry.input);
    take(world.frame().events);
  }
  world.runUntil(end.atUs, 1_000_000);
  take(world.frame().events);
  world.free();
  return all.map(shortened);
}

/** INFO and long repetitions are not told in full. */
function shortened(lines: string[]): string[] {
  const telling = lines.filter((line) => /role:|connected_slaves|master_replid:|master_repl_offset|sync_full|sync_partial/.test(line));
  return lines.length <= 24 ? lines : telling.length > 0 ? telling : lines.slice(-1);
}

test.each(parts.filter((part) => part.startsWith("redarium-script")).map((part) => [parseTale(part).title, part] as const))("%s", (title, part) => {
  const tale = parseTale(part);
  const is = played(part);
  if (process.env["BLESS"]) writeFileSync(FILE, readFileSync(FILE, "utf8").replace(part, () => is));
  else expect(is).toBe(part);
  expect(title).not.toBe("");
  expect(tale.caption.split(/[.?!](?: |$)/).filter(Boolean).length).toBeGreaterThanOrEqual(2);
  expect(tale.steps.length).toBeGreaterThanOrEqual(4);
  const times = tale.steps.map(({ atUs }) => atUs);
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  expect(times.at(-1)).toBeLessThan(tale.story.end.atUs);
});
