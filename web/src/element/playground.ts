/**
 * `<redarium-playground>`: a transcript that can be run. It is shown as text at once;
 * the engine comes when the element is seen, or used.
 *
 * Invariant: whatever goes wrong, the text stays readable and the page around
 * the element is left alone. It never takes the focus by itself.
 */

import { ATTRIBUTE_NAMES, readOptions, type Options } from "./attributes.ts";
import type { CheckResult, Emit } from "./events.ts";
import { frameSheet, showMessages, staticFrame, type StaticFrame } from "./frame.ts";
import type { Live } from "./live.ts";
import { dedent } from "./text.ts";

/** The class may be imported where there is no page, as under Node. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

export class RedariumPlayground extends Base {
  static readonly observedAttributes = ATTRIBUTE_NAMES;

  #frame: StaticFrame | null = null;
  #live: Live | null = null;
  #starting: Promise<Live> | null = null;
  #options: Options = readOptions(() => null).options;
  #problems: string[] = [];
  #said: string[] = [];
  #text = "";
  #visible = false;
  #pendingScenario: string | null = null;
  #content: MutationObserver | null = null;
  #sight: IntersectionObserver | null = null;

  connectedCallback(): void {
    if (!this.#frame) this.#build();
    this.#content?.observe(this, { childList: true, characterData: true, subtree: true });
    this.#sight?.observe(this);
    this.#refresh();
    if (this.#options.load === "eager") this.#startQuietly();
  }

  disconnectedCallback(): void {
    this.#content?.disconnect();
    this.#sight?.disconnect();
    this.#setVisible(false);
  }

  attributeChangedCallback(): void {
    if (this.#frame) this.#refresh();
  }

  /** Resolves when the engine is there and what `commands` and `autorun` ask for is done; loads it where nobody has. */
  async ready(): Promise<void> {
    await this.#start();
  }

  /** Runs what is left of the transcript, or these commands after it, and compares the transcript with what it says. */
  async run(commands?: string | readonly string[]): Promise<CheckResult> {
    return (await this.#start()).run(commands);
  }

  /** Runs the transcript's next command; null when there is none. */
  async step(): Promise<{ command: string; output: string } | null> {
    return (await this.#start()).step();
  }

  /** Lets virtual time pass by itself. */
  async play(): Promise<void> {
    (await this.#start()).play();
  }

  async pause(): Promise<void> {
    (await this.#start()).pause();
  }

  /** Goes to a virtual time, in microseconds since the world began: back by playing the same again, or on. */
  async seek(us: number): Promise<void> {
    (await this.#start()).seek(us);
  }

  /** A new element, not in any document, that goes on from where this one is. */
  async fork(): Promise<RedariumPlayground> {
    const fork = this.cloneNode(true) as RedariumPlayground;
    fork.removeAttribute("session");
    fork.removeAttribute("id");
    fork.#pendingScenario = await this.exportScenario();
    return fork;
  }

  /** Everything as it was in the beginning. */
  async reset(): Promise<void> {
    await (await this.#start()).reset();
  }

  /** Everything that was done, as a script that makes the same world again. */
  async exportScenario(): Promise<string> {
    return (await this.#start()).exportScenario();
  }

  async importScenario(text: string): Promise<void> {
    (await this.#start()).importScenario(text);
  }

  /** Puts the focus on the prompt. */
  override focus(): void {
    this.#live?.focus();
  }

  #build(): void {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [frameSheet()];
    this.#frame = staticFrame(root, () => void this.run().catch(() => undefined));
    this.#content = new MutationObserver(() => this.#refresh());
    this.#sight = new IntersectionObserver((entries) => this.#setVisible(entries.some(({ isIntersecting }) => isIntersecting)), { rootMargin: "100px" });
    // Reaching for the element is using it: by pointer, touch or keyboard.
    for (const kind of ["pointerenter", "touchstart", "focusin"]) {
      this.addEventListener(kind, () => this.#options.load === "interaction" && this.#startQuietly(), { passive: true });
    }
  }

  /** Reads attributes and text again; once the engine runs, only what can change then. */
  #refresh(): void {
    const { options, problems } = readOptions((name) => this.getAttribute(name));
    this.#problems = problems;
    if (this.#frame) this.#frame.container.style.height = options.height ?? "";
    if (!this.#starting) {
      this.#options = options;
      this.#text = dedent(this.textContent ?? "");
      this.#frame?.show(this.#text, !options.readonly);
    }
    this.#showMessages();
  }

  #setVisible(visible: boolean): void {
    this.#visible = visible;
    this.#live?.setVisible(visible);
    if (visible && this.#options.load === "visible") this.#startQuietly();
  }

  /** What goes wrong is shown in the element; nobody waits for the promise. */
  #startQuietly(): void {
    this.#start().catch(() => undefined);
  }

  #start(): Promise<Live> {
    this.#starting ??= this.#load().catch((error: unknown) => {
      this.#starting = null;
      this.#say(error instanceof Error ? error.message : String(error));
      throw error;
    });
    return this.#starting;
  }

  async #load(): Promise<Live> {
    this.#said = [];
    const [{ Live }, text] = await Promise.all([import("./live.ts"), this.#source()]);
    const { shadowRoot: root } = this;
    if (!root || !this.#frame) throw new Error("The element is in no document.");
    const live = await Live.start(text, this.#options, { root, place: this.#frame.container, emit: this.#emit, say: (message) => this.#say(message) });
    this.#live = live;
    this.#showMessages();
    live.setVisible(this.#visible && this.isConnected);
    if (this.#pendingScenario !== null) live.importScenario(this.#pendingScenario);
    this.#emit("redarium-ready", {});
    if (this.#options.autorun) await live.run();
    return live;
  }

  async #source(): Promise<string> {
    const { src } = this.#options;
    if (src === null) return this.#text;
    const response = await fetch(new URL(src, document.baseURI)).catch(() => null);
    if (!response?.ok) throw new Error(`The transcript ${src} is not there${response ? `: the server answered ${response.status}` : ""}.`);
    const text = dedent(await response.text());
    this.#frame?.show(text, !this.#options.readonly);
    return text;
  }

  readonly #emit: Emit = (name, detail) => {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  };

  #say(message: string): void {
    this.#said = [...this.#said, message];
    this.#emit("redarium-error", { message });
    this.#showMessages();
  }

  #showMessages(): void {
    if (this.#frame) showMessages(this.#frame.messages, [...this.#problems, ...this.#said]);
  }
}

/** Registers the element, unless somebody has, or there is no page: where a site is built, say. */
export function define(name = "redarium-playground"): void {
  if (typeof customElements === "undefined") return;
  if (!customElements.get(name)) customElements.define(name, RedariumPlayground);
}
