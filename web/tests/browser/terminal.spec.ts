/** The prompt's own habits: history, control keys, paste. */

import { expect, FIRST, MASTER, test } from "./page.ts";

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

test("MONITOR, PSYNC and SUBSCRIBE show what comes until Ctrl-C", async ({ redarium, page }) => {
  await redarium.openInSync();
  const prompt = redarium.prompt(FIRST);
  await redarium.type(FIRST, "MONITOR");
  await expect(page.getByText("MONITOR shows what comes")).toBeVisible();
  await redarium.type(MASTER, "SET k v");
  await redarium.reads(FIRST, /"SET" "k" "v"$/);
  await prompt.press("Control+c");
  await redarium.reads(FIRST, "^C");
  await redarium.type(FIRST, "SUBSCRIBE news");
  await expect(prompt).toHaveAttribute("placeholder", /^Reading messages/);
  await redarium.type(MASTER, "PUBLISH news hello");
  await redarium.reads(FIRST, /"message"\s+2\) "news"\s+3\) "hello"$/);
  await redarium.button("Ctrl-C").click();
  await redarium.type(FIRST, "GET k");
  await redarium.reads(FIRST, '"v"');
  await redarium.type(MASTER, "PSYNC ? -1");
  await redarium.reads(MASTER, "SYNC done. Logging commands from master.");
  await expect(redarium.transcript(MASTER)).toContainText(/SYNC with master, discarding .*bytes of bulk transfer/);
});

test("RESP3 is a switch, and bytes are shown where one wants them", async ({ redarium }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "HSET h f v");
  await redarium.button("RESP2: switch client 1 to RESP3").first().click();
  await expect(redarium.button("RESP3: switch client 1 to RESP2")).toBeVisible();
  await redarium.type(MASTER, "HGETALL h");
  await redarium.reads(MASTER, '1# "f" => "v"');
  await redarium.button("Bytes of client 1").first().click();
  await redarium.type(MASTER, "HGETALL h");
  const transcript = redarium.transcript(MASTER);
  await expect(transcript.locator(".sent")).toHaveText("*2\\r\\n $7\\r\\n HGETALL\\r\\n $1\\r\\n h\\r\\n");
  await expect(transcript.locator(".got")).toHaveText("%1\\r\\n $1\\r\\n f\\r\\n $1\\r\\n v\\r\\n");
  await redarium.reads(MASTER, '1# "f" => "v"');
});

test("slow calls say how long they took, repeated ones run one after the other", async ({ redarium }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "3 INCR n");
  await redarium.reads(MASTER, "(integer) 3");
  await redarium.type(MASTER, "DEBUG SLEEP 1.2");
  await redarium.reads(MASTER, "OK\n(1.20s)");
  await redarium.type(MASTER, "MULTI", "INCR n");
  await redarium.reads(MASTER, "QUEUED");
  await expect(redarium.transcript(MASTER)).toContainText(`${MASTER}(TX)> INCR n`);
  await redarium.type(MASTER, "EXEC", "SELECT 3", "GET n");
  await redarium.reads(MASTER, "(nil)");
  await expect(redarium.transcript(MASTER)).toContainText("10.0.0.1:6379[3]> GET n");
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

test("clients of one node stand side by side, each with its own prompt, and Alt and a digit goes from one to the next", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.button(`New client of ${MASTER}`).click();
  const second = `${MASTER}, client 2`;
  await expect(redarium.prompt(second)).toBeFocused();
  await redarium.type(MASTER, "BLPOP jobs 0");
  await redarium.type(second, "RPUSH jobs sweep");
  await redarium.reads(second, "(integer) 1");
  await expect(redarium.transcript(MASTER)).toContainText('2) "sweep"');
  const [left, right] = await Promise.all([redarium.prompt(MASTER).boundingBox(), redarium.prompt(second).boundingBox()]);
  expect((left?.x ?? 0) + (left?.width ?? 0)).toBeLessThan(right?.x ?? 0);
  await page.keyboard.press("Alt+1");
  await expect(redarium.prompt(MASTER)).toBeFocused();
  await page.keyboard.press("Alt+1");
  await expect(redarium.prompt(second)).toBeFocused();
  await page.getByRole("region", { name: `Client 2 of ${MASTER}` }).getByRole("button", { name: "Close client 2" }).click();
  await expect(redarium.prompt(second)).toBeHidden();
  await expect(redarium.prompt(MASTER)).toBeVisible();
  // There is no room for both on a phone.
  await redarium.button(`New client of ${MASTER}`).click();
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(redarium.prompt(second)).toBeVisible();
  await expect(redarium.prompt(MASTER)).toBeHidden();
  await page.getByRole("tab", { name: "Client 1" }).click();
  await expect(redarium.prompt(MASTER)).toBeVisible();
});
