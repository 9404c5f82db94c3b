import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "../../src/pure/model";
import { Rows } from "../../src/pure/rows";

const folder = "folder";

function node(id: string, label = id, ...children: readonly Node[]): Node {
  return { id, label, icon: "file", spoken: label, children };
}

/** What VS Code is told: the ids of rows, or that the top is another. */
function told(rows: Rows<string>, ...nodes: readonly Node[]): readonly string[] | "top" {
  return rows.update(nodes.map((one) => [folder, one] as const))?.map((row) => row.node.id) ?? "top";
}

test("only what differs is told, as far up as it must be", () => {
  const rows = new Rows<string>();
  const tree = (leaf: Node, ...more: readonly Node[]): readonly Node[] => [node("a", "a", node("b", "b", leaf), ...more), node("z")];
  assert.deepEqual(told(rows, ...tree(node("c"))), "top");
  assert.deepEqual(told(rows, ...tree(node("c"))), [], "the same again");
  assert.deepEqual(told(rows, ...tree(node("c", "other"))), ["c"]);
  assert.deepEqual(told(rows, ...tree(node("d"))), ["b"], "another row in it");
  assert.deepEqual(told(rows, ...tree(node("d"), node("e"))), ["a"]);
  assert.deepEqual(told(rows, ...tree(node("d"), node("e")).toReversed()), "top", "moved");
  assert.deepEqual(told(rows), "top");
  assert.deepEqual(told(rows), []);
});

test("a row that is told of has all that is new in it", () => {
  const rows = new Rows<string>();
  told(rows, node("a", "a", node("b")));
  const [before] = rows.top;
  assert.deepEqual(told(rows, node("a", "other", node("b", "new"))), ["a"]);
  assert.equal(rows.top[0], before, "VS Code knows a row by its object");
  assert.equal(before?.node.label, "other");
  assert.equal(before?.children[0]?.node.label, "new");
});

test("a folder that came in the place of another has rows of its own", () => {
  const rows = new Rows<string>();
  const one = node("folder");
  rows.update([["old", one]]);
  assert.equal(rows.update([["new", one]]), undefined);
  assert.equal(rows.top[0]?.folder, "new");
});
