/** What is in the package, and whether everybody's tools can make sense of it. */

import { execFile, execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ATTRIBUTES } from "../../src/element/attributes.ts";
import { EVENTS } from "../../src/element/events.ts";
import { METHODS, PARTS, TOKENS } from "../../src/element/manifest.ts";
import { PACKAGE } from "./paths.ts";

const run = promisify(execFile);

test("npm packs the built files and nothing else", async () => {
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json"], { cwd: PACKAGE });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string; size: number }[] }];
  const names = files.map(({ path }) => path).filter((path) => !path.startsWith("dist/types/"));
  const stable = names.map((name) => name.replace(/-[\w-]{8}\.js$/, "-HASH.js")).sort();
  expect(stable).toEqual([
    "README.md",
    "dist/chunks/fence-HASH.js",
    "dist/chunks/live-HASH.js",
    "dist/chunks/messages-HASH.js",
    "dist/chunks/module-HASH.js",
    "dist/chunks/playground-HASH.js",
    "dist/chunks/text-HASH.js",
    "dist/custom-elements.json",
    "dist/define.js",
    "dist/engine.js",
    "dist/engine_bg.wasm",
    "dist/iframe-page.js",
    "dist/iframe.js",
    "dist/index.js",
    "dist/markdown-it.js",
    "dist/remark.js",
    "dist/upgrade.js",
    "iframe.html",
    "package.json",
    "redarium.css",
  ]);
  expect(files.every(({ size }) => size > 0)).toBe(true);
});

test("publint finds nothing", async () => {
  const { publint } = await import("publint");
  const { messages } = await publint({ pkgDir: PACKAGE, level: "suggestion", strict: true });
  expect(messages).toEqual([]);
});

test("every way of resolving its types leads to the right ones", async () => {
  const entries = [".", "./define", "./upgrade", "./engine", "./iframe", "./markdown-it", "./remark"];
  const { stdout } = await run("npx", ["--no-install", "attw", "--pack", PACKAGE, "--format", "json", "--entrypoints", ...entries]).catch((error: { stdout: string }) => error);
  const { problems = {} } = JSON.parse(stdout) as { problems?: Record<string, { resolutionKind?: string }[]> };
  // An ES module: CommonJS gets at it by import() alone, and resolvers from before `exports` not at all.
  const old = (kind: string | undefined) => kind === "node10" || kind === "node16-cjs";
  const wrong = Object.values(problems).flat().filter(({ resolutionKind }) => !old(resolutionKind));
  expect(wrong).toEqual([]);
}, 60_000);

test("each entry can be imported under Node, and does nothing there", () => {
  for (const entry of ["index", "engine", "iframe", "upgrade", "define", "markdown-it", "remark"]) {
    const script = `const before = Object.keys(globalThis).join(); const entry = await import(${JSON.stringify(`${PACKAGE}dist/${entry}.js`)});
      if (Object.keys(globalThis).join() !== before) throw new Error("it left something behind");
      console.log(Object.keys(entry).sort().join(" "));`;
    const printed = execFileSync("node", ["--input-type=module", "-e", script], { encoding: "utf8" }).trim();
    expect(printed).toBe({ index: "RedariumPlayground define", engine: "Connection Redarium RedisError fileStore indexedDBStore opfsStore", iframe: "PlaygroundFrame frameAddress", upgrade: "upgrade", define: "", "markdown-it": "default", remark: "default" }[entry]);
  }
});

test("the manifest says what the element has", async () => {
  const { modules } = JSON.parse(await readFile(`${PACKAGE}dist/custom-elements.json`, "utf8")) as { modules: { declarations: Record<string, { name: string }[]>[] }[] };
  const [declaration] = modules[0]?.declarations ?? [];
  const names = (list: string) => declaration?.[list]?.map(({ name }) => name).sort();
  expect(names("attributes")).toEqual(Object.values(ATTRIBUTES).map(({ name }) => name).sort());
  expect(names("events")).toEqual(Object.keys(EVENTS).sort());
  expect(names("cssParts")).toEqual(Object.keys(PARTS).sort());
  expect(names("cssProperties")).toEqual(Object.keys(TOKENS).sort());
  const { RedariumPlayground } = (await import(`${PACKAGE}dist/index.js`)) as { RedariumPlayground: { prototype: object } };
  const own = Object.getOwnPropertyNames(RedariumPlayground.prototype);
  const inherited = ["constructor", "connectedCallback", "disconnectedCallback", "attributeChangedCallback", "focus"];
  expect(own.filter((name) => !inherited.includes(name)).sort()).toEqual(Object.keys(METHODS).sort());
});

test("parts and custom properties are those of the sources", async () => {
  const source = async (name: string) => readFile(new URL(`../../src/element/${name}`, import.meta.url), "utf8");
  const [frame, view] = await Promise.all([source("frame.ts"), source("view.ts")]);
  const inView = [...view.matchAll(/ part="([\w-]+)"/g)].map(([, part]) => part);
  const inFrame = [...frame.matchAll(/element\("\w+", "([\w-]+)"\)/g)].map(([, part]) => part);
  expect([...new Set([...inView, ...inFrame])].sort()).toEqual(Object.keys(PARTS).sort());
  expect([...new Set(frame.match(/--redarium-[\w-]+/g))].sort()).toEqual(Object.keys(TOKENS).sort());
});
