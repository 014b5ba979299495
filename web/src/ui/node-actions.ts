/** What can be done to a node: who its master is, how it fails, and how it comes back. */

import { LitElement, css, html } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Input, NodeView } from "../engine/types.ts";
import { duration } from "../format.ts";
import { controls, emit } from "./shared.ts";

const CRASHES = [
  { disk: "kept", label: "Kill", about: "The process ends; its machine keeps what was written, and tells the peers." },
  { disk: "lost", label: "Cut the power", about: "What was not synced to disk is lost, and nobody is told." },
  { disk: "torn", label: "Cut the power mid-write", about: "As before, but of what was not synced a part is there." },
] as const;

const SHIFTS_MS = [-60_000, -1000, 1000, 60_000] as const;

@customElement("rd-node-actions")
export class RdNodeActions extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        margin-top: var(--rd-4);
      }

      div {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--rd-2);
        margin-bottom: var(--rd-2);
      }

      /* What does not fit stands under its own kind, not under the label. */
      div:has(.about) {
        padding-left: calc(5rem + var(--rd-2));
      }

      .about {
        flex: 0 0 5rem;
        margin-left: calc(-5rem - var(--rd-2));
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
      }

      select {
        height: var(--rd-touch);
        max-width: 100%;
        border: 1px solid var(--rd-line-strong);
        border-radius: var(--rd-radius);
        background: var(--rd-raised);
        font-size: var(--rd-text-s);
      }
    `,
  ];

  @property({ attribute: false }) node!: NodeView;
  @property({ attribute: false }) others: readonly NodeView[] = [];
  /** No room for one more node. */
  @property({ type: Boolean }) full = false;

  override render() {
    const { node } = this;
    return html`
      <div role="group" aria-label="Go">
        <button class="outlined" @click=${() => emit(this, "rd-show-terminal", node.id)}>Go to its terminal</button>
      </div>
      <div role="group" aria-label="Replication">
        <span class="about">Replication</span>
        ${this.#do({ kind: "addReplica", of: node.id }, "Add a replica of it", "", this.full)}
        ${node.role === "replica" ? this.#do({ kind: "promote", node: node.id }, "Promote", "REPLICAOF NO ONE", !node.up) : ""}
        ${this.others.length > 0 ? this.#masters() : ""}
      </div>
      <div role="group" aria-label="Process">
        <span class="about">Process</span>
        ${node.up ? this.#upActions() : this.#do({ kind: "restart", node: node.id }, "Start it again", "From what its disk holds")}
      </div>
      <div role="group" aria-label="Disk and clock">
        <span class="about">Disk, clock</span>
        ${this.#do({ kind: "setDisk", node: node.id, full: !node.diskFull }, node.diskFull ? "Free the disk" : "Fill the disk", "Nothing can be appended to a full disk")}
        <select aria-label="Let its wall clock jump" @change=${this.#shift}>
          <option value="">${node.clockShiftMs === 0 ? "Clock jumps" : `Clock is ${duration(Math.abs(node.clockShiftMs) * 1000)} ${node.clockShiftMs > 0 ? "ahead" : "behind"}`}</option>
          ${SHIFTS_MS.map((ms) => html`<option value=${ms}>${duration(Math.abs(ms) * 1000)} ${ms > 0 ? "ahead" : "back"}</option>`)}
        </select>
      </div>
    `;
  }

  #upActions() {
    const { id, paused } = this.node;
    return html`${this.#do(paused ? { kind: "resume", node: id } : { kind: "pause", node: id }, paused ? "Resume" : "Pause", paused ? "The process goes on" : "The process stands still, as after SIGSTOP")}
    ${CRASHES.map(({ disk, label, about }) => this.#do({ kind: "crash", node: id, disk }, label, about))}`;
  }

  #masters() {
    return html`<select aria-label="Make it a replica of" @change=${this.#attach}>
      <option value="">Make it a replica of …</option>
      ${this.others.map(({ id, address }) => html`<option value=${id} ?disabled=${address === this.node.master}>${address}</option>`)}
    </select>`;
  }

  #do(input: Input, label: string, about = "", disabled = false) {
    return html`<button class="outlined" title=${about} ?disabled=${disabled} @click=${() => emit(this, "rd-do", input)}>${label}</button>`;
  }

  #attach(event: Event): void {
    const to = picked(event);
    if (to !== null) emit(this, "rd-do", { kind: "attach", node: this.node.id, to });
  }

  #shift(event: Event): void {
    const byMs = picked(event);
    if (byMs !== null) emit(this, "rd-do", { kind: "shiftClock", node: this.node.id, byMs });
  }
}

/** A menu that acts goes back to its first line, which says what it does. */
function picked(event: Event): number | null {
  const select = event.target as HTMLSelectElement;
  const { value } = select;
  select.value = "";
  return value === "" ? null : Number(value);
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-node-actions": RdNodeActions;
  }
}
