// ioredis, as an application uses it. Usage: node ioredis.js PORT PASSWORD

import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { once, password, port, run } from "./harness.js";

const open = [];

function connect(options = {}) {
  const client = new Redis({ host: "127.0.0.1", port, password, ...options });
  open.push(client);
  client.on("error", () => {});
  return client;
}

const admin = connect();

async function empty() {
  for (const client of open.splice(0)) if (client !== admin) client.disconnect();
  await admin.flushall();
}

const parts = {
  async connectsAndAuthenticates() {
    // The client waits for INFO to say that nothing is being loaded.
    assert.equal(await admin.ping(), "PONG");
    assert.equal(admin.status, "ready");
    const stranger = connect({ password: "wrong", retryStrategy: null, maxRetriesPerRequest: 0 });
    await assert.rejects(stranger.get("k"));
    const named = connect({ connectionName: "worker", db: 3 });
    assert.equal(await named.client("GETNAME"), "worker");
    assert.match(await named.client("INFO"), / db=3 /);
  },

  async pipelines() {
    const pipeline = admin.pipeline();
    for (let i = 0; i < 1000; i += 1) pipeline.set(`p:${i}`, i).incr(`p:${i}`);
    const replies = await pipeline.exec();
    assert.deepEqual(replies.at(-1), [null, 1000]);
    assert.ok(replies.every(([error]) => error === null));
    const [[error]] = await admin.pipeline().lpush("p:0", "x").exec();
    assert.match(error.message, /^WRONGTYPE/);
  },

  async watches() {
    const client = connect();
    await client.watch("balance");
    await admin.set("balance", "99");
    assert.equal(await client.multi().set("balance", "1").exec(), null);
    await client.watch("balance");
    assert.deepEqual(await client.multi().decr("balance").exec(), [[null, 98]]);
  },

  async publishes() {
    const subscriber = connect();
    assert.equal(await subscriber.subscribe("news"), 1);
    assert.equal(await subscriber.psubscribe("n*"), 2);
    const message = once((resolve) => subscriber.on("message", resolve));
    const pmessage = once((resolve) => subscriber.on("pmessage", resolve));
    assert.equal(await admin.publish("news", "hello"), 2);
    assert.deepEqual(await message, ["news", "hello"]);
    assert.deepEqual(await pmessage, ["n*", "news", "hello"]);
    await subscriber.unsubscribe("news");
    await subscriber.punsubscribe("n*");
    assert.equal(await subscriber.get("k"), null);
  },

  async scans() {
    await admin.mset(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`scan:${i}`, i])));
    const found = new Set();
    for await (const keys of admin.scanStream({ match: "scan:*", count: 37 })) {
      for (const key of keys) found.add(key);
    }
    assert.equal(found.size, 500);
  },

  async blocks() {
    const client = connect();
    const popped = client.blpop("queue", 5);
    await admin.rpush("queue", "job");
    assert.deepEqual(await popped, ["queue", "job"]);
    assert.equal(await client.blpop("queue", 0.01), null);
  },

  async monitors() {
    const monitor = await connect().monitor();
    const seen = once((resolve) => monitor.on("monitor", (time, args) => resolve(...args)));
    await admin.set("k", "a b");
    assert.deepEqual(await seen, ["set", "k", "a b"]);
    monitor.disconnect();
  },

  async tracks() {
    // Only in RESP2 is an invalidation a message of a channel.
    const listener = connect({ protocol: 2 });
    const id = await listener.client("ID");
    await listener.subscribe("__redis__:invalidate");
    const reader = connect();
    await reader.client("TRACKING", "ON", "REDIRECT", id);
    await reader.get("cached");
    const invalidated = once((resolve) => listener.on("message", resolve));
    await admin.set("cached", "new");
    assert.deepEqual((await invalidated).flat(), ["__redis__:invalidate", "cached"]);
  },
};

await run(empty, parts);
