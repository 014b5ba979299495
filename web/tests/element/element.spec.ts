/** `<redarium-playground>` on a page. */

import AxeBuilder from "@axe-core/playwright";
import { document, expect, input, SITE, test, type } from "./site.ts";

const SIMPLE = `redis> SET k v
OK
redis> GET k
"v"
redis> INCR n
(integer) 1`;

test("shows the text at once, and runs it under a strict policy", async ({ site }) => {
  const element = await site.open(`<redarium-playground>\n${SIMPLE}\n</redarium-playground>`);
  await expect(element).toContainText("redis> SET k v");
  await element.getByRole("button", { name: "Run" }).click();
  await expect(element.getByRole("status").filter({ hasText: "all 3 as written" })).toBeVisible();
  await type(element, "GET n");
  await expect(element.getByRole("log").locator(".row").last()).toContainText('"1"');
});

test("without JavaScript it is text", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.setContent(document(`<redarium-playground><pre>${SIMPLE}</pre></redarium-playground>`));
  await expect(page.locator("redarium-playground")).toContainText("redis> GET k");
  await context.close();
});

test("a command that is typed finds the transcript done", async ({ site }) => {
  const element = await site.open(`<redarium-playground load="eager">${SIMPLE}</redarium-playground>`);
  await type(element, "GET k");
  await expect(element.getByRole("log").locator(".row").last()).toContainText('redis> GET k\n"v"');
});

test("says where the text is wrong", async ({ site, page }) => {
  const element = await site.open(`<redarium-playground load="eager">> SET k v\nOK\n> GET k\n"w"</redarium-playground>`);
  const result = await element.evaluate(async (node) => {
    const heard = new Promise((resolve) => node.addEventListener("redarium-check", (event) => resolve((event as CustomEvent).detail)));
    await (node as unknown as { run(): Promise<unknown> }).run();
    return heard;
  });
  expect(result).toEqual({ passed: false, commands: 2, differences: [{ line: 3, command: "GET k", expected: '"w"', actual: '"v"' }] });
  await expect(element.getByText("1 of 2 differ")).toBeVisible();
  await expect(page.getByText("The text says")).toBeVisible();
});

test("replicas, time and other clients, as the text has them", async ({ site }) => {
  const element = await site.open(`<redarium-playground replicas="2" autorun load="eager" panels="terminal fleet">
    redis> SET k v EX 10
    OK
    redis> WAIT 2 100
    (integer) 2
    # advance 4s
    redis> TTL k
    (integer) 6
    redis> SUBSCRIBE news
    1) "subscribe"
    2) "news"
    3) (integer) 1
    # client other
    redis> PUBLISH news hi
    (integer) 1
    # client 1
    1) "message"
    2) "news"
    3) "hi"
  </redarium-playground>`);
  await expect(element.getByText("all 6 as written")).toBeVisible();
  await expect(element.getByRole("img", { name: /10\.0\.0\.2: replica, in sync, 1 key/ })).toBeVisible();
});

test("nothing is loaded before it is wanted", async ({ site, page }) => {
  const element = await site.open(`<div class="tall"></div><redarium-playground load="interaction">${SIMPLE}</redarium-playground>`);
  await page.waitForTimeout(300);
  expect(site.fetched.filter((name) => name.includes("live") || name.endsWith(".wasm"))).toEqual([]);
  await element.hover();
  await expect(input(element)).toBeVisible();
  expect(site.fetched.filter((name) => name.endsWith(".wasm"))).toHaveLength(1);
});

test("out of view it waits; in view it loads, and takes no focus", async ({ site, page }) => {
  site.put("/tall.css", { body: ".tall { height: 3000px }", type: "text/css" });
  const element = await site.open(`<link rel="stylesheet" href="/tall.css"><div class="tall"></div><redarium-playground>${SIMPLE}</redarium-playground>`);
  await page.waitForTimeout(300);
  expect(site.fetched.some((name) => name.endsWith(".wasm"))).toBe(false);
  await element.scrollIntoViewIfNeeded();
  await expect(input(element)).toBeVisible();
  expect(await page.evaluate(() => window.document.activeElement?.tagName)).toBe("BODY");
});

