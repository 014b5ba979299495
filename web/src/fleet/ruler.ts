/**
 * The offset ruler's axis: a stretch of the replication stream wide enough for
 * everything that lags, whose ends move in steps, so that it stands still while
 * bytes trickle in.
 */

import type { NodeView } from "../engine/types.ts";

export interface Axis {
  start: number;
  end: number;
  ticks: number[];
}

export interface RulerRow {
  node: NodeView;
  /** What its master knows it to have; null of a master. */
  acked: number | null;
  /** Bytes behind its master; null when the two share no history. */
  behind: number | null;
}

export interface Ruler {
  master: NodeView;
  axis: Axis;
  rows: RulerRow[];
}

/** One ruler for each master. */
export function rulers(nodes: readonly NodeView[]): Ruler[] {
  return nodes.filter((node) => node.role === "master").map((master) => ruler(master, nodes));
}

/** Where an offset stands on the axis, 0 to 1. */
export function positionOn(axis: Axis, offset: number): number {
  return Math.min(1, Math.max(0, (offset - axis.start) / (axis.end - axis.start)));
}

function ruler(master: NodeView, nodes: readonly NodeView[]): Ruler {
  const replicas = followers(master, nodes);
  const rows = replicas.map((node): RulerRow => {
    const shared = node.replid === master.replid;
    const known = master.replicas.find(({ address, state }) => address === node.address && state === "online");
    return { node, acked: known?.ackOffset ?? null, behind: shared ? Math.max(0, master.offset - node.offset) : null };
  });
  const offsets = rows.flatMap((row) => (row.behind === null ? [] : [row.node.offset, row.acked ?? row.node.offset]));
  return { master, axis: axis(Math.min(master.offset, ...offsets), Math.max(master.offset, ...offsets)), rows };
}

/** A master's replicas, and theirs. */
function followers(master: NodeView, nodes: readonly NodeView[], seen = new Set([master.id])): NodeView[] {
  const own = nodes.filter((node) => node.master === master.address && !seen.has(node.id));
  for (const node of own) seen.add(node.id);
  return own.flatMap((node) => [node, ...followers(node, nodes, seen)]);
}

const SPAN_MIN = 256;
const STEPS = 8;

function axis(lowest: number, highest: number): Axis {
  let span = SPAN_MIN;
  // Room for the lag, and a step of air on either side.
  while (span < (highest - lowest) * 1.34) span *= 2;
  const step = span / STEPS;
  const end = Math.max(span, (Math.floor(highest / step) + 2) * step);
  const start = end - span;
  return { start, end, ticks: [0, 2, 4, 6, 8].map((index) => start + index * step) };
}
