/**
 * What the page and the engine's worker say to each other. Every message to
 * the worker is answered by exactly one message, in order; that is what lets
 * the client know how many are still out.
 */

import type { ClientId, Frame, Input, KeyView, LineHint, NodeId, PacketDetail, PacketId, WorldOptions } from "./types.ts";

/** Something done to a world, with the virtual time at which it was done. A world is its options and these. */
export type ScriptEntry = { atUs: number; input: Input } | { atUs: number; step: true };
export type Script = readonly ScriptEntry[];

export type ToWorker =
  | { type: "start"; options: WorldOptions; script: Script }
  | { type: "run"; untilUs: number }
  | { type: "step" }
  | { type: "input"; input: Input }
  | { type: "open"; packet: PacketId }
  | { type: "keys"; node: NodeId }
  | { type: "hint"; client: ClientId; line: string };

export type FromWorker =
  | { type: "started"; frame: Frame }
  /** Time moved; `reachedAll` is false when the budget ended before the time asked for. */
  | { type: "ran"; frame: Frame; reachedAll: boolean }
  | { type: "done"; frame: Frame; entry: ScriptEntry }
  | { type: "opened"; packet: PacketId; detail: PacketDetail | null }
  | { type: "keys"; node: NodeId; keys: KeyView[] }
  | { type: "hint"; client: ClientId; line: string; hint: LineHint }
  /** The world is gone: a trap leaves nothing to go on with. `during` is the message it failed on. */
  | { type: "failed"; during: ToWorker["type"]; message: string };
