/** One packet opened: why it was sent, and every byte with what it says. */

import { LitElement, css, html, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PacketDetail } from "../engine/types.ts";
import { bytes, clockTime, count, duration, plural } from "../format.ts";
import { escaped, hexRows, type HexByte } from "../hex.ts";
import { detailStyles } from "./detail-styles.ts";
import { KINDS, kindGlyph } from "./kinds.ts";
import { kindStyles } from "./kind-styles.ts";
import { controls } from "./shared.ts";

@customElement("rd-packet-detail")
export class RdPacketDetail extends LitElement {
  static override styles = [
    controls,
    kindStyles,
    detailStyles,
    css`
      .kind-line {
        display: flex;
        align-items: center;
        gap: var(--rd-2);
        margin-bottom: var(--rd-2);
        font-size: var(--rd-text-s);
        font-weight: 600;
      }

      h3 {
        font-family: var(--rd-mono);
      }

      .dump {
        overflow-x: auto;
        padding: var(--rd-2) var(--rd-3);
        border: 1px solid var(--rd-line);
        border-radius: var(--rd-radius);
        background: var(--rd-well);
        font: var(--rd-text-s) / 1.65 var(--rd-mono);
        font-variant-ligatures: none;
      }

      .dump div {
        white-space: pre;
      }

      .dump .at {
        color: var(--rd-ink-3);
        user-select: none;
      }

      .dump i {
        font-style: normal;
        padding-block: 1px;
      }

      .dump i.odd {
        background: var(--rd-hover);
      }

      .dump i.lit {
        background: var(--rd-accent);
        color: var(--rd-on-accent);
      }

      .parts {
        table-layout: fixed;
      }

      .parts th:first-child {
        width: 3.2rem;
      }

      .parts td {
        font-size: var(--rd-text-s);
        overflow-wrap: anywhere;
      }

      .parts tr.lit td {
        background: var(--rd-accent-soft);
      }

      .parts button {
        display: inline;
        min-height: 0;
        padding: 0;
        border-radius: 2px;
        color: var(--rd-ink);
        font: inherit;
        text-align: left;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }

      .parts .at {
        color: var(--rd-ink-3);
      }
    `,
  ];

  @property({ attribute: false }) packet!: PacketDetail;
  @property({ attribute: false }) address: (node: number) => string = String;

  /** The part under the pointer, and the one a press keeps lit. */
  @state() private pointed: number | null = null;
  @state() private kept: number | null = null;

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("packet") && changed.get("packet")?.id !== this.packet.id) {
      this.pointed = null;
      this.kept = null;
    }
  }

  override render() {
    const { packet } = this;
    const look = KINDS[packet.kind];
    return html`
      <div class="kind-line" data-kind=${packet.kind}>${kindGlyph(packet.kind, packet.bytes)}<span>${look.name}</span></div>
      <h3>${packet.label}</h3>
      <p>${packet.why}</p>
      <dl class="figures">
        <dt>Way</dt>
        <dd class="mono">${this.address(packet.from)} → ${this.address(packet.to)}</dd>
        <dt>Sent</dt>
        <dd>${clockTime(packet.sentUs)} s, ${duration(packet.arrivesUs - packet.sentUs)} on its way</dd>
        <dt>Offsets</dt>
        <dd>${packet.offsets ? `${count(packet.offsets.start)} to ${count(packet.offsets.end)}` : "none of the stream"}</dd>
        <dt>Size</dt>
        <dd>${plural(packet.bytes, "byte")}</dd>
      </dl>
      ${packet.raw.length === 0 ? nothing : [this.#dump(), this.#parts()]}
    `;
  }

  #dump() {
    const rows = hexRows(this.packet.raw, this.packet.parts, 8);
    return html`
      <h4>Bytes</h4>
      <div class="dump" tabindex="0" role="region" aria-label="Bytes in hexadecimal and as text" @pointerover=${this.#over} @pointerleave=${() => (this.pointed = null)}>
        ${rows.map(
          (row) => html`<div><span class="at">${row.offset}  </span>${row.bytes.map((byte) => this.#byte(byte, `${byte.hex} `))}${"   ".repeat(8 - row.bytes.length)} ${row.bytes.map((byte) => this.#byte(byte, byte.text))}</div>`,
        )}
      </div>
      ${this.packet.truncated ? html`<p class="dim">The first ${bytes(this.packet.raw.length)} of ${bytes(this.packet.bytes)}.</p>` : nothing}
    `;
  }

  #byte({ part }: HexByte, text: string) {
    const classes = part === null ? "" : `${part % 2 ? "odd" : ""} ${part === this.#lit() ? "lit" : ""}`;
    return html`<i class=${classes} data-part=${part ?? nothing}>${text}</i>`;
  }

  #parts() {
    const { raw, parts } = this.packet;
    return html`
      <h4>What they say</h4>
      <table class="parts">
        <thead>
          <tr><th>At</th><th>Bytes</th><th>Meaning</th></tr>
        </thead>
        <tbody @pointerleave=${() => (this.pointed = null)}>
          ${parts.map(
            (part, index) => html`<tr class=${index === this.#lit() ? "lit" : ""} @pointerenter=${() => (this.pointed = index)}>
              <td class="mono at figures">${part.start}</td>
              <td class="mono">
                <button aria-pressed=${this.kept === index} @click=${() => this.#keep(index)} @focus=${() => (this.pointed = index)}>${shortened(escaped(raw.subarray(part.start, part.end)))}</button>
              </td>
              <td>${part.meaning}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    `;
  }

  #lit(): number | null {
    return this.pointed ?? this.kept;
  }

  #keep(part: number): void {
    this.kept = this.kept === part ? null : part;
  }

  #over(event: PointerEvent): void {
    const part = (event.target as HTMLElement).dataset["part"];
    this.pointed = part === undefined ? null : Number(part);
  }
}

/** The dump has all of it. */
function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-packet-detail": RdPacketDetail;
  }
}
