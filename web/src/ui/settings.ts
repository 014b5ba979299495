/** CONFIG GET * as a table: filtered by what is typed, what was changed marked, and changed by CONFIG SET in a terminal. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { NodeId, SettingView } from "../engine/types.ts";
import { plural } from "../format.ts";
import type { Look } from "../session/session.ts";
import { Looked } from "./looked.ts";
import { controls, emit, lookup } from "./shared.ts";

@customElement("rd-settings")
export class RdSettings extends LitElement {
  static override styles = [
    controls,
    lookup,
    css`
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
        font-size: var(--rd-text-s);
      }

      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: 0 var(--rd-2);
        align-items: center;
        min-height: var(--rd-touch);
        padding: 1px var(--rd-1);
        border-bottom: 1px solid var(--rd-line);
        font-family: var(--rd-mono);
      }

      li > * {
        overflow-wrap: anywhere;
      }

      .changed {
        box-shadow: inset 3px 0 var(--rd-accent);
        padding-left: var(--rd-2);
      }

      .usual {
        grid-column: 1 / -1;
        color: var(--rd-ink-3);
        font-family: var(--rd-sans);
      }

      button.value {
        justify-content: start;
        min-height: 1.5rem;
        padding: 0 var(--rd-1);
        color: var(--rd-ink);
        font: inherit;
        text-align: left;
        white-space: normal;
      }

      form {
        display: contents;
      }

      form input {
        width: 100%;
        height: 1.5rem;
      }
    `,
  ];

  @property({ type: Number }) node: NodeId = 0;
  @property({ attribute: false }) look!: Look;
  @property({ type: Number }) changes = 0;

  @state() private text = "";
  @state() private onlyChanged = false;
  /** The setting being edited. */
  @state() private edited: string | null = null;

  readonly #seen = new Looked(this, "settings", () => ({ node: this.node }));

  override render() {
    const all = this.#seen.seen ?? [];
    const changed = all.filter(isChanged);
    const shown = (this.onlyChanged ? changed : all).filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(this.text.trim().toLowerCase()));
    return html`
      <div class="bar">
        <input type="search" aria-label="Filter settings" placeholder="Name or value" autocomplete="off" spellcheck="false" .value=${this.text} @input=${(event: Event) => (this.text = (event.target as HTMLInputElement).value)} />
        <button ?hidden=${all.every(({ usual }) => usual === null)} aria-pressed=${this.onlyChanged} @click=${() => (this.onlyChanged = !this.onlyChanged)}>${changed.length} changed</button>
      </div>
      <p role="status">${plural(shown.length, "setting")}</p>
      <ul aria-label="Settings">${repeat(shown, ({ name }) => name, (setting) => this.#row(setting))}</ul>
    `;
  }

  #row(setting: SettingView) {
    const { name, value, fixed } = setting;
    const isChangedNow = isChanged(setting);
    return html`<li class=${isChangedNow ? "changed" : ""}>
      <span>${name}</span>
      ${this.edited === name ? this.#editor(setting) : fixed ? html`<span title="Set when the server starts">${value || '""'}</span>` : html`<button class="value" aria-label="Change ${name}, now ${value}" @click=${() => this.#edit(name)}>${value || '""'}</button>`}
      ${isChangedNow ? html`<span class="usual">usually ${setting.usual || '""'}</span>` : nothing}
    </li>`;
  }

  #editor({ name, value }: SettingView) {
    return html`<form @submit=${(event: Event) => this.#set(event, name)}>
      <input aria-label="CONFIG SET ${name}" autocomplete="off" spellcheck="false" .value=${value} @keydown=${(event: KeyboardEvent) => event.key === "Escape" && this.#leave(event)} />
    </form>`;
  }

  async #edit(name: string): Promise<void> {
    this.edited = name;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLInputElement>("form input")?.select();
  }

  #leave(event: Event): void {
    event.stopPropagation();
    this.edited = null;
  }

  /** Done in the open: the terminal shows the command, and what the server says to it. */
  #set(event: Event, name: string): void {
    event.preventDefault();
    const { value } = (event.target as HTMLFormElement).querySelector("input")!;
    emit(this, "rd-run", { node: this.node, line: `CONFIG SET ${name} ${quoted(value)}` });
    this.edited = null;
  }
}

function isChanged({ value, usual }: SettingView): boolean {
  return usual !== null && value !== usual;
}

function quoted(value: string): string {
  return /^[^\s"'\\]+$/.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-settings": RdSettings;
  }
}
