import redarium from "redarium/markdown-it";
import { defineConfig } from "vitepress";

export default defineConfig({
  title: "Queues",
  description: "Redis examples that can be run",
  markdown: { config: (md) => void md.use(redarium) },
  // What VitePress would write into the page as scripts: a strict policy forbids that.
  appearance: false,
  metaChunk: true,
});
