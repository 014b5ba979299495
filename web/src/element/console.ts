/**
 * One element's terminal: its transcript's steps, what each printed, and what was
 * typed since.
 *
 * Invariant: commands run one after another. What is typed while the transcript's
 * own commands have not run waits until they have, since a reader takes them for done.
 */

import type { ClientId, LineHint, WorldEvent } from "../engine/types.ts";
import { elapsedSuffix } from "../format.ts";
import { Completion } from "../session/completion.ts";
import { History } from "../session/history.ts";
import { printed, understand } from "../session/typed.ts";
import type { Options } from "./attributes.ts";
import type { Engine, Transcript, TranscriptStep } from "./engine.ts";
import type { CheckResult, Difference, Emit } from "./events.ts";
import type { Stage } from "./stage.ts";
import { commandLines } from "./text.ts";

/** One command and what came of it. */
export interface Row {
  id: number;
  /** As it is shown before the command; empty for what came unasked. */
  prompt: string;
  command: string;
  /** Of the transcript. */
  step: TranscriptStep | null;
  state: "ahead" | "running" | "done";
  output: string;
  isError: boolean;
  /** Whether the output is what the transcript says; null when nobody says. */
  matches: boolean | null;
}

const FIRST = "1";

export class Console {
  readonly history = new History();
  readonly completion = new Completion();
  rows: readonly Row[] = [];
  hint: LineHint | null = null;
  /** The line being edited. */
  draft = "";

  readonly #engine: Engine;
  readonly #stage: Stage;
  readonly #options: Options;
  readonly #emit: Emit;
  readonly #changed: () => void;
  #transcript: Transcript | null = null;
  #clients = new Map<string, ClientId>();
  #unread = new Map<ClientId, string>();
  #current = FIRST;
  #nextRow = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #generation = 0;
  #unwatch: (() => void) | null = null;
  /** The last thing each client was answered. */
  #answers = new Map<ClientId, { isError: boolean; elapsedUs: number }>();

  constructor(engine: Engine, stage: Stage, options: Options, emit: Emit, changed: () => void) {
    this.#engine = engine;
    this.#stage = stage;
    this.#options = options;
    this.#emit = emit;
    this.#changed = changed;
  }

  /** Takes a terminal of the stage, shows the transcript, and runs what is to be run unseen. */
  async begin(transcript: Transcript | null): Promise<void> {
    const generation = ++this.#generation;
    this.#transcript = transcript;
    this.#unwatch?.();
    this.#unwatch = this.#stage.watch((events) => this.#take(events));
    this.#clients.clear();
    this.#unread.clear();
    this.#current = FIRST;
    this.rows = (transcript?.steps ?? []).filter(({ kind }) => kind === "command").map((step) => this.#row(step));
    await this.#enqueue(async () => {
      this.#stage.hold();
      try {
        this.#client(FIRST);
        for (const line of commandLines(this.#options.commands)) {
          if (generation === this.#generation) await this.#send(line);
        }
        this.#unread.clear();
      } finally {
        this.#stage.release();
      }
    });
    this.#changed();
  }

  get client(): ClientId | null {
    return this.#clients.get(this.#current) ?? null;
  }

  get waiting(): string | null {
    const view = this.#stage.view.clients.find(({ id }) => id === this.client);
    return view?.waiting ? (view.blockedOn ?? "The command") : null;
  }

  /** What stands before what is typed. */
  get prompt(): string {
    const { prompt } = this.#options;
    const own = this.#stage.view.clients.find(({ id }) => id === this.client)?.prompt ?? "";
    if (prompt === "address" || own.startsWith("not connected")) return own;
    const state = /((?:\[\d+\])?(?:\([^)]*\))?)> $/.exec(own)?.[1] ?? "";
    return prompt.replace(/>?\s*$/, "") + `${state}> `;
  }

  get ahead(): number {
    return this.rows.filter(({ state }) => state === "ahead").length;
  }

