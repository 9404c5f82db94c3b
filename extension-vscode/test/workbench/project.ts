/** A small repository with a dev container, and what it starts. */

import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { environment } from "./server";

export const CONFIG = ".devcontainer/devcontainer.json";
export const POLICY = ".devcontainer/drawbridge/policy.jsonc";

export const ORIGINAL = `{
	// An ordinary configuration, comments included.
	"name": "Workbench",
	"image": "drawbridge-test/base:bookworm",
	/* why privileged is here is forgotten */
	"privileged": true,
	"forwardPorts": [3000] // of the web server
}
`;

/** It without what gives root on the machine, which `protect` refuses. */
export const FIXED = ORIGINAL.replace('\t"privileged": true,\n', "");

export interface Output {
  readonly code: number;
  readonly text: string;
}

export class Project {
  readonly #holder: string;
  /** Home of who works on it, with settings, journal and baseline. */
  readonly home: string;
  readonly path: string;

  constructor() {
    // Where the engine can bind it from.
    this.#holder = mkdtempSync(join(process.env["DRAWBRIDGE_TESTBED"] ?? tmpdir(), "workbench-"));
    this.path = join(this.#holder, "workbench");
    this.home = join(this.#holder, "home");
    mkdirSync(this.home);
    mkdirSync(this.path);
    this.write(CONFIG, ORIGINAL);
    execFileSync("git", ["init", "--quiet", "--initial-branch=main"], { cwd: this.path, env: environment(this.home) });
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), "utf8");
  }

  exists(file: string): boolean {
    return existsSync(join(this.path, file));
  }

  write(file: string, text: string | Buffer): void {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** The gate asks nobody for names: what is allowed is not found, what is not allowed is blocked. */
  withoutResolver(): void {
    const file = ".devcontainer/drawbridge.compose.yaml";
    const overlay = this.read(file);
    const changed = overlay.replace(/^( +)(image: .*drawbridge\/sidecar:.*)$/m, '$1$2\n$1dns: ["127.0.0.1"]');
    if (changed === overlay) throw new Error(`no sidecar in the overlay:\n${overlay}`);
    this.write(file, changed);
  }

  /** The program of the package, as the user of a terminal. */
  async drawbridge(program: string, ...argv: readonly string[]): Promise<Output> {
    return new Promise((resolve) => {
      const env = environment(this.home);
      execFile(program, argv, { cwd: this.path, env, timeout: 120_000 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({ code, text: `${stdout}${stderr}` });
      });
    });
  }

  /** Ends what was started, as somebody at a terminal would: containers, networks and volumes go. */
  stop(): void {
    const docker = (...argv: readonly string[]): string[] => {
      const options = { env: environment(this.home), encoding: "utf8" as const, stdio: "pipe" as const };
      try {
        return execFileSync("docker", argv, options).split(/\s+/).filter((id) => id !== "");
      } catch {
        return [];
      }
    };
    const name = '{{.Label "com.docker.compose.project"}}';
    for (const project of docker("ps", "-a", "--filter", `label=devcontainer.local_folder=${this.path}`, "--format", name)) {
      const filter = ["--quiet", "--filter", `label=com.docker.compose.project=${project}`];
      const containers = docker("ps", "-a", ...filter);
      if (containers.length > 0) docker("rm", "--force", "--volumes", ...containers);
      for (const kind of ["network", "volume"]) {
        const left = docker(kind, "ls", ...filter);
        if (left.length > 0) docker(kind, "rm", ...left);
      }
    }
  }

  /** Ends what was started, and removes the folder. */
  remove(): void {
    this.stop();
    if (process.env["DRAWBRIDGE_TEST_KEEP"] !== undefined) return;
    rmSync(this.#holder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
