/** The inspector: whatever is selected, opened up. */

import { LitElement, css, html, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { PacketDetail, View } from "../engine/types.ts";
import type { LogEntry } from "../session/log.ts";
import { NODES_MAX, type Look, type Selection } from "../session/session.ts";
import { icons } from "./icons.ts";
import { controls, emit, panel } from "./shared.ts";
import "./welcome.ts";

@customElement("rd-inspector")
export class RdInspector extends LitElement {
  static override styles = [
    controls,
    panel,
    css`
      .gone {
        margin: 0;
        padding: var(--rd-4);
        color: var(--rd-ink-2);
      }
    `,
  ];

  @property({ attribute: false }) view: View | null = null;
  @property({ attribute: false }) selection: Selection | null = null;
  @property({ attribute: false }) detail: PacketDetail | "gone" | null = null;
  @property({ attribute: false }) look!: Look;
  @property({ type: Number }) changes = 0;
  @property({ attribute: false }) entries: readonly LogEntry[] = [];

  /** What shows one kind of thing is fetched when the first of it is selected. */
  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("selection") && this.selection) void DETAILS[this.selection.kind]();
  }

  override render() {
    return html`
      <div class="bar">
        <h2>${this.selection ? TITLES[this.selection.kind] : "Start here"}</h2>
        ${this.selection
          ? html`<div class="end"><button class="icon" aria-label="Close" title="Close (Esc)" @click=${() => emit(this, "rd-select", null)}>${icons.close}</button></div>`
          : ""}
      </div>
      <div class="scroll" tabindex="0" role="region" aria-label="Inspector">${this.#body()}</div>
    `;
  }

  #body() {
    const { selection, view } = this;
    const address = (id: number) => view?.nodes.find((node) => node.id === id)?.address ?? "a node that is gone";
    if (selection?.kind === "packet") {
      if (this.detail === "gone") return html`<p class="gone">The bytes of this packet are no longer kept: only those of the newest packets are.</p>`;
      return this.detail ? html`<rd-packet-detail .packet=${this.detail} .address=${address}></rd-packet-detail>` : "";
    }
    if (selection?.kind === "node") {
      const node = view?.nodes.find(({ id }) => id === selection.id);
      if (node) return html`<rd-node-detail .node=${node} .full=${(view?.nodes.length ?? 0) >= NODES_MAX} .others=${view?.nodes.filter(({ id }) => id !== node.id) ?? []} .look=${this.look} .changes=${this.changes} .wallMs=${view?.wallMs ?? 0}></rd-node-detail>`;
    }
    if (selection?.kind === "link") {
      const link = view?.links.find(({ id }) => id === selection.id);
      const packets = view?.packets.filter((packet) => packet.link === selection.id).length ?? 0;
      if (link) return html`<rd-link-detail .link=${link} .packets=${packets} .address=${address} .entries=${this.entries}></rd-link-detail>`;
    }
    const master = view?.nodes.find(({ role }) => role === "master");
    return html`<rd-welcome .master=${master?.address ?? "the master"}></rd-welcome>`;
  }
}

const DETAILS = {
  packet: () => import("./packet-detail.ts"),
  node: () => import("./node-detail.ts"),
  link: () => import("./link-detail.ts"),
} as const;

const TITLES = { packet: "Packet", node: "Node", link: "Link" } as const;

declare global {
  interface HTMLElementTagNameMap {
    "rd-inspector": RdInspector;
  }
}
