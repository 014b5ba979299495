/**
 * The keys of a node: a list of them all, of which the rows in sight are made, and below it the one that was chosen
 * with its value.
 */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { KeyRow, NodeId } from "../engine/types.ts";
import { bytes, count, duration, plural } from "../format.ts";
import type { Look } from "../session/session.ts";
import { Looked } from "./looked.ts";
import { controls, list, lookup } from "./shared.ts";
import { ref, VirtualRows } from "./virtual-rows.ts";
import "./value.ts";

const ROW_PX = 28;

/** Rows are asked for by so many, so that scrolling a little asks nothing. */
const PAGE = 100;

/** So many keys are put in order anew whenever something happens; more of them, once a second. */
const QUICK_MAX = 2000;
const ORDER_MS = 1000;

/** So many lives are remembered for their bars. */
const LIVES_MAX = 5000;

@customElement("rd-keys")
export class RdKeys extends LitElement {
  static override styles = [
    controls,
    lookup,
    list,
    css`
      .list {
        max-height: min(40vh, 21rem);
        border-block: 1px solid var(--rd-line);
      }

      .row {
        display: grid;
        grid-template-columns: minmax(0, 1fr) max-content;
        gap: var(--rd-3);
        align-items: center;
        border-bottom: 1px solid var(--rd-line);
      }

      .name {
        font-family: var(--rd-mono);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .about {
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
        font-variant-numeric: tabular-nums;
      }

      .row[aria-selected="true"] .about {
        color: var(--rd-ink-2);
      }

      .life {
        position: absolute;
        inset: auto 0 -1px 0;
        height: 2px;
        background: var(--rd-accent);
        transform-origin: left;
      }
    `,
  ];

  @property({ type: Number }) node: NodeId = 0;
  @property({ attribute: false }) look!: Look;
  @property({ type: Number }) changes = 0;
  /** Keys there are, whatever is looked for. */
  @property({ type: Number }) total = 0;
  @property({ type: Number }) wallMs = 0;

  @state() private pattern = "";
  /** The chosen key, and its place in the list. */
  @state() private chosen: { db: number; raw: Uint8Array; at: number } | null = null;
  @state() private from = 0;

