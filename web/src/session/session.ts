/**
 * All the page knows, and everything a person can do: the clock, the newest view
 * of the world, the terminals, the log and what is selected. Components read it
 * and call its methods; it tells them with a `change` event.
 *
 * Invariant: the world's state is never guessed. What a person does goes to the
 * engine, and shows when a frame says so.
 */

import { EngineClient, type EngineFailure, type WorkerLike } from "../engine/client.ts";
import type { ScriptEntry } from "../engine/protocol.ts";
import type { ClientId, Frame, Input, KeyView, LineHint, LinkId, NodeId, PacketDetail, PacketId, PacketView, View, WorldEvent, WorldOptions } from "../engine/types.ts";
import { newClock, pause, play, settle, tick, withSpeed, type Clock } from "../time/clock.ts";
import { SPEED_DEFAULT } from "../time/speeds.ts";
import { LogBook } from "./log.ts";
import { Terminal } from "./terminal.ts";

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

/** Two replicas show that WAIT counts; 200 ms leaves `WAIT 2 1000` time for the round trip. */
export const WORLD_DEFAULT: WorldOptions = { seed: 7, replicas: 2, latencyUs: 200_000 };

/** As many as the picture has room for. */
export const NODES_MAX = 6;

/** How long a lost packet is shown. */
export const LOST_MS = 900;

export class Session extends EventTarget {
  readonly #spawn: () => WorkerLike;
  #engine!: EngineClient;
  #log = new LogBook();
  #opening: Terminal[] = [];
  #nextTerminal = 0;
  /** Nodes that were given their first terminal; closing it does not bring it back. */
  #greeted = new Set<NodeId>();
  /** Clients that were asked to go and may still be in a view that was under way. */
  #closing = new Set<ClientId>();

  clock: Clock = newClock(SPEED_DEFAULT);
  view: View | null = null;
  terminals: readonly Terminal[] = [];
  selection: Selection | null = null;
  /** The selected packet's bytes; null while they are on their way, "gone" when the world no longer has them. */
  detail: PacketDetail | "gone" | null = null;
  /** The selected node's keys; null while they are on their way. */
  keys: readonly KeyView[] | null = null;
  failure: EngineFailure | null = null;
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

  get log(): LogBook["entries"] {
    return this.#log.entries;
  }

  // Time

  /** Once an animation frame. */
  tick(realMs: number): void {
    this.clock = tick(this.clock, realMs);
    if (this.view && !this.failure && this.clock.virtualUs > this.view.nowUs) this.#engine.run(this.clock.virtualUs, realMs);
    if (this.lost.some((lost) => realMs - lost.realMs > LOST_MS)) {
      this.lost = this.lost.filter((lost) => realMs - lost.realMs <= LOST_MS);
      this.#changed();
    }
  }

  togglePlaying(): void {
    this.clock = this.clock.playing ? pause(this.clock) : play(this.clock);
    this.#changed();
  }

