import { defineConfig } from "vitest/config";

/**
 * An app build, not a library build: Vite's library mode would inline the wasm
 * module into the script as base64.
 */
export default defineConfig({
  // Relative addresses: the page also works under a path and from a plain file server.
  base: "./",
  build: {
    target: "es2023",
    // The wasm module stays a file of its own, so that it streams and is cached.
    assetsInlineLimit: 0,
    modulePreload: false,
    // `scripts/precompress.js` and `cargo xtask web` measure what is really sent.
    reportCompressedSize: false,
    rolldownOptions: {
      input: { page: "index.html" },
      preserveEntrySignatures: "allow-extension",
      // What is fetched when somebody opens it has a budget of its own: `xtask/src/budget.rs` knows it by its name.
      output: { chunkFileNames: (chunk) => (chunk.isDynamicEntry ? "assets/later-[name]-[hash].js" : "assets/[name]-[hash].js") },
    },
  },
  worker: { format: "es" },
  test: {
    // `*.spec.ts` belongs to the browser tests, `tests/package` to the built package.
    include: ["src/**/*.test.ts", "tests/unit/**/*.test.ts"],
  },
});
