/** Entry: finds out where the extension runs, loads the addon, and puts the parts together. */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import vscode = require("vscode");
import { registerCommands } from "./commands";
import type { Folder } from "./folder";
import { Folders } from "./folders";
import { Diagnostics, registerLanguages } from "./languages";
import { Previews } from "./preview";
import { loadAddon } from "./pure/addon";
import { bridgeNodes, merged } from "./pure/bridge";
import { configNodes } from "./pure/configs";
import { findingNodes } from "./pure/findings";
import { historyNodes } from "./pure/history";
import type { Node } from "./pure/model";
import { place } from "./pure/place";
import { policyNodes } from "./pure/policyview";
import { Stopwatch } from "./pure/stopwatch";
import { StatusBar } from "./statusbar";
import { Tree } from "./tree";
import { watchFolder, watchGates, watchInside, watchSettings, watchTerminals } from "./watch";

export function activate(context: vscode.ExtensionContext): void {
  const watch = new Stopwatch();
  const { extension } = context;
  const besideWorkspace = extension.extensionKind === vscode.ExtensionKind.Workspace;
  if (place({ remoteName: vscode.env.remoteName, besideWorkspace }) === "container") {
    idle(context, "elsewhere", "This extension works on your machine, not inside the container: install it there");
    return;
  }
  const path = (file: string): string => vscode.Uri.joinPath(extension.extensionUri, "dist", file).fsPath;
  const version: unknown = (extension.packageJSON as Record<string, unknown>)["version"];
  const loaded = loadAddon({
    path: path("drawbridge.node"),
    version: String(version),
    platform: `${process.platform}-${process.arch}`,
    exists: existsSync,
    load: createRequire(__filename),
  });
  if (loaded.kind === "missing") {
    idle(context, "missing", `Drawbridge cannot work here: ${loaded.why}`);
    return;
  }
  const log = vscode.window.createOutputChannel("Drawbridge", { log: true });
  context.subscriptions.push(log);
  const editor = { name: vscode.env.appName, pid: process.pid, logs: context.logUri.fsPath };
  const folders = new Folders(loaded.addon, path("drawbridge"), watchFolder, editor, context.globalState, log);
  start(context, folders, new Previews(loaded.addon));
  log.info(`activated in ${watch}`);
}

/** One line in the view, and nothing else. */
function idle(context: vscode.ExtensionContext, state: string, message: string): void {
  void vscode.commands.executeCommand("setContext", "drawbridge.state", state);
  const view = vscode.window.createTreeView<Node>("drawbridge.bridge", {
    treeDataProvider: { getChildren: () => [], getTreeItem: (node) => new vscode.TreeItem(node.label) },
  });
  view.message = message;
  context.subscriptions.push(view);
}

function start(context: vscode.ExtensionContext, folders: Folders, previews: Previews): void {
  const diagnostics = new Diagnostics();
  const bar = new StatusBar();
  const configRow = ({ configurations, config }: Folder): readonly Node[] => configNodes(configurations, config);
  const policyRows = (folder: Folder): readonly Node[] => {
    const row = configRow(folder);
    // Which one is not protected is unknown before one is chosen.
    return folder.policy === undefined || folder.undecided ? row : [...row, ...policyNodes(folder.policy, row.length === 0)];
  };
  const views: readonly (readonly [string, (folder: Folder) => readonly Node[]])[] = [
    ["bridge", (folder) => [...configRow(folder), ...(folder.check === undefined ? [] : bridgeNodes(merged(folder.check, folder.live), folder.live?.listeners))]],
    ["findings", ({ check, live, reviewed }) => (check === undefined ? [] : findingNodes({ ...check, unseen: (live ?? check).unseen }, reviewed))],
    ["policy", policyRows],
    ["history", ({ history, plan }) => historyNodes(history, plan)],
  ];
  const trees = views.map(([name, nodes]) => {
    const tree = new Tree(folders, nodes);
    const view = vscode.window.createTreeView(`drawbridge.${name}`, { treeDataProvider: tree, showCollapseAll: true });
    return { name, tree, view };
  });
  const show = (): void => {
    diagnostics.show(folders);
    bar.show(folders);
    const states = folders.all.map(({ policy }) => policy?.state);
    void vscode.commands.executeCommand("setContext", "drawbridge.protected", states.some((state) => state !== undefined && state !== "unprotected"));
    const undecided = folders.all.some((folder) => folder.undecided);
    void vscode.commands.executeCommand("setContext", "drawbridge.undecided", undecided);
    const blocked = folders.all.flatMap(({ policy }) => policy?.blocked ?? []).length;
    for (const { name, tree, view } of trees) {
      tree.refresh();
      if (name === "policy") view.badge = blocked === 0 ? undefined : { value: blocked, tooltip: `${blocked} blocked` };
      const text = message(folders) ?? "";
      if (name === "bridge" && view.message !== text) view.message = text;
    }
  };
  context.subscriptions.push(
    folders,
    previews,
    diagnostics,
    bar,
    ...trees.flatMap(({ tree, view }) => [tree, view]),
    folders.onDidChange(show),
    registerLanguages(folders),
    registerCommands(folders, previews),
    watchGates(folders),
    watchInside(folders),
    watchTerminals(),
    watchSettings(),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      for (const folder of folders.all) folder.refresh();
    }),
  );
  void vscode.commands.executeCommand("setContext", "drawbridge.state", folders.all.length === 0 ? "empty" : "ready");
  show();
}

function message(folders: Folders): string | undefined {
  const failed = folders.all.find((folder) => folder.failure !== undefined);
  if (failed !== undefined) return failed.failure;
  return folders.all.length === 0 ? folders.refusal : undefined;
}
