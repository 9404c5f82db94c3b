/** Ports that everybody on the network reaches: told as they are seen. */

import type { Check } from "../../../crates/node/index";
import { foreign } from "./foreign";

/** A container can open ports without end. */
const MOST = 1_000;

/** Says each port once. */
export class PortNews {
  readonly #told = new Set<string>();

  /** What a notification says of the ports that this look saw first; `undefined` when there is none. */
  next(live: Check): string | undefined {
    const open = live.channels.find(({ id }) => id === "ports")?.findings ?? [];
    const worst = open.filter((one) => one.class === "observed" && (one.severity === "critical" || one.severity === "high"));
    const fresh = worst.filter(({ rule, message }) => this.#told.size < MOST && !this.#told.has(`${rule}:${message}`));
    for (const { rule, message } of fresh) this.#told.add(`${rule}:${message}`);
    const [first, ...more] = fresh;
    if (first === undefined) return undefined;
    return more.length === 0 ? foreign(first.message, 300) : `${foreign(first.message, 300)}, and ${more.length} more`;
  }
}
