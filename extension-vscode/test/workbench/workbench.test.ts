/** The extension in the real workbench, with the real addon, by keyboard. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CONFIG, ORIGINAL, POLICY, Project } from "./project";
import { components, Server } from "./server";
import { until } from "./until";
import { Window } from "./window";

const parts = components();
const skip = parts === undefined ? "no workbench; run ./scripts/test extension" : false;
const pictures = join(import.meta.dirname, "../screenshots");

let project: Project;
let server: Server;
let window: Window;

before(async () => {
  if (parts === undefined) return;
  project = new Project();
  server = await Server.start(parts, project.home, false);
  window = await Window.open(parts.chromium, server, project.path, pictures);
});

after(async () => {
  await (window as Window | undefined)?.close();
  await (server as Server | undefined)?.stop();
  (project as Project | undefined)?.remove();
});

test("find, fix, protect, undo", { skip }, async (flow) => {
  const step = async (name: string, run: () => Promise<void>): Promise<void> => {
    const began = performance.now();
    try {
      await run();
    } catch (error) {
      await window.page.screenshot({ path: join(pictures, "failed.png") });
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`step "${name}": ${why}`, { cause: error });
    }
    flow.diagnostic(`${name}: ${Math.round(performance.now() - began)} ms`);
  };

  await step("findings stand in the Problems list at their lines", async () => {
    await window.openFile(CONFIG);
    await window.status.filter({ hasText: /\d+ findings?, worst/ }).waitFor();
    await window.run("Problems: Focus on Problems View");
    await window.row(/privileged/i).first().waitFor();
    await window.picture("problems");
  });
});
void [ORIGINAL, POLICY, until, assert];
