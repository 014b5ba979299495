/** A node's directory: what is in it and what of that would survive a crash, what can be done to it, and a file under the microscope. */

import { LitElement, css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { FileView, NodeView } from "../engine/types.ts";
import { bytes } from "../format.ts";
import type { Look } from "../session/session.ts";
import { download } from "./download.ts";
import { Looked } from "./looked.ts";
import { controls, emit } from "./shared.ts";
import "./microscope.ts";

/** What a person drops has to fit the script it becomes a part of. */
const DROP_BYTES_MAX = 8 * 1024 * 1024;

@customElement("rd-disk")
export class RdDisk extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }

      :host([data-over]) {
        outline: 2px dashed var(--rd-focus);
        outline-offset: 4px;
      }

      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: var(--rd-1);
        margin-bottom: var(--rd-3);
      }

      p {
        margin: 0 0 var(--rd-2);
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
      }

      .wrong {
        color: var(--rd-warn);
      }

      ul {
        margin: 0 0 var(--rd-3);
        padding: 0;
        list-style: none;
        border-top: 1px solid var(--rd-line);
      }

      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) max-content max-content;
        gap: var(--rd-2);
        align-items: center;
        border-bottom: 1px solid var(--rd-line);
      }

      li .name {
        justify-content: start;
        color: var(--rd-ink);
        font-family: var(--rd-mono);
        overflow-wrap: anywhere;
        white-space: normal;
        text-align: left;
      }

      .about {
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
      }

      input[type="file"] {
        position: absolute;
        width: 1px;
        height: 1px;
        opacity: 0;
      }

      label {
        display: inline-flex;
        align-items: center;
        min-height: var(--rd-touch);
        padding: 0 var(--rd-2);
        border: 1px dashed var(--rd-line-strong);
        border-radius: var(--rd-radius);
        color: var(--rd-ink);
        font-size: var(--rd-text-s);
        cursor: pointer;
      }

      label:focus-within {
        outline: 2px solid var(--rd-focus);
      }
    `,
  ];

  @property({ attribute: false }) node!: NodeView;
  @property({ attribute: false }) look!: Look;
  @property({ type: Number }) changes = 0;

  @state() private chosen: string | null = null;
  @state() private wrong = "";

  readonly #files = new Looked(this, "files", () => ({ node: this.node.id }));

  constructor() {
    super();
    this.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.toggleAttribute("data-over", true);
    });
    this.addEventListener("dragleave", () => this.toggleAttribute("data-over", false));
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      this.toggleAttribute("data-over", false);
      void this.#load(event.dataTransfer?.files[0]);
    });
  }

  override render() {
    const files = this.#files.seen ?? [];
    const open = files.find(({ name }) => name === this.chosen) ?? null;
    return html`
      <div class="actions">${this.node.up ? this.#actions() : this.#restart()}</div>
      ${this.wrong === "" ? nothing : html`<p class="wrong" role="alert">${this.wrong}</p>`}
      ${files.length === 0 ? html`<p>The disk is empty. SAVE writes a snapshot.</p>` : html`<ul aria-label="Files">${repeat(files, ({ name }) => name, (file) => this.#row(file))}</ul>`}
      ${open ? html`<rd-microscope .node=${this.node.id} .file=${open.name} .bytes=${open.bytes} .synced=${open.synced} .look=${this.look} .changes=${this.changes}></rd-microscope>` : nothing}
    `;
  }

  #actions() {
    const logs = this.#logs();
    return html`
      <button class="outlined" @click=${() => this.#run("SAVE")}>SAVE</button>
      <button class="outlined" @click=${() => this.#run(logs ? "BGREWRITEAOF" : "CONFIG SET appendonly yes")}>${logs ? "BGREWRITEAOF" : "Log writes"}</button>
      <label>Load a dump.rdb<input type="file" accept=".rdb" aria-label="Load a dump.rdb into ${this.node.address}" @change=${this.#picked} /></label>
      <button class="outlined" title="Power fails; what was not synced is torn off somewhere" @click=${() => emit(this, "rd-do", { kind: "crash", node: this.node.id, disk: "torn" })}>Crash, tear its files</button>
    `;
  }

  #restart() {
    return html`<p>It is down. Its files are as the crash left them.</p>
      <button class="outlined" @click=${() => emit(this, "rd-do", { kind: "restart", node: this.node.id })}>Restart from these files</button>`;
  }

  #row({ name, bytes: size, synced }: FileView) {
    return html`<li>
      <button class="name" aria-pressed=${name === this.chosen} @click=${() => (this.chosen = name === this.chosen ? null : name)}>${name}</button>
      <span class="about figures">${bytes(size)}${synced < size ? `, ${bytes(size - synced)} not synced` : ""}</span>
      <button aria-label="Download ${name}" title="Download" @click=${() => this.#download(name, size)}>↓</button>
    </li>`;
  }

  #logs(): boolean {
    return this.#files.seen?.some(({ name }) => name.endsWith(".manifest")) ?? false;
  }

  #run(line: string): void {
    emit(this, "rd-run", { node: this.node.id, line });
  }

  #picked(event: Event): void {
    const input = event.target as HTMLInputElement;
    void this.#load(input.files?.[0]).then(() => (input.value = ""));
  }

  /** The file takes the place of the node's snapshot, and the node loads it. */
  async #load(file: File | undefined): Promise<void> {
    if (!file) return;
    if (file.size > DROP_BYTES_MAX) {
      this.wrong = `${file.name} has ${bytes(file.size)}; here ${bytes(DROP_BYTES_MAX)} is the most.`;
      return;
    }
    this.wrong = "";
    // A log would be read instead of it.
    if (this.#logs()) this.#run("CONFIG SET appendonly no");
    emit(this, "rd-do", { kind: "dropFile", node: this.node.id, name: "dump.rdb", bytes: new Uint8Array(await file.arrayBuffer()) });
    this.chosen = "dump.rdb";
    // A server reads its snapshot when it starts.
    emit(this, "rd-do", { kind: "crash", node: this.node.id, disk: "kept" });
    emit(this, "rd-do", { kind: "restart", node: this.node.id });
  }

  async #download(name: string, length: number): Promise<void> {
    const raw = await this.look("file", { node: this.node.id, file: name, offset: 0, length });
    if (raw) download(name.split("/").at(-1) ?? name, raw);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-disk": RdDisk;
  }
}
