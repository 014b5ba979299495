/** The places of a sorted set on a map: a net of meridians and parallels around all of them, degrees at its edges. */

import { LitElement, css, html, svg, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Point } from "../engine/types.ts";
import { frameOf, netOf, type MapFrame } from "../inspect/map.ts";
import { controls } from "./shared.ts";

const WIDTH = 320;
const HEIGHT = 200;
const NAMED_MAX = 12;

@customElement("rd-places")
export class RdPlaces extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        margin-bottom: var(--rd-3);
      }

      svg {
        display: block;
        width: 100%;
        max-width: 34rem;
        border: 1px solid var(--rd-line);
        border-radius: var(--rd-radius);
        background: var(--rd-well);
      }

      line {
        stroke: var(--rd-line);
      }

      line.zero {
        stroke: var(--rd-line-strong);
      }

      text {
        fill: var(--rd-ink-3);
        font: 8px var(--rd-mono);
      }

      text.name {
        fill: var(--rd-ink);
        font-size: 9px;
      }

      circle {
        fill: var(--rd-accent);
      }
    `,
  ];

  @property({ attribute: false }) points: readonly Point[] = [];
  @property({ attribute: false }) names: readonly string[] = [];

  override render() {
    const frame = frameOf(this.points, WIDTH / HEIGHT);
    const told = this.points.slice(0, NAMED_MAX).map((point, at) => `${this.names[at] ?? ""} at ${degrees(point.latitude, "NS")} ${degrees(point.longitude, "EW")}`);
    return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Map: ${told.join("; ")}">
      ${netOf(frame).longitudes.map((longitude) => this.#meridian(frame, longitude))} ${netOf(frame).latitudes.map((latitude) => this.#parallel(frame, latitude))}
      ${this.points.map((point, at) => this.#place(frame, point, this.names[at] ?? "", at < NAMED_MAX))}
    </svg>`;
  }

  #meridian(frame: MapFrame, longitude: number) {
    const x = xOf(frame, longitude);
    return svg`<line x1=${x} x2=${x} y1="0" y2=${HEIGHT} class=${longitude === 0 ? "zero" : ""}/><text x=${x + 2} y=${HEIGHT - 3}>${degrees(longitude, "EW")}</text>`;
  }

  #parallel(frame: MapFrame, latitude: number) {
    const y = yOf(frame, latitude);
    return svg`<line y1=${y} y2=${y} x1="0" x2=${WIDTH} class=${latitude === 0 ? "zero" : ""}/><text x="3" y=${y - 2}>${degrees(latitude, "NS")}</text>`;
  }

  #place(frame: MapFrame, point: Point, name: string, isNamed: boolean) {
    const [x, y] = [xOf(frame, point.longitude), yOf(frame, point.latitude)];
    const leftwards = x > WIDTH * 0.7;
    return svg`<g><title>${name} ${point.longitude.toFixed(6)} ${point.latitude.toFixed(6)}</title><circle cx=${x} cy=${y} r="3"/>${isNamed ? svg`<text class="name" x=${leftwards ? x - 6 : x + 6} y=${y + 3} text-anchor=${leftwards ? "end" : "start"}>${name}</text>` : nothing}</g>`;
  }
}

function xOf({ west, east }: MapFrame, longitude: number): number {
  return ((longitude - west) / (east - west)) * WIDTH;
}

function yOf({ south, north }: MapFrame, latitude: number): number {
  return ((north - latitude) / (north - south)) * HEIGHT;
}

function degrees(value: number, [positive, negative]: string): string {
  const size = Number(Math.abs(value).toFixed(4));
  return `${size}°${size === 0 ? "" : value > 0 ? positive : negative}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-places": RdPlaces;
  }
}
