import { expect, test } from "vitest";
import type { NodeView } from "../../src/engine/types.ts";
import { commands, heightOf, labelled, plan, slopes, TOP, type Plan } from "../../src/fleet/sequence.ts";
import type { LogEntry, LoggedPacket } from "../../src/session/log.ts";

const nodes = [0, 1, 2].map((id) => ({ id, role: id === 0 ? "master" : "replica" }) as NodeView);
const stage = { width: 644, height: 500 };
const links = [{ id: 0, from: 0, to: 1, latencyUs: 200_000, jitterUs: 0, cut: null, stalled: false }];

function planAt(nowUs: number): Plan {
  return plan(nodes, links, nowUs, stage);
}

let next = 0;

function packet(atUs: number, arrivesUs: number, more: Partial<LoggedPacket> = {}): LogEntry {
  const id = next++;
  return { id, atUs, moment: { entries: 0, atUs }, topic: "packets", nodes: [0, 1], verb: "", text: "SET k v", packet: { id, kind: "stream", bytes: 9, fate: "arrived", fateUs: arrivesUs, link: 0, arrivesUs, ...more }, raw: null, warns: false };
}

function ran(atUs: number, node = 0): LogEntry {
  return { id: next++, atUs, moment: { entries: 0, atUs }, topic: "commands", nodes: [node], verb: "ran", text: "SET k v", packet: null, raw: null, warns: false };
}

test("the master stands between its replicas", () => {
  const { lines } = planAt(0);
  expect([1, 0, 2].map((id) => lines.get(id))).toEqual([144, 344, 544]);
});

test("now is at the foot, and times before the beginning have no tick", () => {
  const now = planAt(500_000);
  expect(heightOf(now, now.nowUs)).toBe(486);
  expect(heightOf(now, now.startUs)).toBe(TOP);
  expect(now.ticks).toEqual([0, 500_000]);
});

test("a packet runs from its sender to its receiver; one on its way ends at now", () => {
  const now = planAt(10_000_000);
  const [arrived, flying] = slopes(now, [packet(9_600_000, 9_800_000), packet(9_900_000, 10_100_000, { fate: "in flight" })]);
  expect([arrived?.x1, arrived?.x2]).toEqual([344, 144]);
  expect(arrived?.y2).toBeCloseTo(heightOf(now, 9_800_000));
  expect(flying?.x2).toBeCloseTo(244);
  expect(flying?.y2).toBeCloseTo(486);
});

test.each([
  { name: "long ago", entry: packet(1_000_000, 1_200_000), seen: 0 },
  { name: "half in sight", entry: packet(8_100_000, 8_300_000), seen: 1 },
  { name: "of a node that is not there", entry: { ...packet(9_000_000, 9_200_000), nodes: [0, 9] }, seen: 0 },
  { name: "a command", entry: ran(9_000_000), seen: 0 },
])("shows $seen of a packet $name", ({ entry, seen }) => {
  expect(slopes(planAt(10_000_000), [entry])).toHaveLength(seen);
});

test.each([
  { name: "lost", fate: "lost", cut: false, x2: 252 },
  { name: "on its way into a cut", fate: "in flight", cut: true, x2: 252 },
  { name: "arrived before the cut", fate: "arrived", cut: true, x2: 144 },
] as const)("a packet that is $name ends at $x2", ({ fate, cut, x2 }) => {
  const now = plan(nodes, [{ id: 0, from: 0, to: 1, latencyUs: 200_000, jitterUs: 0, cut: cut ? "both" : null, stalled: false }], 10_000_000, stage);
  expect(slopes(now, [packet(9_000_000, 9_200_000, { fate })])[0]?.x2).toBeCloseTo(x2);
});

test("labels do not lie on each other, and heartbeats have none", () => {
  const seen = slopes(planAt(10_000_000), [packet(9_000_000, 9_200_000), packet(9_010_000, 9_210_000), { ...packet(9_500_000, 9_700_000), topic: "heartbeats" }]);
  expect([...labelled(seen)]).toEqual([seen[0]?.packet.id]);
  expect(commands(planAt(10_000_000), [ran(9_000_000), ran(9_010_000), ran(9_010_000, 1)])).toHaveLength(2);
});
