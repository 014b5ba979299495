import redarium from "redarium/markdown-it";
import { defineConfig } from "vitepress";

export default defineConfig({
  title: "Redarium",
  description: "A Redis you can see through",
  cleanUrls: false,
  metaChunk: true,
  appearance: false,
  markdown: { config: (md) => void md.use(redarium) },
  themeConfig: {
    search: { provider: "local" },
    outline: "deep",
    sidebar: [
      { text: "Getting started", link: "/" },
      { text: "A tour of the page", link: "/page" },
      {
        text: "Reference",
        items: [
          { text: "The element", link: "/element" },
          { text: "Transcripts that are checked", link: "/verify" },
          { text: "Site generators", link: "/sites" },
          { text: "The engine for JavaScript", link: "/engine" },
          { text: "The command line", link: "/cli" },
          { text: "Compatibility", link: "/compatibility" },
        ],
      },
    ],
  },
});
