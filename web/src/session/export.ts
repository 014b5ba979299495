/** The log as a file for other programs: one JSON object a line, with the bytes of what went over a wire in hexadecimal. */

import type { PacketDetail, PacketId } from "../engine/types.ts";
import type { LogEntry } from "./log.ts";

/** `open` gives the bytes of packets that are still kept; `name` a node's address. */
export async function logText(entries: readonly LogEntry[], name: (node: number) => string, open: (packet: PacketId) => Promise<PacketDetail | null>): Promise<string> {
  const lines: string[] = [];
  for (const entry of entries) {
    const raw = entry.raw ?? (entry.packet ? ((await open(entry.packet.id))?.raw ?? null) : null);
    lines.push(JSON.stringify({
      atUs: entry.atUs,
      topic: entry.topic,
      nodes: entry.nodes.map(name),
      text: entry.verb === "" ? entry.text : `${entry.verb} ${entry.text}`,
      ...(entry.packet ? { kind: entry.packet.kind, bytes: entry.packet.bytes, fate: entry.packet.fate } : {}),
      ...(raw ? { raw: hexOf(raw) } : {}),
    }));
  }
  return lines.map((line) => `${line}\n`).join("");
}

export function hexOf(raw: Uint8Array): string {
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
