import redarium from "redarium/remark";

export default {
  title: "Queues",
  url: "https://example.com",
  baseUrl: "/",
  themes: ["@docusaurus/theme-classic"],
  plugins: [["@docusaurus/plugin-content-docs", { routeBasePath: "/", beforeDefaultRemarkPlugins: [[redarium, { jsx: true }]] }]],
  clientModules: ["./src/playground.js"],
};
