/** The engine in a program, under Node. */

import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Arg, Redarium as RedariumClass, OpenOptions } from "../../src/client/index.ts";
import { engine, ENGINE } from "./paths.ts";

const { Redarium, RedisError, fileStore } = await engine();
const open: RedariumClass[] = [];

async function start(options: OpenOptions = {}): Promise<RedariumClass> {
  const r = await Redarium.open(options);
  open.push(r);
  return r;
}

afterEach(async () => {
  for (const r of open.splice(0)) await r.close();
});

test("commands and their replies", async () => {
  const r = await start();
  const cases: [[string, ...Arg[]], unknown][] = [
    [["SET", "k", "v"], "OK"],
    [["GET", "k"], "v"],
    [["GET", "none"], null],
    [["SET", "ü", "grüße €"], "OK"],
    [["GET", "ü"], "grüße €"],
    [["STRLEN", "ü"], 11],
    [["INCRBY", "n", 5], 5],
    [["INCRBY", "n", 9007199254740993n], 9007199254740998n],
    [["RPUSH", "l", "a", "b"], 2],
    [["LRANGE", "l", 0, -1], ["a", "b"]],
    [["HSET", "h", "f", 1], 1],
    [["HGETALL", "h"], new Map([["f", "1"]])],
    [["SADD", "s", "x"], 1],
    [["SMEMBERS", "s"], new Set(["x"])],
    [["ZADD", "z", 1.5, "m"], 1],
    [["ZSCORE", "z", "m"], 1.5],
    [["SET", "long", "x".repeat(100_000)], "OK"],
    [["GET", "long"], "x".repeat(100_000)],
    [["SET", "bytes", new Uint8Array([65, 66])], "OK"],
    [["GET", "bytes"], "AB"],
    [["ECHO", ""], ""],
  ];
  for (const [command, expected] of cases) expect(await r.call(...command), command.join(" ").slice(0, 40)).toEqual(expected);
});

test("errors are rejections with a code", async () => {
  const r = await start();
  await r.call("SET", "k", "v");
  await expect(r.call("LPUSH", "k", "x")).rejects.toMatchObject({ name: "RedisError", code: "WRONGTYPE" });
  await expect(r.call("NONSENSE")).rejects.toBeInstanceOf(RedisError);
  expect(() => r.call("SUBSCRIBE", "c")).toThrow("subscribe");
});

test("bytes come as bytes where they are asked for", async () => {
  const r = await start();
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const connection = r.connect({ bytes: true });
  await connection.call("SET", "k", bytes);
  expect(await connection.call("GET", "k")).toEqual(bytes);
});

test("pipelines and transactions", async () => {
  const r = await start();
  const replies = await r.pipeline([["INCR", "n"], ["LPUSH", "n", "x"], ["INCR", "n"]]);
  expect(replies[0]).toBe(1);
  expect(replies[1]).toBeInstanceOf(RedisError);
  expect(replies[2]).toBe(2);
  expect(await r.transaction([["INCR", "n"], ["GET", "n"]])).toEqual([3, "3"]);
  const other = r.connect();
  await other.call("WATCH", "n");
  await r.call("INCR", "n");
  expect(await other.transaction([["INCR", "n"]])).toBeNull();
});

test("messages of channels and patterns", async () => {
  const r = await start();
  const heard: string[] = [];
  const stop = await r.subscribe(["a", "b"], (message, channel) => heard.push(`${channel}: ${message}`));
  const stopPattern = await r.psubscribe("a*", (message, channel) => heard.push(`${channel}* ${message}`));
  expect(await r.call("PUBLISH", "a", "1")).toBe(2);
  await stop();
  expect(await r.call("PUBLISH", "a", "2")).toBe(1);
  await stopPattern();
  expect(await r.call("PUBLISH", "a", "3")).toBe(0);
  expect(heard).toEqual(["a: 1", "a* 1", "a* 2"]);
});

test("a listener runs commands itself, on the very connection it listens with", async () => {
  const r = await start();
  const connection = r.connect();
  const answers: Promise<unknown>[] = [];
  await connection.subscribe("c", (message) => answers.push(connection.call("INCRBY", "sum", message)));
  await r.pipeline([["PUBLISH", "c", 1], ["PUBLISH", "c", 2], ["PUBLISH", "c", 3]]);
  const own = connection.call("ECHO", "own");
  expect(await Promise.all(answers)).toEqual([1, 3, 6]);
  expect(await own).toBe("own");
});

test("who waits holds up nobody else, and time passes", async () => {
  const r = await start();
  const waiting = r.connect().call("BLPOP", "q", 0);
  const after = r.connect();
  expect(await after.call("RPUSH", "q", "x")).toBe(1);
  expect(await waiting).toEqual(["q", "x"]);
  expect(await r.connect().call("BLPOP", "q", 0.02)).toBeNull();
  await r.call("SET", "k", "v", "PX", 20);
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(await r.call("GET", "k")).toBeNull();
});

