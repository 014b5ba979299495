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
