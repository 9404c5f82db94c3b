/** Diagnostics, quick fixes, hovers, completion and lenses: the addon's answers in VS Code's types. */

import vscode = require("vscode");
import type { Action, Check, Completion, Position, Range, Severity, TextEdit } from "../../crates/node/index";
import type { Folder } from "./folder";
import type { Folders } from "./folders";
import { foreign } from "./pure/foreign";

const SELECTOR: vscode.DocumentSelector = ["file", "vscode-remote"].map((scheme) => ({ scheme, pattern: "**/*" }));

const FIX_ALL = vscode.CodeActionKind.SourceFixAll.append("drawbridge");

const LEVEL: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  critical: vscode.DiagnosticSeverity.Error,
  high: vscode.DiagnosticSeverity.Error,
  medium: vscode.DiagnosticSeverity.Warning,
  low: vscode.DiagnosticSeverity.Information,
  info: vscode.DiagnosticSeverity.Information,
};

export function toRange({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

/** A plain object: the addon sees only own properties. */
function fromPosition({ line, character }: vscode.Position): Position {
  return { line, character };
}

function toEdit({ range, newText }: TextEdit): vscode.TextEdit {
  return vscode.TextEdit.replace(toRange(range), newText);
}

/** The diagnostics of a folder; the files that had some and have none now are emptied. */
export class Diagnostics implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection("drawbridge");
  #shown: readonly (Check | undefined)[] = [];

  /** Once for each check: diagnostics that come again close the list of their fixes. */
  show(folders: Folders): void {
    const checks = folders.all.map(({ check }) => check);
    if (checks.length === this.#shown.length && checks.every((check, at) => check === this.#shown[at])) return;
    this.#shown = checks;
    const all = new Map<string, [vscode.Uri, vscode.Diagnostic[]]>();
    for (const folder of folders.all) {
      for (const problem of folder.check?.problems ?? []) {
        const uri = folder.uriOf(problem.file);
        const diagnostic = new vscode.Diagnostic(toRange(problem.range), foreign(problem.message, 600), LEVEL[problem.severity]);
        diagnostic.source = `Drawbridge, ${problem.severity}`;
        diagnostic.code = problem.code;
        const entry = all.get(uri.toString()) ?? [uri, []];
        entry[1].push(diagnostic);
        all.set(uri.toString(), entry);
      }
    }
    this.#collection.clear();
    this.#collection.set([...all.values()]);
  }

  dispose(): void {
    this.#collection.dispose();
  }
}

export function registerLanguages(folders: Folders): vscode.Disposable {
  const lenses = new vscode.EventEmitter<void>();
  return vscode.Disposable.from(
    lenses,
    folders.onDidChange(() => {
      lenses.fire();
    }),
    vscode.languages.registerCodeActionsProvider(
      SELECTOR,
      { provideCodeActions: (document, range, context) => actions(folders, document, range, context) },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, FIX_ALL] },
    ),
    vscode.languages.registerHoverProvider(SELECTOR, {
      provideHover: async (document, position) => {
        const at = asked(folders, document);
        if (at === undefined) return undefined;
        const hover = await settled(document, at.folder.project.hover(at.file, fromPosition(position)));
        if (hover === null || hover === undefined) return undefined;
        // Neither HTML nor commands: the text quotes the workspace.
        return new vscode.Hover(new vscode.MarkdownString(hover.markdown), toRange(hover.range));
      },
    }),
    vscode.languages.registerCompletionItemProvider(
      SELECTOR,
      {
        provideCompletionItems: async (document, position) => {
          const at = asked(folders, document);
          if (at === undefined) return undefined;
          return (await settled(document, at.folder.project.completion(at.file, fromPosition(position))))?.map(completion);
        },
      },
      '"',
    ),
    vscode.languages.registerCodeLensProvider(SELECTOR, {
      onDidChangeCodeLenses: lenses.event,
      provideCodeLenses: async (document) => {
        const at = asked(folders, document);
        if (at === undefined) return undefined;
        const found = await settled(document, at.folder.project.lenses(at.file));
        return found?.map(
          ({ range, title, command }) =>
            new vscode.CodeLens(toRange(range), {
              title: foreign(title),
              command: command === undefined ? "" : LENS_COMMANDS[command],
            }),
        );
      },
    }),
  );
}

