/** What protecting would lose, as a list from which each is accepted by name. */

import type { Loss } from "../../../crates/node/index";
import { foreign } from "./foreign";

export interface Pick {
  readonly label: string;
  readonly detail: string;
  readonly code: string;
}

/** One entry for each code: settings that share one are accepted together. */
export function picks(losses: readonly Loss[]): readonly Pick[] {
  const codes = [...new Set(losses.map(({ code }) => code))];
  return codes.map((code) => {
    const own = losses.filter((loss) => loss.code === code);
    const distinct = (words: readonly string[]): string => [...new Set(words)].join("; ");
    return {
      label: distinct(own.map(({ what }) => foreign(what, 120))),
      detail: distinct(own.map(({ why }) => foreign(why, 300))),
      code,
    };
  });
}

/** What is said when not every loss was accepted. */
export function refusal(all: readonly Pick[], accepted: readonly Pick[]): string {
  const kept = all.filter(({ code }) => !accepted.some((pick) => pick.code === code)).map(({ label }) => label);
  return `nothing was planned, because you keep ${kept.join(" and ")}. Change it in the configuration, or accept its loss`;
}
