// Plugins on our inline engine.
import {
  type CallOptions,
  contentAddress,
  type HostFunctionContext,
  type HostFunctions,
  type Plugin,
  type PluginOutput,
  type PluginSource,
} from '@plugbay/core';
import { createInlineRuntime, type InlineRuntime, type LocalPlugin } from '@plugbay/wasm';
import { NO_DOOR } from './door.ts';
import type { Opened, Side, Work } from './work.ts';

/** Our side: one runtime, as an app has one. */
export function ours(): Side {
  const runtime = createInlineRuntime();
  return {
    async load(bytes, work) {
      const source = { name: work.guest, digest: contentAddress(bytes), bytes };
      return async () => awaited(await openPlugin(runtime, source, work), work);
    },
    open: async (bytes, work) => awaited(await openPlugin(runtime, { name: work.guest, bytes }, work), work),
  };
}

/** A plugin of ours that answers at once with a view, which is what the peer's outputs are. */
export async function openSync(bytes: Uint8Array<ArrayBuffer>, work: Work): Promise<Opened> {
  const plugin = await openPlugin(createInlineRuntime(), { name: work.guest, bytes }, work);
  const run = plugin.fn(work.run);
  return { ...awaited(plugin, work), call: () => run.callSync(work.input, VIEW) };
}

const VIEW: CallOptions = { output: 'view' };

function openPlugin(runtime: InlineRuntime, source: PluginSource, { pass }: Work): Promise<LocalPlugin> {
  const functions: HostFunctions = pass === undefined ? {} : { 'extism:host/user': { pass: PASSES[pass] } };
  return runtime.open(source, { tenant: 'bench', door: NO_DOOR, functions });
}

function awaited(plugin: Plugin, { run, input }: Work): Opened {
  return {
    call: () => plugin.call(run, input),
    bytes: (answer) => (answer as PluginOutput).bytes,
    close: () => plugin.close(),
  };
}

const PASSES = {
  sync: (_: HostFunctionContext, block: number | bigint): number | bigint => block,
  async: async (_: HostFunctionContext, block: number | bigint): Promise<number | bigint> => block,
};
