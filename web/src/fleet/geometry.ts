/** From places in the tree to pixels: cards, links as curves, and where a packet is on its link. */

import type { LinkId, LinkView, NodeId, NodeView, PacketId, PacketView } from "../engine/types.ts";
import { isHeartbeat } from "../session/log.ts";
import { tree, type Place, type Tree } from "./tree.ts";

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
  face: Face;
}

/** A cubic curve from one card's edge to another's, and which node stands at its start. */
export interface Curve {
  id: LinkId;
  start: Point;
  end: Point;
  /** Control points. */
  first: Point;
  second: Point;
  startsAt: NodeId;
  /** Of the road, with a lane each way: narrower where many roads leave one card. */
  width: number;
  /** The share of the road at each end that a packet skips, so that none is half under a card. */
  inset: number;
}

/** How much a card says: as much as there is room for all of them. */
export type Face = "full" | "narrow" | "low";

export interface Scene {
  width: number;
  height: number;
  /** Sizes in the picture are multiples of this. */
  unit: number;
  /** Too narrow for words beside the roads. */
  narrow: boolean;
  cards: ReadonlyMap<NodeId, Box>;
  curves: ReadonlyMap<LinkId, Curve>;
}

export function scene(nodes: readonly NodeView[], links: readonly LinkView[], stage: { width: number; height: number }): Scene {
  const layout = tree(nodes);
  const sizes = fit(layout, stage);
  const cards = new Map(nodes.map((node) => [node.id, box(layout.places.get(node.id), layout, sizes)]));
  return { ...sizes, cards, curves: curves(links, cards, sizes.unit) };
}

/** The middle of the road, and the angle of its run. */
export function middleOf(curve: Curve): Point & { angle: number } {
  return pointOn({ ...curve, width: 0 }, curve.startsAt, 0.5);
}

/** Where a packet is, and which way it heads in degrees; `progress` from its sender (0) to its receiver (1). */
export function pointOn(curve: Curve, from: NodeId, progress: number): Point & { angle: number } {
  const forward = curve.startsAt === from;
  const way = curve.inset + progress * (1 - 2 * curve.inset);
  const t = forward ? way : 1 - way;
  const at = bezier(curve, t);
  const before = bezier(curve, Math.max(0, t - 0.01));
  const after = bezier(curve, Math.min(1, t + 0.01));
  const tangent = { x: after.x - before.x, y: after.y - before.y };
  const length = Math.hypot(tangent.x, tangent.y) || 1;
  // Each direction keeps to its own side of the road.
  const lane = curve.width * LANE;
  const side = (forward ? -lane : lane) / length;
  const heading = Math.atan2(tangent.y, tangent.x) + (forward ? 0 : Math.PI);
  return { x: at.x - tangent.y * side, y: at.y + tangent.x * side, angle: (heading * 180) / Math.PI };
}

export function pathOf({ start, first, second, end }: Curve): string {
  return `M${start.x} ${start.y}C${first.x} ${first.y} ${second.x} ${second.y} ${end.x} ${end.y}`;
}

/** How far a packet is on its way at a time, 0 to 1. */
export function progressOf(packet: Pick<PacketView, "sentUs" | "arrivesUs">, atUs: number): number {
  const flight = packet.arrivesUs - packet.sentUs;
  return flight <= 0 ? 1 : Math.min(1, Math.max(0, (atUs - packet.sentUs) / flight));
}

/** Of more packets than can be told apart, every second, fourth or eighth, the same ones until they arrive; the log has them all. */
export function sampled(packets: readonly PacketView[], links: number): readonly PacketView[] {
  const crowd = packets.length / (DRAWN_MAX * Math.max(1, links));
  if (crowd <= 1) return packets;
  const every = 2 ** Math.ceil(Math.log2(crowd));
  return packets.filter(({ id }) => id % every === 0);
}

/** Packets with room for their label: of those close behind each other on one lane, the first. */
export function labelled(packets: readonly PacketView[], nowUs: number): ReadonlySet<PacketId> {
  const last = new Map<string, number>();
  const chosen = new Set<PacketId>();
  for (const packet of packets) {
    const lane = `${packet.link} ${packet.from}`;
    const progress = progressOf(packet, nowUs);
    if (isHeartbeat(packet) || (last.get(lane) ?? 2) - progress < LABEL) continue;
    last.set(lane, progress);
    chosen.add(packet.id);
  }
  return chosen;
}

/** Where a label of some letters stands beside a packet at `x`, so that no card covers it. */
export function labelAt({ start, end }: Curve, x: number, letters: number, unit: number): number {
  const half = (letters * LETTER * unit) / 2 + 4;
  const [left, right] = [Math.min(start.x, end.x) + half, Math.max(start.x, end.x) - half];
  return left > right ? (left + right) / 2 : Math.min(right, Math.max(left, x));
}

/** Between two scenes, for a fleet that rearranges itself; `t` from 0 to 1. */
export function between(from: Scene, to: Scene, t: number, links: readonly LinkView[]): Scene {
  const cards = new Map<NodeId, Box>();
  for (const [id, target] of to.cards) {
    const origin = from.cards.get(id) ?? target;
    cards.set(id, { ...target, x: mix(origin.x, target.x, t), y: mix(origin.y, target.y, t) });
  }
  return { ...to, cards, curves: curves(links, cards, to.unit) };
}

/** Just before the middle, where the cut is drawn. */
export const CUT_AT = 0.46;

interface Card {
  face: Face;
  width: number;
  height: number;
  gapX: number;
  gapY: number;
  margin: number;
}

