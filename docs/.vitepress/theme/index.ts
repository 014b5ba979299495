import DefaultTheme from "vitepress/theme";
import "redarium/redarium.css";
import "./style.css";

if (!import.meta.env.SSR) void import("redarium/define");

export default DefaultTheme;
