/**
 * The page on a real server: its terminals, what the inspector knows of it, and the bytes of both. Components read it
 * and call its methods; it tells them with a `change` event.
 *
 * Invariant: nothing is asked that could hold a busy server up: keys by SCAN, values a stretch at a time, and nothing
 * by itself while a terminal watches with MONITOR or nobody looks.
 */

import { RedisError, type Arg } from "../client/types.ts";
import { BEGINNING } from "../engine/moment.ts";
import type { Input, LineHint, Looks, MakePrompt, NodeView } from "../engine/types.ts";
import { escaped } from "../hex.ts";
import type { LogEntry, LogTopic } from "../session/log.ts";
import type { Look } from "../session/session.ts";
import { Terminal } from "../session/terminal.ts";
import { Asker, list, text, type Answer, type Credentials } from "./asker.ts";
import { LiveClient, type Output } from "./client.ts";
import { databases, nodeOf, readInfo, type Info } from "./info.ts";
import { Keys } from "./keys.ts";
import type { Dial } from "./socket.ts";
import { Values } from "./values.ts";

export type State =
  | { kind: "connecting" }
  | { kind: "open" }
  /** A password is needed; `wrong` when one was tried. */
  | { kind: "locked"; wrong: boolean }
  | { kind: "closed"; reason: string; retryMs: number };

export interface Engine {
  makePrompt: MakePrompt;
  /** A key as it can be typed. */
  quoted(key: Uint8Array): string;
}

const REFRESH_MS = 2000;
const RETRY_MS = [500, 1000, 2000, 5000, 10_000];
/** A reply that comes sooner than this is no wait that a person should see. */
const PATIENCE_MS = 150;
const ENTRIES_MAX = 3000;
const RAW_MAX = 1024;
/** Keys are found anew by themselves while there are no more of them. */
const RESCANNED_MAX = 1000;
const COMPLETIONS_MAX = 50;
const COMPLETION_CALLS_MAX = 4;

interface Client {
  terminal: Terminal;
  live: LiveClient;
  patience: number;
}

export class LiveSession extends EventTarget {
  readonly #dial: Dial;
  readonly #engine: Engine;
  readonly #startedMs = performance.now();
  readonly #asker: Asker;
  readonly #keys = new Keys((db, ...args) => this.#askIn(db, ...args));
  readonly #values = new Values((db, ...args) => this.#askIn(db, ...args));
  #clients: readonly Client[] = [];
  #credentials: Credentials | null = null;
  #info: Info = new Map();
  #db = 0;
  #failures = 0;
  #timer = 0;
  #refresher = 0;
  #nextEntry = 0;
  #nextTerminal = 0;

  readonly address: string;
  state: State = { kind: "connecting" };
  node: NodeView | null = null;
  terminals: readonly Terminal[] = [];
  log: readonly LogEntry[] = [];
  changes = 0;
  revision = 0;

