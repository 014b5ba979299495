/** The keys of a node: their types, encodings and times to live; each opens to the beginning of its value. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { Item, KeyView } from "../engine/types.ts";
import { bytes, count, duration, plural } from "../format.ts";
import { controls } from "./shared.ts";
import "./stream.ts";

@customElement("rd-keys")
export class RdKeys extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }

      h4 {
        margin: var(--rd-5) 0 var(--rd-2);
        font-size: var(--rd-text-s);
        font-weight: 600;
      }

      p {
        margin: 0;
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
      }

      details {
        border-bottom: 1px solid var(--rd-line);
      }

      summary {
        position: relative;
        display: grid;
        grid-template-columns: minmax(0, 1fr) max-content;
        gap: 0 var(--rd-3);
        align-items: baseline;
        padding: var(--rd-1) 0 calc(var(--rd-1) + 2px);
        cursor: pointer;
      }

      summary::marker,
      summary::-webkit-details-marker {
        content: "";
        display: none;
      }

      .name {
        font-family: var(--rd-mono);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .name::before {
        content: "▸";
        display: inline-block;
        width: 1.1em;
        color: var(--rd-ink-3);
      }

      details[open] .name::before {
        content: "▾";
      }

      .about {
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
        font-variant-numeric: tabular-nums;
      }

      .life {
        position: absolute;
        inset: auto 0 -1px 0;
        height: 2px;
        background: var(--rd-accent);
        transform-origin: left;
      }

      .value {
        padding: 0 0 var(--rd-3) 1.1em;
      }

      pre {
        margin: 0;
        padding: var(--rd-2);
        border-radius: var(--rd-radius);
        background: var(--rd-well);
        font-family: var(--rd-mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }

      table {
        width: 100%;
        border-collapse: collapse;
        table-layout: fixed;
        font-family: var(--rd-mono);
      }

      td {
        padding: 1px var(--rd-3) 1px 0;
        overflow-wrap: anywhere;
        vertical-align: top;
      }

      td.index {
        width: 3.5ch;
        color: var(--rd-ink-3);
      }

      .facts {
        margin: 0 0 var(--rd-2);
      }
    `,
  ];

  @property({ attribute: false }) keys: readonly KeyView[] = [];
  /** Keys there are, of which some may not be shown. */
  @property({ type: Number }) total = 0;
  @property({ type: Number }) wallMs = 0;

  /** Which keys are open, by database and name: what is open stays so while values change. */
  @state() private open: ReadonlySet<string> = new Set();
  /** How long each key had to live when that was first seen: the whole of its bar. */
  readonly #lives = new Map<string, { expireAtMs: number; wholeMs: number }>();

  override render() {
    return html`
      <h4>Its keys</h4>
      ${this.keys.length === 0 ? html`<p>${this.total === 0 ? "None yet. Type SET k v in its terminal." : "They are on their way."}</p>` : nothing}
      ${repeat(this.keys, idOf, (key) => this.#key(key))}
      ${this.total > this.keys.length && this.keys.length > 0 ? html`<p>and ${plural(this.total - this.keys.length, "more key")}</p>` : nothing}
    `;
  }

  #key(key: KeyView) {
    const id = idOf(key);
    const isOpen = this.open.has(id);
    return html`<details ?open=${isOpen} @toggle=${(event: Event) => this.#toggle(id, (event.target as HTMLDetailsElement).open)}>
      <summary>
        <span class="name">${key.name}</span>
        <span class="about">${key.db === 0 ? nothing : `db ${key.db} · `}${key.type}, ${size(key)}${this.#life(key)}</span>
      </summary>
      ${isOpen ? html`<div class="value"><p class="facts">Kept as ${key.encoding}, in ${bytes(key.bytes)}.</p>${this.#value(key)}</div>` : nothing}
    </details>`;
  }

  #value(key: KeyView) {
    const { value } = key;
    switch (value.kind) {
      case "text":
        return html`<pre>${value.text}</pre>`;
      case "items":
        return html`<table><tbody>${value.items.map((item, at) => row(key.type, item, at))}</tbody></table>${key.length > value.items.length ? html`<p>and ${count(key.length - value.items.length)} more</p>` : nothing}`;
      case "stream":
        return html`<rd-stream .stream=${value} .length=${key.length} .wallMs=${this.wallMs}></rd-stream>`;
    }
  }

  /** How long the key has to live, in words and as a bar that gets shorter. */
  #life(key: KeyView) {
    if (key.expireAtMs === null) return nothing;
    const leftMs = Math.max(0, key.expireAtMs - this.wallMs);
    const id = idOf(key);
    let life = this.#lives.get(id);
    if (life?.expireAtMs !== key.expireAtMs) {
      life = { expireAtMs: key.expireAtMs, wholeMs: Math.max(1, leftMs) };
      this.#lives.set(id, life);
    }
    return html` · expires in ${duration(leftMs * 1000)}<span class="life" style="transform: scaleX(${leftMs / life.wholeMs})"></span>`;
  }

  #toggle(id: string, open: boolean): void {
    if (this.open.has(id) === open) return;
    const next = new Set(this.open);
    if (open) next.add(id);
    else next.delete(id);
    this.open = next;
  }
}

function idOf(key: KeyView): string {
  return `${key.db}:${key.name}`;
}

function size(key: KeyView): string {
  if (key.value.kind === "text") return bytes(key.length);
  if (key.value.kind === "stream") return plural(key.length, "entry", "entries");
  return plural(key.length, "element");
}

function row(type: string, item: Item, at: number) {
  const index = type === "list" ? html`<td class="index">${at}</td>` : nothing;
  const value = item.value === null ? nothing : html`<td>${item.value}</td>`;
  return type === "zset" ? html`<tr>${value}<td>${item.name}</td></tr>` : html`<tr>${index}<td>${item.name}</td>${value}</tr>`;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-keys": RdKeys;
  }
}
