// A protocol plugin in a wasm module: its calls travel as JSON, one at a time.
import {
  type Clock,
  isPlugbayError,
  type Logger,
  messageOf,
  type Plugin as Opened,
  PlugbayError,
} from '@plugbay/core';
import { type EventSink, ExecutionEvents } from './event-sink.ts';
import type { CallBounds, CloseOptions, ExecuteOptions, Plugin } from './plugin.ts';
import type { PluginInfo } from './plugin-info.ts';
import { stepError } from './step-error.ts';
import { leftOf, Turns } from './turns.ts';
import { shown } from './wire/json.ts';
import {
  decodeFieldErrors,
  decodeTestOutput,
  encodeConfig,
  encodeTestInput,
  type FieldError,
  type TestInput,
  type TestOutput,
} from './wire/test-io.ts';

// 256: more than a log line shows of it.
const ANSWER_SHOWN_BYTES = 256;

/** What a plugin in a module is made of. */
export interface WasmPluginParts {
  readonly opened: Opened;
  readonly info: PluginInfo;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Called when it is closed. */
  readonly onClose: () => void;
}

/**
 * A loaded module. Calls run one after the other, because the module has one memory. When that is lost, by a trap for one, the next
 * call initialises the plugin again, with the configuration that it was given last.
 */
export class WasmPlugin implements Plugin {
  readonly #opened: Opened;
  // The name it is loaded under.
  readonly #name: string;
  readonly #info: PluginInfo;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #onClose: () => void;
  readonly #turns: Turns;
  // As JSON; undefined as long as it was not initialised.
  #config: string | undefined;
  // Whether the memory that was initialised is gone.
  #lost = false;
  #closed = false;
  #ended: Promise<void> | undefined;
  // Resolved when it ends, for those who wait for its calls.
  readonly #ending: PromiseWithResolvers<void> = Promise.withResolvers();

  /** Of {@link WasmRuntime}; the module is open, and has said what it is. */
  constructor({ opened, info, logger, clock, onClose }: WasmPluginParts) {
    this.#opened = opened;
    this.#name = opened.info.name;
    this.#info = info;
    this.#logger = logger;
    this.#clock = clock;
    this.#onClose = onClose;
    this.#turns = new Turns(clock);
  }

  info(): PluginInfo {
    return this.#info;
  }

  /**
   * Gives the plugin its configuration. What it answers counts for nothing, but is logged.
   * @throws PlugbayError `invalid` (no JSON), `not_found` (it cannot be initialised), `unavailable` (closed), or as its engine does.
   */
  async init(config?: Readonly<Record<string, unknown>>, bounds: CallBounds = {}): Promise<void> {
    try {
      this.#require('plugin_init');
      const json = encodeConfig(config);
      await this.#turns.take(bounds, async (left) => {
        await this.#initialise(json, bounds.signal, left);
        this.#config = json;
      });
    } catch (error) {
      throw stepError('init', error);
    }
  }

  async validate(input: TestInput, bounds: CallBounds = {}): Promise<readonly FieldError[]> {
    try {
      const json = encodeTestInput(input);
      return decodeFieldErrors(await this.#call('validate', json, bounds, this.#events(undefined)));
    } catch (error) {
      return [{ field: '', message: messageOf(error) }];
    }
  }

  /**
   * Executes a test. Events that the plugin emits come first, then those that its output carries.
   * @throws PlugbayError `invalid` (no JSON, either way), `not_found` (it executes nothing), `unavailable` (closed), `limit`,
   * `timeout`, `canceled`, `trap`, `internal` (the sink threw), or as its engine does.
   */
  async execute(input: TestInput, options: ExecuteOptions = {}): Promise<TestOutput> {
    const events = this.#events(options.emit);
    const output = await this.#executed(input, options, events);
    try {
      events.embedded(output.events ?? []);
    } catch (error) {
      throw stepError('execute', error);
    }
    return output;
  }

  /** As {@link Plugin.close}. Of several calls, the one whose time is up first decides. */
  async close({ drainMs = 0 }: CloseOptions = {}): Promise<void> {
    this.#closed = true;
    if (drainMs > 0) await this.#drained(drainMs);
    this.#ending.resolve();
    this.#ended ??= this.#opened.close().finally(this.#onClose);
    await this.#ended;
  }

  async #executed(input: TestInput, options: ExecuteOptions, events: ExecutionEvents): Promise<TestOutput> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#call('execute', encodeTestInput(input), options, events);
    } catch (error) {
      throw stepError('execute', error);
    }
    try {
      return decodeTestOutput(bytes);
    } catch (error) {
      throw stepError('decode execute result', error);
    }
  }

  async #call(name: string, json: string, bounds: CallBounds, events: ExecutionEvents): Promise<Uint8Array> {
    this.#require(name);
    const { signal, timeoutMs } = bounds;
    return await this.#turns.take({ signal, timeoutMs }, async (left) => {
      const started = this.#clock.monotonic();
      if (this.#lost && this.#config !== undefined) await this.#initialiseAgain(this.#config, signal, left);
      const spent = this.#clock.monotonic() - started;
      return this.#run(name, json, signal, left === undefined ? undefined : leftOf(left, spent), events);
    });
  }

  async #initialiseAgain(
    json: string,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
  ): Promise<void> {
    try {
      await this.#initialise(json, signal, timeoutMs);
    } catch (error) {
      throw stepError('init after its memory was lost', error);
    }
  }

  async #initialise(
    json: string,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
  ): Promise<void> {
    const answer = await this.#run('plugin_init', json, signal, timeoutMs, this.#events(undefined));
    if (answer.length === 0) return;
    const text = new TextDecoder().decode(answer.subarray(0, ANSWER_SHOWN_BYTES));
    this.#logger.warn(
      { plugin: this.#name },
      `plugin_init answered ${shown(text)}, which counts for nothing`,
    );
  }

  async #run(
    name: string,
    json: string,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    events: ExecutionEvents,
  ): Promise<Uint8Array> {
    try {
      const output = await this.#opened.call(name, json, { signal, timeoutMs, context: events });
      this.#lost = output.stateLost;
      return output.bytes;
    } catch (error) {
      if (isPlugbayError(error) && error.stateLost) this.#lost = true;
      throw error;
    }
  }

  #require(name: string): void {
    const plugin = this.#name;
    if (this.#closed) throw new PlugbayError('unavailable', `plugin ${shown(plugin)} is closed`, { plugin });
    if (this.#opened.has(name) !== false) return;
    throw new PlugbayError('not_found', `plugin ${shown(plugin)} has no export ${shown(name)}`, { plugin });
  }

  #events(sink: EventSink | undefined): ExecutionEvents {
    return new ExecutionEvents(this.#name, this.#info, this.#logger, sink);
  }

  async #drained(drainMs: number): Promise<void> {
    const { promise: up, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.timer(drainMs, resolve);
    await Promise.race([this.#turns.done, up, this.#ending.promise]);
    timer.cancel();
  }
}
