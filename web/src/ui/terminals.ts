/**
 * The terminals: one pane a node, under each other, so that a write on the
 * master and a read on a replica are seen at once. Where there is room for one
 * pane only, a row of tabs chooses the node. The clients of a node stand side
 * by side; where they would be too narrow to read, tabs choose one.
 */

import { LitElement, css, html, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { NodeId, NodeView } from "../engine/types.ts";
import { host } from "../format.ts";
import type { Terminal } from "../session/terminal.ts";
import { icons } from "./icons.ts";
import { controls, emit } from "./shared.ts";
import { moveInTabs } from "./tabs.ts";
import type { RdTerminal } from "./terminal.ts";
import "./terminal.ts";

/** A terminal's least width, in which a line of redis-cli can be read. */
const COLUMN_REM = 16;

@customElement("rd-terminals")
export class RdTerminals extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        min-width: 0;
        background: var(--rd-well);
      }

      .nodes {
        display: none;
      }

      .panes {
        flex: 1;
        min-height: 0;
        display: flex;
        flex-direction: column;
        overflow: auto;
      }

      .pane {
        flex: 1 0 10rem;
        display: flex;
        flex-direction: column;
        min-height: 0;
        border-bottom: 1px solid var(--rd-line);
      }

      .pane:last-child {
        border-bottom: 0;
      }

      .head {
        display: flex;
        align-items: center;
        gap: var(--rd-2);
        flex: none;
        min-height: var(--rd-bar);
        padding: 0 var(--rd-1) 0 var(--rd-3);
        border-bottom: 1px solid var(--rd-line);
      }

      h2 {
        margin: 0;
        font: 600 var(--rd-text-s) var(--rd-mono);
      }

      .role {
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
      }

      .glyph {
        width: 9px;
        height: 9px;
        border: 2px solid var(--rd-ink-3);
        border-radius: 50%;
        flex: none;
      }

      .glyph.master {
        border-color: var(--rd-accent);
        background: var(--rd-accent);
      }

      .columns {
        flex: 1;
        min-height: 0;
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: minmax(16rem, 1fr);
        overflow-x: auto;
        scrollbar-width: thin;
      }

      .column {
        display: flex;
        flex-direction: column;
        min-width: 0;
        min-height: 0;
      }

      .column + .column {
        border-left: 1px solid var(--rd-line);
      }

      .column:focus-within {
        box-shadow: inset 3px 0 var(--rd-focus);
      }

      .column > .head {
        min-height: var(--rd-touch);
        background: var(--rd-panel);
        font-size: var(--rd-text-s);
      }

      .end {
        display: flex;
        margin-left: auto;
      }

      .habit {
        color: var(--rd-ink-3);
        font-family: var(--rd-mono);
        font-size: var(--rd-text-xs);
      }

      [role="tab"] {
        position: relative;
        border-radius: 0;
      }

      [role="tab"][aria-selected="true"] {
        color: var(--rd-ink);
      }

      [role="tab"][aria-selected="true"]::after {
        content: "";
        position: absolute;
        inset: auto 4px 0;
        height: 2px;
        background: var(--rd-ink);
      }

      rd-terminal {
        flex: 1;
      }

      .empty {
        padding: var(--rd-3);
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
      }

      @media (max-width: 759px) {
        .nodes {
          display: flex;
          flex: none;
          overflow-x: auto;
          scrollbar-width: none;
          background: var(--rd-panel);
          border-bottom: 1px solid var(--rd-line);
        }

        .nodes [role="tab"] {
          flex: 1 0 auto;
          font-family: var(--rd-mono);
        }

        .pane {
          flex-basis: 0;
        }

        .columns {
          grid-auto-columns: minmax(0, 1fr);
        }

        .pane:not([data-active]) {
          display: none;
        }

        /* The tab above says whose pane this is. */
        .head {
          min-height: 0;
          border-bottom: 0;
        }

        .head > :not(.end) {
          display: none;
        }

      }
    `,
  ];

  @property({ attribute: false }) nodes: readonly NodeView[] = [];
  @property({ attribute: false }) terminals: readonly Terminal[] = [];
  /** A terminal changes in place; this says that one may have. */
  @property({ type: Number }) revision = 0;
  @property({ type: Number }) nowUs = 0;
  @property({ type: Boolean }) paused = false;

  /** The node whose pane shows where there is room for one. */
  @state() private node: NodeId | null = null;
  /** The tab that shows in each pane, by the terminal's key. */
  @state() private shown: ReadonlyMap<NodeId, string> = new Map();
  /** Whether there is room for clients beside each other. */
  @state() private hasColumns = false;
  @query(".panes") private panes!: HTMLElement;
  /** The terminals that a new client of a node was asked for beside; null while none is awaited. */
  #awaits: { node: NodeId; beside: number } | null = null;
  readonly #resizes = new ResizeObserver(([entry]) => {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.hasColumns = (entry?.contentRect.width ?? 0) >= 2 * COLUMN_REM * rem;
  });

  /** Puts the cursor into a node's terminal; from that into the next one of the node. */
  async focusNode(node: NodeId): Promise<void> {
    const own = this.#of(node);
    const at = own.findIndex((terminal) => this.#elementOf(terminal)?.matches(":focus-within"));
    const next = at < 0 ? this.current(node) : own[(at + 1) % own.length];
    this.node = node;
    if (next) this.#show(next);
    await this.updateComplete;
    if (next) await this.#focus(next);
  }

  /** Its element may be new: then its prompt is still to come. */
  async #focus(terminal: Terminal): Promise<void> {
    const element = this.#elementOf(terminal);
    await element?.updateComplete;
    element?.scrollIntoView({ block: "nearest", inline: "nearest" });
    element?.focus();
  }

  override firstUpdated(): void {
    this.#resizes.observe(this.panes);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resizes.disconnect();
  }

  /** The client that was asked for has come: its prompt is where one goes on. */
  override updated(changed: PropertyValues<this>): void {
    const awaits = this.#awaits;
    if (!awaits || !changed.has("terminals")) return;
    const own = this.#of(awaits.node);
    const newest = own.at(-1);
    if (own.length !== awaits.beside) this.#awaits = null;
    if (!newest || own.length <= awaits.beside) return;
    void this.#focus(newest);
  }

  /** The terminal that shows on a node. */
  current(node: NodeId): Terminal | null {
    const own = this.#of(node);
    return own.find((terminal) => terminal.key === this.shown.get(node)) ?? own.at(-1) ?? null;
  }

  #of(node: NodeId): readonly Terminal[] {
    return this.terminals.filter((terminal) => terminal.node === node);
  }

  #elementOf(terminal: Terminal): RdTerminal | null {
    return this.renderRoot.querySelector<RdTerminal>(`rd-terminal[data-key="${terminal.key}"]`);
  }

  override render() {
    const active = this.nodes.find(({ id }) => id === this.node) ?? this.nodes[0];
    return html`
      <div class="nodes" role="tablist" aria-label="Node" @keydown=${moveInTabs}>
        ${this.nodes.map((node) => this.#nodeTab(node, node === active))}
      </div>
      <div class="panes">${repeat(this.nodes, ({ id }) => id, (node) => this.#pane(node, node === active))}</div>
    `;
  }

  #nodeTab(node: NodeView, selected: boolean) {
    return html`<button role="tab" aria-selected=${selected} aria-controls="pane-${node.id}" tabindex=${selected ? 0 : -1} @click=${() => (this.node = node.id)}>
      <span class="glyph ${node.role}"></span>${host(node.address)}
    </button>`;
  }

  #pane(node: NodeView, active: boolean) {
    const own = this.#of(node.id);
    const current = this.current(node.id);
    const beside = this.hasColumns && own.length > 1;
    return html`<section class="pane" id="pane-${node.id}" data-node=${node.id} ?data-active=${active} aria-label="Terminal of ${node.address}" @focusin=${() => (this.node = node.id)}>
      <div class="head">
        <span class="glyph ${node.role}"></span>
        <h2>${node.address}</h2>
        <span class="role">${node.role}</span>
        <div class="end">
          ${own.length > 1 && !beside ? this.#clientTabs(node, own, current) : nothing}
          ${current && !beside ? this.#habits(current) : nothing}
          ${own.length > 1 && current && !beside ? this.#closeButton(current) : nothing}
          <button class="icon" aria-label="New client of ${node.address}" title="New client" @click=${() => this.#open(node.id)}>${icons.plus}</button>
        </div>
      </div>
      ${current ? html`<div class="columns">${repeat(beside ? own : [current], ({ key }) => key, (terminal) => this.#column(terminal, beside))}</div>` : html`<p class="empty">No client is connected to this node.</p>`}
    </section>`;
  }

  #column(terminal: Terminal, beside: boolean) {
    return html`<section class="column" aria-label=${beside ? `Client ${terminal.number} of ${terminal.address}` : nothing} @focusin=${() => beside && this.#show(terminal)}>
      ${beside ? html`<div class="head"><span class="dim">Client ${terminal.number}</span><div class="end">${this.#habits(terminal)}${this.#closeButton(terminal)}</div></div>` : nothing}
      ${this.#terminal(terminal)}
    </section>`;
  }

  /** How this client talks, and how much of it is shown. */
  #habits(terminal: Terminal) {
    const other = terminal.protocol === 2 ? 3 : 2;
    return html`
      <button class="habit" aria-label="RESP${terminal.protocol}: switch client ${terminal.number} to RESP${other}" title="Switch to RESP${other} with HELLO ${other}" ?disabled=${terminal.busy} @click=${() => emit(this, "rd-submit", { terminal, line: `HELLO ${other}` })}>RESP${terminal.protocol}</button>
      <button class="habit" aria-label="Bytes of client ${terminal.number}" aria-pressed=${terminal.showsBytes} title="Show the bytes of requests and replies" @click=${() => emit(this, "rd-show-bytes", { terminal, shows: !terminal.showsBytes })}>bytes</button>
    `;
  }

  #clientTabs(node: NodeView, own: readonly Terminal[], current: Terminal | null) {
    return html`<div role="tablist" aria-label="Clients of ${node.address}" @keydown=${moveInTabs}>
      ${own.map(
        (terminal) => html`<button role="tab" aria-label="Client ${terminal.number}" aria-selected=${terminal === current} tabindex=${terminal === current ? 0 : -1} @click=${() => this.#show(terminal)}>
          ${terminal.number}
        </button>`,
      )}
    </div>`;
  }

  #closeButton(terminal: Terminal) {
    return html`<button class="icon" aria-label="Close client ${terminal.number}" title="Close this client" @click=${() => emit(this, "rd-close-terminal", terminal)}>
      ${icons.close}
    </button>`;
  }

  #terminal(terminal: Terminal) {
    return html`<rd-terminal
      data-key=${terminal.key}
      .terminal=${terminal}
      .lines=${terminal.lines}
      .prompt=${terminal.prompt}
      .hint=${terminal.hint}
      .waiting=${terminal.waiting}
      .listens=${terminal.listens}
      .queued=${terminal.queued}
      .nowUs=${terminal.waiting ? this.nowUs : 0}
      .paused=${this.paused}
    ></rd-terminal>`;
  }

  #show(terminal: Terminal): void {
    if (this.shown.get(terminal.node) !== terminal.key) this.shown = new Map(this.shown).set(terminal.node, terminal.key);
  }

  #open(node: NodeId): void {
    // The newest is shown where no other was chosen.
    this.shown = new Map([...this.shown].filter(([other]) => other !== node));
    this.node = node;
    this.#awaits = { node, beside: this.#of(node).length };
    emit(this, "rd-open-terminal", node);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-terminals": RdTerminals;
  }
}