  /** Runs what is left of the transcript, and says how it compares with what it was said to print. */
  run(): Promise<CheckResult> {
    return this.#enqueue(async () => {
      await this.#runSteps();
      return this.#check();
    });
  }

  /** Runs the next command of the transcript; null when there is none. */
  step(): Promise<Row | null> {
    return this.#enqueue(async () => {
      const row = this.rows.find(({ state }) => state === "ahead");
      if (!row) return null;
      await this.#runSteps(row.id);
      if (this.ahead === 0) this.#check();
      return this.rows.find(({ id }) => id === row.id) ?? null;
    });
  }

  /** Runs a line that was typed, and returns what it printed. */
  type(line: string): Promise<string> {
    this.history.add(line);
    this.hint = null;
    return this.#enqueue(async () => {
      if (this.ahead > 0) {
        await this.#runSteps();
        this.#check();
      }
      return this.#runTyped(line);
    });
  }

  edit(line: string): void {
    this.draft = line;
    this.hint = line === "" || this.client === null ? null : this.#stage.hint(this.client, line);
    this.#changed();
  }

  /** A command that waits is given up with its connection, as by Ctrl-C. */
  interrupt(): void {
    const client = this.client;
    if (client === null || !this.#stage.isWaiting(client)) return;
    this.#clients.delete(this.#current);
    this.#unread.set(client, `${this.#unread.get(client) ?? ""}^C\n`);
    this.#stage.do({ kind: "closeClient", client });
    this.#client(this.#current);
    this.#changed();
  }

  clear(): void {
    this.rows = this.rows.filter(({ state }) => state !== "done");
    this.#changed();
  }

  /** Shows what a scenario's own first terminal did, which is this element's from now. */
  adopt(client: ClientId): void {
    this.#generation += 1;
    this.#transcript = null;
    this.#clients = new Map([[FIRST, client]]);
    this.#current = FIRST;
    this.#unread.clear();
    this.#changed();
  }

  /** A line of a scenario that is being played again. */
  replayed(prompt: string, command: string, output: string): void {
    this.#append({ ...this.#row(null), prompt, command, output: printed(output), state: "done" });
  }

  forget(): void {
    this.rows = [];
  }

  dispose(): void {
    this.#generation += 1;
    this.#unwatch?.();
    for (const client of this.#clients.values()) this.#stage.do({ kind: "closeClient", client });
    this.#clients.clear();
  }

  #enqueue<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(job);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #runSteps(upTo = Infinity): Promise<void> {
    const generation = this.#generation;
    this.#stage.hold();
    try {
      for (const step of this.#stepsAhead(upTo)) {
        await this.#runStep(step);
        if (generation !== this.#generation) return;
      }
    } finally {
      this.#stage.release();
    }
  }

  /** Steps from behind the last command that was run to the row `upTo`. */
  #stepsAhead(upTo: number): TranscriptStep[] {
    const steps = this.#transcript?.steps ?? [];
    const ahead = this.rows.filter(({ state, id }) => state === "ahead" && id <= upTo).map(({ step }) => step);
    const last = steps.findLastIndex((step) => ahead.includes(step));
    const done = this.rows.filter(({ state }) => state === "done").map(({ step }) => step);
    const first = steps.findLastIndex((step) => done.includes(step)) + 1;
    const all = this.ahead === ahead.length;
    return steps.slice(first, all ? undefined : last + 1);
  }

  async #runStep(step: TranscriptStep): Promise<void> {
    if (step.kind === "client") {
      this.#current = step.text;
      this.#client(step.text);
      this.#arrived(step);
    } else if (step.kind === "advance") {
      await this.#stage.advance(step.us);
    } else {
      const row = this.rows.find((other) => other.step === step);
      if (row) await this.#runRow(row, step.text, step);
    }
  }

  /** What came to a terminal while another was used is output of its own. */
  #arrived(step: TranscriptStep): void {
    const output = this.#read();
    if (output === "" && step.expected === "") return;
    const matches = this.#engine.matches(step.expected, output);
    const at = this.rows.findIndex((row) => row.step !== null && row.step.line > step.line);
    const row: Row = { ...this.#row(step), command: "", prompt: "", output: printed(output), state: "done", matches };
    this.rows = at < 0 ? [...this.rows, row] : [...this.rows.slice(0, at), row, ...this.rows.slice(at)];
    this.#changed();
  }

  async #runTyped(line: string): Promise<string> {
    const typed = understand(line);
    if (typed === "clear") {
      this.clear();
      return "";
    }
    const row: Row = { ...this.#row(null), prompt: this.prompt, command: line };
    this.#append(row);
    if (typed === "nothing") {
      this.#update(row, { state: "done" });
      return "";
    }
    return this.#runRow(row, line, null);
  }

  async #runRow(row: Row, line: string, step: TranscriptStep | null): Promise<string> {
    const generation = this.#generation;
    this.#update(row, { state: "running", output: "" });
    this.#emit("redarium-command", { command: line });
    const { output, isError, elapsedUs } = await this.#send(line);
    if (generation !== this.#generation) return output;
    const matches = step === null || this.#onlyCommands() ? null : this.#engine.matches(step.expected, output);
    this.#update(row, { state: "done", output: printed(output), isError, matches });
    this.#emit("redarium-reply", { command: line, text: output, isError, elapsedUs });
    return output;
  }

  /** A transcript without any output says nothing to compare with. */
  #onlyCommands(): boolean {
    return this.#transcript?.steps.every(({ expected }) => expected === "") ?? true;
  }

  async #send(line: string): Promise<{ output: string; isError: boolean; elapsedUs: number }> {
    const client = this.#client(this.#current);
    this.#answers.delete(client);
    this.#stage.do({ kind: "type", client, line });
    await this.#stage.answered(client);
    const { isError, elapsedUs } = this.#answers.get(client) ?? { isError: false, elapsedUs: 0 };
    return { output: this.#read(client), isError, elapsedUs };
  }

  /** What a terminal has printed that nobody has read. */
  #read(client = this.client ?? -1): string {
    const text = this.#unread.get(client) ?? "";
    this.#unread.delete(client);
    return text;
  }

  #client(name: string): ClientId {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const client = this.#stage.open(1);
    this.#clients.set(name, client);
    if (this.#options.resp === 3) {
      this.#stage.do({ kind: "type", client, line: "HELLO 3" });
      this.#unread.delete(client);
    }
    return client;
  }

  #take(events: readonly WorldEvent[]): void {
    for (const event of events) {
      if (event.kind !== "reply" && event.kind !== "push" && event.kind !== "disconnected") continue;
      if (![...this.#clients.values()].includes(event.client)) continue;
      if (event.kind === "reply") this.#answers.set(event.client, event);
      this.#print(event.client, shown(event));
      if (event.kind === "push") this.#message(event.client, event.text);
    }
    this.#changed();
  }

  #print(client: ClientId, text: string): void {
    this.#unread.set(client, (this.#unread.get(client) ?? "") + text);
  }

  /** What comes to a prompt at which nothing runs is shown where it comes. */
  #message(client: ClientId, text: string): void {
    this.#emit("redarium-message", { text });
    const busy = this.rows.some(({ state }) => state === "running") || this.ahead > 0;
    if (busy || client !== this.client) return;
    this.#append({ ...this.#row(null), output: printed(this.#read(client)), state: "done" });
  }

  #check(): CheckResult {
    const run = this.rows.filter(({ state, step }) => state === "done" && step !== null);
    const differences: Difference[] = run
      .filter(({ matches }) => matches === false)
      .map(({ step, command, output }) => ({ line: (step?.line ?? 0) + 1, command, expected: step?.expected ?? "", actual: output }));
    const commands = run.filter(({ step }) => step?.kind === "command").length;
    const result = { passed: differences.length === 0, commands, differences };
    if (this.ahead === 0 && commands > 0) this.#emit("redarium-check", result);
    return result;
  }

  #row(step: TranscriptStep | null): Row {
    const prompt = this.#options.prompt === "redis> " ? (step?.prompt ?? "") : this.#options.prompt;
    return {
      id: this.#nextRow++,
      prompt: step?.kind === "command" ? (prompt === "address" ? step.prompt : prompt) : "",
      command: step?.kind === "command" ? step.text : "",
      step,
      state: "ahead",
      output: step?.expected ?? "",
      isError: /^\(error\)/.test(step?.expected ?? ""),
      matches: null,
    };
  }

  #append(row: Row): void {
    this.rows = this.#trimmed([...this.rows, row]);
    this.#changed();
  }

  #update(row: Row, change: Partial<Row>): void {
    this.rows = this.#trimmed(this.rows.map((other) => (other.id === row.id ? { ...other, ...change } : other)));
    this.#changed();
  }

  /** The oldest rows go when there are too many lines. */
  #trimmed(rows: readonly Row[]): readonly Row[] {
    const heights = rows.map(({ output, command }) => (command === "" ? 0 : 1) + (output === "" ? 0 : output.split("\n").length));
    let lines = heights.reduce((sum, height) => sum + height, 0);
    let first = 0;
    while (lines > this.#options.maxLines && first < rows.length - 1) lines -= heights[first++] ?? 0;
    return rows.slice(first);
  }
}

/** As redis-cli prints it. */
function shown(event: Extract<WorldEvent, { kind: "reply" | "push" | "disconnected" }>): string {
  if (event.kind === "disconnected") return event.reason === "quit" ? "" : `Error: ${event.reason}\n`;
  const text = event.text.endsWith("\n") || event.text === "" ? event.text : `${event.text}\n`;
  const elapsed = event.kind === "reply" ? elapsedSuffix(event.elapsedUs) : null;
  return elapsed ? `${text}${elapsed}\n` : text;
}
