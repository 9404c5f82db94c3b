/** The rows of a view. VS Code draws a row again, and forgets what a click on it does, when it is told of it: so only of those that differ. */

import { isDeepStrictEqual } from "node:util";
import type { Node } from "./model";

/** A node with its folder. It stays the same object while its node only says something else. */
export interface Row<F> {
  readonly folder: F;
  readonly node: Node;
  readonly children: readonly Row<F>[];
}

export class Rows<F> {
  #top: readonly Kept<F>[] = [];

  get top(): readonly Row<F>[] {
    return this.#top;
  }

  /** Takes over what is shown now. Gives the uppermost rows that differ; `undefined`: there are others at the top. */
  update(nodes: readonly (readonly [F, Node])[]): readonly Row<F>[] | undefined {
    const changed: Kept<F>[] = [];
    if (takenOver(this.#top, nodes, changed)) return changed;
    this.#top = nodes.map(([folder, node]) => new Kept(folder, node));
    return undefined;
  }
}

class Kept<F> implements Row<F> {
  node: Node;
  children: readonly Kept<F>[];

  constructor(readonly folder: F, node: Node) {
    this.node = node;
    this.children = (node.children ?? []).map((child) => new Kept(folder, child));
  }

  takeOver(node: Node, changed: Kept<F>[]): void {
    const alike = isDeepStrictEqual({ ...this.node, children: [] }, { ...node, children: [] });
    const children = (node.children ?? []).map((child) => [this.folder, child] as const);
    this.node = node;
    if (alike && takenOver(this.children, children, changed)) return;
    this.children = children.map(([folder, child]) => new Kept(folder, child));
    changed.push(this);
  }
}

/** Whether they are the same rows, by their ids; then each has its new node. */
function takenOver<F>(rows: readonly Kept<F>[], nodes: readonly (readonly [F, Node])[], changed: Kept<F>[]): boolean {
  const pairs = nodes.map(([folder, node], at) => ({ row: rows[at], folder, node }));
  if (rows.length !== nodes.length || pairs.some(({ row, folder, node }) => row?.folder !== folder || row.node.id !== node.id)) return false;
  for (const { row, node } of pairs) row?.takeOver(node, changed);
  return true;
}