  #wanted: number | null = null;
  readonly #rows = new VirtualRows(this, ROW_PX);
  readonly #page = new Looked(this, "keys", () => this.#asks());
  readonly #value = new Looked(this, "value", () => this.chosen && { node: this.node, db: this.chosen.db, key: this.chosen.raw, from: this.from });
  /** What the order of the keys was last made for, and when. */
  #ordered = { about: "", changes: -1, realMs: 0 };
  /** How long each key had to live when that was first seen: the whole of its bar. */
  readonly #lives = new Map<string, { expireAtMs: number; wholeMs: number }>();

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("node") && changed.get("node") !== undefined) this.#startOver();
  }

  /** What was gone to is chosen once its row is there. */
  override updated(): void {
    if (this.#wanted === null || !this.#at(this.#wanted)) return;
    this.#choose(this.#wanted);
    this.#wanted = null;
  }

  override render() {
    const page = this.#page.seen;
    const listed = page?.total ?? 0;
    return html`
      <div class="bar">
        <input type="search" aria-label="Filter keys" placeholder="Part of a name, or a pattern: user:*" autocomplete="off" spellcheck="false" .value=${this.pattern} @input=${this.#filter} />
        <p class="figures" role="status">${this.pattern === "" ? plural(listed, "key") : `${count(listed)} of ${plural(this.total, "key")}`}</p>
      </div>
      ${listed === 0 ? html`<p>${this.#none(page === null)}</p>` : this.#list(listed)}
      ${this.chosen ? this.#shown() : nothing}
    `;
  }

  #none(waits: boolean): string {
    if (this.total === 0) return "None yet. Type SET k v in its terminal.";
    return waits ? "They are on their way." : "No key has such a name.";
  }

  #list(listed: number) {
    const at = this.chosen?.at;
    return html`<div
      class="list"
      role="listbox"
      tabindex="0"
      aria-label="Keys"
      aria-activedescendant=${at === undefined ? nothing : `row-${at}`}
      ${ref(this.#rows.scroller)}
      @scroll=${this.#rows.scrolled}
      @keydown=${this.#pressed}
    >
      ${this.#rows.render(listed, (index, style) => this.#row(index, style, listed))}
    </div>`;
  }

  #row(index: number, style: string, listed: number) {
    const key = this.#at(index);
    const isChosen = key !== null && this.#isChosen(key);
    return html`<div class="row" role="option" id="row-${index}" style=${style} aria-selected=${isChosen} aria-setsize=${listed} aria-posinset=${index + 1} @click=${() => this.#choose(index)}>
      ${key ? html`<span class="name">${key.name}</span><span class="about">${key.db === 0 ? nothing : `db ${key.db} · `}${key.type}, ${size(key)}${this.#life(key)}</span>` : html`<span class="about">…</span>`}
    </div>`;
  }

  #shown() {
    return html`<rd-value .view=${this.#value.seen} .wallMs=${this.wallMs} .from=${this.from} @rd-turn=${(event: CustomEvent<number>) => (this.from = event.detail)}></rd-value>`;
  }

  /** How long the key has to live, in words and as a bar that gets shorter. */
  #life(key: KeyRow) {
    if (key.expireAtMs === null) return nothing;
    const leftMs = Math.max(0, key.expireAtMs - this.wallMs);
    const id = `${key.db}:${key.name}`;
    let life = this.#lives.get(id);
    if (life?.expireAtMs !== key.expireAtMs) {
      if (this.#lives.size > LIVES_MAX) this.#lives.clear();
      life = { expireAtMs: key.expireAtMs, wholeMs: Math.max(1, leftMs) };
      this.#lives.set(id, life);
    }
    return html` · expires in ${duration(leftMs * 1000)}<span class="life" style="transform: scaleX(${leftMs / life.wholeMs})"></span>`;
  }

  #at(index: number): KeyRow | null {
    const page = this.#page.seen;
    return page?.rows[index - page.from] ?? null;
  }

  #asks() {
    const from = Math.floor(this.#rows.from / PAGE) * PAGE;
    const last = this.#rows.from + this.#rows.count;
    return { node: this.node, pattern: this.pattern, from, count: (Math.floor(last / PAGE) + 1) * PAGE - from, fresh: this.#wantsOrder() };
  }

  /** Whether the keys have to be put in order anew. Many of them take a moment, and are not while everything changes. */
  #wantsOrder(): boolean {
    const about = `${this.node} ${this.pattern}`;
    const { changes } = this;
    if (about === this.#ordered.about && changes === this.#ordered.changes) return false;
    const realMs = performance.now();
    const waitMs = this.#ordered.realMs + ORDER_MS - realMs;
    if (about === this.#ordered.about && (this.#page.seen?.total ?? 0) > QUICK_MAX && waitMs > 0) {
      setTimeout(() => this.requestUpdate(), waitMs);
      return false;
    }
    this.#ordered = { about, changes, realMs };
    return true;
  }

  #choose(index: number): void {
    const key = this.#at(index);
    if (!key) return;
    if (!this.#isChosen(key)) {
      this.#value.forget();
      this.from = 0;
    }
    this.chosen = { db: key.db, raw: key.raw, at: index };
    this.#rows.show(index);
  }

  #pressed(event: KeyboardEvent): void {
    const total = this.#page.seen?.total ?? 0;
    const at = this.chosen?.at ?? -1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: total - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const index = Math.min(total - 1, Math.max(0, to));
    this.#rows.show(index);
    this.#wanted = index;
    this.requestUpdate();
  }

  #isChosen(key: KeyRow): boolean {
    return this.chosen !== null && this.chosen.db === key.db && sameBytes(this.chosen.raw, key.raw);
  }

  #filter(event: Event): void {
    this.pattern = (event.target as HTMLInputElement).value;
    this.chosen = null;
  }

  #startOver(): void {
    this.#page.forget();
    this.#value.forget();
    this.chosen = null;
    this.from = 0;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Bytes of a string, elements of all else. */
export function size(key: KeyRow): string {
  if (key.type === "string") return bytes(key.length);
  if (key.type === "stream") return plural(key.length, "entry", "entries");
  return plural(key.length, "element");
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-keys": RdKeys;
  }
}
