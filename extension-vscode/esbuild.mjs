// Bundles the extension into `dist/extension.js`, and with `--tests` the tests into `out`.
import { build } from "esbuild";
import { readdirSync } from "node:fs";

const shared = { bundle: true, platform: "node", target: "node20", logLevel: "warning" };

if (process.argv.includes("--tests")) {
  const tests = ["unit", "workbench"].flatMap((kind) => readdirSync(`test/${kind}`).map((name) => `test/${kind}/${name}`));
  await build({
    ...shared,
    entryPoints: tests.filter((name) => name.endsWith(".test.ts")),
    outdir: "out",
    outbase: "test",
    outExtension: { ".js": ".mjs" },
    format: "esm",
    external: ["playwright-core"],
  });
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
