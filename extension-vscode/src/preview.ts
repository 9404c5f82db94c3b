/** Texts that are not on the disk: both sides of a plan or of a drift, and pages of rules. Read only. */

import vscode = require("vscode");
import type { Addon } from "./pure/addon";
import type { Folder } from "./folder";
import { isInside } from "./pure/drift";

export const SCHEME = "drawbridge";

export interface Sides {
  readonly file: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

export class Previews implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registered = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  readonly #addon: Addon;
  readonly onDidChange = this.#changed.event;

  constructor(addon: Addon) {
    this.#addon = addon;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const [, rule] = /^\/rule\/([a-z0-9-]+)\.md$/.exec(uri.path) ?? [];
    if (rule !== undefined) return this.#addon.explain(rule) ?? `There is no rule \`${rule}\`.\n`;
    return this.#texts.get(uri.toString()) ?? "";
  }

  /** Shows one file before and after in the diff editor, or several in one. */
  async diff(folder: Folder, title: string, files: readonly Sides[]): Promise<void> {
    const [first, ...more] = files;
    if (first === undefined) return;
    if (more.length === 0) {
      const [, before, after] = this.#sides(folder, first, "empty");
      await vscode.commands.executeCommand("vscode.diff", before, after, title, { preview: false });
      return;
    }
    await vscode.commands.executeCommand(
      "vscode.changes",
      title,
      files.map((file) => this.#sides(folder, file, "absent")),
    );
  }

  async explain(rule: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/rule/${rule}.md` });
    await vscode.commands.executeCommand("markdown.showPreview", uri);
  }

  dispose(): void {
    this.#registered.dispose();
    this.#changed.dispose();
  }

  #sides(folder: Folder, sides: Sides, none: "empty" | "absent"): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined] {
    const resource = isInside(sides) ? vscode.Uri.from({ scheme: SCHEME, path: sides.file }) : folder.uriOf(sides.file);
    const side = (name: string, text: string | undefined): vscode.Uri | undefined => {
      if (text === undefined && none === "absent") return undefined;
      // One path on both sides, so that it does not look like a renaming.
      const uri = resource.with({ scheme: SCHEME, authority: "", query: name });
      this.#texts.set(uri.toString(), text ?? "");
      this.#changed.fire(uri);
      return uri;
    };
    return [resource, side("before", sides.before), side("after", sides.after)];
  }
}

/** Closes the tab of a preview that is out of date. */
export async function closePreview(title: string): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  await vscode.window.tabGroups.close(tabs.filter((tab) => tab.label.startsWith(title)));
}