  /** Pauses, and lets the next thing happen. */
  step(): void {
    this.clock = pause(this.clock);
    if (!this.failure) this.#engine.step();
    this.#changed();
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

  /** A new world, as on load. */
  restart(): void {
    this.#engine?.dispose();
    this.clock = newClock(this.clock.speed);
    this.view = null;
    this.#log = new LogBook();
    this.#opening = [];
    this.terminals = [];
    this.#greeted = new Set();
    this.#closing = new Set();
    this.lastCommands = new Map();
    this.select(null);
    this.failure = null;
    this.beyondRepair = false;
    this.#engine = new EngineClient(this.#spawn, WORLD_DEFAULT, {
      onFrame: (frame, about) => this.#take(frame, about),
      onKeys: (node, keys) => this.#takeKeys(node, keys),
      onHint: (client, line, hint) => this.#takeHint(client, line, hint),
      onFailure: (failure) => this.#fail(failure),
    });
    this.#changed();
  }

  /** The same world again, in a new worker, without what it failed on. */
  rebuild(): void {
    for (const terminal of this.terminals) terminal.confirm();
    this.failure = null;
    this.beyondRepair = true;
    this.#engine.rebuild();
    this.#changed();
  }

  // Terminals

  openTerminal(node: NodeId): Terminal | null {
    const address = this.view?.nodes.find(({ id }) => id === node)?.address;
    if (address === undefined) return null;
    const number = 1 + Math.max(0, ...this.terminals.filter((other) => other.node === node).map((other) => other.number));
    const terminal = new Terminal(`t${this.#nextTerminal++}`, node, address, number, (input) => this.#sendFor(terminal, input));
    this.terminals = [...this.terminals, terminal];
    this.#sendFor(terminal, { kind: "openClient", node });
    this.#changed();
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

  clear(terminal: Terminal): void {
    terminal.clear();
    this.#changed();
  }

  // Selection

  select(selection: Selection | null): void {
    this.selection = selection;
    this.detail = null;
    this.keys = null;
    this.#changed();
    if (selection?.kind === "packet") void this.#open(selection.id);
    if (selection?.kind === "node" && !this.failure) this.#engine.keys(selection.id);
  }

  async #open(id: PacketId): Promise<void> {
    const detail = await this.#engine.open(id);
    if (this.selection?.kind !== "packet" || this.selection.id !== id) return;
    this.detail = detail ?? "gone";
    this.#changed();
  }

  #takeKeys(node: NodeId, keys: readonly KeyView[]): void {
    if (this.selection?.kind !== "node" || this.selection.id !== node) return;
    this.keys = keys;
    this.#changed();
  }

  #takeHint(client: ClientId, line: string, hint: LineHint): void {
    this.#terminalOf(client)?.suggest(line, hint);
    this.#changed();
  }

  // Frames

  #take(frame: Frame, about: { entry: ScriptEntry | null; lagging: boolean; replayed: boolean }): void {
    this.view = frame.view;
    this.clock = settle(this.clock, frame.view.nowUs, about.lagging);
    this.beyondRepair = false;
    this.#attachClients(frame.view);
    // A replayed world repeats what terminals and log already show.
    if (!about.replayed) this.#takeEvents(frame);
    if (about.entry && "input" in about.entry) this.#confirm(about.entry.input);
    this.#updateTerminals(frame.view);
    // Keys change when something happens, and a blocked client's are changed by what happens to it.
    if (this.selection?.kind === "node" && frame.events.length > 0) this.#engine.keys(this.selection.id);
    this.#changed();
  }

  #attachClients(view: View): void {
    for (const node of view.nodes) {
      if (this.#greeted.has(node.id)) continue;
      this.#greeted.add(node.id);
      this.openTerminal(node.id);
    }
    const known = new Set(this.terminals.map((terminal) => terminal.client));
    for (const client of view.clients) {
      if (known.has(client.id) || this.#closing.has(client.id)) continue;
      const index = this.#opening.findIndex((terminal) => terminal.node === client.node);
      const [terminal] = index >= 0 ? this.#opening.splice(index, 1) : [];
      // Closed before it opened: its client is nobody's.
      if (terminal && this.terminals.includes(terminal)) terminal.attach(client.id);
    }
  }


  #takeEvents({ view, events }: Frame): void {
    if (events.length === 0) return;
    this.#log.take(events, view.links);
    for (const event of events) this.#takeEvent(event);
  }

  #takeEvent(event: WorldEvent): void {
    switch (event.kind) {
      case "reply":
        return this.#terminalOf(event.client)?.receive("reply", event.text, event.isError, event.elapsedUs);
      case "push":
        return this.#terminalOf(event.client)?.receive("push", event.text, false, 0);
      case "disconnected":
        return this.#terminalOf(event.client)?.disconnect(event.reason);
      case "command":
        if (event.source === "replica") return;
        this.lastCommands = new Map(this.lastCommands).set(event.node, { text: event.text, source: event.source });
        return;
      case "packet":
        if (event.fate === "lost") this.lost = [...this.lost, { packet: event.packet, realMs: performance.now() }];
        return;
      default:
        return;
    }
  }

  #confirm(input: Input): void {
    if (input.kind === "type") this.#terminalOf(input.client)?.confirm();
  }

  #updateTerminals(view: View): void {
    for (const terminal of this.terminals) {
      const client = view.clients.find(({ id }) => id === terminal.client);
      if (client) terminal.update(client, view.nowUs);
    }
  }

  #terminalOf(client: ClientId): Terminal | undefined {
    return this.terminals.find((terminal) => terminal.client === client);
  }

  #sendFor(terminal: Terminal, input: Input): void {
    if (input.kind === "openClient") this.#opening.push(terminal);
    this.do(input);
  }

  #fail(failure: EngineFailure): void {
    this.failure = failure;
    if (failure.input?.kind === "type") {
      this.#terminalOf(failure.input.client)?.note(`The engine stopped while running "${failure.input.line}".`);
    }
    this.#changed();
  }

  #changed(): void {
    this.revision++;
    this.dispatchEvent(new Event("change"));
  }
}
