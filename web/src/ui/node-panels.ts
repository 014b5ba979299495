/** What a node holds, a panel at a time: its keys, its connections, its settings, its disk. Panels seldom opened are loaded when they are. */

import { LitElement, css, html } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { NodeView } from "../engine/types.ts";
import type { Look } from "../session/session.ts";
import { controls } from "./shared.ts";
import { moveInTabs } from "./tabs.ts";
import "./keys.ts";

type Panel = "keys" | "clients" | "settings" | "disk";

const LABELS: Readonly<Record<Panel, string>> = { keys: "Keys", clients: "Clients", settings: "Settings", disk: "Disk" };
const PANELS: readonly Panel[] = ["keys", "clients", "settings", "disk"];

@customElement("rd-node-panels")
export class RdNodePanels extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        margin-top: var(--rd-5);
      }

      .tabs {
        display: flex;
        gap: 2px;
        margin-bottom: var(--rd-3);
        border-bottom: 1px solid var(--rd-line-strong);
        overflow-x: auto;
        scrollbar-width: none;
      }

      [role="tab"] {
        border-radius: var(--rd-radius) var(--rd-radius) 0 0;
        border-bottom: 2px solid transparent;
      }

      [role="tab"][aria-selected="true"] {
        border-bottom-color: var(--rd-ink);
        color: var(--rd-ink);
      }
    `,
  ];

  @property({ attribute: false }) node!: NodeView;
  @property({ attribute: false }) look!: Look;
  @property({ type: Number }) changes = 0;
  @property({ type: Number }) wallMs = 0;

  /** A real server's files stay with it. */
  @property({ type: Boolean }) remote = false;

  @state() private panel: Panel = "keys";

  override render() {
    return html`
      <div class="tabs" role="tablist" aria-label="Look into ${this.node.address}" @keydown=${moveInTabs}>
        ${PANELS.map((panel) => html`<button role="tab" id="tab-${panel}" aria-selected=${panel === this.panel} aria-controls="panel" tabindex=${panel === this.panel ? 0 : -1} @click=${() => (this.panel = panel)}>${LABELS[panel]}</button>`)}
      </div>
      <div role="tabpanel" id="panel" aria-labelledby="tab-${this.panel}">${this.#shown()}</div>
    `;
  }

  #shown() {
    const { node, look, changes, wallMs } = this;
    switch (this.panel) {
      case "keys":
        return html`<rd-keys .node=${node.id} .look=${look} .changes=${changes} .total=${node.keys} .wallMs=${wallMs}></rd-keys>`;
      case "clients":
        void import("./clients.ts");
        return html`<rd-clients .node=${node.id} .look=${look} .changes=${changes}></rd-clients>`;
      case "disk":
        if (this.remote) return html`<p>Not of a real server: its files are not sent to a page.</p>`;
        void import("./disk.ts");
        return html`<rd-disk .node=${node} .look=${look} .changes=${changes}></rd-disk>`;
      case "settings":
        void import("./settings.ts");
        return html`<rd-settings .node=${node.id} .look=${look} .changes=${changes}></rd-settings>`;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-node-panels": RdNodePanels;
  }
}
