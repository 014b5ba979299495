/** Loads the wasm engine. A file of its own so that a test build can put another world in its place. */

import init, { World } from "./pkg/engine.js";
import type { MakeWorld } from "./host.ts";

export async function loadEngine(): Promise<MakeWorld> {
  await init({ module_or_path: new URL("./pkg/engine_bg.wasm", import.meta.url) });
  return (options) => new World(options);
}
