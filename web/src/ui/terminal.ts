/**
 * One terminal: a transcript and a real text input after it, so that phones,
 * screen readers, paste and find work as everywhere.
 */

import { LitElement, css, html, nothing, type PropertyValues } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { clockTime } from "../format.ts";
import type { Line, Terminal, Waiting } from "../session/terminal.ts";
import { pasted } from "../session/typed.ts";
import { controls, emit } from "./shared.ts";

@customElement("rd-terminal")
export class RdTerminal extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        min-height: 0;
        overflow: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
        scrollbar-color: var(--rd-line-strong) transparent;
        padding: var(--rd-2) var(--rd-3) var(--rd-3);
        font: var(--rd-text-m) / 1.5 var(--rd-mono);
        font-variant-ligatures: none;
        cursor: text;
      }

      .line {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        color: var(--rd-ink-2);
      }

      .line.typed {
        color: var(--rd-ink);
      }

      .line.error {
        color: var(--rd-accent);
      }

      .line.note {
        color: var(--rd-ink-3);
      }

      .prompt {
        color: var(--rd-ink-3);
        white-space: pre;
      }

      form {
        display: flex;
        margin: 0;
      }

      input {
        flex: 1;
        min-width: 0;
        padding: 0;
        border: 0;
        background: none;
        color: var(--rd-ink);
        font: inherit;
        caret-color: var(--rd-accent);
        /* No ring here: the pane shows the focus, see terminals.ts. */
      }

      input:focus-visible {
        outline: none;
      }

      .waiting {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 var(--rd-2);
        color: var(--rd-warn);
      }

      .waiting .why {
        color: var(--rd-ink-3);
        font-family: var(--rd-sans);
        font-size: var(--rd-text-s);
      }

      .waiting button {
        min-height: 0;
        padding: 0 var(--rd-1);
        color: var(--rd-ink);
        text-decoration: underline;
        text-underline-offset: 2px;
      }

      /* iOS zooms into inputs whose text is smaller than this. */
      @media (pointer: coarse) {
        input {
          font-size: 16px;
        }
      }
    `,
  ];

  @property({ attribute: false }) terminal!: Terminal;
  @property({ attribute: false }) lines: readonly Line[] = [];
  @property() prompt = "";
  @property({ attribute: false }) waiting: Waiting | null = null;
  @property({ type: Number }) queued = 0;
  /** Only while something waits. */
  @property({ type: Number }) nowUs = 0;
  @property({ type: Boolean }) paused = false;

  @query("input") private input!: HTMLInputElement;
  #follows = true;
  /** Shown again, or of another size, it goes on at the prompt. */
  readonly #resizes = new ResizeObserver(() => this.#follow());

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resizes.observe(this);
    this.addEventListener("click", this.#focusFromClick);
    this.addEventListener("scroll", this.#noticeScroll, { passive: true });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resizes.disconnect();
  }

  override focus(): void {
    this.input?.focus();
  }

  override render() {
    return html`
      <div role="log" aria-label="Transcript of ${this.#name()}">
        ${repeat(this.lines, (line) => line.id, (line) => html`<div class="line ${line.kind}">${line.prompt === "" ? nothing : html`<span class="prompt">${line.prompt}</span>`}${line.text}</div>`)}
      </div>
      ${this.waiting ? this.#waitingLine(this.waiting) : nothing}
      <form @submit=${this.#submitted}>
        ${this.waiting ? nothing : html`<span class="prompt" aria-hidden="true">${this.prompt}</span>`}
        <input
          aria-label="Command for ${this.#name()}"
          autocapitalize="off"
          autocomplete="off"
          autocorrect="off"
          spellcheck="false"
          enterkeyhint="send"
          .value=${this.terminal.draft}
          @input=${this.#edited}
          @keydown=${this.#pressed}
          @paste=${this.#pasted}
        />
      </form>
    `;
  }

  override updated(changed: PropertyValues<this>): void {
    const grew = changed.has("lines") || changed.has("waiting") || changed.has("terminal");
    if (grew) this.#follow();
  }

  #follow(): void {
    if (this.#follows) this.scrollTop = this.scrollHeight;
  }

  #waitingLine(waiting: Waiting) {
    const passed = clockTime(Math.max(0, this.nowUs - waiting.sinceUs));
    return html`<div class="waiting">
      <span class="figures">${waiting.command} is waiting ${passed} s</span>
      ${this.paused
        ? html`<span class="why">Time is paused.<button @click=${() => emit(this, "rd-toggle-playing", undefined)}>Resume</button></span>`
        : html`<span class="why">${this.queued > 0 ? `${this.queued} more after it; ` : ""}Ctrl-C gives up</span>`}
    </div>`;
  }

  #name(): string {
    const { address, number } = this.terminal;
    return number === 1 ? address : `${address}, client ${number}`;
  }

  #submitted(event: Event): void {
    event.preventDefault();
    this.#submit(this.input.value);
  }

  #submit(line: string): void {
    this.#follows = true;
    this.#show("");
    emit(this, "rd-submit", { terminal: this.terminal, line });
  }

  #edited(): void {
    this.terminal.draft = this.input.value;
  }

  #pressed(event: KeyboardEvent): void {
    const act = this.#keyAction(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  #keyAction(event: KeyboardEvent): (() => void) | null {
    const { history } = this.terminal;
    if (event.key === "ArrowUp" && plain(event)) return () => this.#show(history.older(this.input.value));
    if (event.key === "ArrowDown" && plain(event)) return () => this.#show(history.newer());
    if (!event.ctrlKey || event.altKey || event.metaKey) return null;
    if (event.key === "l") return () => emit(this, "rd-clear", this.terminal);
    if (event.key === "u") return () => this.#show("");
    if (event.key === "c" && !this.#hasSelection()) return () => this.#interrupt();
    return null;
  }

  /** Ctrl-C over selected text copies it. */
  #hasSelection(): boolean {
    const { selectionStart, selectionEnd } = this.input;
    return selectionStart !== selectionEnd || String(document.getSelection()) !== "";
  }

  #interrupt(): void {
    const typed = this.input.value;
    this.#show("");
    emit(this, "rd-interrupt", { terminal: this.terminal, typed });
  }

  #pasted(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = this.input;
    const before = value.slice(0, selectionStart ?? value.length);
    const after = value.slice(selectionEnd ?? value.length);
    const { lines, rest } = pasted(before + text);
    for (const line of lines) this.#submit(line);
    this.#show(rest + after);
  }

  /** Puts a line into the input; null leaves what is there. */
  #show(line: string | null): void {
    if (line === null) return;
    this.input.value = line;
    this.terminal.draft = line;
  }

  /** A click anywhere goes to the prompt, unless it marked text or hit a control. */
  readonly #focusFromClick = (event: MouseEvent): void => {
    const onControl = event.composedPath().some((target) => target instanceof HTMLButtonElement);
    if (!onControl && String(document.getSelection()) === "") this.input.focus();
  };

  readonly #noticeScroll = (): void => {
    if (this.clientHeight > 0) this.#follows = this.scrollHeight - this.scrollTop - this.clientHeight < 24;
  };
}

function plain(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-terminal": RdTerminal;
  }
}
