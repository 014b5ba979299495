/** Raw bytes as rows of hexadecimal and text, each byte marked with the part it belongs to. */

import type { PacketDetail } from "./engine/types.ts";

export interface HexByte {
  at: number;
  hex: string;
  text: string;
  /** Index into the packet's parts; null when no part names it. */
  part: number | null;
}

export interface HexRow {
  offset: string;
  bytes: HexByte[];
}

export function hexRows(raw: Uint8Array, parts: PacketDetail["parts"], width: number): HexRow[] {
  const owners = partOfEachByte(raw.length, parts);
  const rows: HexRow[] = [];
  for (let start = 0; start < raw.length; start += width) {
    const bytes = Array.from(raw.subarray(start, start + width), (value, index) => {
      const at = start + index;
      return { at, hex: hex(value), text: printable(value), part: owners[at] ?? null };
    });
    rows.push({ offset: start.toString(16).padStart(4, "0"), bytes });
  }
  return rows;
}

/** A part's bytes as a person writes them in source: "*3\r\n", "\xfa". */
export function escaped(raw: Uint8Array): string {
  return Array.from(raw, (value) => ESCAPES.get(value) ?? (isPrintable(value) ? String.fromCharCode(value) : `\\x${hex(value)}`)).join("");
}

/** Bytes of the protocol as text, a line of theirs on a line. */
export function wireText(raw: Uint8Array): string {
  return escaped(raw).replace(/\\r\\n(?=.)/gs, "\\r\\n\n");
}

const ESCAPES = new Map([
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x5c, "\\\\"],
]);

function partOfEachByte(length: number, parts: PacketDetail["parts"]): (number | null)[] {
  const owners = new Array<number | null>(length).fill(null);
  parts.forEach((part, index) => owners.fill(index, part.start, Math.min(part.end, length)));
  return owners;
}

function isPrintable(value: number): boolean {
  return value >= 0x20 && value < 0x7f;
}

function printable(value: number): string {
  return isPrintable(value) ? String.fromCharCode(value) : "·";
}

function hex(value: number): string {
  return value.toString(16).padStart(2, "0");
}
