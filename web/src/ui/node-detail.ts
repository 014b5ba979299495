/** One node: what INFO replication says of it, and what can be done with it. */

import { LitElement, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { NodeView } from "../engine/types.ts";
import { bytes, count } from "../format.ts";
import type { Look } from "../session/session.ts";
import { detailStyles } from "./detail-styles.ts";
import { replicasTable } from "./replicas.ts";
import { controls } from "./shared.ts";
import "./node-actions.ts";

@customElement("rd-node-detail")
export class RdNodeDetail extends LitElement {
  static override styles = [controls, detailStyles];

  @property({ attribute: false }) node!: NodeView;
  @property({ type: Boolean }) full = false;
  @property({ attribute: false }) others: readonly NodeView[] = [];
  @property({ attribute: false }) look!: Look;
  @property({ type: Number }) changes = 0;
  @property({ type: Number }) wallMs = 0;

  override render() {
    // Not before somebody looks into a node.
    void import("./node-panels.ts");
    const { node } = this;
    return html`
      <h3 class="mono">${node.address}</h3>
      <p>${node.role === "master" ? "A master: it takes writes and streams them to its replicas." : `A replica of ${node.master ?? "nobody"}: it applies what its master sends, and takes reads.`}</p>
      <dl class="figures">
        ${node.masterLink === null ? nothing : html`<dt>Link to master</dt><dd>${node.masterLink}</dd>`}
        <dt>Offset</dt>
        <dd class="mono">${count(node.offset)}</dd>
        <dt>Replication id</dt>
        <dd class="mono">${node.replid}</dd>
        ${/^0*$/.test(node.replid2) ? nothing : html`<dt>Former id</dt><dd class="mono">${node.replid2}</dd>`}
        <dt>Backlog</dt>
        <dd>${node.backlog ? `${bytes(node.backlog.length)} of ${bytes(node.backlog.size)}, from ${count(node.backlog.firstOffset)}` : "none yet"}</dd>
        <dt>Keys</dt>
        <dd>${count(node.keys)}</dd>
        <dt>Clients</dt>
        <dd>${count(node.clients)}${node.blocked > 0 ? `, ${count(node.blocked)} waiting` : ""}</dd>
      </dl>
      ${node.replicas.length > 0 ? replicasTable(node.replicas) : nothing}
      <rd-node-actions .node=${node} .others=${this.others} .full=${this.full}></rd-node-actions>
      <rd-node-panels .node=${node} .look=${this.look} .changes=${this.changes} .wallMs=${this.wallMs}></rd-node-panels>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-node-detail": RdNodeDetail;
  }
}
