// One extension point: finds the guest, encodes the input by the schema, calls the plugin, decodes its output.
import { isPlugbayError, messageOf, parseGuestKey } from '@plugbay/core';
import { compileExport, type ExportCodec } from '@plugbay/schema';
import { Guest, type GuestSources } from './guest.ts';
import { isAway } from './recall.ts';
import type { Point } from './registry.ts';
import type { Resident } from './resident.ts';
import type { CallPointOptions } from './types.ts';
import { unlessAborted } from './unless-aborted.ts';
import { decodeUntyped, encodeUntyped } from './untyped.ts';

// 10,000: the guests of one point that a process remembers; one more, and the one known longest is looked up anew.
const GUESTS_MAX = 10_000;

/** Options of a call of which the types are not known. */
export type UntypedCallOptions = CallPointOptions & { readonly default?: unknown };

/** Calls the plugins that guests put into one extension point. */
export class PointCaller {
  readonly #sources: GuestSources;
  readonly #point: Point;
  readonly #codecs = new Map<string, ExportCodec | undefined>();
  readonly #guests = new Map<string, Guest>();

  constructor(sources: GuestSources, point: Point) {
    this.#sources = sources;
    this.#point = point;
  }

  /** The names of the point's exports. */
  get exports(): string[] {
    return Object.keys(this.#point.schema.exports);
  }

  /** The guest of this key. @throws PlugbayError `invalid` for a key that is none. */
  guest(guestKey: string): Guest {
    const known = this.#guests.get(guestKey);
    if (known !== undefined) return known;
    const guest = new Guest(this.#sources, this.#point, parseGuestKey(guestKey));
    if (this.#guests.size >= GUESTS_MAX) this.#forgetOldest();
    this.#guests.set(guestKey, guest);
    return guest;
  }

  /** Calls `exportName` of a guest's plugin; the default, or null, when the guest has none. */
  async call(
    exportName: string,
    guestKey: string,
    input: unknown,
    options: UntypedCallOptions = {},
  ): Promise<unknown> {
    let resident: Resident | undefined;
    try {
      const codec = this.#codec(exportName);
      const encoded = codec === undefined ? encodeUntyped(input) : codec.encodeInput(input);
      resident = await this.#acquire(guestKey, options);
      if (resident === undefined) return options.default ?? null;
      const output = await resident.plugin.call(exportName, encoded, {
        signal: options.signal,
        timeoutMs: this.#sources.options.timeoutMs,
        context: options.hostContext,
      });
      if (codec !== undefined) return codec.decodeOutput(output);
      return decodeUntyped(exportName, output, options.default);
    } catch (error) {
      if (!isPlugbayError(error)) throw error;
      const where = { point: this.#point.name, tenant: guestKey };
      if (resident === undefined) throw error.with(where);
      throw error.with({ ...where, plugin: resident.plugin.info.name, phase: 'call' });
    } finally {
      resident?.release();
    }
  }

  /** Closes every guest's plugins once the calls that use them have ended. */
  close(): void {
    for (const guest of this.#guests.values()) guest.close();
    this.#guests.clear();
  }

  // Compiled on first use: an app with many points calls few of them at once.
  #codec(exportName: string): ExportCodec | undefined {
    const known = this.#codecs.get(exportName);
    if (known !== undefined || this.#codecs.has(exportName)) return known;
    const codec = compileExport(this.#point.schema, exportName);
    this.#codecs.set(exportName, codec);
    return codec;
  }

  // With a default at hand, a registry that is away is no reason to fail the app's request.
  async #acquire(guestKey: string, options: UntypedCallOptions): ReturnType<Guest['acquire']> {
    const { bindingName, signal } = options;
    const acquire = async (): ReturnType<Guest['acquire']> => this.guest(guestKey).acquire(bindingName);
    try {
      if (signal === undefined) return await acquire();
      return await unlessAborted(acquire, signal, (late) => late?.release());
    } catch (error) {
      if (!isAway(error) || options.default === undefined) throw error;
      const facts = { point: this.#point.name, guest: guestKey, reason: messageOf(error) };
      this.#sources.options.logger.warn(facts, 'the plugin cannot be had; answering with the default');
      return undefined;
    }
  }

  #forgetOldest(): void {
    for (const [guestKey, guest] of this.#guests) {
      guest.close();
      this.#guests.delete(guestKey);
      return;
    }
  }
}
