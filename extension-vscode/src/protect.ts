/** Protect: plan, preview, apply, undo. Nothing is written before `drawbridge.applyPlan`. */

import vscode = require("vscode");
import type { Plan, ProtectOptions } from "../../crates/node/index";
import type { Folder } from "./folder";
import { failure } from "./pure/failure";
import { foreign } from "./pure/foreign";
import { changeWord } from "./pure/history";
import { picks, refusal } from "./pure/losses";
import { plural } from "./pure/model";
import { closePreview, type Previews } from "./preview";

/** Editors of this extension are VS Code's. */
const OPTIONS: ProtectOptions = { ides: ["vscode"] };
const TITLE = "What Drawbridge would change";

export class Protect {
  readonly #previews: Previews;
  /** What the shown plan was made with; `apply` takes the same. */
  #options: ProtectOptions = OPTIONS;

  constructor(previews: Previews) {
    this.#previews = previews;
  }

  async preview(folder: Folder, config?: string): Promise<void> {
    if (!(await saved(folder))) return;
    const planned = await plan(folder, config === undefined ? OPTIONS : { ...OPTIONS, config });
    if (planned === undefined) return;
    const { options, plan: shown } = planned;
    this.#options = options;
    if (shown.changes.length === 0) {
      await this.discard(folder);
      await say("information", "nothing to change, this dev container is protected already");
      return;
    }
    await this.#show(folder, shown);
    await this.#previews.diff(folder, TITLE, shown.changes);
  }

  /** One file of the plan. */
  async showChange(folder: Folder, file: string): Promise<void> {
    const change = folder.plan?.changes.find((one) => one.file === file);
    if (change === undefined) return;
    await this.#previews.diff(folder, `${foreign(file)} would be ${changeWord(change)}`, [change]);
  }

  async discard(folder: Folder): Promise<void> {
    await this.#show(folder, undefined);
    await closePreview(TITLE);
  }

  async apply(folder: Folder): Promise<void> {
    const { plan } = folder;
    if (plan === undefined || !(await saved(folder))) return;
    try {
      const applied = await folder.project.apply(this.#options, plan.digest);
      await this.discard(folder);
      folder.refresh();
      const files = plural(applied.files.length, "file");
      const rest = [
        ...applied.warnings,
        ...(applied.open.length === 0 ? [] : [`${plural(applied.open.length, "running container")} must be rebuilt to be closed`]),
      ].map((sentence) => foreign(sentence, 300));
      const text = [`protected, ${files} written`, ...rest].join(". ");
      const answer = await say(rest.length === 0 ? "information" : "warning", text, "Undo");
      if (answer === "Undo") await this.undo(folder);
    } catch (error) {
      const { code, text } = failure(error);
      if (code === "stale") {
        await this.preview(folder, this.#options.config);
        return;
      }
      await say("error", text);
    }
  }

  async undo(folder: Folder): Promise<void> {
    if (!(await saved(folder))) return;
    try {
      const { files } = await folder.project.undo();
      folder.refresh();
      const text = files.length === 0 ? "there is nothing to undo" : `undone, ${plural(files.length, "file")} as before`;
      await say("information", text);
    } catch (error) {
      await say("error", failure(error).text);
    }
  }

  async #show(folder: Folder, plan: Plan | undefined): Promise<void> {
    folder.setPlan(plan);
    await vscode.commands.executeCommand("setContext", "drawbridge.plan", plan !== undefined);
  }
}

/** A plan, once every loss was accepted by name; `undefined` when there is none, and the reason was said. */
async function plan(folder: Folder, options: ProtectOptions): Promise<{ readonly options: ProtectOptions; readonly plan: Plan } | undefined> {
  try {
    return { options, plan: await folder.project.plan(options) };
  } catch (error) {
    const { text, losses } = failure(error);
    if (losses.length === 0) {
      await say("error", text);
      return undefined;
    }
    const all = picks(losses);
    const accepted = await vscode.window.showQuickPick(all, {
      canPickMany: true,
      title: "What Cannot Be Kept",
      placeHolder: "Tick what you go on without, and press Enter. Nothing is written yet",
      ignoreFocusOut: true,
    });
    if (accepted === undefined) return undefined;
    if (accepted.length < all.length) {
      await say("information", refusal(all, accepted));
      return undefined;
    }
    return plan(folder, { ...options, acceptLoss: [...(options.acceptLoss ?? []), ...accepted.map(({ code }) => code)] });
  }
}

/** Plans are made of files on the disk: what is not saved must be first. */
async function saved(folder: Folder): Promise<boolean> {
  const unsaved = vscode.workspace.textDocuments.filter(
    (document) => document.isDirty && folder.concerns(document.uri) !== undefined,
  );
  const [first] = unsaved;
  if (first === undefined) return true;
  const files = unsaved.length === 1 ? foreign(folder.file(first.uri) ?? "") : plural(unsaved.length, "file");
  const answer = await say("warning", `${files} not saved yet`, "Save and Go On");
  if (answer === undefined) return false;
  const done = await Promise.all(unsaved.map((document) => document.save()));
  return done.every(Boolean);
}

/** A notification, never modal; the chosen button. */
export async function say(
  kind: "information" | "warning" | "error",
  text: string,
  ...buttons: readonly string[]
): Promise<string | undefined> {
  const show = {
    information: vscode.window.showInformationMessage,
    warning: vscode.window.showWarningMessage,
    error: vscode.window.showErrorMessage,
  }[kind];
  return show(`Drawbridge: ${text}`, ...buttons);
}
