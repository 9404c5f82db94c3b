/** What the addon's rejections say to people. */

import { foreign } from "./foreign";

export interface Failure {
  readonly code: string;
  readonly text: string;
}

export function failure(error: unknown): Failure {
  if (typeof error !== "object" || error === null) return { code: "unknown", text: foreign(String(error)) };
  const { code, message, hint } = error as Record<string, unknown>;
  const said = typeof message === "string" ? foreign(message, 600) : "something went wrong";
  return {
    code: typeof code === "string" ? code : "unknown",
    text: typeof hint === "string" && hint !== "" ? `${said}. ${foreign(hint, 300)}` : said,
  };
}