const LENS_COMMANDS = {
  preview: "drawbridge.protect",
  bridge: "drawbridge.bridge.focus",
  policy: "drawbridge.policy.focus",
  review: "drawbridge.reviewDrift",
} as const;

/** The safe fixes of one document, as one edit; `undefined` when there are none. */
export async function fixAll(folder: Folder, document: vscode.TextDocument): Promise<vscode.WorkspaceEdit | undefined> {
  const file = folder.concerns(document.uri);
  if (file === undefined) return undefined;
  const all = await settled(document, folder.project.fixAll(file));
  if (all === null || all === undefined) return undefined;
  const edit = new vscode.WorkspaceEdit();
  edit.set(document.uri, all.edits.map(toEdit));
  return edit;
}

async function actions(
  folders: Folders,
  document: vscode.TextDocument,
  range: vscode.Range,
  context: vscode.CodeActionContext,
): Promise<vscode.CodeAction[] | undefined> {
  const at = asked(folders, document);
  // The file is the user's to change, but not by a tool that was not trusted with it.
  if (at === undefined || !vscode.workspace.isTrusted) return undefined;
  const { only } = context;
  if (only !== undefined && only.value !== "" && only.intersects(FIX_ALL)) return allAtOnce(at.folder, document);
  const found = await settled(document, at.folder.project.actions(at.file, { start: fromPosition(range.start), end: fromPosition(range.end) }));
  return found?.map((action) => quickFix(at.folder, action, context.diagnostics));
}

async function allAtOnce(folder: Folder, document: vscode.TextDocument): Promise<vscode.CodeAction[]> {
  const edit = await fixAll(folder, document);
  if (edit === undefined) return [];
  const action = new vscode.CodeAction("Apply every safe fix of Drawbridge", FIX_ALL);
  action.edit = edit;
  return [action];
}

function quickFix(folder: Folder, action: Action, diagnostics: readonly vscode.Diagnostic[]): vscode.CodeAction {
  const fix = new vscode.CodeAction(foreign(action.title), vscode.CodeActionKind.QuickFix);
  fix.diagnostics = diagnostics.filter((diagnostic) => diagnostic.code === action.code);
  fix.isPreferred = action.safe;
  fix.edit = new vscode.WorkspaceEdit();
  fix.edit.set(folder.uriOf(action.file), action.edits.map(toEdit));
  return fix;
}

function completion({ label, kind, detail, documentation, edit }: Completion): vscode.CompletionItem {
  const kinds = {
    bundle: vscode.CompletionItemKind.Module,
    host: vscode.CompletionItemKind.Value,
    key: vscode.CompletionItemKind.Property,
    value: vscode.CompletionItemKind.Value,
  } as const;
  const item = new vscode.CompletionItem(foreign(label), kinds[kind]);
  item.detail = foreign(detail);
  item.documentation = foreign(documentation, 2000);
  item.range = toRange(edit.range);
  item.insertText = edit.newText;
  item.filterText = edit.newText;
  return item;
}

function asked(folders: Folders, document: vscode.TextDocument): { readonly folder: Folder; readonly file: string } | undefined {
  for (const folder of folders.all) {
    const file = folder.concerns(document.uri);
    if (file !== undefined) return { folder, file };
  }
  return undefined;
}

/** The answer, unless the document changed meanwhile or the addon has none. */
async function settled<T>(document: vscode.TextDocument, answer: Promise<T>): Promise<T | undefined> {
  const version = document.version;
  try {
    const value = await answer;
    return document.version === version ? value : undefined;
  } catch {
    return undefined;
  }
}
