/** The folders of the window, kept as the workspace changes, and their open documents. */

import vscode = require("vscode");
import type { Editor } from "../../crates/node/index";
import type { Addon } from "./pure/addon";
import { failure } from "./pure/failure";
import { hostFolder } from "./pure/place";
import { Folder } from "./folder";

/** Files and folders in which a change asks for a new audit. */
const WATCHED =
  "{.devcontainer.json,.mcp.json,*.yml,*.yaml,*.code-workspace,Dockerfile,.devcontainer/**,.vscode/**,.idea/**,.claude/**,.github/hooks/**,.git/config,.git/hooks/**}";

export class Folders implements vscode.Disposable {
  readonly #byUri = new Map<string, { readonly folder: Folder; readonly watched: vscode.Disposable }>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[] = [];
  /** Why a folder could not be opened. */
  refusal: string | undefined;

  /** A folder came, went, or has news. */
  readonly onDidChange = this.#changed.event;

  constructor(
    readonly addon: Addon,
    readonly program: string,
    readonly welcome: (folder: Folder) => vscode.Disposable,
    readonly editor: Editor,
    readonly memory: vscode.Memento,
    readonly log: vscode.LogOutputChannel,
  ) {
    this.#subscriptions.push(
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.#sync();
      }),
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.#text(document, document.getText());
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#text(document, document.getText());
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.#text(document, null);
      }),
    );
    this.#sync();
  }

  get all(): readonly Folder[] {
    return [...this.#byUri.values()].map(({ folder }) => folder);
  }

  /** The folder of a document. */
  of(uri: vscode.Uri): Folder | undefined {
    return this.all.find((folder) => folder.file(uri) !== undefined);
  }

  dispose(): void {
    for (const { folder, watched } of this.#byUri.values()) {
      watched.dispose();
      folder.dispose();
    }
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #text(document: vscode.TextDocument, text: string | null): void {
    for (const folder of this.all) {
      const file = folder.concerns(document.uri);
      if (file !== undefined) folder.setText(file, text);
    }
  }

  #sync(): void {
    const wanted = new Map((vscode.workspace.workspaceFolders ?? []).map((folder) => [folder.uri.toString(), folder]));
    for (const [key, { folder, watched }] of this.#byUri) {
      if (wanted.has(key)) continue;
      watched.dispose();
      folder.dispose();
      this.#byUri.delete(key);
    }
    for (const [key, { uri, name }] of wanted) {
      if (this.#byUri.has(key)) continue;
      const path = hostFolder(uri);
      if (path === undefined) {
        this.refusal = `${name} is not a folder of this machine, so there is nothing that Drawbridge could read`;
        continue;
      }
      try {
        this.#open(key, new Folder(this.addon, uri, name, path, this.program, this.editor, this.memory, this.log));
      } catch (error) {
        this.refusal = failure(error).text;
      }
    }
    this.#changed.fire();
  }

  #open(key: string, folder: Folder): void {
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder.uri, WATCHED));
    const look = (): void => {
      folder.filesChanged();
    };
    const watched = vscode.Disposable.from(
      watcher,
      watcher.onDidChange(look),
      watcher.onDidCreate(look),
      watcher.onDidDelete(look),
      folder.onDidChange(() => {
        this.#changed.fire();
      }),
      this.welcome(folder),
    );
    this.#byUri.set(key, { folder, watched });
    for (const document of vscode.workspace.textDocuments) {
      const file = folder.concerns(document.uri);
      if (file !== undefined) folder.project.setDocument(file, document.getText());
    }
    folder.refresh();
  }
}
