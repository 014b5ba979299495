/** The engine of a page's elements: one module, loaded once, however many elements there are. */

import { loadModule } from "../client/module.ts";
import { matches, readTranscript, World as WasmWorld } from "../engine/pkg/engine.js";
import type { ClientId, World, WorldOptions } from "../engine/types.ts";

/** A world with what an element needs besides what the page does. */
export interface EmbedWorld extends World {
  /** Runs until a terminal waits for no reply; whether it was answered. */
  runUntilAnswered(client: ClientId, untilUs: number, eventsMax: number): boolean;
  runUntilInSync(untilUs: number): void;
  /** Does what a line of a script says, without its time. Throws when it is none. */
  applyLine(line: string): void;
}

/** A transcript as the engine reads it. */
export interface Transcript {
  seed: number | null;
  replicas: number | null;
  session: string | null;
  steps: readonly TranscriptStep[];
}

export interface TranscriptStep {
  /** Counted from 0. */
  line: number;
  kind: "command" | "client" | "advance";
  /** Of a command: as it is written. */
  prompt: string;
  /** The command, or the client's name. */
  text: string;
  /** Of "advance". */
  us: number;
  /** Lines. */
  expected: string;
}

export interface Engine {
  world(options: WorldOptions): EmbedWorld;
  /** The world that a script makes. Throws when it is none. */
  play(script: string): EmbedWorld;
  /** Null when the text holds no command behind a prompt. */
  read(text: string): Transcript | null;
  matches(expected: string, printed: string): boolean;
}

/** Loads the engine; the first address counts. */
export async function loadEngine(address: string | null): Promise<Engine> {
  await loadModule(address ?? undefined);
  return {
    world: (options) => new WasmWorld(options) as EmbedWorld,
    play: (script) => WasmWorld.play(script) as EmbedWorld,
    read: (text) => readTranscript(text) as Transcript | null,
    matches,
  };
}
