/** Waits for what no event tells. */

/** Milliseconds; everything is there long before, on a machine that others load as well. */
const LONGEST = 90_000;

/** Looks until there is an answer, or the time is over. */
export async function within<T>(milliseconds: number, look: () => T | undefined | Promise<T | undefined>): Promise<T | undefined> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined || Date.now() > end) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Looks until there is an answer; `instead` says at the end what was there in its place. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>, instead?: () => string): Promise<T> {
  const found = await within(LONGEST, look);
  if (found !== undefined) return found;
  throw new Error(`not within ${LONGEST} ms: ${what}${instead === undefined ? "" : `; but:\n${instead()}`}`);
}
