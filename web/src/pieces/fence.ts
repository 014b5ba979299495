/**
 * A fenced block of a document, as an element. What all the pieces for site generators
 * share; it runs where the site is built, not in the page.
 */

import { ATTRIBUTE_NAMES } from "../element/attributes.ts";
import { isTranscript } from "../element/text.ts";

export interface Playground {
  attributes: readonly (readonly [name: string, value: string])[];
  transcript: string;
}

/**
 * Reads a block that begins with ```` ```redis replicas=2 seed=7 autorun ````: words that are attributes of
 * the element become its attributes, others are other tools'. Null for blocks of other languages and those that
 * hold no transcript.
 */
export function readFence(info: string, text: string): Playground | null {
  const [, language, rest = ""] = /^\s*(\S*)(.*)/.exec(info) ?? [];
  if (language !== "redis" || !isTranscript(text)) return null;
  const attributes = [...rest.matchAll(WORD)].flatMap(([, name = "", ...values]) => {
    const value = values.find((given) => given !== undefined) ?? "";
    return ATTRIBUTE_NAMES.includes(name) ? [[name, value] as const] : [];
  });
  return { attributes, transcript: text.replace(/\n+$/, "") };
}

/** The element as HTML. The text stands in a block of its own, which print, search and readers without scripts see. */
export function playgroundHtml({ attributes, transcript }: Playground, more = ""): string {
  const given = attributes.map(([name, value]) => ` ${name}="${escaped(value)}"`).join("");
  return `<redarium-playground${more}${given}><pre><code class="language-redis">${escaped(transcript)}</code></pre></redarium-playground>\n`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A name, and behind `=` its value, in quotes if there are spaces in it. */
const WORD = /([\w-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s{}"']+)))?/g;
