/** The engine for JavaScript, in a browser: on a page, in a worker, and what it keeps. */

import type { Page } from "@playwright/test";
import { document, expect, SITE, test, type Site } from "./site.ts";

const USE = `
  const { Redarium, indexedDBStore, opfsStore } = await import("/redarium/engine.js");
`;

async function run(page: Page, body: string): Promise<unknown> {
  return page.evaluate(`(async () => { ${USE} ${body} })()`);
}

/** Browsers have a private file system on such pages only. */
async function openByHttps(site: Site, page: Page): Promise<void> {
  const address = SITE.replace("http:", "https:");
  site.put(`${address}/`, document("", "index.js"));
  await page.goto(`${address}/`);
}

test.beforeEach(async ({ site, page }) => {
  site.put("/", document("", "index.js"));
  await page.goto(`${SITE}/`);
});

test("commands on a page", async ({ page }) => {
  expect(await run(page, `const r = await Redarium.open(); await r.call("SET", "k", "v"); return [await r.call("GET", "k"), await r.connect().call("BLPOP", "q", 0.01)];`)).toEqual(["v", null]);
});

test("commands in a worker", async ({ site, page }) => {
  site.put("/worker.js", { type: "text/javascript", body: `${USE} const r = await Redarium.open(); await r.call("SET", "k", "w"); postMessage(await r.call("GET", "k"));` });
  expect(await page.evaluate(() => new Promise((resolve) => (new Worker("/worker.js", { type: "module" }).onmessage = ({ data }) => resolve(data))))).toBe("w");
});

test("IndexedDB keeps the data", async ({ page }) => {
  await run(page, `const r = await Redarium.open({ persist: "shop" }); await r.call("HSET", "h", "f", "1"); await r.close();`);
  await page.reload();
  expect(await run(page, `const r = await Redarium.open({ persist: "shop" }); const other = await Redarium.open({ persist: "other" }); return [await r.call("HGET", "h", "f"), await other.call("DBSIZE")];`)).toEqual(["1", 0]);
});

test("OPFS keeps the data", async ({ site, page }) => {
  await openByHttps(site, page);
  await run(page, `const r = await Redarium.open({ persist: opfsStore("shop.rdb") }); await r.call("HSET", "h", "f", "1"); await r.close();`);
  await run(page, `const r = await Redarium.open({ persist: opfsStore("shop.rdb") }); await r.call("HSET", "h", "f", "2"); await r.close();`);
  await page.reload();
  expect(
    await run(page, `const r = await Redarium.open({ persist: opfsStore("shop.rdb") }); const other = await Redarium.open({ persist: opfsStore("other.rdb") }); return [await r.call("HGET", "h", "f"), await other.call("DBSIZE")];`),
  ).toEqual(["2", 0]);
});

test("without OPFS, a message says so", async ({ page }) => {
  const message = await run(page, `return Redarium.open({ persist: opfsStore("shop.rdb") }).then(() => "opened", (error) => error.message);`);
  expect(message).toBe('"shop.rdb" cannot be read from the private file system: there is none here');
});

test("OPFS without room keeps what was there", async ({ site, page }) => {
  await openByHttps(site, page);
  await run(page, `const r = await Redarium.open({ persist: opfsStore("shop.rdb") }); await r.call("SET", "k", "before"); await r.close();`);
  const message = await run(
    page,
    `FileSystemWritableFileStream.prototype.write = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
     const r = await Redarium.open({ persist: opfsStore("shop.rdb"), persistAfterMs: 0 });
     await r.call("SET", "k", "after");
     return r.save().then(() => "kept", (error) => error.message);`,
  );
  expect(message).toBe("This browser has no more room for the data: what was kept before is still there.");
  await page.reload();
  expect(await run(page, `const r = await Redarium.open({ persist: opfsStore("shop.rdb") }); return r.call("GET", "k");`)).toBe("before");
});

test("a store without room says so", async ({ page }) => {
  const message = await run(
    page,
    `IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
     const r = await Redarium.open({ persist: "full", persistAfterMs: 0 });
     await r.call("SET", "k", "v");
     return r.save().then(() => "kept", (error) => error.message);`,
  );
  expect(message).toBe("This browser has no more room for the data: what was kept before is still there.");
});
