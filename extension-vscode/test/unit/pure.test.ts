import assert from "node:assert/strict";
import { test } from "node:test";
import type { Check, Finding } from "../shapes";
import { blocked, check, drift, finding, nothing, policy } from "../shapes";
import { loadAddon } from "../../src/pure/addon";
import { bridgeNodes, merged } from "../../src/pure/bridge";
import { failure } from "../../src/pure/failure";
import { foreign } from "../../src/pure/foreign";
import { historyNodes } from "../../src/pure/history";
import { type Clock, Latest } from "../../src/pure/latest";
import { hostFolder, place, relative } from "../../src/pure/place";
import { PortNews } from "../../src/pure/ports";
import { policyNodes, withBlocked, withMissed } from "../../src/pure/policyview";
import { status } from "../../src/pure/status";
import { onHost } from "../../src/pure/terminals";

const lookup = { path: "/x/drawbridge.node", version: "1.0.0", platform: "linux-x64", exists: () => true };

class Nothing {}
const addon = (version: string) => ({ Project: Nothing, Cancellation: Nothing, version: () => version, explain: () => null });

test("an addon that is missing, foreign, broken or of another version is refused with a sentence", () => {
  const why = (extra: object): string => {
    const loaded = loadAddon({ ...lookup, load: () => addon("1.0.0"), ...extra });
    return loaded.kind === "missing" ? loaded.why : "loaded";
  };
  assert.equal(why({}), "loaded");
  assert.match(why({ exists: () => false }), /no program for linux-x64/);
  assert.match(why({ load: () => assert.fail("ELF") }), /does not run on linux-x64/);
  assert.match(why({ load: () => ({}) }), /not Drawbridge's/);
  assert.match(why({ load: () => addon("0.9.0") }), /version 0\.9\.0 and the extension 1\.0\.0/);
});

test("foreign text cannot forge lines, directions or length", () => {
  assert.equal(foreign("a\nb\u202Ec\u001b[0m"), "a\\u{a}b\\u{202e}c\\u{1b}[0m");
  assert.equal([...foreign("😀".repeat(300), 10)].length, 10);
  assert.equal(foreign("plain.example"), "plain.example");
});

test("only the workspace side of a container is the wrong place", () => {
  assert.equal(place({ remoteName: "dev-container", besideWorkspace: true }), "container");
  assert.equal(place({ remoteName: "attached-container", besideWorkspace: true }), "container");
  assert.equal(place({ remoteName: "dev-container", besideWorkspace: false }), "host");
  assert.equal(place({ remoteName: undefined, besideWorkspace: true }), "host");
});

const uri = (scheme: string, authority: string, path: string) => ({ scheme, authority, path, fsPath: path });
const hex = (text: string): string => Buffer.from(text).toString("hex");

test("the host's folder of a container window is read from its authority", () => {
  const remote = (authority: string) => hostFolder(uri("vscode-remote", authority, "/workspaces/p"));
  assert.equal(hostFolder(uri("file", "", "/home/u/p")), "/home/u/p");
  assert.equal(remote(`dev-container+${hex("/home/u/p")}`), "/home/u/p");
  assert.equal(remote(`dev-container+${hex('{"hostPath":"/home/u/q"}')}`), "/home/u/q");
  assert.equal(remote(`dev-container+${hex('{"volumeName":"v","hostPath":"/x"}')}`), undefined);
  assert.equal(remote(`dev-container+${hex("relative")}`), undefined);
  assert.equal(remote(`dev-container+${hex("{broken")}`), undefined);
  assert.equal(remote(`ssh-remote+server`), undefined);
  assert.equal(remote("127.0.0.1:8080"), "/workspaces/p");
});

test("paths are taken below the folder only", () => {
  const folder = uri("file", "", "/p");
  assert.equal(relative(folder, uri("file", "", "/p/.devcontainer/devcontainer.json")), ".devcontainer/devcontainer.json");
  assert.equal(relative(folder, uri("file", "", "/pq/x")), undefined);
  assert.equal(relative(folder, uri("git", "", "/p/x")), undefined);
  assert.equal(relative(folder, folder), undefined);
});

/** Time that passes when the test says so. */
class Hand implements Clock {
  readonly #due = new Set<() => void>();
  readonly after = (_: number, then: () => void): (() => void) => {
    this.#due.add(then);
    return () => this.#due.delete(then);
  };
  pass(): number {
    const due = [...this.#due];
    this.#due.clear();
    for (const then of due) then();
    return due.length;
  }
}

test("a thousand rapid requests are one run", async () => {
  const clock = new Hand();
  let runs = 0;
  const latest = new Latest(() => Promise.resolve(void (runs += 1)), clock);
  for (let index = 0; index < 1000; index += 1) latest.request(150);
  assert.equal(clock.pass(), 1);
  await Promise.resolve();
  assert.equal(runs, 1);
});

test("a newer request takes the running one back, and runs after it", async () => {
  const clock = new Hand();
  const seen: boolean[] = [];
  const ends: (() => void)[] = [];
  const latest = new Latest(async (signal) => {
    await new Promise<void>((resolve) => ends.push(resolve));
    seen.push(signal.aborted);
  }, clock);
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  latest.request(150);
  clock.pass();
  latest.request(150);
  clock.pass();
  assert.equal(ends.length, 1, "one at a time");
  ends[0]?.();
  await settle();
  assert.equal(ends.length, 2, "the second follows");
  ends[1]?.();
  await settle();
  assert.deepEqual(seen, [true, false]);
  latest.dispose();
  latest.request(150);
  assert.equal(clock.pass(), 0, "nothing after the end");
});

const channel = (findings: readonly Finding[]): Check["channels"][number] => ({
  id: "egress",
  title: "Egress",
  findings,
  ...(findings[0] === undefined ? {} : { worst: findings[0].severity }),
});

test("what was observed stays from the last look inside, the rest is of the newest check", () => {
  const files = { ...check, channels: [channel([finding("high", "configured")])] };
  const live = { ...check, channels: [channel([finding("critical", "observed"), finding("low", "configured")])] };
  const [egress] = merged(files, live);
  assert.deepEqual(
    egress?.findings.map(({ severity, class: seen }) => `${severity} ${seen}`),
    ["high configured", "critical observed"],
  );
  assert.equal(egress?.worst, "critical");
  const [closed] = merged({ ...check, channels: [channel([finding("high", "configured")])] }, { ...check, channels: [channel([])] });
  assert.equal(closed?.worst, "high");
});

test("the bridge says state and evidence in words", () => {
  const [node] = bridgeNodes([channel([{ ...finding("high", "inferred"), message: "open\u202e" }])]);
  assert.equal(node?.spoken, "Egress: 1 finding, worst high");
  assert.equal(node?.children?.[0]?.spoken, "high: open\\u{202e}, follows from what is not written");
  assert.equal(bridgeNodes([channel([])])[0]?.spoken, "Egress: nothing found");
  const range = { start: { line: 4, character: 0 }, end: { line: 4, character: 1 } };
  const ofFile = bridgeNodes([channel([{ ...finding("high", "configured"), message: "open", file: "a.json", range }])]);
  assert.equal(ofFile[0]?.children?.[0]?.spoken, "high: open, written in the configuration, a.json:5");
});

test("ports of the editor itself are rows of their channel only", () => {
  const ports: Check["channels"][number] = { id: "ports", title: "ports", findings: [] };
  const listeners = [
    { editor: "Code\u202e", address: "127.0.0.1:3000", local: true },
    { editor: "Code", address: "192.0.2.1:9229", local: false },
  ];
  const [egress, shown] = bridgeNodes([channel([]), ports], listeners);
  assert.equal(egress?.children?.length, 0);
  assert.equal(shown?.spoken, "ports: nothing found, 2 listeners");
  assert.deepEqual(shown?.children?.map(({ spoken, description }) => [spoken, description]), [
    ["Code\\u{202e} listens on 127.0.0.1:3000, for programs of this machine, seen now on this machine", "observed, for programs of this machine"],
    ["Code listens on 192.0.2.1:9229, for the network of that address, seen now on this machine", "observed, for the network of that address"],
  ]);
});

test("a port that everybody reaches is told once, when it was seen", () => {
  const look = (...findings: readonly Finding[]): Check => ({ ...check, channels: [{ id: "ports", title: "ports", findings }] });
  const news = new PortNews();
  assert.equal(news.next(look(finding("critical", "configured"), finding("low", "observed"))), undefined);
  assert.equal(news.next({ ...check, channels: [channel([finding("critical", "observed")])] }), undefined, "another channel");
  const open = { ...finding("critical", "observed"), message: "listens\u202e" };
  assert.equal(news.next(look(open, finding("high", "observed"))), "listens\\u{202e}, and 1 more");
  assert.equal(news.next(look(open, finding("high", "observed"))), undefined);
});

test("blocked hosts count on, newest first, and only those with a rule can be allowed", () => {
  const one = withBlocked(policy, blocked("a.example"));
  const two = withBlocked(withBlocked(one, blocked("b.example")), { ...blocked("a.example"), last: 9 });
  assert.deepEqual(two.blocked.map(({ host, count }) => `${host} ${count}`), ["a.example 2", "b.example 1"]);
  const { rule: _, ...never } = blocked("169.254.169.254");
  const nodes = policyNodes(withBlocked(two, never), true).find(({ id }) => id === "blocked")?.children ?? [];
  assert.deepEqual(nodes.map(({ context }) => context), [undefined, "blocked.allowable", "blocked.allowable"]);
  const asked = { ...blocked("a.example"), method: "POST", path: "/x" };
  const alike = [blocked("a.example"), { ...blocked("a.example"), port: 22 }, asked].reduce(withBlocked, policy);
  const rows = policyNodes(alike, true).find(({ id }) => id === "blocked")?.children ?? [];
  assert.deepEqual(rows.map(({ spoken }) => spoken.split(".example")[1]), [
    " blocked 1 time, POST /x. no rule allows it",
    ":22 blocked 1 time. no rule allows it",
    " blocked 1 time. no rule allows it",
  ]);
});

test("what was told while the policy was asked for is neither lost nor counted twice", () => {
  const asked = withBlocked(policy, blocked("a.example"));
  const known = blocked("a.example");
  const late = { ...blocked("a.example"), last: blocked("a.example").last + 1 };
  const both = withMissed(asked, [known, blocked("b.example")]);
  assert.deepEqual(both.blocked.map((one) => [one.host, one.count]), [["b.example", 1], ["a.example", 1]]);
  assert.equal(withMissed(asked, [late]).blocked[0]?.count, 2);
});

test("an empty view has its welcome, one that names a configuration says that it is not protected", () => {
  const open = { ...policy, state: "unprotected" as const };
  assert.deepEqual(policyNodes(open, true), []);
  assert.deepEqual(policyNodes(open, false).map(({ label, open: on }) => [label, on?.kind === "command" ? on.command : ""]), [
    ["Not protected", "drawbridge.protect"],
  ]);
});

test("a flood of hosts does not fill the view", () => {
  const many = Array.from({ length: 5000 }, (_, index) => blocked(`h${index}.example`));
  const group = policyNodes({ ...policy, blocked: many }, true).find(({ id }) => id === "blocked");
  assert.equal(group?.children?.length, 201);
  assert.equal(group?.children?.at(-1)?.label, "4800 more");
});

test("the plan stands above the history, and only the newest applied entry can be undone", () => {
  const entry = { command: "protect", time: 0, files: [] } as const;
  const nodes = historyNodes(
    [
      { ...entry, id: 1, state: "applied" },
      { ...entry, id: 2, state: "applied" },
      { ...entry, id: 3, state: "undone" },
    ],
    { digest: "d", config: "c", changes: [{ file: "f", after: "" }], notes: [], hosts: [] },
  );
  assert.deepEqual(nodes.map(({ id, context }) => `${id} ${context ?? "-"}`), ["plan plan", "entry:3 -", "entry:2 entry.undoable", "entry:1 -"]);
  assert.equal(nodes[0]?.children?.[0]?.description, "created");
  assert.equal(new Set(nodes.map(({ spoken }) => spoken)).size, nodes.length, "changes of one minute");
});

test("the status bar shows the worst", () => {
  const known = { check, policy, reviewed: nothing, failure: undefined };
  assert.equal(status(known).spoken, "Drawbridge: nothing found");
  assert.equal(status({ ...known, check: { ...check, channels: [channel([finding("critical", "observed")])] } }).level, "error");
  assert.equal(status({ ...known, failure: "broken" }).tooltip, "broken");
  const changed = status({ ...known, reviewed: { review: { known: true, drift: [drift("f")] }, container: { known: true, drift: [drift("/s")] } } });
  assert.equal(changed.spoken, "Drawbridge: 2 changes to review");
  assert.equal(changed.command, "drawbridge.reviewDrift");
});

test("a terminal on the host is known by the scheme of its folder", () => {
  assert.equal(onHost({ name: "t", cwd: { scheme: "file" } }, "dev-container"), true);
  assert.equal(onHost({ name: "t", cwd: { scheme: "vscode-remote" } }, "dev-container"), false);
  assert.equal(onHost({ name: "t", cwd: "/home" }, "dev-container"), false);
  assert.equal(onHost({ name: "t", cwd: { scheme: "file" } }, undefined), false);
});

test("a rejection is one safe sentence", () => {
  assert.deepEqual(failure({ code: "stale", message: "a\nb", hint: "c" }), { code: "stale", text: "a\\u{a}b. c", losses: [] });
  assert.equal(failure("x").code, "unknown");
});
