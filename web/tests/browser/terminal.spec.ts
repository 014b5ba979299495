/** The prompt's own habits: history, control keys, paste. */

import { expect, MASTER, test } from "./page.ts";

test("arrow keys walk the history", async ({ redarium }) => {
  await redarium.open();
  await redarium.type(MASTER, "SET a 1", "GET a");
  const prompt = redarium.prompt(MASTER);
  await prompt.fill("half");
  await prompt.press("ArrowUp");
  await prompt.press("ArrowUp");
  await expect(prompt).toHaveValue("SET a 1");
  await prompt.press("ArrowDown");
  await prompt.press("ArrowDown");
  await expect(prompt).toHaveValue("half");
});

test("Ctrl-L clears, Ctrl-C drops the line", async ({ redarium }) => {
  await redarium.open();
  await redarium.type(MASTER, "PING");
  await redarium.reads(MASTER, "PONG");
  const prompt = redarium.prompt(MASTER);
  await prompt.press("Control+l");
  await expect(redarium.transcript(MASTER).locator(".line")).toHaveCount(0);
  await prompt.fill("SET half");
  await prompt.press("Control+c");
  await expect(prompt).toHaveValue("");
  await redarium.reads(MASTER, `${MASTER}> SET half^C`);
});

test("pasted lines run one by one, the last waits for Enter", async ({ redarium }) => {
  await redarium.open();
  const prompt = redarium.prompt(MASTER);
  await prompt.focus();
  await prompt.evaluate((input) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", "redis> SET a 1\nredis> GET a\nDBSIZE");
    input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  });
  await redarium.reads(MASTER, '"1"');
  await expect(prompt).toHaveValue("DBSIZE");
  await prompt.press("Enter");
  await redarium.reads(MASTER, "(integer) 1");
});

test("everything is reached by keyboard", async ({ redarium, page }) => {
  await redarium.open();
  await page.keyboard.press("Alt+2");
  await expect(redarium.prompt("10.0.0.2:6379")).toBeFocused();
  await redarium.node(MASTER).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: MASTER, level: 3 })).toBeVisible();
  await page.keyboard.press("Escape");
  await redarium.button(/^Cut the link/).first().focus();
  await page.keyboard.press(" ");
  await expect(redarium.button(/^Heal the link/)).toBeVisible();
});
