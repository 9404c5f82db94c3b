/** The real workbench: code-server with the packaged extension, on loopback, below a home of its own. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Components {
  /** Folder of code-server. */
  readonly server: string;
  readonly chromium: string;
  readonly vsix: string;
}

/** What `scripts/testbed workbench` printed and `npm run package` made; `undefined` when a part is missing. */
export function components(): Components | undefined {
  const server = process.env["DRAWBRIDGE_WORKBENCH"];
  const chromium = process.env["DRAWBRIDGE_CHROMIUM"];
  const vsix = process.env["DRAWBRIDGE_VSIX"];
  if (server === undefined || chromium === undefined || vsix === undefined) {
    if (process.env["CI"] === "true") throw new Error("no workbench, and CI must have it: ./scripts/test extension");
    return undefined;
  }
  return { server, chromium, vsix };
}

/** What the server finds around it. */
export interface Surroundings {
  /** VS Code's question of trust; without it every folder is trusted. */
  readonly trust?: boolean;
  /** The folders of programs, when not those of the tests. */
  readonly path?: string;
}

/** code-server gives its own child seconds to answer, and ends when a busy machine takes longer. */
const STARTS = 4;

export class Server {
  readonly #process: ChildProcess;
  readonly #home: string;
  readonly origin: string;

  private constructor(process: ChildProcess, home: string, origin: string) {
    this.#process = process;
    this.#home = home;
    this.origin = origin;
  }

  /** The folder of VS Code's logs. */
  get logs(): string {
    return join(this.#home, "data/logs");
  }

  /** The folder of the installed extension. */
  get extension(): string {
    const all = join(this.#home, "extensions");
    const name = readdirSync(all).find((one) => one.startsWith("drawbridge.drawbridge-"));
    if (name === undefined) throw new Error(`the extension is not in ${all}`);
    return join(all, name);
  }

  /** Starts it with nothing but the extension. */
  static async start({ server, vsix }: Components, home: string, { trust = false, path }: Surroundings): Promise<Server> {
    settings(home, trust);
    const entry = join(server, "out/node/entry.js");
    const folders = ["--user-data-dir", join(home, "data"), "--extensions-dir", join(home, "extensions")];
    const env = { ...environment(home), ...(path === undefined ? {} : { PATH: path }) };
    execFileSync(process.execPath, [entry, ...folders, "--install-extension", vsix], { env, stdio: ["ignore", "ignore", "inherit"] });
    const quiet = ["--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
    for (let left = STARTS; ; left -= 1) {
      const child = spawn(process.execPath, [entry, ...folders, ...quiet, "--bind-addr", "127.0.0.1:0"], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      try {
        return new Server(child, home, await listening(child));
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
  }
}

/** The engine's variables, a home of its own, and nothing else of the machine. */
export function environment(home: string): NodeJS.ProcessEnv {
  const kept = ["PATH", "DOCKER_HOST", "DOCKER_CONFIG"].map((name) => [name, process.env[name]] as const);
  return {
    ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
    HOME: home,
    LANG: "C.UTF-8",
    TZ: "UTC",
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "share"),
    XDG_STATE_HOME: join(home, "state"),
    GIT_CONFIG_NOSYSTEM: "1",
    // No login shell is asked for other variables.
    VSCODE_CLI: "1",
    // No gallery is asked.
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: "http://127.0.0.1:9" }),
  };
}

function settings(home: string, trust: boolean): void {
  const file = join(home, "data/User/settings.json");
  mkdirSync(dirname(file), { recursive: true });
  const values = {
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.preferredDarkColorTheme": "Default Dark Modern",
    "workbench.preferredLightColorTheme": "Default Light Modern",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": false,
    "workbench.enableExperiments": false,
    "workbench.reduceMotion": "on",
    "security.workspace.trust.enabled": trust,
    "security.workspace.trust.startupPrompt": "never",
    "extensions.autoUpdate": false,
    "extensions.autoCheckUpdates": false,
    "extensions.ignoreRecommendations": true,
    "git.openRepositoryInParentFolders": "never",
    "editor.cursorBlinking": "solid",
    // A key types what it says and nothing more.
    "editor.autoIndent": "none",
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "files.autoSave": "off",
    "json.schemaDownload.enable": false,
    "telemetry.telemetryLevel": "off",
  };
  writeFileSync(file, JSON.stringify(values, undefined, 2));
}

async function listening(child: ChildProcess): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const [, origin] = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? [];
      if (origin !== undefined) resolve(origin);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", (code) => {
      reject(new Error(`code-server ended with ${String(code)}:\n${said}`));
    });
  });
}
