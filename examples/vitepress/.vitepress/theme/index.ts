import DefaultTheme from "vitepress/theme";

if (!import.meta.env.SSR) void import("redarium/define");

export default DefaultTheme;
