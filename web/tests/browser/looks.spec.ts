/** For everybody: sizes from a phone up, both colour schemes, assistive technology, little motion, no leaping layout. */

import AxeBuilder from "@axe-core/playwright";
import { expect, MASTER, test } from "./page.ts";

for (const colorScheme of ["light", "dark"] as const) {
  for (const [width, height] of [[1440, 900], [1024, 768], [390, 844], [360, 640]] as const) {
    test(`axe finds nothing at ${width} by ${height}, ${colorScheme}`, async ({ redarium, page }) => {
      // Five full audits.
      test.slow();
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await redarium.openInSync();
      await redarium.type(MASTER, "SET k v EX 100", "XADD log 1 f v", "XGROUP CREATE log g 0", "XREADGROUP GROUP g c STREAMS log >", "FOO");
      await page.keyboard.press("F8");
      for (const open of [null, redarium.node(MASTER), page.locator("rd-keys").getByText("log", { exact: true }), redarium.button(/^Link between/).first(), redarium.button("Sequence")]) {
        await open?.click();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    });
  }
}

for (const [width, height] of [[1440, 900], [390, 844]] as const) {
  test(`axe finds nothing in dialogs, in a scenario and in the past at ${width} by ${height}`, async ({ redarium, page }) => {
    test.slow();
    await page.setViewportSize({ width, height });
    await redarium.open();
    const audit = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    };
    await page.getByRole("button", { name: "Share this world" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await audit();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Open a fleet or a scenario" }).click();
    await expect(page.getByRole("button", { name: /^Split brain/ })).toBeVisible();
    await audit();
    await page.getByRole("button", { name: /^Split brain/ }).click();
    await redarium.button("Begin").click();
    await audit();
    await page.getByRole("slider", { name: "Time that has passed" }).press("PageUp");
    await redarium.node(MASTER).click();
    await audit();
  });
}

test("a phone shows the fleet and one panel, and a packet opens there", async ({ redarium, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await redarium.openInSync();
  await page.keyboard.press("F8");
  await redarium.type(MASTER, "SET k v");
  await redarium.packets.first().click();
  await expect(page.locator("rd-packet-detail")).toBeVisible();
  await expect(redarium.prompt(MASTER)).toBeHidden();
  await redarium.button("Terminal").click();
  await expect(redarium.prompt(MASTER)).toBeVisible();
  await page.getByRole("tab", { name: "10.0.0.2" }).click();
  await expect(redarium.prompt("10.0.0.2:6379")).toBeVisible();
});

for (const width of [390, 360]) {
  test(`a link is cut and healed by a touch at ${width} pixels`, async ({ redarium, page }) => {
    await page.setViewportSize({ width, height: 700 });
    await redarium.openInSync();
    const cut = redarium.button("Cut the link between").first();
    const box = await cut.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(24);
    await cut.click();
    await redarium.button("Heal the link").click();
    await expect(redarium.button("Heal the link")).toBeHidden();
  });
}

test("a dialog closes by Escape while something is selected, and that stays", async ({ redarium, page }) => {
  await redarium.open();
  await redarium.node(MASTER).click();
  await page.getByRole("button", { name: "Share this world" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByRole("heading", { name: MASTER, level: 3 })).toBeVisible();
});

test("with little motion a packet stands on its link until it arrives", async ({ redarium, page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await redarium.openInSync();
  await redarium.setSpeed(0.1);
  await redarium.type(MASTER, "SET k v");
  const packet = redarium.packets.and(page.locator("[data-kind=stream]")).first();
  const place = await packet.getAttribute("transform");
  await page.waitForTimeout(300);
  expect(await packet.getAttribute("transform")).toBe(place);
});

test("the layout does not leap while the page starts", async ({ redarium, page }) => {
  await page.addInitScript(() => {
    const seen = { shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await redarium.openInSync();
  await redarium.type(MASTER, "SET k v", "GET k");
  const shift = await page.evaluate(() => (window as unknown as { seen: { shift: number } }).seen.shift);
  expect(shift).toBeLessThan(0.02);
});

test("the colours can be chosen, and the choice lasts", async ({ redarium, page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await redarium.open();
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await redarium.button("Colours: auto").click();
  await redarium.button("Colours: light").click();
  expect(await ground()).not.toBe(light);
  await page.reload();
  await expect(redarium.button("Colours: dark")).toBeVisible();
  expect(await ground()).not.toBe(light);
});
