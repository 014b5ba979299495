/** A scenario's words, above the fleet it is played on: what this is about, and step by step what to look at. */

import { LitElement, css, html } from "lit";
import { customElement, property } from "lit/decorators.js";
import { stepAt, type Tale } from "../gallery/tale.ts";
import { icons } from "./icons.ts";
import { controls, emit } from "./shared.ts";

@customElement("rd-guide")
export class RdGuide extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        align-items: flex-start;
        gap: var(--rd-3);
        padding: var(--rd-2) var(--rd-2) var(--rd-2) var(--rd-3);
        background: var(--rd-accent-soft);
      }

      .words {
        flex: 1;
        min-width: 0;
        align-self: center;
      }

      h2 {
        display: inline;
        margin: 0 0.5em 0 0;
        font-size: var(--rd-text-m);
      }

      p {
        display: inline;
        margin: 0;
        font-size: var(--rd-text-m);
        text-wrap: pretty;
      }

      .end {
        display: flex;
        align-items: center;
        gap: var(--rd-1);
      }

      .place {
        min-width: 3rem;
        color: var(--rd-ink-2);
        font-size: var(--rd-text-s);
        text-align: center;
      }

      @media (max-width: 759px) {
        :host {
          flex-direction: column;
          gap: var(--rd-1);
        }

        .end {
          align-self: flex-end;
        }
      }
    `,
  ];

  @property({ attribute: false }) tale!: Tale;
  @property({ type: Number }) nowUs = 0;

  override render() {
    const { title, caption, steps } = this.tale;
    const at = stepAt(this.tale, this.nowUs);
    return html`
      <div class="words" aria-live="polite"><h2>${title}</h2><p>${steps[at - 1]?.text ?? caption}</p></div>
      <div class="end">
        <button class="outlined" ?disabled=${at === 0} @click=${() => emit(this, "rd-seek", at <= 1 ? 0 : (steps[at - 2]?.atUs ?? 0))}>Back</button>
        <span class="place figures">${at} of ${steps.length}</span>
        <button class="outlined" ?disabled=${at >= steps.length} @click=${() => emit(this, "rd-play-until", steps[at]?.atUs ?? 0)}>${at === 0 ? "Begin" : "Next"}</button>
        <button class="icon" aria-label="End the scenario, keep the fleet" title="End the scenario, keep the fleet" @click=${() => emit(this, "rd-end-tale", undefined)}>${icons.close}</button>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-guide": RdGuide;
  }
}