  constructor(dial: Dial, address: string, engine: Engine) {
    super();
    this.#dial = dial;
    this.#engine = engine;
    this.address = address;
    this.#asker = new Asker(dial, {
      onOpen: () => void this.#welcome(),
      onClose: (reason) => this.#lost(reason),
      onBytes: (sent, bytes) => this.#note("inspector", bytes, sent),
    });
    this.openTerminal();
    this.#asker.connect();
    this.#refresher = window.setInterval(() => this.#refreshByItself(), REFRESH_MS);
  }

  /** Nothing goes on behind a page that shows something else. */
  dispose(): void {
    clearInterval(this.#refresher);
    clearTimeout(this.#timer);
    for (const { live } of this.#clients) live.end();
    this.#clients = [];
    this.state = { kind: "closed", reason: "", retryMs: 0 };
    this.#asker.drop();
    clearTimeout(this.#timer);
  }

  get nowUs(): number {
    return (performance.now() - this.#startedMs) * 1000;
  }

  get info(): Info {
    return this.#info;
  }

  // Terminals

  openTerminal(): void {
    const number = 1 + Math.max(0, ...this.terminals.map((other) => other.number));
    const id = this.#nextTerminal++;
    const terminal: Terminal = new Terminal(`live${id}`, 0, this.address, number, (input) => this.#send(client, input));
    const live = new LiveClient(this.#dial, this.#engine.makePrompt(this.address), this.address, () => this.#credentials, {
      onOutput: (output, elapsedUs) => this.#print(client, output, elapsedUs),
      onBytes: (sent, bytes) => this.#overhear(client, sent, bytes),
      onClose: (reason) => client.terminal.disconnect(reason),
      onChange: () => this.#settle(client),
    });
    const client: Client = { terminal, live, patience: 0 };
    this.#clients = [...this.#clients, client];
    this.terminals = [...this.terminals, terminal];
    terminal.attach(id, BEGINNING);
    live.connect();
    this.#settle(client);
  }

  closeTerminal(terminal: Terminal): void {
    this.#of(terminal)?.live.end();
    this.#clients = this.#clients.filter((client) => client.terminal !== terminal);
    this.terminals = this.terminals.filter((other) => other !== terminal);
    this.#changed();
  }

  submit(terminal: Terminal, line: string): void {
    terminal.submit(line);
    this.#changed();
  }

  interrupt(terminal: Terminal, typed: string): void {
    terminal.interrupt(typed);
    this.#changed();
  }

  edit(terminal: Terminal, line: string): void {
    terminal.edit(line);
    const client = this.#of(terminal);
    if (client && line !== "") {
      const hint = client.live.hint(line);
      const partial = client.live.partial(line);
      terminal.suggest(line, { ...hint, pending: partial !== undefined });
      if (partial) void this.#complete(client, line, hint, partial);
    }
    this.#changed();
  }

  /** Adds keys to what can take the place of the last word. */
  async #complete({ terminal }: Client, line: string, hint: LineHint, partial: Uint8Array): Promise<void> {
    const db = Number(/\[(\d+)\]/.exec(terminal.prompt)?.[1] ?? 0);
    const match = new Uint8Array([...partial].flatMap((byte) => (SPECIAL.has(byte) ? [BACKSLASH, byte] : [byte])).concat(STAR));
    const found = new Set<string>();
    try {
      let cursor = "0";
      for (let calls = 0; calls < COMPLETION_CALLS_MAX && found.size < COMPLETIONS_MAX && terminal.draft === line; calls++) {
        const [next, names] = list(await this.#askIn(db, "SCAN", cursor, "MATCH", match, "COUNT", "500"));
        for (const name of list(names)) if (name instanceof Uint8Array) found.add(this.#engine.quoted(name));
        cursor = text(next);
        if (cursor === "0" || cursor === "") break;
      }
    } catch {
      // Without a connection there are no keys to tell.
    }
    terminal.suggest(line, { ...hint, completions: [...hint.completions, ...[...found].sort().slice(0, COMPLETIONS_MAX)] });
    this.#changed();
  }

  #send(client: Client, input: Input): void {
    if (input.kind === "interrupt") return client.live.reconnect();
    if (input.kind !== "type") return;
    client.patience = window.setTimeout(() => this.#confirm(client), PATIENCE_MS);
    client.live.type(input.line);
  }

  #print(client: Client, output: Output, elapsedUs: number): void {
    client.terminal.receive(output.kind, output.text, output.kind === "reply" && output.isError, elapsedUs);
    if (output.kind === "reply") {
      this.#confirm(client);
      this.#refreshSoon();
    }
  }

  /** What was typed has been taken: what it waits for shows from now on. */
  #confirm(client: Client): void {
    clearTimeout(client.patience);
    client.patience = 0;
    client.terminal.confirm();
    this.#settle(client);
  }

  #settle(client: Client): void {
    if (!this.#clients.includes(client)) return;
    const { view } = client.live;
    // Not yet a wait that anybody should see; but who does not wait any more can go on at once.
    if (client.patience === 0) client.terminal.update(view, this.nowUs);
    else if (!view.waiting) this.#confirm(client);
    this.#changed();
  }

  #overhear({ terminal }: Client, sent: boolean, bytes: Uint8Array): void {
    const raw = bytes.slice(0, RAW_MAX);
    terminal.overhear({ atUs: this.nowUs, kind: "wire", client: 0, sent, raw, bytes: bytes.length });
    this.#note("wire", bytes, sent);
  }

  #of(terminal: Terminal): Client | undefined {
    return this.#clients.find((client) => client.terminal === terminal);
  }

  // The server

  signIn(credentials: Credentials): void {
    this.#credentials = credentials;
    void this.#welcome();
    for (const { live } of this.#clients) live.reconnect();
  }

  /** Tries now. */
  retry(): void {
    clearTimeout(this.#timer);
    this.#be({ kind: "connecting" });
    this.#asker.connect();
    for (const { live } of this.#clients) live.connect();
  }

  async #welcome(): Promise<void> {
    this.#db = 0;
    const credentials = this.#credentials;
    try {
      if (credentials) {
        const answer = await this.#asker.ask("AUTH", credentials.user, credentials.password);
        if (answer instanceof RedisError) {
          this.#credentials = null;
          return this.#be({ kind: "locked", wrong: true });
        }
      }
      // A server that does not know it looks at keys as a client does.
      void this.#asker.ask("CLIENT", "NO-TOUCH", "ON").catch(() => null);
      await this.refresh();
    } catch {
      // It is gone again, and will be tried again.
    }
  }

  /** Looks at everything again. */
  async refresh(): Promise<void> {
    this.#keys.forget();
    await this.#look();
  }

  async #look(): Promise<void> {
    const answer = await this.#asker.ask("INFO");
    if (answer instanceof RedisError && answer.code === "NOAUTH") return this.#be({ kind: "locked", wrong: false });
    if (this.state.kind !== "open") {
      this.#failures = 0;
      for (const { live } of this.#clients) live.connect();
    }
    this.#info = readInfo(text(answer));
    this.node = nodeOf(this.#info, this.address);
    this.#values.forget();
    this.changes++;
    this.#be({ kind: "open" });
  }

  #refreshByItself(): void {
    if (this.state.kind !== "open" || document.hidden || this.#clients.some(({ live }) => live.view.streams === "MONITOR")) return;
    if (this.#keys.found <= RESCANNED_MAX) this.#keys.forget();
    void this.#look().catch(() => null);
  }

  /** A command may have changed something: of many replies at once, the last counts. */
  #refreshSoon(): void {
    if (this.state.kind !== "open") return;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#refreshByItself(), PATIENCE_MS);
  }

  #lost(reason: string): void {
    if (this.#clients.length === 0 && this.state.kind === "closed") return;
    const retryMs = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)] ?? 0;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.retry(), retryMs);
    this.#be({ kind: "closed", reason, retryMs });
  }

  #be(state: State): void {
    if (state.kind !== this.state.kind) this.#noteState(state);
    this.state = state;
    this.#changed();
  }

  readonly look: Look = async <Name extends keyof Looks>(name: Name, asks: Looks[Name]["asks"]) => {
    try {
      return (await this.#answer(name, asks as never)) as Looks[Name]["answer"] | null;
    } catch {
      return null;
    }
  };

  async #answer(name: keyof Looks, asks: Looks["keys"]["asks"] & Looks["value"]["asks"]): Promise<Looks[keyof Looks]["answer"]> {
    switch (name) {
      case "keys": {
        const page = await this.#keys.page(databases(this.#info), asks.pattern, asks.from, asks.count);
        if (this.#keys.isUnfinished && page.rows.length < asks.count) setTimeout(() => this.#goOn(), PATIENCE_MS);
        return page;
      }
      case "value":
        return this.#values.value(asks.db, asks.key, asks.from);
      case "connections": {
        const lines = text(await this.#asker.ask("CLIENT", "LIST")).split("\n");
        return lines.filter((line) => line !== "").map((line) => ({ line, waitsFor: /flags=\w*b/.test(line) ? (/cmd=(\S+)/.exec(line)?.[1]?.toUpperCase() ?? null) : null }));
      }
      case "settings": {
        const found = list(await this.#asker.ask("CONFIG", "GET", "*")).map((word) => text(word));
        const names = found.filter((_, at) => at % 2 === 0).map((setting, at) => ({ name: setting, value: found[2 * at + 1] ?? "" }));
        return names.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name: setting, value }) => ({ name: setting, value, usual: null, fixed: false }));
      }
      default:
        return null;
    }
  }

  /** Not all rows in sight were found: asks again. */
  #goOn(): void {
    this.changes++;
    this.#changed();
  }

  #askIn(db: number, ...args: Arg[]): Promise<Answer> {
    if (db !== this.#db) {
      this.#db = db;
      void this.#asker.ask("SELECT", String(db)).catch(() => null);
    }
    return this.#asker.ask(...args);
  }

  // The log

  #note(topic: LogTopic, bytes: Uint8Array, sent: boolean): void {
    const raw = bytes.slice(0, RAW_MAX);
    // Once is enough for a password to be typed.
    const told = topic === "inspector" && escaped(raw).includes("AUTH") ? "AUTH" : escaped(raw);
    const shown = bytes.length > raw.length ? `${told}…` : told;
    this.#add({ topic, verb: sent ? "→" : "←", text: shown, raw: told === "AUTH" ? null : raw, warns: false });
  }

  #noteState(state: State): void {
    const said = { connecting: "connects", open: "is connected", locked: "asks for a password", closed: "is not connected" }[state.kind];
    const why = state.kind === "closed" && state.reason !== "" ? `: ${state.reason}` : "";
    this.#add({ topic: "fleet", verb: "", text: `${said}${why}`, raw: null, warns: state.kind === "closed" });
  }

  #add(entry: Pick<LogEntry, "topic" | "verb" | "text" | "raw" | "warns">): void {
    const atUs = this.nowUs;
    this.log = [...this.log.slice(1 - ENTRIES_MAX), { id: this.#nextEntry++, atUs, moment: BEGINNING, nodes: [0], packet: null, ...entry }];
    this.#changed();
  }

  #changed(): void {
    this.revision++;
    this.dispatchEvent(new Event("change"));
  }
}

const BACKSLASH = 92;
const STAR = 42;
/** What has a meaning in a pattern: `*?[]\`. */
const SPECIAL: ReadonlySet<number> = new Set([42, 63, 91, 93, 92]);
