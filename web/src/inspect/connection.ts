/** A line of CLIENT LIST taken apart, and its flags in words. */

import type { ConnectionView } from "../engine/types.ts";

export interface Connection {
  id: string;
  /** Every field of the line, in its order. */
  fields: ReadonlyMap<string, string>;
  /** What it is and does now, in words: "inside MULTI", "a replica". */
  state: string;
  waitsFor: string | null;
}

/** What the letters of `flags` say. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ["S", "a replica"],
  ["M", "the master"],
  ["O", "a monitor"],
  ["P", "listens to channels"],
  ["x", "inside MULTI"],
  ["d", "its transaction will fail"],
  ["b", "blocked"],
  ["t", "tracks keys"],
  ["R", "its invalidations go elsewhere"],
  ["B", "tracks prefixes"],
  ["c", "closes after its reply"],
  ["u", "unblocked"],
  ["A", "closes at once"],
  ["U", "over a Unix socket"],
  ["r", "may read only"],
  ["e", "is not evicted"],
  ["T", "touches no key"],
]);

export function connection({ line, waitsFor }: ConnectionView): Connection {
  const fields = new Map(line.trim().split(" ").map((field) => cut(field)));
  const state = [...(fields.get("flags") ?? "")].flatMap((flag) => FLAGS.get(flag) ?? []);
  return { id: fields.get("id") ?? "", fields, state: state.join(", "), waitsFor };
}

function cut(field: string): [string, string] {
  const at = field.indexOf("=");
  return at < 0 ? [field, ""] : [field.slice(0, at), field.slice(at + 1)];
}
