/** Loads the engine for its redis-cli alone: no world is made. */

import init, { Prompt, quoted } from "../engine/pkg/engine.js";
import type { Engine } from "./session.ts";

export async function loadPrompts(): Promise<Engine> {
  await init({ module_or_path: new URL("../engine/pkg/engine_bg.wasm", import.meta.url) });
  return { makePrompt: (address) => new Prompt(address), quoted };
}
