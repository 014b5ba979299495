/**
 * A world on the page's own thread, its clock, and what was done to it. Elements of
 * one session share a stage.
 *
 * Invariant: time passes only through `#run`, and the world keeps a script of all
 * that is done, so that it can be made again at any of its instants.
 */

import type { ClientId, Frame, Input, LineHint, NodeId, View, WorldEvent, WorldOptions } from "../engine/types.ts";
import type { EmbedWorld, Engine } from "./engine.ts";
import type { Scenario, Step } from "./scenario.ts";

/** Told of each frame. */
export type Watcher = (events: readonly WorldEvent[], view: View) => void;

interface Waiter {
  client: ClientId;
  resolve: () => void;
}

/** Events handled in one go: some milliseconds of work. */
const EVENTS_MAX = 20_000;
/** How long replicas may take to get in step, in virtual time. */
const SYNC_US_MAX = 60_000_000;
/** The longest real time that one tick stands for: a tab that slept loses real time, not virtual events. */
const TICK_MS_MAX = 100;
/** While something is under way between nodes and somebody watches, a millisecond takes a while. */
export const SLOW_MOTION = 0.02;

export class Stage {
  readonly #engine: Engine;
  readonly #watchers = new Set<Watcher>();
  #world: EmbedWorld;
  readonly #options: WorldOptions;
  #waiters: Waiter[] = [];
  #playing: boolean;
  /** Told when the engine has stopped while time was passing. */
  readonly #failed: (error: unknown) => void;
  #speed: number;
  #timer: number | null = null;
  #tickedMs: number | null = null;
  /** Elements in view that want time to pass by itself, and of these who show packets. */
  #audience = new Map<object, { packets: boolean }>();
  /** Where time is to be: the world follows when something is due, or done. */
  #targetUs = 0;
  /** Runs under way, between whose commands no time passes. */
  #holds = 0;
  view!: View;

  constructor(engine: Engine, options: WorldOptions, about: { playing: boolean; speed: number; failed: (error: unknown) => void }) {
    this.#engine = engine;
    this.#options = options;
    this.#playing = about.playing;
    this.#speed = about.speed;
    this.#failed = about.failed;
    this.#world = engine.world(options);
    this.#begin();
  }

  get playing(): boolean {
    return this.#playing;
  }

  get nowUs(): number {
    return this.view.nowUs;
  }

  /** The world at this time, moving between events. */
  get shownUs(): number {
    return Math.max(this.#targetUs, this.view.nowUs);
  }

  /** All that was done so far. */
  script(): string {
    const script = this.#world.script();
    if (script === undefined) throw new Error("More was done here than a scenario holds.");
    return script;
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  do(input: Input): void {
    if (this.#holds === 0) this.#runTo(this.#targetUs);
    this.#world.apply(input);
    this.#take();
    this.#schedule();
  }

  open(node: NodeId): ClientId {
    this.do({ kind: "openClient", node });
    const newest = this.view.clients.at(-1);
    if (!newest) throw new Error("The node takes no more clients.");
    return newest.id;
  }

  isWaiting(client: ClientId): boolean {
    return this.view.clients.some(({ id, waiting }) => id === client && waiting);
  }

  /** Resolves when the terminal waits for nothing; lets time pass until then, unless somebody paused it. */
  answered(client: ClientId): Promise<void> {
    if (!this.isWaiting(client)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ client, resolve });
      this.#schedule();
    });
  }

