import starlight from "@astrojs/starlight";
import { defineConfig } from "astro/config";
import redarium from "redarium/remark";

/** Every page has the element's script. */
const playground = {
  name: "redarium",
  hooks: { "astro:config:setup": ({ injectScript }) => injectScript("page", 'import "redarium/define";') },
};

export default defineConfig({
  integrations: [starlight({ title: "Queues" }), playground],
  markdown: { remarkPlugins: [redarium] },
});
