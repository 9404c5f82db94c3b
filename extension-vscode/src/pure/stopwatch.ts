/** How long something took by the clock, and for how long this process worked meanwhile, on a busy machine the lesser number. */

export class Stopwatch {
  readonly #began = performance.now();
  readonly #worked = process.cpuUsage();

  /** `12.3 ms, 8.1 ms of processor` */
  toString(): string {
    const { user, system } = process.cpuUsage(this.#worked);
    return `${(performance.now() - this.#began).toFixed(1)} ms, ${((user + system) / 1000).toFixed(1)} ms of processor`;
  }
}