test("ten elements load one engine, and each has data of its own", async ({ site, page }) => {
  await site.open(`<redarium-playground load="eager">> SET k v\nOK</redarium-playground>`.repeat(10));
  const elements = page.locator("redarium-playground");
  for (let index = 0; index < 10; index += 1) await type(elements.nth(index), `APPEND own ${index}`, "GET own");
  for (let index = 0; index < 10; index += 1) await expect(elements.nth(index).getByRole("log").locator(".row").last()).toContainText(`"${index}"`);
  expect(site.fetched.filter((name) => name.endsWith(".wasm"))).toHaveLength(1);
});

test("elements of one session share one fleet", async ({ site, page }) => {
  await site.open(`<redarium-playground session="a" load="eager">> SET k v\nOK</redarium-playground><redarium-playground session="a" load="eager">> GET k\n"v"</redarium-playground>`);
  const [first, second] = [page.locator("redarium-playground").nth(0), page.locator("redarium-playground").nth(1)];
  await first.getByRole("button", { name: "Run" }).click();
  await expect(first.getByText("as written")).toBeVisible();
  await second.getByRole("button", { name: "Run" }).click();
  await expect(second.getByText("as written")).toBeVisible();
  await type(second, "SUBSCRIBE c");
  await type(first, "PUBLISH c hello");
  await expect(second.getByRole("log").locator(".row").last()).toContainText('"hello"');
});

test("moved in the document it keeps what was done", async ({ site, page }) => {
  const element = await site.open(`<redarium-playground load="eager">${SIMPLE}</redarium-playground><div id="elsewhere"></div>`);
  await type(element, "SET mine 1");
  await expect(element.getByRole("log")).toContainText("SET mine 1");
  await page.evaluate(() => window.document.querySelector("#elsewhere")?.append(window.document.querySelector("redarium-playground") as Node));
  await type(element, "GET mine");
  await expect(element.getByRole("log").locator(".row").last()).toContainText('"1"');
});

test("goes on when the network is gone", async ({ site, page }) => {
  const element = await site.open(`<redarium-playground load="eager">${SIMPLE}</redarium-playground>`);
  await expect(input(element)).toBeVisible();
  await page.context().unrouteAll();
  await page.context().setOffline(true);
  await type(element, "LPUSH l a b", "LRANGE l 0 -1");
  await expect(element.getByRole("log").locator(".row").last()).toContainText('1) "b"\n2) "a"');
});

test("runs in a sandboxed frame without storage", async ({ site, page }) => {
  site.put("/inner", document(`<redarium-playground load="eager" persist="here">${SIMPLE}</redarium-playground>`));
  site.put("/", document(`<iframe sandbox="allow-scripts" src="/inner" width="800" height="400"></iframe>`));
  await page.goto(`${SITE}/`);
  const element = page.frameLocator("iframe").locator("redarium-playground");
  await type(element, "GET k");
  await expect(element.getByRole("log").locator(".row").last()).toContainText('"v"');
  await expect(element.getByRole("alert")).toHaveCount(0);
});

test("what goes wrong is said in place", async ({ site, page }) => {
  site.tolerated.push(/404|Failed to load resource/);
  const bad: [string, string | RegExp][] = [
    [`<redarium-playground replicas="many">${SIMPLE}</redarium-playground>`, 'The attribute replicas cannot be "many"'],
    [`<redarium-playground load="eager">SET k v</redarium-playground>`, "This is no transcript"],
    [`<redarium-playground load="eager" src="/missing.txt"></redarium-playground>`, "The transcript /missing.txt is not there: the server answered 404"],
    [`<redarium-playground load="eager" engine-url="/missing.wasm">${SIMPLE}</redarium-playground>`, /The engine http.*missing\.wasm is not there: the server answered 404/],
    [`<redarium-playground load="eager" engine-url="/text.wasm">${SIMPLE}</redarium-playground>`, /The engine http.*text\.wasm does not run here/],
  ];
  site.put("/text.wasm", { body: "this is text", type: "application/wasm" });
  for (const [body, message] of bad) {
    const element = await site.open(`${body}<p>around</p>`);
    await expect(element.getByRole("alert")).toContainText(message);
    await expect(page.getByText("around")).toBeVisible();
  }
});

