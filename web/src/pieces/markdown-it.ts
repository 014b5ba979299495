/** A plugin for markdown-it, and so for VitePress: fenced `redis` blocks that hold a transcript become playgrounds. */

import { playgroundHtml, readFence } from "./fence.ts";

interface Token {
  info: string;
  content: string;
}

type Rule = (tokens: Token[], index: number, ...rest: unknown[]) => string;

/** As much of markdown-it as is used here, so that nobody needs its types. */
interface MarkdownIt {
  renderer: { rules: { fence?: Rule | undefined } };
}

export default function redarium(md: MarkdownIt): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index];
    const playground = token && readFence(token.info, token.content);
    // Vue, which VitePress hands the page to, is to leave braces in a transcript alone.
    if (playground) return playgroundHtml(playground, " v-pre");
    return fence ? fence(tokens, index, ...rest) : "";
  };
}
