// One guest at one extension point: its bindings, and those of its plugins that are open.
import { type BindingRecord, isPlugbayError, messageOf, type Plugin } from '@plugbay/core';
import { SingleFlight } from '@plugbay/io';
import type { ContentCache } from '@plugbay/loader';
import { type BindingSources, Bindings } from './bindings.ts';
import type { Opener } from './opener.ts';
import { isAway } from './recall.ts';
import type { Point } from './registry.ts';
import { Resident } from './resident.ts';

// 2 s: as long as for bindings; the plugin that is open can answer meanwhile.
const NEW_VERSION_WAIT_MS = 2_000;

/** What guests share within a client. */
export interface GuestSources extends BindingSources {
  readonly opener: Opener;
  readonly content: ContentCache;
}

/** Finds, opens and keeps the plugins of one guest. */
export class Guest {
  readonly bindings: Bindings;
  readonly #sources: GuestSources;
  readonly #point: Point;
  readonly #guestKey: string;
  readonly #residents = new Map<string, Resident>();
  readonly #flights = new SingleFlight<Resident>();
  /** By name: a version that did not come in time, and until when (monotonic milliseconds) calls go on without waiting for it. */
  readonly #late = new Map<string, { readonly contentAddress: string; readonly until: number }>();
  #closed = false;

  constructor(sources: GuestSources, point: Point, guestKey: string) {
    this.#sources = sources;
    this.#point = point;
    this.#guestKey = guestKey;
    this.bindings = new Bindings(sources, point, guestKey);
  }

  /**
   * The open plugin that `name` is bound to, or the one bound last, in use for the caller, who releases it; undefined when there is none.
   * @throws PlugbayError of resolving, fetching or opening it.
   */
  async acquire(name: string | undefined): Promise<Resident | undefined> {
    for (;;) {
      const resident = await this.#current(name);
      // One that was closed since it was found is not in the table any more: look again.
      if (resident === undefined || resident.use()) return resident;
    }
  }

  async #current(name: string | undefined): Promise<Resident | undefined> {
    const now = this.#sources.options.clock.monotonic();
    const bindings = this.bindings.fresh(now) ?? (await this.bindings.refresh());
    const wanted = name ?? this.bindings.newest;
    if (wanted === undefined) return undefined;
    const binding = Object.hasOwn(bindings, wanted) ? bindings[wanted] : undefined;
    const resident = this.#residents.get(wanted);
    if (binding === undefined) {
      if (resident !== undefined) this.#forget(wanted, resident);
      return undefined;
    }
    if (resident?.contentAddress === binding.contentAddress) return resident;
    const late = this.#late.get(wanted);
    const isLate = late?.contentAddress === binding.contentAddress && now < late.until;
    if (resident !== undefined && isLate) return resident;
    const flight = this.#flights.run(`${wanted} ${binding.contentAddress}`, () =>
      this.#replace(wanted, binding, resident),
    );
    return resident === undefined ? flight : this.#inTime(flight, wanted, binding, resident);
  }

  // The new version if it comes in time, else the one that is open; the new one goes on coming.
  #inTime(flight: Promise<Resident>, name: string, binding: BindingRecord, old: Resident): Promise<Resident> {
    return new Promise((resolve, reject) => {
      const timer = this.#sources.options.clock.timer(NEW_VERSION_WAIT_MS, () => {
        this.#goOnWithOld(name, binding, 'it takes too long');
        resolve(old);
      });
      flight.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  #goOnWithOld(name: string, { contentAddress }: BindingRecord, reason: string): void {
    const { clock, refetchAfterMs, logger } = this.#sources.options;
    this.#late.set(name, { contentAddress, until: clock.monotonic() + refetchAfterMs });
    const facts = { point: this.#point.name, guest: this.#guestKey, name, reason };
    logger.warn(facts, 'a new version cannot be fetched; going on with the old one');
  }

  /** Closes every plugin once the calls that use it, or wait for it to open, have ended. */
  close(): void {
    this.#closed = true;
    for (const [name, resident] of this.#residents) this.#forget(name, resident);
  }

  // A new version that cannot be fetched does not end the service of the one that is open.
  async #replace(name: string, binding: BindingRecord, old: Resident | undefined): Promise<Resident> {
    const { options } = this.#sources;
    // In use while the new one comes, which may take longer than it would stay open.
    const held = old?.use() === true;
    try {
      const plugin = await this.#open(name, binding);
      const resident = new Resident(plugin, binding.contentAddress, options, () =>
        this.#forget(name, resident),
      );
      this.#keep(name, resident, old);
      return resident;
    } catch (error) {
      if (old === undefined || !isAway(error)) throw error;
      this.#goOnWithOld(name, binding, messageOf(error));
      return old;
    } finally {
      if (held) old?.release();
    }
  }

  // One that was overtaken on the way, by a newer version or by closing, serves only those who wait for it.
  #keep(name: string, resident: Resident, old: Resident | undefined): void {
    if (this.#closed || this.#residents.get(name) !== old) {
      resident.retireAfterUse();
      return;
    }
    old?.retire();
    this.#late.delete(name);
    this.#residents.set(name, resident);
  }

  async #open(name: string, { contentAddress }: BindingRecord): Promise<Plugin> {
    const plugin = `${this.#point.name}/${name}`;
    const bytes = await this.#fetch(plugin, contentAddress);
    return this.#sources.opener.open({ name: plugin, digest: contentAddress, bytes }, this.#guestKey);
  }

  async #fetch(plugin: string, contentAddress: string): Promise<Uint8Array> {
    const { content, registry } = this.#sources;
    try {
      return await content.get(contentAddress, (address) => registry.content(address));
    } catch (error) {
      throw isPlugbayError(error) ? error.with({ plugin, phase: 'fetch' }) : error;
    }
  }

  #forget(name: string, resident: Resident): void {
    if (this.#residents.get(name) === resident) this.#residents.delete(name);
    resident.retire();
  }
}
