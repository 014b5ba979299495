/** The event log: the picture in words, newest last, filtered by topic, node and text. */

import { LitElement, css, html, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { NodeView } from "../engine/types.ts";
import { bytes, clockTime, host, plural } from "../format.ts";
import { filtered, LOG_FILTER_DEFAULT, LOG_TOPICS, type LogEntry, type LogFilter, type LogTopic } from "../session/log.ts";
import { KINDS, kindGlyph } from "./kinds.ts";
import { kindStyles } from "./kind-styles.ts";
import { controls, emit, panel } from "./shared.ts";
import { ref, VirtualRows } from "./virtual-rows.ts";

/** Topics whose text is a command or bytes. */
const CODE: ReadonlySet<LogTopic> = new Set(["packets", "commands", "wire", "inspector"]);

const FOCUSED_ROW = ".row:focus-visible";
/** A row's height, and where a row has two lines: see the styles. */
const ROW_PX = 22;
const TALL_ROW_PX = 44;
const NARROW_PX = 480;
/** What happens is drawn no more often than an eye follows. */
const DRAW_MS = 120;

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

      .body {
        position: relative;
        display: flex;
        flex: 1;
        min-height: 0;
      }

      .rows {
        container-type: inline-size;
        overflow-anchor: none;
        font-size: var(--rd-text-s);
      }

      .newer {
        position: absolute;
        right: var(--rd-4);
        bottom: var(--rd-2);
        min-height: 1.5rem;
        box-shadow: 0 1px 4px oklch(0% 0 0 / 0.2);
      }

      .row {
        display: grid;
        grid-template-columns: 3.25rem 8.5rem 2rem minmax(0, 1fr) max-content;
        gap: var(--rd-2);
        align-items: center;
        width: 100%;
        min-height: 0;
        contain: strict;
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

      @container (max-width: 480px) {
        .row {
          grid-template: "at kind text" auto "at kind who" auto / 3.25rem 2rem minmax(0, 1fr);
          gap: 0 var(--rd-2);
          align-content: center;
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

  @property() heading = "Events";
  @property({ attribute: false }) topics: readonly { topic: LogTopic; label: string; about: string }[] = LOG_TOPICS;
  /** What is shown at first, and then what was chosen. */
  @property({ attribute: false }) filter: LogFilter = LOG_FILTER_DEFAULT;

  /** The list as it was when somebody left its end to read; null while its end is followed. */
  @state() private held: readonly LogEntry[] | null = null;
  readonly #rows = new VirtualRows(this, (widthPx) => (widthPx <= NARROW_PX ? TALL_ROW_PX : ROW_PX));
  @query(".rows") private scroller!: HTMLElement;
  #found: readonly LogEntry[] = [];
  #drawnAtMs = 0;
  /** What somebody scrolls to or looks for waits for nothing. */
  #isAwaited = false;
  /** Shown again, or of another size, it goes on where the news is. */
  readonly #resizes = new ResizeObserver(() => this.requestUpdate());

  override firstUpdated(): void {
    this.#resizes.observe(this.scroller);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resizes.disconnect();
  }

  override render() {
    const found = this.#found;
    const shown = this.held ?? found;
    const newer = this.held ? found.length - 1 - found.findLastIndex(({ id }) => id === shown.at(-1)?.id) : 0;
    return html`
      <div class="bar">
        <h2>${this.heading}</h2>
        <div class="topics" role="group" aria-label="Show">
          ${this.topics.map(({ topic, label, about }) => html`<button aria-pressed=${this.filter.topics.has(topic)} title=${about} @click=${() => this.#toggle(topic)}>${label}</button>`)}
        </div>
        <div class="end">
          ${this.nodes.length > 1 ? this.#nodePicker() : ""}
          <button class="icon" aria-label="Export the events shown" title="Export the events shown, with their bytes" ?disabled=${found.length === 0} @click=${() => emit(this, "rd-export-log", found)}>↓</button>
          <input type="search" aria-label="Filter events by text" placeholder="Filter" .value=${this.filter.text} @input=${this.#search} />
        </div>
      </div>
      <div class="body">
        <div class="rows scroll" role="log" aria-label=${this.heading} tabindex="0" ${ref(this.#rows.scroller)} @scroll=${this.#scrolled} @focusin=${this.#hold}>
          ${shown.length === 0 ? html`<p class="none">Nothing yet.</p>` : this.#rows.render(shown.length, (index, style) => this.#row(shown[index], style), (index) => shown[index]?.id ?? -1)}
        </div>
        ${newer > 0 ? html`<button class="newer outlined" @click=${this.#release}>${plural(newer, "newer event")} ↓</button>` : ""}
      </div>
    `;
  }

  #nodePicker() {
    return html`<select aria-label="Node" @change=${this.#pickNode}>
      <option value="">All nodes</option>
      ${this.nodes.map((node) => html`<option value=${node.id}>${host(node.address)}</option>`)}
    </select>`;
  }

  /** A frame without events changes nothing here. */
  override shouldUpdate(changed: PropertyValues<this>): boolean {
    return changed.size !== 1 || !changed.has("nodes") || changed.get("nodes")?.length !== this.nodes.length;
  }

  /** Drawing waits while the last one is fresh. */
  protected override async scheduleUpdate(): Promise<void> {
    const waitMs = this.#drawnAtMs + DRAW_MS - performance.now();
    if (waitMs > 0 && !this.#isAwaited) await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.#drawnAtMs = performance.now();
    this.#isAwaited = false;
    super.scheduleUpdate();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("entries") || changed.has("filter")) this.#found = filtered(this.entries, this.filter);
    // Time was turned back: what is held never was, or is not yet.
    if (this.held && (this.entries.at(-1)?.id ?? -1) < (this.held.at(-1)?.id ?? -1)) this.held = null;
    if (!this.held) void this.#rows.follow(this.#found.length);
  }

  #row(entry: LogEntry | undefined, style: string) {
    if (!entry) return "";
    const { packet } = entry;
    const parts = html`<span class="at figures">${clockTime(entry.atUs)}</span>
      <span class="who">${this.#who(entry)}</span>
      <span class="glyph" data-kind=${packet?.kind ?? ""}>${packet ? kindGlyph(packet.kind, packet.bytes) : ""}</span>
      <span class="text">${packet ? html`<span class="sr">${KINDS[packet.kind].name}: </span>` : entry.verb}${entry.verb === "" ? "" : " "}<span class=${CODE.has(entry.topic) ? "code" : ""}>${entry.text}</span></span>
      <span class="fate figures ${packet?.fate ?? ""}">${packet ? `${bytes(packet.bytes)}${packet.fate === "arrived" ? "" : `, ${packet.fate}`}` : ""}</span>`;
    if (!packet) return html`<div class="row ${entry.warns ? "warns" : ""}" style=${style}>${parts}</div>`;
    return html`<button class="row" style=${style} @click=${() => emit(this, "rd-select", { kind: "packet", id: packet.id })}>${parts}</button>`;
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
    this.#found = filtered(this.entries, this.filter);
    this.held = null;
    this.#isAwaited = true;
  }

  /** Who scrolls away from the end reads: what is in sight stays. Back at the end, it goes on, but under no keyboard. */
  #scrolled(): void {
    this.#rows.scrolled();
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    if (clientHeight === 0) return;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < ROW_PX;
    if (isAtEnd && !this.scroller.querySelector(FOCUSED_ROW)) this.held = null;
    else this.#keep();
    this.#isAwaited = this.held !== null;
  }

  /** What a keyboard has come to stays as well. */
  #hold(event: FocusEvent): void {
    if ((event.target as Element).matches(FOCUSED_ROW)) this.#keep();
  }

  #keep(): void {
    this.held ??= this.#found;
  }

  #release(): void {
    this.held = null;
    this.scroller.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-log": RdLog;
  }
}
