/** What goes wrong in a fleet, and what an operator does about it. */

import { expect, FIRST, MASTER, SECOND, test, type Redarium } from "./page.ts";

/** Opens a node and does one of the things its menu has. */
async function act(redarium: Redarium, address: string, action: string): Promise<void> {
  await redarium.node(address).focus();
  await redarium.page.keyboard.press("Enter");
  await redarium.page.locator("rd-node-actions").getByRole("button", { name: action, exact: true }).click();
}

async function openLink(redarium: Redarium): Promise<void> {
  await redarium.button(/^Link between/).first().click();
}

test("a master that loses its power is replaced, comes back and follows", async ({ redarium, page }) => {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET k v", "WAIT 2 1000");
  await redarium.reads(MASTER, "(integer) 2");
  await act(redarium, MASTER, "Cut the power");
  await expect(redarium.node(MASTER)).toHaveAccessibleName(/crashed/);
  await redarium.type(MASTER, "PING");
  await expect(redarium.transcript(MASTER)).toContainText("Could not connect");
  await act(redarium, FIRST, "Promote");
  await expect(redarium.node(FIRST)).toHaveAccessibleName(/master/);
  await expect(redarium.events).toContainText("is now a master");
  await act(redarium, MASTER, "Start it again");
  await page.getByRole("combobox", { name: "Make it a replica of" }).selectOption(FIRST);
  await redarium.setSpeed(10);
  await expect(redarium.node(MASTER)).toHaveAccessibleName(/replica.*in sync/);
  await redarium.type(MASTER, "GET k");
  await redarium.reads(MASTER, '"v"');
});

test("a node pulled onto another one becomes its replica", async ({ redarium, page }) => {
  await redarium.openInSync();
  const [from, to] = [await redarium.node(SECOND).boundingBox(), await redarium.node(FIRST).boundingBox()];
  if (!from || !to) throw new Error("the nodes are not there");
  await page.mouse.move(from.x + 50, from.y + 40);
  await page.mouse.down();
  await page.mouse.move(from.x + 30, from.y - 20, { steps: 3 });
  await page.mouse.move(to.x + 50, to.y + 40, { steps: 3 });
  await page.mouse.up();
  await redarium.setSpeed(10);
  await redarium.type(SECOND, "INFO replication");
  await expect(redarium.transcript(SECOND)).toContainText("master_host:10.0.0.2");
  await expect(redarium.events).toContainText("Partial Resynchronization");
});

test("a process that stands still answers when it goes on", async ({ redarium }) => {
  await redarium.openInSync();
  await act(redarium, MASTER, "Pause");
  await expect(redarium.node(MASTER)).toHaveAccessibleName(/stands still/);
  await redarium.type(MASTER, "PING");
  await expect(redarium.page.getByText(/ is waiting/)).toBeVisible();
  await act(redarium, MASTER, "Resume");
  await redarium.reads(MASTER, /^PONG/);
});

test("a link cut one way lets the other way through", async ({ redarium, page }) => {
  await redarium.openInSync();
  await openLink(redarium);
  await page.getByRole("button", { name: "Cut only towards 10.0.0.1" }).click();
  await expect(page.locator("rd-link-detail")).toContainText("Cut one way");
  await redarium.type(MASTER, "SET k v", "WAIT 2 1000");
  // The write arrives, its acknowledgement does not.
  await redarium.reads(MASTER, /^\(integer\) 1/);
  await redarium.type(FIRST, "GET k");
  await redarium.reads(FIRST, '"v"');
  await page.getByRole("button", { name: "Heal the link", exact: true }).click();
  await expect(page.locator("rd-link-detail")).toContainText("Open, with");
});

test("a stalled link loses nothing, and a reset is told", async ({ redarium, page }) => {
  await redarium.openInSync();
  await openLink(redarium);
  await page.getByRole("button", { name: "Stall", exact: true }).click();
  await redarium.type(MASTER, "SET k v");
  await redarium.reads(MASTER, "OK");
  await page.waitForTimeout(800);
  await redarium.type(FIRST, "EXISTS k");
  await redarium.reads(FIRST, "(integer) 0");
  await page.getByRole("button", { name: "Heal the link", exact: true }).click();
  await expect(redarium.node(FIRST)).toHaveAccessibleName(/1 key/);
  await page.getByRole("button", { name: "Reset connections" }).click();
  await expect(redarium.events).toContainText("link reset");
  await expect(page.locator("rd-link-detail").getByRole("listitem").filter({ hasText: "PSYNC" })).toBeVisible({ timeout: 10_000 });
});

test("a full disk and a clock that jumps show on the node", async ({ redarium, page }) => {
  await redarium.openInSync();
  await act(redarium, MASTER, "Fill the disk");
  await expect(redarium.node(MASTER)).toHaveAccessibleName(/disk is full/);
  await page.locator("rd-node-actions").getByRole("button", { name: "Free the disk" }).click();
  await redarium.type(MASTER, "SET k v EX 30");
  await page.getByRole("combobox", { name: "Let its wall clock jump" }).selectOption("60000");
  await expect(redarium.events).toContainText("has another time");
  await redarium.type(MASTER, "EXISTS k");
  await redarium.reads(MASTER, "(integer) 0");
});
