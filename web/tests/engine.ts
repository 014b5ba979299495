/** The real engine, outside a browser. */

import { readFileSync } from "node:fs";
import { initSync, World as Engine } from "../src/engine/pkg/engine.js";
import type { World, WorldOptions } from "../src/engine/types.ts";

initSync({ module: readFileSync(new URL("../src/engine/pkg/engine_bg.wasm", import.meta.url)) });

export function makeWorld(options: WorldOptions): World {
  return new Engine(options);
}

/** Plays a script's text from its beginning to its end. */
export function play(text: string): World {
  return Engine.play(text);
}
