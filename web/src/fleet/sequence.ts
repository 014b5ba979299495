/**
 * The sequence diagram's plan: a line for each node, time running down to now at
 * the foot, each packet a slope from its sender's line to its receiver's.
 */

import type { LinkId, LinkView, NodeId, NodeView, PacketId } from "../engine/types.ts";
import type { LogEntry, LoggedPacket } from "../session/log.ts";
import { CUT_AT } from "./geometry.ts";

export interface Plan {
  width: number;
  height: number;
  lines: ReadonlyMap<NodeId, number>;
  cuts: ReadonlySet<LinkId>;
  /** The stretch of virtual time that is shown. */
  startUs: number;
  nowUs: number;
  ticks: number[];
}

export interface Slope {
  entry: LogEntry;
  packet: LoggedPacket;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** Room for the nodes' names. */
export const TOP = 34;
const FOOT = 14;
/** A label's height. */
const LABEL = 13;

export function plan(nodes: readonly NodeView[], links: readonly LinkView[], nowUs: number, stage: { width: number; height: number }): Plan {
  const span = SPAN_LATENCIES * Math.max(SPAN_LATENCY_US_MIN, ...links.map(({ latencyUs }) => latencyUs));
  const startUs = nowUs - span;
  const step = tickStep(span);
  const first = Math.max(0, Math.ceil(startUs / step));
  const ticks = Array.from({ length: Math.max(0, Math.floor(nowUs / step) - first + 1) }, (_, index) => (first + index) * step);
  const cuts = new Set(links.filter(({ cut }) => cut).map(({ id }) => id));
  return { ...stage, lines: lines(nodes, stage.width), cuts, startUs, nowUs, ticks };
}

export function heightOf({ startUs, nowUs, height }: Plan, atUs: number): number {
  return TOP + ((atUs - startUs) / (nowUs - startUs)) * (height - TOP - FOOT);
}

/** Packets in sight. One still on its way ends where it is now, one on a cut link at the cut. */
export function slopes(plan: Plan, entries: readonly LogEntry[]): Slope[] {
  const nowY = heightOf(plan, plan.nowUs);
  const seen: Slope[] = [];
  for (const entry of entries) {
    const { packet } = entry;
    const [x1, x2] = entry.nodes.map((node) => plan.lines.get(node));
    if (!packet || x1 === undefined || x2 === undefined) continue;
    const whole = { entry, packet, x1, x2, y1: heightOf(plan, entry.atUs), y2: heightOf(plan, packet.arrivesUs) };
    const slope = upTo(whole, Math.min(travelled(whole, nowY), isStopped(packet, plan) ? CUT_AT : 1));
    if (slope.y2 >= TOP && slope.y1 < plan.height) seen.push(slope);
  }
  return seen;
}

/** The slopes that have room for a label: heartbeats need none, and of two that lie on each other one is enough. */
export function labelled(slopes: readonly Slope[]): ReadonlySet<PacketId> {
  const lowest = new Map<string, number>();
  const chosen = new Set<PacketId>();
  for (const { entry, packet, y1, y2 } of slopes) {
    const middle = (y1 + y2) / 2;
    const way = entry.nodes.join();
    if (entry.topic === "heartbeats" || middle < TOP + LABEL || middle - (lowest.get(way) ?? -LABEL) < LABEL) continue;
    lowest.set(way, middle);
    chosen.add(packet.id);
  }
  return chosen;
}

/** Commands that clients ran, in sight, and far enough apart to be read. */
export function commands(plan: Plan, entries: readonly LogEntry[]): LogEntry[] {
  const lowest = new Map<NodeId, number>();
  return entries.filter((entry) => {
    const [node] = entry.nodes;
    const y = heightOf(plan, entry.atUs);
    if (entry.verb !== "ran" || node === undefined || y < TOP || y - (lowest.get(node) ?? -LABEL) < LABEL) return false;
    lowest.set(node, y);
    return true;
  });
}

function travelled({ y1, y2 }: Slope, nowY: number): number {
  return y2 <= nowY || y2 === y1 ? 1 : (nowY - y1) / (y2 - y1);
}

function isStopped({ fate, link }: LoggedPacket, { cuts }: Plan): boolean {
  return fate === "lost" || (fate === "in flight" && cuts.has(link));
}

function upTo(slope: Slope, part: number): Slope {
  return { ...slope, x2: slope.x1 + (slope.x2 - slope.x1) * part, y2: slope.y1 + (slope.y2 - slope.y1) * part };
}

/** Masters in the middle, so that fewer slopes cross a line they do not end at. */
function lines(nodes: readonly NodeView[], width: number): Map<NodeId, number> {
  const replicas = nodes.filter(({ role }) => role === "replica");
  const half = Math.floor(replicas.length / 2);
  const ordered = [...replicas.slice(0, half), ...nodes.filter(({ role }) => role === "master"), ...replicas.slice(half)];
  const gap = (width - GUTTER) / ordered.length;
  return new Map(ordered.map(({ id }, index) => [id, GUTTER + gap * (index + 0.5)]));
}

/** For the times at the left edge. */
const GUTTER = 44;
/** As many crossings of the slowest link as are in sight at once. */
const SPAN_LATENCIES = 9;
const SPAN_LATENCY_US_MIN = 1000;

/** 1, 2 or 5 times a power of ten, so that about six fit. */
function tickStep(span: number): number {
  const rough = span / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
}
