// A plugin that is open, wherever its instance is.
import { type CallOptions, type PluginOutput, type PoolSettings, resolvePool } from '@plugbay/core';
import type { CompiledPlugin } from '../../abi/abi.ts';
import type { Session } from './session.ts';

/** What the SDK's plugin is made on. */
export interface Opened {
  readonly compiled: CompiledPlugin;
  readonly session: Session;
  /** Calls it: at once where nothing has to be waited for. @throws, or rejects with, PlugbayError. */
  call(
    name: string,
    input: Uint8Array | string | undefined,
    options: CallOptions,
  ): PluginOutput | Promise<PluginOutput>;
  /** What its instance exports, with what it got when it was rewritten. @throws PlugbayError `unsupported` (on another thread). */
  exports(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** The app's own calls, which nobody else's can starve: they wait for their turn as long as it takes, as in the SDK. */
export const POOL: PoolSettings = resolvePool({
  waitMs: Number.MAX_SAFE_INTEGER,
  waiting: Number.MAX_SAFE_INTEGER,
});
