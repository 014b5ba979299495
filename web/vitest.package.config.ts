import { defineConfig } from "vitest/config";

/** Tests of the built npm package: `npm run build:package` comes first. */
export default defineConfig({
  test: {
    include: ["tests/package/**/*.test.{ts,js}"],
    // The package is what is tested: as Node loads it, not as Vite would.
    server: { deps: { external: [/package\/dist/] } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
