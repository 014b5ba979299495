/** Loads the wasm engine. A file of its own so that a test build can put another world in its place. */

import init, { tryClaim, World } from "./pkg/engine.js";
import type { MakeWorld } from "./host.ts";
import type { Trial } from "./types.ts";

export async function loadEngine(): Promise<MakeWorld> {
  await init({ module_or_path: new URL("./pkg/engine_bg.wasm", import.meta.url) });
  return (options) => new World(options);
}

/** Plays the world of a seed; the engine has to be loaded. */
export function trySeed(claim: string, seed: number, nodes: number, commands: number, plays: number): Trial {
  return tryClaim(claim, seed, nodes, commands, plays);
}
