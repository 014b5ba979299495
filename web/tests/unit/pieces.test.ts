import { describe, expect, test } from "vitest";

import { playgroundHtml, readFence } from "../../src/pieces/fence.ts";
import markdownIt from "../../src/pieces/markdown-it.ts";
import remark from "../../src/pieces/remark.ts";

const TRANSCRIPT = 'redis> SET k "<v>"\nOK\n';

describe("a fenced block", () => {
  test.each([
    ["redis", TRANSCRIPT, []],
    ["redis replicas=2 autorun {3} title=x", TRANSCRIPT, [["replicas", "2"], ["autorun", ""]]],
    ['redis {seed="7"}', "127.0.0.1:6379[3]> GET k", [["seed", "7"]]],
    ['redis panels="terminal fleet" speed=0.5', TRANSCRIPT, [["panels", "terminal fleet"], ["speed", "0.5"]]],
    ["redis", "SET k v\nGET k", null],
    ["rust", TRANSCRIPT, null],
    ["", TRANSCRIPT, null],
  ])("%s %j", (info, text, attributes) => {
    expect(readFence(info, text)?.attributes ?? null).toEqual(attributes);
  });

  test("becomes HTML that says the same", () => {
    const playground = readFence('redis seed="7"', TRANSCRIPT);
    expect(playground && playgroundHtml(playground)).toBe(
      '<redarium-playground seed="7"><pre><code class="language-redis">redis&#62; SET k &#34;&#60;v&#62;&#34;\nOK</code></pre></redarium-playground>\n',
    );
  });
});

test("markdown-it keeps its own way with all other blocks", () => {
  const md = { renderer: { rules: { fence: (tokens: { content: string }[], index: number) => `other ${tokens[index]?.content}` } } };
  markdownIt(md);
  const render = (info: string, content: string) => md.renderer.rules.fence([{ info, content } as { content: string }], 0);
  expect(render("redis", TRANSCRIPT)).toContain("<redarium-playground v-pre>");
  expect(render("js", "1 > 2")).toBe("other 1 > 2");
});

test("remark replaces blocks wherever they stand, by HTML or by JSX", () => {
  const tree = () => ({ type: "root", children: [{ type: "list", children: [{ type: "code", lang: "redis", meta: "seed=1", value: TRANSCRIPT }] }, { type: "code", lang: "js", value: "1" }] });
  const html = tree();
  remark()(html, { path: "a.md" });
  expect(html.children[0]?.children?.[0]).toMatchObject({ type: "html", value: expect.stringContaining('seed="1"') });
  expect(html.children[1]).toEqual({ type: "code", lang: "js", value: "1" });
  for (const [options, path] of [[{}, "a.mdx"], [{ jsx: true }, "a.md"]] as const) {
    const jsx = tree();
    remark(options)(jsx, { path });
    expect(jsx.children[0]?.children?.[0]).toMatchObject({ type: "mdxJsxFlowElement", name: "redarium-playground", attributes: [{ name: "seed", value: "1" }] });
  }
});
