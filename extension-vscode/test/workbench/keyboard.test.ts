/** Every view by keyboard alone: to it, through its rows, into one, and through the menu of one. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Bench, parts, skip, withoutEngine } from "./bench";
import { CONFIG, FIXED, POLICY } from "./project";
import { until } from "./until";

const [FINDINGS, BRIDGE, HISTORY, POLICIES] = ["Findings", "Bridge", "History", "Policy"].map(
  (view) => `Drawbridge: Focus on ${view} View`,
) as [string, string, string, string];
const SETTINGS = ".vscode/settings.json";
const RULE = /^Allowed: api\.example\.com, from /;
const NAMES_PROGRAM = /^low: .*settings\.json:1$/;

let bench: Bench;

before(async () => {
  if (parts === undefined) return;
  bench = await Bench.start(parts, "keyboard", () => ({ path: withoutEngine() }), (project) => {
    project.write(CONFIG, FIXED);
    project.write(SETTINGS, JSON.stringify({ "rust-analyzer.server.path": "${workspaceFolder}/bin/server" }));
  });
});

after(async () => {
  await (bench as Bench | undefined)?.end();
});

test("every view by keyboard alone", { skip }, async (flow) => {
  const { project, window } = bench;
  const step = (name: string, run: () => Promise<void>): Promise<void> => bench.step(flow, name, run);
  const tab = async (name: RegExp): Promise<void> => {
    await window.page.getByRole("tab", { name, selected: true }).waitFor();
  };
  /** Nothing is silent and nothing is shown twice; `wanted` is there. */
  const walked = async (view: string, ...wanted: readonly RegExp[]): Promise<void> => {
    const said = await window.walk(view);
    const all = said.join("\n");
    assert.ok(said.every((row) => row.trim() !== ""), `a row is silent:\n${all}`);
    assert.equal(new Set(said).size, said.length, `a row is shown twice:\n${all}`);
    for (const row of wanted) assert.ok(said.some((one) => row.test(one)), `no row ${String(row)}:\n${all}`);
  };
  const enter = async (view: string, row: RegExp): Promise<void> => {
    await window.reach(view, row);
    await window.page.keyboard.press("Enter");
  };

  await step("findings", async () => {
    await window.status.filter({ hasText: /findings/ }).waitFor();
    await walked(FINDINGS, /^\d+ high findings?$/, NAMES_PROGRAM);
    await enter(FINDINGS, NAMES_PROGRAM);
    await tab(/^settings\.json/);
    await window.menu(FINDINGS, NAMES_PROGRAM, "Explain This Rule");
    await tab(/^Preview /);
  });

  await step("bridge", async () => {
    await walked(BRIDGE, /^Host commands: \d+ findings?, worst /i, /^high: egress open.*, \.devcontainer\/devcontainer\.json:1$/);
    await enter(BRIDGE, /^high: egress open/);
    await tab(/^devcontainer\.json/);
  });

  await step("history: a plan, looked at and applied", async () => {
    await window.run("Drawbridge: Protect This Dev Container (Preview First)");
    await tab(/^What Drawbridge would change/);
    await walked(HISTORY, /^A plan that is not applied yet/, /policy\.jsonc would be created$/);
    await enter(HISTORY, /policy\.jsonc would be created$/);
    await tab(/policy\.jsonc would be created/);
    await window.menu(HISTORY, /^A plan that is not applied yet/, "Apply the Shown Plan");
    await until("it is written", () => (project.exists(POLICY) ? true : undefined));
  });

  await step("policy: a rule, looked at and taken back", async () => {
    const ruled = project.read(POLICY).replace('"allow": []', '"allow": ["api.example.com"]');
    project.write(POLICY, ruled);
    await window.reach(POLICIES, RULE);
    await walked(POLICIES, /^No container engine answers/, /^Allowed: \d+ rules?$/);
    await enter(POLICIES, RULE);
    await tab(/^policy\.jsonc/);
    await window.menu(POLICIES, RULE, "Take Back");
    await until("the rule is gone", () => (project.read(POLICY).includes("api.example.com") ? undefined : true));

    await window.menu(HISTORY, /, applied, /, "Undo the Last Change of Drawbridge");
    await until("the rule is back", () => (project.read(POLICY) === ruled ? true : undefined));
    await window.reach(HISTORY, /, undone, /);
    await walked(HISTORY, /^protect, applied/);
  });
});
