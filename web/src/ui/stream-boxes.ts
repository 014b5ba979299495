/** Which node holds which entry, which groups stand behind it, and for whom it is pending. */

import type { Item, StreamView } from "../engine/types.ts";

export interface Box {
  node: StreamView["nodes"][number];
  entries: { id: string; fields: Item[]; pending: boolean; marks: string[] }[];
}

/** The nodes that hold the entries shown. A mark stands at the last entry shown that its group was given. */
export function boxes(stream: StreamView): Box[] {
  const found: Box[] = [];
  let at = -1;
  const pending = new Set(stream.groups.flatMap((group) => group.pending.map((entry) => entry.id)));
  stream.entries.forEach((entry, index) => {
    while (at + 1 < stream.nodes.length && compareIds(stream.nodes[at + 1]!.id, entry.id) <= 0) at++;
    const node = stream.nodes[Math.max(at, 0)];
    if (!node) return;
    const next = stream.entries[index + 1];
    const stopsHere = (lastId: string) => compareIds(lastId, entry.id) >= 0 && (!next || compareIds(lastId, next.id) < 0);
    const marks = stream.groups.filter((group) => stopsHere(group.lastId)).map((group) => group.name);
    const last = found.at(-1);
    const box = last?.node === node ? last : { node, entries: [] };
    if (box !== last) found.push(box);
    box.entries.push({ ...entry, pending: pending.has(entry.id), marks });
  });
  return found;
}

/** By time, then by sequence number; both may be beyond what a double holds. */
export function compareIds(a: string, b: string): number {
  const [aMs, aSeq] = halves(a);
  const [bMs, bSeq] = halves(b);
  return aMs === bMs ? sign(aSeq - bSeq) : sign(aMs - bMs);
}

function halves(id: string): [bigint, bigint] {
  const [ms = "0", seq = "0"] = id.split("-");
  return [BigInt(ms), BigInt(seq)];
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
