/** Hands the nodes of `pure/model.ts` to VS Code. */

import vscode = require("vscode");
import type { Folder } from "./folder";
import type { Folders } from "./folders";
import type { Node } from "./pure/model";
import { toRange } from "./languages";

/** A node with its folder; what commands of the views get. */
export interface Item {
  readonly folder: Folder;
  readonly node: Node;
}

export class Tree implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #folders: Folders;
  readonly #nodes: (folder: Folder) => readonly Node[];
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(folders: Folders, nodes: (folder: Folder) => readonly Node[]) {
    this.#folders = folders;
    this.#nodes = nodes;
  }

  refresh(): void {
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  getChildren(item?: Item): Item[] {
    if (item !== undefined) return (item.node.children ?? []).map((node) => ({ folder: item.folder, node }));
    const folders = this.#folders.all;
    if (folders.length > 1) return folders.map((folder) => ({ folder, node: this.#root(folder) }));
    return folders.flatMap((folder) => this.#nodes(folder).map((node) => ({ folder, node })));
  }

  getTreeItem({ folder, node }: Item): vscode.TreeItem {
    const item = new vscode.TreeItem(node.label, expansion(node));
    item.id = `${folder.uri.toString()}#${node.id}`;
    if (node.description !== undefined) item.description = node.description;
    item.tooltip = node.tooltip ?? node.label;
    item.iconPath = new vscode.ThemeIcon(node.icon);
    item.accessibilityInformation = { label: node.spoken };
    if (node.context !== undefined) item.contextValue = node.context;
    const command = opens(folder, node);
    if (command !== undefined) item.command = command;
    return item;
  }

  #root(folder: Folder): Node {
    const children = this.#nodes(folder);
    return { id: "folder", label: folder.name, icon: "folder", spoken: `Folder ${folder.name}`, children };
  }
}

function expansion({ children, folded }: Node): vscode.TreeItemCollapsibleState {
  if (children === undefined || children.length === 0) return vscode.TreeItemCollapsibleState.None;
  return folded === true ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded;
}

function opens(folder: Folder, node: Node): vscode.Command | undefined {
  if (node.open === undefined) return undefined;
  if (node.open.kind === "command") {
    return { command: node.open.command, title: node.open.title, arguments: [{ folder, node }] };
  }
  const { file, range } = node.open;
  const selection = range === undefined ? {} : { selection: toRange(range) };
  return { command: "vscode.open", title: "Open", arguments: [folder.uriOf(file), selection] };
}
