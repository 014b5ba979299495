/**
 * The page in a real browser. It is served by the binary in $REDARIUM_BIN, as a
 * person gets it; else by `vite preview`; or $PAGE_URL names one that runs.
 */

import { defineConfig } from "@playwright/test";

const port = 18_380;
const binary = process.env["REDARIUM_BIN"];
const url = process.env["PAGE_URL"] ?? `http://127.0.0.1:${port}/`;
const command = binary
  ? `"${binary}" --port ${port + 1} --http-port ${port} --save "" --dir .`
  : `npx vite preview --host 127.0.0.1 --port ${port} --strictPort`;
const browser = process.env["CHROME_BIN"];

export default defineConfig({
  testDir: "tests/browser",
  // What needs servers of its own needs the program.
  testIgnore: binary ? [] : ["live.spec.ts"],
  outputDir: "../target/playwright",
  forbidOnly: Boolean(process.env["CI"]),
  // Two cores run the whole project's tests; a page that animates wants one of them.
  workers: 1,
  timeout: 30_000,
  reporter: process.env["CI"] ? [["line"]] : [["list"]],
  use: {
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    launchOptions: {
      ...(browser ? { executablePath: browser } : {}),
      // No sandbox: tests also run as root, in containers. The rest keeps a browser from calling home.
      args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
  },
  ...(process.env["PAGE_URL"] ? {} : { webServer: { command, url, reuseExistingServer: false } }),
});
