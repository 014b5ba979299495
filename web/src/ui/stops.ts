/** A slider over a list of values, for scales that are no straight line: speeds, latencies. */

import { LitElement, css, html } from "lit";
import { customElement, property } from "lit/decorators.js";
import { controls, emit } from "./shared.ts";

@customElement("rd-stops")
export class RdStops extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }

      input {
        width: 100%;
      }
    `,
  ];

  @property() label = "";
  @property({ attribute: false }) stops: readonly number[] = [];
  @property({ type: Number }) value = 0;
  @property({ attribute: false }) spoken: (value: number) => string = String;

  override render() {
    return html`<input
      type="range"
      min="0"
      max=${this.stops.length - 1}
      step="1"
      aria-label=${this.label}
      aria-valuetext=${this.spoken(this.value)}
      .value=${String(nearest(this.stops, this.value))}
      @input=${this.#slid}
    />`;
  }

  #slid(event: Event): void {
    const index = Number((event.target as HTMLInputElement).value);
    emit(this, "rd-pick", this.stops[index] ?? this.value);
  }
}

function nearest(stops: readonly number[], value: number): number {
  const distances = stops.map((stop) => Math.abs(stop - value));
  return distances.indexOf(Math.min(...distances));
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-stops": RdStops;
  }
}
