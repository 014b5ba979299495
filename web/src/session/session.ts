/**
 * All the page knows, and everything a person can do: the clock, the newest view
 * of the world, the terminals, the log and what is selected. Components read it
 * and call its methods; it tells them with a `change` event.
 *
 * Invariant: the world's state is never guessed. What a person does goes to the
 * engine, and shows when a frame says so.
 */

import { EngineClient, type About, type EngineFailure, type Future, type WorkerLike } from "../engine/client.ts";
import { isUntil, momentAt, partingOf, type Moment, type Script } from "../engine/moment.ts";
import type { Story } from "../engine/script-text.ts";
import type { Chapter, News } from "../engine/protocol.ts";
import type { ClientId, Input, LineHint, LinkId, Looks, NodeId, PacketDetail, PacketId, PacketView, View, WorldEvent, WorldOptions } from "../engine/types.ts";
import { leap, newClock, pause, play, settle, tick, withSpeed, type Clock } from "../time/clock.ts";
import { SPEED_DEFAULT } from "../time/speeds.ts";
import { LogBook, type LogEntry } from "./log.ts";
import { Terminal } from "./terminal.ts";
import { Ticks, type Tick } from "./ticks.ts";

export type Selection = { kind: "packet"; id: PacketId } | { kind: "node"; id: NodeId } | { kind: "link"; id: LinkId };

/** The last command a node ran, as its card shows it. */
export interface LastCommand {
  text: string;
  source: "client" | "master";
}

/** A packet that was lost: shown for a moment where it stopped. */
export interface Lost {
  packet: PacketView;
  realMs: number;
}

/** Asks something of a node: the page's panels are handed this, and nothing else of the engine. */
export type Look = <Name extends keyof Looks>(name: Name, asks: Looks[Name]["asks"]) => Promise<Looks[Name]["answer"] | null>;

/** Two replicas show that WAIT counts; 200 ms leaves `WAIT 2 1000` time for the round trip. */
export const WORLD_DEFAULT: WorldOptions = { seed: 7, replicas: 2, latencyUs: 200_000 };

/** As many as the picture has room for. */
export const NODES_MAX = 6;

/** Futures that were left and can be gone back to. */
const FUTURES_MAX = 8;

/** Closed terminals that going back may bring to light again. */
const CLOSED_KEPT = 32;

/** How long a lost packet is shown. */
export const LOST_MS = 900;

export class Session extends EventTarget {
  readonly #spawn: () => WorkerLike;
  #engine!: EngineClient;
  #log = new LogBook();
  #pastLog: readonly LogEntry[] | null = null;
  #ticks = new Ticks();
  #tickList: { script: Script; length: number; ticks: readonly Tick[] } | null = null;
  /** All terminals, those that are closed at the moment that is shown too. */
  #terminals: readonly Terminal[] = [];
  #opening: Terminal[] = [];
  #nextTerminal = 0;
  /** Nodes that were given their first terminal; closing it does not bring it back. */
  #greeted = new Set<NodeId>();
  /** Clients that were asked to go and may still be in a view that was under way. */
  #closing = new Set<ClientId>();

  /** Where the story that was opened ends. */
  #storyEndUs = 0;
  /** Where playing pauses by itself. */
  #stopUs: number | null = null;
  /** While time stands: how far it was asked to go. */
  #untilUs: number | null = null;

  clock: Clock = newClock(SPEED_DEFAULT);
  view: View | null = null;
  terminals: readonly Terminal[] = [];
  selection: Selection | null = null;
  /** The selected packet's bytes; null while they are on their way, "gone" when the world no longer has them. */
  detail: PacketDetail | "gone" | null = null;
  /** Counts what may have changed a node: what was looked up before may be another now. */
  changes = 0;
  /** Futures that were left, the newest first. */
  futures: readonly Future[] = [];
  failure: EngineFailure | null = null;
  /** Why the world was built again, until somebody has read it. */
  rebuilt: EngineFailure | null = null;
  /** True when the last rebuild failed too: only a new world helps. */
  beyondRepair = false;
  lastCommands: ReadonlyMap<NodeId, LastCommand> = new Map();
  lost: readonly Lost[] = [];
  /** Counts changes: what is not a new value when it changes (a terminal) is looked at again. */
  revision = 0;

  constructor(spawn: () => WorkerLike) {
    super();
    this.#spawn = spawn;
    this.restart();
  }

  get log(): readonly LogEntry[] {
    return this.#pastLog ?? this.#log.entries;
  }

  get script(): Script {
    return this.#engine.script;
  }

