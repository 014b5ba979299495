/**
 * Runs one world for the page: the worker's inside, without the worker, so that
 * tests can drive it directly.
 *
 * Invariant: replaying `(options, script)` through `start` gives the same world
 * as the messages that recorded the script, byte for byte. For that, time never
 * moves as a side effect: only `run`, `step` and `seek` move it.
 *
 * The script may go on beyond the present moment: then time was turned back, and
 * what was done is done again as time passes, until somebody does something else.
 */

import { Chapters } from "./chapters.ts";
import { BEGINNING, earlierOf, isUntil, laterOf, type Moment, type ScriptEntry } from "./moment.ts";
import { Playhead } from "./playhead.ts";
import type { FromWorker, Look, News, ToWorker } from "./protocol.ts";
import { Trail } from "./trail.ts";
import type { Input, Looks, World, WorldOptions } from "./types.ts";

export type MakeWorld = (options: WorldOptions) => World;

/** How long one message may keep a pause or an input waiting, and how long idle work may. */
const RUN_MS = 10;
const TEND_MS = 3;

export class Host {
  readonly #make: MakeWorld;
  readonly #post: (message: FromWorker) => void;
  #options: WorldOptions | null = null;
  #script: ScriptEntry[] = [];
  #head: Playhead | null = null;
  #trail = new Trail(() => this.#begin());
  /** The latest moment whose events the page was told. */
  #known: Moment = BEGINNING;

  constructor(make: MakeWorld, post: (message: FromWorker) => void) {
    this.#make = make;
    this.#post = post;
  }

  handle(message: ToWorker): void {
    try {
      this.#post(this.#answer(message));
    } catch (error) {
      // Nothing of this instance can be trusted any more, the other worlds in it neither.
      this.#head = null;
      this.#trail = new Trail(() => this.#begin());
      this.#post({ type: "failed", during: message.type, message: describe(error) });
    }
  }

