/** Every command. Each works from the palette, and on the node it was called on in a view. */

import vscode = require("vscode");
import { contributes } from "../package.json";
import { allow, ask, close, ONCE, PROJECT, revoke, type Term, TWO_HOURS } from "./allow";
import type { Folder } from "./folder";
import type { Folders } from "./folders";
import { fixAll } from "./languages";
import type { Previews } from "./preview";
import { Protect, say } from "./protect";
import { picks } from "./pure/configs";
import { acceptance, differences, hasText } from "./pure/drift";
import type { Subject } from "./pure/model";
import { foreign } from "./pure/foreign";
import { accept } from "./review";
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
  const inFolder = (name: string, run: (folder: Folder, item?: Item) => Promise<void>): vscode.Disposable =>
    register(name, async (item) => {
      const folder = item?.folder ?? (await chosen(folders));
      if (folder !== undefined) await run(folder, item);
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
    inFolder("drawbridge.chooseConfig", (folder) => chooseConfig(folder)),
    inFolder("drawbridge.protect", async (folder, row) => {
      // A row is about the one that the views are about.
      const config = row === undefined ? activeConfig(folder) : undefined;
      if (config !== undefined || (await decided(folder))) await protect.preview(folder, config);
    }),
    inFolder("drawbridge.applyPlan", (folder) => protect.apply(folder)),
    inFolder("drawbridge.discardPlan", (folder) => protect.discard(folder)),
    inFolder("drawbridge.undo", (folder) => protect.undo(folder)),
    inFolder("drawbridge.allowHost", async (folder) => {
      if (await decided(folder)) await ask(folder);
    }),
    inFolder("drawbridge.openPolicy", async (folder) => {
      if (await decided(folder)) await openPolicy(folder);
    }),
    inFolder("drawbridge.reviewDrift", (folder) => reviewDrift(folder, previews)),
    inFolder("drawbridge.acceptAllDrift", (folder) => accept(folder, acceptance(folder.reviewed))),
    inFolder("drawbridge.fixAll", (folder) => applyAll(folder)),
    onNode("drawbridge.showChange", "change", (folder, { file }) => protect.showChange(folder, file)),
    onNode("drawbridge.showDrift", "drift", (folder, { file }) => showDrift(folder, previews, file)),
    onNode("drawbridge.acceptDrift", "drift", (folder, { file }) => acceptOne(folder, file)),
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

/** The devcontainer.json that is looked at. */
function activeConfig(folder: Folder): string | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const file = uri === undefined ? undefined : folder.file(uri);
  return file !== undefined && /(^|\/)\.?devcontainer\.json$/.test(file) ? file : undefined;
}

/** Asks which configuration is meant, unless it is clear. */
async function decided(folder: Folder): Promise<boolean> {
  if (folder.undecided) await chooseConfig(folder);
  return !folder.undecided;
}

async function chooseConfig(folder: Folder): Promise<void> {
  if (folder.configurations.length < 2) {
    await say("information", "this folder has no more than one dev container");
    return;
  }
  const picked = await vscode.window.showQuickPick(picks(folder.configurations), {
    title: "Choose a Configuration",
    placeHolder: "Which dev container are Policy, Protect and the look into the container about?",
    // News of the views take the focus.
    ignoreFocusOut: true,
  });
  if (picked !== undefined) await folder.choose(picked.file);
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
  const drift = differences(folder.reviewed);
  if (drift.length === 0) {
    await say("information", folder.review?.known === true ? "nothing changed since your last review" : "nothing was reviewed in this folder yet");
    return;
  }
  await vscode.commands.executeCommand("drawbridge.findings.focus");
  await previews.diff(folder, "Changed since your last review", drift.filter(hasText));
}

async function showDrift(folder: Folder, previews: Previews, file: string): Promise<void> {
  const drift = differences(folder.reviewed).find((one) => one.file === file);
  if (drift !== undefined) await previews.diff(folder, `${foreign(file)} was ${drift.kind}`, [drift]);
}

async function acceptOne(folder: Folder, file: string): Promise<void> {
  const shown = differences(folder.reviewed).filter((drift) => drift.file === file);
  await accept(folder, { shown: shown.map(({ digest }) => ({ file, digest })) });
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
