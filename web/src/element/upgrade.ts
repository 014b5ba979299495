/**
 * One script for a page whose Redis examples are plain code blocks: every
 * `pre > code.language-redis` that holds a transcript becomes a playground, also
 * those that a page without reloads adds later.
 *
 * `data-` attributes of the block, or of the script for all blocks, become the element's: `data-replicas="2"`.
 */

import { ATTRIBUTE_NAMES } from "./attributes.ts";
import { define } from "./playground.ts";
import { isTranscript } from "./text.ts";

const BLOCKS = "pre > code.language-redis, .language-redis > pre > code, .highlight-redis pre > code";

/** Upgrades the blocks in a part of the page, and returns the elements. Blocks without a prompt stay as they are. */
export function upgrade(within: ParentNode = document, defaults: DOMStringMap = {}): HTMLElement[] {
  define();
  const blocks = [...within.querySelectorAll<HTMLElement>(BLOCKS)];
  return blocks.flatMap((code) => upgradeBlock(code, defaults) ?? []);
}

function upgradeBlock(code: HTMLElement, defaults: DOMStringMap): HTMLElement | null {
  const pre = code.parentElement;
  if (!pre || pre.closest("redarium-playground") || !isTranscript(code.textContent ?? "")) return null;
  const element = document.createElement("redarium-playground");
  for (const from of [defaults, pre.dataset, code.dataset]) {
    for (const name of ATTRIBUTE_NAMES) {
      const value = from[camel(name)];
      if (value !== undefined) element.setAttribute(name, value);
    }
  }
  // The block stays inside: it is what print and search see, and what the transcript is read from.
  pre.replaceWith(element);
  element.append(pre);
  return element;
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Upgrades the page, and what is added to it. */
function start(defaults: DOMStringMap): void {
  upgrade(document, defaults);
  new MutationObserver((changes) => {
    const added = changes.some(({ addedNodes }) => [...addedNodes].some((node) => node instanceof Element && (node.matches(BLOCKS) || node.querySelector(BLOCKS))));
    if (added) upgrade(document, defaults);
  }).observe(document.documentElement, { childList: true, subtree: true });
}

if (typeof document !== "undefined") {
  // A module has no `currentScript`: the tag is found by where it was loaded from.
  const own = [...document.scripts].find(({ src }) => src === import.meta.url);
  const begin = () => start(own?.dataset ?? {});
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
}
