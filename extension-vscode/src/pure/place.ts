/** Where the extension runs, and which folder of this machine belongs to a window. */

export interface Surroundings {
  /** `vscode.env.remoteName`. */
  readonly remoteName: string | undefined;
  /** Whether VS Code runs the extension beside the workspace instead of beside the window. */
  readonly besideWorkspace: boolean;
}

/** `host`: files and engine are within reach; `container`: on the wrong side of the wall, where nothing can be done. */
export type Place = "host" | "container";

const CONTAINERS = new Set(["dev-container", "attached-container"]);

export function place(surroundings: Surroundings): Place {
  const { remoteName, besideWorkspace } = surroundings;
  return besideWorkspace && inContainer(remoteName) ? "container" : "host";
}

/** Whether the window works inside a container. */
export function inContainer(remoteName: string | undefined): boolean {
  return remoteName !== undefined && CONTAINERS.has(remoteName);
}

export interface Uri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly fsPath: string;
}

/**
 * The folder on this machine that a workspace folder shows: itself, or what the authority of a dev container says,
 * which is its host path in hexadecimal, bare or as `{"hostPath": …}`. `undefined` when there is none, such as
 * for a clone in a volume.
 */
export function hostFolder(folder: Uri): string | undefined {
  if (folder.scheme === "file") return folder.fsPath;
  if (folder.scheme !== "vscode-remote") return undefined;
  const [, hex] = /^dev-container\+([0-9a-f]+)(?:@.*)?$/i.exec(folder.authority) ?? [];
  // In code-server the remote side is this machine.
  if (hex === undefined) return folder.authority.includes("+") ? undefined : folder.path;
  const text = Buffer.from(hex, "hex").toString("utf8");
  const path = text.startsWith("{") ? hostPath(text) : text;
  return path !== undefined && /^(\/|[A-Za-z]:[\\/])/.test(path) && !path.includes("\0") ? path : undefined;
}

function hostPath(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null || "volumeName" in value) return undefined;
    const path = (value as Record<string, unknown>)["hostPath"];
    return typeof path === "string" ? path : undefined;
  } catch {
    return undefined;
  }
}

/** The path of a document below its folder with `/`, as the addon takes it; `undefined` when it is not below it. */
export function relative(folder: Uri, document: Uri): string | undefined {
  if (folder.scheme !== document.scheme || folder.authority !== document.authority) return undefined;
  const root = folder.path.endsWith("/") ? folder.path : `${folder.path}/`;
  if (!document.path.startsWith(root)) return undefined;
  const rest = document.path.slice(root.length);
  return rest === "" ? undefined : rest;
}
