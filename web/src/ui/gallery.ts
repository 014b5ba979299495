/** What can be opened: a new fleet of some shape, a scenario, a script. Loaded when it is asked for. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { StoryError } from "../engine/script-text.ts";
import type { WorldOptions } from "../engine/types.ts";
import { loadTales } from "../gallery/load.ts";
import { parseTale, type Tale } from "../gallery/tale.ts";
import { WORLD_DEFAULT } from "../session/session.ts";
import { dialogStyles } from "./dialog-styles.ts";
import { icons } from "./icons.ts";
import { controls, emit } from "./shared.ts";
import type { RdFindSeed } from "./find-seed.ts";
import "./find-seed.ts";

const FLEETS: readonly { label: string; options: Partial<WorldOptions> }[] = [
  { label: "One node", options: { replicas: 0 } },
  { label: "1 replica", options: { replicas: 1 } },
  { label: "2 replicas", options: { replicas: 2 } },
  { label: "3 replicas", options: { replicas: 3 } },
  { label: "4 replicas", options: { replicas: 4 } },
  { label: "5 replicas", options: { replicas: 5 } },
  { label: "Chain of 3", options: { replicas: 2, shape: "chain" } },
  { label: "Chain of 4", options: { replicas: 3, shape: "chain" } },
  { label: "3 masters", options: { replicas: 2, shape: "apart" } },
];

@customElement("rd-gallery")
export class RdGallery extends LitElement {
  static override styles = [
    controls,
    dialogStyles,
    css`
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr));
        gap: var(--rd-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }

      li button {
        display: block;
        width: 100%;
        height: 100%;
        padding: var(--rd-3);
        border: 1px solid var(--rd-line);
        background: var(--rd-raised);
        text-align: left;
        white-space: normal;
        font-weight: 400;
      }

      li button:hover {
        border-color: var(--rd-line-strong);
      }

      li b {
        display: block;
        margin-bottom: var(--rd-1);
        color: var(--rd-ink);
        font-size: var(--rd-text-m);
        font-weight: 600;
      }
    `,
  ];

  @state() private tales: readonly Tale[] | null = null;
  @state() private wrong = "";
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("rd-find-seed") private finder!: RdFindSeed;
  @query("textarea") private text!: HTMLTextAreaElement;

  /** Opens the dialog. */
  async show(): Promise<void> {
    await this.updateComplete;
    this.dialog.showModal();
    try {
      this.tales ??= await loadTales();
    } catch (error) {
      this.wrong = `The scenarios could not be loaded: ${String(error)}`;
    }
  }

  override render() {
    return html`<dialog aria-labelledby="title" @click=${this.#closeOutside} @close=${() => this.finder.stop()} @rd-open-tale=${() => this.dialog.close()}>
      <div class="top">
        <h2 id="title">Open</h2>
        <button class="icon" aria-label="Close" @click=${() => this.dialog.close()}>${icons.close}</button>
      </div>
      <div class="body">
        <h3>A new fleet</h3>
        <div class="row">${FLEETS.map(({ label, options }) => html`<button class="outlined" @click=${() => this.#fleet(options)}>${label}</button>`)}</div>
        <h3>A scenario</h3>
        <ul>${this.tales?.map((tale) => html`<li><button @click=${() => this.#tale(tale)}><b>${tale.title}</b>${tale.caption}</button></li>`) ?? nothing}</ul>
        <h3>A seed that breaks a claim</h3>
        <rd-find-seed></rd-find-seed>
        <h3>A script</h3>
        <p>As this page, or <code class="mono">redarium simulate</code>, has written it.</p>
        <textarea aria-label="Script" spellcheck="false" placeholder="redarium-script 1"></textarea>
        <div class="row">
          <button class="outlined" @click=${() => this.#script(this.text.value)}>Open this script</button>
          <label class="outlined">From a file: <input type="file" accept=".txt,text/plain" @change=${this.#file} /></label>
        </div>
        <p class="wrong" role="status">${this.wrong}</p>
      </div>
    </dialog>`;
  }

  #fleet(options: Partial<WorldOptions>): void {
    this.dialog.close();
    emit(this, "rd-new-fleet", { ...WORLD_DEFAULT, ...options });
  }

  #tale(tale: Tale): void {
    this.dialog.close();
    emit(this, "rd-open-tale", tale);
  }

  #script(text: string): void {
    try {
      const tale = parseTale(text);
      this.wrong = "";
      this.dialog.close();
      if (tale.steps.length > 0) emit(this, "rd-open-tale", tale);
      else emit(this, "rd-open-story", tale.story);
    } catch (error) {
      if (!(error instanceof StoryError)) throw error;
      this.wrong = `That can't be opened: ${error.message}.`;
    }
  }

  async #file(event: Event): Promise<void> {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (file) this.#script(await file.text());
  }

  #closeOutside(event: MouseEvent): void {
    if (event.target === this.dialog) this.dialog.close();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-gallery": RdGallery;
  }
}
