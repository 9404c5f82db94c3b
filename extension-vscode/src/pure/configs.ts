/** Which of a folder's configurations the views and commands are about. */

import type { Configuration } from "../../../crates/node/index";
import { foreign } from "./foreign";
import type { Node } from "./model";

/** The only one, or the one that somebody chose; `undefined` when there are several and nobody did. */
export function settled(all: readonly Configuration[], remembered: string | undefined): string | undefined {
  const [only, ...more] = all;
  if (more.length === 0) return only?.file;
  return all.find(({ file }) => file === remembered)?.file;
}

/** The row above the views of a folder with several. */
export function configNodes(all: readonly Configuration[], chosen: string | undefined): readonly Node[] {
  if (all.length < 2) return [];
  const label = chosen === undefined ? "Choose a configuration" : foreign(chosen);
  const description = chosen === undefined ? `this folder has ${all.length}` : "shown here";
  return [
    {
      id: "configuration",
      label,
      description,
      tooltip: "This folder has several dev containers. Policy, Protect and the look into the container are about one of them",
      icon: chosen === undefined ? "question" : "settings",
      spoken: chosen === undefined ? `${label}: ${description}` : `Configuration ${label}. Press Enter to choose another`,
      open: { kind: "command", command: "drawbridge.chooseConfig", title: "Choose a Configuration" },
    },
  ];
}

export interface Pick {
  readonly label: string;
  readonly description: string;
  readonly file: string;
}

export function picks(all: readonly Configuration[]): readonly Pick[] {
  return all.map(({ file, protected: gated, chosen }) => ({
    label: foreign(file),
    description: [gated ? "protected" : "not protected", ...(chosen ? ["shown now"] : [])].join(", "),
    file,
  }));
}
