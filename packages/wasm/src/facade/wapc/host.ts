// A waPC host with the methods of the waPC project's own, on the inline engine.
import { isUint8Array } from 'node:util/types';
import { bytesOf, isPlugbayError, PlugbayError } from '@plugbay/core';
import type { CompiledPlugin } from '../../abi/abi.ts';
import { NO_OUTPUT } from '../../abi/no-output.ts';
import { CallbackDoor } from './door.ts';
import { Engine, type Opening } from './engine.ts';
import { InvalidWasm, StreamingFailure } from './errors.ts';
import type { Frame } from './frame.ts';
import { printing } from './printing.ts';
import { moduleOf } from './response.ts';
import type { HostCall, WapcLogger, WapcOptions, Writer } from './types.ts';
import { Version } from './version.ts';

// One for the process, because the peer's interface has nothing that could keep it. It is a cache of modules, which are never changed.
let engine: Engine | undefined;

/** A host of one plugin. It has none until {@link WapcHost.instantiate}. */
export class WapcHost implements AsyncDisposable {
  readonly #opening: Opening;
  #current: Version | undefined;
  // With calls that are still running, those before the current one.
  readonly #versions = new Set<Version>();
  #closed = false;

  /**
   * `hostCall` answers the plugin; without one, its host calls fail with {@link HostCallNotImplementedError}. `writer` takes what the
   * plugin prints, and what it logs unless there is a `logger`; without either, all is the console's.
   */
  constructor(hostCall?: HostCall, writer?: Writer, logger?: WapcLogger, options: WapcOptions = {}) {
    this.#opening = { door: new CallbackDoor(hostCall), printing: printing(writer, logger), options };
  }

  /**
   * Makes a module this host's plugin, and starts it. Answers with the host itself.
   * @throws InvalidWasm (it cannot be compiled), PlugbayError `invalid` (its imports and exports), `trap`, `plugin`, `timeout`.
   */
  async instantiate(source: Uint8Array): Promise<WapcHost> {
    this.#requireOpen();
    engine ??= new Engine();
    const compiled = await compile(engine, source, this.#opening.options);
    const next = new Version(engine.open(compiled, this.#opening));
    if (this.#closed) {
      await next.close();
      this.#requireOpen();
    }
    const former = this.#current;
    this.#versions.add(next);
    this.#current = next;
    await this.#retire(former);
    return this;
  }

  /** As {@link WapcHost.instantiate}, from a response of type `application/wasm`. @throws StreamingFailure. */
  async instantiateStreaming(source: Response | PromiseLike<Response>): Promise<WapcHost> {
    try {
      return await this.instantiate(await moduleOf(await source));
    } catch (error) {
      const cause = error instanceof InvalidWasm ? error.cause : error;
      throw new StreamingFailure(cause as Error);
    }
  }

  /**
   * Replaces the plugin's module by another: new calls take the new version, which was started before, and those that run or wait
   * finish on the old one. When the new one cannot start, nothing changes.
   * @throws as {@link WapcHost.instantiate}.
   */
  async replaceModule(source: Uint8Array): Promise<void> {
    await this.instantiate(source);
  }

  /**
   * Calls an operation of the plugin, and answers with bytes that are the caller's.
   * @throws PlugbayError `plugin` (the plugin's own error, or neither response nor error), `trap`, `timeout`, `conflict` (called by its own
   * host call), `unavailable` (closed).
   */
  async invoke(operation: string, payload: Uint8Array): Promise<Uint8Array> {
    this.#requireOpen();
    if (!isUint8Array(payload)) throw notBytes(payload);
    const version = this.#current;
    if (version === undefined)
      throw new PlugbayError('unavailable', 'the host has no module: instantiate one first');
    const frame: Frame = { refused: undefined };
    try {
      const { timeoutMs } = this.#opening.options;
      const bytes = await version.call(operation, payload, { context: frame, timeoutMs });
      if (bytes === NO_OUTPUT) throw noResponse();
      return bytes;
    } catch (error) {
      throw frame.refused ?? error;
    } finally {
      if (version !== this.#current) await this.#retire(version);
    }
  }

  /** Ends the plugin: calls that run or wait are canceled, and there are no new ones. May be called again. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const version of this.#versions) await version.close();
    this.#versions.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // Whoever was the last to use a version that is not the current one closes it.
  async #retire(version: Version | undefined): Promise<void> {
    if (version === undefined || version.calls > 0) return;
    this.#versions.delete(version);
    await version.close();
  }

  #requireOpen(): void {
    if (this.#closed) throw new PlugbayError('unavailable', 'the host is closed');
  }
}

// A copy, because what becomes of the app's own buffer while the module is compiled is the app's affair.
async function compile(engine: Engine, source: unknown, options: WapcOptions): Promise<CompiledPlugin> {
  const bytes = bytesOf(source);
  if (bytes === undefined) throw new InvalidWasm(new TypeError(`a module is bytes, not ${typeof source}`));
  try {
    return await engine.compile(new Uint8Array(bytes), options);
  } catch (error) {
    throw isPlugbayError(error) && error.code === 'invalid' ? new InvalidWasm(error) : error;
  }
}

function notBytes(payload: unknown): PlugbayError {
  const kind = typeof payload === 'object' ? 'another object' : typeof payload;
  return new PlugbayError('invalid', `the payload must be a Uint8Array, not ${kind}`, {
    hint: 'Encode a text with TextEncoder; wrap an ArrayBuffer in a Uint8Array.',
  });
}

function noResponse(): PlugbayError {
  return new PlugbayError('plugin', 'Guest call succeeded, but guest response not set.');
}
