// Bundles the extension into `dist/extension.js`, and with `--tests` the tests of modules without `vscode` into `out`.
import { build } from "esbuild";
import { readdirSync } from "node:fs";

const shared = { bundle: true, platform: "node", target: "node20", logLevel: "warning" };

if (process.argv.includes("--tests")) {
  const tests = readdirSync("test/unit").map((name) => `test/unit/${name}`);
  await build({ ...shared, entryPoints: tests, outdir: "out", outExtension: { ".js": ".mjs" }, format: "esm" });
} else {
  await build({
    ...shared,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    format: "cjs",
    external: ["vscode"],
    minify: true,
    legalComments: "none",
  });
}
