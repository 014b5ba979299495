/** Gathers what happens on the way from one moment to another, cut where something was done. */

import type { ScriptEntry } from "./moment.ts";
import type { Playhead } from "./playhead.ts";
import type { Chapter } from "./protocol.ts";
import type { ClientId, View } from "./types.ts";

/** Of a long way the newest events are kept: more than the page's log and transcripts hold. */
const EVENTS_MAX = 40_000;

export class Chapters {
  readonly #head: Playhead;
  readonly #told: Chapter[] = [];
  #events = 0;
  #dropped = 0;
  #lastClient: ClientId | null = null;

  constructor(head: Playhead) {
    this.#head = head;
  }

  /** Something is about to be done: what happened before belongs to what was done before. */
  cut(): void {
    this.#drain();
  }

  /** It was done. */
  begin(entry: ScriptEntry): void {
    const opens = "input" in entry && entry.input.kind === "openClient";
    this.#told.push({ entry, opened: null, entries: this.#head.at.entries, events: [] });
    if (opens) this.#drain(this.#told.at(-1));
  }

  /** The world as it is now, and all that led here. */
  finish(): { view: View; chapters: Chapter[] } {
    return { view: this.#drain(), chapters: this.#told };
  }

  #drain(opening?: Chapter): View {
    const { view, events } = this.#head.world.frame();
    const last = view.clients.at(-1)?.id ?? null;
    if (opening && last !== null && (this.#lastClient === null || last > this.#lastClient)) opening.opened = last;
    this.#lastClient = last;
    if (events.length > 0) this.#add(events);
    return view;
  }

  #add(events: Chapter["events"]): void {
    const { entries } = this.#head.at;
    const last = this.#told.at(-1);
    if (last && last.entries === entries) last.events = last.events.length === 0 ? events : last.events.concat(events);
    else this.#told.push({ entry: null, opened: null, entries, events });
    this.#events += events.length;
    while (this.#events > EVENTS_MAX && this.#dropped < this.#told.length - 1) this.#drop(this.#told[this.#dropped++]);
  }

  #drop(chapter: Chapter | undefined): void {
    if (!chapter) return;
    this.#events -= chapter.events.length;
    chapter.events = [];
  }
}
