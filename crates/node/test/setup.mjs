/** Where the built parts are, and a home of its own for each test file. */
import { copyFileSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const built = join(root, "target/debug");

export const fixtures = join(root, "tests/fixtures/protocol");
export const program = join(built, "drawbridge");

/** An empty home, in force for this process too. */
export function isolated() {
  const home = mkdtempSync(join(tmpdir(), "drawbridge-node-"));
  process.env.HOME = home;
  process.env.XDG_STATE_HOME = join(home, "state");
  process.env.XDG_CONFIG_HOME = join(home, "config");
  return home;
}

/** Loads the addon from where cargo put it; Node wants its own ending. */
export function loadAddon() {
  const folder = mkdtempSync(join(tmpdir(), "drawbridge-addon-"));
  const file = join(folder, "drawbridge.node");
  copyFileSync(join(built, "libdrawbridge_node.so"), file);
  return createRequire(import.meta.url)(file);
}
