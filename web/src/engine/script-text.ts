/**
 * A script as text: the form that `redarium replay` plays, that is exported and
 * imported, and that a share link holds. `core/src/sim/script.rs` is its other half.
 */

import type { Moment, Script, ScriptEntry } from "./moment.ts";
import type { Input, WorldOptions } from "./types.ts";

/** All that is needed to make a world again. */
export interface Story {
  options: WorldOptions;
  script: Script;
  end: Moment;
}

/** What is wrong with a text, said to a person. */
export class StoryError extends Error {}

const HEAD = "redarium-script 1";

export function storyText({ options, script, end }: Story): string {
  const lines = [
    HEAD,
    `seed ${options.seed}`,
    `replicas ${options.replicas}`,
    `latency ${options.latencyUs}`,
    ...script.map((entry) => `@${entry.atUs} ${"input" in entry ? inputText(entry.input) : "step"}`),
    `@${end.atUs} end`,
  ];
  return `${lines.join("\n")}\n`;
}

export function parseStory(text: string): Story {
  const [head, ...lines] = text.split(/\r?\n/);
  if (head?.trimEnd() !== HEAD) throw new StoryError(`this is no script: its first line is not "${HEAD}"`);
  const story: Story & { script: ScriptEntry[] } = { options: { seed: 0, replicas: 2, latencyUs: 5_000 }, script: [], end: { entries: 0, atUs: 0 } };
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const wrong = takeLine(story, line);
    if (wrong) throw new StoryError(`line ${index + 2} ${wrong}: ${line.slice(0, 60)}`);
  }
  story.end = { entries: story.script.length, atUs: Math.max(story.end.atUs, story.script.at(-1)?.atUs ?? 0) };
  return story;
}

/** The line of a script that does this. */
export function inputText(input: Input): string {
  const { verb, id, rest } = formOf(input.kind);
  const fields = input as unknown as Readonly<Record<string, unknown>>;
  return [verb, ...(id ? [fields[id]] : []), ...(rest ? [fields[rest]] : [])].join(" ");
}

function takeLine(story: Story & { script: ScriptEntry[] }, line: string): string | null {
  const [, at, word = "", rest = ""] = /^(?:@(\d{1,15}) )?(\S+) ?(.*)$/.exec(line) ?? [];
  if (at === undefined) return takeHead(story.options, word, rest);
  const atUs = Number(at);
  if (atUs < (story.script.at(-1)?.atUs ?? 0)) return "goes back in time";
  if (word === "end") story.end = { entries: 0, atUs };
  else if (word === "step") story.script.push({ atUs, step: true });
  else {
    const input = parseInput(word, rest);
    if (!input) return "does nothing that is known";
    story.script.push({ atUs, input });
  }
  return null;
}

function takeHead(options: WorldOptions, word: string, rest: string): string | null {
  const field = HEADS.get(word);
  const value = whole(rest);
  if (!field || value === null) return "is not understood";
  options[field] = value;
  return null;
}

function parseInput(verb: string, text: string): Input | null {
  const form = FORMS.find((other) => other.verb === verb);
  if (!form) return null;
  const [id = "", rest = ""] = form.id ? splitOnce(text) : ["", text];
  const fields: Record<string, unknown> = { kind: form.kind };
  if (form.id) fields[form.id] = whole(id);
  if (form.rest) fields[form.rest] = form.rest === "line" ? rest : whole(rest);
  else if (rest !== "") return null;
  return Object.values(fields).includes(null) ? null : (fields as unknown as Input);
}

function splitOnce(text: string): [string, string] {
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}

function whole(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function formOf(kind: Input["kind"]): Form {
  const form = FORMS.find((other) => other.kind === kind);
  if (!form) throw new StoryError(`no script can say ${kind}`);
  return form;
}

/** How an input is written: its verb, the number of what it is about, and what else it needs. */
interface Form {
  kind: Input["kind"];
  verb: string;
  id?: string;
  rest?: string;
}

const FORMS: readonly Form[] = [
  { kind: "addReplica", verb: "add-replica", id: "of" },
  { kind: "openClient", verb: "open", id: "node" },
  { kind: "closeClient", verb: "close", id: "client" },
  { kind: "interrupt", verb: "interrupt", id: "client" },
  { kind: "type", verb: "type", id: "client", rest: "line" },
  { kind: "cutLink", verb: "cut", id: "link" },
  { kind: "healLink", verb: "heal", id: "link" },
  { kind: "setLatency", verb: "latency", id: "link", rest: "latencyUs" },
];

const HEADS = new Map<string, "seed" | "replicas" | "latencyUs">([
  ["seed", "seed"],
  ["replicas", "replicas"],
  ["latency", "latencyUs"],
]);
