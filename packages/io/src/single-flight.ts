// Single flight: callers that want the same thing at the same time share one attempt to get it.

/** Runs at most one attempt per key at a time. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<T>>();

  /** The result of the attempt under way for `key`, or of `attempt`, which then becomes that. A failure is shared too, and not kept. */
  run(key: string, attempt: () => Promise<T>): Promise<T> {
    const under = this.#flights.get(key);
    if (under !== undefined) return under;
    // In a promise's executor, so that an attempt that throws at once rejects like any other.
    const flight = new Promise<T>((resolve) => resolve(attempt())).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }
}