const WIDE = {
  roomy: { face: "full", width: 188, height: 92, gapX: 130, gapY: 20, margin: 18 },
  tight: { face: "low", width: 188, height: 50, gapX: 130, gapY: 12, margin: 14 },
} satisfies Record<string, Card>;
const NARROW = {
  roomy: { face: "narrow", width: 130, height: 76, gapX: 72, gapY: 14, margin: 10 },
  tight: { face: "low", width: 130, height: 50, gapX: 72, gapY: 9, margin: 6 },
} satisfies Record<string, Card>;
/** More than this on one link is a cloud, not packets. */
const DRAWN_MAX = 24;
/** A label's share of a road's length, nearly. */
const LABEL = 0.4;
/** A letter's width in a label. */
const LETTER = 6.7;
const ROAD = 22;
/** Half a packet, nearly. */
const INSET = 17;
const INSET_MAX = 0.2;
/** A lane's distance from the middle of the road, in road widths. */
const LANE = 0.27;
/** Below this width of the picture, cards are narrow. */
const NARROW_BELOW = 520;
const UNIT_MAX = 1.7;
const UNIT_MIN = 0.8;
/** A wider road makes a packet's way longer without making it clearer. */
const LINK_MAX = 420;

interface Sizes {
  width: number;
  height: number;
  unit: number;
  narrow: boolean;
  card: Card;
  /** Of a node that has its column to itself. */
  alone: Card;
}

function fit(layout: Tree, stage: { width: number; height: number }): Sizes {
  const sizes = stage.width < NARROW_BELOW || needed(WIDE.roomy, layout).width > stage.width ? NARROW : WIDE;
  const card = needed(sizes.roomy, layout).height <= stage.height ? sizes.roomy : sizes.tight;
  const needs = needed(card, layout);
  const room = Math.min(stage.width / (needs.width * 1.02), stage.height / (needs.height * 1.1));
  // A long chain is drawn smaller before it is scrolled.
  const unit = Math.min(UNIT_MAX, Math.max(layout.columns > 2 ? UNIT_MIN : 1, Math.floor(room * 20) / 20));
  return { unit, narrow: sizes === NARROW, card, alone: sizes.roomy, width: Math.max(stage.width, needs.width * unit), height: Math.max(stage.height, needs.height * unit) };
}

function needed(card: Card, { columns, rows }: Tree): { width: number; height: number } {
  return {
    width: columns * card.width + Math.max(0, columns - 1) * card.gapX + 2 * card.margin,
    height: rows * (card.height + card.gapY) - card.gapY + 2 * card.margin,
  };
}

function box(place: Place | undefined, layout: Tree, { width, height, unit, card, alone }: Sizes): Box {
  const { column, row } = place ?? { column: 0, row: 0 };
  const isAlone = [...layout.places.values()].filter((other) => other.column === column).length === 1;
  const { face, ...own } = isAlone ? alone : card;
  const size = { width: own.width * unit, height: own.height * unit };
  const free = width - 2 * card.margin * unit - layout.columns * size.width;
  const gap = layout.columns > 1 ? Math.min(free / (layout.columns - 1), LINK_MAX * unit) : 0;
  const used = layout.columns * size.width + (layout.columns - 1) * gap;
  const rowHeight = Math.min((height - 2 * card.margin * unit) / layout.rows, (card.height + 64) * unit);
  const top = (height - rowHeight * layout.rows) / 2;
  return {
    ...size,
    face,
    x: Math.round((width - used) / 2 + column * (size.width + gap)),
    y: Math.round(top + (row + 0.5) * rowHeight - size.height / 2),
  };
}

function curves(links: readonly LinkView[], cards: ReadonlyMap<NodeId, Box>, unit: number): Map<LinkId, Curve> {
  const ends = links.map((link) => orient(link, cards)).filter((end) => end !== null);
  const made = new Map<LinkId, Curve>();
  for (const end of ends) {
    const leaving = ends.filter((other) => other.left === end.left).sort((a, b) => a.rightBox.y - b.rightBox.y);
    made.set(end.id, curve(end, leaving.indexOf(end), leaving.length, unit));
  }
  return made;
}

interface Ends {
  id: LinkId;
  left: NodeId;
  leftBox: Box;
  rightBox: Box;
}

function orient({ id, from, to }: LinkView, cards: ReadonlyMap<NodeId, Box>): Ends | null {
  const fromBox = cards.get(from);
  const toBox = cards.get(to);
  if (!fromBox || !toBox) return null;
  return fromBox.x <= toBox.x ? { id, left: from, leftBox: fromBox, rightBox: toBox } : { id, left: to, leftBox: toBox, rightBox: fromBox };
}

function curve({ id, left, leftBox, rightBox }: Ends, index: number, among: number, unit: number): Curve {
  const spacing = leftBox.height / (among + 1);
  const start = { x: leftBox.x + leftBox.width, y: leftBox.y + spacing * (index + 1) };
  const sameColumn = rightBox.x < start.x;
  const end = { x: sameColumn ? rightBox.x + rightBox.width : rightBox.x, y: rightBox.y + rightBox.height / 2 };
  const bend = sameColumn ? 60 : (end.x - start.x) * 0.5;
  const inset = Math.min(INSET_MAX, (INSET * unit) / Math.hypot(end.x - start.x, end.y - start.y));
  const first = { x: start.x + bend, y: start.y };
  const second = { x: end.x + (sameColumn ? bend : -bend), y: end.y };
  return { id, start, end, first, second, startsAt: left, width: Math.min(ROAD * unit, spacing * 1.05), inset };
}

function bezier({ start, first, second, end }: Curve, t: number): Point {
  const u = 1 - t;
  const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return { x: a * start.x + b * first.x + c * second.x + d * end.x, y: a * start.y + b * first.y + c * second.y + d * end.y };
}

function mix(from: number, to: number, t: number): number {
  return from + (to - from) * t;
}
