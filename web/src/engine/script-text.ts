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
    `${options.shape ?? "replicas"} ${options.replicas}`,
    `latency ${options.latencyUs}`,
    ...(options.chunkBytes === undefined ? [] : [`chunk ${options.chunkBytes}`]),
    ...(options.settings ?? "").split("\n").filter((line) => line !== "").map((line) => `config ${line}`),
    ...script.map((entry) => `@${entry.atUs} ${"input" in entry ? inputText(entry.input) : "step"}`),
    `@${end.atUs} end`,
  ];
  return `${lines.join("\n")}\n`;
}

interface Draft {
  options: WorldOptions;
  script: ScriptEntry[];
  endUs: number;
}

/** Reads a script; throws a `StoryError` that names the line that is none. */
export function parseStory(text: string): Story {
  const [head, ...lines] = text.split(/\r?\n/);
  if (head?.trimEnd() !== HEAD) throw new StoryError(`this is no script: its first line is not "${HEAD}"`);
  const draft: Draft = { options: { seed: 0, replicas: 2, latencyUs: 5_000 }, script: [], endUs: 0 };
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const wrong = takeLine(draft, line);
    if (wrong) throw new StoryError(`line ${index + 2} ${wrong}: ${line.slice(0, 60)}`);
  }
  const { options, script, endUs } = draft;
  return { options, script, end: { entries: script.length, atUs: Math.max(endUs, script.at(-1)?.atUs ?? 0) } };
}

/** The line of a script that does this. */
export function inputText(input: Input): string {
  const form = FORMS[input.kind];
  const fields = input as unknown as Readonly<Record<string, unknown>>;
  const words = form.args.map(([name, type]) => ARGS[type].print(fields[name]));
  return [form.verb, ...words.filter((word) => word !== null)].join(" ");
}

function takeLine(draft: Draft, line: string): string | null {
  const [, at, word = "", rest = ""] = /^(?:@(\d{1,15}) )?(\S+) ?(.*)$/.exec(line) ?? [];
  if (at === undefined) return takeHead(draft.options, word, rest);
  const atUs = Number(at);
  if (atUs < (draft.script.at(-1)?.atUs ?? 0)) return "goes back in time";
  if (word === "end") draft.endUs = atUs;
  else if (word === "step") draft.script.push({ atUs, step: true });
  else {
    const input = parseInput(word, rest);
    if (!input) return "does nothing that is known";
    draft.script.push({ atUs, input });
  }
  return null;
}

function takeHead(options: WorldOptions, word: string, rest: string): string | null {
  const value = ARGS.number.parse(rest);
  if (word === "config" && rest.includes(" ")) options.settings = options.settings === undefined ? rest : `${options.settings}\n${rest}`;
  else if (typeof value !== "number") return "is not understood";
  else if (word === "seed") options.seed = value;
  else if (word === "latency") options.latencyUs = value;
  else if (word === "chunk") options.chunkBytes = value;
  else if (word === "replicas" || word === "chain" || word === "apart") Object.assign(options, { replicas: value }, word === "replicas" ? {} : { shape: word });
  else return "is not understood";
  return null;
}

function parseInput(verb: string, text: string): Input | null {
  const [kind, form] = Object.entries(FORMS).find(([, other]) => other.verb === verb) ?? [];
  if (!form) return null;
  const fields: Record<string, unknown> = { kind };
  let rest = text;
  for (const [name, type] of form.args) {
    const space = type === "text" ? -1 : type === "name" ? rest.lastIndexOf(" ") : rest.indexOf(" ");
    const word = space < 0 ? rest : rest.slice(0, space);
    rest = space < 0 ? "" : rest.slice(space + 1);
    const value = ARGS[type].parse(word);
    if (value === null) return null;
    if (value !== undefined) fields[name] = value;
  }
  return rest === "" ? (fields as unknown as Input) : null;
}

/** How one value is written. Read, null is what can't be one, undefined what is not said; printed, null is left out. */
interface Arg {
  parse: (word: string) => number | string | boolean | Uint8Array | null | undefined;
  print: (value: unknown) => string | null;
}

function whole(word: string): number | null {
  return /^-?\d{1,15}$/.test(word) ? Number(word) : null;
}

function oneOf(...words: string[]): Arg {
  return { parse: (word) => (words.includes(word) ? word : null), print: String };
}

const ARGS = {
  number: { parse: (word) => (word.startsWith("-") ? null : whole(word)), print: String },
  signed: { parse: whole, print: String },
  jitter: { parse: (word) => (word === "" ? undefined : whole(word)), print: (value) => (value ? String(value) : null) },
  text: { parse: (word) => word, print: String },
  /** What may have spaces, with one word behind it. */
  name: { parse: (word) => word || null, print: String },
  way: { parse: (word) => (word === "" ? undefined : oneOf("both", "to", "from").parse(word)), print: (value) => (value === undefined || value === "both" ? null : String(value)) },
  unsynced: oneOf("kept", "lost", "torn"),
  fullness: { parse: (word) => (word === "full" ? true : word === "free" ? false : null), print: (value) => (value ? "full" : "free") },
  hex: { parse: bytesOf, print: (value) => (value instanceof Uint8Array ? Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("") : null) },
} satisfies Record<string, Arg>;

function bytesOf(hex: string): Uint8Array | null {
  if (!/^(?:[0-9a-f]{2})*$/.test(hex)) return null;
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** How an input is written: its verb, and its fields in their order. */
const FORMS: Readonly<Record<Input["kind"], { verb: string; args: readonly (readonly [string, keyof typeof ARGS])[] }>> = {
  addNode: { verb: "add-node", args: [] },
  addReplica: { verb: "add-replica", args: [["of", "number"]] },
  openClient: { verb: "open", args: [["node", "number"]] },
  closeClient: { verb: "close", args: [["client", "number"]] },
  interrupt: { verb: "interrupt", args: [["client", "number"]] },
  type: { verb: "type", args: [["client", "number"], ["line", "text"]] },
  cutLink: { verb: "cut", args: [["link", "number"], ["way", "way"]] },
  healLink: { verb: "heal", args: [["link", "number"]] },
  stallLink: { verb: "stall", args: [["link", "number"]] },
  resetLink: { verb: "reset", args: [["link", "number"]] },
  setLatency: { verb: "latency", args: [["link", "number"], ["latencyUs", "number"], ["jitterUs", "jitter"]] },
  crash: { verb: "crash", args: [["node", "number"], ["disk", "unsynced"]] },
  restart: { verb: "restart", args: [["node", "number"]] },
  pause: { verb: "pause", args: [["node", "number"]] },
  resume: { verb: "resume", args: [["node", "number"]] },
  promote: { verb: "promote", args: [["node", "number"]] },
  attach: { verb: "attach", args: [["node", "number"], ["to", "number"]] },
  shiftClock: { verb: "clock", args: [["node", "number"], ["byMs", "signed"]] },
  setDisk: { verb: "disk", args: [["node", "number"], ["full", "fullness"]] },
  dropFile: { verb: "file", args: [["node", "number"], ["name", "name"], ["bytes", "hex"]] },
};
