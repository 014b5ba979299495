/**
 * A scenario: a script that tells a story. Its prose stands in the script's comments, so the same text plays here
 * and with `redarium replay`.
 *
 * ```text
 * #= Its title
 * #. Its caption: two sentences.
 * #@1500000 What to look at, from that time on.
 * #: A line of the reply to the line above, for the tests.
 * ```
 */

import { parseStory, type Story } from "../engine/script-text.ts";

export interface TaleStep {
  atUs: number;
  text: string;
}

export interface Tale {
  title: string;
  caption: string;
  steps: readonly TaleStep[];
  story: Story;
}

/** The scenarios of a text that holds several, each from its head on. */
export function parseTales(text: string): Tale[] {
  return text.split(/^(?=redarium-script )/m).filter((part) => part.startsWith("redarium-script")).map(parseTale);
}

/** Any script is a tale, if one without words. */
export function parseTale(text: string): Tale {
  const story = parseStory(text);
  const tale = { title: "", caption: "", steps: [] as TaleStep[], story };
  for (const line of text.split(/\r?\n/)) {
    const words = line.slice(3).trim();
    const [, at, step = ""] = /^#@(\d{1,15}) (.*)$/.exec(line) ?? [];
    if (line.startsWith("#= ")) tale.title = words;
    else if (line.startsWith("#. ")) tale.caption = tale.caption === "" ? words : `${tale.caption} ${words}`;
    else if (at !== undefined) tale.steps.push({ atUs: Number(at), text: step });
  }
  return tale;
}

/** The step that a time belongs to, counted from 1; 0 before the first. */
export function stepAt({ steps }: Tale, atUs: number): number {
  return steps.filter((step) => step.atUs <= atUs).length;
}
