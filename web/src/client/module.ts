/** The WebAssembly module, compiled once a program. */

import init, { Engine } from "../engine/pkg/engine.js";

/** Where the engine comes from, if not from the file beside this script. */
export type EngineSource = string | URL | WebAssembly.Module | BufferSource;

export interface Loaded {
  Engine: typeof Engine;
  memory: WebAssembly.Memory;
}

const ENGINE_FILE = new URL("../engine/pkg/engine_bg.wasm", import.meta.url);

let loading: Promise<Loaded> | null = null;

/** Loads the engine; the first source counts. One that failed is tried again by the next who asks. */
export function loadModule(source: EngineSource = ENGINE_FILE): Promise<Loaded> {
  loading ??= start(source).catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function start(source: EngineSource): Promise<Loaded> {
  if (typeof source !== "string" && !(source instanceof URL)) return begin(source);
  const address = new URL(source, globalThis.document?.baseURI ?? import.meta.url);
  const module = await read(address);
  try {
    return await begin(module);
  } catch (error) {
    throw new Error(`The engine ${address.href} does not run here: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function begin(module: WebAssembly.Module | BufferSource | Response): Promise<Loaded> {
  const { memory } = await init({ module_or_path: module });
  return { Engine, memory };
}

async function read(address: URL): Promise<Response | BufferSource> {
  if (address.protocol === "file:") return readLocal(address);
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) throw new Error(`The engine ${address.href} is not there: ${response ? `the server answered ${response.status}` : "it could not be reached"}.`);
  // Servers that do not know the file's type are common, and no reason to fail.
  const known = response.headers.get("content-type")?.startsWith("application/wasm") ?? false;
  return known ? response : response.arrayBuffer();
}

function readLocal(address: URL): Promise<BufferSource> {
  const files = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (!files) throw new Error(`The engine ${address.href} is a file, which cannot be read here.`);
  return files.readFile(address);
}
