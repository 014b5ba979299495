/**
 * The element's attributes: one table, from which options are read and the
 * manifest is made (`custom-elements.json`).
 *
 * Invariant: a value that makes no sense is reported and its default taken; an
 * element never fails because of an attribute.
 */

export interface Options {
  src: string | null;
  commands: string;
  /** Null where the transcript may say. */
  replicas: number | null;
  topology: "star" | "chain";
  seed: number | null;
  clock: "playing" | "paused";
  speed: number;
  panels: readonly Panel[];
  resp: 2 | 3;
  prompt: string;
  autorun: boolean;
  load: "eager" | "visible" | "interaction";
  readonly: boolean;
  theme: "auto" | "light" | "dark";
  session: string | null;
  persist: string | null;
  engineUrl: string | null;
  maxLines: number;
  height: string | null;
}

export type Panel = "terminal" | "fleet";

/** Reads a value; undefined when it makes no sense. */
type Read<T> = (value: string) => T | undefined;

interface Attribute<T> {
  name: string;
  type: string;
  /** What it takes, in words, where the type does not say. */
  takes?: string;
  /** The value without the attribute. */
  absent: T;
  read: Read<T>;
  about: string;
}

const text: Read<string> = (value) => value;
const name: Read<string> = (value) => (value.trim() === "" ? undefined : value.trim());
const flag: Read<boolean> = (value) => value !== "false";

function choice<T extends string>(...values: readonly T[]): Pick<Attribute<T>, "type" | "read"> {
  return { type: values.map((value) => `"${value}"`).join(" | "), read: (value) => values.find((known) => known === value) };
}

function whole(min: number, max: number): Read<number> {
  return (value) => {
    const number = /^\s*\d+\s*$/.test(value) ? Number(value) : NaN;
    return number >= min && number <= max ? number : undefined;
  };
}

const panels: Read<readonly Panel[]> = (value) => {
  const words = value.split(/[\s,]+/).filter((word) => word !== "");
  const known = words.filter((word): word is Panel => word === "terminal" || word === "fleet");
  return known.length === words.length && known.length > 0 ? known : undefined;
};

const speed: Read<number> = (value) => {
  const number = value.trim() === "" ? NaN : Number(value);
  return number >= 0.001 && number <= 1000 ? number : undefined;
};

export const ATTRIBUTES: { readonly [Key in keyof Options]: Attribute<Options[Key]> } = {
  src: { name: "src", type: "string", absent: null, read: name, about: "Address of a transcript to show in place of the element's text." },
  commands: { name: "commands", type: "string", absent: "", read: text, about: "Commands to run first, unseen; a line or a semicolon each." },
  replicas: { name: "replicas", type: "number", takes: "a number from 0 to 5", absent: null, read: whole(0, 5), about: "How many replicas the node has, 0 to 5. Without it, as the transcript says." },
  topology: { name: "topology", ...choice("star", "chain"), absent: "star", about: "Whether replicas follow the first node, or each the one before." },
  seed: { name: "seed", type: "number", takes: "a whole number", absent: null, read: whole(0, 2 ** 53 - 1), about: "Where all randomness comes from. Without it, as the transcript says." },
  clock: { name: "clock", ...choice("playing", "paused"), absent: "playing", about: "Whether time passes by itself between commands that are typed." },
  speed: { name: "speed", type: "number", takes: "a number from 0.001 to 1000", absent: 1, read: speed, about: "Virtual seconds in a real second." },
  panels: { name: "panels", type: "string", takes: "terminal, fleet, or both", absent: ["terminal"], read: panels, about: "What is shown: \"terminal\", \"fleet\", or both." },
  resp: { name: "resp", type: "2 | 3", absent: 2, read: (value) => (value === "3" ? 3 : value === "2" ? 2 : undefined), about: "Version of the protocol that the terminal speaks." },
  prompt: { name: "prompt", type: "string", absent: "redis> ", read: text, about: "The prompt; \"address\" shows the node's address." },
  autorun: { name: "autorun", type: "boolean", absent: false, read: flag, about: "Run the transcript as soon as the engine is there." },
  load: { name: "load", ...choice("eager", "visible", "interaction"), absent: "visible", about: "When to load the engine: at once, when the element comes into view, or when it is used." },
  readonly: { name: "readonly", type: "boolean", absent: false, read: flag, about: "No prompt: the transcript can be run, and nothing typed." },
  theme: { name: "theme", ...choice("auto", "light", "dark"), absent: "auto", about: "Colours; \"auto\" follows the page's color-scheme." },
  session: { name: "session", type: "string", absent: null, read: name, about: "Elements of one name on a page share one fleet, each with a terminal of its own." },
  persist: { name: "persist", type: "string", absent: null, read: name, about: "Keep what was done under this name, for the next visit." },
  engineUrl: { name: "engine-url", type: "string", absent: null, read: name, about: "Address of the engine's WebAssembly file, if it is not beside the script." },
  maxLines: { name: "max-lines", type: "number", takes: "a number from 1 to 100000", absent: 500, read: whole(1, 100_000), about: "How many lines the terminal keeps." },
  height: { name: "height", type: "string", absent: null, read: name, about: "A CSS length; the terminal scrolls within it. Without it, the element grows." },
};

export const ATTRIBUTE_NAMES: readonly string[] = Object.values(ATTRIBUTES).map((attribute) => attribute.name);

/** The options an element's attributes ask for, and a sentence for each that makes no sense. */
export function readOptions(attributeOf: (name: string) => string | null): { options: Options; problems: string[] } {
  const options: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [key, { name, type, takes, absent, read }] of Object.entries(ATTRIBUTES)) {
    const value = attributeOf(name);
    const given = value === null ? undefined : read(value);
    if (value !== null && given === undefined) problems.push(`The attribute ${name} cannot be "${value}"; it takes ${takes ?? type}.`);
    options[key] = given ?? absent;
  }
  return { options: options as unknown as Options, problems };
}
