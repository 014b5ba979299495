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

test("the line under the prompt tells the syntax and whose turn it is", async ({ redarium }) => {
  await redarium.open();
  const prompt = redarium.prompt(MASTER);
  await prompt.pressSequentially("set user:1 ");
  const hint = redarium.hint(MASTER);
  await expect(hint).toContainText("SET key value [NX|XX");
  await expect(hint.locator(".current")).toHaveText("value");
  await prompt.pressSequentially("v EX ");
  await expect(hint.locator(".current")).toContainText("EX seconds");
  await prompt.press("Control+u");
  await expect(hint).toHaveText("");
});

test("Tab completes names, options and keys", async ({ redarium }) => {
  await redarium.open();
  await redarium.type(MASTER, "SET user:1 a");
  await redarium.reads(MASTER, "OK");
  const prompt = redarium.prompt(MASTER);
  await prompt.pressSequentially("getr");
  await expect(redarium.hint(MASTER)).toHaveText("GETRANGE");
  await prompt.press("Tab");
  await expect(prompt).toHaveValue("GETRANGE ");
  await prompt.pressSequentially("us");
  await expect(redarium.hint(MASTER).locator(".current")).toHaveText("key");
  await prompt.press("Tab");
  await expect(prompt).toHaveValue("GETRANGE user:1 ");
  await prompt.press("Control+u");
  await prompt.press("Tab");
  await expect(prompt).not.toBeFocused();
});

test("Ctrl-R finds what was typed, in an earlier visit too", async ({ redarium, page }) => {
  await redarium.open();
  await redarium.type(MASTER, "SET a 1", "SET b 2", "AUTH secret");
  await redarium.reads(MASTER, /ERR AUTH/);
  await page.reload();
  const prompt = redarium.prompt(MASTER);
  await prompt.press("Control+r");
  await prompt.pressSequentially("SET");
  await expect(prompt).toHaveValue("SET b 2");
  await prompt.press("Control+r");
  await expect(prompt).toHaveValue("SET a 1");
  await prompt.press("Enter");
  await redarium.reads(MASTER, "OK");
  await prompt.press("Control+r");
  await prompt.pressSequentially("secret");
  await expect(redarium.hint(MASTER)).toHaveText("No such line: secret");
});

test("HELP tells a command's syntax", async ({ redarium }) => {
  await redarium.open();
  await redarium.type(MASTER, "help wait");
  await redarium.reads(MASTER, /WAIT numreplicas timeout\s+summary: .*\s+since: 3.0.0\s+group: generic/);
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
