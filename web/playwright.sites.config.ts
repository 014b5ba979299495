/** The docs and the example sites as their generators built them, in a real browser. */

import { defineConfig } from "@playwright/test";
import element from "./playwright.element.config.ts";

export default defineConfig({ ...element, testDir: "tests/sites", outputDir: "../target/playwright-sites" });
