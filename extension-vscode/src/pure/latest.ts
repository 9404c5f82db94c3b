/** Runs the newest of many requests: debounced, one at a time, the running one taken back when a newer comes. */

export interface Clock {
  /** Calls `then` after `milliseconds`; the answer takes it back. */
  readonly after: (milliseconds: number, then: () => void) => () => void;
}

export const systemClock: Clock = {
  after: (milliseconds, then) => {
    const timer = setTimeout(then, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

export class Latest {
  readonly #run: (signal: AbortSignal) => Promise<void>;
  readonly #clock: Clock;
  #waiting: (() => void) | undefined;
  #running: AbortController | undefined;
  #again = false;
  #ended = false;

  /** `run` gets a signal that says that its answer is no longer wanted; it must not reject. */
  constructor(run: (signal: AbortSignal) => Promise<void>, clock: Clock = systemClock) {
    this.#run = run;
    this.#clock = clock;
  }

  /** Starts a run when `milliseconds` have passed without another request. */
  request(milliseconds: number): void {
    if (this.#ended) return;
    this.#waiting?.();
    this.#running?.abort();
    this.#waiting = this.#clock.after(milliseconds, () => {
      this.#waiting = undefined;
      void this.#start();
    });
  }

  dispose(): void {
    this.#ended = true;
    this.#waiting?.();
    this.#waiting = undefined;
    this.#running?.abort();
  }

  async #start(): Promise<void> {
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    do {
      this.#again = false;
      const running = new AbortController();
      this.#running = running;
      try {
        await this.#run(running.signal);
      } finally {
        this.#running = undefined;
      }
    } while (this.#again && !this.#ended);
  }
}
