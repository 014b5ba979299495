/** The bytes of a string, as whatever they may be: text, bytes, a bitmap, the registers of a HyperLogLog. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { count, plural } from "../format.ts";
import { hexRows } from "../hex.ts";
import { controls } from "./shared.ts";

type Form = "text" | "bytes" | "bits" | "registers";

/** Bits, or registers, in a row of the picture, and the size of each. */
const COLUMNS = 128;
const CELL_PX = 4;

/** So many places of set bits are named. */
const NAMED_MAX = 40;

const RANK_MAX = 50;

@customElement("rd-string-value")
export class RdStringValue extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }

      .forms {
        display: flex;
        gap: 2px;
        margin-bottom: var(--rd-2);
      }

      pre {
        max-height: 24rem;
        margin: 0;
        padding: var(--rd-2);
        border-radius: var(--rd-radius);
        background: var(--rd-well);
        overflow: auto;
        font-family: var(--rd-mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }

      pre.bytes {
        font-size: var(--rd-text-s);
        white-space: pre;
      }

      p {
        margin: 0 0 var(--rd-2);
        color: var(--rd-ink-2);
        font-size: var(--rd-text-s);
      }

      canvas {
        display: block;
        width: 100%;
        max-width: ${COLUMNS * CELL_PX}px;
        image-rendering: pixelated;
        border: 1px solid var(--rd-line);
        background: var(--rd-well);
        color: var(--rd-accent);
      }
    `,
  ];

  @property({ attribute: false }) raw!: Uint8Array;
  /** Where in the string the bytes begin. */
  @property({ type: Number }) from = 0;
  @property({ attribute: false }) registers: Uint8Array | null = null;

  @state() private chosen: Form | null = null;

  override render() {
    const form = this.#form();
    return html`
      <div class="forms" role="group" aria-label="Show as">
        ${this.#forms().map((other) => html`<button aria-pressed=${other === form} @click=${() => (this.chosen = other)}>${LABELS[other]}</button>`)}
      </div>
      ${this.#body(form)}
    `;
  }

  override updated(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    if (canvas) paint(canvas, this.#form() === "bits" ? bitsOf(this.raw) : (this.registers ?? new Uint8Array()));
  }

  #forms(): Form[] {
    return this.registers ? ["registers", "text", "bytes", "bits"] : ["text", "bytes", "bits"];
  }

  #form(): Form {
    if (this.chosen && (this.chosen !== "registers" || this.registers)) return this.chosen;
    return this.registers ? "registers" : isText(this.raw) ? "text" : "bytes";
  }

  #body(form: Form) {
    switch (form) {
      case "text":
        return html`<pre>${new TextDecoder().decode(this.raw)}</pre>`;
      case "bytes":
        return html`<pre class="bytes" tabindex="0">${hexRows(this.raw, [], 16).map((row) => `${(Number.parseInt(row.offset, 16) + this.from).toString(16).padStart(6, "0")}  ${row.bytes.map(({ hex }) => hex).join(" ").padEnd(48)} ${row.bytes.map(({ text }) => text).join("")}\n`)}</pre>`;
      case "bits":
        return this.#bits();
      case "registers":
        return this.#registers(this.registers ?? new Uint8Array());
    }
  }

  #bits() {
    const set: number[] = [];
    bitsOf(this.raw).forEach((bit, at) => bit > 0 && set.push(this.from * 8 + at));
    const named = set.slice(0, NAMED_MAX).map(count).join(", ");
    const rest = set.length > NAMED_MAX ? ` and ${count(set.length - NAMED_MAX)} more` : "";
    const told = `${plural(set.length, "bit")} of ${count(this.raw.length * 8)} set${set.length > 0 ? `: ${named}${rest}` : ""}.`;
    return html`<p>${told}</p><canvas role="img" aria-label=${told}></canvas>`;
  }

  #registers(registers: Uint8Array) {
    const used = registers.filter((rank) => rank > 0).length;
    const told = `${count(used)} of ${count(registers.length)} registers have seen an element; the greatest rank is ${Math.max(0, ...registers)}. A rank r stands for some 2 to the power of r elements that fell on its register.`;
    return html`<p>${told}</p>${used === 0 ? nothing : html`<canvas role="img" aria-label="Registers, the darker the greater their rank"></canvas>`}`;
  }
}

const LABELS: Readonly<Record<Form, string>> = { text: "Text", bytes: "Bytes", bits: "Bits", registers: "Registers" };

/** Whether a person can read it; its last character may be cut. */
function isText(raw: Uint8Array): boolean {
  const text = new TextDecoder().decode(raw).replace(/\ufffd$/, "");
  return !/[\0-\x08\x0e-\x1f\x7f\ufffd]/.test(text);
}

/** The bits as SETBIT numbers them: the first of a byte is its most significant; set ones as full ranks. */
function bitsOf(raw: Uint8Array): Uint8Array {
  const bits = new Uint8Array(raw.length * 8);
  raw.forEach((byte, at) => {
    for (let bit = 0; bit < 8; bit++) bits[at * 8 + bit] = byte & (0x80 >> bit) ? RANK_MAX : 0;
  });
  return bits;
}

/** A cell a value, a row after the other. */
function paint(canvas: HTMLCanvasElement, cells: Uint8Array): void {
  canvas.width = COLUMNS;
  canvas.height = Math.max(1, Math.ceil(cells.length / COLUMNS));
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = getComputedStyle(canvas).color;
  cells.forEach((value, at) => {
    if (value === 0) return;
    context.globalAlpha = Math.min(1, 0.4 + value / 12);
    context.fillRect(at % COLUMNS, Math.floor(at / COLUMNS), 1, 1);
  });
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-string-value": RdStringValue;
  }
}
