// node-redis, as an application uses it. Usage: node node_redis.js PORT PASSWORD

import assert from "node:assert/strict";
import { createClient, WatchError } from "redis";
import { once, password, port, run } from "./harness.js";

const open = [];

async function connect(options = {}) {
  const client = createClient({ socket: { host: "127.0.0.1", port }, password, ...options });
  open.push(client);
  client.on("error", () => {});
  await client.connect();
  return client;
}

const admin = await connect();

async function empty() {
  for (const client of open.splice(0)) if (client !== admin) client.destroy();
  await admin.flushAll();
}

const parts = {
  async connectsAndAuthenticates() {
    assert.equal(await admin.ping(), "PONG");
    const stranger = createClient({
      socket: { host: "127.0.0.1", port, reconnectStrategy: false },
      password: "wrong",
    });
    stranger.on("error", () => {});
    await assert.rejects(stranger.connect(), /WRONGPASS/);
    const named = await connect({ name: "worker", database: 3 });
    assert.equal(await named.clientGetName(), "worker");
    assert.equal((await named.clientInfo()).db, 3);
  },

  async speaksBothProtocols() {
    for (const RESP of [2, 3]) {
      const client = await connect({ RESP });
      await client.hSet("h", { a: "1", b: "2" });
      await client.zAdd("z", [{ value: "low", score: 1.5 }]);
      assert.deepEqual({ ...(await client.hGetAll("h")) }, { a: "1", b: "2" });
      const [low] = await client.zRangeWithScores("z", 0, -1);
      assert.deepEqual({ ...low }, { value: "low", score: 1.5 });
      assert.equal(await client.get("missing"), null);
    }
  },

  async pipelines() {
    const client = await connect();
    const replies = await Promise.all(Array.from({ length: 1000 }, () => client.incr("n")));
    assert.deepEqual(replies, Array.from({ length: 1000 }, (_, i) => i + 1));
    assert.deepEqual(await client.multi().set("a", "1").get("a").execAsPipeline(), ["OK", "1"]);
  },

  async watches() {
    const client = await connect();
    const other = await connect();
    await client.watch("balance");
    await other.set("balance", "99");
    await assert.rejects(client.multi().set("balance", "1").exec(), WatchError);
    await client.watch("balance");
    assert.deepEqual(await client.multi().decr("balance").exec(), [98]);
  },

  async publishes() {
    const subscriber = await connect();
    const heard = [];
    const both = once((resolve) => {
      const hear = (message, channel) => heard.push(`${channel}: ${message}`) === 2 && resolve();
      Promise.all([subscriber.subscribe("news", hear), subscriber.pSubscribe("n*", hear)]).then(() =>
        admin.publish("news", "hello"),
      );
    });
    await both;
    assert.deepEqual(heard, ["news: hello", "news: hello"]);
    await subscriber.unsubscribe("news");
    await subscriber.pUnsubscribe("n*");
    assert.equal(await subscriber.ping(), "PONG");
  },

  async scans() {
    await admin.mSet(Array.from({ length: 500 }, (_, i) => [`scan:${i}`, `${i}`]));
    const found = new Set();
    for await (const keys of admin.scanIterator({ MATCH: "scan:*", COUNT: 37 })) {
      for (const key of [keys].flat()) found.add(key);
    }
    assert.equal(found.size, 500);
  },

  async blocks() {
    const client = await connect();
    const popped = client.blPop("queue", 5);
    await admin.rPush("queue", "job");
    assert.deepEqual({ ...(await popped) }, { key: "queue", element: "job" });
    assert.equal(await client.blPop("queue", 0.01), null);
  },

  async caches() {
    const clientSideCache = { ttl: 0, maxEntries: 100, evictPolicy: "LRU" };
    const client = await connect({ RESP: 3, clientSideCache });
    await admin.set("cached", "old");
    assert.equal(await client.get("cached"), "old");
    assert.equal(await client.get("cached"), "old");
    await admin.set("cached", "new");
    const deadline = Date.now() + 5000;
    while ((await client.get("cached")) !== "new") {
      assert.ok(Date.now() < deadline, "the cache never heard of the change");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
};

await run(empty, parts);
