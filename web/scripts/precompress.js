/**
 * Writes `FILE.br` and `FILE.gz` beside every compressible file of `dist`.
 *
 * The server embeds all three and chooses by Accept-Encoding, so the strongest
 * level is paid for once here and never while serving.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const COMPRESSIBLE = new Set([".html", ".js", ".css", ".wasm", ".svg", ".json", ".webmanifest", ".txt"]);

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** @param {string} path */
async function precompress(path) {
  const raw = await readFile(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
  };
  const [br, gz] = await Promise.all([
    brotli(raw, { params }),
    deflate(raw, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
}

const entries = await readdir(DIST, { recursive: true, withFileTypes: true });
const paths = entries
  .filter((entry) => entry.isFile() && COMPRESSIBLE.has(extname(entry.name)))
  .map((entry) => join(entry.parentPath, entry.name));
await Promise.all(paths.map(precompress));
