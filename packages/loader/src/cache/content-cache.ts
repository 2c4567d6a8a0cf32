// Content by address: memory → disk → origin. What comes from outside memory is checked against its address.
import { isPlugbayError, type Logger, messageOf, verifyContent } from '@plugbay/core';
import { ContentStore, SingleFlight } from '@plugbay/io';
import { ByteCache } from './byte-cache.ts';

// 64 MiB: two artifacts of the largest size, or the whole working set of small ones; the rest is one disk read away.
const MEMORY_BYTES = 64 * 1024 * 1024;

/** Fetches content by its address from where it lives. */
export type FetchContent = (address: string) => Promise<Uint8Array>;

/** A cache of immutable content that survives restarts; processes may share its folder. */
export class ContentCache {
  readonly #memory = new ByteCache(MEMORY_BYTES);
  readonly #disk: ContentStore;
  readonly #flights = new SingleFlight<Uint8Array>();
  readonly #logger: Logger;

  /** `dir` need not exist yet. A disk that fails is logged and done without. */
  constructor(dir: string, logger: Logger) {
    this.#disk = new ContentStore(dir);
    this.#logger = logger;
  }

  /**
   * The content of `address`; concurrent callers share one fetch.
   * @throws PlugbayError `integrity` when the origin sends other bytes, or what `fetch` throws.
   */
  get(address: string, fetch: FetchContent): Promise<Uint8Array> {
    const cached = this.#memory.get(address);
    if (cached !== undefined) return Promise.resolve(cached);
    return this.#flights.run(address, async () => {
      const bytes = (await this.#fromDisk(address)) ?? (await this.#fromOrigin(address, fetch));
      this.#memory.set(address, bytes);
      return bytes;
    });
  }

  /** Removes what processes that died left half written; `now` in epoch milliseconds. */
  async sweep(now: number): Promise<void> {
    await this.#disk.sweep(now).catch((error: unknown) => {
      this.#logger.warn({ reason: messageOf(error) }, 'the content cache could not be swept');
    });
  }

  async #fromDisk(address: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#disk.get(address);
    } catch (error) {
      if (isPlugbayError(error) && error.code === 'invalid') throw error;
      this.#logger.warn(
        { address, reason: messageOf(error) },
        'cached content is unusable; fetching it again',
      );
      return undefined;
    }
  }

  async #fromOrigin(address: string, fetch: FetchContent): Promise<Uint8Array> {
    const bytes = await fetch(address);
    verifyContent(address, bytes);
    await this.#disk.put(bytes).catch((error: unknown) => {
      this.#logger.warn({ address, reason: messageOf(error) }, 'content could not be cached on disk');
    });
    return bytes;
  }
}
