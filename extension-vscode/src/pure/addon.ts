/** Loads the native addon. No `vscode` import, so plain Node can test it. */

import type * as contract from "../../../crates/node/index";

export type Addon = typeof contract;

export interface Lookup {
  /** Absolute path of `drawbridge.node` inside the VSIX. */
  readonly path: string;
  /** Version of the extension; an addon of another version is refused. */
  readonly version: string;
  /** `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly exists: (path: string) => boolean;
  /** Node's `require`. */
  readonly load: (path: string) => unknown;
}

export type Loaded =
  | { readonly kind: "loaded"; readonly addon: Addon }
  /** There is none; `why` is one sentence for people. */
  | { readonly kind: "missing"; readonly why: string };

export function loadAddon(lookup: Lookup): Loaded {
  if (!lookup.exists(lookup.path)) {
    return missing(`this package has no program for ${lookup.platform}; install the package made for it`);
  }
  let loaded: unknown;
  try {
    loaded = lookup.load(lookup.path);
  } catch {
    return missing(`the program inside this package does not run on ${lookup.platform}; install the package made for it`);
  }
  if (!isAddon(loaded)) {
    return missing("the program inside this package is not Drawbridge's; install the extension anew");
  }
  const version = loaded.version();
  if (version !== lookup.version) {
    return missing(`the program is version ${version} and the extension ${lookup.version}; install the extension anew`);
  }
  return { kind: "loaded", addon: loaded };
}

function missing(why: string): Loaded {
  return { kind: "missing", why };
}

function isAddon(value: unknown): value is Addon {
  if (typeof value !== "object" || value === null) return false;
  const named = value as Record<string, unknown>;
  return ["Project", "Cancellation", "version", "explain"].every((name) => typeof named[name] === "function");
}
