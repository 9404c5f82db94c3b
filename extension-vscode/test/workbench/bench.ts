/** What every test of the workbench starts and ends: a project, the server, one window, and steps that leave a picture when they fail. */

import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Project } from "./project";
import { type Components, components, Server, type Surroundings } from "./server";
import { Window } from "./window";

export const parts = components();
/** For `node:test`. */
export const skip = parts === undefined ? "no workbench; run ./scripts/test extension" : false;
export const pictures = join(import.meta.dirname, "../screenshots");

/** The folders of programs in which there is no engine. */
export function withoutEngine(): string {
  const has = (folder: string, name: string): boolean => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.filter((folder) => !["docker", "podman"].some((name) => has(folder, name))).join(":");
}

export class Bench {
  readonly #started: (() => Promise<void> | void)[] = [];
  readonly project = new Project();
  window!: Window;
  server!: Server;

  /** Starts the server; `prepare` writes into the project before the window opens it. */
  static async start(
    components: Components,
    name: string,
    surroundings: (project: Project) => Surroundings = () => ({}),
    prepare: (project: Project, server: Server) => void = () => undefined,
  ): Promise<Bench> {
    const bench = new Bench();
    bench.#started.push(() => {
      bench.project.remove();
    });
    try {
      const server = await Server.start(components, bench.project.home, surroundings(bench.project));
      bench.server = server;
      bench.#started.push(() => server.stop());
      prepare(bench.project, server);
      const window = await Window.open(components.chromium, server, bench.project.path, join(pictures, name));
      bench.window = window;
      bench.#started.push(() => window.close());
    } catch (error) {
      await bench.end();
      throw error;
    }
    return bench;
  }

  /** One step of a flow, with its time; a failure names it. */
  async step(flow: TestContext, name: string, run: () => Promise<void>): Promise<void> {
    const began = performance.now();
    try {
      await run();
    } catch (error) {
      await this.window.autopsy(name.replaceAll(/\W+/g, "-"));
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`step "${name}": ${why}`, { cause: error });
    }
    flow.diagnostic(`${name}: ${Math.round(performance.now() - began)} ms`);
  }

  async end(): Promise<void> {
    for (const stop of this.#started.reverse()) await stop();
  }
}
