/** A long list of rows of one height, of which only those in sight are made. */

import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import { ref, type RefOrCallback } from "lit/directives/ref.js";
import { repeat } from "lit/directives/repeat.js";

/** Rows made beyond both edges, so that a quick scroll meets no gap. */
const MARGIN = 8;

export class VirtualRows implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #rowPx: (widthPx: number) => number;
  readonly #resizes = new ResizeObserver(() => this.#measure());
  #scroller: HTMLElement | null = null;
  #px: number;
  /** Where it was scrolled to when that was last looked at, or done here. */
  #seenTop = 0;
  /** The element each row in sight has, by the row's name: those that have gone give theirs to those that come. */
  #elements = new Map<number, number>();
  #made = 0;

  /** The rows to make. */
  from = 0;
  count = 2 * MARGIN;

  /** Rows may be of another height where there is little width. */
  constructor(host: ReactiveControllerHost, rowPx: number | ((widthPx: number) => number)) {
    this.#host = host;
    this.#rowPx = typeof rowPx === "number" ? () => rowPx : rowPx;
    this.#px = this.#rowPx(Infinity);
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

  /** `row` is called for each row in sight; it puts the style it is given on its element. A named row keeps its element while it is in sight. */
  render(total: number, row: (index: number, style: string) => unknown, nameOf?: (index: number) => number): TemplateResult {
    const count = Math.max(0, Math.min(total - this.from, this.count));
    const indices = Array.from({ length: count }, (_, at) => this.from + at);
    // Moved by a transform: a row that takes another's element is no shift of the layout.
    const made = (index: number) => row(index, `position:absolute;inset:0 0 auto;height:${this.#px}px;transform:translateY(${index * this.#px}px)`);
    const rows = nameOf ? this.#named(indices, made, nameOf) : indices.map(made);
    return html`<div role="presentation" style="position:relative;height:${total * this.#px}px">${rows}</div>`;
  }

  #named(indices: readonly number[], made: (index: number) => unknown, nameOf: (index: number) => number): unknown {
    const names = new Map(indices.map((index) => [index, nameOf(index)]));
    const present = new Set(names.values());
    const free = [...this.#elements].flatMap(([name, element]) => (present.has(name) ? [] : [element]));
    this.#elements = new Map([...present].map((name) => [name, this.#elements.get(name) ?? free.shift() ?? this.#made++]));
    return repeat(indices, (index) => this.#elements.get(names.get(index) ?? 0), made);
  }

  /** Makes the rows at the end of so many, and after the next update scrolls there. */
  async follow(total: number): Promise<void> {
    this.from = Math.max(0, total - (this.count - MARGIN));
    await this.#host.updateComplete;
    if (!this.#scroller || this.#hasJustLeft(this.#scroller)) return;
    this.#scroller.scrollTop = total * this.#px;
    this.#seenTop = this.#scroller.scrollTop;
  }

  /** Somebody has scrolled away from the end, and the event that tells of it is still to come. */
  #hasJustLeft({ scrollTop, scrollHeight, clientHeight }: HTMLElement): boolean {
    return scrollTop !== this.#seenTop && scrollHeight - scrollTop - clientHeight >= this.#px;
  }

  /** Scrolls a row into sight, and no further. */
  show(index: number): void {
    const scroller = this.#scroller;
    if (!scroller) return;
    const top = index * this.#px;
    const bottom = top + this.#px - scroller.clientHeight;
    scroller.scrollTop = Math.min(top, Math.max(bottom, scroller.scrollTop));
  }

  #measure(): void {
    if (!this.#scroller) return;
    this.#seenTop = this.#scroller.scrollTop;
    const px = this.#rowPx(this.#scroller.clientWidth);
    const from = Math.max(0, Math.floor(this.#scroller.scrollTop / px) - MARGIN);
    const count = Math.ceil(this.#scroller.clientHeight / px) + 2 * MARGIN;
    if (px === this.#px && from === this.from && count === this.count) return;
    this.#px = px;
    this.from = from;
    this.count = count;
    this.#host.requestUpdate();
  }
}

export { ref };
