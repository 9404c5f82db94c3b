/** The Bridge view: ways between the container and the host, with what is known of each. */

import type { Channel, ChannelFinding, Check, Listener, Severity } from "../../../crates/node/index";
import { foreign } from "./foreign";
import { type Node, plural, SEVERITY_ICON, worse } from "./model";

const ICONS: Readonly<Record<string, string>> = {
  "mounts-and-sockets": "plug",
  privilege: "shield",
  credentials: "key",
  "host-commands": "terminal",
  ground: "file-code",
  ports: "radio-tower",
  egress: "globe",
  "supply-chain": "package",
};

const CLASSES: Readonly<Record<ChannelFinding["class"], string>> = {
  observed: "seen in the running container or on this machine",
  configured: "written in the configuration",
  inferred: "follows from what is not written",
};

/** Findings of files from `check`, and what was observed from `live`, the last look into the container. */
export function merged(check: Check, live: Check | undefined): readonly Channel[] {
  if (live === undefined) return check.channels;
  return check.channels.map((channel) => {
    const seen = live.channels.find((other) => other.id === channel.id)?.findings ?? [];
    const findings = [
      ...channel.findings.filter((finding) => finding.class !== "observed"),
      ...seen.filter((finding) => finding.class === "observed"),
    ];
    const worst = findings.reduce<Severity | undefined>((all, finding) => worse(all, finding.severity), undefined);
    const { worst: _, ...rest } = channel;
    return worst === undefined ? { ...rest, findings } : { ...rest, findings, worst };
  });
}

export function bridgeNodes(channels: readonly Channel[], listeners: readonly Listener[] = []): readonly Node[] {
  return channels.map((channel) => {
    const open = channel.id === "ports" ? listeners : [];
    const state = channel.worst === undefined ? "nothing found" : plural(channel.findings.length, "finding");
    const worst = [
      channel.worst === undefined ? "" : `, worst ${channel.worst}`,
      open.length === 0 ? "" : `, ${plural(open.length, "listener")}`,
    ].join("");
    return {
      id: `channel:${channel.id}`,
      label: channel.title.charAt(0).toUpperCase() + channel.title.slice(1),
      description: `${state}${worst}`,
      icon: ICONS[channel.id] ?? "circle-outline",
      spoken: `${channel.title}: ${state}${worst}`,
      folded: channel.worst !== "critical" && channel.worst !== "high",
      children: [...channel.findings.map((finding, index) => findingNode(channel.id, finding, index)), ...open.map(listenerNode)],
    };
  });
}

function listenerNode({ editor, address, local }: Listener): Node {
  const label = `${foreign(editor, 60)} listens on ${foreign(address, 60)}`;
  const reach = local ? "for programs of this machine" : "for the network of that address";
  return {
    id: `listener:${editor}:${address}`,
    label,
    description: `observed, ${reach}`,
    tooltip: `${label}\n\nThe editor, or what it started: a forwarded port, a debugger, a program of a terminal`,
    icon: "radio-tower",
    spoken: `${label}, ${reach}, seen now on this machine`,
  };
}

/** Tells rows apart that say the same of several files. */
function place({ file, range }: ChannelFinding): string {
  return file === undefined || range === undefined ? "" : `, ${foreign(file)}:${range.start.line + 1}`;
}

function findingNode(channel: string, finding: ChannelFinding, index: number): Node {
  const message = foreign(finding.message);
  const how = CLASSES[finding.class];
  const node: Node = {
    id: `channel:${channel}:${finding.rule}:${finding.file ?? ""}:${index}`,
    label: message,
    description: `${finding.severity}, ${finding.class}`,
    tooltip: [message, foreign(finding.evidence, 600), `${finding.severity}, ${how} (${finding.code} ${finding.rule})`]
      .filter((line, at, all) => all.indexOf(line) === at)
      .join("\n\n"),
    icon: SEVERITY_ICON[finding.severity],
    spoken: `${finding.severity}: ${message}, ${how}${place(finding)}`,
    context: finding.fix === undefined || finding.file === undefined ? "finding" : "finding.fix",
    subject: { kind: "finding", rule: finding.rule, file: finding.file, range: finding.range },
  };
  if (finding.file !== undefined) {
    return { ...node, open: { kind: "place", file: finding.file, range: finding.range } };
  }
  return { ...node, open: { kind: "command", command: "drawbridge.explain", title: "Explain" } };
}
