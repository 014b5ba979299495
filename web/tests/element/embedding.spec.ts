/** The other ways into a page: code blocks that are upgraded, and a frame that is talked with. */

import { document, expect, input, SITE, STRICT, test, type } from "./site.ts";

const BLOCK = `<pre><code class="language-redis">redis&gt; SET k v\nOK\nredis&gt; GET k\n"v"\n</code></pre>`;

test("code blocks become playgrounds, also those that come later", async ({ site, page }) => {
  const plain = `<pre><code class="language-redis">SET k v</code></pre><pre><code class="language-js">1 > 0</code></pre>`;
  await site.open(`${BLOCK}${plain}<pre><code class="language-redis" data-replicas="1">> WAIT 1 100\n(integer) 1</code></pre><div id="later"></div>`, { script: "upgrade.js" });
  const elements = page.locator("redarium-playground");
  await expect(elements).toHaveCount(2);
  await expect(page.locator("pre > code.language-redis").filter({ hasText: /^SET k v$/ })).toBeVisible();
  await elements.nth(1).getByRole("button", { name: "Run" }).click();
  await expect(elements.nth(1).getByText("as written")).toBeVisible();
  await page.evaluate((block) => {
    const later = window.document.querySelector("#later");
    if (later) later.innerHTML = block;
  }, BLOCK);
  await expect(elements).toHaveCount(3);
  await type(elements.nth(2), "GET k");
  await expect(elements.nth(2).getByRole("log").locator(".row").last()).toContainText('"v"');
});

test("the upgraded block is what print and search find", async ({ site, page }) => {
  await site.open(BLOCK, { script: "upgrade.js" });
  await expect(page.locator("redarium-playground")).toHaveCount(1);
  expect(await page.evaluate(() => window.document.querySelector("redarium-playground pre")?.textContent)).toContain("redis> SET k v");
});

test("a frame runs commands for the page that embeds it, and for nobody else", async ({ site, page }) => {
  const host = `
    import { PlaygroundFrame, frameAddress } from "http://frames.test/redarium/iframe.js";
    const frame = document.createElement("iframe");
    frame.src = frameAddress("http://frames.test/redarium/iframe.html", { text: "> SET k v\\nOK", load: "eager" });
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener("load", resolve));
    const playground = new PlaygroundFrame(frame);
    window.heights = [];
    playground.on("resize", ({ height }) => window.heights.push(height));
    window.checks = [];
    playground.on("redarium-check", (check) => window.checks.push(check));
    await playground.call("ready");
    window.result = await playground.call("run");
    window.refused = await playground.call("importScenario", "nonsense").catch((error) => error.message);
    window.script = await playground.call("exportScenario");
  `;
  site.put("http://docs.test/host.js", { body: host, type: "text/javascript" });
  // The frame's page and scripts, as a package that is served as it is.
  const { readFile } = await import("node:fs/promises");
  const framePage = await readFile(new URL("../../package/iframe.html", import.meta.url), "utf8");
  site.put("http://frames.test/redarium/iframe.html", { body: framePage.replace("./dist/", "./"), headers: { "content-security-policy": STRICT } });
  site.put("/", `<!doctype html><title>Host</title><script type="module" src="/host.js"></script>`);
  await page.goto(`${SITE}/`);
  await expect.poll(() => page.evaluate(() => (window as unknown as { script?: string }).script)).toMatch(/^redarium-script 1/);
  const told = await page.evaluate(() => {
    const { result, refused, checks, heights } = window as unknown as Record<string, unknown[]>;
    return { result, refused, checks, heights };
  });
  expect(told.result).toEqual({ passed: true, commands: 1, differences: [] });
  expect(told.checks).toEqual([told.result]);
  expect(told.refused).toMatch(/no scenario/);
  expect(told.heights?.length).toBeGreaterThan(0);
});

test("a frame answers no other origin, and without one has no messages at all", async ({ site, page }) => {
  const { readFile } = await import("node:fs/promises");
  const framePage = (await readFile(new URL("../../package/iframe.html", import.meta.url), "utf8")).replace("./dist/", "./");
  site.put("http://frames.test/redarium/iframe.html", framePage);
  for (const origin of ["&origin=http://other.test", ""]) {
    site.tolerated.push(/postMessage/);
    site.put("/", document(`<iframe src="http://frames.test/redarium/iframe.html?text=>%20PING&load=eager${origin}"></iframe>`));
    await page.goto(`${SITE}/`);
    await expect(input(page.frameLocator("iframe").locator("redarium-playground"))).toBeVisible();
    const answers = await page.evaluate(async () => {
      let count = 0;
      window.addEventListener("message", () => (count += 1));
      window.document.querySelector("iframe")?.contentWindow?.postMessage({ mark: "redarium-1", id: 1, method: "run", args: [] }, "*");
      await new Promise((resolve) => setTimeout(resolve, 300));
      return count;
    });
    expect(answers).toBe(0);
  }
});
