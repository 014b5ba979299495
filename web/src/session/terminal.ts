/**
 * One terminal: a transcript, a queue of lines still to be run, and the client
 * of the world it speaks through. Knows nothing of the page or the engine's
 * worker: it is handed a way to send, and told what came.
 *
 * Invariant: one line is out at a time, as in redis-cli; what is typed or pasted
 * meanwhile waits its turn.
 */

import { BEGINNING, isUntil, type Moment } from "../engine/moment.ts";
import type { ClientId, ClientView, Input, LineHint, NodeId, WorldEvent } from "../engine/types.ts";
import { elapsedSuffix, plural } from "../format.ts";
import { wireText } from "../hex.ts";
import { Completion } from "./completion.ts";
import { History, saveLine, savedLines } from "./history.ts";
import { printed, understand } from "./typed.ts";

export interface Line {
  id: number;
  kind: "typed" | "reply" | "error" | "push" | "note" | "sent" | "got";
  /** Of a typed line: the prompt it was typed at. */
  prompt: string;
  text: string;
  /** Where it stands in the world's history; null until the world has taken what was typed. */
  moment: Moment | null;
}

/** What a terminal is waiting for, as its bottom line tells it. */
export interface Waiting {
  command: string;
  sinceUs: number;
  /** It was answered, and goes on showing what comes. */
  streams: boolean;
}

const LINES_MAX = 2000;

export class Terminal {
  readonly history = new History(savedLines());
  readonly completion = new Completion();
  client: ClientId | null = null;
  waiting: Waiting | null = null;
  /** The line being edited: kept here so that switching tabs loses nothing. */
  draft = "";
  /** What is known of that line; null while nothing is, or no longer. */
  hint: LineHint | null = null;
  /** Whether messages may come without anything having been asked. */
  listens = false;
  protocol: ClientView["protocol"] = 2;
  /** Whether the bytes of requests and replies are shown too. */
  showsBytes = false;

  readonly #send: (input: Input) => void;
  #prompt: string;
  #queue: string[] = [];
  /** The line that was sent and whose turn the world has not confirmed yet. */
  #sent: string | null = null;
  #nextLine = 0;
  /** All lines, those of a future that time was turned back from too. */
  #all: Line[] = [];
  /** What was handed out, while it still holds. */
  #lines: readonly Line[] | null = null;
  /** The clients it has spoken through, oldest first. */
  #clients: { id: ClientId; since: Moment }[] = [];
  /** Where the world stands when something is printed. */
  #at: Moment = BEGINNING;
  /** The moment that is shown, if it is a past one. */
  #shown: Moment | null = null;

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

  /** As it stands at the moment that is shown: another list whenever a line came. */
  get lines(): readonly Line[] {
    const shown = this.#shown;
    return (this.#lines ??= shown ? this.#all.filter(({ moment }) => moment === null || isUntil(moment, shown)) : this.#all.slice(-LINES_MAX));
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
    this.#all = [];
    this.#lines = null;
  }

  /** The line a world is told in a replay: another page typed it, or this one before. */
  replay(line: string): void {
    this.#print("typed", line);
  }

  note(text: string): void {
    this.#print("note", text);
  }

  /** Ctrl-C: a line that was begun is dropped; else what waits or streams is given up, by connecting anew. */
  interrupt(typed: string): void {
    this.#queue = [];
    if ((this.waiting || (this.listens && typed === "")) && this.client !== null) {
      this.#print("note", "^C");
      this.waiting = null;
      this.#send({ kind: "interrupt", client: this.client });
    } else {
      this.#print("typed", `${typed}^C`);
    }
  }

  attach(client: ClientId, since: Moment): void {
    this.client = client;
    this.#clients.push({ id: client, since });
    this.#pump();
  }

  owns(client: ClientId): boolean {
    return this.#clients.some(({ id }) => id === client);
  }

  /** What is told from now on happened then. */
  reach(at: Moment): void {
    this.#at = at;
  }

  /** Shows the transcript of a past moment; null shows all of it. */
  show(moment: Moment | null): void {
    if (moment === this.#shown) return;
    this.#shown = moment;
    this.#lines = null;
  }

  /** What came after a moment never was. Whether anything of this terminal is left. */
  forgetBeyond(moment: Moment): boolean {
    this.#clients = this.#clients.filter(({ since }) => isUntil(since, moment));
    this.#all = this.#all.filter((line) => line.moment === null || isUntil(line.moment, moment));
    this.#shown = null;
    this.#lines = null;
    return this.#clients.length > 0;
  }

  /** What was pasted and has not run yet shall not run. */
  hush(): void {
    this.#queue = [];
  }

  /** Time leapt: the world says anew which client this is, and what it waits for. */
  leap(client: ClientId | null): void {
    this.client = client;
    this.#sent = null;
    this.waiting = null;
    this.hint = null;
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

  /** Bytes went over the connection. */
  overhear({ sent, raw, bytes }: Extract<WorldEvent, { kind: "wire" }>): void {
    if (!this.showsBytes) return;
    const rest = bytes > raw.length ? `\n… and ${plural(bytes - raw.length, "more byte")}` : "";
    this.#print(sent ? "sent" : "got", wireText(raw) + rest);
  }

  /** The engine failed on a line: it waits at the prompt again. */
  giveBack(line: string): void {
    this.confirm();
    this.#print("note", `The engine stopped while running "${line}".`);
    if (this.draft === "") this.draft = line;
  }

  /** The world confirmed that it took the line. */
  confirm(): void {
    this.#sent = null;
    // What waits for its moment was printed last.
    for (let line = this.#all.at(-1), index = this.#all.length - 1; line?.moment === null; line = this.#all[--index]) line.moment = this.#at;
    this.#lines = null;
  }

  /** What the newest view says of this terminal's client. */
  update(view: ClientView, nowUs: number): void {
    this.#prompt = view.prompt;
    this.protocol = view.protocol;
    this.listens = view.streams !== null;
    if (!view.waiting) {
      this.waiting = null;
    } else if (!this.waiting || this.waiting.streams !== this.listens) {
      this.waiting = { command: view.streams ?? view.blockedOn ?? this.#sent ?? "The command", sinceUs: nowUs, streams: this.listens };
    }
    this.#pump();
  }

  #pump(): void {
    while (!this.busy && this.#queue.length > 0) this.#run(this.#queue.shift() ?? "");
  }

  #run(line: string): void {
    const typed = understand(line);
    if (typed === "clear") return this.clear();
    const sends = typed !== "nothing" && this.client !== null;
    if (sends) this.#sent = line;
    this.#print("typed", line);
    if (!sends || this.client === null) return;
    this.#send({ kind: "type", client: this.client, line });
  }

  #print(kind: Line["kind"], text: string): void {
    const prompt = kind === "typed" ? this.#prompt : "";
    const moment = this.#sent === null ? this.#at : null;
    this.#all.push({ id: this.#nextLine++, kind, prompt, text, moment });
    if (this.#all.length > LINES_MAX * 1.5) this.#all.splice(0, this.#all.length - LINES_MAX);
    this.#lines = null;
  }
}
