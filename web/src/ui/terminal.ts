/**
 * One terminal: a transcript and a real text input after it, so that phones,
 * screen readers, paste and find work as everywhere.
 */

import { LitElement, css, html, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { clockTime } from "../format.ts";
import type { LineHint } from "../engine/types.ts";
import type { Line, Terminal, Waiting } from "../session/terminal.ts";
import { pasted } from "../session/typed.ts";
import { controls, emit } from "./shared.ts";
import "./hint.ts";

/** Lines that are laid out while the newest is followed; whoever scrolls up gets all of them. */
const LINES_FOLLOWED = 250;
/** While lines fly past, those in sight are enough, drawn as often as an eye follows; a line is at least so high. */
const LINE_PX = 16;
const FLYING_MS = 100;
/** As many new lines at once fly past. */
const FLYING = 10;

@customElement("rd-terminal")
export class RdTerminal extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        min-height: 0;
        overflow: auto;
        overflow-anchor: none;
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

      .line.note,
      .line.sent,
      .line.got {
        color: var(--rd-ink-3);
      }

      /* What went over the wire, and which way. */
      .line.sent,
      .line.got {
        display: grid;
        grid-template-columns: 2ch minmax(0, 1fr);
        font-size: var(--rd-text-s);
      }

      .line.sent::before {
        content: "→" / "sent";
      }

      .line.got::before {
        content: "←" / "received";
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

      /* Its line is always there, so that nothing moves while one types. */
      .hint {
        min-height: 1.5em;
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
      }

      input::placeholder {
        color: var(--rd-ink-3);
        font-size: var(--rd-text-s);
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
  @property({ attribute: false }) hint: LineHint | null = null;
  @property({ attribute: false }) waiting: Waiting | null = null;
  @property({ type: Number }) queued = 0;
  /** Only while something waits. */
  @property({ type: Number }) nowUs = 0;
  @property({ type: Boolean }) paused = false;
  @property({ type: Boolean }) listens = false;

  @query("input") private input!: HTMLInputElement;
  /** Ctrl-R: what is looked for in the history, and how many lines that hold it were passed over. */
  @state() private search: { text: string; passed: number } | null = null;
  #follows = true;
  #flies = false;
  /** As many lines as can be in sight. */
  #inSight = 1;
  /** Tab was pressed before the keys were there that it may complete. */
  #tabWaits = false;
  #drawnTo = 0;
  #drawnAtMs = 0;
  /** Shown again, or of another size, it goes on at the prompt. */
  readonly #resizes = new ResizeObserver(([entry]) => {
    this.#inSight = Math.ceil((entry?.contentRect.height ?? 0) / LINE_PX);
    this.#follow();
  });

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

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("lines")) return;
    const newest = this.lines.at(-1)?.id ?? 0;
    this.#flies = newest - this.#drawnTo > FLYING && !changed.has("terminal");
    this.#drawnTo = newest;
    // Once they have stopped, what lies above is drawn too.
    if (this.#flies) setTimeout(() => this.requestUpdate("lines"), FLYING_MS * 3);
  }

  override render() {
    return html`
      <div role="log" aria-label="Transcript of ${this.#name()}">
        ${this.#lines()}
      </div>
      ${this.waiting ? this.#waitingLine(this.waiting) : nothing}
      <form @submit=${this.#submitted}>
        ${this.waiting ? nothing : html`<span class="prompt" aria-hidden="true">${this.prompt}</span>`}
        <input
          aria-label="Command for ${this.#name()}"
          aria-describedby="hint"
          autocapitalize="off"
          autocomplete="off"
          autocorrect="off"
          spellcheck="false"
          enterkeyhint="send"
          placeholder=${this.listens && !this.waiting ? "Reading messages... (press Ctrl-C to quit or any key to type command)" : ""}
          .value=${this.terminal.draft}
          @input=${this.#edited}
          @keydown=${this.#pressed}
          @paste=${this.#pasted}
        />
      </form>
      ${this.listens && !this.waiting ? html`<div class="waiting"><span class="why"><button @click=${() => this.#interrupt()}>Ctrl-C</button> ends listening</span></div>` : nothing}
      <div id="hint" class="hint">${this.search ? this.#searching(this.search) : html`<rd-hint .hint=${this.hint}></rd-hint>`}</div>
    `;
  }

  /** Lines that fly past are told apart by nobody: each takes the place of another. */
  #lines() {
    if (this.#flies && this.#follows) return this.lines.slice(-this.#inSight).map(drawLine);
    return repeat(this.#follows ? this.lines.slice(-LINES_FOLLOWED) : this.lines, ({ id }) => id, drawLine);
  }

  protected override async scheduleUpdate(): Promise<void> {
    const waitMs = this.#flies ? this.#drawnAtMs + FLYING_MS - performance.now() : 0;
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.#drawnAtMs = performance.now();
    super.scheduleUpdate();
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has("terminal")) this.search = null;
    if (this.#tabWaits && !this.hint?.pending) {
      this.#tabWaits = false;
      this.#completion(1)?.();
    }
    const grew = changed.has("lines") || changed.has("waiting") || changed.has("terminal");
    if (grew) this.#follow();
  }

  #follow(): void {
    if (this.#follows) this.scrollTop = this.scrollHeight;
  }

  #waitingLine(waiting: Waiting) {
    const passed = clockTime(Math.max(0, this.nowUs - waiting.sinceUs));
    return html`<div class="waiting">
      <span class="figures">${waiting.command} ${waiting.streams ? "shows what comes" : `is waiting ${passed} s`}</span>
      ${this.paused ? html`<span class="why">Time is paused.<button @click=${() => emit(this, "rd-toggle-playing", undefined)}>Resume</button></span>` : nothing}
      <span class="why">${this.queued > 0 ? `${this.queued} more after it. ` : ""}<button @click=${() => this.#interrupt()}>Ctrl-C</button> ${waiting.streams ? "ends it" : "gives up"}</span>
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
    emit(this, "rd-edit", { terminal: this.terminal, line: this.input.value });
  }

  #searching({ text, passed }: { text: string; passed: number }) {
    const found = text === "" || this.terminal.history.search(text, passed) !== null;
    return html`<span role="status">${found ? "Search" : "No such line"}: <b>${text}</b></span>`;
  }

  #pressed(event: KeyboardEvent): void {
    const act = this.search ? this.#searchAction(event, this.search) : this.#keyAction(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  #keyAction(event: KeyboardEvent): (() => void) | null {
    const { history } = this.terminal;
    if (event.key === "ArrowUp" && plain(event)) return () => this.#show(history.older(this.input.value));
    if (event.key === "ArrowDown" && plain(event)) return () => this.#show(history.newer());
    if (event.key === "Tab" && !event.ctrlKey && !event.altKey) return this.#completion(event.shiftKey ? -1 : 1);
    if (!event.ctrlKey || event.altKey || event.metaKey) return null;
    if (event.key === "r") return () => (this.search = { text: "", passed: 0 });
    if (event.key === "l") return () => emit(this, "rd-clear", this.terminal);
    if (event.key === "u") return () => this.#show("");
    if (event.key === "c" && !this.#hasSelection()) return () => this.#interrupt();
    return null;
  }

  /** Tab goes on to the next control where there is nothing to complete. */
  #completion(step: 1 | -1): (() => void) | null {
    const { completion } = this.terminal;
    const line = this.input.value;
    const goesOn = completion.holds(line);
    if (!goesOn && (step < 0 || line === "" || !this.hint)) return null;
    if (!goesOn && this.hint?.pending) return () => (this.#tabWaits = true);
    const next = completion.next(line, this.hint?.completions ?? [], step);
    return next === null ? null : () => this.#show(next);
  }

  /** While the history is searched: letters narrow the search, Ctrl-R goes on, Escape and Ctrl-C give it up; anything else ends it. */
  #searchAction(event: KeyboardEvent, { text, passed }: { text: string; passed: number }): (() => void) | null {
    if (event.key === "Shift" || event.key === "Control") return null;
    if (event.ctrlKey && event.key === "r") return () => this.#look(text, passed + 1);
    if (event.key === "Backspace") return () => this.#look(text.slice(0, -1), 0);
    if (event.key === "Escape" || (event.ctrlKey && (event.key === "c" || event.key === "g"))) {
      return () => {
        this.search = null;
        this.#show("");
      };
    }
    if (plain(event, true) && event.key.length === 1) return () => this.#look(text + event.key, 0);
    this.search = null;
    return null;
  }

  #look(text: string, passed: number): void {
    const found = this.terminal.history.search(text, passed);
    // What was found stays when there is no other.
    this.search = { text, passed: found === null && passed > 0 ? passed - 1 : passed };
    if (found !== null) this.#show(found);
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
    this.#edited();
  }

  /** A click anywhere goes to the prompt, unless it marked text or hit a control. */
  readonly #focusFromClick = (event: MouseEvent): void => {
    const onControl = event.composedPath().some((target) => target instanceof HTMLButtonElement);
    if (!onControl && String(document.getSelection()) === "") this.input.focus();
  };

  readonly #noticeScroll = (): void => {
    if (this.clientHeight === 0) return;
    const followed = this.#follows;
    this.#follows = this.scrollHeight - this.scrollTop - this.clientHeight < 24;
    if (followed && !this.#follows && this.lines.length > LINES_FOLLOWED) this.requestUpdate();
  };
}

function drawLine({ kind, prompt, text }: Line) {
  return html`<div class="line ${kind}">${prompt === "" ? nothing : html`<span class="prompt">${prompt}</span>`}${text}</div>`;
}

function plain(event: KeyboardEvent, orShifted = false): boolean {
  return !event.ctrlKey && !event.altKey && !event.metaKey && (orShifted || !event.shiftKey);
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-terminal": RdTerminal;
  }
}
