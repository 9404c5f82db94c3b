/** Every command. Each works from the palette, and on the node it was called on in a view. */

import * as vscode from "vscode";
import { contributes } from "../package.json";
import { allow, ask, close, ONCE, PROJECT, revoke, type Term, TWO_HOURS } from "./allow";
import type { Folder } from "./folder";
import type { Folders } from "./folders";
import { fixAll } from "./languages";
import type { Previews } from "./preview";
import { Protect, say } from "./protect";
import type { Subject } from "./pure/model";
import { failure } from "./pure/failure";
import { foreign } from "./pure/foreign";
import type { Item } from "./tree";

type Kind = Subject["kind"];
type Of<K extends Kind> = Extract<Subject, { readonly kind: K }>;

/** What waits for trust. VS Code greys it out, and runs it all the same from a lens, a link or a key. */
const WAITING = new Set(
  contributes.commands.filter((one) => "enablement" in one && one.enablement.includes("isWorkspaceTrusted")).map(({ command }) => command),
);

export function registerCommands(folders: Folders, previews: Previews): vscode.Disposable {
  const protect = new Protect(previews);
  const register = (name: string, run: (item?: Item) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(name, async (item?: Item) => {
      if (vscode.workspace.isTrusted || !WAITING.has(name)) await run(item);
      else await askForTrust();
    });
  const inFolder = (name: string, run: (folder: Folder) => Promise<void>): vscode.Disposable =>
    register(name, async (item) => {
      const folder = item?.folder ?? (await chosen(folders));
      if (folder !== undefined) await run(folder);
    });
  /** For the views only. */
  const onNode = <K extends Kind>(name: string, kind: K, run: (folder: Folder, subject: Of<K>) => Promise<void>): vscode.Disposable =>
    register(name, async (item) => {
      const subject = item?.node.subject;
      if (item !== undefined && subject !== undefined && is(subject, kind)) await run(item.folder, subject);
    });
  const allowing = (name: string, term: Term): vscode.Disposable =>
    onNode(name, "blocked", (folder, { rule }) => allow(folder, rule, term));

  return vscode.Disposable.from(
    inFolder("drawbridge.check", async (folder) => {
      folder.refresh();
      await folder.askGate();
    }),
    inFolder("drawbridge.protect", (folder) => protect.preview(folder, activeConfig(folder))),
    inFolder("drawbridge.applyPlan", (folder) => protect.apply(folder)),
    inFolder("drawbridge.discardPlan", (folder) => protect.discard(folder)),
    inFolder("drawbridge.undo", (folder) => protect.undo(folder)),
    inFolder("drawbridge.allowHost", (folder) => ask(folder)),
    inFolder("drawbridge.openPolicy", (folder) => openPolicy(folder)),
    inFolder("drawbridge.reviewDrift", (folder) => reviewDrift(folder, previews)),
    inFolder("drawbridge.acceptAllDrift", (folder) => accept(folder, undefined)),
    inFolder("drawbridge.fixAll", (folder) => applyAll(folder)),
    onNode("drawbridge.showChange", "change", (folder, { file }) => protect.showChange(folder, file)),
    onNode("drawbridge.showDrift", "drift", (folder, { file }) => showDrift(folder, previews, file)),
    onNode("drawbridge.acceptDrift", "drift", (folder, { file }) => accept(folder, file)),
    onNode("drawbridge.explain", "finding", (_, { rule }) => previews.explain(rule)),
    onNode("drawbridge.fix", "finding", (folder, finding) => showFixes(folder, finding)),
    onNode("drawbridge.denyBlocked", "blocked", (folder, { host }) => close(folder, host)),
    onNode("drawbridge.revoke", "rule", (folder, { text }) => revoke(folder, text)),
    allowing("drawbridge.allowOnce", ONCE),
    allowing("drawbridge.allowTwoHours", TWO_HOURS),
    allowing("drawbridge.allowProject", PROJECT),
  );
}

function is<K extends Kind>(subject: Subject, kind: K): subject is Of<K> {
  return subject.kind === kind;
}

async function askForTrust(): Promise<void> {
  const answer = await say("information", "this waits until you trust the folder", "Manage Trust");
  if (answer !== undefined) await vscode.commands.executeCommand("workbench.trust.manage");
}

/** The only folder, that of the open document, or the one that is picked. */
async function chosen(folders: Folders): Promise<Folder | undefined> {
  const { all } = folders;
  if (all.length === 0) {
    await say("information", folders.refusal ?? "open a folder first");
    return undefined;
  }
  if (all.length === 1) return all[0];
  const active = vscode.window.activeTextEditor?.document.uri;
  const here = active === undefined ? undefined : folders.of(active);
  if (here !== undefined) return here;
  const picked = await vscode.window.showQuickPick(
    all.map((folder) => ({ label: folder.name, folder })),
    { title: "Drawbridge", placeHolder: "Which folder?" },
  );
  return picked?.folder;
}

/** The devcontainer.json that is looked at; with none the addon chooses, or says that there are several. */
function activeConfig(folder: Folder): string | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const file = uri === undefined ? undefined : folder.file(uri);
  return file !== undefined && /(^|\/)\.?devcontainer\.json$/.test(file) ? file : undefined;
}

async function openPolicy(folder: Folder): Promise<void> {
  const file = folder.policy?.file;
  if (file === undefined) {
    await say("information", "there is no policy yet; protect this dev container first");
    return;
  }
  await vscode.window.showTextDocument(folder.uriOf(file));
}

async function reviewDrift(folder: Folder, previews: Previews): Promise<void> {
  const drift = folder.review?.drift ?? [];
  if (drift.length === 0) {
    await say("information", folder.review?.known === true ? "nothing changed" : "nothing was remembered for this folder yet");
    return;
  }
  await vscode.commands.executeCommand("drawbridge.findings.focus");
  await previews.diff(folder, "Changed since you last accepted it", drift);
}

async function showDrift(folder: Folder, previews: Previews, file: string): Promise<void> {
  const drift = folder.review?.drift.find((one) => one.file === file);
  if (drift !== undefined) await previews.diff(folder, `${foreign(file)} was ${drift.kind}`, [drift]);
}

async function accept(folder: Folder, file: string | undefined): Promise<void> {
  try {
    folder.setReview(await folder.project.accept(file));
  } catch (error) {
    await say("error", failure(error).text);
  }
}

/** Puts the cursor on the finding and opens VS Code's own list of fixes. */
async function showFixes(folder: Folder, { file, range }: Of<"finding">): Promise<void> {
  if (file === undefined || range === undefined) return;
  const { start } = range;
  const at = new vscode.Range(start.line, start.character, start.line, start.character);
  await vscode.window.showTextDocument(folder.uriOf(file), { selection: at });
  await vscode.commands.executeCommand("editor.action.quickFix");
}

async function applyAll(folder: Folder): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const edit = document === undefined ? undefined : await fixAll(folder, document);
  if (edit === undefined) await say("information", "no safe fix for this file");
  else await vscode.workspace.applyEdit(edit);
}
