import { expect, test } from "vitest";
import type { LinkView, NodeView, PacketView } from "../../src/engine/types.ts";
import { labelled, pointOn, progressOf, scene } from "../../src/fleet/geometry.ts";
import { positionOn, rulers } from "../../src/fleet/ruler.ts";
import { tree } from "../../src/fleet/tree.ts";

const address = (id: number) => `10.0.0.${id + 1}:6379`;

function node(id: number, master: number | null, more: Partial<NodeView> = {}): NodeView {
  return {
    id,
    address: address(id),
    role: master === null ? "master" : "replica",
    up: true,
    crashed: false,
    paused: false,
    clockShiftMs: 0,
    diskFull: false,
    master: master === null ? null : address(master),
    masterLink: master === null ? null : "connected",
    replid: "a".repeat(40),
    replid2: "0".repeat(40),
    offset: 0,
    backlog: null,
    replicas: [],
    keys: 0,
    clients: 0,
    blocked: 0,
    ...more,
  };
}

const places = (...nodes: NodeView[]) => [...tree(nodes).places].sort(([a], [b]) => a - b).map(([, { column, row }]) => [column, row]);

test.each([
  { name: "a master alone", nodes: [node(0, null)], at: [[0, 0]] },
  { name: "two replicas", nodes: [node(0, null), node(1, 0), node(2, 0)], at: [[0, 0.5], [1, 0], [1, 1]] },
  { name: "a chain", nodes: [node(0, null), node(1, 0), node(2, 1)], at: [[0, 0], [1, 0], [2, 0]] },
  { name: "two masters", nodes: [node(0, null), node(1, 0), node(2, null)], at: [[0, 0], [1, 0], [0, 1]] },
  { name: "a replica of a node elsewhere", nodes: [node(0, null), node(1, 8)], at: [[0, 0], [0, 1]] },
  { name: "two that replicate each other", nodes: [node(0, 1), node(1, 0)], at: [[0, 0], [1, 0]] },
])("places $name", ({ nodes, at }) => {
  expect(places(...nodes)).toEqual(at);
});

const link: LinkView = { id: 0, from: 1, to: 0, latencyUs: 200_000, jitterUs: 0, cut: null, stalled: false };

test.each([{ width: 360, height: 250 }, { width: 610, height: 430 }, { width: 1400, height: 900 }])("cards stay apart and inside at %o", (stage) => {
  const nodes = [node(0, null), ...[1, 2, 3, 4, 5].map((id) => node(id, 0))];
  const drawn = scene(nodes, [link], stage);
  const cards = [...drawn.cards.values()];
  for (const [index, card] of cards.entries()) {
    expect(card.x).toBeGreaterThanOrEqual(0);
    expect(card.x + card.width).toBeLessThanOrEqual(drawn.width);
    expect(card.y + card.height).toBeLessThanOrEqual(drawn.height);
    for (const other of cards.slice(index + 1)) {
      const apart = card.x + card.width <= other.x || other.x + other.width <= card.x || card.y + card.height <= other.y || other.y + other.height <= card.y;
      expect(apart).toBe(true);
    }
  }
});

test("a packet leaves its sender, arrives at its receiver, and keeps to its side", () => {
  const drawn = scene([node(0, null), node(1, 0)], [link], { width: 600, height: 300 });
  const curve = drawn.curves.get(0);
  if (!curve) throw new Error("the link was not drawn");
  const ways = [pointOn(curve, 0, 0).x, pointOn(curve, 0, 0.5).x, pointOn(curve, 0, 1).x, pointOn(curve, 1, 0).x, pointOn(curve, 1, 1).x];
  const middle = (curve.start.x + curve.end.x) / 2;
  const share = (x: number) => (x - middle) / (curve.end.x - curve.start.x);
  expect(ways.map((x) => Math.sign(Math.round(share(x) * 100)))).toEqual([-1, 0, 1, 1, -1]);
  expect(ways.every((x) => curve.start.x < x && x < curve.end.x)).toBe(true);
  expect(pointOn(curve, 0, 0.5).y).toBeLessThan(pointOn(curve, 1, 0.5).y);
  expect([pointOn(curve, 0, 0.5).angle, pointOn(curve, 1, 0.5).angle]).toEqual([0, 180]);
});

test.each([
  { atUs: 0, progress: 0 },
  { atUs: 150, progress: 0.5 },
  { atUs: 999, progress: 1 },
])("a packet is $progress on its way at $atUs", ({ atUs, progress }) => {
  expect(progressOf({ sentUs: 100, arrivesUs: 200 }, atUs)).toBe(progress);
});

test("packets close behind each other on one lane share one label, heartbeats have none", () => {
  const packet = (id: number, sentUs: number, more: Partial<PacketView> = {}): PacketView => ({
    id, link: 0, from: 0, to: 1, sentUs, arrivesUs: sentUs + 200, bytes: 9, kind: "stream", label: "SET k v", ...more,
  });
  const flying = [packet(1, 0), packet(2, 10), packet(3, 95), packet(4, 10, { from: 1, to: 0 }), packet(5, 10, { link: 1, kind: "ack", label: "ACK 9" })];
  expect([...labelled(flying, 150)]).toEqual([1, 3, 4]);
});

test("the ruler shows who lags, who acknowledged what, and who shares no history", () => {
  const master = node(0, null, {
    offset: 1000,
    replicas: [{ address: address(1), state: "online", ackOffset: 900 }, { address: address(2), state: "wait_bgsave", ackOffset: 0 }],
  });
  const [ruler] = rulers([master, node(1, 0, { offset: 950 }), node(2, 0, { replid: "b".repeat(40) }), node(3, 1, { offset: 940 })]);
  expect(ruler?.rows.map(({ node: { id }, acked, behind }) => ({ id, acked, behind }))).toEqual([
    { id: 1, acked: 900, behind: 50 },
    { id: 3, acked: null, behind: 60 },
    { id: 2, acked: null, behind: null },
  ]);
});

test.each([
  { low: 0, high: 0 },
  { low: 990, high: 1000 },
  { low: 5, high: 1_000_000 },
  { low: 123_456_789, high: 123_456_900 },
])("the axis from $low to $high has both ends on it and does not move with a byte", ({ low, high }) => {
  const axisOf = (offset: number) => rulers([node(0, null, { offset }), node(1, 0, { offset: low })])[0]?.axis;
  const axis = axisOf(high);
  if (!axis) throw new Error("there is no ruler");
  expect(axis.start).toBeGreaterThanOrEqual(0);
  expect(axis.start).toBeLessThanOrEqual(low);
  expect(axis.end).toBeGreaterThan(high);
  expect(positionOn(axis, high)).toBeGreaterThan(positionOn(axis, low) - 1e-9);
  expect(axisOf(high + 1)).toEqual(axis);
});
