/** How a world leaves the page: as a link, as a script, as commands for redis-cli. Loaded when it is asked for. */

import { LitElement, html, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { linkHash } from "../share/link.ts";
import { dialogStyles } from "./dialog-styles.ts";
import { icons } from "./icons.ts";
import { controls } from "./shared.ts";

/** Longer links are cut short by some programs that pass them on. */
const LINK_LONG = 30_000;

@customElement("rd-share")
export class RdShare extends LitElement {
  static override styles = [controls, dialogStyles];

  /** The script's text. */
  @property() text = "";
  @property() commands = "";
  @state() private link = "";
  @state() private said = "";
  @query("dialog") private dialog!: HTMLDialogElement;

  /** Opens the dialog. */
  async show(): Promise<void> {
    this.said = "";
    this.link = `${location.href.split("#")[0]}${await linkHash(this.text)}`;
    await this.updateComplete;
    this.dialog.showModal();
  }

  override render() {
    const isLong = this.link.length > LINK_LONG;
    return html`<dialog aria-labelledby="title" @click=${this.#closeOutside}>
      <div class="top">
        <h2 id="title">Share</h2>
        <button class="icon" aria-label="Close" @click=${() => this.dialog.close()}>${icons.close}</button>
      </div>
      <div class="body">
        <h3>As a link</h3>
        <p>It holds the seed, the fleet and all that was done: whoever opens it sees every byte again. It is not sent to a server.</p>
        <div class="row">
          <input readonly aria-label="Link" .value=${this.link} @focus=${(event: FocusEvent) => (event.target as HTMLInputElement).select()} />
          <button class="outlined" @click=${() => this.#copy(this.link, "The link")}>Copy the link</button>
        </div>
        ${isLong ? html`<p class="wrong">At ${this.link.length} letters, some programs will cut it short: send the script instead.</p>` : nothing}
        <h3>As a script</h3>
        <p><code class="mono">redarium replay FILE</code> plays it, and this page opens it.</p>
        <textarea readonly aria-label="Script" .value=${this.text}></textarea>
        <div class="row">
          <button class="outlined" @click=${() => this.#copy(this.text, "The script")}>Copy the script</button>
          <button class="outlined" @click=${this.#save}>Save as a file</button>
        </div>
        <h3>For redis-cli</h3>
        <p>What was typed, to be typed at servers of your own: node 1 is the one at port 6379, node 2 at 6380, and so on.</p>
        <textarea readonly aria-label="Commands for redis-cli" .value=${this.commands}></textarea>
        <div class="row"><button class="outlined" ?disabled=${this.commands === ""} @click=${() => this.#copy(this.commands, "The commands")}>Copy the commands</button></div>
        <p role="status">${this.said}</p>
      </div>
    </dialog>`;
  }

  async #copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.said = `${what} ${what.endsWith("s") ? "are" : "is"} on the clipboard.`;
    } catch {
      this.said = "The browser does not let this page copy: select the text and copy it yourself.";
    }
  }

  #save(): void {
    const url = URL.createObjectURL(new Blob([this.text], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = "redarium-script.txt";
    link.click();
    URL.revokeObjectURL(url);
  }

  #closeOutside(event: MouseEvent): void {
    if (event.target === this.dialog) this.dialog.close();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-share": RdShare;
  }
}
