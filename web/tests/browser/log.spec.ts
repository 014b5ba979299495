/** The log of the wire: requests and replies byte by byte, searched and exported. */

import { readFile } from "node:fs/promises";
import { expect, MASTER, test } from "./page.ts";

test("requests and replies are logged on demand, searched, and exported with their bytes", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.button("Requests").click();
  await redarium.type(MASTER, "SET secret 42", "GET secret");
  await expect(redarium.events).toContainText("*2\\r\\n$3\\r\\nGET\\r\\n$6\\r\\nsecret\\r\\n");
  await expect(redarium.events).toContainText("$2\\r\\n42\\r\\n");
  await page.getByRole("searchbox", { name: "Filter events by text" }).fill("secret");
  const [download] = await Promise.all([page.waitForEvent("download"), redarium.button("Export the events shown").click()]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").map((line) => JSON.parse(line) as { topic: string; raw?: string; nodes: string[] });
  expect(lines.some(({ topic, raw, nodes }) => topic === "wire" && nodes[0] === MASTER && raw === Buffer.from("*2\r\n$3\r\nGET\r\n$6\r\nsecret\r\n").toString("hex"))).toBe(true);
  // What went to the replicas is there too.
  expect(lines.some(({ topic, raw }) => topic === "packets" && (raw ?? "").includes(Buffer.from("secret").toString("hex")))).toBe(true);
});

test("the log makes the rows in sight, stands still for who reads, and goes on at its end", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "300 INCR counter");
  await redarium.reads(MASTER, "(integer) 300");
  await page.getByRole("searchbox", { name: "Filter events by text" }).fill("counter");
  await expect(redarium.events.locator(".row").last()).toContainText("INCR counter");
  expect(await redarium.events.locator(".row").count()).toBeLessThan(80);
  await redarium.events.evaluate((rows) => (rows.scrollTop = 500));
  const row = redarium.events.locator('.row[style*="translateY(550px)"]');
  await expect(row).toBeInViewport();
  const text = (await row.textContent()) ?? "";
  await redarium.type(MASTER, "INCR counter:2");
  await expect(redarium.button(/newer events? ↓$/)).toBeVisible();
  await expect(row).toBeInViewport();
  expect(await row.textContent()).toBe(text);
  await redarium.button(/newer events? ↓$/).click();
  await expect(redarium.events).toContainText("ran INCR counter:2");
  await expect(redarium.button(/newer events? ↓$/)).toBeHidden();
});

test("a row that the keyboard has come to stays, though more happens", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET first 1");
  await expect(redarium.events).toContainText("applied SET first 1");
  await page.getByRole("searchbox", { name: "Filter events by text" }).fill("SET");
  await expect(redarium.events.locator(".row").first()).toContainText("SET first 1");
  await redarium.events.press("Tab");
  const focused = redarium.events.locator(".row:focus");
  await expect(focused).toContainText("SET first 1");
  // From elsewhere: the keyboard stays where it is.
  await page.locator("rd-app").evaluate((app) => app.dispatchEvent(new CustomEvent("rd-try", { detail: "SET second 2" })));
  await expect(redarium.button(/newer events? ↓$/)).toBeVisible();
  await expect(focused).toContainText("SET first 1");
});
