/**
 * A plugin for remark, and so for Docusaurus, Astro and Starlight: fenced `redis` blocks that hold a
 * transcript become playgrounds.
 *
 * MDX knows no HTML, so there they become JSX: with `{ jsx: true }`, or by themselves in a file whose name
 * ends in `.mdx`.
 */

import { playgroundHtml, readFence, type Playground } from "./fence.ts";

interface Node {
  type: string;
  lang?: string | null;
  meta?: string | null;
  value?: string;
  children?: Node[];
}

export interface Options {
  jsx?: boolean;
}

export default function redarium({ jsx }: Options = {}): (tree: Node, file: { path?: string }) => void {
  return (tree, file) => {
    const asJsx = jsx ?? file.path?.endsWith(".mdx") ?? false;
    replaceIn(tree, (playground) => (asJsx ? jsxElement(playground) : { type: "html", value: playgroundHtml(playground) }));
  };
}

function replaceIn(parent: Node, made: (playground: Playground) => Node): void {
  for (const [index, node] of (parent.children ?? []).entries()) {
    const playground = node.type === "code" ? readFence(`${node.lang ?? ""} ${node.meta ?? ""}`, node.value ?? "") : null;
    if (playground) parent.children?.splice(index, 1, made(playground));
    else replaceIn(node, made);
  }
}

/**
 * The element as it stands in MDX's tree. Its text stands alone, since themes make something else of any
 * `pre`; the package's style sheet keeps its lines apart where there are no scripts.
 */
function jsxElement({ attributes, transcript }: Playground): Node {
  const pairs = attributes.map(([name, value]) => ({ type: "mdxJsxAttribute", name, value }));
  const children = [{ type: "text", value: transcript }];
  return { type: "mdxJsxFlowElement", name: "redarium-playground", attributes: pairs, children } as Node;
}
