/** What changed behind the developer's back, several configurations, and losses, in the real workbench. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Bench, parts, pictures, skip } from "./bench";
import { CONFIG, ORIGINAL } from "./project";
import { until } from "./until";

const SECOND = ".devcontainer/second/devcontainer.json";
const PLAN = /^What Drawbridge would change/;
const REVIEWED = /changed since your last review/;

let bench: Bench;

before(async () => {
  if (parts === undefined) return;
  bench = await Bench.start(parts, "review");
});

after(async () => {
  await (bench as Bench | undefined)?.end();
});

test("review, choose, accept losses", { skip }, async (flow) => {
  const { project, window } = bench;
  const step = (name: string, run: () => Promise<void>): Promise<void> => bench.step(flow, name, run);
  const toReview = window.status.filter({ hasText: /changes? to review/ });
  const plan = window.page.getByRole("tab", { name: PLAN });
  const discard = async (): Promise<void> => {
    await window.run("Drawbridge: Discard the Shown Plan");
    await plan.waitFor({ state: "detached" });
  };
  const button = (name: string) => window.notification(REVIEWED).getByRole("button", { name, exact: true });

  await step("before the first review the view says so", async () => {
    await window.status.filter({ hasText: /\d+ findings?/ }).waitFor();
    await window.run("Drawbridge: Focus on Findings View");
    await window.row(/^Not reviewed yet: /).waitFor();
    await window.run("Drawbridge: Mark Everything as Reviewed");
    await window.row(/^Not reviewed yet: /).waitFor({ state: "detached" });
  });

  await step("a change is told before the container is opened again", async () => {
    project.write(CONFIG, ORIGINAL.replace('"forwardPorts"', '"initializeCommand": "true",\n\t"forwardPorts"'));
    await window.notification(REVIEWED).waitFor();
    await toReview.waitFor();
    await window.row(/^\.devcontainer\/devcontainer\.json was changed\. adds `initializeCommand`/).waitFor();
    await window.picture("drift");
  });

  await step("Review opens the diff, and it is not told a second time", async () => {
    await button("Review").click();
    await window.page.getByRole("tab", { name: /^Changed since your last review/ }).waitFor();
    await window.page.locator(".monaco-diff-editor .view-lines").first().waitFor();
    await window.run("Drawbridge: Look Again");
    await window.picture("diff");
    assert.equal(await window.notification(REVIEWED).count(), 0);
  });

  await step("Mark as Reviewed takes row and status away", async () => {
    project.write(CONFIG, ORIGINAL);
    await toReview.waitFor({ state: "detached" });
    project.write(CONFIG, ORIGINAL.replace("3000", "3001"));
    await button("Mark as Reviewed").click();
    await toReview.waitFor({ state: "detached" });
    await window.status.filter({ hasText: /\d+ findings?/ }).waitFor();
    assert.equal(await window.notification(REVIEWED).count(), 0);
  });

  await step("what protecting would lose is accepted by name", async () => {
    await window.openFile(CONFIG);
    await window.run("Drawbridge: Protect This Dev Container (Preview First)");
    const list = window.page.locator(".quick-input-widget");
    const loss = list.getByRole("checkbox", { name: /^privileged, root in a privileged container/ });
    await loss.waitFor();
    await window.page.screenshot({ path: join(pictures, "review/losses.png") });
    await loss.click();
    await list.getByText("1 Selected").waitFor();
    await list.getByRole("button", { name: "OK" }).click();
    await plan.waitFor();
    await discard();
  });

  await step("of several configurations one is chosen", async () => {
    project.write(SECOND, '{ "image": "drawbridge-test/base:bookworm" }\n');
    await window.run("Drawbridge: Focus on Bridge View");
    const bridge = window.page.getByRole("tree", { name: "Bridge" });
    const pick = window.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: SECOND });
    await window.insist(pick, async () => {
      await bridge.getByRole("treeitem", { name: /^Choose a configuration: this folder has 2/ }).click();
    });
    await window.page.screenshot({ path: join(pictures, "review/choose.png") });
    await pick.click();
    await bridge.getByRole("treeitem", { name: /^Configuration \.devcontainer\/second\/devcontainer\.json/ }).waitFor();
    await window.row(/^Not protected: /).waitFor();
    await window.picture("chosen");
  });

  await step("the row of the one that is chosen protects it, and not the one in the editor", async () => {
    await window.openFile(CONFIG);
    await window.enter("Drawbridge: Focus on Policy View", /^Not protected: /, plan);
    await window.reach("Drawbridge: Focus on History View", /^\.devcontainer\/second\/devcontainer\.json would be changed/);
    await discard();
  });

  if (process.env["DRAWBRIDGE_TESTBED"] === undefined) {
    assert.notEqual(process.env["CI"], "true", "no engine, and CI must have it");
    flow.diagnostic("SKIPPED: no engine, so no settings in a container");
    return;
  }
  const drawbridge = join(import.meta.dirname, "../../dist/drawbridge");

  await step("settings that change in the running container are told", async () => {
    const run = async (...argv: readonly string[]): Promise<void> => {
      const { code, text } = await project.drawbridge(drawbridge, ...argv);
      assert.equal(code, 0, text);
    };
    await run("protect", "--config", SECOND, "--yes");
    await run("up", "--config", SECOND);
    await window.run("Notifications: Clear All Notifications");
    await window.run("Drawbridge: Look Again");
    await window.atEnd("Drawbridge: Focus on Policy View", window.row(/^Gate is running/));
    await window.run("Drawbridge: Focus on Findings View");
    await window.row(/^Container not reviewed yet/).waitFor();
    await window.run("Drawbridge: Mark Everything as Reviewed");
    await window.row(/^Container not reviewed yet/).waitFor({ state: "detached" });
    await window.run("Notifications: Clear All Notifications");
    const folder = "~/.vscode-server/data/Machine";
    const script = `mkdir -p ${folder} && echo '{"workbench.externalBrowser": "/inert/marker"}' >${folder}/settings.json`;
    await run("exec", "--config", SECOND, "--", "sh", "-c", script);
    // Looked at by the clock, nobody asks.
    await window.notification(/settings\.json in the container changed since your last review/).waitFor({ timeout: 120_000 });
    await window.row(/settings\.json was added, in the container\. adds setting `workbench\.externalBrowser`/).waitFor();
    await window.picture("container");
    await button("Mark as Reviewed").click();
    await toReview.waitFor({ state: "detached" });
    await until("the baseline has it", async () => {
      const { code } = await project.drawbridge(drawbridge, "review");
      return code === 0 ? true : undefined;
    });
  });
});
