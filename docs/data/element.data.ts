/** The element's manifest, by section: what it lists is what the element's own tables say. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

interface Named {
  name: string;
  description?: string;
  type?: { text: string };
  default?: string;
}

interface Manifest {
  modules: { declarations?: { customElement?: boolean; attributes: Named[]; members: Named[]; events: Named[]; cssParts: Named[]; cssProperties: Named[] }[] }[];
}

export type ElementData = Record<"attributes" | "methods" | "events" | "parts" | "tokens", Named[]>;

declare const data: ElementData;
export { data };

export default {
  async load(): Promise<ElementData> {
    const path = fileURLToPath(import.meta.resolve("redarium/custom-elements.json"));
    const { modules } = JSON.parse(await readFile(path, "utf8")) as Manifest;
    const element = modules.flatMap(({ declarations = [] }) => declarations).find(({ customElement }) => customElement);
    if (!element) throw new Error("The manifest holds no element.");
    const { attributes, members, events, cssParts, cssProperties } = element;
    return { attributes, methods: members, events, parts: cssParts, tokens: cssProperties };
  },
};
