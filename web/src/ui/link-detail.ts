/** One link: its latency, and cutting it. */

import { LitElement, css, html } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { LinkView } from "../engine/types.ts";
import { duration, plural } from "../format.ts";
import { detailStyles } from "./detail-styles.ts";
import { controls, emit, type RdEvent } from "./shared.ts";
import "./stops.ts";

const LATENCIES_MS = [0, 1, 2, 5, 10, 20, 50, 100, 150, 200, 300, 500, 750, 1000, 2000, 5000] as const;

@customElement("rd-link-detail")
export class RdLinkDetail extends LitElement {
  static override styles = [
    controls,
    detailStyles,
    css`
      .latency {
        display: grid;
        grid-template-columns: max-content 1fr 4rem;
        align-items: center;
        gap: var(--rd-3);
      }
    `,
  ];

  @property({ attribute: false }) link!: LinkView;
  @property({ type: Number }) packets = 0;
  @property({ attribute: false }) address: (node: number) => string = String;

  override render() {
    const { link } = this;
    return html`
      <h3>Link between <span class="mono">${this.address(link.from)}</span> and <span class="mono">${this.address(link.to)}</span></h3>
      <p>${link.cut ? "Cut: nothing gets through, and neither end is told. Each finds out when it has heard nothing for too long." : `Open, with ${plural(this.packets, "packet")} on it now.`}</p>
      <div class="latency" @rd-pick=${this.#picked}>
        <span class="dim">Latency</span>
        <rd-stops label="Latency, one way" .stops=${LATENCIES_MS} .value=${link.latencyUs / 1000} .spoken=${(value: number) => `${value} milliseconds`}></rd-stops>
        <span class="figures">${duration(link.latencyUs)}</span>
      </div>
      <div class="actions">
        <button class="outlined" @click=${() => emit(this, "rd-do", { kind: link.cut ? "healLink" : "cutLink", link: link.id })}>${link.cut ? "Heal the link" : "Cut the link"}</button>
      </div>
    `;
  }

  #picked(event: RdEvent<"rd-pick">): void {
    event.stopPropagation();
    emit(this, "rd-do", { kind: "setLatency", link: this.link.id, latencyUs: event.detail * 1000 });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-link-detail": RdLinkDetail;
  }
}
