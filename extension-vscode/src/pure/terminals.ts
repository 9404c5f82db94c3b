/** Terminals that run on the developer's machine although the window works in a container. */

import { inContainer } from "./place";

export interface Terminal {
  readonly name: string;
  /** `creationOptions.cwd`: a path means the side on which the window works, an URI says its side. */
  readonly cwd: string | { readonly scheme: string } | undefined;
}

/** Whether a terminal of this window runs on the host. VS Code tells of it after its process has started. */
export function onHost(terminal: Terminal, remoteName: string | undefined): boolean {
  if (!inContainer(remoteName)) return false;
  return typeof terminal.cwd === "object" && terminal.cwd.scheme === "file";
}
