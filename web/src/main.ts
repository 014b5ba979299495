/** The page's entry. */

import { applyTheme, savedTheme } from "./theme.ts";
import "./ui/app.ts";

applyTheme(savedTheme());
