/** What was typed, as a shell script for redis-cli: node 1 is the server at port 6379, node 2 the one at 6380, and so on. */

import type { Script } from "../engine/moment.ts";
import type { ClientId, NodeId } from "../engine/types.ts";

const PORT = 6379;
const END = "END-OF-COMMANDS";

/** `nodeOf` knows which node a client is, or was, connected to. */
export function redisCliScript(script: Script, nodeOf: (client: ClientId) => NodeId | null): string {
  const blocks: { node: NodeId; lines: string[] }[] = [];
  for (const entry of script) {
    if (!("input" in entry) || entry.input.kind !== "type") continue;
    const node = nodeOf(entry.input.client) ?? 1;
    const last = blocks.at(-1);
    if (last?.node === node) last.lines.push(entry.input.line);
    else blocks.push({ node, lines: [entry.input.line] });
  }
  return blocks.map(({ node, lines }) => [`redis-cli -p ${PORT + node - 1} <<'${END}'`, ...lines, END, ""].join("\n")).join("");
}
