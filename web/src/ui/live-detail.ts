/** What a real server tells of itself, and what only a simulated one can do. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { NodeView } from "../engine/types.ts";
import { count, duration } from "../format.ts";
import type { Info } from "../live/info.ts";
import type { Look } from "../session/session.ts";
import { detailStyles } from "./detail-styles.ts";
import { replicasTable } from "./replicas.ts";
import { controls } from "./shared.ts";

/** What the page can do to a simulated node, and why not to this one. */
const UNAVAILABLE: readonly { what: string; why: string }[] = [
  { what: "Pause, step, speed", why: "A real server's clock is its machine's: it does not wait for a page." },
  { what: "Rewind, fork, undo", why: "What was done has been done; nobody keeps the worlds before." },
  { what: "Crashes, cut links, full disks", why: "There is no network or disk of ours to break between you and it." },
  { what: "Disk microscope", why: "Its files are not sent to a page; redarium check-rdb and check-aof look into them." },
  { what: "Packets to replicas", why: "They pass between two machines, and neither shows them to a client." },
];

@customElement("rd-live-detail")
export class RdLiveDetail extends LitElement {
  static override styles = [
    controls,
    detailStyles,
    css`

      .unavailable {
        margin-top: var(--rd-5);
      }

      .unavailable li {
        margin-bottom: var(--rd-1);
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
      }

      .unavailable ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }

      .unavailable b {
        color: var(--rd-ink-2);
        font-weight: 600;
      }
    `,
  ];

  @property({ attribute: false }) node!: NodeView;
  @property({ attribute: false }) info!: Info;
  @property({ attribute: false }) look!: Look;
  @property({ type: Number }) changes = 0;

  override render() {
    // Its own chunk, which the playground's nodes load as well.
    void import("./node-panels.ts");
    const { node, info } = this;
    return html`
      <h3 class="mono">${node.address}</h3>
      <p>${node.role === "master" ? "A master: it takes writes and streams them to its replicas." : `A replica of ${node.master ?? "nobody"}: it applies what its master sends, and takes reads.`}</p>
      <dl class="figures">
        ${node.masterLink === null ? nothing : html`<dt>Link to master</dt><dd>${node.masterLink}</dd>`}
        <dt>Up for</dt>
        <dd>${duration(Number(info.get("uptime_in_seconds") ?? 0) * 1e6)}</dd>
        <dt>Memory</dt>
        <dd>${info.get("used_memory_human") ?? "unknown"}</dd>
        <dt>Keys</dt>
        <dd>${count(node.keys)}</dd>
        <dt>Clients</dt>
        <dd>${count(node.clients)}${node.blocked > 0 ? `, ${count(node.blocked)} waiting` : ""}</dd>
        <dt>Commands a second</dt>
        <dd>${info.get("instantaneous_ops_per_sec") ?? "unknown"}</dd>
        <dt>Offset</dt>
        <dd class="mono">${count(node.offset)}</dd>
        <dt>Replication id</dt>
        <dd class="mono">${node.replid}</dd>
        ${node.backlog ? html`<dt>Backlog</dt><dd>from ${count(node.backlog.firstOffset)}, ${count(node.backlog.length)} bytes</dd>` : nothing}
      </dl>
      ${node.replicas.length > 0 ? replicasTable(node.replicas) : nothing}
      <rd-node-panels remote .node=${node} .look=${this.look} .changes=${this.changes} .wallMs=${Date.now()}></rd-node-panels>
      <section class="unavailable" aria-label="Only in the playground">
        <h4>Only in the playground</h4>
        <ul>${UNAVAILABLE.map(({ what, why }) => html`<li><b>${what}</b>: ${why}</li>`)}</ul>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-live-detail": RdLiveDetail;
  }
}
