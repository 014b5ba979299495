/**
 * An element with the engine behind it: everything that is loaded only when
 * somebody looks. One entry, so that the loader asks for one file.
 */

import type { WorldOptions } from "../engine/types.ts";
import type { Options } from "./attributes.ts";
import { Console } from "./console.ts";
import { loadEngine, type Engine, type Transcript } from "./engine.ts";
import type { CheckResult, Emit } from "./events.ts";
import { LATENCY_US, readScenario, typedAt, type Scenario } from "./scenario.ts";
import { Stage } from "./stage.ts";
import { forgotten, keep, kept } from "./storage.ts";
import { View, viewSheet } from "./view.ts";

export interface Host {
  root: ShadowRoot;
  place: HTMLElement;
  emit: Emit;
  /** Shows a sentence in the element. */
  say(message: string): void;
}

/** Stages of this page by session; gone with the last element that uses them. */
const sessions = new Map<string, WeakRef<Stage>>();

export class Live {
  readonly #engine: Engine;
  readonly #options: Options;
  readonly #host: Host;
  readonly #text: string;
  readonly #console: Console;
  readonly #view: View;
  readonly #stage: Stage;
  readonly #unwatch: () => void;
  #keeping: number | null = null;

  static async start(text: string, options: Options, host: Host): Promise<Live> {
    const engine = await loadEngine(options.engineUrl);
    const transcript = text === "" ? null : engine.read(text);
    if (text !== "" && !transcript) throw new Error(NO_TRANSCRIPT);
    const live = new Live(engine, text, transcript, options, host);
    await live.#begin(transcript);
    return live;
  }

  private constructor(engine: Engine, text: string, transcript: Transcript | null, options: Options, host: Host) {
    this.#engine = engine;
    this.#options = options;
    this.#host = host;
    this.#text = text;
    this.#stage = stageFor(engine, transcript, options, (error) => this.#fail(error));
    this.#console = new Console(engine, this.#stage, options, host.emit, () => this.#changed());
    host.root.adoptedStyleSheets = [...host.root.adoptedStyleSheets, viewSheet()];
    const act = (job: () => Promise<unknown>) => () => void job().catch((error: unknown) => this.#fail(error));
    this.#view = new View(host.place, { console: this.#console, stage: this.#stage, options }, {
      run: act(() => this.run()),
      type: (line) => act(() => this.#console.type(line))(),
      step: act(() => this.step()),
      reset: act(() => this.reset()),
      togglePlaying: () => (this.#stage.playing ? this.pause() : this.play()),
    });
    this.#unwatch = this.#stage.watch((_, view) => {
      host.emit("redarium-tick", { nowUs: view.nowUs });
      this.#view.update();
    });
  }

  async #begin(transcript: Transcript | null): Promise<void> {
    const saved = this.#options.persist === null ? null : kept(this.#options.persist);
    await this.#console.begin(transcript);
    if (saved !== null) this.#restore(saved);
  }

  /** Somebody looks, or no longer does. */
  setVisible(visible: boolean): void {
    this.#stage.setAudience(this, visible ? { packets: this.#options.panels.includes("fleet") } : null);
  }

  focus(): void {
    this.#view.focus();
  }

  run(commands?: string | readonly string[]): Promise<CheckResult> {
    if (commands === undefined) return this.#console.run();
    const lines = typeof commands === "string" ? commands.split("\n").filter((line) => line.trim() !== "") : commands;
    return lines.reduce<Promise<unknown>>((before, line) => before.then(() => this.#console.type(line)), Promise.resolve()).then(() => this.#console.run());
  }

  async step(): Promise<{ command: string; output: string } | null> {
    const row = await this.#console.step();
    return row && { command: row.command, output: row.output };
  }

  play(): void {
    this.#stage.play(this.#options.speed);
    this.#view.update();
  }

  pause(): void {
    this.#stage.pause();
    this.#view.update();
  }

  /** The same world as it was, or will be, at this virtual time. */
  seek(us: number): void {
    this.#replay(readScenario(this.#stage.script()), us);
  }

  async reset(): Promise<void> {
    if (this.#options.persist !== null) forgotten(this.#options.persist);
    this.#stage.restart();
    await this.#console.begin(this.#text === "" ? null : this.#engine.read(this.#text));
    this.#view.update();
  }

  exportScenario(): string {
    return this.#stage.script();
  }

  importScenario(text: string): void {
    const scenario = readScenario(text);
    this.#replay(scenario, scenario.endUs);
  }

  dispose(): void {
    this.setVisible(false);
    this.#unwatch();
    this.#console.dispose();
  }

  /** Plays a scenario, and shows what its first terminal did: it is this element's from now. */
  #replay(scenario: Scenario, untilUs: number): void {
    const opened = scenario.steps.some(({ line }) => line.startsWith("open "));
    this.#console.forget();
    let typed: { prompt: string; line: string } | null = null;
    let output = "";
    const flush = () => {
      if (typed) this.#console.replayed(typed.prompt, typed.line, output);
      typed = null;
      output = "";
    };
    const unwatch = this.#stage.watch((events) => {
      for (const event of events) if ((event.kind === "reply" || event.kind === "push") && event.client === FIRST) output += event.text;
    });
    this.#stage.replay(scenario, untilUs, (step) => {
      const line = typedAt(FIRST, step);
      if (line === null) return;
      flush();
      typed = { prompt: this.#console.prompt, line };
    });
    unwatch();
    flush();
    this.#console.adopt(opened ? FIRST : this.#stage.open(1));
    this.#view.update();
  }

  #restore(saved: string): void {
    try {
      this.importScenario(saved);
    } catch (error) {
      this.#host.say(`What was kept of the last visit cannot be used: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #changed(): void {
    this.#view?.update();
    if (this.#options.persist === null || this.#keeping !== null) return;
    this.#keeping = window.setTimeout(() => {
      this.#keeping = null;
      const problem = keep(this.#options.persist ?? "", this.exportScenario());
      if (problem) this.#host.say(problem);
    }, KEEP_AFTER_MS);
  }

  #fail(error: unknown): void {
    this.#host.say(`The engine stopped: ${error instanceof Error ? error.message : String(error)}. Reload the page to go on.`);
  }
}

function stageFor(engine: Engine, transcript: Transcript | null, options: Options, failed: (error: unknown) => void): Stage {
  const name = options.session ?? transcript?.session ?? null;
  const known = name === null ? undefined : sessions.get(name)?.deref();
  if (known) return known;
  const shape = options.topology === "chain" ? "chain" : "replicas";
  const world: WorldOptions = { shape, seed: options.seed ?? transcript?.seed ?? 0, replicas: Math.min(options.replicas ?? transcript?.replicas ?? 0, 5), latencyUs: LATENCY_US };
  const stage = new Stage(engine, world, { playing: options.clock === "playing", speed: options.speed, failed });
  if (name !== null) sessions.set(name, new WeakRef(stage));
  return stage;
}

export const NO_TRANSCRIPT = 'This is no transcript: no line begins with a prompt such as "redis> ".';

/** The first terminal of a world: whoever opened it, what it shows is what a scenario is about. */
const FIRST = 1;

/** Often enough that little is lost, seldom enough that typing is not slowed. */
const KEEP_AFTER_MS = 500;
