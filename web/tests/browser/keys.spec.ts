/** What a node holds: its keys in the inspector, and what they hold in turn. */

import { expect, MASTER, test } from "./page.ts";

test("a node's keys open to their values and follow them", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "RPUSH todo wash iron", "SET greeting hello EX 1000");
  await redarium.node(MASTER).click();
  const keys = page.locator("rd-keys");
  await expect(keys.getByText("list, 2 elements")).toBeVisible();
  await expect(keys.getByText(/^string, 5 B · expires in/)).toBeVisible();
  await keys.getByText("todo").click();
  await expect(keys.getByRole("row")).toHaveText(["0wash", "1iron"]);
  await redarium.type(MASTER, "LPOP todo");
  await expect(keys.getByRole("row")).toHaveText(["0iron"]);
});

test("a stream shows its nodes, its groups' marks, and what is pending", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "CONFIG SET stream-node-max-entries 2", "XADD log 1 temp 21", "XADD log 2 temp 22", "XADD log 3 temp 19");
  await redarium.type(MASTER, "XGROUP CREATE log readers 0", "XREADGROUP GROUP readers alice COUNT 2 STREAMS log >", "XACK log readers 1");
  await redarium.node(MASTER).click();
  await page.locator("rd-keys").getByText("log", { exact: true }).click();
  const stream = page.locator("rd-stream");
  await expect(stream.locator(".node")).toHaveCount(2);
  await expect(stream.locator(".entry", { has: page.getByText("2-0", { exact: true }) }).locator(".mark")).toHaveText("readers");
  await expect(stream.locator(".entry.pending .id")).toHaveText(["2-0"]);
  await expect(stream.getByText("It has read up to 2-0; 1 entry to go. 1 entry is delivered and not acknowledged.")).toBeVisible();
  await expect(stream.getByRole("cell", { name: "alice" })).toHaveCount(2);
});
