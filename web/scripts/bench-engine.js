/**
 * Commands a second, one after the other: the engine in this process, and ioredis with the
 * redis-server at `--port`. In turns, so that a machine that slows down slows both; printed are
 * the medians of the rounds, and the median of the rounds' own ratios.
 */
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { port: { type: "string" }, rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "2" }, json: { type: "string" } },
});
/** @type {typeof import("../src/client/index.ts")} */
const { Redarium } = await import(new URL("../package/dist/engine.js", import.meta.url).href);
const { Redis } = createRequire(new URL("../../tests/clients/package.json", import.meta.url))("ioredis");

const KEYS = Array.from({ length: 10_000 }, (_, index) => `key:${String(index).padStart(12, "0")}`);
const VALUE = "x".repeat(32);
const BATCH = 500;

/**
 * How often a second `command` runs, each awaited before the next.
 * @param {(key: string) => Promise<unknown>} command
 */
async function perSecond(command) {
  const forMs = Number(values.seconds) * 1000;
  const startMs = performance.now();
  let count = 0;
  let passedMs = 0;
  while (passedMs < forMs) {
    for (let index = 0; index < BATCH; index += 1) await command(KEYS[(count + index * 7919) % KEYS.length] ?? "");
    count += BATCH;
    passedMs = performance.now() - startMs;
  }
  return (count / passedMs) * 1000;
}

/** @param {number[]} figures */
function median(figures) {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? NaN;
}

const r = await Redarium.open({ seed: 1 });
const client = new Redis({ host: "127.0.0.1", port: Number(values.port) });
const inProcess = new Redis({ Connector: r.ioredisConnector() });

/** @type {Record<string, [name: string, command: (key: string) => Promise<unknown>][]>} */
const cases = {
  SET: [
    ["call", (key) => r.call("SET", key, VALUE)],
    ["ioredis, redis-server", (key) => client.set(key, VALUE)],
    ["ioredis, in process", (key) => inProcess.set(key, VALUE)],
  ],
  GET: [
    ["call", (key) => r.call("GET", key)],
    ["ioredis, redis-server", (key) => client.get(key)],
    ["ioredis, in process", (key) => inProcess.get(key)],
  ],
};

/** @type {{ command: string, way: string, perSecond: number, ratio: number }[]} */
const rows = [];
for (const [command, ways] of Object.entries(cases)) {
  for (const [, run] of ways) for (const key of KEYS) await run(key);
  /** @type {number[][]} */
  const figures = ways.map(() => []);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [index, [, run]] of ways.entries()) figures[index]?.push(await perSecond(run));
  }
  ways.forEach(([way], index) => {
    const own = figures[index] ?? [];
    const ratios = own.map((figure, round) => figure / (figures[1]?.[round] ?? NaN));
    rows.push({ command, way, perSecond: Math.round(median(own)), ratio: median(ratios) });
  });
}
console.log("one command after the other, each awaited; ratios to ioredis with redis-server\n");
for (const { command, way, perSecond: figure, ratio } of rows) {
  console.log(`${command.padEnd(4)} ${way.padEnd(22)} ${figure.toLocaleString("en-US").padStart(9)} a second ${ratio.toFixed(2).padStart(7)} x`);
}
if (values.json) await writeFile(values.json, `${JSON.stringify(rows)}\n`);
client.disconnect();
inProcess.disconnect();
await r.close();
