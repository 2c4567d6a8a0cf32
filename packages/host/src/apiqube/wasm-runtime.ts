// Loads protocol plugins from wasm modules, gives each its door, and owns what they share: an engine and connections.
import {
  type Clock,
  completeLogger,
  DEFAULT_LIMITS,
  type HostDoor,
  type Logger,
  type Plugin as Opened,
  PlugbayError,
  systemClock,
} from '@plugbay/core';
import { createHttpClient, type HttpClient, hostPolicy, resolveHttpCallLimits } from '@plugbay/io';
import { type RuntimeInUse, runtimeInUse } from '../runtime-in-use.ts';
import { type Capability, grantedTo, requireCapabilities, requireKnownCapabilities } from './capability.ts';
import { pluginDoor } from './door.ts';
import type { HttpAnswering } from './http-request.ts';
import type { HttpOptions, WasmRuntimeOptions } from './options.ts';
import type { CloseOptions } from './plugin.ts';
import { PluginInfo } from './plugin-info.ts';
import { stepError } from './step-error.ts';
import { WasmPlugin } from './wasm-plugin.ts';
import { decodePluginSchema } from './wire/plugin.ts';

const DEFAULT_TENANT = 'apiqube';
// Ten seconds: to say what it is takes a plugin milliseconds.
const LOAD_TIMEOUT_MS = 10_000;
// 4 MiB: a plugin holds a body in base64, decoded and as its own output at once, in 64 MiB of memory at most.
const BODY_MAX_BYTES = 4 * 1024 * 1024;

/** Bytes of a module beside what they are called. */
export interface ModuleFacts {
  /** Their content address, which is checked; spares compiling them again when they are loaded again. */
  readonly digest?: string | undefined;
}

/** Opens modules as protocol plugins, for one tenant. */
export class WasmRuntime implements AsyncDisposable {
  readonly #options: WasmRuntimeOptions;
  readonly #runtime: RuntimeInUse;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #client: HttpClient;
  readonly #http: HttpAnswering;
  readonly #plugins = new Set<WasmPlugin>();
  #closed = false;

  /** @throws PlugbayError `invalid` for a capability that there is not, or a limit that is not a positive whole number. */
  constructor(options: WasmRuntimeOptions = {}) {
    const { http = {}, clock = systemClock } = options;
    requireKnownCapabilities(options.capabilities ?? []);
    this.#options = options;
    this.#runtime = runtimeInUse(options.runtime);
    this.#logger = completeLogger(options.logger);
    this.#clock = clock;
    const limits = limitsOf(http);
    this.#client = createHttpClient({ hosts: hostPolicy(http.allowedHosts ?? ['*']), resolve: http.resolve });
    this.#http = { client: this.#client, limits, clock };
  }

  /**
   * Loads a module. `name` is what logs and errors call it, and what it is granted capabilities by; how it calls itself is its own
   * affair.
   * @throws MissingCapabilityError when it declares what it does not get. PlugbayError `invalid` (no such module, or what it says about
   * itself is malformed), `unsupported`, `limit`, `integrity` (its digest), `trap` (it crashed), `unavailable` (closed).
   */
  async loadPlugin(name: string, bytes: Uint8Array, { digest }: ModuleFacts = {}): Promise<WasmPlugin> {
    this.#requireOpen(name);
    const granted = grantedTo(name, this.#options.capabilities ?? []);
    let info: PluginInfo | undefined;
    const door = this.#door(name, granted, () => info?.capabilities.includes('http') ?? false);
    const opened = await this.#open(name, bytes, digest, door).catch((error: unknown) => {
      this.#requireOpen(name);
      throw error;
    });
    try {
      info = await this.#infoOf(opened);
      requireCapabilities(name, info.capabilities, granted);
      this.#requireOpen(name);
    } catch (error) {
      await opened.close();
      // Closing is then why it failed.
      this.#requireOpen(name);
      throw error;
    }
    const onClose = (): void => void this.#plugins.delete(plugin);
    const plugin = new WasmPlugin({ opened, info, logger: this.#logger, clock: this.#clock, onClose });
    this.#plugins.add(plugin);
    return plugin;
  }

  /**
   * Closes every plugin that it loaded, its connections, and the threads that it started. May be called again.
   * @throws what closing a plugin throws first.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    this.#closed = true;
    const closed = await Promise.allSettled([...this.#plugins].map((plugin) => plugin.close(options)));
    await Promise.all([this.#client.close(), this.#runtime.release()]);
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #door(plugin: string, granted: readonly Capability[], declaresHttp: () => boolean): HostDoor {
    const http = granted.includes('http') ? this.#http : undefined;
    return pluginDoor({ tenant: this.#tenant, plugin, logger: this.#logger, http, declaresHttp });
  }

  #open(name: string, bytes: Uint8Array, digest: string | undefined, door: HostDoor): Promise<Opened> {
    const { wasi = {}, metered } = this.#options;
    // A call lasts as long as its longest request, and what it does besides.
    const callMs = Math.min(this.#http.limits.timeoutMs + DEFAULT_LIMITS.callMs, Number.MAX_SAFE_INTEGER);
    const limits = { callMs, ...this.#options.limits };
    return this.#runtime.runtime.open(
      { name, bytes, digest },
      {
        tenant: this.#tenant,
        door,
        limits,
        wasi: wasi || undefined,
        metered,
        logger: this.#logger,
        clock: this.#clock,
      },
    );
  }

  async #infoOf(opened: Opened): Promise<PluginInfo> {
    const { metered = false } = this.#options;
    // Not every engine of the app's can stop a plugin.
    const stops = metered || this.#runtime.own;
    const { loadTimeoutMs = stops ? LOAD_TIMEOUT_MS : undefined } = this.#options;
    const facts = { plugin: opened.info.name, tenant: this.#tenant, phase: 'open' } as const;
    try {
      const { bytes } = await opened.call('plugin_info', undefined, { timeoutMs: loadTimeoutMs });
      return new PluginInfo(decodePluginSchema(bytes));
    } catch (error) {
      throw stepError('plugin_info', error).with(facts);
    }
  }

  get #tenant(): string {
    return this.#options.tenant ?? DEFAULT_TENANT;
  }

  #requireOpen(plugin: string): void {
    if (this.#closed)
      throw new PlugbayError('unavailable', 'the runtime is closed', { plugin, phase: 'open' });
  }
}

function limitsOf({ maxRequestBytes, maxResponseBytes, timeoutMs }: HttpOptions): HttpAnswering['limits'] {
  return resolveHttpCallLimits({
    maxRequestBytes: maxRequestBytes ?? BODY_MAX_BYTES,
    maxResponseBytes: maxResponseBytes ?? BODY_MAX_BYTES,
    timeoutMs,
  });
}
