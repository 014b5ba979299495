/**
 * The example of each site generator, as its real tool built it: the text is there without scripts, and with
 * them, under a strict policy, the playground runs and answers.
 */

import { readdir, readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test, type Page } from "@playwright/test";

const SITES = ["mdbook", "vitepress", "docusaurus", "starlight", "hugo"];
const BUILT = fileURLToPath(new URL("../../../target/sites/", import.meta.url));
const POLICY = "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; object-src 'none'; base-uri 'none'";
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  mjs: "text/javascript",
  css: "text/css",
  wasm: "application/wasm",
  svg: "image/svg+xml",
  json: "application/json",
};

/** Serves a built site under a name of its own, and keeps what is asked of others. */
async function open(page: Page, site: string): Promise<string[]> {
  const elsewhere: string[] = [];
  await page.route("**/*", async (route) => {
    const address = new URL(route.request().url());
    if (address.host !== `${site}.test`) {
      elsewhere.push(address.href);
      return route.abort();
    }
    const path = `${BUILT}${site}${decodeURIComponent(address.pathname)}`;
    const file = (await stat(path).catch(() => null))?.isDirectory() ? `${path.replace(/\/$/, "")}/index.html` : path;
    const body = await readFile(file).catch(() => null);
    if (!body) return route.fulfill({ status: 404, body: "not here" });
    const contentType = TYPES[file.split(".").at(-1) ?? ""] ?? "application/octet-stream";
    return route.fulfill({ body, contentType, headers: { "content-security-policy": POLICY } });
  });
  await page.goto(`http://${site}.test/`);
  return elsewhere;
}

test("every transcript of the docs prints what it says", async ({ page }) => {
  const elsewhere = await open(page, "docs");
  const pages = (await readdir(`${BUILT}docs`)).filter((name) => name.endsWith(".html"));
  let run = 0;
  for (const name of pages) {
    await page.goto(`http://docs.test/${name}`);
    await page.waitForFunction(() => customElements.get("redarium-playground"));
    const results = await page.locator("redarium-playground").evaluateAll((elements) =>
      Promise.all(elements.map((element) => (element as unknown as { run(): Promise<{ passed: boolean }> }).run())),
    );
    expect(results.filter(({ passed }) => !passed), name).toEqual([]);
    run += results.length;
  }
  expect(run).toBeGreaterThan(7);
  expect(elsewhere).toEqual([]);
});

for (const site of SITES) {
  test.describe(site, () => {
    test("runs what the page says, and what is typed", async ({ page }) => {
      const elsewhere = await open(page, site);
      const playgrounds = page.locator("redarium-playground");
      await expect(playgrounds).toHaveCount(2);
      const queue = playgrounds.first();
      await queue.getByRole("button", { name: "Run" }).click();
      await expect(queue.getByText("all 3 as written")).toBeVisible();
      const line = queue.getByRole("textbox", { name: "Redis command" });
      await line.fill("LRANGE jobs 0 -1");
      await line.press("Enter");
      await expect(queue.getByRole("log")).toContainText('1) "mail 2"');
      await playgrounds.last().getByRole("button", { name: "Run" }).click();
      await expect(playgrounds.last().getByText("all 2 as written")).toBeVisible();
      // What the generator itself links to is its own affair; the playground asks nobody.
      expect(elsewhere.filter((address) => /redarium|wasm/.test(address))).toEqual([]);
    });

    test("is text where there are no scripts", async ({ browser }) => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      await open(page, site);
      await expect(page.getByText("BLPOP jobs 5").first()).toBeVisible();
      await context.close();
    });
  });
}
