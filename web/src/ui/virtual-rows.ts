/** A long list of rows of one height, of which only those in sight are made. */

import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import { ref, type RefOrCallback } from "lit/directives/ref.js";

/** Rows made beyond both edges, so that a quick scroll meets no gap. */
const MARGIN = 8;

export class VirtualRows implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #rowPx: number;
  readonly #resizes = new ResizeObserver(() => this.#measure());
  #scroller: HTMLElement | null = null;

  /** The rows to make. */
  from = 0;
  count = 2 * MARGIN;

  constructor(host: ReactiveControllerHost, rowPx: number) {
    this.#host = host;
    this.#rowPx = rowPx;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#resizes.disconnect();
    this.#scroller = null;
  }

  /** Goes on the element that scrolls, with `@scroll=${rows.scrolled}`. */
  readonly scroller: RefOrCallback = (element) => {
    if (element === this.#scroller) return;
    this.#resizes.disconnect();
    this.#scroller = (element as HTMLElement | undefined) ?? null;
    if (this.#scroller) this.#resizes.observe(this.#scroller);
  };

  readonly scrolled = (): void => this.#measure();

  /** `row` is called for each row in sight; it puts the style it is given on its element. */
  render(total: number, row: (index: number, style: string) => unknown): TemplateResult {
    const rows: unknown[] = [];
    for (let index = this.from; index < Math.min(total, this.from + this.count); index++) {
      rows.push(row(index, `position:absolute;inset-inline:0;top:${index * this.#rowPx}px;height:${this.#rowPx}px`));
    }
    return html`<div role="presentation" style="position:relative;height:${total * this.#rowPx}px">${rows}</div>`;
  }

  /** Scrolls a row into sight, and no further. */
  show(index: number): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    const top = index * this.#rowPx;
    const bottom = top + this.#rowPx - scroller.clientHeight;
    scroller.scrollTop = Math.min(top, Math.max(bottom, scroller.scrollTop));
  }

  #measure(): void {
    if (!this.#scroller) return;
    const from = Math.max(0, Math.floor(this.#scroller.scrollTop / this.#rowPx) - MARGIN);
    const count = Math.ceil(this.#scroller.clientHeight / this.#rowPx) + 2 * MARGIN;
    if (from === this.from && count === this.count) return;
    this.from = from;
    this.count = count;
    this.#host.requestUpdate();
  }
}

export { ref };
