/** The page: holds the session, hands its state down, and takes what people do from the events that come up. */

import { LitElement, html, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import type { WorkerLike } from "../engine/client.ts";
import { storyText, StoryError, type Story } from "../engine/script-text.ts";
import type { NodeId, WorldOptions } from "../engine/types.ts";
import type { Engine } from "../live/session.ts";
import type { Tale } from "../gallery/tale.ts";
import { Session } from "../session/session.ts";
import { storyOfHash } from "../share/link.ts";
import { redisCliScript } from "../share/redis-cli.ts";
import { serverPlace } from "../live/socket.ts";
import { applyTheme, nextTheme, savedTheme, type Theme } from "../theme.ts";
import { appStyles } from "./app-styles.ts";
import { download } from "./download.ts";
import { brand, icons } from "./icons.ts";
import { controls, panelSwitch, type RdEvent, type RdEvents } from "./shared.ts";
import type { RdTerminals } from "./terminals.ts";
import "./fleet.ts";
import "./guide.ts";
import "./inspector.ts";
import "./log.ts";
import "./ruler.ts";
import "./scrubber.ts";
import "./terminals.ts";
import "./timebar.ts";

/** Where there is no room for all: what is shown beside the fleet. */
type Panel = "terminal" | "inspect" | "offsets" | "events";

/** Where it is kept what was shown last. Up here, since the element may be made as soon as its class is there. */
const PLACE = "redarium.place";

const PANELS: readonly { panel: Panel; label: string }[] = [
  { panel: "terminal", label: "Terminal" },
  { panel: "inspect", label: "Inspect" },
  { panel: "offsets", label: "Offsets" },
  { panel: "events", label: "Events" },
];

@customElement("rd-app")
export class RdApp extends LitElement {
  static override styles = [controls, panelSwitch, appStyles];

  @state() private theme: Theme = savedTheme();
  @state() private panel: Panel = "terminal";
  @state() private dialog: "gallery" | "share" | null = null;
  @state() private shared = { text: "", commands: "" };
  /** The scenario that is played. */
  @state() private tale: Tale | null = null;
  /** What is wrong with the link that was followed here. */
  @state() private badLink = "";
  /** The server behind this page, once somebody has turned to it. */
  @state() private live: { address: string; dial: () => WebSocket; engine: Engine } | null = null;
  @query("rd-terminals") private terminals!: RdTerminals;

  readonly #session = new Session(spawnEngine);
  readonly #stillness = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #server = serverPlace();
  #frame = 0;
  #greeted = false;

  constructor() {
    super();
    this.#session.addEventListener("change", () => this.requestUpdate());
    this.#stillness.addEventListener("change", () => this.requestUpdate());
    this.#listen();
    // For tests alone: no engine is known to fail.
    this.addEventListener("rd-trap", () => this.#session.trap());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("keydown", this.#shortcut);
    addEventListener("hashchange", this.#followLink);
    void this.#followLink();
    if (this.#server && rememberedPlace() === "server") void this.#goLive();
    const tick = (realMs: number) => {
      if (!this.live) this.#session.tick(realMs);
      this.#frame = requestAnimationFrame(tick);
    };
    this.#frame = requestAnimationFrame(tick);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("keydown", this.#shortcut);
    removeEventListener("hashchange", this.#followLink);
    cancelAnimationFrame(this.#frame);
  }

  override render() {
    return html`
      <header>
        <h1>${brand}Redarium</h1>
        ${this.#server ? this.#places() : nothing}
        <div class="end">
          ${this.live ? nothing : this.#tools()}
          <button class="icon" aria-label="Colours: ${this.theme}" title="Colours: ${this.theme}" @click=${this.#changeTheme}>${icons[this.theme]}</button>
        </div>
      </header>
      ${this.live ? html`<rd-live .address=${this.live.address} .dial=${this.live.dial} .engine=${this.live.engine}></rd-live>` : this.#playground()}
      ${this.#failure()}
      ${this.dialog === "gallery" ? html`<rd-gallery></rd-gallery>` : nothing}
      ${this.dialog === "share" ? html`<rd-share .text=${this.shared.text} .commands=${this.shared.commands}></rd-share>` : nothing}
    `;
  }

  #playground() {
    const { view, clock } = this.#session;
    const nodes = view?.nodes ?? [];
    const nowUs = view?.nowUs ?? 0;
    return html`
      <main>
        <rd-timebar
          .playing=${clock.playing}
          .paused=${!clock.playing}
          .speed=${clock.speed}
          .nowUs=${nowUs}
          .nextUs=${view?.nextUs ?? null}
          .undoable=${this.#session.undoable}
          .future=${this.#session.futures[0] ?? null}
        ></rd-timebar>
        <rd-scrubber .nowUs=${nowUs} .endUs=${this.#session.endUs} .floorUs=${this.#session.floorUs} .inPast=${this.#session.inPast} .unseen=${this.#session.isUnseen} .ticks=${this.#session.ticks} .futures=${this.#session.futures}></rd-scrubber>
        ${this.tale ? html`<rd-guide .tale=${this.tale} .nowUs=${nowUs}></rd-guide>` : nothing}
        <rd-terminals ?data-shown=${this.panel === "terminal"} .nodes=${nodes} .terminals=${this.#session.terminals} .revision=${this.#session.revision} .nowUs=${nowUs} .paused=${!clock.playing}></rd-terminals>
        <rd-fleet .view=${view} .entries=${this.#session.log} .lost=${this.#session.lost} .selection=${this.#session.selection} .lastCommands=${this.#session.lastCommands} .still=${this.#stillness.matches}></rd-fleet>
        <div class="switch" role="group" aria-label="Show beside the fleet">
          ${PANELS.map(({ panel, label }) => html`<button data-panel=${panel} aria-pressed=${this.panel === panel} @click=${() => (this.panel = panel)}>${label}</button>`)}
        </div>
        <rd-ruler ?data-shown=${this.panel === "offsets"} .nodes=${nodes}></rd-ruler>
        <rd-log ?data-shown=${this.panel === "events"} .entries=${this.#session.log} .nodes=${nodes}></rd-log>
        <rd-inspector ?data-shown=${this.panel === "inspect"} .view=${view} .entries=${this.#session.log} .selection=${this.#session.selection} .detail=${this.#session.detail} .look=${this.#session.look} .changes=${this.#session.changes}></rd-inspector>
      </main>
    `;
  }

  /** What this page shows, of a server that has served it. */
  #places() {
    return html`<div class="places" role="group" aria-label="What to work with">
      <button aria-pressed=${this.live === null} @click=${() => this.#leave()}>Playground</button>
      <button aria-pressed=${this.live !== null} title="The real server that this page comes from" @click=${() => void this.#goLive()}>This server</button>
    </div>`;
  }

  #tools() {
    return html`
      <button aria-label="Open a fleet or a scenario" title="Open a fleet, a scenario, a script" @click=${() => this.#openDialog("gallery")}>${icons.open}<span>Open</span></button>
      <button aria-label="Share this world" title="Share: a link, a script, commands" @click=${() => this.#openDialog("share")}>${icons.share}<span>Share</span></button>
      <button class="icon" aria-label="Start over with a new world" title="Start over" @click=${() => this.#restart()}>${icons.restart}</button>
    `;
  }

  #failure() {
    const { failure, rebuilt } = this.#session;
    if (failure) {
      return html`<div class="failure" role="alert">
        <h2>The engine stopped twice</h2>
        <p>It reports: ${failure.message}. Doing everything again leads there again.</p>
        <button class="outlined" @click=${() => this.#session.restart()}>Start over</button>
      </div>`;
    }
    if (this.badLink !== "") {
      return html`<div class="failure" role="alert">
        <h2>This link can't be opened</h2>
        <p>It is damaged, or not from here: ${this.badLink}. Here is a new fleet instead.</p>
        <button class="outlined" @click=${() => (this.badLink = "")}>Go on</button>
      </div>`;
    }
    if (!rebuilt) return nothing;
    const { input } = rebuilt;
    return html`<div class="failure" role="alert">
      <h2>The engine stopped, and was started again</h2>
      <p>It reported: ${rebuilt.message}. All that was done was done again in a new one${input?.kind === "type" ? html`, but for <code class="mono">${input.line}</code>, which waits at its prompt` : input ? ", but for the last thing" : ""}. Time is paused.</p>
      <button class="outlined" @click=${() => this.#session.dismiss()}>Go on</button>
    </div>`;
  }

  override willUpdate(): void {
    const { terminals } = this.#session;
    this.toggleAttribute("data-columns", new Set(terminals.map(({ node }) => node)).size < terminals.length);
  }

  /** Where there is a keyboard, the first command needs no click. */
  override updated(): void {
    const master = this.#session.view?.nodes[0];
    if (this.live) return;
    if (this.#greeted || !master || this.#session.terminals.length === 0) return;
    this.#greeted = true;
    if (matchMedia("(pointer: fine)").matches && document.activeElement === document.body) this.#showTerminal(master.id);
  }

  #listen(): void {
    const session = this.#session;
    this.#on("rd-toggle-playing", () => session.togglePlaying());
    this.#on("rd-step", () => session.step());
    this.#on("rd-advance", (us) => session.advance(us));
    this.#on("rd-seek", (atUs) => session.seek(atUs));
    this.#on("rd-play-until", (atUs) => session.playUntil(atUs));
    this.#on("rd-new-fleet", (options) => this.#restart(options));
    this.#on("rd-open-story", (story) => this.#openTale(null, story, "end"));
    this.#on("rd-open-tale", (tale) => this.#openTale(tale, tale.story, "beginning"));
    this.#on("rd-end-tale", () => (this.tale = null));
    this.#on("rd-undo", () => session.undo());
    this.#on("rd-turn", (future) => session.turnTo(future));
    this.#on("rd-speed", (speed) => session.setSpeed(speed));
    this.#on("rd-do", (input) => session.do(input));
    this.#on("rd-submit", ({ terminal, line }) => session.submit(terminal, line));
    this.#on("rd-edit", ({ terminal, line }) => session.edit(terminal, line));
    this.#on("rd-interrupt", ({ terminal, typed }) => session.interrupt(terminal, typed));
    this.#on("rd-show-bytes", ({ terminal, shows }) => session.showBytes(terminal, shows));
    this.#on("rd-clear", (terminal) => session.clear(terminal));
    this.#on("rd-open-terminal", (node) => session.openTerminal(node));
    this.#on("rd-close-terminal", (terminal) => session.closeTerminal(terminal));
    this.#on("rd-show-terminal", (node) => this.#showTerminal(node));
    this.#on("rd-overhear", (on) => session.overhear(on));
    this.#on("rd-export-log", (entries) => void session.exportLog(entries).then((text) => download("redarium-log.ndjson", text)));
    this.#on("rd-run", ({ node, line }) => this.#run(node, line));
    this.#on("rd-try", (line) => this.#try(line));
    this.#on("rd-select", (selection) => {
      session.select(selection);
      if (selection) this.panel = "inspect";
    });
  }

  #on<Name extends keyof RdEvents>(name: Name, act: (detail: RdEvents[Name]) => void): void {
    this.addEventListener(name, (event) => act((event as RdEvent<Name>).detail));
  }

  #showTerminal(node: NodeId): void {
    this.panel = "terminal";
    void this.updateComplete.then(() => this.terminals.focusNode(node));
  }

  /** In the terminal that shows, or, while that waits, in another. */
  #run(node: NodeId, line: string): void {
    const shown = this.terminals.current(node);
    const terminal = shown && !shown.busy ? shown : this.#session.openTerminal(node);
    if (terminal) this.#session.submit(terminal, line);
  }

  #try(line: string): void {
    const master = this.#session.view?.nodes.find(({ role }) => role === "master");
    const terminal = master && this.terminals.current(master.id);
    if (terminal) this.#session.submit(terminal, line);
    this.panel = "terminal";
  }

  /** The components behind a dialog come when somebody opens it. */
  async #openDialog(dialog: "gallery" | "share"): Promise<void> {
    if (dialog === "gallery") await import("./gallery.ts");
    else await import("./share.ts");
    const { story, script } = this.#session;
    this.shared = { text: storyText(story), commands: redisCliScript(script, (client) => this.#session.nodeOf(client)) };
    this.dialog = dialog;
    await this.updateComplete;
    await this.renderRoot.querySelector<LitElement & { show(): Promise<void> }>(`rd-${dialog}`)?.show();
  }

  /** What drives a server is fetched when somebody wants to. */
  async #goLive(): Promise<void> {
    const server = this.#server;
    if (!server || this.live) return;
    const [{ loadPrompts }] = await Promise.all([import("../live/prompts.ts"), import("./live.ts")]);
    this.live = { address: server.address, dial: () => new WebSocket(server.url), engine: await loadPrompts() };
    rememberPlace("server");
  }

  #leave(): void {
    this.live = null;
    rememberPlace("playground");
  }

  #restart(options?: WorldOptions): void {
    this.tale = null;
    this.#session.restart(options);
  }

  #openTale(tale: Tale | null, story: Story, from: "end" | "beginning"): void {
    this.tale = tale;
    this.#session.open(story, from);
  }

  /** A link's world is opened where it ended. */
  readonly #followLink = async (): Promise<void> => {
    try {
      const story = await storyOfHash(location.hash);
      if (story) this.#openTale(null, story, "end");
    } catch (error) {
      if (!(error instanceof StoryError)) throw error;
      this.badLink = error.message;
    }
  };

  #redo(): void {
    const [future] = this.#session.futures;
    if (future) this.#session.turnTo(future);
  }

  #changeTheme(): void {
    this.theme = nextTheme(this.theme);
    applyTheme(this.theme);
  }

  readonly #shortcut = (event: KeyboardEvent): void => {
    const act = this.#shortcutAction(event);
    if (!act) return;
    event.preventDefault();
    act();
  };

  #shortcutAction(event: KeyboardEvent): (() => void) | null {
    if (this.live) return null;
    // In a dialog, keys are the dialog's.
    if (event.composedPath().some((target) => target instanceof HTMLDialogElement)) return null;
    if (event.key === "F8") return () => this.#session.togglePlaying();
    if (event.key === "F9") return () => this.#session.advance(event.shiftKey ? 1_000_000 : 100_000);
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !takesText(event)) return event.shiftKey ? () => this.#redo() : () => this.#session.undo();
    if (event.key === "F10") return () => this.#session.step();
    if (event.key === "Escape" && this.#session.selection) return () => this.#session.select(null);
    const digit = event.altKey ? /^Digit([1-9])$/.exec(event.code) : null;
    const node = digit && this.#session.view?.nodes[Number(digit[1]) - 1];
    if (node) return () => this.#showTerminal(node.id);
    if (event.key === " " && !takesSpace(event)) return () => this.#session.togglePlaying();
    return null;
  }
}

/** A page that is loaded again shows what it has shown. */
function rememberedPlace(): string | null {
  try {
    return sessionStorage.getItem(PLACE);
  } catch {
    return null;
  }
}

function rememberPlace(place: "playground" | "server"): void {
  try {
    sessionStorage.setItem(PLACE, place);
  } catch {
    // Without storage it begins at the playground.
  }
}

/** In a field, undo is the field's own. */
function takesText(event: KeyboardEvent): boolean {
  return event.composedPath().some((target) => target instanceof HTMLInputElement && target.type !== "range");
}

/** A space belongs to what has the focus, if that can use one. */
function takesSpace(event: KeyboardEvent): boolean {
  return event.composedPath().some((target) => target instanceof Element && target.matches("input, select, button, [role=button], [role=log], [role=region]"));
}

function spawnEngine(): WorkerLike {
  return new Worker(new URL("../engine/worker.ts", import.meta.url), { type: "module" });
}

declare global {
  interface HTMLElementTagNameMap {
    "rd-app": RdApp;
  }
}
