/** Hands the nodes of `pure/model.ts` to VS Code. */

import vscode = require("vscode");
import type { Folder } from "./folder";
import type { Folders } from "./folders";
import type { Node } from "./pure/model";
import { type Row, Rows } from "./pure/rows";
import { toRange } from "./languages";

/** What commands of the views get. */
export type Item = Row<Folder>;

export class Tree implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Item[] | undefined>();
  readonly #rows = new Rows<Folder>();
  readonly #folders: Folders;
  readonly #nodes: (folder: Folder) => readonly Node[];
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(folders: Folders, nodes: (folder: Folder) => readonly Node[]) {
    this.#folders = folders;
    this.#nodes = nodes;
  }

  refresh(): void {
    const folders = this.#folders.all;
    const several = folders.length > 1;
    const nodes = folders.flatMap((folder) => {
      const all = this.#nodes(folder);
      return (several ? [folderNode(folder, all)] : all).map((node) => [folder, node] as const);
    });
    const changed = this.#rows.update(nodes);
    if (changed?.length !== 0) this.#changed.fire(changed === undefined ? undefined : [...changed]);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  getChildren(item?: Item): Item[] {
    return [...(item?.children ?? this.#rows.top)];
  }

  getTreeItem(row: Item): vscode.TreeItem {
    const { folder, node } = row;
    const item = new vscode.TreeItem(node.label, expansion(node));
    item.id = `${folder.uri.toString()}#${node.id}`;
    if (node.description !== undefined) item.description = node.description;
    item.tooltip = node.tooltip ?? node.label;
    item.iconPath = new vscode.ThemeIcon(node.icon);
    item.accessibilityInformation = { label: node.spoken };
    if (node.context !== undefined) item.contextValue = node.context;
    const command = opens(row);
    if (command !== undefined) item.command = command;
    return item;
  }
}

function folderNode({ name }: Folder, children: readonly Node[]): Node {
  return { id: "folder", label: name, icon: "folder", spoken: `Folder ${name}`, children };
}

function expansion({ children, folded }: Node): vscode.TreeItemCollapsibleState {
  if (children === undefined || children.length === 0) return vscode.TreeItemCollapsibleState.None;
  return folded === true ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded;
}

function opens(row: Item): vscode.Command | undefined {
  const { folder, node } = row;
  if (node.open === undefined) return undefined;
  if (node.open.kind === "command") {
    return { command: node.open.command, title: node.open.title, arguments: [row] };
  }
  const { file, range } = node.open;
  const selection = range === undefined ? {} : { selection: toRange(range) };
  return { command: "vscode.open", title: "Open", arguments: [folder.uriOf(file), selection] };
}
