/**
 * The offset ruler: how far each node is in the replication stream, on one axis.
 * The band is what the master's backlog still holds: a replica whose end lies
 * in it can continue, one before it must be synced anew.
 */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { styleMap } from "lit/directives/style-map.js";
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

      .lane {
        position: relative;
        height: 1.375rem;
        background: linear-gradient(90deg, var(--rd-line) 1px, transparent 1px) 0 0 / 25% 100%;
        border-right: 1px solid var(--rd-line);
      }

      .bar-fill,
      .backlog,
      .acked {
        position: absolute;
      }

      .bar-fill {
        inset: calc(50% - 2px) auto calc(50% - 2px) 0;
        background: var(--rd-kind-ack);
        border-radius: 0 2px 2px 0;
      }

      .master .bar-fill {
        background: var(--rd-accent);
      }

      .backlog {
        inset-block: 2px;
        background: var(--rd-backlog);
      }

      .acked {
        top: 3px;
        bottom: 3px;
        width: 2px;
        margin-left: -1px;
        background: var(--rd-ink);
      }

      .key i {
        position: static;
        display: inline-block;
        height: 0.6em;
        width: 1em;
        margin: 0 0.4em 0 0.6em;
      }

      .key i.bar-fill {
        height: 4px;
        vertical-align: 2px;
      }

      .key i.acked {
        width: 2px;
        height: 1em;
        vertical-align: -2px;
      }

      .ticks {
        position: relative;
        height: 1rem;
        color: var(--rd-ink-3);
        font-size: var(--rd-text-xs);
      }

      .ticks span {
        position: absolute;
        transform: translateX(-50%);
      }

      .ticks span:first-child {
        transform: none;
      }

      .ticks span:last-child {
        transform: translateX(-100%);
      }

      @media (max-width: 759px) {
        .value {
          min-width: 5.5rem;
        }

        .ticks span:nth-child(even) {
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
        <span class="about key"><i class="bar-fill"></i>applied <i class="acked"></i>acknowledged <i class="backlog"></i>backlog</span>
      </div>
      <div class="body scroll" tabindex="0" role="region" aria-label="Replication offsets">${rulers(this.nodes).map((ruler) => draw(ruler))}</div>
    `;
  }
}

function draw({ master, axis, rows }: Ruler) {
  return html`<div class="ruler">
    <span class="name master">${host(master.address)}</span>
    <div class="lane master">${backlog(master, axis)}${fill(axis, master.offset)}</div>
    <span class="value figures" title="Replication id ${master.replid}">${count(master.offset)}</span>
    ${rows.map((row) => drawRow(row, axis))}
    <span class="dim mono">${shortId(master.replid)}</span>
    <div class="ticks figures" aria-hidden="true">${axis.ticks.map((tick) => html`<span style=${styleMap({ left: percent(axis, tick) })}>${count(tick)}</span>`)}</div>
    <span></span>
  </div>`;
}

function drawRow({ node, acked, behind }: RulerRow, axis: Axis) {
  return html`
    <span class="name">${host(node.address)}</span>
    <div class="lane">
      ${behind === null ? nothing : fill(axis, node.offset)}
      ${acked === null ? nothing : html`<span class="acked" title="Acknowledged up to ${count(acked)}" style=${styleMap({ left: percent(axis, acked) })}></span>`}
    </div>
    <span class="value figures">${told(node, acked, behind)}</span>
  `;
}

function backlog({ backlog }: NodeView, axis: Axis) {
  if (!backlog || backlog.length === 0) return nothing;
  const start = positionOn(axis, backlog.firstOffset);
  const end = positionOn(axis, backlog.firstOffset + backlog.length);
  return html`<span class="backlog" title="The backlog: ${count(backlog.length)} of ${count(backlog.size)} bytes, from ${count(backlog.firstOffset)}"
    style=${styleMap({ left: `${start * 100}%`, width: `${(end - start) * 100}%` })}></span>`;
}

function fill(axis: Axis, offset: number) {
  return html`<span class="bar-fill" style=${styleMap({ width: percent(axis, offset) })}></span>`;
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
