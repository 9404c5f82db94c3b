import assert from "node:assert/strict";
import { test } from "node:test";
import type { Drift } from "../../../crates/node/index";
import { check, drift, nothing } from "../shapes";
import { acceptance, differences, DriftNews, driftNodes, left, type Reviewed } from "../../src/pure/drift";
import { findingNodes } from "../../src/pure/findings";

const SETTINGS = "/home/dev/.vscode-server/data/Machine/settings.json";

const reviewed = (files: readonly Drift[], inside?: readonly Drift[]): Reviewed => ({
  review: { known: true, drift: files },
  container: inside === undefined ? undefined : { known: true, drift: inside },
});

test("a change is told once, again when it changed again, and not after the review", () => {
  const news = new DriftNews();
  assert.match(news.next(reviewed([drift(".git/config")])) ?? "", /^\.git\/config changed since your last review\. Look before you reopen/);
  assert.equal(news.next(reviewed([drift(".git/config")])), undefined, "once");
  assert.match(news.next(reviewed([drift(".git/config", "b")])) ?? "", /^\.git\/config changed/);
  assert.equal(news.next(reviewed([])), undefined, "reviewed");
  assert.match(news.next(reviewed([drift(".git/config", "b")])) ?? "", /changed/, "it came back");
});

test("what is left of a review is not told again", () => {
  const news = new DriftNews();
  assert.match(news.next(reviewed([drift("a"), drift("b"), drift("c")])) ?? "", /^a and 2 more files changed/);
  assert.equal(news.next(reviewed([drift("b"), drift("c")])), undefined);
  assert.match(news.next(reviewed([drift("b"), drift("c"), drift("d")])) ?? "", /^d changed/, "only what is new");
});

test("settings and extensions of the container are told, their end is not", () => {
  const news = new DriftNews();
  assert.match(news.next(reviewed([], [drift(SETTINGS)])) ?? "", /settings\.json in the container changed/);
  const gone: Drift = { file: "/x", kind: "removed", what: [], digest: "gone" };
  assert.equal(news.next(reviewed([], [drift(SETTINGS), gone])), undefined);
  assert.equal(differences(reviewed([], [drift(SETTINGS), gone])).length, 2, "the view has it");
});

test("nothing is told before the first review, and the view says so", () => {
  const unknown: Reviewed = { review: { known: false, drift: [drift("a")] }, container: { known: false, drift: [drift("/b")] } };
  assert.equal(new DriftNews().next(unknown), undefined);
  assert.deepEqual(driftNodes(unknown).map(({ id, context }) => `${id} ${context ?? ""}`), ["drift-unknown drifted"]);
  assert.deepEqual(driftNodes(nothing), [], "nobody looked yet");
  const half: Reviewed = { ...reviewed([drift("a")]), container: { known: false, drift: [] } };
  assert.deepEqual(driftNodes(half).map(({ id }) => id), ["drift", "drift-inside-unknown"]);
});

test("a narrow view shows the name first, wherever the file is", () => {
  const rows = driftNodes(reviewed([drift(".mcp.json"), drift(".git/config")], [drift(SETTINGS)]))[0]?.children ?? [];
  assert.deepEqual(rows.map(({ label, description }) => `${label}: ${description ?? ""}`), [
    ".mcp.json: changed",
    "config: changed, .git/",
    "settings.json: changed, in the container, /home/dev/.vscode-server/data/Machine/",
  ]);
});

test("a review takes over what was shown, and for good what nobody has looked at yet", () => {
  assert.deepEqual(acceptance(reviewed([drift("a", "1")], [drift("/b", "2")])), {
    shown: [
      { file: "a", digest: "1" },
      { file: "/b", digest: "2" },
    ],
  });
  assert.deepEqual(acceptance({ review: { known: false, drift: [] }, container: undefined }), { container: true });
  assert.deepEqual(acceptance({ ...reviewed([]), container: { known: false, drift: [] } }), { shown: [], container: true });
});

test("what could not be reviewed is said with the reason", () => {
  const request = acceptance(reviewed([drift("a")], [drift("/b")]));
  const inside = { known: true, drift: [] };
  assert.equal(left(request, { known: true, drift: [], container: inside }), undefined);
  assert.equal(left(request, { known: true, drift: [drift("a", "x")], container: inside }), "not reviewed: a, it changed again meanwhile or cannot be read");
  assert.equal(left(request, { known: true, drift: [] }), "not reviewed: /b, the container cannot be looked into now");
  assert.equal(left(request, { known: true, drift: [drift("z")], container: inside }), undefined, "nobody asked for that");
});

test("each change has a row, with the diff only where there are texts", () => {
  const extension: Drift = { file: "/e", kind: "added", what: ["`acme.tool` was installed\u202e since"], digest: "1" };
  const [group] = findingNodes(check, reviewed([drift("a")], [extension]));
  assert.equal(group?.id, "drift");
  assert.equal(group?.spoken, "2 changes since your last review of what runs on your machine");
  assert.deepEqual(
    group?.children?.map(({ spoken, open }) => [spoken, open !== undefined]),
    [
      ["a was changed. runs a program", true],
      ["/e was added, in the container. `acme.tool` was installed\\u{202e} since", false],
    ],
  );
});
