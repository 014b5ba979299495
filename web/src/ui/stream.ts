/**
 * A stream: its entries on a line, boxed by the node that holds them, with a mark behind the last entry each group was
 * given; below, each group's consumers and what they have not acknowledged.
 */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { GroupView, Item, StreamView } from "../engine/types.ts";
import { bytes, count, duration, plural } from "../format.ts";
import { boxes, type Box } from "./stream-boxes.ts";
import { controls } from "./shared.ts";

@customElement("rd-stream")
export class RdStream extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        font-size: var(--rd-text-s);
      }

      .line {
        display: flex;
        gap: var(--rd-2);
        margin: 0;
        padding: 0 0 var(--rd-2);
        overflow-x: auto;
        list-style: none;
      }

      .node {
        flex: none;
        border: 1px solid var(--rd-line-strong);
        border-radius: var(--rd-radius);
        background: var(--rd-well);
      }

      .node > .title {
        padding: 0 var(--rd-2);
        border-bottom: 1px solid var(--rd-line);
        color: var(--rd-ink-3);
        font-size: var(--rd-text-xs);
        white-space: nowrap;
      }

      .entries {
        display: flex;
        margin: 0;
        padding: 0;
        list-style: none;
      }

      .entry {
        position: relative;
        padding: var(--rd-1) var(--rd-2) 1.25rem;
        max-width: 12rem;
      }

      .entry + .entry {
        border-left: 1px solid var(--rd-line);
      }

      .entry.pending {
        background: var(--rd-warn-soft);
      }

      .id {
        font-family: var(--rd-mono);
        white-space: nowrap;
      }

      .field {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        color: var(--rd-ink-2);
        font-family: var(--rd-mono);
        font-size: var(--rd-text-xs);
      }

      .mark {
        position: absolute;
        right: 0;
        bottom: 1px;
        padding-right: 3px;
        border-right: 2px solid var(--rd-accent);
        color: var(--rd-accent);
        font-size: var(--rd-text-xs);
        white-space: nowrap;
      }

      h5 {
        margin: var(--rd-3) 0 var(--rd-1);
        font-size: var(--rd-text-s);
        font-weight: 600;
      }

      p {
        margin: 0 0 var(--rd-1);
        color: var(--rd-ink-2);
      }

      table {
        width: 100%;
        border-collapse: collapse;
        font-variant-numeric: tabular-nums;
      }

      th {
        padding: 1px var(--rd-3) 1px 0;
        color: var(--rd-ink-3);
        font-weight: 400;
        text-align: left;
      }

      td {
        padding: 1px var(--rd-3) 1px 0;
        font-family: var(--rd-mono);
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) stream!: StreamView;
  /** Entries there are, of which only the newest are shown. */
  @property({ type: Number }) length = 0;
  @property({ type: Number }) wallMs = 0;

  override render() {
    const { stream } = this;
    const older = this.length - stream.entries.length;
    return html`
      <p>Its last id is <span class="mono">${stream.lastId}</span>. It is held in ${plural(stream.nodeCount ?? stream.nodes.length, "node")} of a tree${older > 0 ? `; ${plural(older, "older entry", "older entries")} not shown` : ""}.</p>
      ${stream.entries.length === 0 ? nothing : html`<ol class="line" tabindex="0" aria-label="Entries, oldest first">${boxes(stream).map((box) => this.#node(box))}</ol>`}
      ${stream.groups.map((group) => this.#group(group))}
    `;
  }

  #node(box: Box) {
    return html`<li class="node">
      ${box.node.bytes === null ? nothing : html`<div class="title">node ${box.node.id} · ${bytes(box.node.bytes)}</div>`}
      <ol class="entries">
        ${box.entries.map(({ id, fields, pending, marks }) => html`<li class="entry ${pending ? "pending" : ""}" title=${fields.map(pair).join("\n")}>
          <div class="id">${id}</div>
          ${fields.slice(0, 2).map((field) => html`<div class="field">${pair(field)}</div>`)}
          ${marks.length === 0 ? nothing : html`<span class="mark" title="The last entry delivered to ${marks.join(", ")}">${marks.join(", ")}</span>`}
        </li>`)}
      </ol>
    </li>`;
  }

  #group(group: GroupView) {
    return html`
      <h5>Group ${group.name}</h5>
      <p>It has read up to <span class="mono">${group.lastId}</span>${group.lag === null ? "" : `; ${plural(group.lag, "entry", "entries")} to go`}. ${group.pendingCount === 0 ? "Nothing is pending." : `${plural(group.pendingCount, "entry is", "entries are")} delivered and not acknowledged.`}</p>
      ${group.consumers.length === 0 ? nothing : this.#consumers(group)}
      ${group.pending.length === 0 ? nothing : this.#pending(group)}
    `;
  }

  #consumers(group: GroupView) {
    return html`<table>
      <thead><tr><th>Consumer</th><th>Pending</th><th>Last seen</th></tr></thead>
      <tbody>
        ${group.consumers.map((consumer) => html`<tr><td>${consumer.name}</td><td>${count(consumer.pending)}</td><td>${this.#ago(consumer.seenMs)}</td></tr>`)}
      </tbody>
    </table>`;
  }

  #pending(group: GroupView) {
    return html`<table>
      <thead><tr><th>Pending entry</th><th>Of</th><th>Deliveries</th><th>Idle for</th></tr></thead>
      <tbody>
        ${group.pending.map((entry) => html`<tr><td>${entry.id}</td><td>${entry.consumer}</td><td>${count(entry.deliveries)}</td><td>${this.#since(entry.deliveredMs)}</td></tr>`)}
      </tbody>
    </table>`;
  }

  #ago(ms: number): string {
    return `${this.#since(ms)} ago`;
  }

  #since(ms: number): string {
    return duration(Math.max(0, this.wallMs - ms) * 1000);
  }
}

function pair(field: Item): string {
  return `${field.name} ${field.value ?? ""}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-stream": RdStream;
  }
}
