/**
 * An answer about a node, kept up to date: asked again when the question is another, or when something happened. One
 * question is out at a time, so a busy world is never asked more than it can answer.
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Looks } from "../engine/types.ts";
import type { Look } from "../session/session.ts";

export interface Looker extends ReactiveControllerHost {
  readonly look: Look;
  /** Counts what may have changed the answer. */
  readonly changes: number;
}

export class Looked<Name extends keyof Looks> implements ReactiveController {
  readonly #host: Looker;
  readonly #name: Name;
  readonly #asks: () => Looks[Name]["asks"] | null;
  #asked = "";
  #isOut = false;

  /** The newest answer; null before the first. */
  seen: Looks[Name]["answer"] | null = null;

  constructor(host: Looker, name: Name, asks: () => Looks[Name]["asks"] | null) {
    this.#host = host;
    this.#name = name;
    this.#asks = asks;
    host.addController(this);
  }

  hostUpdated(): void {
    void this.#ask();
  }

  /** What is shown belongs to something else from now on. */
  forget(): void {
    this.seen = null;
    this.#asked = "";
  }

  async #ask(): Promise<void> {
    if (this.#isOut) return;
    const asks = this.#asks();
    if (!asks) return;
    // To ask anew is a reason of its own, and no other question.
    const fresh = "fresh" in asks && asks.fresh;
    const asked = `${this.#host.changes} ${JSON.stringify({ ...asks, fresh: undefined })}`;
    if (asked === this.#asked && !fresh) return;
    this.#asked = asked;
    this.#isOut = true;
    const seen = await this.#host.look(this.#name, asks);
    this.#isOut = false;
    // Forgotten meanwhile: this answers an old question.
    if (this.#asked === asked && seen !== null) this.seen = seen;
    this.#host.requestUpdate();
  }
}
