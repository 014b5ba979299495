/** Where things are for tests of the package. */

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

export const PACKAGE = fileURLToPath(new URL("../../package/", import.meta.url));

/** The engine's entry, as an address. */
export const ENGINE = new URL("../../package/dist/engine.js", import.meta.url).href;

/** Client libraries as `tests/clients` pins them. */
export const clients = createRequire(new URL("../../../tests/clients/package.json", import.meta.url));

/** The built engine, by the name that Node gets it by. */
export function engine(): Promise<typeof import("../../src/client/index.ts")> {
  return import(/* @vite-ignore */ ENGINE);
}
