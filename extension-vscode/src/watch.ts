/** What happens by itself: blocked hosts, ports that open, terminals on the host, settings that a container should not change. */

import vscode = require("vscode");
import type { Blocked } from "../../crates/node/index";
import { Folder } from "./folder";
import type { Folders } from "./folders";
import { foreign } from "./pure/foreign";
import { WATCHED } from "./pure/keys";
import { inContainer } from "./pure/place";
import { PortNews } from "./pure/ports";
import { onHost } from "./pure/terminals";
import { watchReview } from "./review";

/** Warns of what was not reviewed, of each open port and of each blocked host once; of the first and the last at most one notification is open. */
export function watchFolder(folder: Folder): vscode.Disposable {
  let open = false;
  const hosts = new Set<string>();
  const ports = new PortNews();
  return vscode.Disposable.from(
    watchReview(folder),
    folder.onDidChange(() => {
      const text = folder.live === undefined ? undefined : ports.next(folder.live);
      if (text !== undefined) void warnOfPort(text);
    }),
    folder.onDidBlock((blocked) => {
      if (open || hosts.has(blocked.host) || hosts.size > 1000) return;
      if (!vscode.workspace.getConfiguration("drawbridge").get<boolean>("notifyBlocked", true)) return;
      hosts.add(blocked.host);
      open = true;
      void tellOfBlocked(blocked).then(() => {
        open = false;
      });
    }),
  );
}

async function warnOfPort(text: string): Promise<void> {
  const answer = await vscode.window.showWarningMessage(`Drawbridge: ${text}`, "Show Bridge");
  if (answer !== undefined) await vscode.commands.executeCommand("drawbridge.bridge.focus");
}

/** Allowing is not one click away here: the container decides when this appears and what stands in it. */
async function tellOfBlocked(blocked: Blocked): Promise<void> {
  const by = blocked.process === undefined ? "" : ` (${foreign(blocked.process, 60)})`;
  const answer = await vscode.window.showInformationMessage(`Drawbridge blocked ${foreign(blocked.host)}${by}`, "Show Policy");
  if (answer !== undefined) await vscode.commands.executeCommand("drawbridge.policy.focus");
}

/** The clock that asks for a gate that does not run yet, while somebody looks at the window. */
export function watchGates(folders: Folders): vscode.Disposable {
  const timer = setInterval(() => {
    if (!vscode.window.state.focused) return;
    for (const folder of folders.all) {
      if (folder.policy?.state !== "unprotected") void folder.askGate();
    }
  }, Folder.gatePoll);
  return new vscode.Disposable(() => {
    clearInterval(timer);
  });
}

/** The clock that looks into running containers, while somebody looks at the window and when they come back to it. */
export function watchInside(folders: Folders): vscode.Disposable {
  let last = Date.now();
  const look = (): void => {
    if (!vscode.window.state.focused || Date.now() - last < Folder.lookPoll) return;
    last = Date.now();
    for (const folder of folders.all) folder.lookInside();
  };
  const timer = setInterval(look, Folder.lookPoll / 4);
  return vscode.Disposable.from(vscode.window.onDidChangeWindowState(look), new vscode.Disposable(() => {
    clearInterval(timer);
  }));
}

/** Host terminals of a container's window, those that are open already too. */
export function watchTerminals(): vscode.Disposable {
  const remote = vscode.env.remoteName;
  if (!inContainer(remote)) return vscode.Disposable.from();
  const look = (terminal: vscode.Terminal): void => {
    const options = terminal.creationOptions;
    const cwd = "cwd" in options ? options.cwd : undefined;
    if (onHost({ name: terminal.name, cwd }, remote)) void warnOfTerminal(terminal);
  };
  for (const terminal of vscode.window.terminals) look(terminal);
  return vscode.window.onDidOpenTerminal(look);
}

async function warnOfTerminal(terminal: vscode.Terminal): Promise<void> {
  const name = foreign(terminal.name, 60);
  const text = `Drawbridge: the terminal "${name}" runs on your machine, not in the container. If you did not open it, something in the container did`;
  const answer = await vscode.window.showWarningMessage(text, "Close It", "Show It");
  if (answer === "Close It") terminal.dispose();
  if (answer === "Show It") terminal.show();
}

export function watchSettings(): vscode.Disposable {
  if (!inContainer(vscode.env.remoteName)) return vscode.Disposable.from();
  return vscode.workspace.onDidChangeConfiguration((event) => {
    for (const [key, meaning] of WATCHED) {
      if (event.affectsConfiguration(key)) void warnOfSetting(key, meaning);
    }
  });
}

async function warnOfSetting(key: string, meaning: string): Promise<void> {
  const answer = await vscode.window.showWarningMessage(`Drawbridge: the setting ${key} changed: ${meaning}`, "Show Setting");
  if (answer !== undefined) await vscode.commands.executeCommand("workbench.action.openSettings", key);
}
