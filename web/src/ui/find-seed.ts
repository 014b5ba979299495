/** A person picks a claim; fleets are made from one seed after the other until it does not hold in one. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { BELIEVED, PROMISED, type Claim } from "../seeds/claims.ts";
import { findSeed, type Found, type SeedWorker } from "../seeds/search.ts";
import { taleOf } from "../seeds/tale.ts";
import { linkHash } from "../share/link.ts";
import { dialogStyles } from "./dialog-styles.ts";
import { controls, emit } from "./shared.ts";

type Stage =
  | { is: "idle" }
  | { is: "trying"; held: number; end: AbortController }
  | { is: "shrinking"; seed: number; end: AbortController }
  | { is: "ended"; held: number }
  | { is: "found"; found: Found; claim: Claim; link: string }
  | { is: "failed"; message: string };

@customElement("rd-find-seed")
export class RdFindSeed extends LitElement {
  static override styles = [
    controls,
    dialogStyles,
    css`
      :host {
        display: block;
      }

      select {
        flex: 1;
        min-width: 12rem;
        max-width: 100%;
        min-height: var(--rd-touch);
        padding: 0 var(--rd-2);
        border: 1px solid var(--rd-line-strong);
        border-radius: var(--rd-radius);
        background: var(--rd-well);
        font-size: var(--rd-text-s);
      }

      .news {
        margin-top: var(--rd-2);
      }

      .found {
        margin-top: var(--rd-2);
        padding: var(--rd-3);
        border: 1px solid var(--rd-line);
        border-radius: var(--rd-radius);
        background: var(--rd-accent-soft);
      }

      .found p {
        color: var(--rd-ink);
        overflow-wrap: anywhere;
      }
    `,
  ];

  @state() private stage: Stage = { is: "idle" };
  @query("select") private choice!: HTMLSelectElement;
  /** Where the next search begins: what was found is not found again. */
  #nextSeed = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  /** Ends the search, if there is one. */
  stop(): void {
    if (this.stage.is === "trying" || this.stage.is === "shrinking") this.stage.end.abort();
  }

  override render() {
    const searching = this.stage.is === "trying" || this.stage.is === "shrinking";
    return html`
      <p>A number makes a fleet: what is typed, what breaks and when. One number after the other is tried until the claim does not hold.</p>
      <div class="row">
        <select aria-label="Claim" ?disabled=${searching}>
          <optgroup label="Nobody promises it">${BELIEVED.map(option)}</optgroup>
          <optgroup label="Promised: a seed that breaks it is a bug">${PROMISED.map(option)}</optgroup>
        </select>
        ${searching ? html`<button class="outlined" @click=${() => this.stop()}>Stop</button>` : html`<button class="outlined" @click=${this.#search}>Find a seed</button>`}
      </div>
      <p class="news figures">${this.#news()}</p>
      <div role="status">${this.#found()}</div>
    `;
  }

  #news() {
    const { stage } = this;
    switch (stage.is) {
      case "trying":
        return `${seeds(stage.held)} tried, and it held.`;
      case "shrinking":
        return `Seed ${stage.seed} breaks it. Its script is being made small…`;
      case "ended":
        return `Stopped. ${seeds(stage.held)} tried, and it held.`;
      default:
        return nothing;
    }
  }

  #found() {
    const { stage } = this;
    if (stage.is === "failed") return html`<p class="wrong">The search has failed: ${stage.message}.</p>`;
    if (stage.is !== "found") return nothing;
    const { found, claim, link } = stage;
    return html`<div class="found">
      <p><b>Seed ${found.seed} breaks it:</b> ${found.text}.</p>
      <div class="row">
        <button class="outlined" @click=${() => emit(this, "rd-open-tale", taleOf(found, claim.words))}>Watch it happen</button>
        <input readonly aria-label="Link to what was found" .value=${link} @focus=${(event: FocusEvent) => (event.target as HTMLInputElement).select()} />
      </div>
    </div>`;
  }

  readonly #search = async (): Promise<void> => {
    const claim = [...BELIEVED, ...PROMISED].find(({ name }) => name === this.choice.value);
    if (!claim) return;
    const end = new AbortController();
    const firstSeed = this.#nextSeed;
    let held = 0;
    this.stage = { is: "trying", held, end };
    try {
      const found = await findSeed(spawnEngine, {
        claim: claim.name,
        firstSeed,
        signal: end.signal,
        onHeld: (seeds) => (this.stage = { is: "trying", held: (held = seeds), end }),
        onBroken: (seed) => (this.stage = { is: "shrinking", seed, end }),
      });
      this.#nextSeed = found ? found.seed + 1 : firstSeed + held;
      this.stage = found ? { is: "found", found, claim, link: `${location.href.split("#")[0]}${await linkHash(found.script)}` } : { is: "ended", held };
    } catch (error) {
      this.stage = { is: "failed", message: error instanceof Error ? error.message : String(error) };
    }
  };
}

function seeds(count: number): string {
  return `${count} ${count === 1 ? "seed" : "seeds"}`;
}

function option({ name, words }: Claim) {
  return html`<option value=${name}>${words}</option>`;
}

function spawnEngine(): SeedWorker {
  return new Worker(new URL("../engine/worker.ts", import.meta.url), { type: "module" });
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-find-seed": RdFindSeed;
  }
}
