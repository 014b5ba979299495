/** A script that breaks a claim, told step by step. */

import { parseStory } from "../engine/script-text.ts";
import type { Input } from "../engine/types.ts";
import type { Tale, TaleStep } from "../gallery/tale.ts";
import type { Found } from "./search.ts";

/** So much of what happens at one instant is told. */
const TOLD_AT_ONCE = 3;

export function taleOf({ seed, text, script }: Found, words: string): Tale {
  const story = parseStory(script);
  const steps: TaleStep[] = [];
  const clients: number[] = [];
  const told = new Map<number, string[]>();
  for (const entry of story.script) {
    if (!("input" in entry)) continue;
    if (entry.input.kind === "openClient") clients.push(entry.input.node);
    const sentence = sentenceOf(entry.input, (client) => clients[client - 1] ?? 0);
    if (sentence !== null) told.set(entry.atUs, [...(told.get(entry.atUs) ?? []), sentence]);
  }
  for (const [atUs, sentences] of told) {
    const rest = sentences.length - TOLD_AT_ONCE;
    steps.push({ atUs, text: [...sentences.slice(0, TOLD_AT_ONCE), ...(rest > 0 ? [`And ${rest} more.`] : [])].join(" ") });
  }
  steps.push({ atUs: story.end.atUs, text: `So ${text}.` });
  return { title: `Seed ${seed}`, caption: `“${words}.” Not here. This is what is left of the seed's script once all is left out that does not matter.`, steps, story };
}

/** What somebody did, or what broke; null for what says nothing. */
export function sentenceOf(input: Input, nodeOf: (client: number) => number): string | null {
  switch (input.kind) {
    case "openClient":
    case "closeClient":
    case "dropFile":
      return null;
    case "addNode":
      return "A node is added.";
    case "addReplica":
      return `${at(input.of)} gets one more replica.`;
    case "interrupt":
      return `A client of ${at(nodeOf(input.client))} presses Ctrl-C.`;
    case "type":
      return `A client of ${at(nodeOf(input.client))} types ${input.line}.`;
    case "cutLink":
      return `Link ${input.link} is cut${input.way && input.way !== "both" ? " in one direction" : ""}.`;
    case "stallLink":
      return `Nothing arrives over link ${input.link}.`;
    case "healLink":
      return `Link ${input.link} is healed.`;
    case "resetLink":
      return `All connections over link ${input.link} are reset.`;
    case "setLatency":
      return `Link ${input.link} takes ${input.latencyUs / 1000} ms.`;
    case "crash":
      return input.disk === "kept" ? `${at(input.node)} is killed.` : `${at(input.node)} loses power, and what it had not synced.`;
    case "restart":
      return `${at(input.node)} starts, unless it runs.`;
    case "pause":
      return `The process of ${at(input.node)} stands still.`;
    case "resume":
      return `The process of ${at(input.node)} goes on.`;
    case "promote":
      return `An operator makes ${at(input.node)} a master.`;
    case "attach":
      return `An operator makes ${at(input.node)} a replica of ${at(input.to)}.`;
    case "shiftClock":
      return `The clock of ${at(input.node)} jumps by ${Math.round(input.byMs / 1000)} s.`;
    case "setDisk":
      return `The disk of ${at(input.node)} ${input.full ? "is full" : "has room"}.`;
  }
}

function at(node: number): string {
  return `10.0.0.${node}`;
}
