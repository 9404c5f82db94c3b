/** Every view by keyboard alone: to it, through its rows, into one, and through the menu of one. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { Bench, parts, skip, withoutEngine } from "./bench";
import { CONFIG, FIXED, POLICY } from "./project";
import { logged } from "./speed";
import { until, within } from "./until";

const [FINDINGS, BRIDGE, HISTORY, POLICIES] = ["Findings", "Bridge", "History", "Policy"].map(
  (view) => `Drawbridge: Focus on ${view} View`,
) as [string, string, string, string];
const SETTINGS = ".vscode/settings.json";
const PROGRAM = JSON.stringify({ "rust-analyzer.server.path": "${workspaceFolder}/bin/server" });
const RULE = /^Allowed: api\.example\.com, from /;
/** Milliseconds for what a menu starts. */
const PATIENCE = 15_000;
/** Views are told of one check before the next one begins, and nothing says when. */
const ROUNDS = 3;
const NAMES_PROGRAM = /^low: .*settings\.json:1$/;

let bench: Bench;

before(async () => {
  if (parts === undefined) return;
  bench = await Bench.start(parts, "keyboard", () => ({ path: withoutEngine() }), (project) => {
    project.write(CONFIG, FIXED);
    project.write(SETTINGS, PROGRAM);
  });
});

after(async () => {
  await (bench as Bench | undefined)?.end();
});

test("every view by keyboard alone", { skip }, async (flow) => {
  const { project, window, server } = bench;
  const step = (name: string, run: () => Promise<void>): Promise<void> => bench.step(flow, name, run);
  const tab = (name: RegExp): Locator => window.page.getByRole("tab", { name, selected: true });
  /** Once all that is wanted is there, nothing is silent and nothing is shown twice. */
  const walked = async (view: string, ...wanted: readonly RegExp[]): Promise<void> => {
    let said: readonly string[] = [];
    const all = (): string => said.join("\n");
    const there = async (): Promise<true | undefined> => {
      said = await window.walk(view);
      return wanted.every((row) => said.some((one) => row.test(one))) || undefined;
    };
    await until(`the rows ${wanted.join(" ")} of ${view}`, there, all);
    assert.ok(said.every((row) => row.trim() !== ""), `a row is silent:\n${all()}`);
    assert.equal(new Set(said).size, said.length, `a row is shown twice:\n${all()}`);
  };
  /** News of a view can close its menu: then once more. */
  const done = async (what: string, is: () => boolean, act: () => Promise<void>): Promise<void> => {
    await until(what, async () => {
      if (!is()) await act();
      return within(PATIENCE, () => is() || undefined);
    });
  };

  await step("findings", async () => {
    await window.status.filter({ hasText: /findings/ }).waitFor();
    await walked(FINDINGS, /^\d+ high findings?$/, NAMES_PROGRAM);
    await window.enter(FINDINGS, NAMES_PROGRAM, tab(/^settings\.json/));
    await window.insist(tab(/^Preview /), () => window.menu(FINDINGS, NAMES_PROGRAM, "Explain This Rule"));
  });

  await step("news without a difference leave the rows alone", async () => {
    const checks = (): number => logged(server.logs, "checked and shown").length;
    await window.run("Developer: Set Log Level...", "Drawbridge", "Debug");
    await window.reach(FINDINGS, NAMES_PROGRAM);
    const drawn = await window.drawn("Findings");
    for (let round = 1; round <= ROUNDS; round += 1) {
      const before = checks();
      project.write(SETTINGS, `${PROGRAM}${"\n".repeat(round)}`);
      await until("the file is checked", () => checks() > before || undefined);
    }
    assert.equal(await drawn(), 0);
  });

  await step("bridge", async () => {
    await walked(BRIDGE, /^Host commands: \d+ findings?, worst /i, /^high: egress open.*, \.devcontainer\/devcontainer\.json:1$/);
    await window.enter(BRIDGE, /^high: egress open/, tab(/^devcontainer\.json/));
  });

  await step("history: a plan, looked at and applied", async () => {
    await window.run("Drawbridge: Protect This Dev Container (Preview First)");
    await tab(/^What Drawbridge would change/).waitFor();
    await walked(HISTORY, /^A plan that is not applied yet/, /policy\.jsonc would be created$/);
    await window.enter(HISTORY, /policy\.jsonc would be created$/, tab(/policy\.jsonc would be created/));
    await done("it is written", () => project.exists(POLICY), () =>
      window.menu(HISTORY, /^A plan that is not applied yet/, "Apply the Shown Plan"),
    );
  });

  await step("policy: a rule, looked at and taken back", async () => {
    const ruled = project.read(POLICY).replace('"allow": []', '"allow": ["api.example.com"]');
    project.write(POLICY, ruled);
    await window.reach(POLICIES, RULE);
    await walked(POLICIES, /^No container engine answers/, /^Allowed: \d+ rules?$/);
    await window.enter(POLICIES, RULE, tab(/^policy\.jsonc/));
    await done("the rule is gone", () => !project.read(POLICY).includes("api.example.com"), () => window.menu(POLICIES, RULE, "Take Back"));

    await done("the rule is back", () => project.read(POLICY) === ruled, () =>
      window.menu(HISTORY, /^revoke .*, applied, /, "Undo the Last Change of Drawbridge"),
    );
    await window.reach(HISTORY, /, undone, /);
    await walked(HISTORY, /^protect, applied/);
  });
});