test("replicas follow, in one program", async () => {
  const r = await start();
  await r.call("SET", "before", "1");
  const { replicas, close } = await r.fleet({ replicas: 2 });
  await r.call("SET", "after", "2");
  expect(await r.call("WAIT", 2, 1000)).toBe(2);
  for (const replica of replicas) expect(await replica.call("MGET", "before", "after")).toEqual(["1", "2"]);
  await expect(replicas[0]?.call("SET", "x", "y")).rejects.toMatchObject({ code: "READONLY" });
  await close();
});

test("snapshots are dump files", async () => {
  const r = await start();
  await r.call("SET", "k", "v");
  await r.call("ZADD", "z", 1, "a", 2, "b");
  const dump = r.snapshot();
  expect(new TextDecoder().decode(dump.subarray(0, 5))).toBe("REDIS");
  const copy = await start({ snapshot: dump });
  expect(await copy.call("ZRANGE", "z", 0, -1)).toEqual(["a", "b"]);
  await copy.call("FLUSHALL");
  copy.restore(dump);
  expect(await copy.call("GET", "k")).toBe("v");
  expect(() => copy.restore(new TextEncoder().encode("no dump file"))).toThrow(/signature|version|format/i);
  expect(await copy.call("GET", "k")).toBe("v");
});

test("one seed gives the same choices", async () => {
  const play = async (seed: number) => {
    const r = await start({ seed });
    await r.call("SADD", "s", ..."abcdefghij");
    return r.call("SRANDMEMBER", "s", 5);
  };
  expect(await play(7)).toEqual(await play(7));
});

test("a file keeps the data, and is left alone when it cannot be written", async () => {
  const folder = await mkdtemp(join(tmpdir(), "redarium-"));
  const path = join(folder, "data.rdb");
  const first = await Redarium.open({ persist: path, persistAfterMs: 10 });
  await first.call("SET", "k", "1");
  await expect.poll(() => readFile(path).catch(() => null)).not.toBeNull();
  await first.call("SET", "k", "2");
  await first.close();
  const second = await start({ persist: path });
  expect(await second.call("GET", "k")).toBe("2");
  const missing = fileStore(join(folder, "missing", "data.rdb"));
  await expect(missing.save(new Uint8Array(1))).rejects.toThrow("cannot be written");
  await writeFile(join(folder, "bad.rdb"), "this is no dump file");
  await expect(Redarium.open({ persist: join(folder, "bad.rdb") })).rejects.toThrow();
  await second.close();
  await rm(folder, { recursive: true });
});

test("what cannot be kept is said", async () => {
  const problems: string[] = [];
  const store = { load: async () => null, save: async () => Promise.reject(new Error("no room")) };
  const r = await Redarium.open({ persist: store, persistAfterMs: 5, onPersistError: (error) => problems.push(error.message) });
  await r.call("SET", "k", "v");
  await expect.poll(() => problems).toEqual(["no room"]);
  await expect(r.close()).rejects.toThrow("no room");
  expect(() => r.call("PING")).toThrow("closed");
});

test("settings are CONFIG SET's, and a wrong one is refused", async () => {
  const r = await start({ config: { "maxmemory-policy": "allkeys-lru" } });
  expect(await r.call("CONFIG", "GET", "maxmemory-policy")).toEqual(new Map([["maxmemory-policy", "allkeys-lru"]]));
  await expect(Redarium.open({ config: { nonsense: 1 } })).rejects.toBeInstanceOf(RedisError);
});

test("it runs in a worker thread, and keeps no program alive", () => {
  const script = `
    const { Redarium } = await import(${JSON.stringify(ENGINE)});
    const r = await Redarium.open();
    await r.call("SET", "k", "v", "EX", 1000);
    console.log(await r.call("GET", "k"));`;
  const worker = `const { Worker } = await import("node:worker_threads");
    new Worker(new URL("data:text/javascript," + encodeURIComponent(${JSON.stringify(script)})));`;
  for (const program of [script, worker]) {
    const printed = execFileSync("node", ["--input-type=module", "-e", program], { encoding: "utf8", timeout: 20_000 });
    expect(printed.trim()).toBe("v");
  }
});

test("an engine that is not there is said to be missing", () => {
  const script = `const { Redarium } = await import(${JSON.stringify(ENGINE)});
    await Redarium.open({ engine: "file:///missing.wasm" }).catch((error) => console.log(error.message));
    console.log(await (await Redarium.open()).call("PING"));`;
  const printed = execFileSync("node", ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(printed).toMatch(/missing\.wasm[^]*PONG/);
});
