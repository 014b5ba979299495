/**
 * What was done to a world, as the engine's scripts are written: everything that
 * is needed to make it again, here or by `redarium` itself.
 */

import type { Input, WorldOptions } from "../engine/types.ts";

export interface Entry {
  atUs: number;
  input: Input;
}

export interface Scenario {
  options: WorldOptions;
  entries: readonly Entry[];
  endUs: number;
}

const HEAD = "redarium-script 1";

export function writeScenario({ options, entries, endUs }: Scenario): string {
  const head = [HEAD, `seed ${options.seed}`, `replicas ${options.replicas}`, `latency ${options.latencyUs}`];
  const done = entries.map(({ atUs, input }) => `@${Math.floor(atUs)} ${words(input)}`);
  return [...head, ...done, `@${Math.floor(endUs)} end`, ""].join("\n");
}

/** Throws when the text is no scenario; names the line. */
export function readScenario(text: string): Scenario {
  const [head, ...lines] = text.split(/\r?\n/);
  if (head?.trimEnd() !== HEAD) throw new Error("This is no scenario: its first line is another.");
  const scenario = { options: { seed: 0, replicas: 0, latencyUs: LATENCY_US }, entries: [] as Entry[], endUs: 0 };
  lines.forEach((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return;
    if (!take(scenario, line)) throw new Error(`Line ${index + 2} of the scenario cannot be read: ${line}`);
  });
  return scenario;
}

function take(scenario: { options: WorldOptions; entries: Entry[]; endUs: number }, line: string): boolean {
  const [, word = "", rest = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
  const number = /^\d+$/.test(rest) ? Number(rest) : null;
  if (word === "seed" && number !== null) scenario.options.seed = number;
  else if (word === "replicas" && number !== null) scenario.options.replicas = Math.min(number, 5);
  else if (word === "latency" && number !== null) scenario.options.latencyUs = number;
  else return takeStep(scenario, word, rest);
  return true;
}

function takeStep(scenario: { entries: Entry[]; endUs: number }, word: string, rest: string): boolean {
  const atUs = /^@\d+$/.test(word) ? Number(word.slice(1)) : NaN;
  if (!(atUs >= (scenario.entries.at(-1)?.atUs ?? 0))) return false;
  if (rest === "end") {
    scenario.endUs = atUs;
    return true;
  }
  const input = read(rest);
  if (input) scenario.entries.push({ atUs, input });
  return input !== null;
}

function words(input: Input): string {
  switch (input.kind) {
    case "addReplica":
      return `add-replica ${input.of}`;
    case "openClient":
      return `open ${input.node}`;
    case "closeClient":
      return `close ${input.client}`;
    case "type":
      return `type ${input.client} ${input.line}`;
    case "cutLink":
      return `cut ${input.link}`;
    case "healLink":
      return `heal ${input.link}`;
    case "setLatency":
      return `latency ${input.link} ${input.latencyUs}`;
    default:
      throw new Error(`A scenario has no line for ${(input as Input).kind}.`);
  }
}

function read(text: string): Input | null {
  const [, verb, digits, rest = ""] = /^(\S+) (\d+)(?: (.*))?$/.exec(text) ?? [];
  const id = Number(digits);
  switch (verb) {
    case "add-replica":
      return { kind: "addReplica", of: id };
    case "open":
      return { kind: "openClient", node: id };
    case "close":
      return { kind: "closeClient", client: id };
    case "type":
      return { kind: "type", client: id, line: rest };
    case "cut":
      return { kind: "cutLink", link: id };
    case "heal":
      return { kind: "healLink", link: id };
    case "latency":
      return /^\d+$/.test(rest) ? { kind: "setLatency", link: id, latencyUs: Number(rest) } : null;
    default:
      return null;
  }
}

/** One way between any two nodes; as `redarium verify` has it, since WAIT's answers depend on it. */
export const LATENCY_US = 5_000;
