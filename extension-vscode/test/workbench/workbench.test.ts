/** The extension in the real workbench, with the real addon, by keyboard. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Bench, parts, skip } from "./bench";
import { CONFIG, FIXED, POLICY } from "./project";
import { until } from "./until";

let bench: Bench;

before(async () => {
  if (parts !== undefined) bench = await Bench.start(parts, "tour");
});

after(async () => {
  await (bench as Bench | undefined)?.end();
});

test("find, fix, protect, undo", { skip }, async (flow) => {
  const { project, window } = bench;
  const step = (name: string, run: () => Promise<void>): Promise<void> => bench.step(flow, name, run);

  await step("findings stand in the Problems list at their lines", async () => {
    await window.openFile(CONFIG);
    await window.status.filter({ hasText: /\d+ findings?, worst critical/ }).waitFor();
    await window.run("Problems: Focus on Problems View");
    await window.row(/^Error: `privileged`.*at line 6 and character 2\b/).waitFor();
    await window.row(/^Error: egress open.*at line 1 and/).waitFor();
    await window.picture("problems");
  });

  await step("a quick fix changes the file and keeps its comments", async () => {
    await window.reach("Problems: Focus on Problems View", /^Error: `privileged`/);
    await window.page.keyboard.press("Enter");
    await window.page.locator(".monaco-editor.focused").waitFor();
    const fix = await window.fixes("Remove `privileged`");
    await window.page.keyboard.press("Enter");
    await fix.waitFor({ state: "hidden" });
    await window.row(/^Error: `privileged`/).waitFor({ state: "detached" });
    await window.page.keyboard.press("Control+s");
    // A file that is being written may be seen empty.
    await until("the line is gone on the disk, and nothing else", () => (project.read(CONFIG) === FIXED ? true : undefined));
  });

  await step("protect is shown first", async () => {
    await window.run("Drawbridge: Protect This Dev Container (Preview First)");
    await window.page.getByRole("tab", { name: /^What Drawbridge would change/ }).waitFor();
    await window.page.locator(".monaco-diff-editor .view-lines").first().waitFor();
    assert.equal(project.read(CONFIG), FIXED, "nothing is written yet");
    await window.run("Drawbridge: Focus on History View");
    await window.row(/^A plan that is not applied yet/).waitFor();
    await window.picture("preview");
  });

  await step("apply writes it", async () => {
    await window.run("Drawbridge: Apply the Shown Plan");
    await window.notification(/protected, \d+ files written/).waitFor();
    assert.match(project.read(POLICY), /"allow"/);
    assert.match(project.read(CONFIG), /An ordinary configuration, comments included/);
    await window.row(/^protect, applied/).waitFor();
    await window.picture("applied");
  });

  await step("undo puts every byte back", async () => {
    await window.run("Notifications: Clear All Notifications");
    await window.run("Drawbridge: Undo the Last Change of Drawbridge");
    await window.notification(/undone, \d+ files as before/).waitFor();
    assert.equal(project.read(CONFIG), FIXED);
    await window.row(/^protect, undone/).waitFor();
    await window.run("Notifications: Clear All Notifications");
  });

  await step("the bridge shows channels with their evidence", async () => {
    await window.run("Drawbridge: Focus on Bridge View");
    await window.row(/^Mounts and sockets: /i).waitFor();
    await window.atEnd("Drawbridge: Focus on Bridge View", window.row(/^high: egress open.*follows from what is not written/));
    await window.picture("bridge");
  });

  if (process.env["DRAWBRIDGE_TESTBED"] === undefined) {
    assert.notEqual(process.env["CI"], "true", "no engine, and CI must have it");
    flow.diagnostic("SKIPPED: no engine, so no blocked host");
    return;
  }
  const drawbridge = join(import.meta.dirname, "../../dist/drawbridge");
  /** What the gate answers to a request for the host: 403 is a denial. */
  const asked = async (): Promise<string> => {
    const curl = "curl -s -o /dev/null -w 'answer %{http_connect}' --max-time 20 https://packages.example/";
    const { text } = await project.drawbridge(drawbridge, "exec", "--", "sh", "-c", curl);
    return /answer (\d+)/.exec(text)?.[1] ?? text;
  };

  await step("a blocked host of a real container appears", async () => {
    await window.run("Drawbridge: Protect This Dev Container (Preview First)");
    await window.page.getByRole("tab", { name: /^What Drawbridge would change/ }).waitFor();
    await window.run("Drawbridge: Apply the Shown Plan");
    await window.notification(/protected, \d+ files written/).waitFor();
    project.withoutResolver();
    const up = await project.drawbridge(drawbridge, "up");
    assert.equal(up.code, 0, up.text);
    assert.equal(await asked(), "403");
    await window.run("Notifications: Clear All Notifications");
    await window.run("Drawbridge: Focus on Policy View");
    await window.row(/^packages\.example blocked/).waitFor();
    await window.row(/^Gate is running/).waitFor();
    await window.picture("blocked");
  });

  await step("the view follows what a terminal allows for a time and takes back", async () => {
    const blocked = window.row(/^packages\.example blocked/);
    const granted = await project.drawbridge(drawbridge, "allow", "packages.example", "--for", "10m", "--reason", "a try");
    assert.equal(granted.code, 0, granted.text);
    await blocked.waitFor({ state: "hidden" });
    const revoked = await project.drawbridge(drawbridge, "revoke", "packages.example");
    assert.equal(revoked.code, 0, revoked.text);
    await blocked.waitFor();
  });

  await step("it is allowed from the view, and the gate follows", async () => {
    await window.menu("Drawbridge: Focus on Policy View", /^packages\.example blocked/, "Allow for This Project");
    await until("the rule is in the policy", () => (project.read(POLICY).includes("packages.example") ? true : undefined));
    await until("the gate no longer denies it", async () => ((await asked()) === "403" ? undefined : true));
    await window.picture("allowed");
  });

  await step("a container that is gone leaves a clear state", async () => {
    project.stop();
    await window.reach("Drawbridge: Focus on Policy View", /^Gate is not running/);
    const said = await window.walk("Drawbridge: Focus on Policy View");
    assert.deepEqual(said.filter((row) => row.startsWith("packages.example blocked")), [], "what a gate of before blocked");
  });
});
