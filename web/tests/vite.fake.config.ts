/** `npx vite --config tests/vite.fake.config.ts`: the page on the fake world, to work on its looks. */

import { fileURLToPath } from "node:url";
import { mergeConfig } from "vitest/config";
import config from "../vite.config.ts";

export default mergeConfig(config, {
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: { alias: [{ find: /^\.\/load\.ts$/, replacement: fileURLToPath(new URL("fake-load.ts", import.meta.url)) }] },
});
