/** A folder that nobody trusts yet: it is read and nothing else, whatever its own settings say. */

import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Bench, parts, skip } from "./bench";
import { CONFIG, FIXED, ORIGINAL } from "./project";

/** Commands that read; every other one waits for trust. */
const READING = /: (Look Again|Show What Changed|Focus on|Discard|Open the Policy|Open View|Move|Reset)/;

let bench: Bench;

before(async () => {
  if (parts === undefined) return;
  const surroundings = (project: { readonly path: string }): { trust: true; path: string } => ({
    trust: true,
    // As a shell that puts the folder's own programs first.
    path: `${join(project.path, "bin")}:${process.env["PATH"] ?? ""}`,
  });
  bench = await Bench.start(parts, "untrusted", surroundings, (project) => {
    for (const name of ["docker", "drawbridge", "podman"]) {
      project.write(`bin/${name}`, `#!/bin/sh\necho ran >> "${join(project.home, "ran")}"\n`);
      chmodSync(join(project.path, "bin", name), 0o755);
    }
    const program = join(project.path, "bin/docker");
    const keys = ["drawbridge.program", "drawbridge.path", "drawbridge.docker", "docker.dockerPath", "dev.containers.dockerPath"];
    const settings = { ...Object.fromEntries(keys.map((key) => [key, program])), "drawbridge.notifyBlocked": false };
    project.write(".vscode/settings.json", JSON.stringify(settings));
  });
});

after(async () => {
  await (bench as Bench | undefined)?.end();
});

test("an untrusted folder is only read", { skip }, async (flow) => {
  const { project, window } = bench;
  const step = (name: string, run: () => Promise<void>): Promise<void> => bench.step(flow, name, run);
  const files = (): string[] =>
    readdirSync(project.path, { recursive: true, encoding: "utf8" })
      .filter((file) => !file.startsWith(".git"))
      .sort();
  const before = files();

  await step("findings are shown", async () => {
    await window.openFile(CONFIG);
    await window.status.filter({ hasText: /worst critical/ }).waitFor();
    await window.run("Problems: Focus on Problems View");
    await window.row(/^Error: `privileged`.*at line 6 and character 2\b/).waitFor();
  });

  await step("no command that writes is offered", async () => {
    const offered = await window.commands("Drawbridge: ");
    assert.ok(offered.some((title) => title.includes("Drawbridge: Look Again")), offered.join("\n"));
    assert.deepEqual(offered.filter((title) => title.includes("Drawbridge: ") && !READING.test(title)), []);
  });

  await step("no fix is offered", async () => {
    await window.openFile(CONFIG);
    await window.goTo(6, 4);
    await window.page.keyboard.press("Control+.");
    await window.page.getByText("No code actions available").first().waitFor();
    await window.page.keyboard.press("Escape");
  });

  await step("a lens that plans waits for trust too", async () => {
    await window.openFile(CONFIG);
    const lens = window.page.locator(".codelens-decoration a").filter({ hasText: "preview what Drawbridge would change" });
    await window.insist(window.notification("this waits until you trust the folder"), () => lens.click());
    await window.run("Notifications: Clear All Notifications");
  });

  await step("the engine waits for trust, and the view says so", async () => {
    await window.run("Drawbridge: Focus on Policy View");
    await window.page.getByText("The container engine is not asked until this folder is trusted").waitFor();
    await window.picture("restricted");
    await window.run("Drawbridge: Look Again");
  });

  await step("nothing was written and no program of the folder ran", async () => {
    assert.deepEqual(files(), before);
    assert.equal(project.read(CONFIG), ORIGINAL);
    assert.equal(existsSync(join(project.home, "state/drawbridge")), false, "no journal");
    assert.equal(existsSync(join(project.home, "ran")), false);
  });

  await step("with trust the commands come, and still no program of the folder runs", async () => {
    await window.run("Workspaces: Manage Workspace Trust");
    await window.page.locator(".workspace-trust-editor").getByRole("button", { name: /^Trust/ }).first().waitFor();
    await window.page.keyboard.press("Control+Enter");
    project.write(CONFIG, FIXED);
    await window.row(/^Error: `privileged`/).waitFor({ state: "detached" });
    await window.run("Drawbridge: Protect This Dev Container (Preview First)");
    await window.page.getByRole("tab", { name: /^What Drawbridge would change/ }).waitFor();
    await window.run("Drawbridge: Focus on History View");
    await window.row(/^A plan that is not applied yet/).waitFor();
    assert.equal(existsSync(join(project.home, "ran")), false, "a program of the folder ran");
  });
});
