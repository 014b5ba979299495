/**
 * A file under the microscope: its bytes, each coloured by what it is, in step with its records, of which the chosen
 * one is taken apart down to the last byte. Only what is in sight is made, so that a large file costs no more than a small one.
 */

import { LitElement, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { ByteSpan, ByteWindow, NodeId } from "../engine/types.ts";
import { bytes, count, plural } from "../format.ts";
import { namedBytes, spanAt, type NamedByte } from "../inspect/bytes.ts";
import type { Look } from "../session/session.ts";
import { Looked } from "./looked.ts";
import { microscopeStyles } from "./microscope-styles.ts";
import { controls, list } from "./shared.ts";
import { ref, VirtualRows } from "./virtual-rows.ts";

const COLUMNS = 8;
const BYTE_ROW_PX = 20;
const RECORD_ROW_PX = 24;
const RECORDS = 100;
/** Bytes are asked for by so many, so that scrolling a little asks nothing. */
const CHUNK = 1024;

@customElement("rd-microscope")
export class RdMicroscope extends LitElement {
  static override styles = [controls, list, microscopeStyles];

  @property({ type: Number }) node: NodeId = 0;
  @property() file = "";
  @property({ type: Number }) bytes = 0;
  @property({ type: Number }) synced = 0;
  @property({ attribute: false }) look!: Look;
  @property({ type: Number }) changes = 0;

  /** The chosen byte. */
  @state() private at: number | null = null;

  readonly #byteRows = new VirtualRows(this, BYTE_ROW_PX);
  readonly #recordRows = new VirtualRows(this, RECORD_ROW_PX);
  readonly #records = new Looked(this, "records", () => ({ ...this.#about(), ...this.#recordsInSight(), fresh: this.#isFresh() }));
  readonly #window = new Looked(this, "window", () => ({ ...this.#about(), ...this.#bytesInSight() }));
  readonly #record = new Looked(this, "record", () => (this.at === null ? null : { ...this.#about(), at: this.at }));
  #read = "";

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("file") && !changed.has("node")) return;
    this.at = null;
    this.#records.forget();
    this.#window.forget();
    this.#record.forget();
  }

  override render() {
    const page = this.#records.seen;
    return html`
      <p class="figures">${bytes(this.bytes)}${page ? ` in ${plural(page.total, "record")}` : ""}.</p>
      ${page?.fault ? html`<p class="fault" role="status">${page.fault.text}.</p>` : nothing}
      ${this.#bytes()} ${page ? this.#list(page.total) : nothing} ${this.#taken()}
    `;
  }

  #bytes() {
    const window = this.#window.seen;
    const named = window ? namedBytes(window) : [];
    return html`<div class="bytes list" tabindex="0" role="region" aria-label="Bytes of ${this.file}" ${ref(this.#byteRows.scroller)} @scroll=${this.#byteRows.scrolled} @click=${this.#clicked} @keydown=${this.#pressed}>
      ${this.#byteRows.render(Math.ceil(this.bytes / COLUMNS), (row, style) => this.#byteRow(row * COLUMNS, style, named, window))}
    </div>`;
  }

  #byteRow(start: number, style: string, named: readonly NamedByte[], window: ByteWindow | null) {
    const from = window?.from ?? 0;
    const row = named.slice(Math.max(0, start - from), Math.max(0, start - from + COLUMNS));
    const lit = this.#lit();
    const cell = (byte: NamedByte, text: string) => {
      const span = byte.span === null ? null : (window?.spans[byte.span] ?? null);
      const isLit = lit !== null && lit.start <= byte.at && byte.at < lit.end;
      return html`<i data-at=${byte.at} data-kind=${span?.kind ?? "none"} class="${isLit ? "lit" : ""} ${byte.at >= this.synced ? "unsynced" : ""}" title=${span?.text ?? ""}>${text}</i>`;
    };
    return html`<div class="row" style=${style}><span class="at">${start.toString(16).padStart(6, "0")} </span>${row.map((byte) => cell(byte, ` ${byte.value.toString(16).padStart(2, "0")}`))}${"   ".repeat(COLUMNS - row.length)}  ${row.map((byte) => cell(byte, printable(byte.value)))}</div>`;
  }

  #list(total: number) {
    return html`<div class="records list" role="listbox" tabindex="0" aria-label="Records" ${ref(this.#recordRows.scroller)} @scroll=${this.#recordRows.scrolled}>
      ${this.#recordRows.render(total, (index, style) => this.#recordRow(index, style, total))}
    </div>`;
  }

  #recordRow(index: number, style: string, total: number) {
    const page = this.#records.seen;
    const record = page?.rows[index - page.from];
    const isChosen = record !== undefined && this.at !== null && record.start <= this.at && this.at < record.end;
    return html`<div class="record ${record?.damaged ? "damaged" : ""}" role="option" style=${style} aria-selected=${isChosen} aria-setsize=${total} aria-posinset=${index + 1} @click=${() => record && this.#choose(record.start)}><span class="at">${record?.start.toString(16).padStart(6, "0") ?? ""}</span> ${record?.title || (record ? "damaged" : "…")}</div>`;
  }

  /** The chosen record, taken apart. */
  #taken() {
    const record = this.#record.seen;
    if (this.at === null || !record) return html`<p>Choose a byte, or a record.</p>`;
    const lit = this.#lit();
    return html`
      <h4>${record.title || "damaged"}</h4>
      <p class="figures">Record ${count(record.index + 1)}, bytes ${count(record.start)} to ${count(record.end - 1)}.</p>
      <ul aria-label="Parts of the record">
        ${record.spans.map((span) => html`<li style="padding-left: ${span.level * 0.9}rem">
          <button data-kind=${span.kind} aria-pressed=${span === lit} @click=${() => this.#choose(span.start)}><b>${span.kind === "group" ? "" : span.kind}</b>${span.text}</button>
        </li>`)}
      </ul>
    `;
  }

  #lit(): ByteSpan | null {
    return this.at === null ? null : spanAt(this.#record.seen?.spans ?? [], this.at);
  }

  #clicked(event: MouseEvent): void {
    const at = (event.target as HTMLElement).dataset["at"];
    if (at !== undefined) this.#choose(Number(at));
  }

  #pressed(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#choose(Math.min(this.bytes - 1, Math.max(0, (this.at ?? -step) + step)));
  }

  #choose(at: number): void {
    this.at = at;
    this.#byteRows.show(Math.floor(at / COLUMNS));
    const record = this.#record.seen;
    if (record && record.start <= at && at < record.end) this.#recordRows.show(record.index);
    else this.#record.forget();
  }

  override updated(): void {
    // The record of a byte that was chosen is known only now.
    const record = this.#record.seen;
    if (record && this.#shownRecord !== record.index) {
      this.#shownRecord = record.index;
      this.#recordRows.show(record.index);
    }
  }

  #shownRecord = -1;

  #about() {
    return { node: this.node, file: this.file };
  }

  #recordsInSight() {
    const from = Math.floor(this.#recordRows.from / RECORDS) * RECORDS;
    return { from, count: (Math.floor((this.#recordRows.from + this.#recordRows.count) / RECORDS) + 1) * RECORDS - from };
  }

  #bytesInSight() {
    const [first, last] = [this.#byteRows.from * COLUMNS, (this.#byteRows.from + this.#byteRows.count) * COLUMNS];
    const from = Math.floor(first / CHUNK) * CHUNK;
    return { from, count: (Math.floor(last / CHUNK) + 1) * CHUNK - from };
  }

  /** A file is read again when something happened; scrolling it is no such thing. */
  #isFresh(): boolean {
    const read = `${this.node} ${this.file} ${this.bytes} ${this.changes}`;
    if (read === this.#read) return false;
    this.#read = read;
    return true;
  }
}

function printable(value: number): string {
  return value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : "·";
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-microscope": RdMicroscope;
  }
}
