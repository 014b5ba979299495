/** Every command there is, as the engine itself answers COMMAND DOCS. */

import { Redarium } from "redarium/engine";

export interface Command {
  name: string;
  summary: string;
  since: string;
  complexity: string;
}

export interface Group {
  name: string;
  commands: Command[];
}

declare const data: Group[];
export { data };

type Docs = Map<string, string | Map<string, Docs>>;

/** A command and its subcommands; a container without a use of its own is left out. */
function flatten(name: string, docs: Docs): (Command & { group: string })[] {
  const text = (key: string) => String(docs.get(key) ?? "");
  const subcommands = docs.get("subcommands");
  const below = subcommands instanceof Map ? [...subcommands].flatMap(([sub, docs]) => flatten(sub.replace("|", " "), docs as Docs)) : [];
  if (below.length > 0) return below;
  return [{ name: name.toUpperCase(), summary: text("summary"), since: text("since"), complexity: text("complexity"), group: text("group") }];
}

export default {
  async load(): Promise<Group[]> {
    const r = await Redarium.open();
    const docs = (await r.call("COMMAND", "DOCS")) as unknown as Map<string, Docs>;
    await r.close();
    const commands = [...docs].flatMap(([name, docs]) => flatten(name, docs));
    const groups = [...new Set(commands.map(({ group }) => group))].sort();
    const byName = (a: Command, b: Command) => (a.name < b.name ? -1 : 1);
    return groups.map((name) => ({ name, commands: commands.filter(({ group }) => group === name).sort(byName) }));
  },
};