test("a transcript from an address, commands unseen, RESP3, read only", async ({ site }) => {
  site.put("/t.txt", { body: '> HGETALL h\n1# "f" => "v"\n', type: "text/plain" });
  const element = await site.open(`<redarium-playground src="/t.txt" commands="HSET h f v; SET x y" resp="3" readonly autorun load="eager"></redarium-playground>`);
  await expect(element.getByText("as written", { exact: false })).toBeVisible();
  await expect(input(element)).toHaveCount(0);
  await expect(element).not.toContainText("HSET");
});

test("waiting commands end with time, or with Ctrl-C", async ({ site }) => {
  const element = await site.open(`<redarium-playground load="eager" speed="100">> PING\nPONG</redarium-playground>`);
  await type(element, "BLPOP q 5");
  await expect(element.getByRole("log").locator(".row").last()).toContainText("(nil)\n(5.0");
  await type(element, "BLPOP q 0");
  await expect(element.getByText("BLPOP is waiting")).toBeVisible();
  await input(element).press("Control+c");
  await type(element, "PING");
  await expect(element.getByRole("log").locator(".row").last()).toContainText("PONG");
});

test("scenarios, time travel and forks", async ({ site }) => {
  const element = await site.open(`<redarium-playground load="eager" seed="5">> SET k 1\nOK</redarium-playground>`);
  const texts = await element.evaluate(async (node) => {
    const playground = node as unknown as import("../../src/element/playground.ts").RedariumPlayground;
    await playground.run("SADD s a b c d e f\nSPOP s");
    const text = await playground.exportScenario();
    const fork = await playground.fork();
    window.document.body.append(fork);
    await fork.run("SMEMBERS s");
    const forked = fork.shadowRoot?.querySelector("[role=log]")?.textContent ?? "";
    await playground.run("SMEMBERS s");
    const own = playground.shadowRoot?.querySelector("[role=log]")?.textContent ?? "";
    await playground.reset();
    await playground.importScenario(text);
    await playground.run("SCARD s");
    return { text, forked, own, again: playground.shadowRoot?.querySelector("[role=log]")?.textContent ?? "" };
  });
  expect(texts.text).toMatch(/^redarium-script 1\nseed 5\n/);
  const last = (text: string) => text.slice(text.lastIndexOf("SMEMBERS"));
  expect(last(texts.forked)).toBe(last(texts.own));
  expect(texts.again).toContain("SCARD s\n(integer) 5");
});

test("what was done is there on the next visit", async ({ site, page }) => {
  const element = await site.open(`<redarium-playground load="eager" persist="demo">> PING\nPONG</redarium-playground>`);
  await type(element, "SET mine 1");
  await expect.poll(() => page.evaluate(() => localStorage.getItem("redarium.playground.demo"))).toContain("SET mine 1");
  await page.reload();
  await type(element, "GET mine");
  await expect(element.getByRole("log").locator(".row").last()).toContainText('"1"');
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing, ${colorScheme}`, async ({ site, page }) => {
    await page.emulateMedia({ colorScheme });
    const element = await site.open(`<redarium-playground load="eager" replicas="1" theme="${colorScheme}" panels="terminal fleet">> SET k v\nOK\n> GET k\n"w"\n> FOO</redarium-playground>`);
    await element.getByRole("button", { name: "Run" }).click();
    await type(element, "LPUSH");
    await input(element).fill("SET k ");
    const { violations } = await new AxeBuilder({ page }).include("redarium-playground").analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
  });
}
