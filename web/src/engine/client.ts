/**
 * The page's side of the engine: owns the worker, remembers the script, and can
 * build the same world again in a new worker.
 *
 * Invariants: at most one `run` and one `seek` are out at a time, so a slow world
 * never builds a queue of frames; everything else is sent at once and answered in
 * order. The script is the worker's as of its last answer.
 */

import { BEGINNING, earlierOf, isUntil, laterOf, partingOf, type Moment, type Script, type ScriptEntry } from "./moment.ts";
import type { FromWorker, Look, News, ToWorker } from "./protocol.ts";
import type { ClientId, Input, LineHint, Looks, PacketDetail, PacketId, WorldOptions } from "./types.ts";

/** The part of `Worker` that is used: tests give their own. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export interface EngineFailure {
  message: string;
  /** The input it failed on, which a rebuild leaves out; null when time alone was moving. */
  input: Input | null;
}

/** What a listener should know of some news. */
export interface About {
  /** What the page itself has just done: the last chapter's entry. */
  own: boolean;
  /** The world could not keep up. */
  lagging: boolean;
  /** The world went there at once, rather than as time passed. */
  leapt: boolean;
}

export interface EngineListener {
  onNews(news: News, about: About): void;
  /** What came after this moment is gone; it was this. To be told before the news of what comes instead. */
  onFork(parting: Moment, lost: Future): void;
  onHint(client: ClientId, line: string, hint: LineHint): void;
  onFailure(failure: EngineFailure): void;
}

/** A script, and how far the world has come with it. */
export interface Future {
  script: Script;
  end: Moment;
}

/** A run is some 10 ms of work. One that takes this long is in a loop, and only a new worker helps. */
const RUN_MS_MAX = 8000;

export class EngineClient {
  readonly #spawn: () => WorkerLike;
  readonly #listener: EngineListener;
  readonly #options: WorldOptions;
  #worker: WorkerLike;
  #script: ScriptEntry[];
  #at: Moment = BEGINNING;
  #known: Moment = BEGINNING;
  /** When the run that is out was asked for, in real time. */
  #runSinceMs: number | null = null;
  #seeksOut = 0;
  /** Where to go once the seek that is out has come back. */
  #seekNext: Moment | null = null;
  /** Inputs sent and not answered, oldest first: the first is the culprit when the worker fails. */
  #inputsOut: Input[] = [];
  #looks = new Map<number, (seen: Looks[keyof Looks]["answer"] | null) => void>();
  #nextLook = 0;
  /** Inputs that the failure of another one left unanswered. */
  #unanswered: Input[] = [];
  #opens = new Map<PacketId, (detail: PacketDetail | null) => void>();

  /** A world; if there is a script, at a moment of it. */
  constructor(spawn: () => WorkerLike, options: WorldOptions, listener: EngineListener, past: Future = { script: [], end: BEGINNING }, at = past.end) {
    this.#spawn = spawn;
    this.#options = options;
    this.#listener = listener;
    this.#script = [...past.script];
    this.#at = at;
    this.#worker = this.#start();
  }

  get options(): WorldOptions {
    return this.#options;
  }

  /** All that was done, what lies ahead included. */
  get script(): Script {
    return this.#script;
  }

  get at(): Moment {
    return this.#at;
  }

  /** How far the world has come: beyond the present moment, time was turned back. */
  get known(): Moment {
    return this.#known;
  }

