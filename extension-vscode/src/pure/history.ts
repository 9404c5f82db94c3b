/** The History view: the plan that waits for a word, then what was done to the folder. */

import type { HistoryEntry, Plan } from "../../../crates/node/index";
import { foreign } from "./foreign";
import { type Node, plural } from "./model";

export function historyNodes(entries: readonly HistoryEntry[], plan: Plan | undefined): readonly Node[] {
  const newest = entries.reduce<HistoryEntry | undefined>(
    (found, entry) => (entry.state === "applied" && (found === undefined || entry.id > found.id) ? entry : found),
    undefined,
  );
  const done = [...entries]
    .sort((left, right) => right.id - left.id)
    .map((entry): Node => {
      const when = new Date(entry.time * 1000).toISOString().slice(0, 16).replace("T", " ");
      const command = foreign(entry.command);
      return {
        id: `entry:${entry.id}`,
        label: command,
        description: `${entry.state}, ${when} UTC`,
        icon: entry.state === "applied" ? "check" : "discard",
        spoken: `${command}, ${entry.state}, ${when} UTC, ${plural(entry.files.length, "file")}, change ${entry.id}`,
        folded: true,
        ...(entry === newest ? { context: "entry.undoable" } : {}),
        children: entry.files.map(({ file, what }) => ({
          id: `entry:${entry.id}:${file}`,
          label: foreign(file),
          description: what,
          icon: "file",
          spoken: `${foreign(file)} ${what} by change ${entry.id}`,
          ...(what === "removed" ? {} : { open: { kind: "place" as const, file, range: undefined } }),
        })),
      };
    });
  return plan === undefined ? done : [planNode(plan), ...done];
}

function planNode(plan: Plan): Node {
  const files = plan.changes.map(
    (change): Node => ({
      id: `plan:${change.file}`,
      label: foreign(change.file),
      description: changeWord(change),
      icon: "diff",
      spoken: `${foreign(change.file)} would be ${changeWord(change)}`,
      open: { kind: "command", command: "drawbridge.showChange", title: "Show the Change" },
      subject: { kind: "change", file: change.file },
    }),
  );
  const notes = plan.notes.map(
    (note, index): Node => ({
      id: `plan-note:${index}`,
      label: foreign(note),
      tooltip: foreign(note, 600),
      icon: "note",
      spoken: `Note: ${foreign(note)}`,
    }),
  );
  const hosts = plan.hosts.map(
    ({ host, why }, index): Node => ({
      id: `plan-host:${index}:${host}`,
      label: foreign(host),
      description: foreign(why),
      icon: "globe",
      spoken: `${foreign(host)} will be reachable: ${foreign(why)}`,
    }),
  );
  const group: readonly Node[] =
    hosts.length === 0
      ? []
      : [
          {
            id: "plan-hosts",
            label: "Hosts that will be reachable",
            description: String(hosts.length),
            icon: "globe",
            spoken: plural(hosts.length, "host will be reachable", "hosts will be reachable"),
            folded: true,
            children: hosts,
          },
        ];
  return {
    id: "plan",
    label: "Not applied yet",
    description: plural(plan.changes.length, "file"),
    icon: "git-pull-request-draft",
    spoken: `A plan that is not applied yet, ${plural(plan.changes.length, "file")}`,
    context: "plan",
    children: [...files, ...notes, ...group],
  };
}

export function changeWord(change: { readonly before?: string; readonly after?: string }): string {
  if (change.before === undefined) return "created";
  return change.after === undefined ? "removed" : "changed";
}
