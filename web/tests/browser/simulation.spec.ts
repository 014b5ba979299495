/** The engine in a browser plays simulated worlds as the native one does, to the last byte, and finds seeds that break a claim. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import type { Page } from "@playwright/test";
import type { Trial } from "../../src/engine/types.ts";
import { expect, test } from "./page.ts";

const PKG = resolve(import.meta.dirname, "../../src/engine/pkg");
const BINARY = process.env["REDARIUM_BIN"] ?? resolve(import.meta.dirname, "../../../target/release/redarium");
const TYPES: Record<string, string> = { ".js": "text/javascript", ".wasm": "application/wasm" };

interface Engine {
  default(options: { module_or_path: string }): Promise<unknown>;
  tryClaim(claim: string, seed: number, nodes: number, commands: number, plays: number): Trial;
}

/** Serves the engine as it was built, under a name of its own: the page's is bundled. */
async function serveEngine(page: Page): Promise<void> {
  await page.route("**/engine-under-test/**", (route) => {
    const name = new URL(route.request().url()).pathname.split("/engine-under-test/")[1] ?? "";
    return route.fulfill({ contentType: TYPES[extname(name)] ?? "text/plain", body: readFileSync(join(PKG, name)) });
  });
  await page.goto("./");
}

test("twenty seeds have the digests they have natively", async ({ page }) => {
  test.slow();
  const native = execFileSync(BINARY, ["simulate", "--seeds", "20", "--nodes", "4", "--commands", "300", "--digests"], { encoding: "utf8" });
  await serveEngine(page);
  const found = await page.evaluate(async () => {
    const base = new URL("engine-under-test/", location.href).href;
    const engine = (await import(`${base}engine.js`)) as Engine;
    await engine.default({ module_or_path: `${base}engine_bg.wasm` });
    const digest = (seed: number) => engine.tryClaim("same-offset-same-data", seed, 4, 300, 0).digest;
    return Array.from({ length: 20 }, (_, seed) => `${seed} ${digest(seed)}\n`).join("");
  });
  expect(found).toBe(native);
});

test("a seed is found that loses an acknowledged write, and its script is short", async ({ page }) => {
  await serveEngine(page);
  const failure = await page.evaluate(async () => {
    const base = new URL("engine-under-test/", location.href).href;
    const engine = (await import(`${base}engine.js`)) as Engine;
    await engine.default({ module_or_path: `${base}engine_bg.wasm` });
    for (let seed = 0; seed < 100; seed++) {
      const { failure } = engine.tryClaim("acknowledged-is-kept", seed, 3, 400, 60);
      if (failure) return failure;
    }
    return null;
  });
  expect(failure?.text).toMatch(/was acknowledged and is lost/);
  expect(failure?.script).toMatch(/^redarium-script 1\n/);
});
