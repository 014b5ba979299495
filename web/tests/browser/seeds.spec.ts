/** Finding a seed that breaks a claim, as a person does it. */

import { expect, test, type Redarium } from "./page.ts";

async function openDialog({ page }: Redarium): Promise<void> {
  await page.getByRole("button", { name: "Open a fleet or a scenario" }).click();
  await expect(page.getByRole("dialog", { name: "Open" })).toBeVisible();
}

test("a seed that loses an acknowledged write is found, watched and shared", async ({ redarium, page }) => {
  test.slow();
  await redarium.open();
  await openDialog(redarium);
  await expect(page.getByRole("combobox", { name: "Claim" })).toContainText("A write that was acknowledged is never lost");
  await redarium.button("Find a seed").click();
  await expect(redarium.button("Stop")).toBeVisible();
  await expect(page.getByRole("dialog")).toContainText(/Seed \d+ breaks it: entry \d+ of ledger:\d+ was acknowledged and is lost/, { timeout: 60_000 });
  const link = await page.getByRole("textbox", { name: "Link to what was found" }).inputValue();
  expect(link).toContain("#1.");
  await redarium.button("Watch it happen").click();
  await expect(page.getByRole("dialog")).toBeHidden();
  const guide = page.locator("rd-guide");
  await expect(guide).toContainText(/Seed \d+/);
  await redarium.setSpeed(100);
  await redarium.button("Begin").click();
  await expect(guide).toContainText(/(types|makes|stands still|loses power|is killed|jumps|cut|reset|takes)/);
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByRole("textbox", { name: /^Command for/ }).first()).toBeVisible();
});

test("a search for what is promised finds nothing, and is stopped", async ({ redarium, page }) => {
  await redarium.open();
  await openDialog(redarium);
  await page.getByRole("combobox", { name: "Claim" }).selectOption("Nodes at the same offset hold the same data");
  await redarium.button("Find a seed").click();
  await expect(page.getByRole("dialog")).toContainText(/[3-9] seeds tried, and it held/);
  await redarium.button("Stop").click();
  await expect(page.getByRole("dialog")).toContainText(/Stopped\. \d+ seeds tried, and it held/);
  await expect(redarium.button("Find a seed")).toBeEnabled();
});
