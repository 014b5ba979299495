/** One link: how long it takes, how it fails, and the last handshake that went over it. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Cut, LinkView } from "../engine/types.ts";
import { clockTime, duration, host, plural } from "../format.ts";
import type { LogEntry } from "../session/log.ts";
import { detailStyles } from "./detail-styles.ts";
import { kindGlyph } from "./kinds.ts";
import { kindStyles } from "./kind-styles.ts";
import { controls, emit, type RdEvent } from "./shared.ts";
import "./stops.ts";

const LATENCIES_MS = [0, 1, 2, 5, 10, 20, 50, 100, 150, 200, 300, 500, 750, 1000, 2000, 5000] as const;
/** What belongs to a handshake, from the connection to the snapshot. */
const HANDSHAKE = new Set(["connect", "handshake", "sync", "rdb"]);
const STEPS_MAX = 16;

@customElement("rd-link-detail")
export class RdLinkDetail extends LitElement {
  static override styles = [
    controls,
    kindStyles,
    detailStyles,
    css`
      .times {
        display: grid;
        grid-template-columns: max-content 1fr 4rem;
        align-items: center;
        gap: var(--rd-1) var(--rd-3);
      }

      .times rd-stops {
        min-width: 0;
      }

      ol {
        margin: 0;
        padding: 0;
        list-style: none;
      }

      li button {
        display: grid;
        grid-template-columns: 3.5rem 2rem 1fr;
        gap: var(--rd-2);
        justify-content: start;
        align-items: center;
        width: 100%;
        padding: 0;
        text-align: left;
        font-weight: 400;
        white-space: normal;
      }
    `,
  ];

  @property({ attribute: false }) link!: LinkView;
  @property({ type: Number }) packets = 0;
  @property({ attribute: false }) address: (node: number) => string = String;
  @property({ attribute: false }) entries: readonly LogEntry[] = [];

  override render() {
    const { link } = this;
    return html`
      <h3>Link between <span class="mono">${this.address(link.from)}</span> and <span class="mono">${this.address(link.to)}</span></h3>
      <p>${this.#state()}</p>
      <div class="times">
        ${this.#slider("Latency", "Latency, one way", link.latencyUs, (us) => ({ latencyUs: us, jitterUs: link.jitterUs }))}
        ${this.#slider("Jitter", "Jitter: up to so much longer", link.jitterUs, (us) => ({ latencyUs: link.latencyUs, jitterUs: us }))}
      </div>
      <div class="actions">${this.#faults()}</div>
      ${this.#handshake()}
    `;
  }

  #state(): string {
    const { link } = this;
    if (link.cut === "both") return "Cut: nothing gets through, and neither end is told. Each finds out when it has heard nothing for too long.";
    if (link.cut) return `Cut one way: what is sent to ${this.address(link.cut === "to" ? link.to : link.from)} is lost, the other way is open. Neither end is told.`;
    if (link.stalled) return "Stalled: nothing arrives and nothing is lost. All of it comes when the link goes on.";
    return `Open, with ${plural(this.packets, "packet")} on it now.`;
  }

  #slider(label: string, name: string, us: number, change: (us: number) => { latencyUs: number; jitterUs: number }) {
    const picked = (event: RdEvent<"rd-pick">) => {
      event.stopPropagation();
      emit(this, "rd-do", { kind: "setLatency", link: this.link.id, ...change(event.detail * 1000) });
    };
    return html`<span class="dim">${label}</span>
      <rd-stops label=${name} .stops=${LATENCIES_MS} .value=${us / 1000} .spoken=${(value: number) => `${value} milliseconds`} @rd-pick=${picked}></rd-stops>
      <span class="figures">${duration(us)}</span>`;
  }

  #faults() {
    const { id, cut, stalled, from, to } = this.link;
    const heal = html`<button class="outlined" @click=${() => emit(this, "rd-do", { kind: "healLink", link: id })}>Heal the link</button>`;
    const cutting = (way: Cut, label: string) => html`<button class="outlined" @click=${() => emit(this, "rd-do", { kind: "cutLink", link: id, way })}>${label}</button>`;
    return html`
      ${cut || stalled ? heal : cutting("both", "Cut the link")}
      ${cut ? nothing : html`${cutting("to", `Cut only towards ${host(this.address(to))}`)}${cutting("from", `Cut only towards ${host(this.address(from))}`)}`}
      ${stalled || cut ? nothing : html`<button class="outlined" title="Nothing arrives, nothing is lost" @click=${() => emit(this, "rd-do", { kind: "stallLink", link: id })}>Stall</button>`}
      <button class="outlined" title="Both ends are told that their connections are gone" @click=${() => emit(this, "rd-do", { kind: "resetLink", link: id })}>Reset connections</button>
    `;
  }

  /** The newest connection over this link and what was said until it was in sync: a packet a line. */
  #handshake() {
    const own = this.entries.filter(({ packet }) => packet?.link === this.link.id && HANDSHAKE.has(packet.kind));
    const begins = own.findLastIndex(({ packet, text }) => packet?.kind === "connect" && !text.includes("ACK"));
    const steps = own.slice(Math.max(0, begins)).slice(0, STEPS_MAX);
    if (steps.length === 0) return nothing;
    return html`<h4>The last handshake</h4>
      <ol>
        ${steps.map(({ atUs, nodes, packet, text }) => html`<li>
          <button @click=${() => packet && emit(this, "rd-select", { kind: "packet", id: packet.id })}>
            <span class="dim figures">${clockTime(atUs)}</span>
            <span data-kind=${packet?.kind ?? ""}>${packet ? kindGlyph(packet.kind, packet.bytes) : nothing}</span>
            <span>${host(this.address(nodes[0] ?? 0))}: <span class="mono">${text}</span>${packet && packet.fate !== "arrived" ? ` (${packet.fate})` : ""}</span>
          </button>
        </li>`)}
      </ol>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-link-detail": RdLinkDetail;
  }
}
