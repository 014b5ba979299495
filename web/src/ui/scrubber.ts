/**
 * The way back: a slider over all the time there was, with a tick for what was done, what was broken and who changed
 * roles; and the way to what else was, the futures that were left.
 */

import { LitElement, css, html, nothing, svg, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Future } from "../engine/client.ts";
import { clipped, clockTime, duration, plural } from "../format.ts";
import type { Tick } from "../session/ticks.ts";
import { controls, emit, strip } from "./shared.ts";

/** The more it changes, the higher its tick. */
const KINDS: readonly { kind: Tick["kind"]; y: number }[] = [
  { kind: "command", y: 7 },
  { kind: "fault", y: 4 },
  { kind: "role", y: 1 },
];
const HEIGHT = 10;
/** Ticks closer than this share of the whole are one. */
const GRAIN = 600;

@customElement("rd-scrubber")
export class RdScrubber extends LitElement {
  static override styles = [
    controls,
    strip,
    css`
      :host {
        height: var(--rd-bar);
        padding: 0 var(--rd-3);
        background: var(--rd-panel);
      }

      :host([data-past]) {
        background: var(--rd-warn-soft);
      }

      .line {
        position: relative;
        flex: 1;
        min-width: 0;
      }

      svg {
        position: absolute;
        inset: 0 6.5px;
        width: calc(100% - 13px);
        height: 100%;
        pointer-events: none;
        overflow: visible;
      }

      path {
        fill: none;
        stroke-width: 1.5;
        vector-effect: non-scaling-stroke;
      }

      .command {
        stroke: var(--rd-ink-3);
      }

      .fault {
        stroke: var(--rd-warn);
      }

      .role {
        stroke: var(--rd-accent);
        stroke-width: 3;
      }

      input[type="range"] {
        position: relative;
        display: block;
        width: 100%;
      }

      .where {
        min-width: 9.5rem;
      }

      :host([data-past]) .where {
        color: var(--rd-ink);
      }

      .end {
        min-width: 4.5rem;
        color: var(--rd-ink-3);
        font: var(--rd-text-s) var(--rd-mono);
        text-align: right;
      }

      button {
        min-width: 4.5rem;
      }

      select {
        max-width: 9.5rem;
        height: 1.5rem;
        border: 1px solid var(--rd-line-strong);
        border-radius: var(--rd-radius);
        background: var(--rd-raised);
        font-size: var(--rd-text-s);
      }

      @media (max-width: 759px) {
        .where {
          min-width: 5.5rem;
        }

        .where span {
          display: none;
        }

        select {
          max-width: 4.5rem;
        }
      }
    `,
  ];

  @property({ type: Number }) nowUs = 0;
  @property({ type: Number }) endUs = 0;
  @property({ type: Number }) floorUs = 0;
  @property({ type: Boolean }) inPast = false;
  @property({ type: Boolean }) unseen = false;
  @property({ attribute: false }) ticks: readonly Tick[] = [];
  /** That were left and can be gone back to, the newest first. */
  @property({ attribute: false }) futures: readonly Future[] = [];

  #drawn: { ticks: readonly Tick[]; grainUs: number; paths: ReadonlyMap<Tick["kind"], string> } | null = null;

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("inPast")) this.toggleAttribute("data-past", this.inPast);
  }

  override render() {
    const end = Math.max(this.endUs, 1);
    const back = this.endUs - this.nowUs;
    return html`
      <span class="where note figures">${this.inPast ? html`${duration(back)} ${this.unseen ? html`to come` : html`back<span>: playing repeats</span>`}` : html`Now<span>: slide to go back</span>`}</span>
      <div class="line">
        <svg viewBox="0 0 ${end} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
          ${KINDS.map(({ kind }) => svg`<path class=${kind} d=${this.#paths().get(kind) ?? ""}/>`)}
        </svg>
        <input
          type="range"
          aria-label="Time that has passed"
          aria-valuetext="${clockTime(this.nowUs)} of ${clockTime(this.endUs)} seconds"
          min=${Math.min(this.floorUs, end)}
          max=${end}
          step="1000"
          .value=${String(this.nowUs)}
          @input=${this.#slid}
          @keydown=${this.#key}
        />
      </div>
      ${this.futures.length > 0 ? this.#others() : nothing}
      ${this.inPast ? html`<button class="outlined" @click=${() => emit(this, "rd-seek", this.endUs)}>To the end</button>` : html`<span class="end figures">${clockTime(this.endUs)}</span>`}
    `;
  }

  #others() {
    return html`<select aria-label="Other futures" title="Go to the end of another future; this one can be gone back to" .value=${""} @change=${this.#turn}>
      <option value="" hidden>${plural(this.futures.length, "other future")}</option>
      ${this.futures.map((future, index) => html`<option value=${index}>${named(future)}</option>`)}
    </select>`;
  }

  #turn(event: Event): void {
    const select = event.target as HTMLSelectElement;
    const future = this.futures[Number(select.value)];
    select.value = "";
    if (future) emit(this, "rd-turn", future);
  }

  /** Each kind's ticks as one path, made anew when there are others, or when time has doubled. */
  #paths(): ReadonlyMap<Tick["kind"], string> {
    const grainUs = 2 ** Math.floor(Math.log2(Math.max(this.endUs, 1) / GRAIN));
    if (this.#drawn?.ticks !== this.ticks || this.#drawn.grainUs !== grainUs) this.#drawn = { ticks: this.ticks, grainUs, paths: draw(this.ticks, grainUs) };
    return this.#drawn.paths;
  }

  #slid(event: Event): void {
    emit(this, "rd-seek", Number((event.target as HTMLInputElement).value));
  }

  /** A millisecond is too little for a key. */
  #key(event: KeyboardEvent): void {
    const by = { ArrowLeft: -100_000, ArrowDown: -100_000, ArrowRight: 100_000, ArrowUp: 100_000, PageDown: -5_000_000, PageUp: 5_000_000 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    emit(this, "rd-seek", Math.min(this.endUs, Math.max(this.floorUs, this.nowUs + by)));
  }
}

/** By what was typed last in it, and how far it went. */
function named({ script, end }: Future): string {
  const typed = script.findLast((entry) => "input" in entry && entry.input.kind === "type");
  const line = typed && "input" in typed && typed.input.kind === "type" ? `${clipped(typed.input.line, 28)}, ` : "";
  return `${line}until ${clockTime(end.atUs)} s`;
}

function draw(ticks: readonly Tick[], grainUs: number): Map<Tick["kind"], string> {
  return new Map(
    KINDS.map(({ kind, y }) => {
      const places = new Set(ticks.filter((tick) => tick.kind === kind).map(({ atUs }) => Math.floor(atUs / grainUs)));
      return [kind, [...places].map((place) => `M${place * grainUs} ${y}V${HEIGHT}`).join("")];
    }),
  );
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-scrubber": RdScrubber;
  }
}
