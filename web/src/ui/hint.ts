/** The line under a prompt: the syntax of what is being typed with the argument whose turn it is, or the words that can stand there. */

import { LitElement, css, html, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { LineHint } from "../engine/types.ts";

/** So many words to choose from are shown; Tab goes through all. */
const WORDS_SHOWN = 8;

/** So much of what was typed stays in sight before a syntax that is scrolled. */
const LEAD_PX = 48;

@customElement("rd-hint")
export class RdHint extends LitElement {
  static override styles = css`
    :host {
      display: block;
      overflow: hidden;
      white-space: nowrap;
      text-overflow: ellipsis;
    }

    b {
      font-weight: 600;
      color: var(--rd-ink-2);
    }

    .done {
      color: var(--rd-ink-3);
      opacity: 0.75;
    }

    .current {
      color: var(--rd-ink);
      text-decoration: underline;
      text-decoration-color: var(--rd-accent);
      text-underline-offset: 3px;
    }

    .summary {
      margin-inline-start: var(--rd-2);
      font-family: var(--rd-sans);
    }
  `;

  @property({ attribute: false }) hint: LineHint | null = null;

  override render() {
    if (!this.hint) return nothing;
    const { name, summary, parts, completions } = this.hint;
    if (name === "") return this.#words(completions);
    // Spaces between the parts are text, so that the line can be copied and read aloud.
    return html`<b>${name}</b>${parts.map(({ text, state }) => html` <span class=${state}>${text}</span>`)}<span class="summary">${summary}</span>`;
  }

  /** A long syntax is cut at its end; the argument whose turn it is must not be. */
  override updated(_changed: PropertyValues<this>): void {
    const current = this.renderRoot.querySelector<HTMLElement>(".current");
    const end = current ? current.offsetLeft - this.offsetLeft + current.offsetWidth : 0;
    this.scrollLeft = current && end > this.clientWidth ? current.offsetLeft - this.offsetLeft - LEAD_PX : 0;
  }

  #words(words: readonly string[]) {
    const more = words.length > WORDS_SHOWN ? ` and ${words.length - WORDS_SHOWN} more` : "";
    return html`${words.slice(0, WORDS_SHOWN).join("  ")}${more}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-hint": RdHint;
  }
}
