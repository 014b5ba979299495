/**
 * What a page and the iframe with a playground in it say to each other. Each
 * message carries the mark, so that it is not taken for anybody else's.
 */

import type { PlaygroundEvents } from "./events.ts";

export const MARK = "redarium-1";

/** What the host may call: the element's methods, by name. */
export const METHODS = ["ready", "run", "step", "play", "pause", "seek", "reset", "exportScenario", "importScenario"] as const;
export type Method = (typeof METHODS)[number];

export type ToFrame = { mark: typeof MARK; id: number; method: Method; args: readonly unknown[] };

export type FromFrame =
  | { mark: typeof MARK; id: number; result: unknown }
  | { mark: typeof MARK; id: number; error: string }
  | { mark: typeof MARK; event: keyof PlaygroundEvents | "resize"; detail: unknown };

export function isToFrame(data: unknown): data is ToFrame {
  if (typeof data !== "object" || data === null) return false;
  const { mark, id, method, args } = data as Record<string, unknown>;
  return mark === MARK && typeof id === "number" && METHODS.includes(method as Method) && Array.isArray(args);
}

export function isFromFrame(data: unknown): data is FromFrame {
  return typeof data === "object" && data !== null && (data as Record<string, unknown>)["mark"] === MARK;
}
