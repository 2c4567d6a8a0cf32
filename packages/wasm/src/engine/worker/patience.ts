// How long to look for something that comes soon, before sleeping until it comes: being woken takes ten times as long as most calls.

// Half a millisecond: what comes within it after one has gone to sleep was worth another look, which takes a tenth of it at most.
const SOON_MS = 0.5;

/** One side's patience: long while what it waits for has been coming soon, short when looking for it would only use up a processor. */
export class Patience {
  readonly #short: number;
  readonly #long: number;
  #looks: number;

  /** Looks of either kind. */
  constructor(short: number, long: number) {
    this.#short = short;
    this.#long = long;
    this.#looks = long;
  }

  /** How often to look now. */
  get looks(): number {
    return this.#looks;
  }

  /** Learns how long it had to sleep, in milliseconds. */
  slept(ms: number): void {
    this.#looks = ms < SOON_MS ? this.#long : this.#short;
  }

  /** Learns that looking was enough. */
  found(): void {
    this.#looks = this.#long;
  }
}
