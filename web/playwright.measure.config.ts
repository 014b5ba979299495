/** Measurements and pictures, not tests: `npm run measure`, `npm run screenshots`. */

import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

export default defineConfig(base, {
  testDir: "tests/measure",
  testMatch: "*.measure.ts",
  timeout: 600_000,
  reporter: [["list"]],
});
