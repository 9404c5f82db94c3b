/** What the addon's rejections say to people. */

import type { Loss } from "../../../crates/node/index";
import { foreign } from "./foreign";

export interface Failure {
  readonly code: string;
  readonly text: string;
  /** What a plan would lose. */
  readonly losses: readonly Loss[];
}

export function failure(error: unknown): Failure {
  if (typeof error !== "object" || error === null) return { code: "unknown", text: foreign(String(error)), losses: [] };
  const { code, message, hint, losses } = error as Record<string, unknown>;
  const said = typeof message === "string" ? foreign(message, 600) : "something went wrong";
  return {
    code: typeof code === "string" ? code : "unknown",
    losses: Array.isArray(losses) ? (losses as Loss[]) : [],
    text: typeof hint === "string" && hint !== "" ? `${said}. ${foreign(hint, 300)}` : said,
  };
}
