/** Small answers of the addon for tests. */

import type { Blocked, ChannelFinding, Check, Drift, Policy } from "../../crates/node/index";
import type { Reviewed } from "../src/pure/drift";

export type { Check };
export type Finding = ChannelFinding;

export const check: Check = { problems: [], elsewhere: [], channels: [], unseen: [], ignored: 0, listeners: [] };
export const policy: Policy = { state: "running", rules: [], blocked: [] };

export const nothing: Reviewed = { review: undefined, container: undefined };

/** A file that now says `now`. */
export function drift(file: string, now = "a"): Drift {
  return { file, kind: "changed", what: ["runs a program"], before: "", after: now, digest: now };
}

export function finding(severity: Finding["severity"], seen: Finding["class"]): Finding {
  return { severity, class: seen, code: "DB000", rule: "some-rule", message: "message", evidence: "evidence" };
}

export function blocked(host: string): Blocked {
  return { host, port: 443, count: 1, last: 1, why: "no rule allows it", rule: host };
}
