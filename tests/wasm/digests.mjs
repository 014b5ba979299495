/** `node digests.mjs PACKAGE SCRIPT...`: plays each script in wasm and prints its digest. */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...scripts] = process.argv.slice(2).map((path) => resolve(path));
const { initSync, World } = await import(pathToFileURL(join(folder, "engine.js")).href);
initSync({ module: readFileSync(join(folder, "engine_bg.wasm")) });
for (const script of scripts) {
  const world = World.play(readFileSync(script, "utf8"));
  console.log(world.digest());
  world.free();
}
