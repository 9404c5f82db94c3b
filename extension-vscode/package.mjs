// Packages the VSIX for one target, offline: package.mjs ADDON PROGRAM [TARGET]
//
// ADDON is the built `drawbridge-node` library, PROGRAM the static `drawbridge` for Linux of the same version,
// TARGET as `vsce` names it (default: this machine). Prints the path of the package.
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [addon, program, target = `${process.platform}-${process.arch}`] = process.argv.slice(2);
if (addon === undefined || program === undefined) {
  console.error("usage: package.mjs ADDON PROGRAM [TARGET]");
  process.exit(2);
}
const [from, tool] = [resolve(addon), resolve(program)];
process.chdir(fileURLToPath(new URL(".", import.meta.url)));
mkdirSync("dist", { recursive: true });
copyFileSync(from, "dist/drawbridge.node");
copyFileSync(tool, "dist/drawbridge");
chmodSync("dist/drawbridge", 0o755);
execFileSync(process.execPath, ["esbuild.mjs"], { stdio: "inherit" });
const out = `out/drawbridge-${target}.vsix`;
mkdirSync("out", { recursive: true });
const vsce = fileURLToPath(new URL("node_modules/@vscode/vsce/vsce", import.meta.url));
const options = ["--target", target, "--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links", "--out", out];
execFileSync(process.execPath, [vsce, "package", ...options], { stdio: ["ignore", "ignore", "inherit"] });
console.log(fileURLToPath(new URL(out, import.meta.url)));