  /** A little of the work that can wait; whether there is more of it. To be called when no message is there. */
  tend(): boolean {
    const untilMs = performance.now() + TEND_MS;
    try {
      while (this.#head && performance.now() < untilMs) if (!this.#trail.tend(this.#script, this.#head.at)) return false;
    } catch (error) {
      this.#head = null;
      this.#post({ type: "failed", during: "run", message: describe(error) });
    }
    return this.#head !== null;
  }

  #answer(message: ToWorker): FromWorker {
    switch (message.type) {
      case "start":
        return { type: "started", ...this.#start(message) };
      case "run":
        return this.#run(message.untilUs);
      case "step":
        return { type: "done", wasInput: false, ...this.#step() };
      case "input":
        return { type: "done", wasInput: true, ...this.#input(message.input) };
      case "seek":
        return { type: "sought", ...this.#seek(message.to, message.turn) };
      case "open":
        return { type: "opened", packet: message.packet, detail: this.#live().world.packet(message.packet) };
      case "look":
        return { type: "seen", id: message.id, seen: this.#look(message.look) };
      case "hint":
        return { type: "hint", client: message.client, line: message.line, hint: this.#live().world.hint(message.client, message.line) };
      case "trap":
        this.#live().world.trap();
        throw new Error("the engine did not stop");
    }
  }

  #look(look: Look): Looks[keyof Looks]["answer"] {
    const { world } = this.#live();
    switch (look.name) {
      case "keys":
        return world.keys(look.node, look.pattern, look.from, look.count, look.fresh);
      case "value":
        return world.value(look.node, look.db, look.key, look.from);
      case "connections":
        return world.connections(look.node);
      case "settings":
        return world.settings(look.node);
      case "files":
        return world.files(look.node);
      case "file":
        return world.file(look.node, look.file, look.offset, look.length);
      case "records":
        return world.records(look.node, look.file, look.from, look.count, look.fresh);
      case "window":
        return world.window(look.node, look.file, look.from, look.count);
      case "record":
        return world.record(look.node, look.file, look.at);
    }
  }

  #start({ options, script, to, known }: Extract<ToWorker, { type: "start" }>): News {
    this.#trail.dispose();
    this.#head?.world.free();
    this.#options = options;
    this.#script = [...script];
    this.#known = known;
    this.#head = this.#begin();
    return this.#walk(to);
  }

  #begin(): Playhead {
    if (!this.#options) throw new Error("there is no world");
    return new Playhead(this.#make(this.#options));
  }

  // Time

  #run(untilUs: number): FromWorker {
    const news = this.#walk({ entries: this.#script.length, atUs: untilUs }, performance.now() + RUN_MS);
    return { type: "ran", reachedAll: news.at.atUs >= Math.floor(untilUs), ...news };
  }

  #step(): News {
    const { at, world } = this.#live();
    if (this.#isPresent()) return this.#record({ atUs: at.atUs, step: true });
    // In the past, the next thing may be something that was done.
    const next = this.#script[at.entries];
    const dueUs = world.nextUs() ?? this.#known.atUs;
    const isDone = next !== undefined && next.atUs <= dueUs;
    return this.#walk({ entries: at.entries + (isDone ? 1 : 0), atUs: isDone ? Math.max(next.atUs, at.atUs) : dueUs });
  }

  /** Goes to a moment, be it earlier or later, of this script or of another one. */
  #seek(to: Moment, turn: Turn | null): News {
    if (turn) this.#turn(turn);
    const head = this.#live();
    const isOnWay = !turn || isUntil(head.at, turn.parting);
    if (!isOnWay || !isUntil(head.at, to)) {
      this.#head = this.#trail.take(to);
      if (isOnWay) this.#trail.give(head);
      else head.world.free();
    }
    return this.#walk(to);
  }

  #turn({ parting, entries }: Turn): void {
    this.#script = [...this.#script.slice(0, parting.entries), ...entries];
    this.#trail.forgetBeyond(parting);
    this.#known = earlierOf(this.#known, parting);
  }

  /** Goes forward to a moment or until real time is up. What the page knows already it is not told. */
  #walk(to: Moment, untilMs = Infinity): News {
    const head = this.#live();
    const chapters = new Chapters(head);
    const silently = isUntil(this.#known, to) ? this.#known : to;
    if (this.#advance(silently, untilMs)) {
      head.world.forget();
      this.#advance(to, untilMs, chapters);
    } else {
      head.world.forget();
    }
    return this.#tell(chapters);
  }

  /** Whether the moment was reached. */
  #advance(to: Moment, untilMs: number, chapters?: Chapters): boolean {
    const head = this.#live();
    const cut = () => chapters?.cut();
    for (let done = head.advance(this.#script, to, cut); done !== false; done = head.advance(this.#script, to, cut)) {
      if (!chapters) head.world.forget();
      else if (done !== true) chapters.begin(done);
      if (performance.now() >= untilMs) return false;
    }
    return true;
  }

  // What is done

  #input(input: Input): News {
    if (!this.#isPresent()) this.#cutFuture();
    return this.#record({ atUs: this.#live().at.atUs, input });
  }

  #cutFuture(): void {
    const { at } = this.#live();
    this.#script.length = at.entries;
    this.#trail.forgetBeyond(at);
    this.#known = at;
  }

  #record(entry: ScriptEntry): News {
    const head = this.#live();
    const chapters = new Chapters(head);
    // Who was there before tells who came.
    if ("input" in entry && entry.input.kind === "openClient") chapters.cut();
    head.apply(entry);
    this.#script.push(entry);
    chapters.begin(entry);
    return this.#tell(chapters);
  }

  /** Whether nothing lies ahead that was done or seen. */
  #isPresent(): boolean {
    const { entries, atUs } = this.#live().at;
    return entries === this.#script.length && atUs >= this.#known.atUs;
  }

  #tell(chapters: Chapters): News {
    const { at } = this.#live();
    this.#known = laterOf(this.#known, at);
    return { at, ...chapters.finish() };
  }

  #live(): Playhead {
    if (!this.#head) throw new Error("there is no world");
    return this.#head;
  }
}

type Turn = NonNullable<Extract<ToWorker, { type: "seek" }>["turn"]>;

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
