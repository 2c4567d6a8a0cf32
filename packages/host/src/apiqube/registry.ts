// The protocol registry: which plugin serves which protocol.
import { listing, PlugbayError } from '@plugbay/core';
import type { CallBounds, CloseOptions, Plugin } from './plugin.ts';
import type { PluginInfo } from './plugin-info.ts';
import { stepError } from './step-error.ts';
import { shown } from './wire/json.ts';
import type { EventSpec, PluginSchema, Protocol } from './wire/plugin.ts';

/** Configurations of plugins, by the plugins' names. */
export type PluginConfigs = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

interface Entry {
  readonly plugin: Plugin;
  readonly info: PluginInfo;
}

/** Plugins by name and by protocol. What is done to all of them is done in the order of their names. */
export class Registry implements AsyncDisposable {
  readonly #byName = new Map<string, Entry>();
  readonly #byProtocol = new Map<Protocol, Entry>();
  #closing: Promise<void> | undefined;
  // Whether that is over.
  #closed = false;

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Adds a plugin, under its name and each of its protocols, or leaves everything as it is.
   * @throws PlugbayError `invalid` (no plugin), `conflict` (its name or one of its protocols is taken), `unavailable` (closed).
   */
  register(plugin: Plugin): void {
    // Apps without types get here too.
    if (!plugin) throw new PlugbayError('invalid', 'there is no plugin to register');
    this.#requireOpen();
    const info = plugin.info();
    this.#requireFree(info);
    const entry = { plugin, info };
    this.#byName.set(info.name, entry);
    for (const protocol of info.protocols) this.#byProtocol.set(protocol, entry);
  }

  /** The plugin for a protocol, also when all are closed; undefined when there is none. */
  lookup(protocol: Protocol): Plugin | undefined {
    return this.#byProtocol.get(protocol)?.plugin;
  }

  /** What each plugin says about itself, copies that belong to the caller. */
  snapshot(): PluginSchema[] {
    return this.#sorted().map(({ info }) => info.snapshot());
  }

  /** A copy of what a plugin declares for the event `<plugin>.<kind>`, of which the kind has no dot; undefined when it declares none. */
  eventSchema(name: string): EventSpec | undefined {
    const dot = name.lastIndexOf('.');
    if (dot < 0) return undefined;
    const events = this.#byName.get(name.slice(0, dot))?.info.events ?? {};
    const kind = name.slice(dot + 1);
    return Object.hasOwn(events, kind) ? structuredClone(events[kind]) : undefined;
  }

  /**
   * Initialises every plugin, each with the configuration of its name or none, and answers with their names. Stops at the first that
   * fails; the error says which were initialised, and that they stay so.
   * @throws PlugbayError as that plugin does, `unavailable` (closed).
   */
  async initAll(configs: PluginConfigs = {}, bounds: CallBounds = {}): Promise<string[]> {
    this.#requireOpen();
    const initialised: string[] = [];
    for (const { plugin, info } of this.#sorted()) {
      const config = Object.hasOwn(configs, info.name) ? configs[info.name] : undefined;
      try {
        await plugin.init(config, bounds);
      } catch (error) {
        throw stepError(`init ${info.name}`, error).with({
          plugin: info.name,
          hint: `Initialised before it: ${listing(initialised)}. Mend its configuration, or leave the plugin out.`,
        });
      }
      initialised.push(info.name);
    }
    return initialised;
  }

  /**
   * Closes every plugin, whatever becomes of the others. May be called again: then it waits for the first call, and cuts short the
   * time that this gave to running calls, if its own is shorter; it throws nothing.
   * @throws PlugbayError what the first one threw that failed, by name; with several, an AggregateError of all is its cause.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    if (this.#closed) return;
    if (this.#closing === undefined) {
      this.#closing = this.#closeAll(options).finally(() => {
        this.#closed = true;
      });
      await this.#closing;
      return;
    }
    // Whoever closed it first hears what failed.
    await Promise.allSettled([this.#closing, ...this.#sorted().map(({ plugin }) => plugin.close(options))]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #closeAll(options: CloseOptions): Promise<void> {
    const close = async ({ plugin, info }: Entry): Promise<PlugbayError | undefined> => {
      try {
        await plugin.close(options);
        return undefined;
      } catch (error) {
        return stepError(`close ${info.name}`, error).with({ plugin: info.name, phase: 'release' });
      }
    };
    const outcomes = await Promise.all(this.#sorted().map(close));
    const errors = outcomes.filter((error) => error !== undefined);
    const [first, ...others] = errors;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    const { code, message, plugin, hint, phase } = first;
    const cause = new AggregateError(errors, `${errors.length} plugins failed to close`);
    throw new PlugbayError(code, message, { plugin, hint, phase, cause });
  }

  #sorted(): Entry[] {
    return [...this.#byName.values()].sort((a, b) => (a.info.name < b.info.name ? -1 : 1));
  }

  #requireFree({ name, protocols }: PluginInfo): void {
    if (this.#byName.has(name)) {
      throw new PlugbayError('conflict', `there is a plugin ${shown(name)} already`, { plugin: name });
    }
    for (const protocol of protocols) {
      const holder = this.#byProtocol.get(protocol);
      if (holder === undefined) continue;
      const taken = `the protocol ${shown(protocol)} of plugin ${shown(name)}`;
      throw new PlugbayError('conflict', `${taken} is served by ${shown(holder.info.name)} already`, {
        plugin: name,
      });
    }
  }

  #requireOpen(): void {
    if (this.closed) throw new PlugbayError('unavailable', 'the registry is closed');
  }
}
