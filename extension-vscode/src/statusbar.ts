/** The line in the status bar. */

import vscode = require("vscode");
import type { Folders } from "./folders";
import { status, type Status } from "./pure/status";

const WEIGHT: Readonly<Record<Status["level"], number>> = { plain: 0, warning: 1, error: 2 };
const BACKGROUND: Readonly<Record<Status["level"], vscode.ThemeColor | undefined>> = {
  plain: undefined,
  warning: new vscode.ThemeColor("statusBarItem.warningBackground"),
  error: new vscode.ThemeColor("statusBarItem.errorBackground"),
};

export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("drawbridge.status", vscode.StatusBarAlignment.Left);

  constructor() {
    this.#item.name = "Drawbridge";
  }

  /** The worst of all folders. */
  show(folders: Folders): void {
    const all = folders.all.map(status).sort((left, right) => WEIGHT[right.level] - WEIGHT[left.level]);
    const [worst] = all;
    if (worst === undefined) {
      this.#item.hide();
      return;
    }
    this.#item.text = worst.text;
    this.#item.command = worst.command;
    this.#item.tooltip = worst.tooltip;
    this.#item.accessibilityInformation = { label: worst.spoken };
    this.#item.backgroundColor = BACKGROUND[worst.level];
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
