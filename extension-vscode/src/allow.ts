/** Opening and closing hosts. */

import vscode = require("vscode");
import type { Allowed } from "../../crates/node/index";
import type { Folder } from "./folder";
import { failure } from "./pure/failure";
import { foreign } from "./pure/foreign";
import { say } from "./protect";

/** Seconds, or for good when absent. */
export interface Term {
  readonly seconds?: number;
  readonly words: string;
}

export const ONCE: Term = { seconds: 300, words: "for 5 minutes" };
export const TWO_HOURS: Term = { seconds: 7_200, words: "for 2 hours" };
export const PROJECT: Term = { words: "for this project" };
const TERMS: readonly Term[] = [ONCE, TWO_HOURS, PROJECT];

export async function allow(folder: Folder, rule: string, term: Term): Promise<void> {
  const reason = `allowed in VS Code on ${new Date().toISOString().slice(0, 10)}`;
  const { seconds } = term;
  await changed(folder, `${foreign(rule)} is allowed ${term.words}`, () =>
    folder.project.allow(seconds === undefined ? { rule, reason } : { rule, reason, seconds }),
  );
}

export async function close(folder: Folder, rule: string): Promise<void> {
  const reason = `denied in VS Code on ${new Date().toISOString().slice(0, 10)}`;
  await changed(folder, `${foreign(rule)} is denied`, () => folder.project.deny(rule, reason));
}

export async function revoke(folder: Folder, rule: string): Promise<void> {
  await changed(folder, `${foreign(rule)} is no longer allowed`, () => folder.project.revoke(rule));
}

/** Asks for a host, those that were blocked first, and for how long. */
export async function ask(folder: Folder): Promise<void> {
  const rules = (folder.policy?.blocked ?? []).map(({ rule }) => rule).filter((rule) => rule !== undefined);
  const other = "Another host…";
  const labels = [...new Set(rules)].map((rule) => foreign(rule));
  const picked =
    rules.length === 0 ? other : await vscode.window.showQuickPick([...labels, other], { title: "Allow a Host", placeHolder: "Which host?" });
  if (picked === undefined) return;
  const rule =
    picked === other
      ? await vscode.window.showInputBox({ title: "Allow a Host", prompt: "A host name, such as api.example.com", ignoreFocusOut: true })
      : [...new Set(rules)][labels.indexOf(picked)];
  if (rule === undefined || rule.trim() === "") return;
  const term = await vscode.window.showQuickPick(
    TERMS.map((one) => ({ label: one.words, term: one })),
    { title: `Allow ${foreign(rule)}`, placeHolder: "For how long?" },
  );
  if (term !== undefined) await allow(folder, rule.trim(), term.term);
}

async function changed(folder: Folder, done: string, change: () => Promise<Allowed>): Promise<void> {
  try {
    const { state, loosens } = await change();
    folder.refresh();
    switch (state) {
      case "in-force":
        vscode.window.setStatusBarMessage(`$(check) Drawbridge: ${done}`, 8_000);
        return;
      case "next-start":
        await say("information", `${done}, from the next start of the container`);
        return;
      case "pending": {
        const more = loosens.map((rule) => foreign(rule)).join(", ");
        const answer = await say("warning", `not in force: the policy's file opens more than that (${more})`, "Show Policy File");
        if (answer !== undefined) await vscode.commands.executeCommand("drawbridge.openPolicy");
      }
    }
  } catch (error) {
    await say("error", failure(error).text);
  }
}
