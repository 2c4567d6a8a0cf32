// An engine, as the tests of the contract see it: how it opens plugins, and what it does differently from others.
import type { OpenOptions } from '@plugbay/core';
import type { LocalPlugin, ThreadedPlugin } from '@plugbay/wasm';

/** A plugin of any engine. */
export type EnginePlugin = Pick<LocalPlugin | ThreadedPlugin, keyof ThreadedPlugin>;

/** In what engines differ, on purpose. */
interface EngineFacts {
  /** Whether a running call can be stopped at a time although its plugin is not metered. */
  readonly stopsUnmetered: boolean;
  /** Whether a module may wait for asynchronous answers while it starts. */
  readonly waitsWhileStarting: boolean;
  /** Whether a logger that throws fails the call that logs. */
  readonly loggerFailsCalls: boolean;
}

/** An engine whose plugins a test opens: `sample` of tenant `acme`, unless it says otherwise. */
export interface ContractEngine {
  readonly facts: EngineFacts;
  openWat(source: string, options?: Partial<OpenOptions>): Promise<EnginePlugin>;
  openBytes(
    bytes: Uint8Array,
    options?: Partial<OpenOptions>,
    links?: Record<string, string>,
  ): Promise<EnginePlugin>;
}
