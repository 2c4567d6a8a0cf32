// Content in memory, least recently used out first, bounded by bytes.

/** A bounded map from content addresses to bytes. */
export class ByteCache {
  readonly #entries = new Map<string, Uint8Array>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(address: string): Uint8Array | undefined {
    const bytes = this.#entries.get(address);
    if (bytes === undefined) return undefined;
    // A Map iterates in order of insertion: putting it last makes it the most recent.
    this.#entries.delete(address);
    this.#entries.set(address, bytes);
    return bytes;
  }

  set(address: string, bytes: Uint8Array): void {
    if (bytes.length > this.#maxBytes || this.#entries.has(address)) return;
    this.#entries.set(address, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, { length }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#entries.delete(oldest);
      this.#bytes -= length;
    }
  }
}
