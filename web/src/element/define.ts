/** Registers `<redarium-playground>`: the one line that a page needs. */

import { define } from "./playground.ts";

define();
