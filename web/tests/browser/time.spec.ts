/** Going back, going on, and going another way. */

import { expect, FIRST, MASTER, test, type Redarium } from "./page.ts";

/** The virtual time, in seconds. */
async function now({ page }: Redarium): Promise<number> {
  return Number.parseFloat((await page.getByRole("timer", { name: "Virtual time" }).locator("b").textContent()) ?? "");
}

function scrubber({ page }: Redarium) {
  return page.getByRole("slider", { name: "Time that has passed" });
}

/** Types some lines with time between them; returns when each was typed. */
async function history(redarium: Redarium, ...lines: string[]): Promise<number[]> {
  const times: number[] = [];
  for (const line of lines) {
    times.push(await now(redarium));
    await redarium.type(MASTER, line);
    await redarium.page.keyboard.press("Escape");
    await redarium.page.waitForTimeout(400);
  }
  await redarium.page.keyboard.press("F8");
  return times;
}

test("sliding back shows the world, the transcript and the log as they were, and playing repeats the rest", async ({ redarium, page }) => {
  await redarium.openInSync();
  const [, second = 0] = await history(redarium, "SET a 1", "SET b 2", "SET c 3");
  await scrubber(redarium).fill(String(Math.floor(second * 1e6) - 100_000));
  await redarium.reads(MASTER, "OK");
  await expect(redarium.transcript(MASTER)).toContainText("SET a 1");
  await expect(redarium.transcript(MASTER)).not.toContainText("SET b 2");
  await expect(redarium.events).not.toContainText("SET b 2");
  await expect(redarium.node(MASTER)).toHaveAccessibleName(/ 1 key /);
  await expect(page.getByText("playing repeats")).toBeVisible();
  await page.keyboard.press("F8");
  await expect(redarium.transcript(MASTER)).toContainText("SET c 3");
  await expect(page.getByText("Now: slide to go back")).toBeVisible();
  await expect(redarium.node(FIRST)).toHaveAccessibleName(/ 3 keys /);
});

test("what is typed in the past starts another future, and the first can be brought back", async ({ redarium }) => {
  await redarium.openInSync();
  const [, second = 0] = await history(redarium, "SET a 1", "SET b 2");
  await scrubber(redarium).fill(String(Math.floor(second * 1e6) - 100_000));
  await expect(redarium.transcript(MASTER)).not.toContainText("SET b 2");
  await redarium.type(MASTER, "SET z 26");
  await redarium.reads(MASTER, "OK");
  await expect(redarium.transcript(MASTER)).not.toContainText("SET b 2");
  await redarium.button("Bring the other future back").click();
  await expect(redarium.transcript(MASTER)).toContainText("SET b 2");
  await expect(redarium.transcript(MASTER)).not.toContainText("SET z 26");
  await redarium.button("Bring the other future back").click();
  await expect(redarium.transcript(MASTER)).toContainText("SET z 26");
  await redarium.type(MASTER, "DBSIZE");
  await redarium.reads(MASTER, "(integer) 2");
});

test("every future that was left is in a list, and any of them can be gone back to", async ({ redarium, page }) => {
  await redarium.openInSync();
  const [first = 0] = await history(redarium, "SET a 1");
  const others = page.getByRole("combobox", { name: "Other futures" });
  await expect(others).toBeHidden();
  for (const [index, line] of ["SET b 2", "SET c 3"].entries()) {
    await scrubber(redarium).fill(String(Math.floor(first * 1e6) - 100_000 * (index + 1)));
    await expect(redarium.transcript(MASTER)).not.toContainText("SET");
    await redarium.type(MASTER, line);
    await redarium.reads(MASTER, "OK");
  }
  await expect(others.locator("option")).toHaveText(["2 other futures", /^SET b 2, until \d/, /^SET a 1, until \d/]);
  await others.selectOption({ index: 2 });
  await expect(redarium.transcript(MASTER)).toContainText("SET a 1");
  await expect(redarium.transcript(MASTER)).not.toContainText("SET c 3");
  await expect(others.locator("option")).toHaveText(["2 other futures", /^SET c 3/, /^SET b 2/]);
});

test("undo takes back a command, and then a cut", async ({ redarium }) => {
  await redarium.openInSync();
  await redarium.button("Cut the link between").first().click();
  await redarium.type(MASTER, "SET a 1");
  await redarium.reads(MASTER, "OK");
  await redarium.button("Undo: type 1 SET a 1").click();
  await expect(redarium.transcript(MASTER)).not.toContainText("SET a 1");
  await expect(redarium.node(MASTER)).toHaveAccessibleName(/ 0 keys /);
  await redarium.button(/^Undo: cut/).click();
  await expect(redarium.button("Heal the link")).toBeHidden();
  await redarium.button("Bring the other future back").click();
  await expect(redarium.button("Heal the link")).toBeVisible();
});

test("a node that was added is gone before it was, and back after", async ({ redarium }) => {
  await redarium.openInSync();
  const before = await now(redarium);
  await redarium.page.waitForTimeout(300);
  await redarium.button("Add a replica").click();
  await expect(redarium.prompt("10.0.0.4:6379")).toBeVisible();
  await scrubber(redarium).fill(String(Math.floor(before * 1e6)));
  await expect(redarium.node("10.0.0.4:6379")).toBeHidden();
  await expect(redarium.prompt("10.0.0.4:6379")).toBeHidden();
  await redarium.button("To the end").click();
  await expect(redarium.prompt("10.0.0.4:6379")).toBeVisible();
});

test("time goes on by a little, by keys too", async ({ redarium, page }) => {
  await redarium.openInSync();
  await page.keyboard.press("F8");
  await page.waitForTimeout(100);
  const before = await now(redarium);
  await page.keyboard.press("F9");
  await expect.poll(() => now(redarium)).toBeCloseTo(before + 0.1, 2);
  await page.keyboard.press("Shift+F9");
  await expect.poll(() => now(redarium)).toBeCloseTo(before + 1.1, 2);
  await scrubber(redarium).press("ArrowLeft");
  await expect.poll(() => now(redarium)).toBeCloseTo(before + 1, 2);
});

test("after a trap the fleet is built again, and nothing typed is lost", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET a 1");
  await redarium.reads(MASTER, "OK");
  await page.locator("rd-app").evaluate((app) => app.dispatchEvent(new CustomEvent("rd-trap")));
  await expect(page.getByRole("alert")).toContainText("The engine stopped, and was started again");
  await page.getByRole("button", { name: "Go on", exact: true }).click();
  await expect(page.getByRole("alert")).toBeHidden();
  await expect(redarium.transcript(MASTER)).toContainText("SET a 1");
  await redarium.type(MASTER, "GET a");
  await redarium.reads(MASTER, '"1"');
});
