/** The live element, drawn: a toolbar, a terminal with a real text input, and the fleet if it is wanted. */

import { html, nothing, render } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { clockTime } from "../format.ts";
import { pasted } from "../session/typed.ts";
import type { Options } from "./attributes.ts";
import type { Console, Row } from "./console.ts";
import type { Stage } from "./stage.ts";
import { drawFleet } from "./view-fleet.ts";
import { VIEW_STYLES } from "./view-styles.ts";

/** What the view may ask of the element. */
export interface Actions {
  run(): void;
  type(line: string): void;
  step(): void;
  reset(): void;
  togglePlaying(): void;
}

let shared: CSSStyleSheet | null = null;

export function viewSheet(): CSSStyleSheet {
  if (!shared) {
    shared = new CSSStyleSheet();
    shared.replaceSync(VIEW_STYLES);
  }
  return shared;
}

export class View {
  readonly #place: HTMLElement;
  readonly #console: Console;
  readonly #stage: Stage;
  readonly #options: Options;
  readonly #actions: Actions;
  #asked = false;
  #follows = true;
  #width = 0;

  constructor(place: HTMLElement, parts: { console: Console; stage: Stage; options: Options }, actions: Actions) {
    this.#place = place;
    this.#console = parts.console;
    this.#stage = parts.stage;
    this.#options = parts.options;
    this.#actions = actions;
    place.replaceChildren();
    new ResizeObserver(([entry]) => {
      this.#width = Math.round(entry?.contentRect.width ?? 0);
      this.update();
    }).observe(place);
    this.#draw();
  }

  /** Draws what has changed, once for however many changes there are. */
  update(): void {
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  focus(): void {
    this.#input?.focus();
  }

  get #input(): HTMLInputElement | null {
    return this.#place.querySelector("input");
  }

