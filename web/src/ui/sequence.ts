/** The sequence diagram: what went between the nodes, lately, in order. Nothing here vanishes on arrival. */

import { LitElement, css, html, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { View } from "../engine/types.ts";
import { commands, heightOf, labelled, plan, slopes, TOP, type Plan, type Slope } from "../fleet/sequence.ts";
import { clipped, clockTime, fitting, host } from "../format.ts";
import type { LogEntry } from "../session/log.ts";
import type { Selection } from "../session/session.ts";
import { onActivate } from "./activate.ts";
import { KINDS } from "./kinds.ts";
import { kindStyles } from "./kind-styles.ts";
import { emit } from "./shared.ts";

/** A letter's width on a large screen; elsewhere there is room to spare. */
const LETTER = 8;
/** As far back as the newest entries can be in sight. */
const ENTRIES_MAX = 400;

@customElement("rd-sequence")
export class RdSequence extends LitElement {
  static override styles = [
    kindStyles,
    css`
      :host,
      svg {
        display: block;
      }

      text {
        font: var(--rd-text-xs) var(--rd-mono);
        fill: var(--rd-ink-3);
      }

      .name {
        font-weight: 600;
        font-size: var(--rd-text-s);
        fill: var(--rd-ink);
        text-anchor: middle;
      }

      .head {
        fill: var(--rd-ground);
      }

      .life {
        stroke: var(--rd-line-strong);
      }

      .master.life {
        stroke: var(--rd-accent);
      }

      .grid {
        stroke: var(--rd-line);
        stroke-dasharray: 2 4;
      }

      .now {
        stroke: var(--rd-ink-3);
      }

      .slope {
        cursor: pointer;
        outline: none;
      }

      .slope line {
        stroke: currentColor;
        stroke-width: 1.75;
      }

      .slope.faint line:not(.hit) {
        opacity: 0.45;
        stroke-width: 1.25;
      }

      .slope .hit {
        stroke: transparent;
        stroke-width: 14;
        stroke-linecap: round;
      }

      .slope:hover .hit,
      .slope[data-selected] .hit {
        stroke: var(--rd-hover);
      }

      .slope:focus-visible .hit {
        stroke: var(--rd-focus);
        stroke-width: 6;
      }

      .slope text {
        fill: currentColor;
        text-anchor: middle;
        paint-order: stroke;
        stroke: var(--rd-ground);
        stroke-width: 4px;
        stroke-linejoin: round;
      }

      .command text {
        fill: var(--rd-ink-2);
        paint-order: stroke;
        stroke: var(--rd-ground);
        stroke-width: 4px;
        stroke-linejoin: round;
      }

      .command circle {
        fill: var(--rd-ink);
      }
    `,
  ];

  @property({ attribute: false }) view!: View;
  @property({ attribute: false }) entries: readonly LogEntry[] = [];
  @property({ attribute: false }) selection: Selection | null = null;
  @property({ attribute: false }) stage = { width: 0, height: 0 };

  override render() {
    const { nodes, links, nowUs } = this.view;
    const now = plan(nodes, links, nowUs, this.stage);
    const recent = this.entries.slice(-ENTRIES_MAX);
    const seen = slopes(now, recent);
    const named = labelled(seen);
    return html`<svg width=${now.width} height=${now.height} role="group" aria-label="Packets between the nodes, in order">
      ${now.ticks.map((tick) => this.#tick(now, tick))}
      ${nodes.map(({ id, role }) => svg`<line class="life ${role}" x1=${now.lines.get(id)} x2=${now.lines.get(id)} y1=${TOP} y2=${now.height}/>`)}
      <line class="now" x1="0" x2=${now.width} y1=${heightOf(now, nowUs)} y2=${heightOf(now, nowUs)} />
      ${repeat(seen, ({ packet }) => packet.id, (slope) => this.#slope(slope, named.has(slope.packet.id)))}
      ${repeat(commands(now, recent), ({ id }) => id, (entry) => command(now, entry))}
      <rect class="head" width=${now.width} height=${TOP - 6} />
      ${nodes.map(({ id, address }) => svg`<text class="name" x=${now.lines.get(id)} y="19">${host(address)}</text>`)}
    </svg>`;
  }

  #tick(now: Plan, tick: number) {
    const y = heightOf(now, tick);
    if (y < TOP) return nothing;
    return svg`<line class="grid" x1="44" x2=${now.width} y1=${y} y2=${y}/><text x="6" y=${y + 4}>${clockTime(tick)}</text>`;
  }

  #slope(slope: Slope, named: boolean) {
    const { packet, entry, x1, y1, x2, y2 } = slope;
    const select = () => emit(this, "rd-select", { kind: "packet", id: packet.id });
    const selected = this.selection?.kind === "packet" && this.selection.id === packet.id;
    return svg`<g class="slope ${entry.topic === "heartbeats" ? "faint" : ""}" data-kind=${packet.kind} ?data-selected=${selected} role="button" tabindex="0"
      aria-label="${KINDS[packet.kind].name}: ${entry.text}" @click=${select} @keydown=${onActivate(select)}>
      <line class="hit" x1=${x1} y1=${y1} x2=${x2} y2=${y2}/>
      <line x1=${x1} y1=${y1} x2=${x2} y2=${y2}/>
      ${end(slope)}
      ${named ? svg`<text transform=${along(slope)} y="-5">${fitting(entry.text, Math.floor(Math.hypot(x2 - x1, y2 - y1) / LETTER))}</text>` : nothing}
    </g>`;
  }
}

function command(now: Plan, entry: LogEntry) {
  const x = now.lines.get(entry.nodes[0] ?? -1) ?? 0;
  const y = heightOf(now, entry.atUs);
  return svg`<g class="command"><circle cx=${x} cy=${y} r="3"/><text x=${x + 8} y=${y - 6}>${clipped(entry.text, 24)}</text></g>`;
}

/** At a slope's middle, turned as it runs, but never upside down. */
function along({ x1, y1, x2, y2 }: Slope): string {
  const angle = (Math.atan2((y2 - y1) * Math.sign(x2 - x1 || 1), Math.abs(x2 - x1)) * 180) / Math.PI;
  return `translate(${(x1 + x2) / 2} ${(y1 + y2) / 2}) rotate(${angle})`;
}

/** An arrow where it arrived, a cross where it was lost, its own shape where it is. */
function end({ packet, x1, y1, x2, y2 }: Slope) {
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  const place = `translate(${x2} ${y2}) rotate(${angle})`;
  if (packet.fate === "lost") return svg`<path class="stroke" transform=${place} d="M-5 -5L5 5M5 -5L-5 5"/>`;
  if (packet.fate === "arrived") return svg`<path transform=${place} d="M0 0L-8 -4L-8 4Z"/>`;
  return svg`<g transform=${place}>${KINDS[packet.kind].shape(packet.bytes)}</g>`;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-sequence": RdSequence;
  }
}
