/** What the workbench and the extension's log say of how long things took. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Window } from "./window";
import { until } from "./until";

/** Milliseconds by the clock, and of processor. */
export interface Took {
  readonly clock: number;
  readonly processor: number;
}

/** The time of VS Code's own list of running extensions: loading and activation, by the clock. */
export async function listed(window: Window): Promise<number> {
  await window.run("Developer: Show Running Extensions");
  const row = window.page.locator(".runtime-extensions-editor .monaco-list-row").filter({ hasText: "Drawbridge" });
  const text = await until("the time of the activation", async () => /Activation: (\d+)ms/.exec((await row.first().textContent()) ?? "")?.[1]);
  await window.run("View: Close All Editors");
  return Number(text);
}

/** What the extension's log, below VS Code's `logs`, says so far: of each activation, or from the end of each pause until the diagnostics were handed over. */
export function logged(logs: string, what: "activated" | "checked and shown"): Took[] {
  const files = readdirSync(logs, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith("drawbridge.drawbridge/Drawbridge.log"));
  const text = files.map((file) => readFileSync(join(logs, file), "utf8")).join("\n");
  const found = text.matchAll(new RegExp(`${what} in ([\\d.]+) ms, ([\\d.]+) ms of processor`, "g"));
  return [...found].map(([, clock, processor]) => ({ clock: Number(clock), processor: Number(processor) }));
}

/** The least of each, and the medians, in words. */
export function summary(all: readonly Took[]): { readonly least: Took; readonly words: string } {
  const [clock, processor] = (["clock", "processor"] as const).map((key) => all.map((one) => one[key]).sort((left, right) => left - right));
  const of = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? Number.NaN;
  const middle = all.length >> 1;
  const least = { clock: of(clock, 0), processor: of(processor, 0) };
  const words = `median ${of(clock, middle)} ms by the clock, ${of(processor, middle)} ms of processor; least ${least.clock}, ${least.processor}; of ${all.length}`;
  return { least, words };
}
