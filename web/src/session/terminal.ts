/**
 * One terminal: a transcript, a queue of lines still to be run, and the client
 * of the world it speaks through. Knows nothing of the page or the engine's
 * worker: it is handed a way to send, and told what came.
 *
 * Invariant: one line is out at a time, as in redis-cli; what is typed or pasted
 * meanwhile waits its turn.
 */

import type { ClientId, ClientView, Input, LineHint, NodeId } from "../engine/types.ts";
import { elapsedSuffix } from "../format.ts";
import { Completion } from "./completion.ts";
import { History, saveLine, savedLines } from "./history.ts";
import { printed, understand } from "./typed.ts";

export interface Line {
  id: number;
  kind: "typed" | "reply" | "error" | "push" | "note";
  /** Of a typed line: the prompt it was typed at. */
  prompt: string;
  text: string;
}

/** What a terminal is waiting for, as its bottom line tells it. */
export interface Waiting {
  command: string;
  sinceUs: number;
}

const LINES_MAX = 2000;

export class Terminal {
  readonly history = new History(savedLines());
  readonly completion = new Completion();
  lines: readonly Line[] = [];
  client: ClientId | null = null;
  waiting: Waiting | null = null;
  /** The line being edited: kept here so that switching tabs loses nothing. */
  draft = "";
  /** What is known of that line; null while nothing is, or no longer. */
  hint: LineHint | null = null;

  readonly #send: (input: Input) => void;
  #prompt: string;
  #queue: string[] = [];
  /** The line that was sent and whose turn the world has not confirmed yet. */
  #sent: string | null = null;
  #nextLine = 0;

  constructor(
    readonly key: string,
    readonly node: NodeId,
    readonly address: string,
    readonly number: number,
    send: (input: Input) => void,
  ) {
    this.#send = send;
    this.#prompt = `${address}> `;
  }

  get prompt(): string {
    return this.#prompt;
  }

  get queued(): number {
    return this.#queue.length;
  }

  get busy(): boolean {
    return this.client === null || this.#sent !== null || this.waiting !== null;
  }

  submit(line: string): void {
    this.history.add(line);
    saveLine(line);
    this.#queue.push(line);
    this.#pump();
  }

  /** The line is now this one. What was known of another stays until the engine's word on this one comes: it is seldom different. */
  edit(line: string): void {
    this.draft = line;
    if (line === "") this.hint = null;
  }

  /** The engine's word on a line, which may not be the one that is edited by now. */
  suggest(line: string, hint: LineHint): void {
    if (line === this.draft && line !== "") this.hint = hint;
  }

  clear(): void {
    this.lines = [];
  }

  note(text: string): void {
    this.#print("note", text);
  }

  /** Ctrl-C: a waiting command is given up with its connection, as leaving redis-cli does; else the line is dropped. */
  interrupt(typed: string): void {
    this.#queue = [];
    if (this.waiting && this.client !== null) {
      const old = this.client;
      this.#print("note", "^C");
      this.#forgetClient();
      this.#send({ kind: "closeClient", client: old });
      this.#send({ kind: "openClient", node: this.node });
    } else {
      this.#print("typed", `${typed}^C`);
    }
  }

  attach(client: ClientId): void {
    this.client = client;
    this.#pump();
  }

  /** The connection was closed. The client stays, and connects again for the next line. */
  disconnect(reason: string): void {
    this.#queue = [];
    if (reason !== "quit") this.#print("error", reason);
  }

  receive(kind: "reply" | "push", text: string, isError: boolean, elapsedUs: number): void {
    const elapsed = kind === "reply" ? elapsedSuffix(elapsedUs) : null;
    const lines = [printed(text), ...(elapsed ? [elapsed] : [])];
    this.#print(kind === "push" ? "push" : isError ? "error" : "reply", lines.join("\n"));
  }

  /** The world confirmed that it took the line. */
  confirm(): void {
    this.#sent = null;
  }

  /** What the newest view says of this terminal's client. */
  update(view: ClientView, nowUs: number): void {
    this.#prompt = view.prompt;
    if (!view.waiting) {
      this.waiting = null;
    } else if (!this.waiting) {
      this.waiting = { command: view.blockedOn ?? this.#sent ?? "The command", sinceUs: nowUs };
    }
    this.#pump();
  }

  #pump(): void {
    while (!this.busy && this.#queue.length > 0) this.#run(this.#queue.shift() ?? "");
  }

  #run(line: string): void {
    const typed = understand(line);
    if (typed === "clear") return this.clear();
    this.#print("typed", line);
    if (typed === "nothing" || this.client === null) return;
    this.#sent = line;
    this.#send({ kind: "type", client: this.client, line });
  }

  #forgetClient(): void {
    this.client = null;
    this.waiting = null;
    this.#sent = null;
  }

  #print(kind: Line["kind"], text: string): void {
    const prompt = kind === "typed" ? this.#prompt : "";
    const line = { id: this.#nextLine++, kind, prompt, text };
    this.lines = [...this.lines.slice(-(LINES_MAX - 1)), line];
  }
}
