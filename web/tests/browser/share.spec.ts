/** Opening and sharing: scenarios, fleets, links, scripts. */

import { readFile } from "node:fs/promises";
import { expect, FIRST, MASTER, SECOND, test, type Redarium } from "./page.ts";

async function openDialog({ page }: Redarium): Promise<void> {
  await page.getByRole("button", { name: "Open a fleet or a scenario" }).click();
  await expect(page.getByRole("dialog", { name: "Open" })).toBeVisible();
}

test("a scenario is read and followed step by step, back and forth, and kept", async ({ redarium, page }) => {
  await redarium.open();
  await openDialog(redarium);
  await page.getByRole("button", { name: /^Lag, and WAIT/ }).click();
  const guide = page.locator("rd-guide");
  await expect(guide).toContainText("A write answers before any replica has it.");
  await redarium.setSpeed(10);
  await redarium.button("Begin").click();
  await expect(guide).toContainText("1 of 6");
  for (const step of [2, 3, 4]) {
    await guide.getByRole("button", { name: "Next" }).click();
    await expect(guide).toContainText(`${step} of 6`);
  }
  await expect(redarium.transcript(SECOND)).toContainText("(nil)");
  await guide.getByRole("button", { name: "Next" }).click();
  await expect(redarium.transcript(MASTER)).toContainText("(integer) 1");
  await guide.getByRole("button", { name: "Back" }).click();
  await expect(guide).toContainText("4 of 6");
  await expect(redarium.transcript(MASTER)).not.toContainText("(integer) 1");
  await page.getByRole("button", { name: "End the scenario, keep the fleet" }).click();
  await expect(guide).toBeHidden();
  await redarium.type(SECOND, "PING");
  await redarium.reads(SECOND, "PONG");
});

test("fleets of any shape are made", async ({ redarium, page }) => {
  await redarium.open();
  for (const [name, nodes] of [["One node", 1], ["3 replicas", 4], ["Chain of 3", 3], ["3 masters", 3]] as const) {
    await openDialog(redarium);
    await page.getByRole("button", { name, exact: true }).click();
    await expect(page.getByRole("textbox", { name: /^Command for/ })).toHaveCount(nodes);
  }
});

test("a link opens the same world, with all that was said", async ({ redarium, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await redarium.openInSync();
  await redarium.type(MASTER, 'SET greeting "héllo wörld"');
  await redarium.button("Cut the link between").first().click();
  await redarium.type(MASTER, "INCR n");
  await redarium.reads(MASTER, "(integer) 1");
  await page.keyboard.press("F8");
  await redarium.button("Share this world").click();
  await redarium.button("Copy the link").click();
  await expect(page.getByRole("dialog", { name: "Share" })).toContainText("on the clipboard");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.goto("about:blank");
  await page.goto(link);
  await redarium.reads(MASTER, "(integer) 1");
  await expect(redarium.button("Heal the link")).toBeVisible();
  await redarium.type(FIRST, "EXISTS n");
  await redarium.reads(FIRST, "(integer) 0");
  await redarium.type(MASTER, "GET n");
  await redarium.reads(MASTER, '"1"');
});

for (const [name, hash, says] of [
  ["cut short", "#1.dU-9jsIwDN79FH4", "a part of it is missing"],
  ["of another kind", "#chapter-2", "it holds no fleet"],
  ["of a later version", "#7.abc", "a newer version"],
  ["with foreign letters", "#1.a b!", "no link has"],
] as const) {
  test(`a link ${name} says so, and the page works`, async ({ redarium, page }) => {
    await page.goto(`./${hash}`);
    await expect(page.getByRole("alert")).toContainText(says);
    await page.getByRole("button", { name: "Go on", exact: true }).click();
    await redarium.type(MASTER, "PING");
    await redarium.reads(MASTER, "PONG");
  });
}

test("a script is saved and opened again, and commands are given for redis-cli", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET a 1");
  await redarium.reads(MASTER, "OK");
  await page.keyboard.press("F8");
  await redarium.button("Share this world").click();
  const share = page.getByRole("dialog", { name: "Share" });
  await expect(share.getByRole("textbox", { name: "Commands for redis-cli" })).toHaveValue(/^redis-cli -p 6379 <<'END-OF-COMMANDS'\nSET a 1\n/);
  const [saved] = await Promise.all([page.waitForEvent("download"), redarium.button("Save as a file").click()]);
  const text = await readFile(await saved.path(), "utf8");
  expect(text).toContain("type 1 SET a 1");
  await share.getByRole("button", { name: "Close" }).click();
  await openDialog(redarium);
  await page.getByRole("textbox", { name: "Script" }).fill("nonsense");
  await redarium.button("Open this script").click();
  await expect(page.getByRole("dialog")).toContainText("this is no script");
  await page.getByRole("textbox", { name: "Script" }).fill(text);
  await redarium.button("Open this script").click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await redarium.reads(MASTER, "OK");
});
