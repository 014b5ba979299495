/** The event log: the picture in words, newest last, filtered by topic, node and text. */

import { LitElement, css, html, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { NodeView } from "../engine/types.ts";
import { bytes, clockTime, host } from "../format.ts";
import { filtered, LOG_FILTER_DEFAULT, LOG_TOPICS, type LogEntry, type LogFilter, type LogTopic } from "../session/log.ts";
import { KINDS, kindGlyph } from "./kinds.ts";
import { kindStyles } from "./kind-styles.ts";
import { controls, emit, panel } from "./shared.ts";

/** Topics whose text is a command or bytes. */
const CODE: ReadonlySet<LogTopic> = new Set(["packets", "commands", "wire"]);

/** More rows than anybody scrolls; older ones are found by the filter. */
const SHOWN_MAX = 300;
/** While more comes than anybody reads, only what is in sight is drawn, and no more often than an eye follows. */
const SHOWN_BUSY = 40;
const BUSY_MS = 120;
/** As many new entries in that time are too many to read. */
const BUSY_ENTRIES = 20;

@customElement("rd-log")
export class RdLog extends LitElement {
  static override styles = [
    controls,
    panel,
    kindStyles,
    css`
      .bar {
        flex-wrap: wrap;
        row-gap: 0;
      }

      .topics {
        display: flex;
        flex-wrap: wrap;
        gap: 2px;
      }

      .topics button {
        min-height: 1.5rem;
        color: var(--rd-ink-3);
      }

      .topics button[aria-pressed="true"] {
        color: var(--rd-ink);
      }

      input,
      select {
        height: 1.5rem;
        border: 1px solid var(--rd-line);
        border-radius: var(--rd-radius);
        background: var(--rd-well);
        font-size: var(--rd-text-s);
      }

      input {
        width: 7rem;
        padding: 0 var(--rd-2);
      }

      input::placeholder {
        color: var(--rd-ink-3);
      }

      .rows {
        container-type: inline-size;
        padding: var(--rd-1) 0;
        font-size: var(--rd-text-s);
      }

      .row {
        display: grid;
        grid-template-columns: 3.25rem 8.5rem 2rem minmax(0, 1fr) max-content;
        gap: var(--rd-2);
        align-items: center;
        width: 100%;
        min-height: 1.375rem;
        contain: layout paint style;
        padding: 0 var(--rd-3);
        border-radius: 0;
        font-weight: 400;
        text-align: left;
      }

      button.row:focus-visible {
        outline-offset: -2px;
      }

      .at {
        color: var(--rd-ink-3);
        font: var(--rd-text-xs) var(--rd-mono);
        text-align: right;
      }

      .who {
        font: var(--rd-text-xs) var(--rd-mono);
        color: var(--rd-ink-2);
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }

      .text {
        color: var(--rd-ink);
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }

      .code {
        font: var(--rd-text-xs) var(--rd-mono);
      }

      .warns .text {
        color: var(--rd-warn);
      }

      .fate {
        color: var(--rd-ink-3);
        font-size: var(--rd-text-xs);
      }

      .fate.lost {
        color: var(--rd-warn);
        font-weight: 600;
      }

      svg.kind {
        display: block;
      }

      .none {
        padding: var(--rd-3);
        color: var(--rd-ink-3);
      }

      @container (max-width: 30rem) {
        .row {
          grid-template: "at kind text" auto "at kind who" auto / 3.25rem 2rem minmax(0, 1fr);
          gap: 0 var(--rd-2);
          padding-block: var(--rd-1);
        }

        .at {
          grid-area: at;
        }

        .who {
          grid-area: who;
        }

        .glyph {
          grid-area: kind;
        }

        .text {
          grid-area: text;
        }

        .fate {
          display: none;
        }
      }

      @media (max-width: 759px) {
        .bar h2 {
          display: none;
        }

        .bar {
          padding-block: var(--rd-1);
          row-gap: var(--rd-1);
        }
      }
    `,
  ];

  @property({ attribute: false }) entries: readonly LogEntry[] = [];
  @property({ attribute: false }) nodes: readonly NodeView[] = [];

  @state() private filter: LogFilter = LOG_FILTER_DEFAULT;
  @query(".rows") private rows!: HTMLElement;
  #follows = true;
  #drawnAtMs = 0;
  /** The newest entry that was drawn, by its id. */
  #drawnTo = 0;
  #isBusy = false;
  /** Shown again, or of another size, it goes on where the news is. */
  readonly #resizes = new ResizeObserver(() => this.#follow());

  override firstUpdated(): void {
    this.#resizes.observe(this.rows);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resizes.disconnect();
  }

  override render() {
    const found = filtered(this.entries, this.filter);
    return html`
      <div class="bar">
        <h2>Events</h2>
        <div class="topics" role="group" aria-label="Show">
          ${LOG_TOPICS.map(({ topic, label, about }) => html`<button aria-pressed=${this.filter.topics.has(topic)} title=${about} @click=${() => this.#toggle(topic)}>${label}</button>`)}
        </div>
        <div class="end">
          <select aria-label="Node" @change=${this.#pickNode}>
            <option value="">All nodes</option>
            ${this.nodes.map((node) => html`<option value=${node.id}>${host(node.address)}</option>`)}
          </select>
          <button class="icon" aria-label="Export the events shown" title="Export the events shown, with their bytes" ?disabled=${found.length === 0} @click=${() => emit(this, "rd-export-log", found)}>↓</button>
          <input type="search" aria-label="Filter events by text" placeholder="Filter" .value=${this.filter.text} @input=${this.#search} />
        </div>
      </div>
      <div class="rows scroll" role="log" aria-label="Events" tabindex="0" @scroll=${this.#noticeScroll}>
        ${found.length === 0 ? html`<p class="none">Nothing yet.</p>` : repeat(found.slice(this.#isBusy ? -SHOWN_BUSY : -SHOWN_MAX), ({ id }) => id, (entry) => this.#row(entry))}
      </div>
    `;
  }

  /** A frame without events changes nothing here. */
  override shouldUpdate(changed: PropertyValues<this>): boolean {
    return changed.size > (changed.has("nodes") ? 1 : 0) || changed.get("nodes")?.length !== this.nodes.length;
  }

  /** Drawing waits while the last one is fresh. */
  protected override async scheduleUpdate(): Promise<void> {
    const waitMs = this.#drawnAtMs + BUSY_MS - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.#drawnAtMs = performance.now();
    super.scheduleUpdate();
  }

  override willUpdate(): void {
    const newest = this.entries.at(-1)?.id ?? 0;
    const wasBusy = this.#isBusy;
    this.#isBusy = newest - this.#drawnTo > BUSY_ENTRIES;
    this.#drawnTo = newest;
    // When it has quieted down, the rest is drawn too.
    if (this.#isBusy || wasBusy) setTimeout(() => this.#isBusy && this.requestUpdate(), BUSY_MS * 4);
  }

  override updated(): void {
    this.#follow();
  }

  #follow(): void {
    if (this.#follows) this.rows.scrollTop = this.rows.scrollHeight;
  }

  #row(entry: LogEntry) {
    const { packet } = entry;
    const parts = html`<span class="at figures">${clockTime(entry.atUs)}</span>
      <span class="who">${this.#who(entry)}</span>
      <span class="glyph" data-kind=${packet?.kind ?? ""}>${packet ? kindGlyph(packet.kind, packet.bytes) : ""}</span>
      <span class="text">${packet ? html`<span class="sr">${KINDS[packet.kind].name}: </span>` : entry.verb}${entry.verb === "" ? "" : " "}<span class=${CODE.has(entry.topic) ? "code" : ""}>${entry.text}</span></span>
      <span class="fate figures ${packet?.fate ?? ""}">${packet ? `${bytes(packet.bytes)}${packet.fate === "arrived" ? "" : `, ${packet.fate}`}` : ""}</span>`;
    if (!packet) return html`<div class="row ${entry.warns ? "warns" : ""}">${parts}</div>`;
    return html`<button class="row" @click=${() => emit(this, "rd-select", { kind: "packet", id: packet.id })}>${parts}</button>`;
  }

  #who({ nodes, packet }: LogEntry): string {
    const names = nodes.map((id) => host(this.nodes.find((node) => node.id === id)?.address ?? "?"));
    return names.join(packet ? " → " : " – ");
  }

  #toggle(topic: LogTopic): void {
    const topics = new Set(this.filter.topics);
    if (!topics.delete(topic)) topics.add(topic);
    if (topic === "wire") emit(this, "rd-overhear", topics.has(topic));
    this.#setFilter({ topics });
  }

  #pickNode(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.#setFilter({ node: value === "" ? null : Number(value) });
  }

  #search(event: Event): void {
    this.#setFilter({ text: (event.target as HTMLInputElement).value });
  }

  #setFilter(change: Partial<LogFilter>): void {
    this.filter = { ...this.filter, ...change };
    this.#follows = true;
  }

  #noticeScroll(): void {
    if (this.rows.clientHeight > 0) this.#follows = this.rows.scrollHeight - this.rows.scrollTop - this.rows.clientHeight < 24;
  }
}


declare global {
  interface HTMLElementTagNameMap {
    "rd-log": RdLog;
  }
}
