/** The one line in the status bar: the worst state. */

import type { Check, Policy, Severity } from "../../../crates/node/index";
import { differences, type Reviewed } from "./drift";
import { plural, worse } from "./model";

export interface Status {
  readonly text: string;
  readonly spoken: string;
  readonly tooltip: string;
  /** How much the bar stands out. */
  readonly level: "plain" | "warning" | "error";
  /** What a click does. */
  readonly command: "drawbridge.bridge.focus" | "drawbridge.reviewDrift";
}

export interface Known {
  readonly check: Check | undefined;
  readonly policy: Policy | undefined;
  readonly reviewed: Reviewed;
  /** Why the last check failed. */
  readonly failure: string | undefined;
}

export function status(known: Known): Status {
  const { check, policy, reviewed, failure } = known;
  if (failure !== undefined) return line("question", "not checked", failure, "warning");
  if (check === undefined) return line("sync~spin", "looking", "Drawbridge looks at the folder", "plain");
  const changed = differences(reviewed).length;
  if (changed > 0) {
    const tooltip = "What can run on your machine changed since your last review. Look before you reopen the container";
    return { ...line("git-compare", `${plural(changed, "change")} to review`, tooltip, "warning"), command: "drawbridge.reviewDrift" };
  }
  const all = [...check.problems, ...check.elsewhere, ...check.channels.flatMap((channel) => channel.findings)];
  const worst = all.reduce<Severity | undefined>((found, { severity }) => worse(found, severity), undefined);
  const gate = gateSentence(policy);
  if (worst === undefined) return line("pass", "nothing found", `Nothing found. ${gate}`, "plain");
  const count = new Set([...check.problems, ...check.elsewhere]).size;
  const text = `${plural(count, "finding")}, worst ${worst}`;
  const icon = worst === "critical" || worst === "high" ? "error" : worst === "medium" ? "warning" : "info";
  return line(icon, text, `${text}. ${gate}`, worst === "critical" ? "error" : "plain");
}

function gateSentence(policy: Policy | undefined): string {
  switch (policy?.state) {
    case undefined:
      return "The gate was not asked";
    case "unprotected":
      return "The container's egress is open";
    case "no-engine":
      return "No container engine answers";
    case "stopped":
      return "The gate is not running";
    case "running":
      return policy.blocked.length === 0 ? "The gate is running" : `The gate blocked ${plural(policy.blocked.length, "host")}`;
  }
}

function line(icon: string, text: string, tooltip: string, level: Status["level"]): Status {
  return { text: `$(${icon}) Drawbridge: ${text}`, spoken: `Drawbridge: ${text}`, tooltip, level, command: "drawbridge.bridge.focus" };
}