  /** Asks for time to move, once a frame; while an earlier ask is not answered it only watches how long that takes. */
  run(untilUs: number, realMs: number): void {
    if (this.#seeksOut > 0) return;
    if (this.#runSinceMs === null) {
      this.#runSinceMs = realMs;
      this.#worker.postMessage({ type: "run", untilUs });
    } else if (realMs - this.#runSinceMs > RUN_MS_MAX) {
      this.#fail(`it has not answered for ${RUN_MS_MAX / 1000} seconds`);
    }
  }

  step(): void {
    this.#worker.postMessage({ type: "step" });
  }

  input(input: Input): void {
    this.#inputsOut.push(input);
    this.#worker.postMessage({ type: "input", input });
  }

  /** Goes to a moment of the script; of many, to the last. */
  seek(to: Moment): void {
    if (this.#seeksOut > 0) this.#seekNext = to;
    else this.#sendSeek(to, null);
  }

  /** Another future, which shares its beginning with this one, takes the place of this one: goes to its end. */
  turnTo({ script, end }: Future): void {
    const parting = partingOf(this.#script, script);
    const lost = { script: this.#script, end: this.#known };
    this.#script = [...script];
    this.#known = earlierOf(this.#known, parting);
    this.#listener.onFork(this.#known, lost);
    this.#seekNext = null;
    this.#sendSeek(end, { parting, entries: script.slice(parting.entries) });
  }

  /** Makes the engine fail, as a bug in it would. */
  trap(): void {
    this.#worker.postMessage({ type: "trap" });
  }

  /** The bytes of a packet; null when the world no longer has them. */
  open(packet: PacketId): Promise<PacketDetail | null> {
    this.#opens.get(packet)?.(null);
    return new Promise((resolve) => {
      this.#opens.set(packet, resolve);
      this.#worker.postMessage({ type: "open", packet });
    });
  }

  /** Asks something of a node as it is now; null when the world is gone before it answers. */
  look<Name extends keyof Looks>(name: Name, asks: Looks[Name]["asks"]): Promise<Looks[Name]["answer"] | null> {
    const id = this.#nextLook++;
    return new Promise((resolve) => {
      // The answer to a question is of its type.
      this.#looks.set(id, resolve as (seen: Looks[keyof Looks]["answer"] | null) => void);
      this.#worker.postMessage({ type: "look", id, look: { name, ...asks } as Look });
    });
  }

  /** Asks what the prompt may say of a line that is being typed. */
  hint(client: ClientId, line: string): void {
    this.#worker.postMessage({ type: "hint", client, line });
  }

  /** Builds the same world in a new worker, without the input it failed on. */
  rebuild(): void {
    this.dispose();
    this.#worker = this.#start();
    for (const input of this.#unanswered.splice(0)) this.input(input);
  }

  dispose(): void {
    this.#worker.onmessage = null;
    this.#worker.onerror = null;
    this.#worker.terminate();
    this.#runSinceMs = null;
    this.#seeksOut = 0;
    this.#seekNext = null;
    this.#inputsOut = [];
    for (const resolve of this.#opens.values()) resolve(null);
    this.#opens.clear();
    for (const resolve of this.#looks.values()) resolve(null);
    this.#looks.clear();
  }

  #start(): WorkerLike {
    const worker = this.#spawn();
    worker.onmessage = (event) => this.#receive(event.data);
    worker.onerror = (event) => this.#fail(event.message || "the worker stopped");
    worker.postMessage({ type: "start", options: this.#options, script: this.#script, to: this.#at, known: this.#known });
    return worker;
  }

  #sendSeek(to: Moment, turn: { parting: Moment; entries: Script } | null): void {
    this.#seeksOut += 1;
    this.#worker.postMessage({ type: "seek", to, turn });
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "started":
        return this.#tell(message, { own: false, lagging: false, leapt: true });
      case "ran":
        this.#runSinceMs = null;
        return this.#tell(message, { own: false, lagging: !message.reachedAll, leapt: false });
      case "done":
        if (message.wasInput) this.#inputsOut.shift();
        return this.#done(message, message.wasInput);
      case "sought":
        return this.#sought(message);
      case "opened":
        this.#opens.get(message.packet)?.(message.detail);
        this.#opens.delete(message.packet);
        return;
      case "seen":
        this.#looks.get(message.id)?.(message.seen);
        this.#looks.delete(message.id);
        return;
      case "hint":
        return this.#listener.onHint(message.client, message.line, message.hint);
      case "failed":
        return this.#fail(message.message, message.during === "input");
    }
  }

  #done(news: News, wasInput: boolean): void {
    const entry = news.chapters.at(-1)?.entry;
    const isNew = entry !== undefined && entry !== null && (wasInput || !("input" in entry));
    if (isNew) {
      const before = { entries: news.at.entries - 1, atUs: entry.atUs };
      if (this.#script.length > before.entries || !isUntil(this.#known, before)) this.#cutFuture(before);
      this.#script.push(entry);
    }
    this.#tell(news, { own: wasInput, lagging: false, leapt: false });
  }

  #sought(news: News): void {
    this.#seeksOut -= 1;
    this.#tell(news, { own: false, lagging: false, leapt: true });
    const next = this.#seekNext;
    this.#seekNext = null;
    if (next) this.#sendSeek(next, null);
  }

  #cutFuture(parting: Moment): void {
    const lost = { script: this.#script, end: this.#known };
    this.#script = this.#script.slice(0, parting.entries);
    this.#known = parting;
    this.#listener.onFork(parting, lost);
  }

  #tell(news: News, about: About): void {
    this.#at = news.at;
    this.#known = laterOf(this.#known, news.at);
    this.#listener.onNews(news, about);
  }

  #fail(message: string, onInput = false): void {
    const input = onInput ? (this.#inputsOut.shift() ?? null) : null;
    this.#unanswered = this.#inputsOut;
    this.dispose();
    this.#listener.onFailure({ message, input });
  }
}