  get options(): WorldOptions {
    return this.#engine.options;
  }

  /** How far the world has come, or how far its script leads. */
  get endUs(): number {
    return Math.max(this.#engine.known.atUs, this.#engine.script.at(-1)?.atUs ?? 0, this.#storyEndUs);
  }

  /** Where going back ends: when everybody had a terminal. */
  get floorUs(): number {
    const { script } = this.#engine;
    const first = script.findIndex((entry) => !("input" in entry) || entry.input.kind !== "openClient");
    return script[(first < 0 ? script.length : first) - 1]?.atUs ?? 0;
  }

  /** Whether what comes next was not seen yet: a story that was opened goes on by itself. */
  get isUnseen(): boolean {
    return isUntil(this.#engine.known, this.#engine.at);
  }

  /** The world as a text can hold it: until now, with what lies ahead. */
  get story(): Story {
    const { options, script, known } = this.#engine;
    return { options, script, end: { entries: script.length, atUs: Math.max(known.atUs, script.at(-1)?.atUs ?? 0) } };
  }

  /** Whether time was turned back: something was done or seen after this moment. */
  get inPast(): boolean {
    const { at, known, script } = this.#engine;
    return at.entries < script.length || at.atUs < known.atUs;
  }

  get ticks(): readonly Tick[] {
    const { script } = this.#engine;
    if (this.#tickList?.script !== script || this.#tickList.length !== script.length) {
      this.#tickList = { script, length: script.length, ticks: this.#ticks.all(script) };
    }
    return this.#tickList.ticks;
  }

  /** What undo would take back; null when there is nothing. */
  get undoable(): Input | null {
    const entry = this.#engine.script[this.#lastDone()];
    return entry && "input" in entry ? entry.input : null;
  }

  // Time

  /** Once an animation frame. */
  tick(realMs: number): void {
    this.clock = tick(this.clock, realMs);
    if (this.#stopUs !== null && this.clock.virtualUs >= this.#stopUs) {
      this.clock = pause(this.clock);
      this.#untilUs = this.#stopUs;
      this.#stopUs = null;
    }
    const wantedUs = this.#untilUs ?? this.clock.virtualUs;
    if (this.view && !this.failure && wantedUs > this.view.nowUs) this.#engine.run(wantedUs, realMs);
    if (this.lost.some((lost) => realMs - lost.realMs > LOST_MS)) {
      this.lost = this.lost.filter((lost) => realMs - lost.realMs <= LOST_MS);
      this.#changed();
    }
  }

  togglePlaying(): void {
    this.#untilUs = null;
    this.#stopUs = null;
    this.clock = this.clock.playing ? pause(this.clock) : play(this.clock);
    this.#changed();
  }

  /** Pauses, and lets the next thing happen. */
  step(): void {
    this.#untilUs = null;
    this.clock = pause(this.clock);
    if (!this.failure) this.#engine.step();
    this.#changed();
  }

  /** Opens a story at its end, time standing; or at its beginning. */
  open(story: Story, from: "end" | "beginning"): void {
    this.restart(story.options, story, from === "end" ? story.end : { entries: 0, atUs: 0 });
    this.clock = pause(this.clock);
    this.#changed();
  }

  /** Lets time pass as fast as was chosen, until a moment. */
  playUntil(atUs: number): void {
    this.#untilUs = null;
    this.#stopUs = atUs;
    this.clock = play(this.clock);
    this.#changed();
  }

  /** Pauses, and lets so much time pass. */
  advance(us: number): void {
    this.clock = pause(this.clock);
    this.#untilUs = (this.view?.nowUs ?? 0) + us;
    this.#changed();
  }

  /** Goes to a time, and stays there. */
  seek(atUs: number): void {
    this.clock = pause(this.clock);
    const { known, script } = this.#engine;
    const to = atUs >= this.endUs ? { entries: script.length, atUs: Math.max(known.atUs, this.endUs) } : momentAt(script, Math.max(Math.round(atUs), this.floorUs));
    this.#leave();
    if (!this.failure) this.#engine.seek(to);
    this.#changed();
  }

  /** Time is about to leap: nothing of this moment goes along. */
  #leave(): void {
    this.#untilUs = null;
    this.#stopUs = null;
    for (const terminal of this.#terminals) terminal.hush();
  }

  /** Takes the last thing that was done back, and goes on from before it. */
  undo(): void {
    const index = this.#lastDone();
    const entry = this.#engine.script[index];
    if (entry) this.turnTo({ script: this.#engine.script.slice(0, index), end: { entries: index, atUs: entry.atUs } });
  }

  /** Goes to the end of another future; this one can be gone back to. */
  turnTo(future: Future): void {
    if (this.failure) return;
    this.futures = this.futures.filter((other) => other !== future);
    this.#leave();
    this.#engine.turnTo(future);
    this.#changed();
  }

  #lastDone(): number {
    const { at, script } = this.#engine;
    return script.slice(0, at.entries).findLastIndex((entry) => "input" in entry && entry.input.kind !== "openClient" && entry.input.kind !== "closeClient");
  }

  setSpeed(speed: number): void {
    this.clock = withSpeed(this.clock, speed);
    this.#changed();
  }

  // The world

  do(input: Input): void {
    if (input.kind === "closeClient") this.#closing.add(input.client);
    if (!this.failure) this.#engine.input(input);
  }

  /** A new world, as on load; or one with a past. */
  restart(options: WorldOptions = WORLD_DEFAULT, story?: Story, at?: Moment): void {
    this.#engine?.dispose();
    this.clock = newClock(this.clock.speed);
    this.view = null;
    const { overhears } = this.#log;
    this.#log = Object.assign(new LogBook(), { overhears });
    this.#pastLog = null;
    this.#ticks = new Ticks();
    this.#opening = [];
    this.#terminals = [];
    this.terminals = [];
    this.futures = [];
    this.#greeted = new Set();
    this.#closing = new Set();
    this.lastCommands = new Map();
    this.selection = null;
    this.failure = null;
    this.rebuilt = null;
    this.beyondRepair = false;
    this.#untilUs = null;
    this.#stopUs = null;
    const listener = {
      onNews: (news: News, about: About) => this.#take(news, about),
      onFork: (parting: Moment, lost: Future) => this.#forgetBeyond(parting, lost),
      onHint: (client: ClientId, line: string, hint: LineHint) => this.#takeHint(client, line, hint),
      onFailure: (failure: EngineFailure) => this.#fail(failure),
    };
    this.#engine = new EngineClient(this.#spawn, options, listener, story, at);
    this.#storyEndUs = story?.end.atUs ?? 0;
    this.select(null);
  }

  /** Somebody has read that the world was built again. */
  dismiss(): void {
    this.rebuilt = null;
    this.#changed();
  }

  /** For tests: the engine fails as a bug in it would make it. */
  trap(): void {
    if (!this.failure) this.#engine.trap();
  }

  // Terminals

  openTerminal(node: NodeId): Terminal | null {
    const address = this.view?.nodes.find(({ id }) => id === node)?.address;
    if (address === undefined) return null;
    const number = 1 + Math.max(0, ...this.terminals.filter((other) => other.node === node).map((other) => other.number));
    const terminal = this.#newTerminal(node, address, number);
    this.#sendFor(terminal, { kind: "openClient", node });
    this.#changed();
    return terminal;
  }

  #newTerminal(node: NodeId, address: string, number: number): Terminal {
    const terminal: Terminal = new Terminal(`t${this.#nextTerminal++}`, node, address, number, (input) => this.#sendFor(terminal, input));
    this.#terminals = [...this.#terminals, terminal];
    this.terminals = [...this.terminals, terminal];
    return terminal;
  }

  closeTerminal(terminal: Terminal): void {
    this.terminals = this.terminals.filter((other) => other !== terminal);
    if (terminal.client !== null) this.do({ kind: "closeClient", client: terminal.client });
    this.#changed();
  }

  submit(terminal: Terminal, line: string): void {
    terminal.submit(line);
    this.#changed();
  }

  /** A line is being edited: asks what the prompt may say of it. */
  edit(terminal: Terminal, line: string): void {
    terminal.edit(line);
    if (terminal.client !== null && !this.failure) this.#engine.hint(terminal.client, line);
    this.#changed();
  }

  interrupt(terminal: Terminal, typed: string): void {
    terminal.interrupt(typed);
    this.#changed();
  }

  /** Shows the bytes of a terminal's requests and replies, or no longer. */
  showBytes(terminal: Terminal, shows: boolean): void {
    terminal.showsBytes = shows;
    this.#changed();
  }

  clear(terminal: Terminal): void {
    terminal.clear();
    this.#changed();
  }

  // Selection

  select(selection: Selection | null): void {
    this.selection = selection;
    this.detail = null;
    this.#changed();
    if (selection?.kind === "packet") void this.#open(selection.id);
  }

  /** A closer look at a node; null when there is no world to look at. */
  readonly look: Look = async (name, asks) => (this.failure ? null : this.#engine.look(name, asks));

  /** The log takes requests and replies too, or no longer. */
  overhear(on: boolean): void {
    this.#log.overhears = on;
  }

  /** Entries of the log as a file. */
  async exportLog(entries: LogBook["entries"]): Promise<string> {
    const { logText } = await import("./export.ts");
    const name = (id: NodeId) => this.view?.nodes.find((node) => node.id === id)?.address ?? String(id);
    return logText(entries, name, (packet) => this.#engine.open(packet));
  }

  async #open(id: PacketId): Promise<void> {
    const detail = await this.#engine.open(id);
    if (this.selection?.kind !== "packet" || this.selection.id !== id) return;
    this.detail = detail ?? "gone";
    this.#changed();
  }

  #takeHint(client: ClientId, line: string, hint: LineHint): void {
    this.#terminalOf(client)?.suggest(line, hint);
    this.#changed();
  }

  // News

  #take({ view, at, chapters }: News, { own, lagging, leapt }: About): void {
    this.view = view;
    this.clock = leapt ? leap(this.clock, at.atUs) : settle(this.clock, at.atUs, lagging);
    this.beyondRepair = false;
    if (this.#untilUs !== null && at.atUs >= this.#untilUs) this.#untilUs = null;
    if (leapt) this.#closing.clear();
    for (const chapter of chapters) this.#takeChapter(chapter, own);
    for (const terminal of this.#terminals) terminal.reach(at);
    this.#showPast(at, leapt);
    this.#updateTerminals(view, leapt);
    if (!this.inPast) this.#greet(view);
    if (leapt || chapters.length > 0) this.changes++;
    if (leapt && this.selection?.kind === "packet") void this.#open(this.selection.id);
    this.#changed();
  }

  #takeChapter(chapter: Chapter, own: boolean): void {
    const { entry, entries, events } = chapter;
    if (entry) {
      for (const terminal of this.#terminals) terminal.reach({ entries, atUs: entry.atUs });
      if ("input" in entry) this.#takeInput(entry.input, chapter, own);
    }
    if (events.length === 0) return;
    this.#log.take(events, this.view?.links ?? [], entries, (client) => this.#terminalOf(client)?.node ?? null);
    this.#ticks.take(events, entries);
    if (events.some(({ kind }) => kind === "role")) this.#tickList = null;
    for (const event of events) {
      if ("client" in event) this.#terminalOf(event.client)?.reach({ entries, atUs: event.atUs });
      this.#takeEvent(event);
    }
    const ran = lastCommands(events);
    if (ran.size > 0) this.lastCommands = new Map([...this.lastCommands, ...ran]);
  }

  #takeInput(input: Input, chapter: Chapter, own: boolean): void {
    if (input.kind === "type") {
      const terminal = this.#terminalOf(input.client);
      return own ? terminal?.confirm() : terminal?.replay(input.line);
    }
    if (input.kind === "openClient") this.#attach(input.node, chapter, own ? (this.#opening.shift() ?? null) : null);
  }

  /** A client was opened: for the terminal that asked, or, when a script did, for one that has none, as after Ctrl-C. */
  #attach(node: NodeId, { entry, opened, entries }: Chapter, asked: Terminal | null): void {
    if (opened === null || !entry) return;
    const address = this.view?.nodes.find(({ id }) => id === node)?.address ?? "";
    const own = this.#terminals.filter((terminal) => terminal.node === node);
    const terminal = asked ?? own.find(({ client }) => client === null) ?? this.#newTerminal(node, address, 1 + Math.max(0, ...own.map(({ number }) => number)));
    this.#greeted.add(node);
    terminal.attach(opened, { entries, atUs: entry.atUs });
    // Closed before it opened: its client is nobody's.
    if (!this.terminals.includes(terminal)) this.do({ kind: "closeClient", client: opened });
  }

  /** Nodes without a terminal get one. */
  #greet(view: View): void {
    for (const node of view.nodes) {
      if (this.#greeted.has(node.id)) continue;
      this.#greeted.add(node.id);
      this.openTerminal(node.id);
    }
  }

  /** What comes after a moment never was; it is kept to go back to. */
  #forgetBeyond(parting: Moment, lost: Future): void {
    this.#log.forgetBeyond(parting);
    this.#ticks.forgetBeyond(parting);
    this.#tickList = null;
    this.#terminals = this.#terminals.filter((terminal) => terminal.forgetBeyond(parting) || this.#opening.includes(terminal));
    this.#keepFuture(lost);
  }

  /** A future in which nothing was done after a moment of one that is kept already, or of the present one, is none. */
  #keepFuture(lost: Future): void {
    const isPartOf = (script: Script) => partingOf(lost.script, script).entries === lost.script.length;
    const isKept = this.futures.some(({ script, end }) => isPartOf(script) && script.length === lost.script.length && end.atUs >= lost.end.atUs);
    if (isKept || isPartOf(this.#engine.script)) return;
    this.futures = [lost, ...this.futures].slice(0, FUTURES_MAX);
  }

  #showPast(at: Moment, leapt: boolean): void {
    // What was not seen yet need not be hidden.
    const past = this.inPast && !this.isUnseen ? at : null;
    this.#pastLog = past ? this.#log.until(past) : null;
    for (const terminal of this.#terminals) terminal.show(past);
    if (leapt) this.lost = [];
    if (!leapt && !past) return;
    this.lastCommands = new Map(
      this.log.flatMap(({ topic, nodes, text, verb }) => (topic === "commands" && nodes[0] !== undefined ? [[nodes[0], { text, source: verb === "ran" ? ("client" as const) : ("master" as const) }]] : [])),
    );
    const nodes = new Set(this.view?.nodes.map(({ id }) => id));
    if (!past) this.#greeted = new Set([...this.#greeted].filter((node) => nodes.has(node)));
  }

  #takeEvent(event: WorldEvent): void {
    switch (event.kind) {
      case "reply":
        return this.#terminalOf(event.client)?.receive("reply", event.text, event.isError, event.elapsedUs);
      case "push":
        return this.#terminalOf(event.client)?.receive("push", event.text, false, 0);
      case "disconnected":
        return this.#terminalOf(event.client)?.disconnect(event.reason);
      case "wire":
        return this.#terminalOf(event.client)?.overhear(event);
      case "packet":
        if (event.fate === "lost") this.lost = [...this.lost, { packet: event.packet, realMs: performance.now() }];
        return;
      default:
        return;
    }
  }

  #updateTerminals(view: View, leapt: boolean): void {
    const waits = (terminal: Terminal) => this.#opening.includes(terminal) && this.terminals.includes(terminal);
    const shown: Terminal[] = [];
    for (const terminal of this.#terminals) {
      const client = view.clients.find(({ id }) => terminal.owns(id) && !this.#closing.has(id));
      if (leapt && !waits(terminal)) terminal.leap(client?.id ?? null);
      if (client) terminal.update(client, view.nowUs);
      if (client || waits(terminal)) shown.push(terminal);
    }
    if (shown.length !== this.terminals.length || shown.some((terminal, index) => terminal !== this.terminals[index])) this.terminals = shown;
    if (this.#terminals.length > shown.length + CLOSED_KEPT) {
      const closed = this.#terminals.find((terminal) => !shown.includes(terminal));
      this.#terminals = this.#terminals.filter((terminal) => terminal !== closed);
    }
  }

  /** The node a client is connected to, or was. */
  nodeOf(client: ClientId): NodeId | null {
    return this.#terminalOf(client)?.node ?? null;
  }

  #terminalOf(client: ClientId): Terminal | undefined {
    return this.#terminals.find((terminal) => terminal.owns(client));
  }

  #sendFor(terminal: Terminal, input: Input): void {
    if (input.kind === "openClient") this.#opening.push(terminal);
    this.do(input);
  }

  /** What was done is known, so the world is built again at once; unless it fails even so. */
  #fail(failure: EngineFailure): void {
    const { input } = failure;
    if (input?.kind === "type") this.#terminalOf(input.client)?.giveBack(input.line);
    if (input?.kind === "openClient") this.#opening.shift();
    if (this.beyondRepair) this.failure = failure;
    else {
      this.rebuilt = failure;
      this.#rebuild();
    }
    this.#changed();
  }

  /** Time stands afterwards: it may have been time that it failed on. */
  #rebuild(): void {
    this.clock = pause(this.clock);
    this.#untilUs = null;
    this.selection = null;
    this.beyondRepair = true;
    this.#engine.rebuild();
  }

  #changed(): void {
    this.revision++;
    this.dispatchEvent(new Event("change"));
  }
}

function lastCommands(events: readonly WorldEvent[]): Map<NodeId, LastCommand> {
  const last = new Map<NodeId, LastCommand>();
  for (const event of events) {
    if (event.kind === "command" && event.source !== "replica") last.set(event.node, { text: event.text, source: event.source });
  }
  return last;
}
