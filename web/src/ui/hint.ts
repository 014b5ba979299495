/** The line under a prompt: the syntax of what is being typed with the argument whose turn it is, or the words that can stand there. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { LineHint } from "../engine/types.ts";

/** So many words to choose from are shown; Tab goes through all. */
const WORDS_SHOWN = 8;

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
