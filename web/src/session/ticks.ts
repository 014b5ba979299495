/** What the scrubber marks: when something was typed, when something was broken or mended, when a node changed its role. */

import { isUntil, type Moment, type Script } from "../engine/moment.ts";
import type { NodeId, WorldEvent } from "../engine/types.ts";

export interface Tick {
  atUs: number;
  kind: "command" | "fault" | "role";
}

/** A fleet that changes roles more often is not read by its ticks. */
const ROLES_MAX = 500;

export class Ticks {
  #roles: { moment: Moment; node: NodeId }[] = [];

  take(events: readonly WorldEvent[], done: number): void {
    for (const event of events) {
      if (event.kind === "role") this.#roles.push({ moment: { entries: done, atUs: event.atUs }, node: event.node });
    }
    this.#roles = this.#roles.slice(-ROLES_MAX);
  }

  forgetBeyond(moment: Moment): void {
    this.#roles = this.#roles.filter((role) => isUntil(role.moment, moment));
  }

  all(script: Script): Tick[] {
    const roles = this.#roles.map(({ moment }) => ({ atUs: moment.atUs, kind: "role" as const }));
    return [...script.flatMap((entry) => tickOf(entry) ?? []), ...roles];
  }
}

function tickOf(entry: Script[number]): Tick | null {
  if (!("input" in entry)) return null;
  switch (entry.input.kind) {
    case "openClient":
    case "closeClient":
      return null;
    case "type":
    case "interrupt":
      return { atUs: entry.atUs, kind: "command" };
    default:
      return { atUs: entry.atUs, kind: "fault" };
  }
}
