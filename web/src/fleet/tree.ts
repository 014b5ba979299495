/**
 * Where nodes stand: masters left, their replicas one column to the right, a
 * replica's replicas one further. Rows are shared out so that no two overlap.
 */

import type { NodeId, NodeView } from "../engine/types.ts";

export interface Place {
  column: number;
  /** In rows; halves where a master stands between its replicas. */
  row: number;
}

export interface Tree {
  places: ReadonlyMap<NodeId, Place>;
  columns: number;
  rows: number;
}

export function tree(nodes: readonly NodeView[]): Tree {
  const places = new Map<NodeId, Place>();
  const childrenOf = childrenByMaster(nodes);
  let rows = 0;
  let columns = 0;

  const place = (node: NodeView, column: number): number => {
    // Placed before its children are, so that nodes that replicate each other in a circle end.
    places.set(node.id, { column, row: 0 });
    columns = Math.max(columns, column + 1);
    const below = (childrenOf.get(node.address) ?? []).filter((child) => !places.has(child.id));
    const childRows: number[] = [];
    for (const child of below) if (!places.has(child.id)) childRows.push(place(child, column + 1));
    const row = childRows.length > 0 ? ((childRows[0] ?? 0) + (childRows.at(-1) ?? 0)) / 2 : rows++;
    places.set(node.id, { column, row });
    return row;
  };

  const addresses = new Set(nodes.map((node) => node.address));
  for (const node of nodes) if (isRoot(node, addresses)) place(node, 0);
  // What is left replicates itself in a circle.
  for (const node of nodes) if (!places.has(node.id)) place(node, 0);
  return { places, columns, rows };
}

function isRoot(node: NodeView, addresses: ReadonlySet<string>): boolean {
  return node.master === null || !addresses.has(node.master);
}

function childrenByMaster(nodes: readonly NodeView[]): Map<string, NodeView[]> {
  const children = new Map<string, NodeView[]>();
  for (const node of nodes) {
    if (node.master !== null) children.set(node.master, [...(children.get(node.master) ?? []), node]);
  }
  return children;
}
