/** The engine of a page's elements: one module, loaded once, however many elements there are. */

import init, { matches, readTranscript, World as WasmWorld } from "../engine/pkg/engine.js";
import type { ClientId, World, WorldOptions } from "../engine/types.ts";

/** A world with what an element needs besides what the page does. */
export interface EmbedWorld extends World {
  /** Runs until a terminal waits for no reply; whether it was answered. */
  runUntilAnswered(client: ClientId, untilUs: number, eventsMax: number): boolean;
  runUntilInSync(untilUs: number): void;
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
  /** Null when the text holds no command behind a prompt. */
  read(text: string): Transcript | null;
  matches(expected: string, printed: string): boolean;
}

const ENGINE_FILE = new URL("../engine/pkg/engine_bg.wasm", import.meta.url);

let loading: Promise<Engine> | null = null;

/** Loads the engine; the first address counts. One that failed is tried again by the next who asks. */
export function loadEngine(address: string | null): Promise<Engine> {
  loading ??= start(address === null ? ENGINE_FILE : new URL(address, document.baseURI)).catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function start(address: URL): Promise<Engine> {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) {
    const why = response ? `the server answered ${response.status}` : "it could not be reached";
    throw new Error(`The engine ${address.href} is not there: ${why}.`);
  }
  try {
    await init({ module_or_path: await compile(response) });
  } catch (error) {
    throw new Error(`The engine ${address.href} does not run here: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    world: (options) => new WasmWorld(options) as EmbedWorld,
    read: (text) => readTranscript(text) as Transcript | null,
    matches,
  };
}

/** Servers that do not know the file's type are common, and no reason to fail. */
async function compile(response: Response): Promise<WebAssembly.Module> {
  const known = response.headers.get("content-type")?.startsWith("application/wasm") ?? false;
  return known ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
