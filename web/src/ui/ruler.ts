/**
 * The offset ruler: how far each node is in the replication stream, on one axis.
 * The band is what the master's backlog still holds: a replica whose end lies
 * in it can continue, one before it must be synced anew.
 */

import { LitElement, css, html, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { NodeView } from "../engine/types.ts";
import { positionOn, rulers, type Axis, type Ruler, type RulerRow } from "../fleet/ruler.ts";
import { count, host, shortId } from "../format.ts";
import { controls, panel } from "./shared.ts";

@customElement("rd-ruler")
export class RdRuler extends LitElement {
  static override styles = [
    controls,
    panel,
    css`
      .body {
        padding: var(--rd-2) var(--rd-3) var(--rd-3);
        font-size: var(--rd-text-s);
      }

      .ruler {
        display: grid;
        grid-template-columns: max-content minmax(4rem, 1fr) max-content;
        gap: 0 var(--rd-3);
        align-items: center;
      }

      .ruler + .ruler {
        margin-top: var(--rd-3);
      }

      .name {
        font-family: var(--rd-mono);
      }

      .value {
        min-width: 8.5rem;
        text-align: right;
        font-family: var(--rd-mono);
        font-size: var(--rd-text-xs);
        color: var(--rd-ink-2);
      }

      .lane,
      .ticks {
        display: block;
        width: 100%;
        height: 1.375rem;
        overflow: visible;
      }

      .ticks {
        height: 1rem;
        font-size: var(--rd-text-xs);
        fill: var(--rd-ink-3);
      }

      .grid {
        stroke: var(--rd-line);
      }

      .applied {
        fill: var(--rd-kind-ack);
        background: var(--rd-kind-ack);
      }

      .applied.master {
        fill: var(--rd-accent);
      }

      .backlog {
        fill: var(--rd-backlog);
        background: var(--rd-backlog);
      }

      .acked {
        stroke: var(--rd-ink);
        stroke-width: 2;
        background: var(--rd-ink);
      }

      .key i {
        display: inline-block;
        width: 1em;
        height: 0.6em;
        margin: 0 0.4em 0 0.6em;
      }

      .key i.applied {
        height: 4px;
        vertical-align: 2px;
      }

      .key i.acked {
        width: 2px;
        height: 1em;
        vertical-align: -2px;
      }

      @media (max-width: 759px) {
        .value {
          min-width: 5.5rem;
        }

        .ticks text:nth-child(even) {
          display: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) nodes: readonly NodeView[] = [];

  override render() {
    return html`
      <div class="bar">
        <h2>Replication offsets</h2>
        <span class="about key"><i class="applied"></i>applied <i class="acked"></i>acknowledged <i class="backlog"></i>backlog</span>
      </div>
      <div class="body scroll" tabindex="0" role="region" aria-label="Replication offsets">${rulers(this.nodes).map((ruler) => draw(ruler))}</div>
    `;
  }
}

function draw({ master, axis, rows }: Ruler) {
  return html`<div class="ruler">
    <span class="name">${host(master.address)}</span>
    <svg class="lane" aria-hidden="true">${backlog(master, axis)}${grid(axis)}${applied(axis, master.offset, "master")}</svg>
    <span class="value figures" title="Replication id ${master.replid}">${count(master.offset)}</span>
    ${rows.map((row) => drawRow(row, axis))}
    <span class="dim mono">${shortId(master.replid)}</span>
    <svg class="ticks figures" aria-hidden="true">
      ${axis.ticks.map((tick, index) => svg`<text x=${percent(axis, tick)} y="12" text-anchor=${anchor(index, axis.ticks.length)}>${count(tick)}</text>`)}
    </svg>
    <span></span>
  </div>`;
}

function drawRow({ node, acked, behind }: RulerRow, axis: Axis) {
  return html`
    <span class="name">${host(node.address)}</span>
    <svg class="lane" aria-hidden="true">
      ${grid(axis)} ${behind === null ? nothing : applied(axis, node.offset, "")}
      ${acked === null ? nothing : svg`<line class="acked" x1=${percent(axis, acked)} x2=${percent(axis, acked)} y1="15%" y2="85%"/>`}
    </svg>
    <span class="value figures">${told(node, acked, behind)}</span>
  `;
}

function grid(axis: Axis) {
  return axis.ticks.map((tick) => svg`<line class="grid" x1=${percent(axis, tick)} x2=${percent(axis, tick)} y1="0" y2="100%"/>`);
}

function backlog({ backlog }: NodeView, axis: Axis) {
  if (!backlog || backlog.length === 0) return nothing;
  const width = positionOn(axis, backlog.firstOffset + backlog.length) - positionOn(axis, backlog.firstOffset);
  return svg`<rect class="backlog" x=${percent(axis, backlog.firstOffset)} width="${(width * 100).toFixed(2)}%" y="10%" height="80%"/>`;
}

function applied(axis: Axis, offset: number, role: string) {
  return svg`<rect class="applied ${role}" width=${percent(axis, offset)} y="41%" height="18%" rx="1"/>`;
}

function anchor(index: number, of: number): string {
  return index === 0 ? "start" : index === of - 1 ? "end" : "middle";
}

function told(node: NodeView, acked: number | null, behind: number | null): string {
  if (behind === null) return "no shared history";
  if (behind > 0) return `${count(node.offset)} (−${count(behind)})`;
  return acked !== null && acked < node.offset ? `${count(node.offset)}, acked ${count(acked)}` : count(node.offset);
}

function percent(axis: Axis, offset: number): string {
  return `${(positionOn(axis, offset) * 100).toFixed(2)}%`;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-ruler": RdRuler;
  }
}
