/** The Findings view: what changed since the last review, then findings by severity. */

import type { Check } from "../../../crates/node/index";
import { driftNodes, type Reviewed } from "./drift";
import { foreign } from "./foreign";
import { type Node, plural, SEVERITIES, SEVERITY_ICON } from "./model";

export function findingNodes(check: Check, reviewed: Reviewed): readonly Node[] {
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
  return [...driftNodes(reviewed), ...groups, ...rest];
}
