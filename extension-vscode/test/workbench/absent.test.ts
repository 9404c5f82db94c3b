/** What is missing is said: the addon of this platform, the container engine. */

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Bench, parts, skip, withoutEngine } from "./bench";
import { CONFIG, FIXED, POLICY } from "./project";

let bench: Bench;
let addon: string;
let kept: string;

before(async () => {
  if (parts === undefined) return;
  bench = await Bench.start(parts, "absent", () => ({ path: withoutEngine() }), (project, server) => {
    project.write(CONFIG, FIXED);
    addon = join(server.extension, "dist/drawbridge.node");
    kept = join(project.home, "drawbridge.node");
    copyFileSync(addon, kept);
    rmSync(addon);
  });
});

after(async () => {
  await (bench as Bench | undefined)?.end();
});

test("what is missing is said", { skip }, async (flow) => {
  const { project, window } = bench;
  const step = (name: string, run: () => Promise<void>): Promise<void> => bench.step(flow, name, run);
  const view = async (text: RegExp): Promise<void> => {
    await window.run("View: Show Drawbridge");
    await window.page.locator(".tree-explorer-viewlet-tree-view .message").filter({ hasText: text }).first().waitFor();
  };

  await step("no addon for this platform", async () => {
    await view(/Drawbridge cannot work here: this package has no program for linux-/);
    await window.picture("no-addon");
    assert.equal(await window.status.count(), 0);
  });

  await step("an addon of another platform", async () => {
    writeFileSync(addon, "MZ of another platform");
    await window.reload();
    await view(/Drawbridge cannot work here: the program inside this package does not run on linux-/);
  });

  await step("no engine: findings are there, a plan is written and not verified", async () => {
    // A file that the process has never loaded: the loader remembers by name.
    writeFileSync(addon, readFileSync(kept));
    await window.reload();
    await window.openFile(CONFIG);
    await window.status.filter({ hasText: /findings/ }).waitFor();
    await window.run("Drawbridge: Protect This Dev Container (Preview First)");
    await window.page.getByRole("tab", { name: /^What Drawbridge would change/ }).waitFor();
    await window.run("Drawbridge: Apply the Shown Plan");
    await window.notification(/protected, \d+ files written.*not verified/).waitFor();
    assert.match(project.read(POLICY), /"allow"/);
  });

  await step("no engine: the policy says so", async () => {
    await window.run("Notifications: Clear All Notifications");
    await window.reach("Drawbridge: Focus on Policy View", /^No container engine answers/);
  });

  await step("no engine: undo works", async () => {
    await window.run("Drawbridge: Undo the Last Change of Drawbridge");
    await window.notification(/undone, \d+ files as before/).waitFor();
    assert.equal(project.read(CONFIG), FIXED);
  });
});
