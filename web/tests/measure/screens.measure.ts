/** Pictures of the page's main states, for the README: `npm run screenshots` writes them to docs/. */

import { fileURLToPath } from "node:url";
import { expect, FIRST, MASTER, test, type Redarium } from "../browser/page.ts";

const FOLDER = fileURLToPath(new URL("../../../docs/", import.meta.url));
const SIZES = { desktop: { width: 1400, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** A fleet in which something happens. */
async function lively(redarium: Redarium): Promise<void> {
  await redarium.openInSync();
  await redarium.type(MASTER, "SET greeting hello", "HSET user:1 name Ada", "ZADD scores 3 ada 5 grace");
  await redarium.type(FIRST, "GET greeting");
  await redarium.page.waitForTimeout(700);
  await redarium.type(MASTER, "SET greeting world", "WAIT 2 5000");
  await redarium.page.waitForTimeout(120);
  await redarium.page.keyboard.press("F8");
}

const STATES: Readonly<Record<string, (redarium: Redarium) => Promise<void>>> = {
  fleet: lively,
  packet: async (redarium) => {
    await lively(redarium);
    await redarium.packets.and(redarium.page.locator("[data-kind=stream]")).first().click();
  },
  past: async (redarium) => {
    await lively(redarium);
    await redarium.page.getByRole("slider", { name: "Time that has passed" }).press("PageDown");
  },
  failover: async ({ page }) => {
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

for (const [state, reach] of Object.entries(STATES)) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"] as const) {
      test(`${state}, ${size}, ${colorScheme}`, async ({ redarium, page }) => {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        await reach(redarium);
        await page.waitForTimeout(400);
        await page.screenshot({ path: `${FOLDER}${state}-${size}-${colorScheme}.png` });
      });
    }
  }
}
