/** The element in a real browser, as the npm package has it. No server: each test hands out its own pages. */

import { defineConfig } from "@playwright/test";

const browser = process.env["CHROME_BIN"];

export default defineConfig({
  testDir: "tests/element",
  outputDir: "../target/playwright-element",
  forbidOnly: Boolean(process.env["CI"]),
  workers: 1,
  timeout: 30_000,
  reporter: process.env["CI"] ? [["line"]] : [["list"]],
  use: {
    viewport: { width: 900, height: 700 },
    trace: "retain-on-failure",
    launchOptions: {
      ...(browser ? { executablePath: browser } : {}),
      args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
  },
});
