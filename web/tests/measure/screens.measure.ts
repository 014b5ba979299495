/** Pictures of the page's main states, for the README: `npm run screenshots` writes them to docs/. */

import { fileURLToPath } from "node:url";
import { expect, FIRST, MASTER, test, type Redarium } from "../browser/page.ts";

const FOLDER = fileURLToPath(new URL("../../../docs/", import.meta.url));
const SIZES = { desktop: { width: 1400, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** A fleet in which something happens. */
async function lively(redarium: Redarium): Promise<void> {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET greeting hello", "HSET user:1 name Ada", "ZADD scores 3 ada 5 grace");
  // A phone shows one terminal at a time.
  if (await redarium.prompt(FIRST).isVisible()) await redarium.type(FIRST, "GET greeting");
  await redarium.page.waitForTimeout(700);
  // Time stands while this is typed, and goes on by half of the way to the replicas.
  await redarium.page.keyboard.press("F8");
  await redarium.type(MASTER, "SET greeting world");
  await redarium.reads(MASTER, "OK");
  await redarium.page.keyboard.press("F9");
  await redarium.page.waitForTimeout(200);
  await redarium.type(MASTER, "WAIT 2 5000");
}

const STATES = {
  fleet: lively,
  packet: async (redarium: Redarium) => {
    await lively(redarium);
    await redarium.packets.and(redarium.page.locator("[data-kind=stream]")).first().click();
  },
  past: async (redarium: Redarium) => {
    await lively(redarium);
    const scrubber = redarium.page.getByRole("slider", { name: "Time that has passed" });
    for (let times = 0; times < 9; times++) await scrubber.press("ArrowLeft");
  },
  failover: async ({ page }: Redarium) => {
    await page.goto("./");
    await page.getByRole("button", { name: "Open a fleet or a scenario" }).click();
    await page.getByRole("button", { name: /^A failover/ }).click();
    await page.getByRole("slider", { name: "Speed" }).fill("9");
    for (let step = 1; step <= 5; step++) {
      await page.getByRole("button", { name: /^(Begin|Next)$/ }).click();
      await expect(page.locator("rd-guide")).toContainText(`${step} of 9`);
    }
    await page.waitForTimeout(500);
  },
};

/** The pictures: what each shows, on what. */
const PICTURES = [
  { name: "page", state: "packet", size: "desktop", colorScheme: "light" },
  { name: "dark", state: "fleet", size: "desktop", colorScheme: "dark" },
  { name: "past", state: "past", size: "desktop", colorScheme: "light" },
  { name: "failover", state: "failover", size: "desktop", colorScheme: "light" },
  { name: "phone", state: "fleet", size: "phone", colorScheme: "dark" },
] as const;

for (const { name, state, size, colorScheme } of PICTURES) {
  test(name, async ({ redarium, page }) => {
    await page.setViewportSize(SIZES[size]);
    await page.emulateMedia({ colorScheme });
    await STATES[state](redarium);
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${FOLDER}${name}.png` });
  });
}
