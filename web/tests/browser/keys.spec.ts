/** What a node holds: its keys in the inspector, and what they hold in turn. */

import { expect, MASTER, test } from "./page.ts";

test("a node's keys open to their values and follow them", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "RPUSH todo wash iron", "SET greeting hello EX 1000");
  await redarium.node(MASTER).click();
  const keys = page.locator("rd-keys");
  await expect(keys.getByText("list, 2 elements")).toBeVisible();
  await expect(keys.getByText(/^string, 5 B · expires in/)).toBeVisible();
  await keys.getByRole("option", { name: "todo" }).click();
  await expect(keys.getByRole("row")).toHaveText(["0wash", "1iron"]);
  await redarium.type(MASTER, "LPOP todo");
  await expect(keys.getByRole("row")).toHaveText(["0iron"]);
  await redarium.type(MASTER, "DEL todo");
  await expect(keys.getByRole("option")).toHaveText([/greeting/]);
});

test("a hundred thousand keys scroll smoothly and are found by name", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "DEBUG POPULATE 100000");
  await redarium.reads(MASTER, "OK");
  await redarium.node(MASTER).click();
  const keys = page.locator("rd-keys");
  await expect(keys.getByText("100,000 keys")).toBeVisible();
  const list = keys.getByRole("listbox");
  // Rows in sight are all there are, and they come as fast as one scrolls.
  expect(await keys.getByRole("option").count()).toBeLessThan(60);
  const slowestMs = await list.evaluate(async (element) => {
    let slowest = 0;
    for (let step = 1; step <= 60; step++) {
      element.scrollTop = (element.scrollHeight * step) / 60;
      const before = performance.now();
      await new Promise(requestAnimationFrame);
      slowest = Math.max(slowest, performance.now() - before);
    }
    return slowest;
  });
  expect(slowestMs).toBeLessThan(150);
  await expect(keys.getByRole("option").last()).toHaveText(/^\s*key:99999/);
  await list.focus();
  await page.keyboard.press("Home");
  await expect(keys.getByRole("option", { selected: true })).toHaveText(/^\s*key:0/);
  await page.keyboard.press("ArrowDown");
  await expect(keys.locator("rd-value")).toContainText("value:1");
  await keys.getByRole("searchbox").fill("4242");
  await expect(keys.getByText("of 100,000 keys")).toHaveText("20 of 100,000 keys");
  await keys.getByRole("searchbox").fill("key:4242?");
  await expect(keys.getByText("of 100,000 keys")).toHaveText("10 of 100,000 keys");
});

test("a long list is looked at a stretch at a time", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "250 RPUSH long x");
  await redarium.reads(MASTER, "(integer) 250");
  await redarium.node(MASTER).click();
  const keys = page.locator("rd-keys");
  await keys.getByRole("option", { name: "long" }).click();
  await expect(keys.getByText("0 to 99 of 250")).toBeVisible();
  await redarium.button("After").click();
  await redarium.button("After").click();
  await expect(keys.getByText("200 to 249 of 250")).toBeVisible();
  await expect(keys.getByRole("row").first()).toHaveText("200x");
  await expect(redarium.button("After")).toBeDisabled();
});

test("strings show as text, bytes, bits and registers; places on a map", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "SETBIT days 7 1", "SETBIT days 100 1", "PFADD visits a b c", "GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania");
  await redarium.node(MASTER).click();
  const keys = page.locator("rd-keys");
  await keys.getByRole("option", { name: "days" }).click();
  await expect(keys.locator("rd-string-value")).toContainText("000000  01 00");
  await redarium.button("Bits").click();
  await expect(keys.getByRole("img", { name: "2 bits of 104 set: 7, 100." })).toBeVisible();
  await keys.getByRole("option", { name: "visits" }).click();
  await redarium.button("Registers").click();
  await expect(keys.getByText("3 of 16,384 registers have seen an element")).toBeVisible();
  await keys.getByRole("option", { name: "Sicily" }).click();
  await expect(keys.getByRole("img", { name: /^Map: Palermo at 38.1156°N 13.3614°E; Catania at/ })).toBeVisible();
});

test("connections are listed with what they wait for, and can be killed", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "CLIENT SETNAME worker", "BLPOP jobs urgent 0");
  await redarium.node(MASTER).click();
  await page.getByRole("tab", { name: "Clients" }).click();
  const row = page.getByRole("row", { name: /worker/ });
  await expect(row).toContainText("waits in BLPOP jobs urgent");
  await expect(page.getByRole("row", { name: /a replica/ })).toHaveCount(2);
  await row.getByRole("button").click();
  await expect(page.locator("rd-clients dl")).toContainText("lib-name");
  await redarium.button(/^CLIENT KILL ID/).click();
  await expect(page.getByRole("row", { name: /worker/ })).toHaveCount(0);
});

test("settings are filtered, and changed in the open", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.node(MASTER).click();
  await page.getByRole("tab", { name: "Settings" }).click();
  const settings = page.locator("rd-settings");
  await settings.getByRole("searchbox").fill("maxmemory-pol");
  await redarium.button("Change maxmemory-policy, now noeviction").click();
  await settings.getByRole("textbox", { name: "CONFIG SET maxmemory-policy" }).fill("allkeys-lru");
  await page.keyboard.press("Enter");
  await expect(settings.locator("li.changed")).toHaveText(/maxmemory-policy\s+allkeys-lru\s+usually noeviction/);
  await expect(redarium.transcript(MASTER)).toContainText("CONFIG SET maxmemory-policy allkeys-lru");
});

test("a stream shows its nodes, its groups' marks, and what is pending", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "CONFIG SET stream-node-max-entries 2", "XADD log 1 temp 21", "XADD log 2 temp 22", "XADD log 3 temp 19");
  await redarium.type(MASTER, "XGROUP CREATE log readers 0", "XREADGROUP GROUP readers alice COUNT 2 STREAMS log >", "XACK log readers 1");
  await redarium.node(MASTER).click();
  await page.locator("rd-keys").getByRole("option", { name: "log" }).click();
  const stream = page.locator("rd-stream");
  await expect(stream.locator(".node")).toHaveCount(2);
  await expect(stream.locator(".entry", { has: page.getByText("2-0", { exact: true }) }).locator(".mark")).toHaveText("readers");
  await expect(stream.locator(".entry.pending .id")).toHaveText(["2-0"]);
  await expect(stream.getByText("It has read up to 2-0; 1 entry to go. 1 entry is delivered and not acknowledged.")).toBeVisible();
  await expect(stream.getByRole("cell", { name: "alice" })).toHaveCount(2);
});
