/**
 * The page on the server it came from: its terminals, its inspector and the bytes of both, and what cannot be done to a
 * real server with the reason why.
 */

import { LitElement, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { LOG_FILTER_DEFAULT, type LogEntry, type LogFilter, type LogTopic } from "../session/log.ts";
import type { Engine } from "../live/session.ts";
import { LiveSession } from "../live/session.ts";
import type { Dial } from "../live/socket.ts";
import { download } from "./download.ts";
import { liveStyles } from "./live-styles.ts";
import { controls, panel, panelSwitch, type RdEvent, type RdEvents } from "./shared.ts";
import type { RdTerminals } from "./terminals.ts";
import "./live-detail.ts";
import "./log.ts";
import "./sign-in.ts";
import "./terminals.ts";

type Panel = "terminal" | "inspect" | "wire";

const PANELS: readonly { panel: Panel; label: string }[] = [
  { panel: "terminal", label: "Terminal" },
  { panel: "inspect", label: "Inspect" },
  { panel: "wire", label: "Wire" },
];

const TOPICS: readonly { topic: LogTopic; label: string; about: string }[] = [
  { topic: "wire", label: "Terminals", about: "Bytes between the terminals and the server" },
  { topic: "inspector", label: "Inspector", about: "Bytes of the inspector's own connection: what it asks to show what it shows" },
  { topic: "fleet", label: "Connection", about: "When it came about, and when it was lost" },
];

const FILTER: LogFilter = { ...LOG_FILTER_DEFAULT, topics: new Set<LogTopic>(["wire", "fleet"]) };

/** While something waits, its seconds are counted. */
const COUNT_MS = 100;

@customElement("rd-live")
export class RdLive extends LitElement {
  static override styles = [controls, panel, panelSwitch, liveStyles];

  @property({ attribute: false }) dial!: Dial;
  @property({ attribute: false }) engine!: Engine;
  @property() address = "";

  @state() private panel: Panel = "terminal";
  #session: LiveSession | null = null;
  #counter = 0;

  constructor() {
    super();
    this.#listen();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#session = new LiveSession(this.dial, this.address, this.engine);
    this.#session.addEventListener("change", () => this.requestUpdate());
    this.#counter = window.setInterval(() => this.#session?.terminals.some(({ waiting }) => waiting) && this.requestUpdate(), COUNT_MS);
    void this.#greet();
  }

  /** Where there is a keyboard, the first command needs no click. */
  async #greet(): Promise<void> {
    await this.updateComplete;
    if (matchMedia("(pointer: fine)").matches) await this.renderRoot.querySelector<RdTerminals>("rd-terminals")?.focusNode(0);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#counter);
    this.#session?.dispose();
    this.#session = null;
  }

  override render() {
    const session = this.#session;
    if (!session) return nothing;
    const nodes = [session.node ?? unknown(session.address)];
    return html`
      <main>
      <p class="state ${session.state.kind}" role="status"><span class="glyph"></span><span>${this.#state(session)}</span></p>
      <div class="switch" role="group" aria-label="Show">
        ${PANELS.map((other) => html`<button aria-pressed=${this.panel === other.panel} @click=${() => (this.panel = other.panel)}>${other.label}</button>`)}
      </div>
      <rd-terminals ?data-shown=${this.panel === "terminal"} .nodes=${nodes} .terminals=${session.terminals} .revision=${session.revision} .nowUs=${session.nowUs}></rd-terminals>
      <section class="inspect" ?data-shown=${this.panel === "inspect"} aria-label="Server">
        <div class="bar">
          <h2>Server</h2>
          <div class="end"><button ?disabled=${session.state.kind !== "open"} @click=${() => void session.refresh().catch(() => null)}>Look again</button></div>
        </div>
        <div class="scroll" tabindex="0" role="region" aria-label="Inspector">${this.#inspector(session)}</div>
      </section>
      <rd-log ?data-shown=${this.panel === "wire"} heading="Wire" .topics=${TOPICS} .filter=${FILTER} .entries=${session.log} .nodes=${nodes}></rd-log>
      </main>
    `;
  }

  #state({ state, address, info }: LiveSession) {
    switch (state.kind) {
      case "connecting":
        return html`Connecting to ${address} …`;
      case "open":
        return html`Connected to <span class="mono">${address}</span>, Redarium ${info.get("redarium_version") ?? ""}. What you type is done for real.`;
      case "locked":
        return html`${address} asks for a password.`;
      case "closed":
        return html`Not connected${state.reason === "" ? "" : `: ${state.reason}`}. Tries again in ${state.retryMs / 1000} s. <button class="outlined" @click=${() => this.#session?.retry()}>Try now</button>`;
    }
  }

  #inspector(session: LiveSession) {
    const { state, node } = session;
    if (state.kind === "locked") return html`<rd-sign-in .wrong=${state.wrong} @rd-sign-in=${(event: CustomEvent<{ user: string; password: string }>) => session.signIn(event.detail)}></rd-sign-in>`;
    if (!node) return html`<p class="none">Nothing is known of it yet.</p>`;
    return html`<rd-live-detail .node=${node} .info=${session.info} .look=${session.look} .changes=${session.changes}></rd-live-detail>`;
  }

  /** The page around this one has a fleet of its own, and hears nothing of what is meant for the server. */
  #listen(): void {
    const session = (act: (session: LiveSession) => void) => this.#session && act(this.#session);
    this.#on("rd-submit", ({ terminal, line }) => session((own) => own.submit(terminal, line)));
    this.#on("rd-edit", ({ terminal, line }) => session((own) => own.edit(terminal, line)));
    this.#on("rd-interrupt", ({ terminal, typed }) => session((own) => own.interrupt(terminal, typed)));
    this.#on("rd-open-terminal", () => session((own) => own.openTerminal()));
    this.#on("rd-close-terminal", (terminal) => session((own) => own.closeTerminal(terminal)));
    this.#on("rd-clear", (terminal) => {
      terminal.clear();
      this.requestUpdate();
    });
    this.#on("rd-show-bytes", ({ terminal, shows }) => {
      terminal.showsBytes = shows;
      this.requestUpdate();
    });
    this.#on("rd-run", ({ line }) => session((own) => this.#run(own, line)));
    this.#on("rd-overhear", () => undefined);
    this.#on("rd-export-log", (entries) => session((own) => void this.#export(own.address, entries)));
  }

  async #export(address: string, entries: readonly LogEntry[]): Promise<void> {
    const { logText } = await import("../session/export.ts");
    download("redarium-wire.ndjson", await logText(entries, () => address, async () => null));
  }

  #run(session: LiveSession, line: string): void {
    const shown = this.renderRoot.querySelector<RdTerminals>("rd-terminals")?.current(0);
    const terminal = shown && !shown.busy ? shown : session.terminals.find(({ busy }) => !busy);
    if (terminal) session.submit(terminal, line);
    this.panel = "terminal";
  }

  #on<Name extends keyof RdEvents>(name: Name, act: (detail: RdEvents[Name]) => void): void {
    this.addEventListener(name, (event) => {
      event.stopPropagation();
      act((event as RdEvent<Name>).detail);
    });
  }
}

/** Before the first word of the server. */
function unknown(address: string) {
  return {
    id: 0, address, up: true, crashed: false, paused: false, clockShiftMs: 0, diskFull: false, role: "master" as const, master: null, masterLink: null,
    replid: "", replid2: "", offset: 0, backlog: null, replicas: [], keys: 0, clients: 0, blocked: 0,
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-live": RdLive;
  }
}
