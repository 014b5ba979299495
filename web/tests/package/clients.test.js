// @ts-nocheck The libraries and their types are in tests/clients, which is not installed wherever types are checked.
/** Client libraries, unmodified, on a node of the same program. */

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { clients, engine } from "./paths.ts";

const { Redis } = clients("ioredis");
const { createClient } = clients("redis");

let r;

beforeAll(async () => {
  r = await (await engine()).Redarium.open();
});

beforeEach(() => r.call("FLUSHALL"));

afterAll(() => r.close());

function ioredis(options = {}) {
  return new Redis({ Connector: r.ioredisConnector(), ...options });
}

async function nodeRedis() {
  const client = createClient({ socket: r.nodeRedisSocket() });
  await client.connect();
  return client;
}

test("nothing listens on a socket", async () => {
  const client = ioredis();
  await client.ping();
  const handles = process._getActiveHandles();
  expect(handles.filter(({ constructor }) => constructor.name === "Server")).toEqual([]);
  client.disconnect();
});

test("ioredis: commands, pipelines, transactions, messages, waiting", async () => {
  const [client, other] = [ioredis({ db: 2, connectionName: "me" }), ioredis()];
  expect(await client.set("k", "v")).toBe("OK");
  expect(await client.get("k")).toBe("v");
  expect(await other.get("k")).toBeNull();
  expect(await client.client("GETNAME")).toBe("me");
  const pipeline = client.pipeline();
  for (let i = 0; i < 1000; i += 1) pipeline.set(`p:${i}`, i).incr(`p:${i}`);
  expect((await pipeline.exec())?.at(-1)).toEqual([null, 1000]);
  expect(await client.multi().set("a", 1).incr("a").exec()).toEqual([[null, "OK"], [null, 2]]);
  await expect(client.lpush("k", "x")).rejects.toThrow("WRONGTYPE");
  const heard = new Promise((resolve) => other.on("message", (channel, message) => resolve([channel, message])));
  await other.subscribe("news");
  await client.publish("news", "hello");
  expect(await heard).toEqual(["news", "hello"]);
  const waiter = ioredis({ db: 2 });
  const popped = waiter.blpop("q", 5);
  await client.rpush("q", "x");
  expect(await popped).toEqual(["q", "x"]);
  const big = Buffer.alloc(3_000_000, 7);
  await client.set("big", big);
  expect((await client.getBuffer("big"))?.equals(big)).toBe(true);
  for (const one of [client, other, waiter]) await one.quit();
});

test("ioredis connects again after its connection is killed", async () => {
  const client = ioredis({ retryStrategy: () => 1 });
  await client.ping();
  const again = new Promise((resolve) => client.once("reconnecting", resolve));
  await r.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await again;
  expect(await client.ping()).toBe("PONG");
  client.disconnect();
});

test("node-redis: commands, transactions, messages, waiting", async () => {
  const client = await nodeRedis();
  expect(await client.set("k", "v")).toBe("OK");
  expect(await client.get("k")).toBe("v");
  expect(await client.hSet("h", { a: "1", b: "2" })).toBe(2);
  expect(await client.hGetAll("h")).toEqual({ a: "1", b: "2" });
  expect(await client.multi().incr("n").incr("n").exec()).toEqual([1, 2]);
  const other = client.duplicate();
  await other.connect();
  const heard = new Promise((resolve) => void other.subscribe("news", resolve));
  await expect.poll(() => client.publish("news", "hello")).toBe(1);
  expect(await heard).toBe("hello");
  const waiter = client.duplicate();
  await waiter.connect();
  const popped = waiter.blPop("q", 5);
  await client.rPush("q", "x");
  expect(await popped).toEqual({ key: "q", element: "x" });
  const big = "x".repeat(1_000_000);
  await client.set("big", big);
  expect(await client.get("big")).toBe(big);
  for (const one of [client, other, waiter]) await one.close();
});

test("celery-node, a job queue: work, results, failures", async () => {
  const { createClient: createProducer, createWorker } = clients("celery-node");
  const options = { Connector: r.ioredisConnector() };
  const [producer, worker] = [createProducer, createWorker].map((create) => {
    const side = create("redis://", "redis://", "jobs");
    side.conf.CELERY_BROKER_OPTIONS = options;
    side.conf.CELERY_BACKEND_OPTIONS = options;
    return side;
  });
  worker.register("add", (a, b) => a + b);
  worker.register("fail", () => {
    throw new Error("no such job");
  });
  const started = worker.start();
  const [add, fail] = [producer.createTask("add"), producer.createTask("fail")];
  const jobs = Array.from({ length: 50 }, (_, index) => add.applyAsync([index, 1]));
  expect(await Promise.all(jobs.map((job) => job.get(5000)))).toEqual(jobs.map((_, index) => index + 1));
  await expect(fail.applyAsync([]).get(5000)).rejects.toThrow();
  await producer.disconnect();
  await worker.disconnect();
  await started;
});

test("connect-redis, a session store: kept, touched, listed, destroyed, expired", async () => {
  const { RedisStore } = clients("connect-redis");
  const client = await nodeRedis();
  const store = new RedisStore({ client, prefix: "sess:", ttl: 1 });
  const cookie = { originalMaxAge: null };
  await store.set("a", { user: "ada", cookie });
  await store.set("b", { user: "bob", cookie });
  expect(await store.get("a")).toEqual({ user: "ada", cookie });
  expect(await store.length()).toBe(2);
  expect((await store.ids()).sort()).toEqual(["a", "b"]);
  await store.destroy("b");
  expect(await store.get("b")).toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 600));
  await store.touch("a", { cookie });
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await store.get("a")).toEqual({ user: "ada", cookie });
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await store.get("a")).toBeNull();
  await client.close();
});
