/**
 * Makes the emitted types those of a package: imports name `.js` files, as Node resolves
 * them, and the generated bindings' own types lie beside them.
 */
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TYPES = fileURLToPath(new URL("../package/dist/types/", import.meta.url));
const BINDINGS = fileURLToPath(new URL("../src/engine/pkg/engine.d.ts", import.meta.url));

for (const entry of await readdir(TYPES, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".d.ts")) continue;
  const path = join(entry.parentPath, entry.name);
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replaceAll(/(from\s+|import\s*\(?\s*)"(\.[^"]+)\.ts"/g, '$1"$2.js"'));
}
await mkdir(join(TYPES, "engine/pkg"), { recursive: true });
await copyFile(BINDINGS, join(TYPES, "engine/pkg/engine.d.ts"));
