// One guest's bindings at one extension point: memory → registry, and the disk when the registry is away.
import type { BindingsRecord } from '@plugbay/core';
import type { RecordCache } from '@plugbay/loader';
import type { ResolvedOptions } from './options.ts';
import { askOrRecall } from './recall.ts';
import type { Point, Registry } from './registry.ts';

/** What bindings are read through, shared by all guests of a client. */
export interface BindingSources {
  readonly options: ResolvedOptions;
  readonly registry: Registry;
  readonly records: RecordCache<BindingsRecord>;
}

/** The bindings of one guest, as fresh as the client's `refetchAfterMs`. */
export class Bindings {
  readonly #sources: BindingSources;
  readonly #point: Point;
  readonly #guestKey: string;
  #known: BindingsRecord | undefined;
  #newest: string | undefined;
  #freshUntil = Number.NEGATIVE_INFINITY;
  #refresh: Promise<BindingsRecord> | undefined;

  constructor(sources: BindingSources, point: Point, guestKey: string) {
    this.#sources = sources;
    this.#point = point;
    this.#guestKey = guestKey;
  }

  /** The bindings if they are fresh at `now` (monotonic milliseconds), so that a call need not wait. */
  fresh(now: number): BindingsRecord | undefined {
    return now < this.#freshUntil ? this.#known : undefined;
  }

  /** The name that was bound last. */
  get newest(): string | undefined {
    return this.#newest;
  }

  /**
   * Asks the registry; concurrent callers share one request. While the registry is away, the last known bindings serve.
   * @throws PlugbayError `unauthenticated`, `denied`, or the registry's failure when nothing is known.
   */
  refresh(): Promise<BindingsRecord> {
    this.#refresh ??= this.#ask().finally(() => {
      this.#refresh = undefined;
    });
    return this.#refresh;
  }

  async #ask(): Promise<BindingsRecord> {
    const { registry, records, options } = this.#sources;
    const bindings = await askOrRecall({
      key: JSON.stringify([options.origin, options.appId, this.#point.id, this.#guestKey]),
      records,
      logger: options.logger,
      known: this.#known,
      nothing: {},
      ask: () => registry.bindings(this.#point.id, this.#guestKey),
    });
    this.#learn(bindings);
    return bindings;
  }

  #learn(bindings: BindingsRecord): void {
    this.#known = bindings;
    this.#newest = newestOf(bindings);
    this.#freshUntil = this.#sources.options.clock.monotonic() + this.#sources.options.refetchAfterMs;
  }
}

// Times are ISO 8601 of one length, so they compare as text. Of equals the last one stands, as in the XTP client.
function newestOf(bindings: BindingsRecord): string | undefined {
  let newest: string | undefined;
  let latest = '';
  for (const [name, { updatedAt }] of Object.entries(bindings)) {
    if (updatedAt >= latest) {
      newest = name;
      latest = updatedAt;
    }
  }
  return newest;
}
