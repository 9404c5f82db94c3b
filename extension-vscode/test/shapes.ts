/** Small answers of the addon for tests. */

import type { Blocked, ChannelFinding, Check, Policy } from "../../crates/node/index";

export type { Check };
export type Finding = ChannelFinding;

export const check: Check = { problems: [], elsewhere: [], channels: [], unseen: [], ignored: 0 };
export const policy: Policy = { state: "running", rules: [], blocked: [] };

export function finding(severity: Finding["severity"], seen: Finding["class"]): Finding {
  return { severity, class: seen, code: "DB000", rule: "some-rule", message: "message", evidence: "evidence" };
}

export function blocked(host: string): Blocked {
  return { host, port: 443, count: 1, last: 1, why: "no rule allows it", rule: host };
}
