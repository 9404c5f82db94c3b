/** What the views show, as plain data; `tree.ts` hands it to VS Code. */

import type { Range, Severity } from "../../../crates/node/index";

export type Open =
  | { readonly kind: "place"; readonly file: string; readonly range: Range | undefined }
  /** Runs one of our own commands with the node. */
  | { readonly kind: "command"; readonly command: string; readonly title: string };

export interface Node {
  /** Stable between refreshes, so that expansion and selection stay. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  /** Name of a codicon. */
  readonly icon: string;
  /** What a screen reader says; never by colour or icon alone. */
  readonly spoken: string;
  /** Decides which commands are offered (`viewItem` in package.json). */
  readonly context?: string;
  readonly open?: Open;
  readonly children?: readonly Node[];
  /** Closed at first. */
  readonly folded?: boolean;
  /** What commands work on. */
  readonly subject?: Subject;
}

export type Subject =
  | { readonly kind: "blocked"; readonly host: string; readonly rule: string }
  | { readonly kind: "rule"; readonly text: string }
  | { readonly kind: "finding"; readonly rule: string; readonly file: string | undefined; readonly range: Range | undefined }
  | { readonly kind: "drift"; readonly file: string }
  | { readonly kind: "change"; readonly file: string };

export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"];

/** Severities have shapes of their own, since colour never carries meaning alone. */
export const SEVERITY_ICON: Readonly<Record<Severity, string>> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "info",
  info: "info",
};

/** The more severe of two; `undefined` is none at all. */
export function worse(left: Severity | undefined, right: Severity | undefined): Severity | undefined {
  if (left === undefined) return right;
  if (right === undefined) return left;
  return SEVERITIES.indexOf(left) <= SEVERITIES.indexOf(right) ? left : right;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
