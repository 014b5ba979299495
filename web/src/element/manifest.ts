/** The element in words for editors and catalogues, made from its own tables: `custom-elements.json`. */

import { ATTRIBUTES } from "./attributes.ts";
import { EVENTS } from "./events.ts";

/** The element's methods, and what each is for. */
export const METHODS: Readonly<Record<string, string>> = {
  ready: "Resolves when the engine is there; loads it where nobody has.",
  run: "Runs what is left of the transcript, or these commands after it, and compares the transcript with what it says.",
  step: "Runs the transcript's next command; null when there is none.",
  play: "Lets virtual time pass by itself.",
  pause: "Stops virtual time.",
  seek: "Goes to a virtual time, in microseconds since the world began.",
  fork: "A new element, not in any document, that goes on from where this one is.",
  reset: "Everything as it was in the beginning.",
  exportScenario: "Everything that was done, as a script that makes the same world again.",
  importScenario: "Plays such a script and goes on from its end.",
};

/** What `::part` reaches. */
export const PARTS: Readonly<Record<string, string>> = {
  container: "Everything but messages.",
  toolbar: "The row of buttons.",
  button: "Every button.",
  verdict: "How the transcript compares with what it says.",
  terminal: "The terminal, which scrolls.",
  static: "The transcript as text, before the engine is there.",
  transcript: "What was typed and printed.",
  prompt: "Every prompt.",
  output: "What a command has printed.",
  input: "Where commands are typed.",
  hint: "The line below it.",
  placeholder: "The prompt's place before the engine is there.",
  fleet: "The picture of the fleet.",
  messages: "Where it is said what is wrong.",
  message: "What is wrong.",
};

/** Custom properties, which all have a value where the page gives none. */
export const TOKENS: Readonly<Record<string, string>> = {
  "--redarium-ground": "Behind the toolbar and the fleet.",
  "--redarium-well": "Behind the terminal.",
  "--redarium-hover": "Behind a button that is pointed at.",
  "--redarium-line": "Lines and borders.",
  "--redarium-ink": "What was typed.",
  "--redarium-ink-2": "What was printed.",
  "--redarium-ink-3": "Prompts, and what has not run.",
  "--redarium-accent": "Errors, the master, packets.",
  "--redarium-good": "What is as it was written.",
  "--redarium-warn": "What differs, and what waits.",
  "--redarium-focus": "Where the focus is.",
  "--redarium-font-mono": "The terminal's typeface.",
  "--redarium-font-sans": "The typeface of all else.",
  "--redarium-font-size": "The size of text.",
  "--redarium-radius": "How round the corners are.",
};

/** The manifest, by the schema of the Web Components community group. */
export function manifest(): object {
  const named = (table: Readonly<Record<string, string>>) => Object.entries(table).map(([name, description]) => ({ name, description }));
  const path = "dist/define.js";
  const declaration = {
    kind: "class",
    name: "RedariumPlayground",
    tagName: "redarium-playground",
    customElement: true,
    superclass: { name: "HTMLElement" },
    description: "A Redis transcript that can be run, checked and gone on with.",
    attributes: Object.values(ATTRIBUTES).map(({ name, type, absent, about }) => ({
      name,
      description: about,
      type: { text: type },
      ...(absent === null ? {} : { default: JSON.stringify(absent) }),
    })),
    members: named(METHODS).map((method) => ({ kind: "method", ...method })),
    events: named(EVENTS).map((event) => ({ ...event, type: { text: "CustomEvent" } })),
    cssParts: named(PARTS),
    cssProperties: named(TOKENS),
  };
  const exported = { kind: "custom-element-definition", name: "redarium-playground", declaration: { name: declaration.name, module: path } };
  return { schemaVersion: "2.1.0", modules: [{ kind: "javascript-module", path, declarations: [declaration], exports: [exported] }] };
}
