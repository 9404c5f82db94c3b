/** What changed behind the developer's back since the last review, in the folder and in its running container. */

import type { AcceptRequest, Drift, Inside, Review } from "../../../crates/node/index";
import { foreign } from "./foreign";
import { type Node, plural } from "./model";

export interface Reviewed {
  readonly review: Review | undefined;
  /** As the last look into the container saw it; it stays unreviewed when the container stops. */
  readonly container: Inside | undefined;
}

/** Everything that differs, files of the folder first. Before the first review everything would. */
export function differences({ review, container }: Reviewed): readonly Drift[] {
  if (review?.known !== true) return [];
  return [...review.drift, ...(container?.known === true ? container.drift : [])];
}

/** Whether the file is one of the container's. */
export function isInside({ file }: { readonly file: string }): boolean {
  return file.startsWith("/");
}

/** What "mark as reviewed" asks for: each difference as it is shown, and for good what nobody has looked at yet. */
export function acceptance(reviewed: Reviewed): AcceptRequest {
  if (reviewed.review?.known !== true) return { container: true };
  const shown = differences(reviewed).map(({ file, digest }) => ({ file, digest }));
  return reviewed.container?.known === false ? { shown, container: true } : { shown };
}

export function driftNodes(reviewed: Reviewed): readonly Node[] {
  const { review, container } = reviewed;
  if (review === undefined) return [];
  if (!review.known) return [unreviewed("drift-unknown", "Not reviewed yet", "what runs on your machine; mark it as reviewed to hear of changes")];
  const rest =
    container?.known === false
      ? [unreviewed("drift-inside-unknown", "Container not reviewed yet", "the editor's settings and extensions in the container; mark them as reviewed to hear of changes")]
      : [];
  const all = differences(reviewed);
  if (all.length === 0) return rest;
  return [
    {
      id: "drift",
      label: "Changed since your last review",
      description: String(all.length),
      icon: "git-compare",
      spoken: `${plural(all.length, "change")} since your last review of what runs on your machine`,
      context: "drifted",
      children: all.map(driftNode),
    },
    ...rest,
  ];
}

function unreviewed(id: string, label: string, what: string): Node {
  return { id, label, description: what, tooltip: `${label}: ${what}`, icon: "circle-outline", spoken: `${label}: ${what}`, context: "drifted" };
}

function driftNode(drift: Drift): Node {
  const where = isInside(drift) ? ", in the container" : "";
  const what = drift.what.map((sentence) => foreign(sentence)).join("; ");
  const file = foreign(drift.file);
  // The view is narrow, and the name is at the end.
  const cut = drift.file.lastIndexOf("/") + 1;
  const folder = cut === 0 ? "" : `, ${foreign(drift.file.slice(0, cut))}`;
  const node: Node = {
    id: `drift:${drift.file}`,
    label: foreign(drift.file.slice(cut)),
    description: `${drift.kind}${where}${folder}`,
    tooltip: [`${file} was ${drift.kind}${where}`, what].filter((line) => line !== "").join("\n\n"),
    icon: "diff",
    spoken: `${file} was ${drift.kind}${where}. ${what}`,
    context: "drift",
    subject: { kind: "drift", file: drift.file },
  };
  return hasText(drift) ? { ...node, open: { kind: "command", command: "drawbridge.showDrift", title: "Show What Changed" } } : node;
}

/** Whether there is something for the diff editor. */
export function hasText({ before, after }: Drift): boolean {
  return before !== undefined || after !== undefined;
}

/** Says each difference once, and again when it changed or came back. */
export class DriftNews {
  readonly #told = new Map<string, string>();

  /** What a notification says now; `undefined` when there is nothing new. */
  next(reviewed: Reviewed): string | undefined {
    // What is gone from a container is a risk to nobody: a rebuilt one begins without settings and extensions.
    const all = differences(reviewed).filter((drift) => !isInside(drift) || drift.kind !== "removed");
    const fresh = all.filter(({ file, digest }) => this.#told.get(file) !== digest);
    const there = new Set(all.map(({ file }) => file));
    for (const file of this.#told.keys()) if (!there.has(file)) this.#told.delete(file);
    for (const { file, digest } of fresh) this.#told.set(file, digest);
    const [first, ...more] = fresh;
    if (first === undefined) return undefined;
    const where = isInside(first) ? " in the container" : "";
    const others = more.length === 0 ? "" : ` and ${plural(more.length, "more file")}`;
    return `${foreign(first.file)}${where}${others} changed since your last review. Look before you reopen the container: it can run on your machine`;
  }
}

/** Why not everything that was asked for is reviewed now; `undefined` when it is. */
export function left({ shown }: AcceptRequest, answer: Review): string | undefined {
  const asked = shown ?? [];
  const seen = answer.container !== undefined;
  const differs = new Set(differences({ review: answer, container: answer.container }).map(({ file }) => file));
  const [first, ...more] = asked.filter((drift) => differs.has(drift.file) || (isInside(drift) && !seen));
  if (first === undefined) return undefined;
  const others = more.length === 0 ? "" : ` and ${plural(more.length, "more file")}`;
  const why = isInside(first) && !seen ? "the container cannot be looked into now" : "it changed again meanwhile or cannot be read";
  return `not reviewed: ${foreign(first.file)}${others}, ${why}`;
}