  /** Lets so much time pass at once. */
  async advance(us: number): Promise<void> {
    const untilUs = Math.floor(this.nowUs + us);
    while (this.nowUs < untilUs) {
      this.#run(untilUs);
      if (this.nowUs < untilUs) await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** From now until `release`, time passes only while a command waits. */
  hold(): void {
    this.#holds += 1;
    this.#targetUs = this.nowUs;
  }

  release(): void {
    this.#holds -= 1;
    this.#tickedMs = null;
    this.#schedule();
  }

  hint(client: ClientId, line: string): LineHint {
    return this.#world.hint(client, line);
  }

  play(speed: number): void {
    this.#playing = true;
    this.#speed = speed;
    this.#schedule();
  }

  pause(): void {
    this.#playing = false;
    this.#tickedMs = null;
  }

  /** Somebody looks, or no longer does. Time passes by itself while anybody looks. */
  setAudience(who: object, looks: { packets: boolean } | null): void {
    if (looks) this.#audience.set(who, looks);
    else this.#audience.delete(who);
    this.#schedule();
  }

  /** The world as it was in the beginning. */
  restart(): void {
    this.#replace(this.#engine.world(this.#options));
    this.#begin();
  }

  /** Another world: what a scenario says, up to `untilUs`. `before` is told of each step that is to be done. */
  replay(scenario: Scenario, untilUs: number, before: (step: Step) => void): void {
    this.#replace(this.#engine.play(scenario.head));
    this.#take();
    for (const step of scenario.steps.filter(({ atUs }) => atUs <= untilUs)) {
      this.#runTo(step.atUs);
      before(step);
      this.#world.applyLine(step.line);
      this.#take();
    }
    this.#runTo(untilUs);
  }

  /** In the beginning, replicas are in step with their masters. */
  #begin(): void {
    this.#take();
    this.#world.runUntilInSync(SYNC_US_MAX);
    this.#take();
  }

  #replace(world: EmbedWorld): void {
    this.#world.free();
    this.#world = world;
    this.#targetUs = 0;
    this.#waiters.splice(0).forEach(({ resolve }) => resolve());
  }

  #runTo(untilUs: number): void {
    // The world counts whole microseconds.
    const wholeUs = Math.floor(untilUs);
    while (this.nowUs < wholeUs) this.#run(wholeUs);
  }

  #run(untilUs: number): void {
    const first = this.#waiters[0];
    if (first) this.#world.runUntilAnswered(first.client, untilUs, EVENTS_MAX);
    else this.#world.runUntil(untilUs, EVENTS_MAX);
    this.#take();
  }

  #take(): void {
    const frame: Frame = this.#world.frame();
    this.view = frame.view;
    this.#targetUs = Math.max(this.#targetUs, frame.view.nowUs);
    for (const watcher of this.#watchers) watcher(frame.events, frame.view);
    const [answered, waiting] = partition(this.#waiters, ({ client }) => !this.isWaiting(client));
    this.#waiters = waiting;
    for (const { resolve } of answered) resolve();
    // Time that was meant for the command that has been answered is not spent on the next.
    if (answered.length > 0) this.#targetUs = frame.view.nowUs;
  }

  #schedule(): void {
    if (this.#timer !== null || !this.#moves()) return;
    const tick = () => {
      this.#timer = null;
      try {
        this.#tick(performance.now());
      } catch (error) {
        this.pause();
        this.#failed(error);
      }
    };
    // Nobody is shown frames of a hidden page, but a run goes on there.
    this.#timer = document.hidden ? window.setTimeout(tick, TICK_MS_MAX) : requestAnimationFrame(tick);
  }

  #moves(): boolean {
    return this.#playing && (this.#waiters.length > 0 || (this.#audience.size > 0 && this.#holds === 0));
  }

  #tick(realMs: number): void {
    if (!this.#moves()) {
      this.#tickedMs = null;
      return;
    }
    const sinceMs = this.#tickedMs === null ? 0 : Math.min(realMs - this.#tickedMs, TICK_MS_MAX);
    this.#tickedMs = realMs;
    this.#targetUs += sinceMs * 1000 * this.#pace();
    const due = this.view.nextUs !== null && this.view.nextUs <= this.#targetUs;
    if (due || this.#waiters.length > 0) this.#run(this.#targetUs);
    else for (const watcher of this.#watchers) watcher([], this.view);
    this.#schedule();
  }

  #pace(): number {
    const watched = [...this.#audience.values()].some(({ packets }) => packets);
    const underWay = watched && this.view.packets.some(({ kind }) => kind !== "ping" && kind !== "ack");
    return underWay ? Math.min(this.#speed, SLOW_MOTION) : this.#speed;
  }
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
