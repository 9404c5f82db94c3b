/** The Findings view: what changed behind the developer's back, then findings by severity. */

import type { Check, Drift, Review } from "../../../crates/node/index";
import { foreign } from "./foreign";
import { type Node, plural, SEVERITIES, SEVERITY_ICON } from "./model";

export function findingNodes(check: Check, review: Review | undefined): readonly Node[] {
  const groups = SEVERITIES.map((severity): Node | undefined => {
    const placed = check.problems
      .filter((problem) => problem.severity === severity)
      .map((problem, index): Node => {
        const where = `${foreign(problem.file)}:${problem.range.start.line + 1}`;
        const message = foreign(problem.message);
        return {
          id: `finding:${problem.rule}:${problem.file}:${index}`,
          label: message,
          description: where,
          tooltip: `${message}\n\n${where}, ${problem.code} ${problem.rule}`,
          icon: SEVERITY_ICON[severity],
          spoken: `${severity}: ${message}, ${where}`,
          context: "finding",
          open: { kind: "place", file: problem.file, range: problem.range },
          subject: { kind: "finding", rule: problem.rule, file: problem.file, range: problem.range },
        };
      });
    const unplaced = check.elsewhere
      .filter((finding) => finding.severity === severity)
      .map((finding, index): Node => {
        const message = foreign(finding.message);
        return {
          id: `elsewhere:${finding.rule}:${index}`,
          label: message,
          description: finding.class,
          tooltip: `${message}\n\n${foreign(finding.evidence, 600)}\n\n${finding.code} ${finding.rule}`,
          icon: SEVERITY_ICON[severity],
          spoken: `${severity}: ${message}, ${finding.class}`,
          context: "finding",
          open: { kind: "command", command: "drawbridge.explain", title: "Explain" },
          subject: { kind: "finding", rule: finding.rule, file: undefined, range: undefined },
        };
      });
    const children = [...placed, ...unplaced];
    if (children.length === 0) return undefined;
    return {
      id: `severity:${severity}`,
      label: severity[0]?.toUpperCase() + severity.slice(1),
      description: String(children.length),
      icon: SEVERITY_ICON[severity],
      spoken: plural(children.length, `${severity} finding`),
      folded: severity === "low" || severity === "info",
      children,
    };
  }).filter((node) => node !== undefined);
  const unseen: readonly Node[] = check.unseen.map((sentence, index) => ({
    id: `unseen:${index}`,
    label: foreign(sentence),
    tooltip: foreign(sentence, 600),
    icon: "eye-closed",
    spoken: `Not looked at: ${foreign(sentence)}`,
  }));
  const rest: readonly Node[] =
    unseen.length === 0
      ? []
      : [
          {
            id: "unseen",
            label: "Not looked at",
            description: String(unseen.length),
            icon: "eye-closed",
            spoken: plural(unseen.length, "thing was not looked at", "things were not looked at"),
            folded: true,
            children: unseen,
          },
        ];
  return [...driftNodes(review), ...groups, ...rest];
}

/** Nothing before the first baseline: everything would be new. */
export function driftNodes(review: Review | undefined): readonly Node[] {
  if (review === undefined || !review.known || review.drift.length === 0) return [];
  return [
    {
      id: "drift",
      label: "Changed since you last accepted it",
      description: String(review.drift.length),
      icon: "git-compare",
      spoken: `${plural(review.drift.length, "file")} that run on your machine changed since you last accepted them`,
      context: "drifted",
      children: review.drift.map((drift) => {
        const what = drift.what.map((sentence) => foreign(sentence)).join("; ");
        return {
          id: `drift:${drift.file}`,
          label: foreign(drift.file),
          description: drift.kind,
          tooltip: [`${foreign(drift.file)} was ${drift.kind}`, what].filter((line) => line !== "").join("\n\n"),
          icon: "diff",
          spoken: `${foreign(drift.file)} was ${drift.kind}. ${what}`,
          context: "drift",
          open: { kind: "command", command: "drawbridge.showDrift", title: "Show What Changed" },
          subject: { kind: "drift", file: drift.file },
        };
      }),
    },
  ];
}

/** What a notification says; `undefined` when there is nothing to say or it was said (`told` is the last answer). */
export function driftWarning(review: Review, told: string): { readonly text: string; readonly key: string } | undefined {
  if (!review.known || review.drift.length === 0) return undefined;
  const key = JSON.stringify(review.drift.map((drift: Drift) => [drift.file, drift.kind, drift.after]));
  if (key === told) return undefined;
  const [first, ...more] = review.drift;
  const others = more.length === 0 ? "" : ` and ${plural(more.length, "more file")}`;
  const text = `${foreign(first?.file ?? "")}${others} changed. What they say runs on your machine or in the next container`;
  return { text, key };
}
