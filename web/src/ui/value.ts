/** One key opened: what is known of it, and its value in the form its type asks for, a stretch at a time. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Item, KeyView } from "../engine/types.ts";
import { bytes, count } from "../format.ts";
import { controls } from "./shared.ts";

/** As many elements, or bytes of a string, as the engine hands over at once. */
const ITEMS = 100;
const BYTES = 4096;

@customElement("rd-value")
export class RdValue extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        padding-top: var(--rd-3);
      }

      h4 {
        margin: 0 0 var(--rd-1);
        font: 600 var(--rd-text-m) var(--rd-mono);
        overflow-wrap: anywhere;
      }

      p {
        margin: 0 0 var(--rd-2);
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
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
        width: 7ch;
        color: var(--rd-ink-3);
      }

      .pager {
        display: flex;
        align-items: center;
        gap: var(--rd-2);
        margin-top: var(--rd-2);
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
      }
    `,
  ];

  @property({ attribute: false }) view: KeyView | null = null;
  @property({ type: Number }) wallMs = 0;
  /** Where the stretch that is asked for begins. */
  @property({ type: Number }) from = 0;

  override render() {
    const { view } = this;
    if (!view) return html`<p>It is gone, or on its way.</p>`;
    return html`
      <h4>${view.name}</h4>
      <p>Kept as ${view.encoding}, in ${bytes(view.bytes)}.</p>
      ${this.#value(view)} ${this.#pager(view)}
    `;
  }

  #value(view: KeyView) {
    const { value } = view;
    switch (value.kind) {
      case "text":
        void import("./string-value.ts");
        return html`<rd-string-value .raw=${value.raw} .from=${view.from} .registers=${value.registers}></rd-string-value>`;
      case "items":
        if (value.points && value.points.length > 0) void import("./places.ts");
        return html`
          ${value.points && value.points.length > 0 ? html`<rd-places .points=${value.points} .names=${value.items.map(({ name }) => name)}></rd-places>` : nothing}
          <table><tbody>${value.items.map((item, at) => row(view.type, item, view.from + at))}</tbody></table>
        `;
      case "stream":
        void import("./stream.ts");
        return html`<rd-stream .stream=${value} .length=${view.length} .wallMs=${this.wallMs}></rd-stream>`;
    }
  }

  #pager(view: KeyView) {
    if (view.value.kind === "stream") return nothing;
    const step = view.value.kind === "text" ? BYTES : ITEMS;
    if (view.length <= step) return nothing;
    const until = Math.min(view.length, view.from + step);
    const turn = (from: number) => this.dispatchEvent(new CustomEvent("rd-turn", { detail: from }));
    return html`<div class="pager figures">
      <button class="outlined" ?disabled=${view.from === 0} @click=${() => turn(Math.max(0, this.from - step))}>Before</button>
      <span>${count(view.from)} to ${count(until - 1)} of ${count(view.length)}</span>
      <button class="outlined" ?disabled=${until >= view.length} @click=${() => turn(this.from + step)}>After</button>
    </div>`;
  }
}

function row(type: string, item: Item, at: number) {
  const index = type === "list" ? html`<td class="index">${at}</td>` : nothing;
  const value = item.value === null ? nothing : html`<td>${item.value}</td>`;
  return type === "zset" ? html`<tr>${value}<td>${item.name}</td></tr>` : html`<tr>${index}<td>${item.name}</td>${value}</tr>`;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-value": RdValue;
  }
}
