import { defineConfig, type Plugin } from "vite";
import { manifest } from "./src/element/manifest.ts";

/**
 * The npm package's scripts: an app build with stable names for the entries, since
 * Vite's library mode would inline the wasm module into the script as base64.
 */
export default defineConfig({
  base: "./",
  plugins: [elementManifest()],
  build: {
    outDir: "package/dist",
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        index: "src/element/index.ts",
        define: "src/element/define.ts",
        upgrade: "src/element/upgrade.ts",
        engine: "src/client/index.ts",
        iframe: "src/element/iframe.ts",
        "iframe-page": "src/element/frame-page.ts",
        "markdown-it": "src/pieces/markdown-it.ts",
        remark: "src/pieces/remark.ts",
      },
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});

/** Writes `custom-elements.json` from the element's own tables. */
function elementManifest(): Plugin {
  return {
    name: "element-manifest",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "custom-elements.json", source: `${JSON.stringify(manifest(), null, 2)}\n` });
    },
  };
}
