/** Gates that run in no engine: `engine.sh` stands for one. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export class Gates {
  #folder;

  constructor(home) {
    this.#folder = mkdtempSync(join(home, "engine-"));
    copyFileSync(fileURLToPath(new URL("engine.sh", import.meta.url)), join(this.#folder, "docker"));
  }

  /** With this engine in front of every other. */
  get path() {
    return `${this.#folder}:${process.env.PATH}`;
  }

  /** A running gate, made from the Compose file among those that protecting wrote. */
  add(id, folder, files) {
    const overlay = files.find((file) => /\.ya?ml$/.test(file));
    const gate = {
      Id: id,
      Name: `/${id}`,
      State: { Running: true },
      Config: { User: "", Labels: { "com.docker.compose.project.config_files": join(folder, overlay) } },
      HostConfig: { NetworkMode: "none", Privileged: false },
      NetworkSettings: { Networks: {} },
    };
    writeFileSync(join(this.#folder, `${id}.json`), JSON.stringify(gate));
  }

  /** Processes of the feeds that were opened so far. */
  feeds(id) {
    try {
      return readFileSync(join(this.#folder, `${id}.feeds`), "utf8").trim().split("\n").map(Number);
    } catch (error) {
      assert.equal(error.code, "ENOENT");
      return [];
    }
  }

  /** From now on a feed is open once somebody wrote a line into the file that this returns. */
  hold() {
    const hold = join(this.#folder, "hold");
    assert.equal(spawnSync("mkfifo", [hold]).status, 0);
    return hold;
  }

  /** The gate denies a host, as the feed of that process hears it. */
  deny(feed, host) {
    const event = { type: "decision", action: "deny", host, port: 443, phase: "sni", reason: "not-allowed" };
    appendFileSync(join(this.#folder, `${feed}.events`), `${JSON.stringify(event)}\n`);
  }
}

/** Whether a process is there. */
export function lives(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    assert.equal(error.code, "ESRCH");
    return false;
  }
}

/** Waits until it holds, twenty seconds at most. */
export async function until(what, holds) {
  const end = performance.now() + 20_000;
  while (!holds()) {
    assert.ok(performance.now() < end, `not in twenty seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
