/** A node's disk: files written, looked into byte by byte, torn by a crash, dropped and downloaded. */

import { readFile } from "node:fs/promises";
import { expect, MASTER, test, type Redarium } from "./page.ts";

async function openDisk(redarium: Redarium): Promise<void> {
  await redarium.node(MASTER).click();
  await redarium.page.getByRole("tab", { name: "Disk" }).click();
}

test("a snapshot is written and taken apart byte by byte", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET greeting hello", "RPUSH todo wash iron");
  await openDisk(redarium);
  const disk = page.locator("rd-disk");
  await expect(disk).toContainText("The disk is empty");
  await disk.getByRole("button", { name: "SAVE", exact: true }).click();
  await disk.getByRole("button", { name: "dump.rdb", exact: true }).click();
  const records = disk.getByRole("listbox", { name: "Records" });
  await expect(records.getByRole("option").first()).toHaveText(/signature, version/);
  // From the tree to the bytes ...
  await records.getByRole("option", { name: "string greeting" }).click();
  const parts = disk.getByRole("list", { name: "Parts of the record" });
  await parts.getByRole("button", { name: 'key "greeting"' }).click();
  const lit = disk.locator(".bytes i.lit");
  await expect(lit).toHaveCount(16);
  expect((await lit.allTextContents()).slice(-8).join("")).toContain("g");
  // ... and back.
  await disk.locator('.bytes i[title="element \\"iron\\""]').first().click();
  await expect(records.getByRole("option", { selected: true })).toHaveText(/list todo/);
  await expect(parts.getByRole("button", { pressed: true })).toHaveText(/iron/);
  await page.keyboard.press("ArrowRight");
  await expect(parts.getByRole("button", { pressed: true })).toHaveText(/iron/);
});

test("a log is torn by a crash, says so, and is replayed", async ({ redarium, page }) => {
  await redarium.openInSync();
  await openDisk(redarium);
  const disk = page.locator("rd-disk");
  await disk.getByRole("button", { name: "Log writes" }).click();
  await redarium.reads(MASTER, "OK");
  await redarium.type(MASTER, "SET a 1");
  await page.waitForTimeout(2500);
  await redarium.type(MASTER, "SET b 2", "SET c 3");
  await expect(disk.getByText(/incr.aof/)).toBeVisible();
  await disk.getByRole("button", { name: /incr.aof$/ }).first().click();
  await expect(disk.getByRole("option", { name: "SET a 1" })).toBeVisible();
  await redarium.button("Crash, tear its files").click();
  await expect(disk).toContainText("It is down");
  await redarium.button("Restart from these files").click();
  await redarium.type(MASTER, "GET a");
  await redarium.reads(MASTER, '"1"');
});

test("a dump.rdb of one's own is loaded and looked into, a damaged one says where", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET mine yes");
  await openDisk(redarium);
  const disk = page.locator("rd-disk");
  await disk.getByRole("button", { name: "SAVE", exact: true }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), disk.getByRole("button", { name: "Download dump.rdb" }).click()]);
  const saved = await readFile(await download.path());
  expect(saved.subarray(0, 5).toString()).toBe("REDIS");
  await redarium.type(MASTER, "FLUSHALL", "SET other 1");
  await disk.locator('input[type="file"]').setInputFiles({ name: "my.rdb", mimeType: "application/octet-stream", buffer: saved });
  await expect(redarium.events).toContainText("started again");
  await redarium.type(MASTER, "KEYS *");
  await redarium.reads(MASTER, '1) "mine"');
  await expect(disk.getByRole("option", { name: "string mine" })).toBeVisible();
  const damaged = Buffer.from(saved);
  damaged[damaged.length - 1]! ^= 1;
  await disk.locator('input[type="file"]').setInputFiles({ name: "bad.rdb", mimeType: "application/octet-stream", buffer: damaged });
  await expect(disk.getByRole("status")).toContainText(/checksum/i);
  await expect(disk.locator(".record.damaged")).toHaveText(/end and checksum/);
});
