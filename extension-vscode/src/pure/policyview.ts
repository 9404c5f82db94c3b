/** The Policy view: what was blocked, what is denied, what is allowed. */

import type { Blocked, Policy, PolicyRule } from "../../../crates/node/index";
import { foreign } from "./foreign";
import { type Node, plural } from "./model";

/** A container can make up hosts without end. */
const MOST_BLOCKED = 200;

/** `alone`: nothing else is in the view, so that an empty one shows VS Code's welcome with its button. */
export function policyNodes(policy: Policy, alone: boolean): readonly Node[] {
  if (policy.state === "unprotected") return alone ? [] : [OPEN];
  const denied = policy.rules.filter((rule) => rule.action === "deny");
  const allowed = policy.rules.filter((rule) => rule.action === "allow");
  return [gateNode(policy), blockedNode(policy.blocked), ...ruleNodes("deny", denied), ...ruleNodes("allow", allowed)];
}

const GATE: Readonly<Record<Exclude<Policy["state"], "unprotected">, readonly [string, string, string]>> = {
  running: ["Gate is running", "pass-filled", "The gate decides every connection of the container"],
  stopped: ["Gate is not running", "circle-outline", "The container is not started; the rules hold when it starts"],
  "no-engine": ["No container engine answers", "circle-slash", "Start the engine to see what the gate blocked"],
};

const OPEN: Node = {
  id: "gate",
  label: "Not protected",
  description: "it reaches every host",
  tooltip: "Protect this dev container, with a preview first",
  icon: "warning",
  spoken: "Not protected: it reaches every host. Press Enter to protect this dev container, with a preview first",
  open: { kind: "command", command: "drawbridge.protect", title: "Protect This Dev Container" },
};

function gateNode(policy: Policy): Node {
  const [label, icon, tooltip] = GATE[policy.state === "unprotected" ? "stopped" : policy.state];
  return { id: "gate", label, icon, tooltip, spoken: `${label}. ${tooltip}` };
}

function blockedNode(blocked: readonly Blocked[]): Node {
  const shown = blocked.slice(0, MOST_BLOCKED).map(blockedHost);
  const left = blocked.length - shown.length;
  const rest: readonly Node[] =
    left > 0
      ? [{ id: "blocked-rest", label: `${left} more`, icon: "ellipsis", spoken: `${left} more blocked hosts are not shown` }]
      : [];
  return {
    // VS Code remembers a row without children as folded: with its first child it is another row.
    id: blocked.length === 0 ? "blocked-none" : "blocked",
    label: "Blocked",
    description: String(blocked.length),
    icon: "error",
    spoken: plural(blocked.length, "blocked host"),
    children: [...shown, ...rest],
  };
}

function blockedHost(blocked: Blocked): Node {
  const host = foreign(blocked.host);
  const by = blocked.process === undefined ? "" : ` by ${foreign(blocked.process, 60)}`;
  const request = blocked.method === undefined ? "" : `${foreign(blocked.method, 20)} ${foreign(blocked.path ?? "", 120)}`;
  const cause = blocked.cause === undefined ? "" : `Named in ${foreign(blocked.cause)}`;
  const label = blocked.port === undefined || blocked.port === 443 ? host : `${host}:${blocked.port}`;
  const told = `${plural(blocked.count, "time")}${by}${request === "" ? "" : `, ${request}`}`;
  const node: Node = {
    id: `blocked:${blocked.host}:${blocked.port ?? ""}:${blocked.method ?? ""}:${blocked.path ?? ""}`,
    label,
    description: told,
    tooltip: [host, request, foreign(blocked.why, 400), cause].filter((line) => line !== "").join("\n\n"),
    icon: "circle-slash",
    spoken: `${label} blocked ${told}. ${foreign(blocked.why)}`,
  };
  if (blocked.rule === undefined) return node;
  return { ...node, context: "blocked.allowable", subject: { kind: "blocked", host: blocked.host, rule: blocked.rule } };
}

function ruleNodes(action: PolicyRule["action"], rules: readonly PolicyRule[]): readonly Node[] {
  if (rules.length === 0) return [];
  const label = action === "allow" ? "Allowed" : "Denied";
  return [
    {
      id: action,
      label,
      description: String(rules.length),
      icon: action === "allow" ? "pass" : "circle-slash",
      spoken: `${label}: ${plural(rules.length, "rule")}`,
      folded: true,
      children: rules.map((rule, index) => {
        const text = foreign(rule.text);
        const reason = rule.reason === undefined ? "" : foreign(rule.reason);
        const at = { line: rule.line, character: 0 };
        const inFolder = rule.layer === "repository";
        const node: Node = {
          id: `${action}:${rule.layer}:${rule.text}:${index}`,
          label: text,
          description: [foreign(rule.layer), reason].filter((part) => part !== "").join(", "),
          tooltip: `${text}\n\n${foreign(rule.file)}:${rule.line + 1}`,
          icon: action === "allow" ? "check" : "circle-slash",
          spoken: `${label}: ${text}, from ${foreign(rule.layer)}. ${reason}`,
          subject: { kind: "rule", text: rule.text },
        };
        if (!inFolder) return node;
        return { ...node, context: "rule", open: { kind: "place", file: rule.file, range: { start: at, end: at } } };
      }),
    },
  ];
}

/** A denial from the feed put in its place: newest first, a known host counts on. */
export function withBlocked(policy: Policy, event: Blocked): Policy {
  const before = policy.blocked.find((other) => same(other, event));
  const count = before === undefined ? event.count : before.count + event.count;
  return { ...policy, blocked: [{ ...event, count }, ...policy.blocked.filter((other) => !same(other, event))] };
}

/** The policy with those events that it does not know: they came while it was asked for. */
export function withMissed(policy: Policy, events: readonly Blocked[]): Policy {
  const knows = (event: Blocked): boolean => policy.blocked.some((other) => same(other, event) && other.last >= event.last);
  return events.filter((event) => !knows(event)).reduce(withBlocked, policy);
}

function same(one: Blocked, other: Blocked): boolean {
  return one.host === other.host && one.port === other.port && one.method === other.method && one.path === other.path;
}
