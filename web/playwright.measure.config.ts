/** Measurements and pictures, not tests: `npm run measure`, `npm run screenshots`. */

import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

export default defineConfig(base, {
  testDir: "tests/measure",
  testMatch: "*.measure.ts",
  timeout: 600_000,
  reporter: [["list"]],
  // A trace takes pictures of every frame: then that would be measured.
  use: { trace: "off" },
});
