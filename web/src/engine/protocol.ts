/**
 * What the page and the engine's worker say to each other. Every message to
 * the worker is answered by exactly one message, in order; that is what lets
 * the client know how many are still out.
 */

import type { Moment, Script, ScriptEntry } from "./moment.ts";
import type { ClientId, Input, LineHint, Looks, PacketDetail, PacketId, Trial, View, WorldEvent, WorldOptions } from "./types.ts";

/** A stretch of history the page has not seen: what was done, if it begins with that, and what happened then. */
export interface Chapter {
  entry: ScriptEntry | null;
  /** The client that the entry opened. */
  opened: ClientId | null;
  /** How many entries had been done while this happened. */
  entries: number;
  events: WorldEvent[];
}

/** A question with its name. */
export type Look = { [Name in keyof Looks]: { name: Name } & Looks[Name]["asks"] }[keyof Looks];

export type ToWorker =
  /** A world, and the moment to go to. What happened until `known` is not told again. */
  | { type: "start"; options: WorldOptions; script: Script; to: Moment; known: Moment }
  | { type: "run"; untilUs: number }
  | { type: "step" }
  | { type: "input"; input: Input }
  /** Go to a moment, earlier or later; first, from a moment on, the script may become another. */
  | { type: "seek"; to: Moment; turn: { parting: Moment; entries: Script } | null }
  | { type: "open"; packet: PacketId }
  | { type: "look"; id: number; look: Look }
  | { type: "hint"; client: ClientId; line: string }
  | { type: "trap" };

/** Where the world stands, and what the page has not seen yet. */
export interface News {
  view: View;
  at: Moment;
  chapters: Chapter[];
}

export type FromWorker =
  | ({ type: "started" } & News)
  /** Time moved; `reachedAll` is false when the budget ended before the time asked for. */
  | ({ type: "ran"; reachedAll: boolean } & News)
  /** It was done; its entry is the last chapter's, unless a step went along the script. */
  | ({ type: "done"; wasInput: boolean } & News)
  | ({ type: "sought" } & News)
  | { type: "opened"; packet: PacketId; detail: PacketDetail | null }
  | { type: "seen"; id: number; seen: Looks[keyof Looks]["answer"] }
  | { type: "hint"; client: ClientId; line: string; hint: LineHint }
  /** The world is gone: a trap leaves nothing to go on with. `during` is the message it failed on. */
  | { type: "failed"; during: ToWorker["type"] | Try["type"]; message: string };

/** A worker without a world may be asked what comes of a seed's. What breaks the claim is made smaller within `plays` plays. */
export interface Try {
  type: "try";
  claim: string;
  seed: number;
  nodes: number;
  commands: number;
  plays: number;
}

export type Tried = { type: "tried"; trial: Trial } | Extract<FromWorker, { type: "failed" }>;
