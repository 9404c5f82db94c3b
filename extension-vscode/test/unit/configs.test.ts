import assert from "node:assert/strict";
import { test } from "node:test";
import type { Configuration } from "../../../crates/node/index";
import { configNodes, picks, settled } from "../../src/pure/configs";

const config = (file: string, gated = false): Configuration => ({ file, protected: gated, chosen: false });
const several = [config("a/devcontainer.json", true), config("b/devcontainer.json")];

test("of several configurations none is taken by itself", () => {
  assert.equal(settled([], undefined), undefined);
  assert.equal(settled([config("a")], "gone"), "a", "the only one needs no choice");
  assert.equal(settled(several, undefined), undefined);
  assert.equal(settled(several, "b/devcontainer.json"), "b/devcontainer.json");
  assert.equal(settled(several, "gone/devcontainer.json"), undefined, "what was chosen is gone");
});

test("a folder with several says which one is shown, and how to choose", () => {
  assert.deepEqual(configNodes([config("a")], "a"), []);
  const [undecided] = configNodes(several, undefined);
  assert.equal(undecided?.spoken, "Choose a configuration: this folder has 2");
  const [chosen] = configNodes(several, "b\u202e/devcontainer.json");
  assert.equal(chosen?.spoken, "Configuration b\\u{202e}/devcontainer.json. Press Enter to choose another");
  for (const node of [undecided, chosen]) assert.deepEqual(node?.open?.kind === "command" && node.open.command, "drawbridge.chooseConfig");
});

test("the list says what is protected and what is shown", () => {
  const shown = picks([config("a", true), { ...config("b"), chosen: true }]);
  assert.deepEqual(shown.map(({ label, description }) => `${label}: ${description}`), ["a: protected", "b: not protected, shown now"]);
});
