/** Rows of a file's bytes, each byte with the innermost span that names it. */

import type { ByteSpan, ByteWindow } from "../engine/types.ts";

export interface NamedByte {
  at: number;
  value: number;
  /** Index into the window's spans; null for a byte without a name. */
  span: number | null;
}

/** For each byte of a window the last, so the innermost, span that holds it. */
export function namedBytes({ from, raw, spans }: ByteWindow): NamedByte[] {
  const owners = new Int32Array(raw.length).fill(-1);
  spans.forEach(({ start, end, kind }, index) => {
    if (kind !== "group") owners.fill(index, Math.max(0, start - from), Math.max(0, end - from));
  });
  return Array.from(raw, (value, index) => ({ at: from + index, value, span: owners[index]! < 0 ? null : owners[index]! }));
}

/** The innermost span of a record that holds a byte. */
export function spanAt(spans: readonly ByteSpan[], at: number): ByteSpan | null {
  return spans.findLast(({ start, end, kind }) => kind !== "group" && start <= at && at < end) ?? null;
}