  get #terminal(): HTMLElement | null {
    return this.#place.querySelector(".terminal");
  }

  #draw(): void {
    const { panels } = this.#options;
    render(
      html`
        ${this.#toolbar()} ${panels.includes("terminal") ? this.#terminalPanel() : nothing}
        ${panels.includes("fleet") ? html`<div class="fleet" part="fleet">${drawFleet(this.#stage.view, this.#stage.shownUs, this.#width || 600)}</div>` : nothing}
      `,
      this.#place,
    );
    const terminal = this.#terminal;
    if (terminal && this.#follows && this.#console.ahead === 0) terminal.scrollTop = terminal.scrollHeight;
  }

  #toolbar() {
    const { ahead } = this.#console;
    const hasRun = this.#console.rows.some(({ state }) => state !== "ahead");
    return html`<div class="toolbar" part="toolbar" role="toolbar" aria-label="Playground">
      ${ahead > 0
        ? html`<button part="button" @click=${this.#actions.run}>▶ Run</button><button part="button" title="Run the next command" @click=${this.#actions.step}>Step</button>`
        : nothing}
      <button part="button" ?disabled=${!hasRun} @click=${this.#actions.reset}>Reset</button>
      ${this.#verdict()} ${this.#clock()}
    </div>`;
  }

  #clock() {
    if (!this.#options.panels.includes("fleet")) return nothing;
    const { playing, nowUs } = this.#stage;
    const label = playing ? "Pause time" : "Let time pass";
    return html`<span class="clock">${clockTime(nowUs)} s</span><button part="button" aria-label=${label} title=${label} @click=${this.#actions.togglePlaying}>${playing ? "❚❚" : "▶"}</button>`;
  }

  #verdict() {
    const checked = this.#console.rows.filter(({ matches }) => matches !== null);
    const same = checked.filter(({ matches }) => matches).length;
    const total = this.#console.rows.filter(({ step }) => step !== null).length;
    if (this.#console.ahead > 0 || checked.length === 0) return html`<span class="verdict" role="status"></span>`;
    const all = same === checked.length;
    const text = all ? `✓ ${total === 1 ? "as written" : `all ${checked.length} as written`}` : `${checked.length - same} of ${checked.length} differ`;
    return html`<span class="verdict ${all ? "same" : "other"}" part="verdict" role="status">${text}</span>`;
  }

  #terminalPanel() {
    const { readonly } = this.#options;
    return html`<div class="terminal" part="terminal" tabindex=${this.#options.height ? 0 : nothing} role="region" aria-label="Terminal" @click=${this.#clicked} @scroll=${this.#scrolled}>
      <div part="transcript" role="log" aria-label="Transcript">${repeat(this.#console.rows, ({ id }) => id, (row) => this.#row(row))}</div>
      ${this.#waiting()} ${readonly ? nothing : this.#form()}
    </div>`;
  }

  #row(row: Row) {
    const mark = row.matches === null ? nothing : row.matches ? html`<span class="mark same" title="As written" aria-label="as written">✓</span>` : html`<span class="mark other" aria-label="differs">≠</span>`;
    const typed = row.command === "" && row.prompt === "" ? nothing : html`<span class="prompt" part="prompt">${row.prompt}</span><span class="command">${row.command}</span>\n`;
    const output = row.output === "" ? nothing : html`<span class="output ${row.isError ? "error" : ""}" part="output">${row.output}</span>`;
    return html`<div class="row ${row.state}">${mark}${typed}${output}${row.matches === false ? this.#expected(row) : nothing}</div>`;
  }

  #expected(row: Row) {
    return html`<div class="expected"><b>The text says</b>${row.step?.expected || "(nothing)"}</div>`;
  }

  #waiting() {
    const { waiting } = this.#console;
    if (waiting === null) return nothing;
    const paused = this.#stage.playing ? "" : "; time is paused";
    return html`<div class="waiting" role="status">${waiting} is waiting${paused}. Ctrl-C gives up.</div>`;
  }

  #form() {
    // No form: a sandboxed frame may not submit one, not even to its own script.
    return html`<div class="line">
        <span class="prompt" part="prompt" aria-hidden="true">${this.#console.prompt}</span>
        <input part="input" aria-label="Redis command" autocapitalize="off" autocomplete="off" autocorrect="off" spellcheck="false" enterkeyhint="send"
          @input=${this.#edited} @keydown=${this.#pressed} @paste=${this.#pasted} />
      </div>
      <div class="hint" part="hint">${this.#hint()}</div>`;
  }

  #hint() {
    const { hint } = this.#console;
    if (!hint || hint.name === "") return nothing;
    const parts = hint.parts.map(({ text, state }) => (state === "done" ? nothing : state === "current" ? html` <b>${text}</b>` : ` ${text}`));
    return html`${hint.name}${parts}`;
  }

  readonly #submit = (): void => {
    const line = this.#input?.value ?? "";
    this.#show("");
    this.#follows = true;
    this.#actions.type(line);
  };

  readonly #edited = (): void => this.#console.edit(this.#input?.value ?? "");

  readonly #pressed = (event: KeyboardEvent): void => {
    const act = this.#actionOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  };

  #actionOf(event: KeyboardEvent): (() => void) | null {
    const { history } = this.#console;
    const line = this.#input?.value ?? "";
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (event.key === "Enter" && plain && !event.isComposing) return this.#submit;
    if (event.key === "ArrowUp" && plain) return () => this.#show(history.older(line));
    if (event.key === "ArrowDown" && plain) return () => this.#show(history.newer());
    if (event.key === "Tab" && plain) return this.#completion(line, event.shiftKey ? -1 : 1);
    if (!event.ctrlKey || event.altKey || event.metaKey) return null;
    if (event.key === "l") return () => this.#console.clear();
    if (event.key === "u") return () => this.#show("");
    // Over selected text it copies.
    if (event.key === "c" && String(document.getSelection()) === "" && this.#input?.selectionStart === this.#input?.selectionEnd) {
      return () => (this.#show(""), this.#console.interrupt());
    }
    return null;
  }

  /** Tab goes on to the next control where there is nothing to complete. */
  #completion(line: string, step: 1 | -1): (() => void) | null {
    const { completion, hint } = this.#console;
    if (!completion.holds(line) && (step < 0 || line === "" || !hint)) return null;
    const next = completion.next(line, hint?.completions ?? [], step);
    return next === null ? null : () => this.#show(next);
  }

  readonly #pasted = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    const { lines, rest } = pasted((this.#input?.value ?? "") + text);
    for (const line of lines) this.#actions.type(line);
    this.#show(rest);
  };

  /** A click anywhere in the terminal goes to the prompt, unless it marked text. */
  readonly #clicked = (): void => {
    const { activeElement } = this.#place.getRootNode() as ShadowRoot;
    if (String(document.getSelection()) === "" && activeElement !== this.#input) this.#input?.focus({ preventScroll: true });
  };

  readonly #scrolled = (): void => {
    const terminal = this.#terminal;
    if (terminal) this.#follows = terminal.scrollHeight - terminal.scrollTop - terminal.clientHeight < 24;
  };

  #show(line: string | null): void {
    if (line === null || !this.#input) return;
    this.#input.value = line;
    this.#console.edit(line);
  }
}
